"""A whole run of the lab: photos in, a measured ladder out. Knows no database."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final

from classifier import panel
from classifier.attackers import registry
from classifier.attackers.base import Attacker, Tile
from classifier.attacks import Result
from classifier.cnn.data import Labelled
from classifier.lab import ladder, left_out, sources, splits, tiles
from classifier.lab.hardener import Hardener
from classifier.lab.ladder import Course, Step
from classifier.lab.left_out import LeftOut
from classifier.lab.splits import Side, Sides
from classifier.lab.stages import Stages, fingerprint
from classifier.lab.tiles import Order, Pair, Source
from classifier.progress import Progress

SIZES: Final = (100, 1000)
FULL: Final = (100, 1000, 10_000)
AUDIT: Final = 640
# At most so many photos teach: more tiles than that are further renditions of them.
TEACH: Final = 5000
# Runs that differ in how much is learned share results: what is learned from begins alike.
TAUGHT_AT_LEAST: Final = 20
# What `only` calls the measuring of the family of recipes.
FAMILY: Final = "family"
# The family is measured with so many tiles to learn from at most, and with those to attack.
FAMILY_TILES: Final = 1000


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run measures: photos of the audit, the N of the learners, attackers (all: none).

    "family" among the attackers is the family of recipes. With fewer photos than N there are
    several tiles of each, by other crops, recipes and coins.
    """

    audit: int = AUDIT
    sizes: Sequence[int] = SIZES
    only: Sequence[str] = ()
    seed: int = 1


@dataclass(frozen=True, slots=True)
class Measured:
    """One step of the ladder and what came of it; `key` names it among all runs.

    `age` is how many rotations of the recipes lie between what was learned and what was attacked.
    """

    step: Step
    result: Result
    key: str
    hardening: str
    age: int = 0


@dataclass(slots=True)
class Lab:
    """One run, in a folder that keeps everything which was made.

    After a run `family` says how each recipe is read by who learned from the others only.
    """

    plan: Plan
    folder: Path
    progress: Progress
    hardener: Hardener = field(default_factory=Hardener)
    sides: Sides = field(default_factory=splits.read)
    make: Callable[[str], Attacker] = registry.make
    stages: Stages = field(init=False)
    family: list[LeftOut] = field(init=False, default_factory=list)

    def __post_init__(self) -> None:
        """Open the folder."""
        self.stages = Stages(self.folder)

    def run(self, files: Iterable[Labelled]) -> Iterator[Measured]:
        """Yield each attacker's result as soon as there is one.

        Raises BadData for photos that will not do, LeakingSplit for a photo on two sides.
        """
        course = self._course(self._photos(files))
        for step in ladder.steps(self.plan.sizes, self.plan.only):
            self.progress.start(step.name)
            results = ladder.climb(step, course, self.stages, self.make)
            self.progress.advance(1, _said(results[0]))
            for age, found in zip(step.ages, results, strict=True):
                key = fingerprint([ladder.needs(step, course), age])
                yield Measured(step, found, key, self.hardener.fingerprint, age)
        if not self.plan.only or FAMILY in self.plan.only:
            self._measure_family(course)

    def _measure_family(self, course: Course) -> None:
        pairs = [*course.audit, *course.attack(min(max(self.plan.sizes), FAMILY_TILES))]
        hardened = [pair.hardened for pair in pairs]
        for network in left_out.networks():
            name = f"Recipes left out, {network}"
            self.progress.start(name)
            needs = {**course.needs, "pairs": len(pairs), "network": panel.network(network).sha256}
            measure = partial(_left_out, hardened, network)
            rows = self.stages.json(f"family/{network}", needs, measure)
            self.family += [LeftOut(**row) for row in rows]
            self.progress.advance(1)

    def _photos(self, files: Iterable[Labelled]) -> list[Source]:
        self.progress.start("Choosing photos")
        began = time.perf_counter()
        # At most 5,000 photos teach: more tiles than that are further renditions of them.
        wanted: dict[Side, int] = {
            "audit": self.plan.audit,
            "attack": min(max(self.plan.sizes), 5000),
        }
        chosen = sources.choose(files, self.sides, wanted)
        self.stages.seconds["photos"] = time.perf_counter() - began
        return chosen

    def _course(self, photos: Sequence[Source]) -> Course:
        audit = [one for one in photos if one.side == "audit"]
        attack = [one for one in photos if one.side == "attack"]
        needs = {
            "audit": fingerprint([one.key for one in audit]),
            "attack": fingerprint([one.key for one in attack[:TAUGHT_AT_LEAST]]),
            "hardener": self.hardener.fingerprint,
            "seed": self.plan.seed,
        }
        measured = self._tiles("Tiles to attack", audit, self.plan.seed)
        # By turns a cat and a dog: of each animal every other photo is known.
        known = [
            Tile(one.data, one.cat, one.key) for place, one in enumerate(audit) if place % 4 < 2
        ]
        later, noise = partial(self._later, audit), partial(self._noise, audit)
        return Course(measured, partial(self._teach, attack), needs, later, noise, known)

    def _later(self, audit: Sequence[Source], age: int) -> list[Pair]:
        """Return the audit's pairs as they are made so many rotations of the recipes later."""
        hardener = self.hardener.later(age)
        stage = f"Tiles to attack, {age} rotation later"
        return self._tiles(stage, audit, self.plan.seed + age, hardener)

    def _noise(self, audit: Sequence[Source]) -> list[Pair]:
        """Return the audit's pairs with noise in the place of patterns."""
        return self._tiles("Tiles with noise", audit, self.plan.seed, self.hardener.noise())

    def _teach(self, attack: Sequence[Source], many: int) -> list[Pair]:
        """Return so many pairs to learn from: of one photo several when there are too few."""
        # Whole portions, so that what is made for few serves for more.
        whole = -(-many // tiles.PORTION) * tiles.PORTION
        pairs: list[Pair] = []
        for number in range(-(-many // len(attack))):
            some = attack[: whole - len(pairs)]
            pairs += self._tiles(f"Tiles to learn from, {many}", some, self.plan.seed + number)
        return pairs[:many]

    def _tiles(
        self, stage: str, photos: Sequence[Source], seed: int, hardener: Hardener | None = None
    ) -> list[Pair]:
        self.progress.start(stage, len(photos))
        began = time.perf_counter()
        order = Order(photos, hardener or self.hardener, seed)
        made = tiles.make(order, self.folder, self.progress.advance)
        self.stages.seconds[stage] = (
            self.stages.seconds.get(stage, 0.0) + time.perf_counter() - began
        )
        return made


def _left_out(tiles: Sequence[Tile], network: str) -> list[dict[str, Any]]:
    return [asdict(one) for one in left_out.measure(tiles, network)]


def _said(found: Result) -> str:
    photos = found["photos"]
    return (
        f"{photos['right'] / photos['seen']:.1%} of photos, "
        f"{found['solved'] / found['challenges']:.2%} of challenges"
    )
