"""A running service that the settings call ours, for bots of our own."""

from __future__ import annotations

import dataclasses

import pytest
from django.core.servers.basehttp import WSGIRequestHandler
from pytest_django import Settings
from pytest_django.live_server_helper import LiveServer

from challenges import state
from challenges.flows import stock
from challenges.models import Outcome, Rendition, Site
from classifier.flows.visiting import Plan
from classifier.progress import Quiet
from tests.challenges.conftest import Live, live

__all__ = ["live", "ours"]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Django's own server send small replies at once: it waits 40 ms for each otherwise."""
    monkeypatch.setattr(WSGIRequestHandler, "disable_nagle_algorithm", True)


@pytest.fixture
def ours(quick: None, live: Live, live_server: LiveServer, settings: Settings) -> Live:
    """Return a running service with enough ready challenges, which is named as ours."""
    settings.PAWCHA_ATTACK_URLS = [live.url]
    return live


class Stocking(Quiet):
    """Composes challenges while a bot uses them up, as the service's worker does."""

    def __init__(self) -> None:
        """Begin with what is composed from now on."""
        state.client().flushdb()
        self.advance()

    def advance(self, count: int = 1, said: str = "") -> None:
        """Fill up the queue after each challenge."""
        stock.keep_stocked(5)


def plan(live: Live, challenges: int = 3, **more: object) -> Plan:
    """Return a plan for a bot: without limits, and with little patience."""
    site = Site.objects.get(sitekey=live.sitekey)
    usual = Plan(site, live.url, challenges, limits=False, patience=5)
    return dataclasses.replace(usual, **more)  # type: ignore[arg-type]


def is_cat(challenge_id: str, place: int) -> bool:
    """Return what a picture shows, from inside."""
    return bool(state.peek(challenge_id).draft.cats >> place & 1)


def pictures() -> list[tuple[str, bool]]:
    """Return the files of all renditions, and whether each shows a cat."""
    rows = Rendition.objects.select_related("photo")
    return [(one.name, one.photo.label == "cat") for one in rows]


def attacked() -> list[Outcome]:
    """Return what became of the bot's challenges, in the order issued."""
    return list(Outcome.objects.filter(door="attack").order_by("id"))
