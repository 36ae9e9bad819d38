"""A thousand bots from a thousand networks lie about everything that visitors may say.

They vote a probe wrong, miss one photo on purpose, report pictures, and answer at random. Some come
through the API as anybody does; the others through the same flows behind it.
"""

from __future__ import annotations

import random
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.models import User

from challenges import state
from challenges.budgets import prefix_hashes
from challenges.drafts import Draft
from challenges.exceptions import WrongAnswer
from challenges.flows import answer, issue, reports, review, stock, tally
from challenges.flows.sites import NewSite
from challenges.models import Label, Miss, Photo, PictureReport, Site, Vote
from challenges.models.photos import Animal
from tests import pets
from tests.challenges.flows.answers import answered
from tests.conftest import Visitor

BOTS = 1000
# Of these, so many come through the API.
OVER_HTTP = 12
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
# What a lie must never change of a photo, and of a site.
LABELS = ("pk", "label", "rights", "batch")
POLICY = (
    "pictures", "rounds", "tolerance", "challenge_seconds", "token_seconds", "probes", "active",
)  # fmt: skip


def address(number: int) -> str:
    """Return an address in the /24 network of this number."""
    return f"100.{64 + number // 256}.{number % 256}.9"


@pytest.fixture
def site(site_owner: NewSite) -> Site:
    """Return a site that asks its visitors about new photos."""
    Site.objects.update(probes=True)
    site_owner.site.refresh_from_db()
    return site_owner.site


@pytest.fixture
def probe(db: None) -> Photo:
    """Return a photo of a cat that nobody has labelled yet, and about which visitors are asked."""
    photo = pets.rendered(Animal.CAT)
    Photo.objects.filter(pk=photo.pk).update(status=Photo.Status.PROBE, label="")
    return photo


@pytest.fixture
def _at_noon() -> Iterator[None]:
    """Let it be noon, so that no test crosses midnight."""
    with time_machine.travel(NOON):
        yield


class Bots:
    """A thousand machines that want one photo out, one label changed, and their way in."""

    def __init__(self, site: Site, pool: Sequence[Photo], probe: Photo) -> None:
        self.site = site
        self.pool = list(pool)
        self.probe = probe
        self.victim = pool[0]
        self.chance = random.Random(7)
        self.answers = self.passed = 0

    def attack(self) -> None:
        """Lie, each in its own way, each from its own network."""
        for number in range(BOTS - OVER_HTTP):
            self.lie(number)

    def lie(self, number: int) -> None:
        """Ask for a challenge, and report one of its pictures or answer it with a lie."""
        home = ip_address(address(number))
        photos = self._pictures()
        opened = self._open(photos, number)
        if number % 4 == 3:
            state.fetch(opened)
            reports.report(opened, self.chance.randrange(12), home)
            return
        self.answers += 1
        with suppress(WrongAnswer):
            answer.answer(opened, self._picks(photos, number), home)
            self.passed += 1

    def _pictures(self) -> list[Photo]:
        """Return eleven photos, the victim among them, and the probe: at random places."""
        photos = [self.victim, self.probe, *self.chance.sample(self.pool[1:], 10)]
        self.chance.shuffle(photos)
        return photos

    def _open(self, photos: list[Photo], number: int) -> str:
        draft = Draft(
            id=secrets.token_hex(8),
            renditions=[photo.rendition_id or 0 for photo in photos],
            names=[""] * len(photos),
            groups=[str(photo.group) for photo in photos],
            cats=sum(1 << place for place, one in enumerate(photos) if self._is_cat(one)),
            risk=0,
            pool="cleared",
            made_at=time.time(),
            probe=photos.index(self.probe),
        )
        prefix = prefix_hashes(ip_address(address(number)), settings.SECRET_KEY, time.time())[0]
        opened = issue.hand_out(
            self.site,
            draft,
            visitor=issue.Visitor((prefix, ""), session=""),
            hostname="",
            asked=issue.Asked(),
        )
        return opened.id

    def _is_cat(self, photo: Photo) -> bool:
        return photo != self.probe and photo.label == Animal.CAT

    def _picks(self, photos: list[Photo], number: int) -> list[int]:
        """Return the right places, but for the probe or the victim; or any."""
        right = [place for place, photo in enumerate(photos) if self._is_cat(photo)]
        match number % 4:
            case 0:
                return right
            case 1:
                return [place for place in right if photos[place] != self.victim] or [0]
            case _:
                return [place for place in range(12) if self.chance.random() < 0.5] or [0]


