"""X-Pawcha-Attack: the operator's own attacks are marked, and prove nothing to anybody."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from challenges import state
from challenges.flows import statistics, stock, sums, tally, wear
from challenges.flows.sites import NewSite
from challenges.models import Outcome, Photo, Sum
from tests.conftest import Visitor, cats_of


class Attacker(Visitor):
    """A bot of the operator's, with a ticket."""

    def __init__(self, ticket: str) -> None:
        super().__init__("198.51.100.66")
        self.credentials(HTTP_X_PAWCHA_ATTACK=ticket)


@pytest.fixture
def limited(db: None) -> Attacker:
    """Return an attacker for whom the limits hold."""
    state.leave_ticket("with-limits", limits=True, seconds=60)
    return Attacker("with-limits")


@pytest.fixture
def free(db: None) -> Attacker:
    """Return an attacker for whom no limits hold."""
    state.leave_ticket("no-limits", limits=False, seconds=60)
    return Attacker("no-limits")


def answer(bot: Visitor, site: Any, *, right: bool = True) -> Any:
    """Ask, look and answer; return the reply."""
    challenge = bot.ask(site.sitekey).json()["id"]
    bot.get(f"/api/v1/challenges/{challenge}/pictures")
    cats = cats_of(challenge)
    return bot.answer(
        challenge, cats if right else [place for place in range(12) if place not in cats]
    )


@pytest.mark.parametrize(
    ("door", "code"),
    [
        ("/siteverify", "not-using-dummy-passcode"),
        ("/recaptcha/api/siteverify", "invalid-input-response"),
        ("/turnstile/v0/siteverify", "invalid-input-response"),
    ],
)
def test_it_sees_that_it_passed_and_no_host_lets_it_in(
    stocked: NewSite, limited: Attacker, door: str, code: str
) -> None:
    assert limited.ask(stocked.site.sitekey).json()["test"] is True
    token = answer(limited, stocked.site).json()["token"]
    for _ in range(2):
        verdict = limited.post(door, {"secret": stocked.secret, "response": token}).json()
        assert (verdict["success"], verdict["error-codes"]) == (False, [code])
    assert set(Outcome.objects.values_list("door", "test_mode")) == {("attack", True)}


def test_it_sees_no_adoption_links_and_retires_no_pet(stocked: NewSite, limited: Attacker) -> None:
    Photo.objects.update(pet_name="Minka", shelter="Süd", adoption_url="https://shelter.example/1")
    said = answer(limited, stocked.site).json()
    assert "token" in said
    assert not said.get("adopt")
    assert not Photo.objects.exclude(link_shown_at=None).exists()


def test_with_limits_on_it_pays_as_everybody(
    stocked: NewSite, limited: Attacker, settings: Any
) -> None:
    settings.PAWCHA = settings.PAWCHA | {"BUCKET_START": 1, "PREFIX_BURST": 3}
    assert answer(limited, stocked.site, right=False).status_code == 422
    assert set(answer(limited, stocked.site).json()) == {"next"}
    assert Outcome.objects.latest("pk").door == "attack"
    limited.ask(stocked.site.sitekey)
    assert limited.ask(stocked.site.sitekey).status_code == 429


def test_with_limits_off_nothing_holds_it_back_and_it_warms_nobody(
    stocked: NewSite, free: Attacker, bot: Visitor, settings: Any
) -> None:
    settings.PAWCHA = settings.PAWCHA | {
        "BUCKET_START": 0, "PREFIX_BURST": 1, "PREFIX_PER_MINUTE": 1, "HEAT_ROUNDS": 1,
    }  # fmt: skip
    for _ in range(9):
        stock.keep_stocked(5)
        assert answer(free, stocked.site, right=False).status_code == 422
        stock.keep_stocked(5)
        assert "token" in answer(free, stocked.site).json()
    asked = bot.ask(stocked.site.sitekey)
    assert (asked.status_code, asked.json()["rounds"]) == (201, 1)


@pytest.mark.parametrize("ticket", ["nobody's", "x" * 300])
def test_a_ticket_that_nobody_left_is_refused_with_a_sentence(
    stocked: NewSite, ticket: str
) -> None:
    reply = Attacker(ticket).ask(stocked.site.sitekey)
    assert (reply.status_code, reply.json()["error"]) == (403, "unknown_ticket")
    assert "ticket" in reply.json()["message"]
    assert not Outcome.objects.exists()


def test_a_ticket_ends() -> None:
    state.leave_ticket("short", limits=True, seconds=0.05)
    assert state.ticket("short") is True
    with time_machine.travel(timedelta(seconds=1)):
        import time

        time.sleep(0.06)
        assert state.ticket("short") is None
    assert state.ticket("") is None


def test_the_plain_page_knows_tickets_too(stocked: NewSite, limited: Attacker) -> None:
    page = limited.get(f"/fallback?k={stocked.site.sitekey}")
    assert page.status_code == 200
    assert Outcome.objects.get().door == "attack"
    refused = Attacker("nobody's").get(f"/fallback?k={stocked.site.sitekey}")
    assert refused.status_code == 403


def test_it_is_left_out_of_statistics_tally_and_wear(stocked: NewSite, limited: Attacker) -> None:
    answer(limited, stocked.site)
    assert not Outcome.objects.counted().exists()
    report = statistics.report([stocked.site.pk], statistics.last_hours(2))
    assert report.total.issued == 0
    assert wear.wear().challenges == 0
    with time_machine.travel(timedelta(minutes=5)):
        tally.count_misses(5)
    assert not Photo.objects.filter(seen__gt=0).exists()


def test_hours_of_attacks_alone_do_not_hold_up_the_sums(
    stocked: NewSite, limited: Attacker, visitor: Visitor
) -> None:
    answer(limited, stocked.site)
    Outcome.objects.update(issued_at=timezone.now() - timedelta(hours=5))
    answer(visitor, stocked.site)
    Outcome.objects.filter(door="widget").update(issued_at=timezone.now() - timedelta(hours=3))
    sums.sum_up(1)
    assert list(Sum.objects.filter(span="hour").values_list("issued", flat=True)) == [1]
