"""Comparing a candidate with what labels now, on photos that neither has learned from."""

from __future__ import annotations

import gzip
import json
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.core.files.storage import default_storage
from PIL import Image

from challenges import imaging
from challenges.models import Photo
from classifier import proportions
from classifier.exceptions import CannotRetrain
from classifier.flows import frozen, versions
from classifier.models import ModelVersion
from classifier.progress import Progress

if TYPE_CHECKING:
    from classifier.cnn.predict import Prediction

logger = logging.getLogger(__name__)

# What the shipped model was trained on, so that it is not tested on it.
SHIPPED_SPLIT: Final = versions.SHIPPED.with_name("shipped-split.json.gz")
# A candidate's ECE may reach this, or that of the active version where that is more. Of a hundred
# test photos a perfectly calibrated network shows about 0.02 by chance.
MOST_ECE: Final = 0.03
# The same for the share of real cats and dogs that it calls neither.
MOST_REFUSED: Final = 0.01
# Photos decided on by fewer than this many photos would be decided by chance alone.
LEAST: Final = 20

# Weights file, its SHA-256 and numbered pictures in; the numbers with what the network says out.
Judge = Callable[[Path, str, Iterable[tuple[int, Image.Image]]], Iterator[tuple[int, "Prediction"]]]


@dataclass(frozen=True, slots=True)
class Figures:
    """How one version did on the test set. Shares 0..1; `interval` is that of `accuracy`, 95 %."""

    name: str
    sha256: str
    n: int
    wrong: int
    accuracy: float
    interval: tuple[float, float]
    ece: float
    refused: float


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether a candidate may take over, and why.

    `lost` photos only the active version got right, `won` ones only the candidate; `p` is how
    likely as large a difference is between equally good networks. From `left_out` photos of the
    test set the shipped model, or one of the two, may have learned; `unreadable` ones could not be
    opened.
    """

    active: Figures
    candidate: Figures
    lost: int
    won: int
    p: float
    left_out: int
    unreadable: int

    @property
    def against(self) -> list[str]:
        """What speaks against the candidate; nothing when it is not worse."""
        new, old = self.candidate, self.active
        found = []
        if new.wrong > old.wrong:
            found.append(
                f"it names {new.wrong} of {new.n} photos wrong, {old.name} only {old.wrong}"
            )
        if new.ece > max(MOST_ECE, old.ece):
            found.append(
                f"its ECE is {new.ece:.3f}, and may be {max(MOST_ECE, old.ece):.3f} at most"
            )
        if new.refused > max(MOST_REFUSED, old.refused):
            most = proportions.percent(max(MOST_REFUSED, old.refused))
            refused = proportions.percent(new.refused)
            found.append(f"it calls {refused} of the cats and dogs neither, and may {most} at most")
        return found

    @property
    def sentence(self) -> str:
        """The decision, in words."""
        new, old = self.candidate, self.active
        if self.against:
            return f"{new.name} is not promoted: {'; '.join(self.against)}."
        return (
            f"{new.name} is not worse than {old.name}: {new.wrong} of {new.n} photos wrong "
            f"instead of {old.wrong} (McNemar p = {self.p:.2f}), ECE {new.ece:.3f} instead of "
            f"{old.ece:.3f}."
        )

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        words = {"not_worse": not self.against, "sentence": self.sentence}
        return asdict(self) | words | {"most_ece": MOST_ECE, "most_refused": MOST_REFUSED}


@dataclass(frozen=True, slots=True)
class Contender:
    """A version to be compared: its name, its weights file, their SHA-256."""

    name: str
    path: Path
    sha256: str


def judge(
    path: Path, sha256: str, images: Iterable[tuple[int, Image.Image]]
) -> Iterator[tuple[int, Prediction]]:
    """Look at pictures as the workers do."""
    from classifier import engine

    yield from engine.load(path, sha256).stream(images)


def compare(
    active: Contender, candidate: Contender, progress: Progress, look: Judge = judge
) -> Decision:
    """Return how two versions do on the frozen test set, on the very same photos.

    Raises CannotRetrain when too few photos are in it.
    """
    frozen.assign()
    kept = list(frozen.tests())
    photos = _unseen(kept, [active.sha256, candidate.sha256])
    if len(photos) < LEAST:
        raise CannotRetrain(
            f"Only {len(photos)} reviewed photos are kept for testing, and {LEAST} are needed: "
            "review more photos."
        )
    truth = {photo.pk: photo.label for photo in photos}
    seen = [_look(one, photos, progress, look) for one in (active, candidate)]
    # In pairs: a photo that one of them could not look at counts for neither.
    both = [pk for pk in truth if pk in seen[0] and pk in seen[1]]
    if not both:
        raise CannotRetrain("No photo of the test set can be opened: is the media storage there?")
    old, new = ([(said[pk], truth[pk]) for pk in both] for said in seen)
    pairs = [(a[0].label == a[1], b[0].label == b[1]) for a, b in zip(old, new, strict=True)]
    lost, won = pairs.count((True, False)), pairs.count((False, True))
    return Decision(
        active=_figures(active, old),
        candidate=_figures(candidate, new),
        lost=lost,
        won=won,
        p=proportions.mcnemar(lost, won),
        left_out=len(kept) - len(photos),
        unreadable=len(photos) - len(both),
    )


def _look(
    one: Contender, photos: list[Photo], progress: Progress, look: Judge
) -> dict[int, Prediction]:
    progress.start(f"Testing {one.name}", len(photos))
    said = {}
    for pk, prediction in look(one.path, one.sha256, _opened(photos)):
        said[pk] = prediction
        progress.advance()
    return said


def _opened(photos: list[Photo]) -> Iterator[tuple[int, Image.Image]]:
    for photo in photos:
        try:
            with default_storage.open(photo.storage_name) as file:
                image = imaging.open_stored(file.read())
        except (OSError, SyntaxError) as error:  # Pillow raises SyntaxError for some broken files.
            logger.warning("photo %s cannot be read to test with: %s", photo.pk, error)
            continue
        yield photo.pk, image


def _figures(one: Contender, said: list[tuple[Prediction, str]]) -> Figures:
    import torch

    from classifier.cnn import calibration

    correct = [prediction.label == truth for prediction, truth in said]
    sure = torch.tensor([prediction.confidence for prediction, _ in said])
    right = sum(correct)
    return Figures(
        name=one.name,
        sha256=one.sha256,
        n=len(said),
        wrong=len(said) - right,
        accuracy=right / len(said),
        interval=proportions.interval(right, len(said)),
        ece=calibration.ece(sure, torch.tensor(correct)),
        refused=sum(prediction.familiar < 0.5 for prediction, _ in said) / len(said),
    )


# --- what a version has seen ---------------------------------------------------------------------


def _unseen(photos: list[Photo], digests: Iterable[str]) -> list[Photo]:
    """Return the photos from which neither the shipped model nor these versions have learned.

    What was learned from is known by the beginning of the SHA-256 of the file as handed in or
    stored, and by a perceptual hash that is near.
    """
    rows = ModelVersion.objects.filter(sha256__in=digests).values_list("learned", flat=True)
    seen = [learned for learned in (*rows, _shipped_split()) if learned]
    if not seen:
        return photos
    beginnings = {one[: versions.DIGITS] for learned in seen for one in learned.get("sha256", ())}
    near = _Near(phash for learned in seen for phash in learned.get("phash", ()))
    handed_in = _handed_in([photo.pk for photo in photos])
    return [
        photo
        for photo in photos
        if beginnings.isdisjoint(
            one[: versions.DIGITS] for one in (photo.sha256, *handed_in[photo.pk])
        )
        and not near.has(photo.phash)
    ]


def _shipped_split() -> dict[str, Any]:
    """Return what the shipped model has learned from: {"sha256": [...], "phash": [...]}."""
    if not SHIPPED_SPLIT.is_file():
        return {}
    with gzip.open(SHIPPED_SPLIT, "rt") as file:
        split = json.load(file)
    photos = [photo for side in ("train", "val") for photo in split[side]]
    return {name: [photo[name] for photo in photos] for name in ("sha256", "phash")}


def _handed_in(keys: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = Photo.objects.filter(pk__in=keys, uploads__isnull=False)
    for pk, sha256 in rows.values_list("pk", "uploads__sha256"):
        found[pk].append(sha256)
    return found


class _Near:
    """Perceptual hashes, to be asked for near ones."""

    def __init__(self, hashes: Iterable[int]) -> None:
        self.by_band: dict[int, list[int]] = defaultdict(list)
        for phash in hashes:
            for band in imaging.bands(phash):
                self.by_band[band].append(phash)

    def has(self, phash: int) -> bool:
        """Say whether one of them is near."""
        return any(
            imaging.distance(phash, other) <= imaging.NEAR
            for band in imaging.bands(phash)
            for other in self.by_band.get(band, ())
        )
