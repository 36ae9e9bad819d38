"""The rules between challenges as a site's owner reads them: the numbers are those that hold."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from challenges import odds
from challenges.flows import limits
from challenges.flows.sites import NewSite
from tests.people import sign_in


def test_it_says_the_rules_that_hold_now(settings: Any) -> None:
    settings.PAWCHA = settings.PAWCHA | {
        "BUCKET_START": 5, "BUCKET_MOST": 9, "BUCKET_PER_HOUR": 7, "BUCKET_REFILL": 2,
        "HEAT_ROUNDS": 11, "HEAT_LEAK": 13, "PREFIX_BURST": 17, "PREFIX_PER_MINUTE": 20,
    }  # fmt: skip
    told = limits.limits()
    assert (told.tokens.start, told.tokens.most, told.tokens.per_hour, told.tokens.refill) == (
        5, 9, 7, 2,
    )  # fmt: skip
    assert (told.heat.rounds, told.heat.very_hot, told.heat.leak) == (11, 33, 13)
    assert (told.burst, told.per_minute, told.slow_per_minute) == (17, 20, 5)


def test_it_says_what_they_leave_of_bots_and_cost_people(settings: Any) -> None:
    settings.PAWCHA = settings.PAWCHA | {
        "BUCKET_START": 6, "BUCKET_MOST": 12, "BUCKET_PER_HOUR": 12, "BUCKET_REFILL": 3,
    }  # fmt: skip
    weak = limits.bots()[0]
    assert weak.solves == 0.01
    assert weak.fresh == pytest.approx(odds.fresh_passes(0.01, 50, start=6, most=12, refill=3))
    assert weak.issued == pytest.approx(1000 * 0.01 * (1 - 0.99**3))
    assert weak.hourly == pytest.approx(12 * 0.01 / 0.99**3)
    # Who solves nearly all is held by nothing but how often one may ask.
    assert limits.bots()[-1].hourly == pytest.approx(60 * 30 * 0.88)
    for person in limits.people():
        assert person.shared > 2 > person.alone > 1


@pytest.mark.parametrize(("solves", "expected"), [(1, 2), (0.5, 4.2857)])
def test_the_challenges_that_it_takes_without_a_token(solves: float, expected: float) -> None:
    # Always right: two. Half right: two until the first, then 1.75 until the second or the end of
    # the three, which works out in 7 of 8 cases.
    assert odds.challenges_to_pass(solves, 3) == pytest.approx(expected, abs=0.001)
    assert odds.challenges_to_pass(0, 3) == float("inf")


def test_the_owner_finds_every_rule_with_its_number(
    client: Client, reviewer: User, site_owner: NewSite, settings: Any
) -> None:
    settings.PAWCHA = settings.PAWCHA | {"BUCKET_START": 41, "HEAT_ROUNDS": 43, "PREFIX_BURST": 47}
    sign_in(client, reviewer)
    page = client.get(f"/admin/challenges/site/{site_owner.site.pk}/limits/")
    assert page.status_code == 200
    text = " ".join(page.text.split())
    for sentence in (
        "begins with 41 tokens",
        "At each site a network",
        "20 at once and then 30 a minute at this site",
        "Who has solved a challenge there, and whose session so holds a token, waits for nobody",
        "Right! One more round, please.",
        "Above 43: one more round",
        "Above 129: two more",
        "47 times at once from one network",
        "lives for 120 seconds",
        "within 3 challenges passes",
    ):
        assert sentence in text, sentence
    use = client.get(f"/admin/challenges/site/{site_owner.site.pk}/use/").text
    assert f"/admin/challenges/site/{site_owner.site.pk}/limits/" in use
