"""Runs, versions and reviewed photos for tests: tiny networks, and pictures of two colours."""

from __future__ import annotations

import itertools
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image

from challenges import imaging
from challenges.models import Label, Photo
from challenges.models.photos import Animal
from classifier.cnn.config import ModelSpec, Preprocessing, TrainingConfig
from classifier.flows import versions
from tests import pets
from tests.drawn import picture

if TYPE_CHECKING:
    from classifier.cnn.predict import Prediction

_seeds = itertools.count(1)
COLOURS = {Animal.CAT: (220, 120, 30), Animal.DOG: (40, 80, 200)}


def a_run(folder: Path, name: str, classes: tuple[str, ...] = ("cat", "dog")) -> Path:
    """Write a run's folder: random weights of our smallest network, and what was measured."""
    import torch

    from classifier.cnn import net, weights

    torch.manual_seed(next(_seeds))
    run = folder / name
    run.mkdir(parents=True)
    network = net.Classifier(net.create("pawnet", len(classes), pretrained=False))
    spec = ModelSpec(name, "pawnet", classes, Preprocessing(size=32))
    weights.write(run / "weights.safetensors", network, spec)
    (run / "result.json").write_text(json.dumps(result(name)))
    (run / "config.json").write_text(json.dumps(asdict(TrainingConfig(data=("pool",)))))
    sides = {
        side: [{"name": "x", "sha256": "0" * 64, "class": word} for word in ("cat", "dog")] * many
        for side, many in (("train", 400), ("val", 50), ("test", 25))
    }
    (run / "split.json").write_text(json.dumps({"classes": list(classes)} | sides))
    return run


def result(name: str) -> dict[str, object]:
    """Return what a run says of itself."""
    test = {"n": 50, "right": 49, "accuracy": 0.98, "interval": [0.8935, 0.9995]}
    sides = dict.fromkeys(("val", "test"), test | {"ece_before": 0.03, "ece_after": 0.0124})
    return {"name": name, "arch": "pawnet", "epochs": 3} | sides


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Put a tiny shipped model in the place of the real one, and forget what was checked."""
    run = a_run(tmp_path / "shipped", "shipped-1")
    path = tmp_path / "weights" / "shipped.safetensors"
    path.parent.mkdir()
    (run / "weights.safetensors").rename(path)
    card = {"sha256": versions.digest(path), "name": "shipped-1"}
    path.with_suffix(".json").write_text(json.dumps(card))
    monkeypatch.setattr(versions, "SHIPPED", path)
    forget()
    yield path
    forget()


def forget() -> None:
    """Forget what this process and this machine know of weights files: like a new worker."""
    versions._checked.clear()
    versions._unusable.clear()
    shutil.rmtree(Path(settings.PAWCHA_VAR) / "models", ignore_errors=True)


def reviewed(animal: Animal, group: int | None = None, *, by: str = "person") -> Photo:
    """Return a pooled photo with its file, whose label somebody has said."""
    photo = pets.photo(animal, group=group)
    Label.objects.create(photo=photo, label=animal, source=by)
    tint = Image.new("RGB", (200, 160), COLOURS[animal])
    image = Image.blend(picture(photo.pk, 200, 160), tint, 0.7)
    default_storage.save(photo.storage_name, ContentFile(imaging.strip(image)))
    return photo


def pool(each: int) -> list[Photo]:
    """Return as many reviewed cats as dogs."""
    return [reviewed(animal) for _ in range(each) for animal in (Animal.CAT, Animal.DOG)]


Look = Callable[[Path, str, Iterable[tuple[int, Image.Image]]], Iterator[tuple[int, "Prediction"]]]


def judge(wrong: dict[str, int], **other: float) -> Look:
    """Return a way to look by which each version, by its SHA-256, gets so many photos wrong.

    It is as sure as it is often right, unless `confidence` says otherwise for the last one.
    """
    from classifier.cnn.predict import Prediction

    def look(
        path: Path, sha256: str, images: Iterable[tuple[int, Image.Image]]
    ) -> Iterator[tuple[int, Prediction]]:
        truth = dict(Photo.objects.values_list("pk", "label"))
        seen = [pk for pk, _ in images]
        last = sha256 == list(wrong)[-1]
        sure = 1 - wrong[sha256] / max(len(seen), 1)
        confidence = other.get("confidence", sure) if last else sure
        for place, pk in enumerate(seen):
            right = place >= wrong[sha256]
            label = truth[pk] if right else ("dog" if truth[pk] == "cat" else "cat")
            p_cat = confidence if label == "cat" else 1 - confidence
            familiar = other.get("familiar", 0.9) if last else 0.9
            yield pk, Prediction(label, confidence, p_cat, familiar, {})

    return look
