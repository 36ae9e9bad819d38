"""POST /api/v1/challenges/{id}/report, and what comes of it"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.conf import LazySettings, settings
from django.contrib.auth.models import User
from django.db import OperationalError, connection

from challenges import state
from challenges.budgets import Budget, prefix_hashes
from challenges.drafts import Draft
from challenges.flows import issue, reports, review, stock, sweep
from challenges.flows.sites import NewSite
from challenges.models import Photo, PictureReport, Site
from challenges.models.photos import Animal, Rights
from tests import pets
from tests.conftest import Visitor, outcome_of


def look(person: Visitor, site: NewSite) -> str:
    """Have the person ask for a challenge and look at it; return its id."""
    challenge = str(person.ask(site.site.sitekey).json()["id"])
    person.get(f"/api/v1/challenges/{challenge}/pictures")
    return challenge


def send(person: Visitor, challenge: str, picture: Any = 0) -> Any:
    """Report a picture."""
    path = f"/api/v1/challenges/{challenge}/report"
    return person.post(path, {"picture": picture}, format="json")


def address(number: int) -> str:
    """Return an address in the network of this number."""
    return f"100.{64 + number // 256}.{number % 256}.1"


def shown(photos: list[Photo], to: str, site: Site, test: str = "") -> str:
    """Hand out a challenge with these pictures to an address, and have them fetched."""
    draft = Draft(
        id="d", renditions=[photo.rendition_id or 0 for photo in photos], names=[""] * len(photos),
        groups=[str(photo.group) for photo in photos], cats=1, risk=0, pool="cleared",
        made_at=time.time(),
    )  # fmt: skip
    prefix = prefix_hashes(ip_address(to), settings.SECRET_KEY, time.time())[0]
    opened = issue.hand_out(
        site, draft, visitor=issue.Visitor((prefix, ""), session=""), hostname="",
        asked=issue.Asked(), test=test,
    )  # fmt: skip
    state.fetch(opened.id)
    return opened.id


def report_photo(photo: Photo, site: Site, networks: Iterable[int]) -> None:
    """Have these networks report the photo, each in a challenge of its own."""
    for number in networks:
        opened = shown([photo], address(number), site)
        reports.report(opened, 0, ip_address(address(number)))


def now(photo: Photo) -> tuple[str, str, str]:
    """Return the photo's status, label and doubt as they are now."""
    photo.refresh_from_db()
    return photo.status, photo.label, photo.doubt


@pytest.fixture
def cat(site_owner: NewSite) -> Photo:
    """Return a cat of a pool that can spare it."""
    for _ in range(reports.STAY):
        pets.photo(Animal.CAT)
    return pets.rendered(Animal.CAT)


def test_a_report_is_taken_in(stocked: NewSite, visitor: Visitor) -> None:
    challenge = look(visitor, stocked)
    reply = send(visitor, challenge, 3)
    assert (reply.status_code, reply.json()) == (202, {})
    assert reply["Cache-Control"] == "no-store"
    made = PictureReport.objects.get()
    assert made.photo.renditions.get().pk == outcome_of(challenge).renditions[3]
    assert made.prefix == outcome_of(challenge).prefix
    assert now(made.photo)[0] == "pooled"


@pytest.mark.parametrize("picture", [None, -1, 12, "3", 1.5, True, [3], {}])
def test_a_report_names_one_picture(stocked: NewSite, visitor: Visitor, picture: Any) -> None:
    reply = send(visitor, look(visitor, stocked), picture)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")
    assert reply.json()["message"] == "picture is the number of one picture, from 0 to 11."


def test_only_what_was_looked_at_can_be_reported(stocked: NewSite, visitor: Visitor) -> None:
    unseen = visitor.ask(stocked.site.sitekey).json()["id"]
    for challenge in (unseen, "a" * 32):
        reply = send(visitor, challenge)
        assert (reply.status_code, reply.json()["error"]) == (404, "unknown_challenge")
    assert not PictureReport.objects.exists()


