"""Evaluation: how good a network is on photos that took no part in its training."""

from __future__ import annotations

import csv
import gzip
import json
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from classifier.cnn.config import NEITHER
from classifier.exceptions import BadData, BadRun, NoSuchNetwork, WeightsError
from classifier.flows import photosets, runs, versions
from classifier.progress import Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray
    from torch import Tensor

    from classifier.cnn.config import ModelSpec
    from classifier.cnn.data import PhotoSet
    from classifier.cnn.unseen import Unseen
    from classifier.cnn.weights import Loaded
    from classifier.reports.evaluation import Epoch, Evaluation, Named, Photos, Shown

# Pictures in the galleries of mistakes and of photos named right.
MISTAKES: Final = 24
RIGHT: Final = 8
# Pictures of which the network is asked at once where it looked.
TOGETHER: Final = 8


@dataclass(frozen=True, slots=True)
class Subject:
    """The network to be measured, and what is known of its training: `split` as in split.json."""

    path: Path
    sha256: str
    split: dict[str, Any] | None
    history: tuple[Epoch, ...] = ()


def shipped() -> Subject:
    """Return the shipped model. Raises WeightsError when there is none."""
    path, sha256 = versions.shipped()
    split = path.with_name("shipped-split.json.gz")
    if not split.is_file():
        return Subject(path, sha256, None)
    with gzip.open(split, "rt") as file:
        return Subject(path, sha256, json.load(file))


def of_run(folder: Path) -> Subject:
    """Return the network of a run's folder. Raises BadRun when it holds no finished run."""
    from classifier.cnn import weights

    runs.read_config(folder)
    path = folder / runs.WEIGHTS
    if not path.is_file():
        raise BadRun(
            f"The run in {folder} is not finished: go on with train_classifier --out {folder} "
            "--resume."
        )
    try:
        split = json.loads((folder / runs.SPLIT).read_text())
    except (OSError, ValueError) as error:
        raise BadRun(f"{runs.SPLIT} in {folder} is missing or damaged: train again.") from error
    return Subject(path, weights.digest(path), split, read_history(folder / runs.METRICS))


def of_version(name: str) -> Subject:
    """Return a model version. Raises BadVersion and WeightsError."""
    version = versions.named(name)
    path = versions.local_copy(version.sha256)
    return Subject(path, version.sha256, _split_of(version.learned))


def _split_of(learned: dict[str, Any]) -> dict[str, Any] | None:
    """Return what is kept of the photos that a version learnt from, in the form of split.json."""
    digests, hashes = learned.get("sha256", []), learned.get("phash", [])
    if not digests:
        return None
    if len(digests) != len(hashes):
        return {"train": digests}
    both = zip(digests, hashes, strict=True)
    return {"train": [{"sha256": digest, "phash": phash} for digest, phash in both]}


def read_history(path: Path) -> tuple[Epoch, ...]:
    """Return the figures of every epoch from metrics.csv; none when there is no such file."""
    from classifier.reports.evaluation import Epoch

    if not path.is_file():
        return ()
    with path.open(newline="") as file:
        return tuple(
            Epoch(
                int(row["epoch"]),
                *(
                    float(row[name])
                    for name in ("train_loss", "train_accuracy", "val_loss", "val_accuracy")
                ),
            )
            for row in csv.DictReader(file)
        )


def evaluate(data: Sequence[str], subject: Subject, progress: Progress) -> Evaluation:
    """Measure a network on the photos of DATA that took no part in its training.

    Photos in a folder "neither" show none of its classes: it should refuse them.
    Raises BadData when no photos are left or a class is unknown, WeightsError for bad weights.
    """
    from classifier.cnn import unseen, weights

    if weights.digest(subject.path) != subject.sha256:
        raise WeightsError(
            f"{subject.path.name} was changed: its SHA-256 is not {subject.sha256[:12]}... "
            "Copy it again from where it came."
        )
    loaded = weights.read(subject.path)
    Path(settings.PAWCHA_VAR).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.PAWCHA_VAR, prefix="photos-") as folder:
        photos = photosets.open_data(data, loaded.spec.preprocessing, Path(folder), progress)
        _check_classes(photos, loaded.spec)
        known = [place for place, one in enumerate(photos.samples) if _is_known(photos, one.label)]
        strangers = sorted(set(range(len(photos.samples))) - set(known))
        choice = unseen.choose([photos.samples[place] for place in known], subject.split or {})
        if not choice.chosen:
            raise BadData(
                f"All photos in {', '.join(data)} took part in training {loaded.spec.name}, or "
                "are nearly the same as some that did: measure it with other photos."
            )
        chosen = [known[place] for place in choice.chosen]
        about = _about(data, photos, choice, subject)
        return judge(loaded, subject, photos, chosen, strangers, about, progress)


def of_finished(
    folder: Path, photos: PhotoSet, test: Sequence[int], progress: Progress
) -> Evaluation:
    """Return what a run that has just finished is like, on its own test photos."""
    from classifier.cnn import weights
    from classifier.reports.evaluation import Photos

    subject = of_run(folder)
    said = ", ".join(map(_short, runs.read_config(folder).data))
    out = len(photos.samples) - len(test)
    about = Photos(said, len(photos.samples), len(photos.broken), out, 0, 0, "test")
    return judge(weights.read(subject.path), subject, photos, test, (), about, progress)


