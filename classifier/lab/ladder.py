"""The ladder of the lab: which attackers meet which tiles, and what comes of each. Resumable."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

from classifier import panel
from classifier.attackers import growth, registry
from classifier.attackers.base import Attacker, Learner, Tile, Watcher
from classifier.attackers.registry import Entry, Needs
from classifier.attacks import Point, Result, Tried, result
from classifier.fair import apart
from classifier.lab.stages import Stages, fingerprint
from classifier.lab.tiles import Pair
from classifier.panel import Role

PLAIN: Final = "plain"
HARDENED: Final = "hardened"
# A control: noise as strong as the patterns of hardened tiles, in the same styles.
NOISE: Final = "noise"
# Who learned from so many tiles attacks younger ones, too: so many rotations of the recipes later.
AGEING: Final = 1000
AGES: Final = (0, 1)
# Of the tiles to learn from, who only chooses or calibrates takes so many.
CHOOSING: Final = 200


@dataclass(frozen=True, slots=True)
class Step:
    """One attacker against one kind of tiles, after learning from `learned` of the same kind."""

    attacker: str
    rung: str
    tiles: str
    learned: int = 0
    # It attacks tiles of so many rotations of the recipes after those that it learned from.
    ages: tuple[int, ...] = (0,)

    @property
    def name(self) -> str:
        """Return how the stage is called."""
        said = f" after {self.learned}" if self.learned else ""
        return f"{self.attacker} on {self.tiles}{said}"


@dataclass(frozen=True, slots=True)
class Course:
    """What a run measures with: pairs to attack (`audit`), and pairs to learn from.

    `attack` makes so many of these when they are wanted, a cat and a dog in turn, fewer being the
    beginning of more. No photo is in both. `known` are photos of the audit as they were taken, for
    dictionaries; `later` makes the audit's pairs anew, so many rotations of the recipes later, and
    `noise` makes them with noise instead of patterns. `needs` is what every result depends on.
    """

    audit: Sequence[Pair]
    attack: Callable[[int], Sequence[Pair]]
    needs: Mapping[str, Any]
    later: Callable[[int], Sequence[Pair]]
    noise: Callable[[], Sequence[Pair]]
    known: Sequence[Tile] = ()

    def measured(self, kind: str, age: int = 0) -> list[Tile]:
        """Return the tiles to attack."""
        if kind == NOISE:
            return _of_kind(self.noise(), kind)
        return _of_kind(self.later(age) if age else self.audit, kind)

    def learnt(self, kind: str, many: int) -> list[Tile]:
        """Return so many tiles to learn from."""
        return _of_kind(self.attack(many), kind)


def _of_kind(pairs: Sequence[Pair], kind: str) -> list[Tile]:
    return [pair.plain if kind == PLAIN else pair.hardened for pair in pairs]


def steps(sizes: Sequence[int], only: Sequence[str] = ()) -> list[Step]:
    """Return the steps of the ladder, cheap and telling ones first.

    Attackers stand on the judges of the panel, and on the network that is shipped, since everybody
    has it. The surrogates are no attackers of this table: they were what the hardener aimed at.
    """
    networks = (*panel.keys(Role.JUDGES), *panel.keys(Role.LABELS))
    found: list[Step] = []
    for entry in registry.entries().values():
        if (entry.network and entry.network not in networks) or (only and entry.name not in only):
            continue
        found += _of(entry, sizes)
    return sorted(found, key=lambda step: _cost(step, sizes))


def _of(entry: Entry, sizes: Sequence[int]) -> list[Step]:
    """Return an attacker's steps. The shelter's pages and repeats are for the front door."""
    if entry.rung in ("repeats", "shelter"):
        return []
    if entry.needs is not Needs.TILES:
        kinds = (PLAIN, NOISE, HARDENED) if entry.rung == "clean" else (PLAIN, HARDENED)
        return [Step(entry.name, entry.rung, kind) for kind in kinds]
    if entry.rung == "preprocessing":
        return [Step(entry.name, entry.rung, HARDENED, min(CHOOSING, max(sizes)))]
    if entry.rung == "tiles":
        return [Step(entry.name, f"tiles-{size}", HARDENED, size, _ages(size)) for size in sizes]
    return [Step(entry.name, entry.rung, kind, max(sizes)) for kind in (PLAIN, HARDENED)]


def _ages(size: int) -> tuple[int, ...]:
    return AGES if size == AGEING else (0,)


# From cheap to dear, by the beginning of a name. The last ones train a network, for hours.
_CHEAP: Final = ("clean", "inverted", "guessing", "oracle", "tiles-head", "washed", "dictionary")
_DEAR: Final = ("svm", "scratch", "tiles-all", "tiles-adversarial")


def _cost(step: Step, sizes: Sequence[int]) -> tuple[bool, int, int, int]:
    """Return what steps are sorted by: first those of minutes, and that few tiles are enough for.

    So the first hour says how learners do with all tiles, by new last layers.
    """
    kinds = (*_CHEAP, *_DEAR)
    place = next((n for n, word in enumerate(kinds) if step.attacker.startswith(word)), len(kinds))
    few = sum(step.learned > size for size in sizes)
    return place >= len(_CHEAP), few, place, step.learned


def needs(step: Step, course: Course) -> dict[str, Any]:
    """Return everything that the result of a step depends on."""
    said = [step.attacker, step.rung, step.tiles, step.learned, step.ages]
    found = {**course.needs, "step": said, "network": _network(step)}
    if registry.entry(step.attacker).needs is Needs.PHOTOS:
        found["known"] = fingerprint([tile.photo for tile in course.known])
    return found


def _network(step: Step) -> str:
    """Return the digest of the network that the attacker stands on; of all, if it is several."""
    key = registry.entry(step.attacker).network
    return panel.network(key).sha256 if key else panel.fingerprint()


def climb(
    step: Step, course: Course, stages: Stages, make: Callable[[str], Attacker] = registry.make
) -> list[Result]:
    """Return what an attacker comes to, for each of the step's ages.

    One that was measured before is not measured again.
    """
    stage = step.name.replace(" ", "-")
    return cast(
        "list[Result]",
        stages.json(f"runs/{stage}", needs(step, course), lambda: _climb(step, course, make)),
    )


def _climb(step: Step, course: Course, make: Callable[[str], Attacker]) -> list[Result]:
    began = time.perf_counter()
    attacker = make(step.attacker)
    learned = _prepare(attacker, step, course)
    clean = _clean(attacker, step, course)
    found = []
    for age in step.ages:
        measured = course.measured(step.tiles, age)
        apart({tile.photo for tile in learned}, {tile.photo for tile in measured})
        told, each = registry.timed(attacker, [tile.data for tile in measured])
        found.append(
            result(
                told,
                [bool(tile.cat) for tile in measured],
                [tile.photo for tile in measured],
                clean=clean,
                curve=[] if age else _points(step, course, make, measured, told),
                tuning=cast("Sequence[Tried]", getattr(attacker, "tuning", ())),
                seconds_per_photo=each,
                seconds=time.perf_counter() - began,
            )
        )
    return found


def _prepare(attacker: Attacker, step: Step, course: Course) -> list[Tile]:
    """Let the attacker learn what it needs; return the tiles that it learned from."""
    wants = registry.entry(step.attacker).needs
    if wants is Needs.TILES:
        tiles = course.learnt(step.tiles, step.learned)
        cast("Learner", attacker).learn(tiles)
        return tiles
    if wants is Needs.PHOTOS:
        # A dictionary knows photos themselves, never our pictures of them: half of those that are
        # attacked, by its rate.
        cast("Learner", attacker).learn(course.known)
    if wants is Needs.ANSWERS:
        for tile in course.measured(step.tiles):
            cast("Watcher", attacker).remember(tile.data, cat=bool(tile.cat))
    return []


def _points(
    step: Step,
    course: Course,
    make: Callable[[str], Attacker],
    measured: Sequence[Tile],
    told: Sequence[float],
) -> list[Point]:
    """Return the learning curve's last two points: half of the tiles, and all.

    None for who learned nothing here, or only chose among preprocessings.
    """
    if not step.learned or step.rung == "preprocessing":
        return []
    right = sum((p > 0.5) == tile.cat for p, tile in zip(told, measured, strict=True))
    half = growth.curve(
        lambda: cast("Learner", make(step.attacker)),
        course.learnt(step.tiles, step.learned // 2),
        measured,
        [step.learned // 2],
    )
    return [*half, Point(learned=step.learned, seen=len(measured), right=right)]


def _clean(attacker: Attacker, step: Step, course: Course) -> tuple[int, int] | None:
    """Return (seen, right) of the same attacker on plain tiles of the same photos.

    None for who was told the truth of the hardened ones.
    """
    if registry.entry(step.attacker).needs is Needs.ANSWERS:
        return None
    plain = course.measured(PLAIN)
    return len(plain), growth.right(attacker, plain)
