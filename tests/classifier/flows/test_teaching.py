"""Teaching: a network learns from our hardened pictures, and how easy photos are for it."""

from __future__ import annotations

import io
import random
from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.utils import timezone
from PIL import Image

from challenges.flows.hardness import LEARNED
from challenges.models import Mark, Photo, Rendition
from challenges.models.photos import Animal, Rights
from classifier import engine, panel
from classifier.cnn import probe
from classifier.exceptions import WeightsError
from classifier.flows import audit, teaching
from classifier.models import Calibration, Glimpse, Lesson, Rotation
from tests import pets

# Fewer than in service, so that it takes no time.
ENOUGH = 30
SEEN = 6

Features = Callable[[Photo, bool], list[float]]


class Sight:
    """What the frozen network sees in each file; it remembers at what it looked."""

    def __init__(self) -> None:
        self.sees: dict[bytes, list[float]] = {}
        self.looked: list[bytes] = []
        self.fails_after = 10**9

    def look(self, encoded: list[bytes]) -> teaching.Floats:
        """Return it."""
        if len(self.looked) + len(encoded) > self.fails_after:
            raise RuntimeError("killed")
        self.looked += encoded
        return np.array([self.sees[data] for data in encoded], dtype=np.float32)


def the_panel(monkeypatch: pytest.MonkeyPatch, role: panel.Role) -> None:
    """Have a panel of one network of this role."""
    monkeypatch.setattr(panel, "TABLE", (SimpleNamespace(key=teaching.NETWORK, role=role),))


@pytest.fixture
def sight(monkeypatch: pytest.MonkeyPatch) -> Sight:
    """Return the eyes of the one network that there is, which needs no weights."""
    made = Sight()
    the_panel(monkeypatch, panel.Role.HARDENS)
    monkeypatch.setattr(panel, "fingerprint", lambda: "panel-1")
    monkeypatch.setattr(teaching, "ENOUGH_TO_LEARN", ENOUGH)
    monkeypatch.setattr(teaching, "look", made.look)
    monkeypatch.setattr(probe, "STEPS", 5)
    monkeypatch.setattr(probe, "PENALTIES", (1e-2,))
    monkeypatch.setattr(engine, "missing", list)
    return made


def plainly(photo: Photo, pushed: bool) -> list[float]:
    """Return features by which everybody tells cats from dogs, and a little noise."""
    dice = random.Random(photo.pk)
    side = 1.0 if photo.label == Animal.CAT else -1.0
    return [side, *(dice.gauss(0, 1) for _ in range(SEEN - 1))]


def harden(sight: Sight, photos: list[Photo], features: Features = plainly) -> list[Rendition]:
    """Show hardened renditions of these photos, pushed to one side and the other by turns."""
    made = []
    for place, photo in enumerate(photos):
        name = f"renditions/test/{photo.pk}-{random.random()}.webp"
        default_storage.save(name, ContentFile(name.encode()))
        # Cats come first, then dogs.
        pushed = place % 2 == 0
        made.append(Rendition(photo=photo, name=name, recipe="swirl", pushed=pushed))
        sight.sees[name.encode()] = features(photo, pushed)
    for rendition in Rendition.objects.bulk_create(made):
        Photo.objects.filter(pk=rendition.photo_id).update(rendition=rendition)
    return made


def a_pool(sight: Sight, features: Features = plainly, each: int = ENOUGH) -> list[Rendition]:
    """Return hardened renditions of new photos, of whose animal the labelling network is sure."""
    photos = pets.pool(each)
    for animal, p_cat in ((Animal.CAT, 0.9), (Animal.DOG, 0.1)):
        Photo.objects.filter(label=animal, p_cat=None).update(p_cat=p_cat)
    return harden(sight, photos, features)


def taught() -> Lesson:
    """Return what came of teaching, and write down how easy photos are then."""
    lesson = teaching.teach(60)
    assert lesson is not None
    teaching.update()
    return lesson


