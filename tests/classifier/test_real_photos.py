"""Real photos through the whole of intake and labelling (make test-photos)."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

import pytest
from PIL import Image

from challenges import imaging
from challenges.flows import intake
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
    from classifier.cnn import net, predict

    network = net.load()
    right = neither = 0
    for animal in ("cat", "dog"):
        images = originals(animal, EACH)
        for start in range(0, EACH, 32):
            made = predict.predict(network, images[start : start + 32])
            right += sum(prediction.label == animal for prediction in made)
            neither += sum(prediction.label == "neither" for prediction in made)
    with capsys.disabled():
        print(f"\n{net.NAME}: {right} of {2 * EACH} right, {neither} called neither")
    assert right >= 0.97 * 2 * EACH
    assert neither <= 0.01 * 2 * EACH


def test_crops_of_real_photos_have_one_length() -> None:
    import random

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
