"""Ready challenges of many kinds: sites share them, and change from one to another unseen."""

from __future__ import annotations

import io
import logging
from collections import Counter
from typing import Any
from unittest.mock import patch

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from challenges import state
from challenges.flows import compose, rehearsal, stock
from challenges.flows.sites import NewSite
from challenges.models import Photo, Rendition, Site
from challenges.models.photos import Animal, Rights
from challenges.selection import Audience, Profile
from tests import pets
from tests.challenges.flows.test_compose_rounds import a_probe
from tests.conftest import Visitor

OLD, NEW = "12x1-public", "9x2-public"


def change(site: Site, **policy: Any) -> Site:
    """Change the policy of a site, as its owner does, and return the site anew."""
    Site.objects.filter(pk=site.pk).update(**policy)
    return Site.objects.get(pk=site.pk)


def depth(key: str) -> int:
    """Return how many challenges of a profile wait."""
    return state.ready_depth(key, "fresh") + state.ready_depth(key, "worn")


def served(site: Site) -> str:
    """Return the kind of challenge that the site's visitors get now."""
    return Site.objects.get(pk=site.pk).served.key


def test_a_stocked_site_is_served_by_its_policy(stocked: NewSite) -> None:
    site = Site.objects.get(pk=stocked.site.pk)
    assert site.served_profile == site.profile.key == OLD
    assert stock.profile_note(site) is None


def test_a_changed_site_keeps_its_old_challenges_until_the_new_ones_are_ready(
    stocked: NewSite, visitor: Visitor
) -> None:
    site = change(stocked.site, pictures=9, rounds=2)
    assert site.served.key == OLD
    assert stock.profile_note(site) == (
        "Still showing 12 photos: 0 of 6 challenges of 9 photos in each of 2 rounds are ready."
    )
    assert visitor.ask(site.sitekey).json()["count"] == 12
    for _ in range(5):
        state.push_ready(NEW, "fresh", [compose.compose(site.profile, "fresh")])
    with patch.object(stock, "_progress", return_value=False):
        stock.keep_stocked(5)
    assert served(site) == OLD
    assert str(stock.profile_note(site)).startswith("Still showing 12 photos: 5 of 6 ")
    stock.keep_stocked(5)
    site = Site.objects.get(pk=site.pk)
    assert site.served.key == NEW
    assert stock.profile_note(site) is None
    told = visitor.ask(site.sitekey).json()
    assert (told["count"], told["rounds"], told["per_round"], told["columns"]) == (18, 2, 9, 3)


def test_a_site_with_enough_ready_switches_in_a_moment(stocked: NewSite) -> None:
    site = change(stocked.site, pictures=9, rounds=2)
    with patch.object(stock, "ready", return_value=24):
        assert stock.profile_note(site) == (
            "Still showing 12 photos: switching to 9 photos in each of 2 rounds in a moment."
        )


def test_twenty_ready_challenges_are_enough_however_many_are_wanted(
    site_owner: NewSite, pool: list[Photo]
) -> None:
    pets.pool(120)
    wanted = Profile(9, Audience.PUBLIC)
    assert stock.capacity(wanted) > stock.ENOUGH_READY == stock.enough(wanted) == 20


def test_a_site_that_asks_for_more_than_there_is_keeps_its_old_challenges_and_hears_why(
    stocked: NewSite, visitor: Visitor
) -> None:
    site = change(stocked.site, pictures=16, rounds=3)
    stock.keep_stocked(3)
    assert served(site) == OLD
    assert str(stock.profile_note(site)) == (
        "Still showing 12 photos: 0 of 2 challenges of 16 photos in each of 3 rounds are ready. "
        "A challenge needs 45 different pictures of each animal, and the pool has 30 of cats. "
        "Import more cats: manage.py import_photos PATH --label cat"
    )
    assert visitor.ask(site.sitekey).status_code == 201
    assert rehearsal.rehearse().can_issue


def test_the_note_says_so_when_redis_is_away(stocked: NewSite) -> None:
    site = change(stocked.site, pictures=9)
    with patch.object(state, "ready_depth", side_effect=state.Unreachable):
        assert "Redis cannot be asked" in str(stock.profile_note(site))


