"""Describing photos: what there is, what is there twice, and what may be labelled wrong."""

from __future__ import annotations

import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings

from classifier.cnn.config import Preprocessing
from classifier.exceptions import NoSuchNetwork, WeightsError
from classifier.flows import photosets, versions
from classifier.progress import Progress

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from classifier.cnn.data import PhotoSet
    from classifier.reports.dataset import Dataset, Doubts, Groups, Kind, Photo

# Pixels a side at which photos are kept: enough for the network's features and for the page.
SIZE: Final = 224
# Pictures on the page: of each class, of groups and in a group, of doubted labels, dark and bright.
SAMPLES: Final = 20
GROUPS: Final = 24
IN_GROUP: Final = 6
DOUBTED: Final = 48
EXTREME: Final = 10
# Photos whose brightness is taken at once, and the sides of small pictures.
TOGETHER: Final = 256
SMALL: Final = 140
# How much of each colour the eye calls bright (ITU-R BT.601).
LUMA: Final = (0.299, 0.587, 0.114)


def describe(data: Sequence[str], progress: Progress) -> Dataset:
    """Look at all photos of DATA. Raises BadData when there are none."""
    Path(settings.PAWCHA_VAR).mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=settings.PAWCHA_VAR, prefix="photos-") as folder:
        photos = photosets.open_data(data, Preprocessing(size=SIZE), Path(folder), progress)
        said = ", ".join(Path(one).resolve().name if one != photosets.POOL else one for one in data)
        return look(said, photos, progress)


def look(said: str, photos: PhotoSet, progress: Progress) -> Dataset:
    """Return what a set of photos is like; `said` is what it is called."""
    from classifier.cnn import duplicates
    from classifier.reports.dataset import Dataset

    progress.start("Comparing photos")
    numbers = duplicates.groups([sample.phash for sample in photos.samples])
    brightness = _brightness(photos, progress)
    order = brightness.argsort()
    return Dataset(
        said=said,
        kinds=_kinds(photos),
        labels=tuple(sample.label for sample in photos.samples),
        widths=tuple(sample.width for sample in photos.samples),
        heights=tuple(sample.height for sample in photos.samples),
        brightness=tuple(map(float, brightness)),
        exact=_exact(photos),
        near=_near(photos, numbers),
        broken=tuple((one.name, one.why) for one in photos.broken),
        doubts=_doubts(photos, numbers, progress),
        darkest=tuple(_photo(photos, int(n), f"{brightness[n]:.0f}") for n in order[:EXTREME]),
        brightest=tuple(
            _photo(photos, int(n), f"{brightness[n]:.0f}") for n in order[::-1][:EXTREME]
        ),
    )


def _photo(photos: PhotoSet, index: int, note: str = "", name: str = "") -> Photo:
    from classifier.reports import pictures
    from classifier.reports.dataset import Photo

    sample = photos.samples[index]
    picture = pictures.uri(photos.pixels[index], sample.width, sample.height, SMALL)
    return Photo(name or sample.name, photos.classes[sample.label], picture, note)


def _kinds(photos: PhotoSet) -> tuple[Kind, ...]:
    from classifier.reports.dataset import Kind

    places: dict[int, list[int]] = defaultdict(list)
    for index, sample in enumerate(photos.samples):
        places[sample.label].append(index)
    kinds = []
    for label, name in enumerate(photos.classes):
        # By digest: as good as at random, and the same each time.
        some = sorted(places[label], key=lambda index: photos.samples[index].digest)[:SAMPLES]
        shown = tuple(_photo(photos, index) for index in some)
        kinds.append(Kind(name, len(places[label]), shown))
    return tuple(kinds)


def _brightness(photos: PhotoSet, progress: Progress) -> NDArray[np.float32]:
    """Return the mean brightness of each photo, 0..255."""
    import numpy as np

    made = []
    progress.start("Measuring brightness", len(photos.samples))
    for start in range(0, len(photos.samples), TOGETHER):
        # Every fourth pixel each way is as bright as all of them.
        some = photos.pixels[start : start + TOGETHER, ::4, ::4]
        means = some.reshape(len(some), -1, 3).mean(axis=1, dtype=np.float32)
        made.append(means @ np.array(LUMA, dtype=np.float32))
        progress.advance(len(some))
    found: NDArray[np.float32] = np.concatenate(made)
    return found