def eases() -> set[float | None]:
    """Return how easy photos are for the network that was taught."""
    return set(Photo.objects.values_list("taught_ease", flat=True))


# --- what it learns from -------------------------------------------------------------------------


def test_it_says_from_how_many_it_learned_and_how_many_it_reads(db: None, sight: Sight) -> None:
    a_pool(sight)
    lesson = taught()
    assert (lesson.learned, lesson.right) == (2 * ENOUGH, 2 * ENOUGH)
    assert (lesson.network, lesson.panel) == ("lite1", "panel-1")
    (ease,) = eases()
    assert ease is not None
    assert ease >= 0.9


def test_no_rendition_is_read_by_a_head_that_saw_its_photo_or_one_like_it(
    db: None, sight: Sight, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each pair of near-duplicates has a feature of its own: who saw one knows the other."""
    photos = pets.pool(ENOUGH)
    groups = {photo.pk: photo.pk - photo.pk % 2 for photo in photos}
    Photo.objects.update(p_cat=0.5)
    for photo in photos:
        Photo.objects.filter(pk=photo.pk).update(group=groups[photo.pk])
    known = sorted(set(groups.values()))
    # What a pair shows is a coin: who knows all the others cannot tell.
    dice = random.Random(1)
    shows = {group: dice.choice([Animal.CAT, Animal.DOG]) for group in known}
    for photo in photos:
        Photo.objects.filter(pk=photo.pk).update(label=shows[groups[photo.pk]])

    def its_own(photo: Photo, _: bool) -> list[float]:
        return [5.0 * (group == groups[photo.pk]) for group in known]

    harden(sight, photos, its_own)
    monkeypatch.setattr(teaching, "ENOUGH_TO_LEARN", 10)
    lesson = taught()
    assert lesson.learned == 2 * ENOUGH
    # Who had seen one of each pair would read all.
    assert lesson.right < 0.9 * lesson.learned


def test_the_stored_head_reads_what_comes_later(db: None, sight: Sight) -> None:
    a_pool(sight)
    lesson = taught()
    later = np.array(plainly(Photo(pk=10**6, label=Animal.CAT), False))
    assert later @ np.array(lesson.weight) + lesson.bias > 0
    later[0] = -1
    assert later @ np.array(lesson.weight) + lesson.bias < 0


def test_plain_pictures_and_starters_are_not_learned_from(db: None, sight: Sight) -> None:
    known = a_pool(sight)
    harden(sight, pets.pool(3, Rights.STARTER))
    taught()
    assert set(Glimpse.objects.values_list("rendition", flat=True)) == {one.pk for one in known}


def test_retired_ones_are_remembered_but_not_looked_at_any_more(db: None, sight: Sight) -> None:
    known, gone = a_pool(sight), harden(sight, pets.pool(2))
    Rendition.objects.filter(pk__in=[one.pk for one in gone]).update(retired_at=timezone.now())
    assert taught().learned == len(known)
    Rendition.objects.update(retired_at=timezone.now())
    Rotation.objects.create(recipes={}, digest="new")
    assert taught().learned == len(known)


def test_the_latest_ones_are_learned_from_and_older_ones_forgotten(
    db: None, sight: Sight, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_pool(sight)
    taught()
    monkeypatch.setattr(teaching, "MOST", 2 * ENOUGH)
    latest = a_pool(sight)
    Rotation.objects.create(recipes={}, digest="new")
    assert taught().learned == 2 * ENOUGH
    assert set(Glimpse.objects.values_list("rendition", flat=True)) == {one.pk for one in latest}


def test_many_later_ones_of_one_animal_do_not_crowd_out_the_other(
    db: None, sight: Sight, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "MOST", 2 * ENOUGH)
    a_pool(sight)
    Photo.objects.update(p_cat=0.5)
    harden(sight, [pets.rendered(Animal.CAT) for _ in range(2 * ENOUGH)])
    assert taught().learned == 2 * ENOUGH
    assert len(sight.looked) == 2 * ENOUGH
    # So it is of those that were looked at before, too.
    dogs = Glimpse.objects.filter(rendition__photo__label=Animal.DOG)
    assert dogs.count() == ENOUGH


def test_sites_know_whether_one_has_learned(
    db: None, sight: Sight, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned = Mark.objects.filter(name=LEARNED)
    teaching.update()
    assert not learned.exists()
    a_pool(sight)
    taught()
    assert learned.exists()
    monkeypatch.setattr(panel, "fingerprint", lambda: "panel-2")
    teaching.update()
    assert not learned.exists()


@pytest.mark.parametrize("each", [ENOUGH - 1, 0])
def test_from_too_few_nothing_is_learned_until_there_are_more(
    db: None, sight: Sight, each: int
) -> None:
    a_pool(sight, each=each)
    assert teaching.teach(60) is None
    assert eases() <= {None}
    a_pool(sight, each=1 if each else ENOUGH)
    assert taught().learned == 2 * ENOUGH


def test_many_renditions_of_few_photos_are_not_enough(db: None, sight: Sight) -> None:
    photos = pets.pool(2)
    for _ in range(ENOUGH):
        harden(sight, photos)
    assert teaching.teach(60) is None


def test_a_judge_is_never_taught(db: None, sight: Sight, monkeypatch: pytest.MonkeyPatch) -> None:
    a_pool(sight)
    the_panel(monkeypatch, panel.Role.JUDGES)
    assert teaching.teach(60) is None
    assert sight.looked == []


def test_the_one_that_is_shipped_is_no_judge() -> None:
    assert panel.network(teaching.NETWORK).role is not panel.Role.JUDGES


# --- the coin ------------------------------------------------------------------------------------


def fooled(photo: Photo, pushed: bool) -> list[float]:
    """Return features that tell the animal of some pushed ones, and the other one of the rest."""
    seen = plainly(photo, pushed)
    wrong = pushed and photo.pk % 6 < 3
    return [-seen[0] if wrong else seen[0], *seen[1:]]


def test_how_easy_a_photo_is_says_nothing_about_its_coin(db: None, sight: Sight) -> None:
    a_pool(sight, fooled, 60)
    lesson = taught()
    assert lesson.right < lesson.learned
    # All are of one margin, and half of them are pushed to the wrong side.
    assert Rendition.objects.filter(pushed=True).count() == 60
    (ease,) = eases()
    assert ease is not None
    assert 0.5 < ease < 0.98


def test_the_other_side_of_every_coin_changes_nothing(db: None, sight: Sight) -> None:
    made = a_pool(sight, fooled, 60)
    dice = random.Random(4)
    for photo in Photo.objects.all():
        p_cat = dice.uniform(0.5, 0.99)
        told = p_cat if photo.label == Animal.CAT else 1 - p_cat
        Photo.objects.filter(pk=photo.pk).update(p_cat=told)
    taught()
    before = dict(Photo.objects.values_list("pk", "taught_ease"))
    for rendition in made:
        Rendition.objects.filter(pk=rendition.pk).update(pushed=not rendition.pushed)
    Lesson.objects.all().delete()
    taught()
    assert dict(Photo.objects.values_list("pk", "taught_ease")) == before


def test_who_reads_nothing_leaves_photos_at_a_half_and_never_below(db: None, sight: Sight) -> None:
    def nothing(photo: Photo, _: bool) -> list[float]:
        return [random.Random(photo.pk).gauss(0, 1)]

    a_pool(sight, nothing, 60)
    taught()
    (ease,) = eases()
    assert ease is not None
    assert 0.5 <= ease < 0.6


def test_a_photo_that_is_shown_plain_has_no_ease(db: None, sight: Sight) -> None:
    first, *_ = a_pool(sight)
    plain = Rendition.objects.filter(photo=first.photo, recipe="plain").get()
    Photo.objects.filter(pk=first.photo_id).update(rendition=plain)
    taught()
    (photo,) = Photo.objects.filter(taught_ease=None)
    assert photo.pk == first.photo_id


# --- when ----------------------------------------------------------------------------------------


def test_it_is_taught_anew_with_a_new_calibration_or_rotation_and_else_not(
    db: None, sight: Sight
) -> None:
    a_pool(sight)
    taught()
    assert teaching.teach(60) is None
    Calibration.objects.create(panel="panel-1", readings=1, fits={})
    taught()
    Rotation.objects.create(recipes={}, digest="new")
    taught()
    assert teaching.teach(60) is None
    assert Lesson.objects.count() == 3
    # It looked at each of them once.
    assert len(sight.looked) == 2 * ENOUGH


def test_one_who_is_killed_goes_on_with_what_was_seen(
    db: None, sight: Sight, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "PORTION", 30)
    a_pool(sight)
    sight.fails_after = 31
    with pytest.raises(RuntimeError, match="killed"):
        teaching.teach(60)
    assert Glimpse.objects.count() == 30
    sight.fails_after = 10**9
    assert taught().learned == 2 * ENOUGH
    assert len(sight.looked) == len(set(sight.looked)) == 2 * ENOUGH


def test_without_the_time_to_look_at_all_it_learns_in_a_later_round(
    db: None, sight: Sight, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(teaching, "PORTION", 30)
    clock = iter(range(1000))
    monkeypatch.setattr("time.monotonic", lambda: next(clock))
    a_pool(sight)
    assert teaching.teach(2) is None
    assert Glimpse.objects.count() == 30
    assert teaching.teach(60) is not None


def test_labelling_comes_first(db: None, sight: Sight) -> None:
    a_pool(sight)
    waits = pets.photo(Animal.CAT)
    Photo.objects.filter(pk=waits.pk).update(status=Photo.Status.UNLABELLED, label="")
    assert teaching.teach(60) is None
    assert sight.looked == []


def test_files_that_cannot_be_read_stop_nobody(db: None, sight: Sight) -> None:
    made = a_pool(sight, each=ENOUGH + 1)
    default_storage.delete(made[0].name)
    assert taught().learned == len(made) - 1


def test_without_its_weights_there_is_none(
    db: None, sight: Sight, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def gone(encoded: list[bytes]) -> teaching.Floats:
        raise WeightsError("gone")

    a_pool(sight)
    monkeypatch.setattr(teaching, "look", gone)
    assert teaching.teach(60) is None
    assert "No network learns from our pictures: gone" in caplog.text


def test_it_looks_at_pictures_through_a_network_of_the_panel(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(teaching, "NETWORK", "pawnet")
    # As it is: preparing the quick way takes longer than two looks.
    monkeypatch.setattr(panel, "quick", lambda reader: reader)
    pictures = []
    for colour in ("red", "green"):
        with io.BytesIO() as out:
            Image.new("RGB", (250, 250), colour).save(out, "WEBP")
            pictures.append(out.getvalue())
    seen = teaching.look(pictures)
    assert seen.shape == (2, 256)
    assert (seen[0] != seen[1]).any()


def test_another_panel_is_taught_anew(
    db: None, sight: Sight, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_pool(sight)
    taught()
    monkeypatch.setattr(panel, "fingerprint", lambda: "panel-2")
    teaching.update()
    assert eases() == {None}
    assert taught().learned == 2 * ENOUGH
    assert len(sight.looked) == 4 * ENOUGH


def test_the_audit_does_it(db: None, sight: Sight, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit, "read", lambda encoded: [{} for _ in encoded])
    a_pool(sight)
    audit.audit(60)
    assert Lesson.objects.get().learned == 2 * ENOUGH
    assert None not in eases()
