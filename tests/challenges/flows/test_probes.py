"""Votes about photos that nobody has labelled yet: who has one, and what they bring about."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace
from datetime import timedelta
from ipaddress import ip_address

import pytest
import time_machine
from django.conf import LazySettings
from django.conf import settings as django_settings
from django.contrib.auth.models import User
from django.utils import timezone

from challenges import state
from challenges.budgets import prefix_hashes
from challenges.drafts import Draft, OpenChallenge
from challenges.flows import issue, probes, reports, review, sweep
from challenges.flows.sites import NewSite
from challenges.models import Label, Photo, PictureReport, Site, Vote
from challenges.models.photos import Animal, Rights
from tests import pets


@pytest.fixture
def site(site_owner: NewSite) -> Site:
    """Return a site that asks its visitors."""
    Site.objects.update(probes=True)
    site_owner.site.refresh_from_db()
    return site_owner.site


@pytest.fixture
def probe(db: None) -> Photo:
    """Return a photo about which visitors are asked."""
    photo = pets.rendered(Animal.CAT)
    Photo.objects.filter(pk=photo.pk).update(status=Photo.Status.PROBE, label="")
    photo.refresh_from_db()
    return photo


def challenge(photo: Photo, site: Site, prefix: str = "", **said: str | bool) -> OpenChallenge:
    """Return a challenge that was passed, whose second picture was the probe."""
    draft = Draft(
        id="d",
        renditions=[0, photo.rendition_id or 0],
        names=["", ""],
        groups=["0", "1"],
        cats=1,
        risk=0,
        pool="cleared",
        made_at=time.time(),
        probe=1,
    )
    opened = OpenChallenge(
        id="c",
        outcome=1,
        site=site.pk,
        profile="12x1-public-probes",
        draft=draft,
        expires_at=0,
        prefix=prefix or secrets.token_hex(16),
    )
    return replace(opened, **said)  # type: ignore[arg-type]


def votes(photo: Photo, site: Site, cats: int, dogs: int) -> None:
    """Have so many networks each say what the photo shows, by turns."""
    for number in range(max(cats, dogs)):
        for cat, most in ((True, cats), (False, dogs)):
            if number < most:
                assert probes.vote(challenge(photo, site), 0b10 if cat else 0b01, [])


def now(photo: Photo) -> tuple[str, str, str, str]:
    """Return status, label, doubt and its kind as they are now."""
    photo.refresh_from_db()
    return photo.status, photo.label, photo.doubt, photo.doubt_kind


def test_what_was_picked_is_a_vote_for_a_cat(probe: Photo, site: Site) -> None:
    assert probes.vote(challenge(probe, site), 0b11, [])
    assert probes.vote(challenge(probe, site), 0b01, [])
    assert list(Vote.objects.order_by("pk").values_list("photo", "cat")) == [
        (probe.pk, True),
        (probe.pk, False),
    ]


def test_ten_networks_propose_a_label_and_a_person_confirms_it(
    probe: Photo, site: Site, reviewer: User
) -> None:
    votes(probe, site, 9, 0)
    assert now(probe) == ("probe", "", "", "")
    votes(probe, site, 0, 1)
    assert now(probe) == ("proposed", "cat", "9 of 10 visitors say cat.", "visitors")
    said = Label.objects.get()
    assert (said.source, said.label, said.person) == ("visitors", "cat", None)
    assert (said.note, said.confidence) == ("9 of 10 visitors say cat.", 0.9)
    assert review.accept([probe.pk], reviewer).pooled == 1
    assert now(probe)[:3] == ("pooled", "cat", "")


def test_a_dog_is_proposed_as_well(probe: Photo, site: Site) -> None:
    votes(probe, site, 2, 18)
    assert now(probe)[:3] == ("proposed", "dog", "18 of 20 visitors say dog.")


@pytest.mark.parametrize("needed", [5, 20])
def test_how_many_are_needed_is_the_operators_choice(
    probe: Photo, site: Site, settings: LazySettings, needed: int
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "PROBE_VOTES": needed}
    votes(probe, site, 0, needed - 1)
    assert now(probe)[0] == "probe"
    votes(probe, site, 0, 1)
    assert now(probe)[0] == "proposed"


def test_while_they_do_not_agree_more_are_asked_and_then_a_person(
    probe: Photo, site: Site, reviewer: User
) -> None:
    votes(probe, site, 15, 14)
    assert now(probe)[0] == "probe"
    votes(probe, site, 0, 1)
    assert now(probe) == ("unlabelled", "", "Visitors disagree: 15 of 30 say cat.", "visitors")
    # It waits for a person: no network proposes anything, and no more votes are taken.
    assert not Photo.objects.awaiting_label().exists()
    assert not review.propose(probe, "cat", trusted=True)
    assert not probes.vote(challenge(probe, site), 1, [])
    review.accept([probe.pk], reviewer, Animal.DOG)
    assert now(probe)[:3] == ("pooled", "dog", "")


def test_a_network_has_one_vote_today_and_tomorrow(probe: Photo, site: Site) -> None:
    assert probes.vote(challenge(probe, site, "today"), 1, ["today", "yesterday"])
    assert not probes.vote(challenge(probe, site, "today"), 1, ["today", "yesterday"])
    # Its hash of today is that of yesterday tomorrow.
    assert not probes.vote(challenge(probe, site, "tomorrow"), 1, ["tomorrow", "today"])
    # Whoever answers for it: it counts for the network that was handed the challenge.
    assert not probes.vote(challenge(probe, site, "today"), 1, ["elsewhere", "before"])
    assert probes.vote(challenge(probe, site, "neighbour"), 1, ["neighbour", "before"])


def test_a_vote_counts_for_the_network_that_answers_where_none_is_known(
    probe: Photo, site: Site
) -> None:
    opened = replace(challenge(probe, site), prefix="")
    assert probes.vote(opened, 1, ["today", "before"])
    assert not probes.vote(opened, 1, ["today", "before"])
    assert not probes.vote(opened, 1, [])


@pytest.mark.parametrize("unreal", ["reserved", "simulated", "test_mode"])
def test_only_visitors_of_real_sites_vote(probe: Photo, site: Site, unreal: str) -> None:
    Site.objects.update(**{unreal: True})
    assert not probes.vote(challenge(probe, site), 1, [])


@pytest.mark.parametrize("said", [{"test": "pawcha-test-pass"}, {"reserved": True}])
def test_test_keys_and_rehearsals_do_not_vote(
    probe: Photo, site: Site, said: dict[str, str | bool]
) -> None:
    assert not probes.vote(challenge(probe, site, **said), 1, [])  # type: ignore[arg-type]


def test_without_a_probe_there_is_no_vote(probe: Photo, site: Site) -> None:
    opened = challenge(probe, site)
    assert not probes.vote(replace(opened, draft=replace(opened.draft, probe=-1)), 1, [])


@pytest.mark.parametrize("status", [one for one in Photo.Status if one != "probe"])
def test_a_photo_that_is_no_probe_any_more_gets_no_votes(
    probe: Photo, site: Site, status: Photo.Status
) -> None:
    Photo.objects.update(status=status)
    assert not probes.vote(challenge(probe, site), 1, [])


def test_where_votes_came_from_is_forgotten_after_two_days(probe: Photo, site: Site) -> None:
    votes(probe, site, 3, 2)
    with time_machine.travel(timedelta(days=1, hours=23)):
        sweep.forget_addresses()
        assert not Vote.objects.filter(prefix="").exists()
    with time_machine.travel(timedelta(days=2, minutes=1)):
        sweep.forget_addresses()
        assert Vote.objects.filter(prefix="").count() == 5
        votes(probe, site, 0, 9)
    # And they count no more: nobody can tell whose they were.
    assert now(probe)[0] == "probe"
    assert probe.votes.count() == 14


def test_a_network_has_one_vote_however_long_a_photo_is_asked_about(
    probe: Photo, site: Site, settings: LazySettings
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "PROBE_VOTES": 2}
    start = timezone.now().replace(hour=23, minute=59)
    for hours in range(0, 24 * 10, 5):
        with time_machine.travel(start + timedelta(hours=hours), tick=False):
            at = time.time()
            found: list[str] = []
            for back in (0, 86_400):
                found += prefix_hashes(ip_address("203.0.113.9"), settings.SECRET_KEY, at - back)
            probes.vote(challenge(probe, site, found[0]), 0b10, found)
            assert now(probe)[0] == "probe"


@pytest.mark.parametrize(("label", "after"), [("", "unlabelled"), ("cat", "proposed")])
def test_enough_reports_end_it_and_a_person_looks(
    probe: Photo, site: Site, label: str, after: str
) -> None:
    Photo.objects.update(label=label)
    for number in range(django_settings.PAWCHA["REPORTS_TO_WITHDRAW"]):
        assert now(probe)[0] == "probe"
        opened = challenge(probe, site)
        handed = issue.hand_out(
            site,
            opened.draft,
            visitor=issue.Visitor((opened.prefix, ""), session=""),
            hostname="",
            asked=issue.Asked(),
        )
        state.fetch(handed.id)
        reports.report(handed.id, 1, ip_address(f"203.0.{number}.9"))
    status, _, doubt, kind = now(probe)
    assert (status, kind) == (after, "reported")
    assert doubt.endswith("reported it.")
    assert not PictureReport.objects.filter(withdrew=True).exists()


# --- what a person accepts for being asked about -------------------------------------------------


def waiting(status: Photo.Status, rights: Rights = Rights.CLEARED, doubt: str = "") -> Photo:
    """Return a photo that nobody has labelled for good."""
    photo = pets.photo(Animal.CAT, rights)
    label = "cat" if status == Photo.Status.PROPOSED else ""
    Photo.objects.filter(pk=photo.pk).update(status=status, label=label, doubt=doubt)
    return photo


@pytest.mark.parametrize("status", [Photo.Status.UNLABELLED, Photo.Status.PROPOSED])
def test_a_person_lets_visitors_be_asked_and_ends_it(
    db: None, reviewer: User, status: Photo.Status
) -> None:
    photo = waiting(status)
    Vote.objects.create(photo=photo, prefix="", cat=True)
    assert probes.make_probes([photo.pk], reviewer) == 1
    assert now(photo)[0] == "probe"
    assert not photo.votes.exists()
    assert probes.make_probes([photo.pk], reviewer) == 0
    assert probes.end_probe([photo.pk], reviewer) == 1
    assert now(photo)[0] == status
    assert probes.end_probe([photo.pk], reviewer) == 0


@pytest.mark.parametrize(
    ("status", "rights", "doubt"),
    [
        (Photo.Status.POOLED, Rights.CLEARED, ""),
        (Photo.Status.REJECTED, Rights.CLEARED, ""),
        (Photo.Status.RETIRED, Rights.CLEARED, ""),
        (Photo.Status.HELD, Rights.UNSTATED, ""),
        (Photo.Status.UNLABELLED, Rights.UNSTATED, ""),
        (Photo.Status.UNLABELLED, Rights.STARTER, ""),
        (Photo.Status.PROPOSED, Rights.CLEARED, "3 visitors reported it."),
    ],
)
def test_visitors_are_not_asked_about_what_may_not_be_shown_or_is_known(
    db: None, reviewer: User, status: Photo.Status, rights: Rights, doubt: str
) -> None:
    photo = waiting(status, rights, doubt)
    assert probes.make_probes([photo.pk], reviewer) == 0
    assert now(photo)[0] == status
