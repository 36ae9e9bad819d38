"""A running service with pictures that a browser can show."""

from __future__ import annotations

import functools
import secrets
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from pytest_django.live_server_helper import LiveServer

from challenges import imaging
from challenges.flows import stock
from challenges.flows.sites import create_site
from challenges.models import Photo
from tests import drawn, pets


@dataclass(frozen=True, slots=True)
class Live:
    """A service at `url`, with one site on this machine."""

    url: str
    sitekey: str
    secret: str


@functools.cache
def _picture(number: int) -> bytes:
    return imaging.render(drawn.picture(number), secrets.SystemRandom())


@pytest.fixture
def live(live_server: LiveServer) -> Live:
    """Return a running service with challenges ready; its pictures are real ones."""
    made = create_site("Shop", ["localhost"], "help@shop.example.org")
    for number, photo in enumerate(pets.pool(40)):
        assert photo.rendition is not None
        file = Path(default_storage.path(photo.rendition.name))
        file.write_bytes(_picture(number))
    Photo.objects.update(
        pet_name="Minka", shelter="Shelter South", adoption_url="https://shelter.example/minka"
    )
    stock.keep_stocked(5)
    return Live(live_server.url, made.site.sitekey, made.secret)