def judge(
    loaded: Loaded,
    subject: Subject,
    photos: PhotoSet,
    chosen: Sequence[int],
    strangers: Sequence[int],
    about: Photos,
    progress: Progress,
) -> Evaluation:
    """Measure a network on the `chosen` photos of a set; `strangers` are of none of its classes."""
    import torch

    from classifier.cnn import device, features, metrics, predict
    from classifier.reports.evaluation import Evaluation, Model, Strangers

    spec, network = loaded.spec, loaded.network.to(device.best())
    progress.start("Looking at photos", len(chosen) + len(strangers))
    look = partial(features.outputs, network, spec.preprocessing, photos.pixels)
    outputs = look(chosen, progress)
    refused = [one.verdict == NEITHER for one in predict.read(look(strangers, progress), spec)]
    places = [spec.classes.index(photos.classes[photos.samples[n].label]) for n in chosen]
    named = _named(outputs, spec, photos, chosen)
    order = sorted(range(len(chosen)), key=lambda place: -named[place].confidence)
    wrong = [place for place in order if named[place].said != named[place].given]
    right = _spread([place for place in order if named[place].said == named[place].given], RIGHT)
    artist = _Artist(loaded, photos, chosen, named, progress)
    return Evaluation(
        model=Model(
            name=spec.name,
            arch=spec.arch,
            classes=spec.classes,
            size=spec.preprocessing.size,
            bytes=subject.path.stat().st_size,
            sha256=subject.sha256,
        ),
        photos=about,
        metrics=metrics.measure(
            outputs[:, :-1], torch.tensor(places), spec.classes, spec.temperature
        ),
        refused=sum(one.neither for one in named),
        strangers=Strangers(len(refused), sum(refused)) if refused else None,
        mistakes=tuple(named[place] for place in wrong),
        gallery=artist.draw(wrong[:MISTAKES], "Drawing mistakes"),
        right=artist.draw(right, "Drawing photos named right"),
        history=subject.history,
        no_maps=artist.no_maps,
    )


@dataclass(slots=True)
class _Artist:
    """Draws photos for the galleries, and where the network looked beside each."""

    loaded: Loaded
    photos: PhotoSet
    chosen: Sequence[int]
    named: Sequence[Named]
    progress: Progress
    no_maps: str = ""

    def draw(self, places: Sequence[int], stage: str) -> tuple[Shown, ...]:
        """Return the photos at these places among the chosen ones."""
        self.progress.start(stage, len(places))
        shown: list[Shown] = []
        for start in range(0, len(places), TOGETHER):
            some = places[start : start + TOGETHER]
            maps = self._maps(some)
            shown += [self._one(place, heat) for place, heat in zip(some, maps, strict=True)]
            self.progress.advance(len(some))
        return tuple(shown)

    def _maps(self, places: Sequence[int]) -> Sequence[NDArray[np.float32] | None]:
        import torch

        from classifier.cnn import device, predict
        from classifier.cnn.gradcam import gradcam

        spec, network = self.loaded.spec, self.loaded.network
        pixels = self.photos.pixels[[self.chosen[place] for place in places]]
        pictures = torch.from_numpy(pixels).to(device.best()).permute(0, 3, 1, 2)
        said = [spec.classes.index(self.named[place].said) for place in places]
        try:
            return list(gradcam(network, predict.normalise(pictures, spec.preprocessing), said))
        except NoSuchNetwork as error:
            self.no_maps = str(error)
            return [None] * len(places)

    def _one(self, place: int, heat: NDArray[np.float32] | None) -> Shown:
        from classifier.reports import pictures
        from classifier.reports.evaluation import Shown

        index = self.chosen[place]
        pixels, sample = self.photos.pixels[index], self.photos.samples[index]
        shape = (sample.width, sample.height)
        looked = "" if heat is None else pictures.looked(pixels, heat, *shape)
        return Shown(self.named[place], pictures.uri(pixels, *shape), looked)


def _named(
    outputs: Tensor, spec: ModelSpec, photos: PhotoSet, chosen: Sequence[int]
) -> list[Named]:
    from classifier.cnn import predict
    from classifier.reports.evaluation import Named

    found = []
    for index, one in zip(chosen, predict.read(outputs, spec), strict=True):
        sample = photos.samples[index]
        given, neither = photos.classes[sample.label], one.verdict == NEITHER
        found.append(Named(sample.name, given, one.label, one.confidence, neither))
    return found


def _spread(places: Sequence[int], count: int) -> list[int]:
    """Return a few of them, evenly spread from the first to the last."""
    if len(places) <= count:
        return list(places)
    return [places[round(n * (len(places) - 1) / (count - 1))] for n in range(count)]


def _about(data: Sequence[str], photos: PhotoSet, choice: Unseen, subject: Subject) -> Photos:
    from classifier.reports.evaluation import Photos

    which = "unknown" if subject.split is None else "test" if choice.tested else "unseen"
    return Photos(
        said=", ".join(map(_short, data)),
        found=len(photos.samples),
        broken=len(photos.broken),
        same=choice.same,
        alike=choice.alike,
        aside=choice.aside,
        which=which,
    )


def _short(data: str) -> str:
    """Return what DATA is called, without where it lies on this machine."""
    return Path(data).resolve().name if data != photosets.POOL else data


def _is_known(photos: PhotoSet, label: int) -> bool:
    return photos.classes[label] != NEITHER


def _check_classes(photos: PhotoSet, spec: ModelSpec) -> None:

    for name in photos.classes:
        if name not in (*spec.classes, NEITHER):
            raise BadData(
                f"These photos show {', '.join(photos.classes)}, and {spec.name} knows "
                f"{', '.join(spec.classes)}: leave {name} out, or put photos that show none of "
                f"them into a folder called {NEITHER}."
            )
