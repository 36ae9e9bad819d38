"""The fixed cast: a site owner, another site, a visitor, a bot, a reviewer."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import override_settings
from rest_framework.test import APIClient
from whitenoise.middleware import WhiteNoiseMiddleware

from challenges import state
from challenges.flows import rehearsal, stock
from challenges.flows.sites import NewSite, create_site
from challenges.models import Outcome, Photo
from challenges.models.photos import Animal
from tests import pets

pytest_plugins = ["tests.browser"]


def pytest_configure() -> None:
    """Do once, or quickly, what each client and each person of the cast would do slowly again."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    _look_for_static_files_once()


def _look_for_static_files_once() -> None:
    # Every test client makes its own middleware, and WhiteNoise then reads 280 files anew.
    look = WhiteNoiseMiddleware.add_files_from_finders
    found: dict[str, Any] = {}

    def once(self: WhiteNoiseMiddleware) -> None:
        if not found:
            look(self)
            found.update(self.files)
        self.files.update(found)

    WhiteNoiseMiddleware.add_files_from_finders = once


class Visitor(APIClient):
    """A client at one address that speaks the native API."""

    def __init__(self, address: str) -> None:
        super().__init__(REMOTE_ADDR=address)

    def ask(self, sitekey: str, **said: Any) -> Any:
        """Ask for a challenge."""
        return self.post("/api/v1/challenges", {"sitekey": sitekey, **said}, format="json")

    def answer(self, challenge_id: str, picks: Any) -> Any:
        """Send an answer."""
        return self.post(
            f"/api/v1/challenges/{challenge_id}/answer", {"picks": picks}, format="json"
        )

    def verify(self, secret: str, token: str, **said: Any) -> Any:
        """Speak as a host's server."""
        return self.post("/siteverify", {"secret": secret, "response": token, **said})

    def solve(self, sitekey: str) -> str:
        """Ask, look, pick the cats, and return the token."""
        challenge = self.ask(sitekey).json()
        self.get(f"/api/v1/challenges/{challenge['id']}/pictures")
        return str(self.answer(challenge["id"], cats_of(challenge["id"])).json()["token"])


def cats_of(challenge_id: str) -> list[int]:
    """Return the right answer, from inside."""
    draft = state.peek(challenge_id).draft
    return [index for index in range(draft.count) if draft.cats >> index & 1]


def outcome_of(challenge_id: str) -> Outcome:
    """Return the row that says what became of the challenge."""
    return Outcome.objects.get(pk=state.peek(challenge_id).outcome)


@pytest.fixture(autouse=True)
def _empty_redis() -> None:
    state.client().flushdb()
    rehearsal.forget()


@pytest.fixture
def site_owner(db: None) -> NewSite:
    """Return the site of the person who embeds Pawcha, with its secret."""
    return create_site("Shop", ["shop.example.org", "*.example.net"])


@pytest.fixture
def other_site(db: None) -> NewSite:
    """Return somebody else's site on the same Pawcha."""
    return create_site("Blog", ["blog.example.com"])


@pytest.fixture
def visitor() -> Visitor:
    """Return a person at home."""
    return Visitor("203.0.113.7")


@pytest.fixture
def bot() -> Visitor:
    """Return a machine in some data centre."""
    return Visitor("198.51.100.66")


@pytest.fixture
def reviewer(db: None) -> User:
    """Return a person who labels photos and may use the admin."""
    return User.objects.create_superuser("reviewer", password="a good long password")


@pytest.fixture
def pool(db: None) -> list[Photo]:
    """Return 30 cats and 30 dogs that may be shown to the public."""
    return pets.pool()


@pytest.fixture
def stocked(site_owner: NewSite, pool: list[Photo]) -> NewSite:
    """Return the site owner, with a dozen challenges ready."""
    with override_settings(PAWCHA=settings.PAWCHA | {"READY_TARGET": 12}):
        stock.keep_stocked(5)
    return site_owner


__all__ = ["Animal", "Visitor", "cats_of", "outcome_of"]