def through_the_api(site: Site, number: int) -> int:
    """Have one bot ask, look, report and answer over HTTP; return the status of its answer."""
    bot = Visitor(address(number))
    asked = bot.ask(site.sitekey).json()
    bot.get(f"/api/v1/challenges/{asked['id']}/pictures")
    draft = state.peek(asked["id"]).draft
    said = bot.post(f"/api/v1/challenges/{asked['id']}/report", {"picture": 0}, format="json")
    assert said.status_code == 202
    # Right, but for the probe, of which it says dog: it is never among the cats.
    cats = [place for place in range(draft.count) if draft.cats >> place & 1]
    return int(bot.answer(asked["id"], cats).status_code)


def rows(*fields: str, **of: Any) -> list[tuple[Any, ...]]:
    """Return these fields of the photos that are no probes, before and after all lies alike."""
    found = Photo.objects.exclude(label="").filter(**of).order_by("pk")
    return list(found.values_list(*fields))


@pytest.mark.usefixtures("_at_noon")
def test_a_thousand_lying_bots_only_make_a_person_look(
    site: Site, probe: Photo, reviewer: User
) -> None:
    pool = pets.pool(40)
    labels = [row for row in rows(*LABELS) if row[0] != probe.pk]
    policy = list(Site.objects.order_by("pk").values_list(*POLICY))
    stock.keep_stocked(10)
    assert any(one.probe >= 0 for one in state.ready_drafts(site.profile.key, "fresh"))
    seen = [through_the_api(site, BOTS - 1 - number) for number in range(OVER_HTTP)]
    assert seen == [200] * OVER_HTTP
    bots = Bots(site, pool, probe)
    bots.attack()
    assert 240 < bots.passed < 250
    with time_machine.travel(NOON + timedelta(minutes=5)):
        assert tally.count_misses(60) == bots.answers + OVER_HTTP

    # No label changed, and no policy: nothing is easier or harder than before.
    assert rows(*LABELS, pk__in=[photo.pk for photo in pool]) == labels
    assert list(Site.objects.order_by("pk").values_list(*POLICY)) == policy
    # The reports took out what their rules allow, and no lie took out more.
    out = Photo.objects.filter(pk__in=[photo.pk for photo in pool]).exclude(status="pooled")
    assert out.count() == reports.LEAST
    assert set(out.values_list("status", "doubt_kind")) == {("proposed", "reported")}
    # The victim stays, whatever was said of it, and a person is asked.
    bots.victim.refresh_from_db()
    assert bots.victim.label == "cat"
    assert bots.victim.doubt != ""
    assert 240 < bots.victim.missed < bots.victim.seen < 520
    # The probe is proposed as what they say, and no more than that.
    probe.refresh_from_db()
    assert (probe.status, probe.label, probe.doubt_kind) == ("proposed", "dog", "visitors")
    assert probe.votes.count() == settings.PAWCHA["PROBE_VOTES"]
    assert Label.objects.exclude(source=Label.Source.VISITORS).count() == 0

    # A person looks at all that came back, and settles it in one go.
    doubted = list(Photo.objects.in_doubt().exclude(pk=probe.pk).values_list("pk", flat=True))
    assert review.accept(doubted, reviewer).pooled == len(doubted)
    assert review.accept([probe.pk], reviewer, Animal.CAT).pooled == 1
    assert not Photo.objects.in_doubt().exists()
    assert Photo.objects.pooled().count() == len(pool) + 1
    with time_machine.travel(NOON + timedelta(minutes=10)):
        assert tally.count_misses(60) == 0
    assert not Photo.objects.in_doubt().exists()


@pytest.mark.usefixtures("_at_noon")
def test_day_after_day_they_put_no_more_in_doubt_than_a_person_can_look_at(
    site: Site, reviewer: User
) -> None:
    # What is bounded is not what they can say, but what comes of it.
    pool = pets.pool(20)
    came: list[int] = []
    for day in range(4):
        with time_machine.travel(NOON + timedelta(days=day)):
            _miss(site, pool, 150)
        with time_machine.travel(NOON + timedelta(days=day, minutes=5)):
            tally.count_misses(60)
            doubted = Photo.objects.in_doubt().filter(doubt_kind="missed")
            came.append(doubted.count())
            if day == 1:
                review.accept(list(doubted.values_list("pk", flat=True)), reviewer)
    assert came == [3, 3, 3, 3]
    assert Photo.objects.pooled().count() == len(pool)
    assert not PictureReport.objects.exists()
    assert not Vote.objects.exists()
    assert Miss.objects.count() == 4 * 50 * 2


def _miss(site: Site, pool: Sequence[Photo], networks: int) -> None:
    """Have so many networks answer: those that see the first six cats take two of them for dogs."""
    cats = [photo for photo in pool if photo.label == Animal.CAT]
    dogs = [photo for photo in pool if photo.label == Animal.DOG]
    for number in range(networks):
        of = 6 * (number % 3)
        wrong = [] if of else [number // 3 % 6, (number // 3 + 1) % 6]
        answered(site, cats[of : of + 6] + dogs[of : of + 6], wrong, at=datetime.now(UTC))
