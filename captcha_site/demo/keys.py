"""The demo site's keys, which `make run` writes."""

from __future__ import annotations

import json
from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class Keys:
    """The demo site's pair: the site key is public, the secret stays on the server."""

    sitekey: str
    secret: str


def read_keys() -> Keys | None:
    """Return the demo site's keys, or None before `make run` has written them."""
    try:
        stored = json.loads((settings.PAWCHA_VAR / "keys" / "demo.json").read_text())
        return Keys(sitekey=stored["sitekey"], secret=stored["secret"])
    except (FileNotFoundError, ValueError, KeyError, TypeError):
        return None
