"""What a command needs that a machine may lack: one that only serves has no networks."""

from __future__ import annotations

from importlib.util import find_spec

from django.core.management.base import CommandError


def check(*packages: str) -> None:
    """Raise CommandError with the way out when one of these packages is not installed."""
    for name in packages:
        if find_spec(name) is None:
            raise CommandError(f"{name} is not installed here: run make install.")
