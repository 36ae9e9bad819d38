"""The audit: the panel reads what visitors get, and its words are worth what they prove."""

from __future__ import annotations

import random
from collections.abc import Sequence
from types import SimpleNamespace

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from challenges.drafts import Draft
from challenges.flows import auditing, compose
from challenges.models import Photo, Rendition
from challenges.models.photos import Animal, Rights
from challenges.selection import Audience, Profile, ease_step
from classifier import engine, panel, tasks
from classifier.attackers.platt import logit
from classifier.exceptions import WeightsError
from classifier.flows import audit, calibrating, easing
from classifier.models import Calibration, Reading
from tests import pets

PUBLIC = Profile(12, Audience.PUBLIC)


class Networks:
    """Two networks that say of each file what they are told to; files name their photos."""

    def __init__(self) -> None:
        self.words: dict[str, dict[bytes, float]] = {"surrogate": {}, "judge": {}}
        self.usual = 0.9
        self.read: list[bytes] = []
        self.missing: set[str] = set()

    def load(self, key: str) -> SimpleNamespace:
        """Return the network of this name."""
        if key in self.missing:
            raise WeightsError("gone")
        return SimpleNamespace(key=key)

    def tell(self, reader: SimpleNamespace, encoded: Sequence[bytes]) -> list[float]:
        """Say it."""
        self.read += encoded
        return [self.words[reader.key].get(data, self.usual) for data in encoded]


@pytest.fixture
def networks(monkeypatch: pytest.MonkeyPatch) -> Networks:
    """Return the panel's networks, none of which needs torch or weights."""
    made = Networks()
    roles = {"surrogate": panel.Role.HARDENS, "judge": panel.Role.JUDGES}
    rows = [SimpleNamespace(key=key, role=roles[key]) for key in made.words]
    monkeypatch.setattr(panel, "TABLE", tuple(rows))
    monkeypatch.setattr(panel, "fingerprint", lambda: "panel-1")
    monkeypatch.setattr(panel, "load", made.load)
    monkeypatch.setattr(panel, "tell", made.tell)
    monkeypatch.setattr(engine, "missing", list)
    return made


