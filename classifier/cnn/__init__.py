"""Pure torch, without Django and settings: only here is torch imported at module level."""

from __future__ import annotations