def test_it_can_be_reported_after_the_answer_and_after_its_time(
    stocked: NewSite, visitor: Visitor, bot: Visitor
) -> None:
    answered, late = look(visitor, stocked), look(bot, stocked)
    visitor.answer(answered, [0])
    assert send(visitor, answered).status_code == 202
    with time_machine.travel(timedelta(seconds=200)):
        sweep.close_overdue()
        assert send(bot, late).status_code == 202
    assert PictureReport.objects.count() == 2


def test_one_picture_of_a_challenge_can_be_reported(stocked: NewSite, visitor: Visitor) -> None:
    challenge = look(visitor, stocked)
    assert [send(visitor, challenge, 3).status_code for _ in range(2)] == [202, 202]
    other = send(visitor, challenge, 4)
    assert (other.status_code, other.json()["error"]) == (409, "already_reported")
    assert PictureReport.objects.count() == 1


def test_a_network_reports_five_at_once_and_then_one_a_minute(
    cat: Photo, site_owner: NewSite, visitor: Visitor
) -> None:
    opened = [shown([cat], "203.0.113.7", site_owner.site) for _ in range(7)]
    assert [send(visitor, one).status_code for one in opened] == [202] * 5 + [429] * 2
    with time_machine.travel(timedelta(seconds=61)):
        assert send(visitor, opened[6]).status_code == 202


def test_a_network_counts_once_for_a_photo_today_and_tomorrow(
    cat: Photo, site_owner: NewSite
) -> None:
    noon = 1_800_000_000 - 1_800_000_000 % 86_400 + 43_200
    for later in (0, 0, 3600, 86_400):
        with time_machine.travel(noon + later):
            report_photo(cat, site_owner.site, [1])
    assert cat.reports.count() == 1


def test_a_challenge_that_is_passed_around_counts_for_the_network_that_got_it(
    cat: Photo, site_owner: NewSite
) -> None:
    opened = [shown([cat], address(1), site_owner.site) for _ in range(3)]
    for number, one in enumerate(opened):
        assert send(Visitor(address(number + 5)), one).status_code == 202
    assert cat.reports.count() == 1


def test_three_networks_withdraw_a_photo_until_a_person_looks(
    cat: Photo, site_owner: NewSite
) -> None:
    report_photo(cat, site_owner.site, [1, 2])
    assert now(cat) == ("pooled", "cat", "")
    report_photo(cat, site_owner.site, [3])
    assert now(cat) == ("proposed", "cat", "3 visitors reported it.")
    assert cat.reports.filter(withdrew=True).count() == 1


def test_how_many_are_needed_is_the_operators_choice(
    cat: Photo, site_owner: NewSite, settings: LazySettings
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "REPORTS_TO_WITHDRAW": 1}
    report_photo(cat, site_owner.site, [1])
    assert now(cat) == ("proposed", "cat", "1 visitor reported it.")


def test_it_is_replaced_in_challenges_that_wait(stocked: NewSite) -> None:
    draft = state.ready_drafts("12x1-public", "fresh")[0]
    photo = Photo.objects.get(rendition=draft.renditions[0])
    report_photo(photo, stocked.site, [1, 2, 3])
    stock.keep_stocked(5)
    waiting = state.ready_drafts("12x1-public", "fresh")
    assert waiting
    assert all(draft.renditions[0] not in one.renditions for one in waiting)


def test_a_person_who_accepts_it_takes_the_doubt_away(
    cat: Photo, site_owner: NewSite, reviewer: User
) -> None:
    report_photo(cat, site_owner.site, [1, 2, 3])
    assert review.accept([cat.pk], reviewer).pooled == 1
    assert now(cat) == ("pooled", "cat", "")
    # It takes as many networks again, and others.
    report_photo(cat, site_owner.site, [3, 4, 5])
    assert now(cat) == ("pooled", "cat", "")
    report_photo(cat, site_owner.site, [6])
    assert now(cat) == ("proposed", "cat", "3 visitors reported it.")


def test_a_person_settles_a_doubt_in_the_pool_too(
    cat: Photo, site_owner: NewSite, reviewer: User
) -> None:
    Photo.objects.filter(pk=cat.pk).update(doubt="4 visitors reported it.")
    assert review.accept([cat.pk], reviewer).pooled == 1
    assert now(cat) == ("pooled", "cat", "")


