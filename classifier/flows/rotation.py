"""Which recipes are in use: drawn anew every few days, so that yesterday's tiles teach little."""

from __future__ import annotations

import hashlib
import json
import secrets
from datetime import timedelta
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils import timezone

from classifier import hardening
from classifier.hardening import recipes
from classifier.hardening.recipes import Recipe
from classifier.models import Rotation

_random = secrets.SystemRandom()


def current() -> list[Recipe]:
    """Return the recipes from which each rendition's is drawn now.

    They are drawn when there are none, when they are older than PAWCHA_ROTATE_DAYS, and when the
    code that makes renditions has changed.
    """
    row = Rotation.objects.current()
    if row is None or _is_over(row):
        row = rotate()
    return [Recipe.from_json(one) for one in row.recipes]


def rotate() -> Rotation:
    """Draw recipes for the next days, and return them."""
    drawn = [recipe.to_json() for recipe in recipes.rotate(_random)]
    return Rotation.objects.create(recipes=drawn, digest=digest(drawn))


def digest(drawn: list[dict[str, Any]]) -> str:
    """Return the SHA-256 of the code that makes renditions and of these recipes."""
    said = json.dumps(drawn, sort_keys=True)
    return hashlib.sha256(f"{code()}{said}".encode()).hexdigest()


def code() -> str:
    """Return the SHA-256 of the code that makes renditions."""
    found = hashlib.sha256()
    for path in sorted(Path(hardening.__file__).parent.glob("*.py")):
        found.update(path.read_bytes())
    return found.hexdigest()


def _is_over(row: Rotation) -> bool:
    old = timezone.now() - row.begun_at >= timedelta(days=settings.PAWCHA["ROTATE_DAYS"])
    return old or row.digest != digest(row.recipes)
