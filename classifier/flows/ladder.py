"""An attacker of the ladder made ready for our front door: with what it would know there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from random import SystemRandom
from typing import Final, cast

from django.core.files.storage import default_storage

from challenges.models import Photo, Rendition
from challenges.models.photos import SHOWN, Animal
from classifier import engine
from classifier.attackers import registry
from classifier.attackers.base import Learner, Tile
from classifier.attackers.registry import Entry, Needs
from classifier.exceptions import ClassifierError
from classifier.flows.attack import Bot
from classifier.progress import Progress
from classifier.reports import attack_words

# Of each animal a learner wants so many tiles at least.
LEAST: Final = 20

_random = SystemRandom()


class NotReady(ClassifierError):
    """An attacker cannot be made here. The text says why."""


def names() -> list[str]:
    """Return the attackers that can come to the front door, weakest rung first."""
    return [name for name, one in registry.entries().items() if not one.lab]


def ready(name: str, learn: int, progress: Progress) -> Bot:
    """Return the attacker of this name, after it has learned what it needs.

    From `learn` of our own tiles with their labels, drawn at random; a dictionary learns the photos
    whose adoption pages are public. Raises NotReady.
    """
    entry = _entry(name)
    if entry.network and (missing := engine.missing()):
        raise NotReady(f"{missing[0]} is not installed here: run make install.")
    attacker = entry.make()
    if entry.needs in {Needs.NOTHING, Needs.ANSWERS}:
        return Bot(attacker, watches=entry.needs is Needs.ANSWERS)
    tiles = _tiles(learn) if entry.needs is Needs.TILES else _published()
    for animal, cat in ((Animal.CAT, True), (Animal.DOG, False)):
        found = sum(tile.cat is cat for tile in tiles)
        if found < LEAST:
            raise NotReady(_too_few(entry, animal, found))
    progress.start(f"Learning from {len(tiles)} pictures")
    cast("Learner", attacker).learn(tiles)
    return Bot(attacker, learned=len(tiles) if entry.needs is Needs.TILES else 0)


def _entry(name: str) -> Entry:
    if name not in names():
        raise NotReady(f"No attacker {name!r} can come to the door. These can:\n{_listed()}")
    return registry.entry(name)


def _listed() -> str:
    """Return the names that there are, a line for each rung."""
    known = registry.entries()
    rungs: dict[str, list[str]] = {}
    for name in names():
        rungs.setdefault(attack_words.rung(known[name].rung).title, []).append(name)
    return "\n".join(f"  {title}: {', '.join(found)}" for title, found in rungs.items())


def _too_few(entry: Entry, animal: Animal, found: int) -> str:
    if entry.needs is Needs.TILES:
        return f"{entry.name} wants {LEAST} tiles of {animal}s to learn from; there are {found}."
    return (
        f"{entry.name} knows photos whose adoption pages are public, {LEAST} of {animal}s at "
        f"least; there are {found}. In the lab it needs no pages."
    )


def _tiles(learn: int) -> list[Tile]:
    """Return as many tiles as there are, `learn` at most, half of each animal."""
    return [
        tile
        for animal in SHOWN
        for tile in _read(
            (rendition.name, rendition.photo, rendition.recipe)
            for rendition in _drawn(animal, (learn + 1) // 2)
        )
    ]


def _drawn(animal: Animal, count: int) -> Iterator[Rendition]:
    """Yield renditions in use of different photos of this animal, drawn at random."""
    keys = list(
        Photo.objects.pooled()
        .filter(label=animal, rendition__isnull=False)
        .values_list("rendition", flat=True)
    )
    chosen = _random.sample(keys, min(count, len(keys)))
    yield from Rendition.objects.filter(pk__in=chosen).select_related("photo")


def _published() -> list[Tile]:
    photos = Photo.objects.pooled().filter(label__in=SHOWN).exclude(adoption_url="")
    return list(_read((photo.storage_name, photo, "plain") for photo in photos))


def _read(files: Iterable[tuple[str, Photo, str]]) -> Iterator[Tile]:
    for name, photo, recipe in files:
        try:
            with default_storage.open(name, "rb") as file:
                data = bytes(file.read())
        except FileNotFoundError:
            continue
        yield Tile(data, cat=photo.label == Animal.CAT, photo=str(photo.group), recipe=recipe)
