"""Result objects -> HTML and JSON: no queries, no prints."""

from __future__ import annotations