def test_the_old_challenges_are_kept_ready_meanwhile(stocked: NewSite) -> None:
    stock.keep_stocked(3)
    before = depth(OLD)
    change(stocked.site, pictures=16, rounds=3)
    taken = state.ready_drafts(OLD, "fresh")[:3]
    state.drop_ready(OLD, "fresh", taken)
    stock.keep_stocked(3)
    assert depth(OLD) == before


def test_the_queue_that_nobody_uses_any_more_is_emptied_and_its_showings_come_back(
    stocked: NewSite, other_site: NewSite
) -> None:
    for site in (stocked.site, other_site.site):
        change(site, pictures=9, rounds=2)
    stock.keep_stocked(10)
    stock.keep_stocked(10)
    assert depth(OLD) == 0
    assert state.known_profiles() == {NEW}
    assert not state.client().exists(state.key(f"reserve:{OLD}"))
    held = sum(Rendition.objects.values_list("reserved", flat=True))
    assert held == depth(NEW) * 18


def test_a_challenge_that_comes_back_later_is_released_too(
    stocked: NewSite, visitor: Visitor
) -> None:
    challenge = visitor.ask(stocked.site.sitekey).json()["id"]
    change(stocked.site, pictures=9, rounds=2)
    stock.keep_stocked(10)
    stock.keep_stocked(10)
    opened = state.settle(state.peek(challenge), right=False).challenge
    assert opened.profile == OLD
    state.put_back(opened.profile, opened.draft)
    stock.keep_stocked(1)
    assert depth(OLD) == 0
    held = sum(Rendition.objects.values_list("reserved", flat=True))
    assert held == depth(NEW) * 18


def test_what_a_visitor_was_faster_to_take_stays_reserved(stocked: NewSite) -> None:
    drafts = state.ready_drafts(OLD, "fresh")
    state.drop_ready(OLD, "fresh", drafts[:1])
    assert state.drop_ready(OLD, "fresh", drafts[:3]) == drafts[1:3]


def test_sites_with_equal_policies_share_their_challenges(
    stocked: NewSite, other_site: NewSite
) -> None:
    stock.keep_stocked(5)
    assert [profile.key for profile in stock.profiles()] == [OLD]
    assert served(other_site.site) == OLD


@pytest.mark.parametrize("before", [OLD, f"{OLD}-probes", "12x1-loopback", "nonsense", ""])
def test_who_may_see_the_photos_counts_at_once(site_owner: NewSite, before: str) -> None:
    site = change(site_owner.site, served_profile=before, pictures=16)
    allowed = Profile(12, Audience.PUBLIC)
    assert site.served == (allowed if before == OLD else site.profile)


def test_a_site_that_leaves_its_own_machine_shows_no_trial_photos_from_then_on(
    site_owner: NewSite, visitor: Visitor
) -> None:
    site = change(site_owner.site, hosts=["localhost"])
    pets.pool(30, Rights.TRIAL)
    stock.keep_stocked(5)
    assert visitor.ask(site.sitekey).status_code == 201
    site = change(site, hosts=["shop.example.org"])
    assert site.served.audience is Audience.PUBLIC
    assert visitor.ask(site.sitekey).status_code == 503
    pets.pool(30)
    stock.keep_stocked(5)
    told = visitor.ask(site.sitekey).json()
    shown = state.peek(told["id"]).draft.renditions
    rights = Photo.objects.filter(rendition__in=shown).values_list("rights", flat=True)
    assert set(rights) == {Rights.CLEARED}


def test_who_wants_no_probes_any_more_gets_none_from_then_on(
    site_owner: NewSite, pool: list[Photo], visitor: Visitor
) -> None:
    site = change(site_owner.site, probes=True)
    a_probe()
    stock.keep_stocked(5)
    assert served(site) == f"{OLD}-probes"
    site = change(site, probes=False, pictures=9)
    assert site.served.key == "9x1-public"
    stock.keep_stocked(5)
    assert state.peek(visitor.ask(site.sitekey).json()["id"]).draft.probe == -1
    assert depth(f"{OLD}-probes") == 0


