"""The CNN as a labeller (and later attacker and hardener). It imports challenges, never back."""

from __future__ import annotations