def mixed(number: int) -> list[Photo]:
    """Return so many photos with renditions, a dog and a cat by turns."""
    photos = pets.pool(number // 2)
    cats, dogs = photos[: number // 2], photos[number // 2 :]
    return [photo for pair in zip(dogs, cats, strict=True) for photo in pair]


def hardened(photo: Photo, *, pushed: bool, recipe: str = "swirl") -> Rendition:
    """Return the hardened rendition that is shown next of this photo."""
    name = f"renditions/test/{photo.pk}-{random.random()}.webp"
    default_storage.save(name, ContentFile(name.encode()))
    made = Rendition.objects.create(photo=photo, name=name, recipe=recipe, pushed=pushed)
    Photo.objects.filter(pk=photo.pk).update(spare=made)
    return made


def bytes_of(rendition: Rendition) -> bytes:
    """Return what a visitor gets."""
    with default_storage.open(rendition.name) as file:
        return bytes(file.read())


def scores_of(rendition: Rendition) -> dict[str, float]:
    """Return what is kept of a rendition now."""
    rendition.refresh_from_db()
    scores: dict[str, float] = rendition.scores
    return scores


# --- reading -------------------------------------------------------------------------------------


def test_every_rendition_that_is_shown_or_shown_next_is_read_once_as_its_bytes(
    db: None, networks: Networks
) -> None:
    photo = pets.rendered(Animal.CAT)
    assert photo.rendition is not None
    spare = hardened(photo, pushed=True)
    assert audit.audit(9) == 2
    assert networks.read == [
        bytes_of(photo.rendition),
        bytes_of(spare),
    ] * len(networks.words)
    assert set(Reading.objects.values_list("rendition", flat=True)) == {
        photo.rendition_id,
        spare.pk,
    }
    assert audit.audit(9) == 0


def test_retired_pictures_those_of_rejected_photos_and_starters_are_not_read(
    db: None, networks: Networks
) -> None:
    retired, rejected = pets.rendered(Animal.CAT), pets.rendered(Animal.DOG)
    pets.rendered(Animal.DOG, Rights.STARTER)
    Rendition.objects.filter(photo=retired).update(retired_at=timezone.now())
    Photo.objects.filter(pk=rejected.pk).update(status=Photo.Status.REJECTED)
    assert audit.audit(9) == 0


def test_another_panel_reads_everything_anew(
    db: None, networks: Networks, monkeypatch: pytest.MonkeyPatch
) -> None:
    photo = pets.rendered(Animal.CAT)
    assert photo.rendition is not None
    audit.audit(9)
    networks.usual = 0.3
    monkeypatch.setattr(panel, "fingerprint", lambda: "panel-2")
    assert audit.audit(9) == 1
    assert scores_of(photo.rendition)["judge"] == pytest.approx(0.3)


def test_a_network_whose_weights_are_gone_says_nothing(
    db: None, networks: Networks, caplog: pytest.LogCaptureFixture
) -> None:
    photo = pets.rendered(Animal.CAT)
    assert photo.rendition is not None
    networks.missing = {"judge"}
    audit.audit(9)
    assert set(scores_of(photo.rendition)) == {"surrogate", "together"}
    assert "The panel lacks judge" in caplog.text


def test_a_file_that_cannot_be_read_waits_and_stops_nobody(db: None, networks: Networks) -> None:
    broken, whole = pets.rendered(Animal.CAT), pets.rendered(Animal.DOG)
    assert broken.rendition is not None
    default_storage.delete(broken.rendition.name)
    assert audit.audit(9) == 1
    assert list(Reading.objects.values_list("rendition", flat=True)) == [whole.rendition_id]
    assert audit.unread() == 1


def test_labelling_comes_first(db: None, networks: Networks) -> None:
    pets.rendered(Animal.CAT)
    waits = pets.photo(Animal.CAT)
    Photo.objects.filter(pk=waits.pk).update(status=Photo.Status.UNLABELLED, label="")
    assert audit.audit(9) == 0


def test_the_whole_panel_is_also_heard_together(db: None, networks: Networks) -> None:
    photo = pets.rendered(Animal.CAT)
    assert photo.rendition is not None
    data = bytes_of(photo.rendition)
    networks.words["judge"][data], networks.words["surrogate"][data] = 0.9, 0.1
    audit.audit(9)
    assert scores_of(photo.rendition)["together"] == pytest.approx(0.5)


def test_the_task_audits(db: None, networks: Networks) -> None:
    pets.rendered(Animal.CAT)
    tasks.audit()
    assert audit.unread() == 0


# --- calibrating ---------------------------------------------------------------------------------


def a_pool(networks: Networks, number: int, sure: float, right: float) -> list[Rendition]:
    """Return hardened renditions of which networks are so sure, and right in such a share."""
    dice = random.Random(3)
    made = []
    for place, photo in enumerate(mixed(number)):
        animal = photo.label
        rendition = hardened(photo, pushed=dice.random() < 0.5)
        hit = place // 2 % 100 < 100 * right
        says_cat = hit == (animal == Animal.CAT)
        data = bytes_of(rendition)
        for words in networks.words.values():
            words[data] = sure if says_cat else 1 - sure
        made.append(rendition)
    return made


def test_on_hardened_pictures_being_sure_is_worth_what_it_proves(
    db: None, networks: Networks
) -> None:
    made = a_pool(networks, 200, sure=0.99, right=0.7)
    audit.audit(60)
    found = [scores_of(rendition)["judge"] for rendition in made]
    sure = [max(chance, 1 - chance) for chance in found]
    assert sum(sure) / len(sure) == pytest.approx(0.7, abs=0.03)
    fits = Calibration.objects.get().fits["judge"]["hardened"]
    assert fits["ece_before"] == pytest.approx(0.29, abs=0.02)
    assert fits["ece_after"] < 0.02


def test_one_who_is_mostly_wrong_is_turned_round(db: None, networks: Networks) -> None:
    made = a_pool(networks, 200, sure=0.95, right=0.1)
    audit.audit(60)
    right = [
        chance if rendition.photo.label == Animal.CAT else 1 - chance
        for rendition in made
        for chance in [scores_of(rendition)["judge"]]
    ]
    assert sum(chance > 0.5 for chance in right) / len(right) == pytest.approx(0.9, abs=0.02)


def test_hardened_pictures_have_no_scores_until_enough_of_them_were_read(
    db: None, networks: Networks
) -> None:
    made, _ = a_pool(networks, 2, sure=0.99, right=1.0)
    audit.audit(9)
    assert scores_of(made) == {}
    assert Reading.objects.filter(rendition=made).exists()
    assert auditing.audit_of(compose_of([made]), 0) == ({}, None)


def compose_of(renditions: list[Rendition]) -> Draft:
    """Return a draft of these pictures, all cats, composed before they were scored."""
    keys = [rendition.pk for rendition in renditions]
    names = [rendition.name for rendition in renditions]
    return Draft("1", keys, names, ["1"] * len(keys), 2 ** len(keys) - 1, 0.1, "", 0.0)


def test_a_pool_with_more_cats_makes_nobody_believe_in_cats() -> None:
    rows = [
        calibrating.Read(place, {"judge": 0.0}, "swirl", place % 4 > 0, None, 0.5)
        for place in range(400)
    ]
    fits = calibrating.fit(rows)["judge"]["swirl"]
    assert fits["offset"] == pytest.approx(0.0, abs=0.02)


def test_recipes_with_enough_renditions_are_calibrated_by_themselves() -> None:
    rows = [
        calibrating.Read(place, {"judge": 3.0}, "swirl", place % 10 < 9, None, 0.5)
        for place in range(250)
    ] + [
        calibrating.Read(place, {"judge": 3.0}, "crayon", place % 10 < 2, None, 0.5)
        for place in range(30)
    ]
    fits = calibrating.fit(rows)["judge"]
    assert set(fits) == {"swirl", "hardened"}
    assert fits["hardened"]["n"] == 280


def test_the_error_of_chances_is_the_one_of_the_worked_example() -> None:
    # attack-math 5.5: bins of 50, 30 and 20 photos.
    bins = [(50, 0.9, 0.95), (30, 0.7, 0.8), (20, 0.6, 0.55)]
    chances = [sure for number, _, sure in bins for _ in range(number)]
    cats = [place < number * right for number, right, _ in bins for place in range(number)]
    assert calibrating.ece(chances, cats) == pytest.approx(0.065)


def test_it_is_fitted_anew_when_there_is_much_more_to_go_by(db: None, networks: Networks) -> None:
    a_pool(networks, 80, sure=0.99, right=0.7)
    audit.audit(60)
    pets.rendered(Animal.CAT)
    audit.audit(60)
    assert Calibration.objects.count() == 1
    a_pool(networks, 80, sure=0.99, right=0.7)
    audit.audit(60)
    assert Calibration.objects.count() == 2


# --- ease ----------------------------------------------------------------------------------------


def read(
    margin: float, right: float, *, pushed: bool, cat: bool = True
) -> tuple[calibrating.Read, dict[str, float]]:
    """Return a rendition of a photo of this margin that the judge reads so."""
    p_cat = 1 / (1 + 2.718281828 ** -(margin if cat else -margin))
    row = calibrating.Read(1, {}, "swirl", cat, pushed, p_cat)
    return row, {"judge": right if cat else 1 - right}


def test_the_ease_is_the_mean_of_both_sides_of_the_coin_however_many_there_are_of_each() -> None:
    rows = [read(2, 0.1, pushed=True)] * 20 + [read(2, 0.9, pushed=False, cat=False)] * 60
    low, slope = easing.fit(rows)["hardened"]["judge"]
    ease = 1 / (1 + 2.718281828 ** -(low + slope * 2))
    assert ease == pytest.approx(0.5, abs=0.01)


def test_photos_that_the_network_finds_hard_have_less_of_it(db: None, networks: Networks) -> None:
    for place, photo in enumerate(mixed(100)):
        assert photo.rendition is not None
        hard = place % 4 < 2
        told = (0.6 if hard else 0.98) if place % 2 else (0.4 if hard else 0.02)
        data = bytes_of(photo.rendition)
        for words in networks.words.values():
            words[data] = told
        Photo.objects.filter(pk=photo.pk).update(p_cat=told)
    audit.audit(60)
    eases = Photo.objects.order_by("ease").values_list("ease", flat=True)
    assert len(set(eases)) == 2
    assert eases[0] == pytest.approx(0.6, abs=0.03)
    assert eases[99] == pytest.approx(0.98, abs=0.03)
    assert {ease_step(ease) for ease in eases if ease is not None} == set(eases)


def all_of(networks: Networks, said: dict[str, float]) -> None:
    """Make 100 plain photos, and let each network read them all with this chance."""
    for photo in mixed(100):
        assert photo.rendition is not None
        for name, right in said.items():
            told = right if photo.label == Animal.CAT else 1 - right
            networks.words[name][bytes_of(photo.rendition)] = told
        Photo.objects.filter(pk=photo.pk).update(p_cat=0.8 if photo.label == Animal.CAT else 0.2)
    audit.audit(60)


def test_photos_nobody_looked_at_or_that_experts_doubt_have_no_ease(
    db: None, networks: Networks
) -> None:
    all_of(networks, {"surrogate": 0.7, "judge": 0.7})
    unknown, *doubted = Photo.objects.order_by("pk")[:3]
    Photo.objects.filter(pk=unknown.pk).update(p_cat=None)
    for photo, kind in zip(doubted, (Photo.Doubt.NETWORK, Photo.Doubt.REVIEWERS), strict=True):
        photo.doubt, photo.doubt_kind = "It looks like a fox.", kind
        photo.save(update_fields=["doubt", "doubt_kind"])
    assert easing.update() == 3
    assert Photo.objects.filter(ease=None).count() == 3


@pytest.mark.parametrize("kind", set(Photo.Doubt) - {Photo.Doubt.NETWORK, Photo.Doubt.REVIEWERS})
def test_visitors_and_bots_cannot_take_photos_out_of_a_budget(
    db: None, networks: Networks, kind: Photo.Doubt
) -> None:
    all_of(networks, {"surrogate": 0.7, "judge": 0.7})
    Photo.objects.update(doubt="3 visitors reported it.", doubt_kind=kind)
    assert easing.update() == 0
    assert not Photo.objects.filter(ease=None).exists()


def test_photos_are_locked_in_the_order_of_the_deck_before_they_are_written(
    db: None, networks: Networks
) -> None:
    """So do tallies and reviews: in any other order each could wait for the other."""
    all_of(networks, {"surrogate": 0.7})
    Photo.objects.update(ease=None)
    with CaptureQueriesContext(connection) as asked:
        assert easing.update() == 100
    rows = [one["sql"] for one in asked.captured_queries]
    (written,) = [at for at, sql in enumerate(rows) if sql.startswith("UPDATE challenges_photo")]
    locked = rows[written - 1]
    assert "FOR NO KEY UPDATE" in locked
    assert locked.count(" ASC") == 3
    assert Photo.objects.in_deck_order().query.order_by == ("label", "deal_order", "id")


def test_judges_take_no_part_in_choosing(db: None, networks: Networks) -> None:
    all_of(networks, {"surrogate": 0.6, "judge": 0.98})
    assert set(Calibration.objects.get().eases["plain"]) == {"surrogate"}
    (ease,) = set(Photo.objects.values_list("ease", flat=True))
    assert ease == pytest.approx(0.6, abs=0.02)


def test_where_only_judges_read_there_is_no_ease(db: None, networks: Networks) -> None:
    networks.missing = {"surrogate"}
    all_of(networks, {"judge": 0.9})
    assert Reading.objects.count() == 100
    assert set(Photo.objects.values_list("ease", flat=True)) == {None}


def test_a_photo_that_is_mostly_read_wrongly_is_as_easy_for_who_says_the_opposite(
    db: None, networks: Networks
) -> None:
    all_of(networks, {"surrogate": 0.1, "judge": 0.1})
    (ease,) = set(Photo.objects.values_list("ease", flat=True))
    assert ease == pytest.approx(0.9, abs=0.02)


def test_the_ease_says_nothing_about_the_coin(db: None, networks: Networks) -> None:
    dice = random.Random(9)
    for place, photo in enumerate(mixed(120)):
        p_cat = dice.uniform(0.5, 0.99) if place % 2 else dice.uniform(0.01, 0.5)
        Photo.objects.filter(pk=photo.pk).update(p_cat=p_cat)
        rendition = hardened(photo, pushed=place % 4 < 2)
        Photo.objects.filter(pk=photo.pk).update(rendition=rendition, spare=None)
        data = bytes_of(rendition)
        for words in networks.words.values():
            words[data] = 0.05 if (place % 4 < 2) == bool(place % 2) else 0.95
    audit.audit(60)
    before = dict(Photo.objects.values_list("pk", "ease"))
    assert None not in before.values()
    # The other side of every coin, and what networks then say of it.
    for rendition in Rendition.objects.filter(pushed__isnull=False):
        flipped = {name: 1 - p_cat for name, p_cat in rendition.scores.items()}
        Rendition.objects.filter(pk=rendition.pk).update(
            pushed=not rendition.pushed, scores=flipped
        )
        reading = rendition.reading
        Reading.objects.filter(pk=reading.pk).update(
            logits={name: -value for name, value in reading.logits.items()}
        )
    Calibration.objects.all().delete()
    calibrating.recalibrate()
    easing.update()
    assert dict(Photo.objects.values_list("pk", "ease")) == before


# --- what comes of it ----------------------------------------------------------------------------


def test_a_challenge_of_read_pictures_has_its_number(pool: list[Photo], networks: Networks) -> None:
    audit.audit(60)
    draft = compose.compose(PUBLIC, "fresh")
    judged, headline = auditing.audit_of(draft, 0)
    assert set(judged) == {"surrogate", "judge", "together"}
    cats = draft.cats.bit_count()
    p_cat = draft.chances["judge"][[draft.cats >> place & 1 for place in range(12)].index(1)]
    expected = p_cat**cats * (1 - p_cat) ** (12 - cats)
    assert judged["judge"]["solves"] == pytest.approx(expected)
    assert headline is not None
    assert headline >= expected


def test_chances_are_the_log_odds_turned_back() -> None:
    told = [0.2, 0.5, 0.9]
    assert [1 / (1 + 2.718281828**-z) for z in logit(told)] == pytest.approx(told)
