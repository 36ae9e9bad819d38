"""Hot networks: more rounds and longer waits, and never a refusal without a sentence."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, transaction

from challenges import signing, state
from challenges.budgets import Budget
from challenges.flows import dealing, stock, sweep
from challenges.flows.sites import NewSite
from challenges.locks import Lock, lock_until_commit, try_lock
from challenges.models import Outcome, Photo, Rendition, Site
from challenges.selection import Audience
from tests import pets
from tests.conftest import Visitor, cats_of


@pytest.fixture(autouse=True)
def _soon_hot(settings: Any) -> None:
    """Let one unsolved challenge be much, and four very much."""
    settings.PAWCHA = settings.PAWCHA | {"HEAT_ROUNDS": 1, "HEAT_LEAK": 1}


@pytest.fixture
def many(site_owner: NewSite) -> NewSite:
    """Return the site owner, with many pictures."""
    pets.pool(140)
    stock.keep_stocked(90)
    return site_owner


def leave(bot: Visitor, site: Site, times: int) -> None:
    """Look at so many challenges and go."""
    for _ in range(times):
        asked = bot.ask(site.sitekey)
        assert asked.status_code == 201, asked.content
        bot.get(f"/api/v1/challenges/{asked.json()['id']}/pictures")


def rounds(bot: Visitor, site: Site) -> int:
    """Return how many rounds a challenge has for this visitor."""
    return int(bot.ask(site.sitekey).json()["rounds"])


def test_what_nobody_solves_brings_more_rounds_to_that_network_alone(
    many: NewSite, bot: Visitor, visitor: Visitor
) -> None:
    assert rounds(bot, many.site) == 1
    leave(bot, many.site, 2)
    assert rounds(bot, many.site) == 2
    leave(bot, many.site, 2)
    assert rounds(bot, many.site) == 3
    assert rounds(visitor, many.site) == 1


def test_it_cools_down(many: NewSite, bot: Visitor) -> None:
    leave(bot, many.site, 2)
    with time_machine.travel(timedelta(hours=2)):
        stock.keep_stocked(90)
        assert rounds(bot, many.site) == 1


def test_a_site_s_own_rounds_count_and_there_are_never_more_than_three(
    many: NewSite, bot: Visitor
) -> None:
    Site.objects.update(rounds=3, served_profile="12x3-public")
    stock.keep_stocked(90)
    leave(bot, many.site, 2)
    assert rounds(bot, many.site) == 3


def test_with_too_few_pictures_it_gets_what_there_is(stocked: NewSite, bot: Visitor) -> None:
    # 30 cats and 30 dogs: three rounds may need 33 of each.
    leave(bot, stocked.site, 2)
    prefix = Outcome.objects.latest("pk").prefix
    now = state.purse((prefix, "yesterday"), stocked.site.pk, Audience.PUBLIC)
    assert now.heat == pytest.approx(2, abs=0.01)
    Photo.objects.filter(pk__in=Photo.objects.values("pk")[:36]).update(status="retired")
    asked = bot.ask(stocked.site.sitekey)
    assert asked.status_code in (201, 429)
    assert "message" in asked.json() or asked.json()["rounds"] == 1


def test_a_very_hot_network_waits_four_times_as_long_and_is_told_how_long(
    many: NewSite, bot: Visitor, settings: Any
) -> None:
    settings.PAWCHA = settings.PAWCHA | {"PREFIX_BURST": 4, "PREFIX_PER_MINUTE": 6}
    leave(bot, many.site, 4)
    reply = bot.ask(many.site.sitekey)
    assert (reply.status_code, reply.json()["error"]) == (429, "too_many_requests")
    # Ten seconds for each try, usually.
    assert int(reply["Retry-After"]) in range(32, 42)
    assert "Please wait" in reply.json()["message"]


@pytest.mark.django_db(transaction=True)
def test_while_somebody_deals_it_gets_what_is_ready_and_waits_for_nobody(
    many: NewSite, bot: Visitor
) -> None:
    leave(bot, many.site, 2)
    dealing_now, done = threading.Event(), threading.Event()

    def deal() -> None:
        try:
            with transaction.atomic():
                lock_until_commit(Lock.DEALER)
                dealing_now.set()
                done.wait(20)
        finally:
            connection.close()

    worker = threading.Thread(target=deal)
    worker.start()
    try:
        assert dealing_now.wait(10)
        assert rounds(bot, many.site) == 1
    finally:
        done.set()
        worker.join(20)
    assert rounds(bot, many.site) == 2


def test_requests_compose_only_so_many_longer_ones_at_a_site(
    many: NewSite, other_site: NewSite, bot: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dealing, "COMPOSED", Budget(burst=2, per_minute=1))
    leave(bot, many.site, 2)
    assert [rounds(bot, many.site) for _ in range(4)] == [2, 2, 1, 1]
    assert rounds(bot, other_site.site) == 2


@pytest.mark.django_db(transaction=True)
def test_the_dealer_is_free_again_after_a_longer_one(many: NewSite, bot: Visitor) -> None:
    leave(bot, many.site, 2)
    assert rounds(bot, many.site) == 2

    def is_free() -> bool:
        try:
            with try_lock(Lock.DEALER) as free:
                return free
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as other:
        assert other.submit(is_free).result()


def test_who_solved_one_asks_at_the_usual_rate_where_a_bot_takes_all_slow_tries(
    many: NewSite, bot: Visitor, settings: Any
) -> None:
    settings.PAWCHA = settings.PAWCHA | {
        "PREFIX_BURST": 6, "PREFIX_PER_MINUTE": 1, "BUCKET_START": 0, "BUCKET_PER_HOUR": 0,
    }  # fmt: skip
    person = Visitor("198.51.100.7")
    challenge = person.ask(many.site.sitekey).json()
    person.get(f"/api/v1/challenges/{challenge['id']}/pictures")
    leave(bot, many.site, 5)
    told = person.answer(challenge["id"], cats_of(challenge["id"])).json()
    assert set(told) == {"next"}
    assert bot.ask(many.site.sitekey).status_code == 429
    asked = person.ask(many.site.sitekey, session=challenge["session"])
    assert asked.status_code == 201
    # A handle that has solved nothing here is no better than none.
    assert (
        person.ask(many.site.sitekey, session=signing.new_session(settings.SECRET_KEY)).status_code
        == 429
    )
    # The tries of the handle's own are few, too.
    said = [
        person.ask(many.site.sitekey, session=challenge["session"]).status_code for _ in range(3)
    ]
    assert said == [201, 201, 429]


def test_a_longer_challenge_that_nobody_looked_at_gives_its_showings_back(
    many: NewSite, bot: Visitor
) -> None:
    leave(bot, many.site, 2)
    longer = bot.ask(many.site.sitekey).json()["id"]
    draft = state.peek(longer).draft
    assert draft.rounds == 2
    held = dict(Rendition.objects.filter(pk__in=draft.renditions).values_list("pk", "reserved"))
    with time_machine.travel(timedelta(seconds=125)):
        sweep.close_overdue()
        # It is no kind of challenge that a site is served, so it is taken apart.
        assert state.ready_drafts("12x2-public", "fresh") == [draft]
        stock.keep_stocked(0)
    assert state.ready_drafts("12x2-public", "fresh") == []
    now = dict(Rendition.objects.filter(pk__in=draft.renditions).values_list("pk", "reserved"))
    assert now == {key: number - 1 for key, number in held.items()}
