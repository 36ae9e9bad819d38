"""Real photos through the whole of intake and labelling (make test-photos)."""

from __future__ import annotations

import hashlib
import io
import random
import tarfile
import time
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageOps

from challenges import imaging
from challenges.flows import intake
from challenges.flows.focus import far_off
from challenges.imaging import Focus
from challenges.models import Batch, Photo, Upload
from challenges.models.photos import Rights

PHOTOS = Path(__file__).parents[3] / "shared" / "photos"
pytestmark = pytest.mark.photos
# Of each animal.
EACH = 250


def originals(animal: str, number: int) -> list[Image.Image]:
    """Return the first photos of an animal that intake takes."""
    found: list[Image.Image] = []
    with tarfile.open(PHOTOS / f"{animal}s-original.tar") as archive:
        for entry in archive:
            file = archive.extractfile(entry) if entry.isfile() else None
            if file is None:
                continue
            try:
                found.append(imaging.decode(file.read()))
            except imaging.BadPhoto:
                continue
            if len(found) == number:
                break
    return found


def test_the_network_tells_cats_from_dogs(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch", reason="this machine only serves: torch is not installed")
    from classifier import engine

    network = engine.shipped()
    right = neither = 0
    for animal in ("cat", "dog"):
        images = originals(animal, EACH)
        for start in range(0, EACH, 32):
            made = network.predict(images[start : start + 32])
            right += sum(prediction.label == animal for prediction in made)
            neither += sum(prediction.verdict == "neither" for prediction in made)
    with capsys.disabled():
        print(f"\n{network.name}: {right} of {2 * EACH} right, {neither} called neither")
    assert right >= 0.985 * 2 * EACH
    assert neither <= 0.01 * 2 * EACH


@dataclass(frozen=True, slots=True)
class Crops:
    """What there is to see on crops, as shares of all of them."""

    seen: float
    right: float
    head_lost: float

    def __str__(self) -> str:
        return (
            f"an animal is seen on {self.seen:.1%}, the right one on {self.right:.1%}, and the "
            f"head is outside or at the very edge on {self.head_lost:.1%}"
        )


def test_a_crop_around_the_animal_loses_it_less_often(capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch", reason="this machine only serves: torch is not installed")
    from classifier import engine
    from classifier.cnn import locate, net

    network, classifier = net.load(), engine.shipped()
    each = 100
    images = [image for animal in ("cat", "dog") for image in originals(animal, each)]
    labels = ["cat"] * each + ["dog"] * each
    started = time.perf_counter()
    places = [
        place
        for start in range(0, len(images), 16)
        for place in locate.locate(network, images[start : start + 16])
    ]
    cost = (time.perf_counter() - started) / len(images)
    # Where the animal is in the middle anyway, the two kinds of crops hardly differ.
    far = [found for found in zip(images, places, labels, strict=True) if off(found)]

    def crops(*, focused: bool) -> Crops:
        """Look at two crops of each of those photos."""
        chance = random.Random(1)
        said: list[tuple[bool, bool, bool]] = []
        for image, place, label in far:
            assert place is not None
            boxes = [
                imaging.crop_box(*image.size, chance, place if focused else imaging.CENTRE)
                for _ in range(2)
            ]
            made = classifier.predict([image.crop(box) for box in boxes])
            said += [
                (one.verdict != "neither", one.verdict == label, at_edge(image, place, box))
                for one, box in zip(made, boxes, strict=True)
            ]
        return Crops(*(sum(column) / len(said) for column in zip(*said, strict=True)))

    before, after = crops(focused=False), crops(focused=True)
    with capsys.disabled():
        print(
            f"\nlooking for the animal takes {cost * 1000:.0f} ms a photo; in {len(far)} of "
            f"{len(images)} it is off the middle. Two crops of each of these\n"
            f"around the middle: {before}\naround the animal: {after}"
        )
    assert sum(place is None for place in places) <= 0.02 * len(images)
    # A crop more or less is what another machine's arithmetic may change.
    assert after.seen >= before.seen - 0.01
    assert after.right >= before.right - 0.01
    assert after.head_lost < before.head_lost / 2


def off(found: tuple[Image.Image, Focus | None, str]) -> bool:
    """Return whether the animal was found off the photo's middle."""
    return found[1] is not None and far_off(found[1])


def at_edge(image: Image.Image, place: Focus, box: tuple[int, int, int, int]) -> bool:
    """Return whether this place of the photo is outside the crop or in its outermost tenth."""
    inside = [
        (length * at - start) / (box[2] - box[0])
        for length, at, start in zip(image.size, place, box[:2], strict=True)
    ]
    return not all(0.1 <= at <= 0.9 for at in inside)


@pytest.mark.parametrize("animal", ["cat", "dog"])
def test_it_finds_an_animal_at_either_side(animal: str) -> None:
    pytest.importorskip("torch", reason="this machine only serves: torch is not installed")
    from classifier.cnn import locate, net

    network = net.load()
    for photo in originals(animal, 4):
        wide = Image.new("RGB", (2 * photo.width, photo.height), (127, 127, 127))
        wide.paste(photo, (0, 0))
        left, right = locate.locate(network, [wide, ImageOps.mirror(wide)])
        assert left is not None
        assert right is not None
        assert left[0] < 0.5 < right[0]
        assert left[0] + right[0] == pytest.approx(1, abs=0.15)


def test_crops_of_real_photos_have_one_length() -> None:
    chance = random.Random(1)
    for animal in ("cat", "dog"):
        for image in originals(animal, 40):
            rendered = imaging.render(image, chance)
            with Image.open(io.BytesIO(rendered)) as back:
                back.load()
                assert (len(rendered), back.size) == (imaging.PICTURE_BYTES, (250, 250))


@pytest.mark.django_db(transaction=True)
def test_real_photos_come_in_as_different_photos() -> None:
    batch = Batch.objects.create(name="real", rights=Rights.TRIAL, rights_text="trial")
    ids = []
    for animal in ("cat", "dog"):
        for image in originals(animal, 60):
            data = imaging.strip(image)
            sha256 = hashlib.sha256(data).hexdigest()
            intake.spool(data, sha256)
            upload = Upload.objects.create(
                batch=batch, name=animal, sha256=sha256, label=animal, label_source="folder"
            )
            ids.append(upload.pk)
    intake.take_in_all(ids, 120)
    assert Photo.objects.pooled().count() == 120
    assert Photo.objects.values("group").distinct().count() >= 119