def test_a_probe_is_in_two_waiting_challenges_at_most(
    site_owner: NewSite, pool: list[Photo]
) -> None:
    change(site_owner.site, probes=True)
    probes = [a_probe(), a_probe()]
    stock.keep_stocked(5)
    key = f"{OLD}-probes"
    times = Counter(
        draft.groups[draft.probe] for draft in state.ready_drafts(key, "fresh") if draft.probe >= 0
    )
    assert times == {str(probe.group): 2 for probe in probes}
    with_one = next(draft for draft in state.ready_drafts(key, "fresh") if draft.probe >= 0)
    state.drop_ready(key, "fresh", [with_one])
    stock.keep_stocked(5)
    assert sum(draft.probe >= 0 for draft in state.ready_drafts(key, "fresh")) == 4


@pytest.mark.parametrize("wanted", [True, False])
def test_renditions_are_made_of_photos_that_visitors_are_asked_about(
    site_owner: NewSite, pool: list[Photo], wanted: bool
) -> None:
    change(site_owner.site, probes=wanted)
    probe = pets.photo(Animal.CAT)
    Photo.objects.filter(pk=probe.pk).update(status=Photo.Status.PROBE, label="")
    with io.BytesIO() as out:
        Image.effect_noise((200, 180), 60).convert("RGB").save(out, "JPEG")
        default_storage.save(probe.storage_name, ContentFile(out.getvalue()))
    stock.keep_stocked(5)
    probe.refresh_from_db()
    assert (probe.rendition is not None) is wanted
    assert probe.fresh is wanted


def test_many_kinds_of_one_pool_do_not_hold_all_its_showings(
    site_owner: NewSite, pool: list[Photo]
) -> None:
    for number, pictures in enumerate((9, 10, 11, 13, 14, 15, 16)):
        Site.objects.create(name=f"site {number}", hosts=["example.org"], pictures=pictures)
    stock.keep_stocked(20)
    held = sum(Rendition.objects.values_list("reserved", flat=True))
    assert held <= stock.MOST_APPEARANCES * len(pool)
    assert all(stock.ready(profile) for profile in stock.profiles())


def test_every_kind_has_its_first_challenges_before_one_is_full(
    site_owner: NewSite, other_site: NewSite
) -> None:
    pets.pool(400)
    change(other_site.site, pictures=9)
    filled: list[str] = []
    push = state.push_ready

    def note(profile: str, *rest: Any) -> None:
        filled.append(profile)
        push(profile, *rest)

    with patch.object(state, "push_ready", note):
        stock.keep_stocked(1)
    assert len(set(filled[: stock.CHUNK + 1])) == 2


def test_readiness_is_about_audiences_and_not_about_one_site_that_asks_too_much(
    stocked: NewSite,
) -> None:
    Site.objects.create(name="Greedy", hosts=["greedy.example"], pictures=16, rounds=3)
    stock.keep_stocked(2)
    assert rehearsal.rehearse().can_issue
    Site.objects.create(name="Local", hosts=["localhost"], test_mode=True)
    assert rehearsal.rehearse().can_issue
    Site.objects.create(name="Own", hosts=["localhost"], pictures=16, rounds=3)
    assert "No challenge is ready for loopback sites" in rehearsal.rehearse().cause


def test_the_status_is_that_of_the_emptiest_kind_in_use(stocked: NewSite) -> None:
    assert stock.status(Audience.PUBLIC).ready == depth(OLD)
    Site.objects.create(name="Greedy", hosts=["greedy.example"], pictures=16, rounds=3)
    assert stock.status(Audience.PUBLIC).ready == 0


def test_a_site_composes_its_own_kind_when_all_that_is_ready_was_seen(
    site_owner: NewSite, visitor: Visitor, caplog: pytest.LogCaptureFixture
) -> None:
    pets.pool(60)
    change(site_owner.site, pictures=9, rounds=2)
    stock.keep_stocked(5)
    with caplog.at_level(logging.ERROR), patch.object(stock, "keep_stocked"):
        drafts = state.ready_drafts(NEW, "fresh")
        state.drop_ready(NEW, "fresh", drafts[1:])
        seen = visitor.ask(site_owner.site.sitekey).json()
        visitor.get(f"/api/v1/challenges/{seen['id']}/pictures")
        state.push_ready(NEW, "fresh", [drafts[0]])
        fresh = visitor.ask(site_owner.site.sitekey).json()
    assert fresh["count"] == 18
    old, new = (set(state.peek(told["id"]).draft.groups) for told in (seen, fresh))
    assert not old & new
