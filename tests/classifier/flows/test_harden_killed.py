"""A hardener that is killed in the middle loses no coin, and leaves nothing that is not pruned."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import connection

from challenges.flows import render, sweep
from challenges.models import Photo, Rendition
from challenges.models.photos import Animal
from tests import pets

LATER = timedelta(days=3)


def kill(photo: Photo, point: str) -> None:
    """Let a hardener begin a rendition of the photo and die at this point."""
    address = urlsplit(os.environ["DATABASE_URL"])
    place = address._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    done = subprocess.run(
        [sys.executable, "-m", "tests.classifier.flows.killed", str(photo.pk), point],
        cwd=Path(__file__).parents[3],
        env={
            **os.environ,
            "DATABASE_URL": place,
            "PAWCHA_MEDIA": str(default_storage.path("")),
            "DJANGO_SETTINGS_MODULE": "captcha_site.settings",
        },
        check=False,
        timeout=60,
    )
    assert done.returncode == -9


def files() -> set[str]:
    """Return the names of all files of renditions."""
    top = Path(default_storage.path("renditions"))
    return {f"renditions/{path.relative_to(top)}" for path in top.rglob("*.webp")}


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("point", ["coin", "file", "row"])
def test_a_killed_hardener_loses_nothing(point: str) -> None:
    photo = pets.rendered(Animal.CAT)
    others = files()
    kill(photo, point)
    photo.refresh_from_db()
    # Visitors get what they got before, and nothing half made.
    assert photo.rendition is not None
    assert (photo.rendition.recipe, photo.spare, photo.fresh) == ("plain", None, True)
    if point != "row":
        # The coin that was tossed is still the coin, whatever would be tossed now.
        assert render.coin(photo, lambda: False)
    assert render.offer(photo, b"b", recipe="quick", pushed=True, strength=0.5, distance=0.1)
    with time_machine.travel(LATER):
        while sweep.prune_renditions():
            pass
    named = set(Rendition.objects.values_list("name", flat=True))
    assert len(named) == 1
    assert files() - others == named