def test_nobody_but_a_person_who_looks_brings_it_back(cat: Photo, site_owner: NewSite) -> None:
    report_photo(cat, site_owner.site, [1, 2, 3])
    cat.refresh_from_db()
    assert not review.propose(cat, "cat", trusted=True)
    review.accept_batch(cat.batch.name, None)
    assert now(cat)[0] == "proposed"


def test_rejecting_settles_it(cat: Photo, site_owner: NewSite, reviewer: User) -> None:
    report_photo(cat, site_owner.site, [1, 2, 3])
    review.reject([cat.pk], reviewer)
    assert now(cat) == ("rejected", "cat", "")


def test_a_thousand_bots_withdraw_only_the_allowed_few(
    site_owner: NewSite, caplog: pytest.LogCaptureFixture
) -> None:
    photos = pets.pool(30)
    with caplog.at_level(logging.WARNING, logger="challenges.flows.reports"):
        for number in range(1000):
            report_photo(photos[number % len(photos)], site_owner.site, [number])
    out = Photo.objects.filter(status=Photo.Status.PROPOSED)
    assert out.count() == 3
    assert {photo.doubt for photo in out} == {"3 visitors reported it."}
    assert Photo.objects.pooled().in_doubt().count() == len(photos) - 3
    assert state.alarm_since(reports.NO_ROOM) is not None
    assert caplog.text.count("Visitors report more pictures than may be withdrawn") == 1


def test_of_a_large_pool_two_in_a_hundred_may_go(site_owner: NewSite) -> None:
    photos = pets.pool(150)
    for place, photo in enumerate(photos[:10]):
        report_photo(photo, site_owner.site, range(3 * place, 3 * place + 3))
    assert Photo.objects.filter(status=Photo.Status.PROPOSED).count() == 6


def test_the_next_day_a_few_more_may_go(site_owner: NewSite) -> None:
    photos = pets.pool(30)
    for place, photo in enumerate(photos[:5]):
        report_photo(photo, site_owner.site, range(3 * place, 3 * place + 3))
    assert Photo.objects.filter(status=Photo.Status.PROPOSED).count() == 3
    with time_machine.travel(timedelta(days=1, minutes=1)):
        report_photo(photos[4], site_owner.site, [99])
    assert now(photos[4]) == ("proposed", photos[4].label, "4 visitors reported it.")


def withdraw(photos: list[Photo], site: Site) -> None:
    """Have three networks report each of the photos."""
    for place, photo in enumerate(photos):
        report_photo(photo, site, range(3 * place, 3 * place + 3))


def withdrawn() -> int:
    """Return how many photos reports have taken out of the pool."""
    return Photo.objects.awaiting_person().in_doubt().count()


def test_while_no_person_looks_three_days_worth_may_go(site_owner: NewSite, reviewer: User) -> None:
    photos = pets.pool(60)[:60]
    for day in range(5):
        with time_machine.travel(timedelta(days=day, minutes=day)):
            withdraw(photos[10 * day : 10 * day + 10], site_owner.site)
    assert withdrawn() == 9
    looked = [photo.pk for photo in Photo.objects.awaiting_person()[:1]]
    with time_machine.travel(timedelta(days=6)):
        review.reject(looked, reviewer)
        withdraw(photos[50:], site_owner.site)
    assert withdrawn() == 9


@pytest.mark.parametrize("animal", [Animal.CAT, Animal.DOG])
def test_what_challenges_need_stays_whatever_is_reported(
    site_owner: NewSite, animal: Animal
) -> None:
    cats_and_dogs = pets.pool(26)
    withdraw([photo for photo in cats_and_dogs if photo.label == animal][:3], site_owner.site)
    assert withdrawn() == 2
    assert Photo.objects.pooled().filter(label=animal).count() == reports.STAY