def _exact(photos: PhotoSet) -> Groups:
    """Return files with the very same bytes: those left out, and those labelled differently."""
    names: dict[str, list[tuple[int, str]]] = defaultdict(list)
    place = {}
    for index, sample in enumerate(photos.samples):
        names[sample.digest].append((index, sample.name))
        place[sample.name] = index
    for repeat in photos.repeats:
        first = place[repeat.of]
        names[photos.samples[first].digest].append((first, repeat.name))
    return _groups(photos, [group for group in names.values() if len(group) > 1])


def _near(photos: PhotoSet, numbers: Sequence[int]) -> Groups:
    """Return groups of photos that are nearly the same; the very same are told elsewhere."""
    members: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for index, number in enumerate(numbers):
        members[number].append((index, photos.samples[index].name))
    return _groups(
        photos,
        [
            group
            for group in members.values()
            if len({photos.samples[index].digest for index, _ in group}) > 1
        ],
    )


def _groups(photos: PhotoSet, found: list[list[tuple[int, str]]]) -> Groups:
    """Return groups to show: first those with different labels, then the largest."""
    from classifier.reports.dataset import Group, Groups

    def order(group: list[tuple[int, str]]) -> tuple[bool, int]:
        return len({photos.samples[index].label for index, _ in group}) == 1, -len(group)

    found.sort(key=order)
    shown = tuple(
        Group(tuple(_photo(photos, index, name=name) for index, name in _both(photos, group)))
        for group in found[:GROUPS]
    )
    conflicts = sum(not agreed for agreed, _ in map(order, found))
    return Groups(len(found), sum(map(len, found)), conflicts, shown)


def _both(photos: PhotoSet, group: list[tuple[int, str]]) -> Iterable[tuple[int, str]]:
    """Return the first few of a group, with at least one photo of every label in it."""
    first: dict[int, tuple[int, str]] = {}
    for one in group:
        first.setdefault(photos.samples[one[0]].label, one)
    return list(dict.fromkeys([*first.values(), *group]))[:IN_GROUP]


def _doubts(photos: PhotoSet, numbers: Sequence[int], progress: Progress) -> Doubts:
    """Return the photos whose label is likely wrong, or why that cannot be told here."""
    import torch

    from classifier.cnn import device, doubts, features
    from classifier.reports.dataset import Doubts
    from classifier.reports.words import percent

    try:
        network, name, config = _network()
    except (NoSuchNetwork, WeightsError) as error:
        return Doubts(0, (), why_not=str(error))
    best = device.best()
    progress.start("Looking at photos", len(photos.samples))
    found = features.features(
        network.to(best), config, photos.pixels, None, progress, half=device.has_bf16(best)
    )
    labels = torch.from_numpy(photos.labels)
    wrong = doubts.doubts(found, labels, numbers, len(photos.classes), progress)
    shown = tuple(
        _photo(
            photos,
            one.index,
            f"rather {photos.classes[one.likely]}, {percent(one.p_likely)}",
        )
        for one in wrong[:DOUBTED]
    )
    return Doubts(len(wrong), shown, name)


def _network() -> tuple[Any, str, Preprocessing]:
    """Return a network whose features tell photos apart, its name, and how it wants them.

    Best is one that never saw these labels: ImageNet's. The shipped model may have learnt some of
    them by heart, and doubts those less. Raises NoSuchNetwork or WeightsError when there is none.
    """
    from classifier.cnn import net, weights

    try:
        return net.load(), f"{net.ARCHITECTURE} with ImageNet weights", Preprocessing(size=SIZE)
    except NoSuchNetwork:
        path, _ = versions.shipped()
        loaded = weights.read(path)
        return loaded.network, loaded.spec.name, _resized(loaded.spec.preprocessing)


def _resized(config: Preprocessing) -> Preprocessing:
    """Return the same preprocessing for the pixels that are kept here."""
    return Preprocessing(SIZE, config.fit, config.mean, config.deviation)
