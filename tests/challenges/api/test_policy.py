"""What a site's policy changes: rounds, tolerance, lifetimes, probes, test mode."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import OperationalError
from django.utils import timezone

from challenges import state
from challenges.drafts import OpenChallenge
from challenges.flows import probes, starters, stock, sweep
from challenges.flows.sites import NewSite
from challenges.models import Outcome, Photo, Site
from challenges.models.photos import Rights
from challenges.selection import MOST_SECONDS
from challenges.tasks import keep_starters
from tests import pets
from tests.challenges.flows.test_compose_rounds import a_probe
from tests.conftest import Visitor, cats_of, outcome_of

Told = dict[str, Any]


def policy(owner: NewSite, **fields: Any) -> Site:
    """Give the site another policy, and stock what it asks for."""
    Site.objects.filter(pk=owner.site.pk).update(**fields)
    stock.keep_stocked(10)
    stock.keep_stocked(10)
    return Site.objects.get(pk=owner.site.pk)


def ask(visitor: Visitor, site: Site) -> Told:
    """Ask for a challenge and look at it."""
    told: Told = visitor.ask(site.sitekey).json()
    visitor.get(f"/api/v1/challenges/{told['id']}/pictures")
    return told


def off_by(challenge: str, *places: int) -> list[int]:
    """Return the right answer with these places turned round."""
    return sorted(set(cats_of(challenge)) ^ set(places))


@pytest.fixture
def rounds(site_owner: NewSite, pool: list[Photo]) -> Site:
    """Return a site that asks for two rounds of nine photos."""
    return policy(site_owner, pictures=9, rounds=2)


def test_all_rounds_come_in_one_challenge_and_take_one_answer(
    visitor: Visitor, rounds: Site
) -> None:
    told = visitor.ask(rounds.sitekey).json()
    assert (told["count"], told["rounds"], told["per_round"], told["columns"]) == (18, 2, 9, 3)
    stream = visitor.get(f"/api/v1/challenges/{told['id']}/pictures").content
    lengths = 0
    while stream:
        stream = stream[4 + int.from_bytes(stream[:4], "big") :]
        lengths += 1
    assert lengths == 18
    assert visitor.get(f"/api/v1/challenges/{told['id']}/pictures/17").status_code == 200
    assert visitor.get(f"/api/v1/challenges/{told['id']}/pictures/18").status_code == 404
    assert visitor.answer(told["id"], [18]).json() == {
        "error": "invalid_picks",
        "message": "Each pick is a number from 0 to 17.",
    }
    assert visitor.answer(told["id"], cats_of(told["id"])).status_code == 200
    outcome = outcome_of(told["id"])
    assert (outcome.rounds, outcome.tolerance, outcome.probe) == (2, 0, None)
    assert outcome.picks == outcome.cats
    assert len(outcome.renditions) == 18


@pytest.mark.parametrize("place", [0, 8, 9, 17])
def test_a_wrong_picture_in_any_round_fails_and_nobody_hears_in_which(
    visitor: Visitor, rounds: Site, place: int
) -> None:
    told = ask(visitor, rounds)
    reply = visitor.answer(told["id"], off_by(told["id"], place))
    assert reply.status_code == 422
    assert set(reply.json()) == {"error", "message"}
    assert "round" not in str(reply.json())


@pytest.mark.parametrize(
    ("tolerance", "places", "status"),
    [(0, [3], 422), (1, [3], 200), (1, [14], 200), (1, [3, 14], 422), (1, [], 200)],
)
def test_the_tolerance_is_over_the_whole_challenge(
    site_owner: NewSite,
    pool: list[Photo],
    visitor: Visitor,
    tolerance: int,
    places: list[int],
    status: int,
) -> None:
    site = policy(site_owner, pictures=9, rounds=2, tolerance=tolerance)
    told = ask(visitor, site)
    assert visitor.answer(told["id"], off_by(told["id"], *places)).status_code == status
    assert outcome_of(told["id"]).tolerance == tolerance


@pytest.mark.parametrize(("before", "after"), [(0, 1), (1, 0)])
def test_a_change_of_policy_is_for_later_challenges(
    stocked: NewSite, visitor: Visitor, before: int, after: int
) -> None:
    site = policy(stocked, tolerance=before)
    told = ask(visitor, site)
    Site.objects.filter(pk=site.pk).update(tolerance=after, challenge_seconds=30)
    with time_machine.travel(timedelta(seconds=60)):
        reply = visitor.answer(told["id"], off_by(told["id"], 5))
    assert reply.status_code == (200 if before else 422)
    assert outcome_of(told["id"]).tolerance == before


def test_an_answer_to_tolerance_still_holds_a_picture(stocked: NewSite, visitor: Visitor) -> None:
    told = ask(visitor, policy(stocked, tolerance=1))
    assert visitor.answer(told["id"], []).json()["error"] == "invalid_picks"


# Lifetimes


@pytest.fixture
def long(stocked: NewSite) -> Site:
    """Return a site with long lives: ten minutes for a challenge, five for a token."""
    return policy(stocked, challenge_seconds=600, token_seconds=300)


def left(told: Told) -> float:
    """Return how long something lives, in seconds from now."""
    ends = datetime.fromisoformat(told["expires_at"])
    return (ends - timezone.now()).total_seconds()


@pytest.mark.parametrize(("seconds", "status"), [(598, 200), (601, 410)])
def test_a_challenge_lives_as_long_as_the_site_says(
    visitor: Visitor, long: Site, seconds: int, status: int
) -> None:
    told = ask(visitor, long)
    assert left(told) == pytest.approx(600, abs=5)
    with time_machine.travel(timedelta(seconds=seconds)):
        sweep.close_overdue()
        assert visitor.answer(told["id"], cats_of(told["id"])).status_code == status


@pytest.mark.parametrize(("seconds", "status"), [(601, 200), (1197, 200), (1202, 410)])
def test_it_is_extended_by_as_much_again(
    visitor: Visitor, long: Site, seconds: int, status: int
) -> None:
    told = ask(visitor, long)
    more = visitor.post(f"/api/v1/challenges/{told['id']}/extend", {}, format="json").json()
    assert left(more) - left(told) == pytest.approx(600, abs=1)
    cats = cats_of(told["id"])
    with time_machine.travel(timedelta(seconds=seconds)):
        sweep.close_overdue()
        assert visitor.answer(told["id"], cats).status_code == status


def test_a_short_life_is_short(stocked: NewSite, visitor: Visitor) -> None:
    site = policy(stocked, challenge_seconds=30)
    told = ask(visitor, site)
    with time_machine.travel(timedelta(seconds=31)):
        assert visitor.answer(told["id"], cats_of(told["id"])).status_code == 410


def test_photos_stay_away_until_the_challenge_s_end(visitor: Visitor, long: Site) -> None:
    first = state.peek(visitor.ask(long.sitekey).json()["id"]).draft
    with time_machine.travel(timedelta(seconds=400)):
        second = state.peek(visitor.ask(long.sitekey).json()["id"]).draft
    assert not set(first.groups) & set(second.groups)


@pytest.mark.parametrize(("seconds", "success"), [(298, True), (301, False)])
def test_a_token_lives_as_long_as_the_site_says(
    stocked: NewSite, visitor: Visitor, long: Site, seconds: int, success: bool
) -> None:
    told = ask(visitor, long)
    right = visitor.answer(told["id"], cats_of(told["id"])).json()
    assert left(right) == pytest.approx(300, abs=5)
    with time_machine.travel(timedelta(seconds=seconds)):
        verdict = visitor.verify(stocked.secret, right["token"]).json()
    assert verdict["success"] is success
    if not success:
        assert verdict["error-codes"] == ["expired-input-response"]


@pytest.mark.parametrize("name", ["challenge_seconds", "token_seconds"])
def test_the_longest_life_is_what_the_form_allows(name: str) -> None:
    others = [field.name for field in Site._meta.fields if field.name != name]
    Site(**{name: MOST_SECONDS}).clean_fields(exclude=others)
    with pytest.raises(ValidationError):
        Site(**{name: MOST_SECONDS + 1}).clean_fields(exclude=others)


# Probes


@pytest.fixture
def probing(site_owner: NewSite, pool: list[Photo]) -> Site:
    """Return a site that asks visitors about photos, and of which every challenge does."""
    for _ in range(8):
        a_probe()
    return policy(site_owner, probes=True)


@pytest.mark.parametrize("picked", [True, False])
def test_a_probe_does_not_count_and_who_passed_votes(
    visitor: Visitor, probing: Site, picked: bool
) -> None:
    told = ask(visitor, probing)
    place = state.peek(told["id"]).draft.probe
    assert place >= 0
    assert place not in cats_of(told["id"])
    picks = off_by(told["id"], *([place] if picked else []))
    with patch.object(probes, "vote") as vote:
        assert visitor.answer(told["id"], picks).status_code == 200
    (challenge, mask, prefixes), _ = vote.call_args
    assert isinstance(challenge, OpenChallenge)
    assert challenge.draft.probe == place
    assert bool(mask >> place & 1) is picked
    assert len(set(prefixes)) == 3  # Of today, yesterday and the day before.
    outcome = outcome_of(told["id"])
    assert outcome.probe == place
    assert outcome.cats >> place & 1 == 0


def test_who_did_not_pass_has_no_vote(visitor: Visitor, probing: Site) -> None:
    told = ask(visitor, probing)
    other = (state.peek(told["id"]).draft.probe + 1) % 12
    with patch.object(probes, "vote") as vote:
        assert visitor.answer(told["id"], off_by(told["id"], other)).status_code == 422
    vote.assert_not_called()


def test_nobody_votes_where_nothing_is_asked(stocked: NewSite, visitor: Visitor) -> None:
    with patch.object(probes, "vote") as vote:
        visitor.solve(stocked.site.sitekey)
    vote.assert_not_called()


def test_the_token_is_the_visitor_s_even_if_the_vote_cannot_be_counted(
    visitor: Visitor, probing: Site
) -> None:
    told = ask(visitor, probing)
    with patch.object(probes, "vote", side_effect=OperationalError("gone")):
        assert "token" in visitor.answer(told["id"], cats_of(told["id"])).json()


def test_an_answer_takes_no_more_queries_than_before(
    stocked: NewSite, visitor: Visitor, django_assert_num_queries: Any
) -> None:
    told = ask(visitor, stocked.site)
    cats = cats_of(told["id"])
    # One savepoint and one way to commit, the one update; then the look for adoption links.
    with django_assert_num_queries(5):
        visitor.answer(told["id"], cats)


def test_an_issue_takes_no_more_queries_than_before(
    stocked: NewSite, visitor: Visitor, django_assert_num_queries: Any
) -> None:
    # And one look for what the panel said of its pictures: nothing had when it was composed.
    with django_assert_num_queries(6):
        assert visitor.ask(stocked.site.sitekey).status_code == 201


# Test mode


@pytest.fixture
def testing(site_owner: NewSite, pool: list[Photo]) -> Site:
    """Return a site in test mode, on a service whose test keys are off."""
    pets.pool(30, Rights.STARTER)
    return policy(site_owner, test_mode=True)


def test_a_site_in_test_mode_shows_starter_pictures_only_and_says_so(
    visitor: Visitor, testing: Site
) -> None:
    told = ask(visitor, testing)
    assert told["test"] is True
    shown = state.peek(told["id"]).draft.renditions
    rights = Photo.objects.filter(rendition__in=shown).values_list("rights", flat=True)
    assert set(rights) == {Rights.STARTER}
    assert visitor.answer(told["id"], [0]).status_code in (200, 422)


@pytest.mark.parametrize("path", ["/siteverify", "/recaptcha/api/siteverify"])
def test_its_tokens_are_good_and_say_that_they_are_tests(
    site_owner: NewSite, visitor: Visitor, testing: Site, path: str
) -> None:
    claim = {"secret": site_owner.secret, "response": visitor.solve(testing.sitekey)}
    verdict = visitor.post(path, claim).json()
    assert (verdict["success"], verdict["test"]) == (True, True)


def test_turnstile_s_own_word_for_it_is_there_too(
    site_owner: NewSite, visitor: Visitor, testing: Site
) -> None:
    claim = {"secret": site_owner.secret, "response": visitor.solve(testing.sitekey)}
    verdict = visitor.post("/turnstile/v0/siteverify", claim).json()
    assert verdict["test"] is True
    assert verdict["metadata"] == {"interactive": True, "result_with_testing_key": True}


def test_a_token_from_test_mode_stays_one_when_it_is_switched_off(
    site_owner: NewSite, visitor: Visitor, testing: Site
) -> None:
    token = visitor.solve(testing.sitekey)
    Site.objects.filter(pk=testing.pk).update(test_mode=False)
    assert visitor.verify(site_owner.secret, token).json()["test"] is True


def test_real_challenges_and_tokens_say_nothing_of_tests(
    stocked: NewSite, visitor: Visitor
) -> None:
    assert "test" not in ask(visitor, stocked.site)
    verdict = visitor.verify(stocked.secret, visitor.solve(stocked.site.sitekey)).json()
    assert verdict["success"]
    assert "test" not in verdict


@pytest.mark.parametrize("on", [True, False])
def test_starter_pictures_are_kept_for_sites_in_test_mode(site_owner: NewSite, on: bool) -> None:
    Site.objects.filter(pk=site_owner.site.pk).update(test_mode=on)
    with patch.object(starters, "draw_last") as draw:
        keep_starters()
    assert draw.called is on
    assert Outcome.objects.count() == 0