def test_where_a_challenge_needs_more_photos_more_of_them_stay(site_owner: NewSite) -> None:
    Site.objects.update(pictures=16, rounds=3)
    withdraw(pets.pool(46)[:3], site_owner.site)
    assert withdrawn() == 1
    assert Photo.objects.pooled().filter(label=Animal.CAT).count() == 45


def test_a_site_on_this_machine_does_not_report_away_what_the_public_needs(
    site_owner: NewSite,
) -> None:
    photos = [pets.rendered(Animal.CAT) for _ in range(reports.STAY)]
    pets.pool(30, Rights.TRIAL)
    Site.objects.update(hosts=["localhost"])
    site_owner.site.refresh_from_db()
    assert site_owner.site.profile.audience == "loopback"
    withdraw(photos[:1], site_owner.site)
    assert withdrawn() == 0


def test_the_first_photo_of_a_day_that_goes_is_told(
    site_owner: NewSite, caplog: pytest.LogCaptureFixture
) -> None:
    photos = pets.pool(30)
    withdraw(photos[:2], site_owner.site)
    assert state.alarm_since(reports.WITHDREW) is not None
    assert caplog.text.count("it left the pool until a person looks: admin, Photos") == 1


def test_one_network_is_not_three_however_long_it_takes(cat: Photo, site_owner: NewSite) -> None:
    # Just before and just after midnight: as near to each other as reports of three days can be.
    evening = datetime(2026, 11, 22, 23, 59, 59, tzinfo=UTC)
    for seconds in (0, 2, 86_402, 2 * 86_400 - 1, 3 * 86_400, 4 * 86_400, 5 * 86_400):
        with time_machine.travel(evening + timedelta(seconds=seconds)):
            sweep.forget_addresses()
            report_photo(cat, site_owner.site, [1])
            since = evening + timedelta(seconds=seconds - reports.COUNTS)
            assert cat.reports.filter(created_at__gt=since).count() <= 1
    assert now(cat) == ("pooled", "cat", "")


def test_a_public_test_key_reports_nothing(cat: Photo, site_owner: NewSite) -> None:
    for number in range(3):
        opened = shown([cat], address(number), site_owner.site, test="pawcha-test-challenge")
        assert send(Visitor(address(number)), opened).status_code == 202
    assert not PictureReport.objects.exists()


def test_a_report_that_could_not_be_recorded_may_be_sent_again(
    stocked: NewSite, visitor: Visitor
) -> None:
    challenge = look(visitor, stocked)
    with patch("challenges.flows.reports._record", side_effect=OperationalError("gone")):
        reply = send(visitor, challenge, 3)
    assert (reply.status_code, reply.json()["error"]) == (503, "unavailable")
    assert send(visitor, challenge, 4).status_code == 202
    assert PictureReport.objects.count() == 1


def test_a_report_goes_after_two_days_and_counts_no_longer(cat: Photo, site_owner: NewSite) -> None:
    report_photo(cat, site_owner.site, [1, 2])
    with time_machine.travel(timedelta(days=1, hours=23, minutes=30)):
        sweep.forget_addresses()
        report_photo(cat, site_owner.site, [3])
        assert now(cat)[0] == "pooled"
        assert cat.reports.count() == 3
    with time_machine.travel(timedelta(days=2, minutes=1)):
        sweep.forget_addresses()
        assert cat.reports.count() == 1


@pytest.mark.django_db(transaction=True)
def test_reports_that_come_at_once_withdraw_no_more_than_may_go(
    site_owner: NewSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reports, "BUDGET", Budget(1000, 1000))
    photos = pets.pool(30)[:12]
    opened = [
        (shown([photo], address(number), site_owner.site), number)
        for photo in photos
        for number in range(4)
    ]

    def report(one: tuple[str, int]) -> None:
        try:
            reports.report(one[0], 0, ip_address(address(one[1])))
        finally:
            connection.close()

    with ThreadPoolExecutor(12) as threads:
        list(threads.map(report, opened))
    assert Photo.objects.filter(status=Photo.Status.PROPOSED).count() == 3
    assert PictureReport.objects.filter(withdrew=True).count() == 3
    assert Photo.objects.pooled().in_doubt().count() == len(photos) - 3
