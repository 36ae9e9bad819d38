"""What a bot's visit came to: the figures of a run, from what it thought and what was true."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from challenges import odds
from challenges.models import Outcome
from classifier import attacks
from classifier.flows.pricing import prices
from classifier.flows.truths import Truth
from classifier.flows.visiting import Visit
from classifier.models import AttackRun, Rotation
from classifier.reports import attack_rules


@dataclass(frozen=True, slots=True)
class Turn:
    """One challenge that a bot looked at and answered. `looked` is seconds of looking."""

    outcome: int | None
    p_cat: tuple[float, ...]
    passed: bool
    more: bool
    looked: float


def measured(pairs: Sequence[tuple[Turn, Truth]], guest: Visit, seconds: float) -> dict[str, Any]:
    """Return the figures of a run, as AttackRun.result keeps them, with these beside them.

    `predicted_interval` belongs to `predicted`: 95 % of its mean. `audited` is what the audit had
    said of the same challenges, by its worst judge: the mean, and of how many. `by_tiles` has
    photos read rightly and seen, of plain and of hardened tiles. Costs are in dollars.

    Challenges that hold starter pictures are left out, `left_out` of them: they come with Pawcha,
    and say nothing about photos. When all do, they are measured, and `starter` says so.
    """
    met, pairs = len(pairs), _of_photos(pairs)
    left_out = met - len(pairs)
    issued, seconds = guest.issued - left_out, seconds * len(pairs) / max(met, 1)
    answered = [(turn, truth) for turn, truth in pairs if truth.answered]
    pictures = sum(len(turn.p_cat) for turn, _ in pairs)
    looked = sum(turn.looked for turn, _ in pairs)
    limits = attacks.Limits(
        more=sum(truth.state == Outcome.State.MORE for _, truth in answered),
        refused=dict(guest.refused),
        waited=round(guest.waited, 1),
    )
    exchanges = [exchange(turn, truth) for turn, truth in answered]
    result = attacks.at_the_door(
        exchanges,
        limits=limits,
        issued=issued,
        seconds_per_photo=looked / max(pictures, 1),
        seconds=seconds,
    )
    passed = sum(turn.passed for turn, _ in answered)
    per_try = attack_rules.per_try(prices(), 1, looked / max(len(pairs), 1))
    rate = passed / max(issued, 1)
    return {
        **result,
        "issued": issued,
        "starter": bool(pairs) and all(truth.starter for _, truth in pairs),
        "left_out": left_out,
        "predicted_interval": _around(exchanges),
        "audited": _audited([truth for _, truth in answered]),
        "by_tiles": _by_tiles(answered),
        "cost_per_1000": 1000 * odds.cost_per_pass(rate, per_try) if passed else None,
        "seconds_per_pass": seconds / passed if passed else None,
    }


def _of_photos(pairs: Sequence[tuple[Turn, Truth]]) -> Sequence[tuple[Turn, Truth]]:
    """Return those without starter pictures, or all when there are no others."""
    return [(turn, truth) for turn, truth in pairs if not truth.starter] or pairs


def exchange(turn: Turn, truth: Truth) -> attacks.Exchange:
    counted = [place for place, counts in enumerate(truth.counted) if counts]
    return attacks.Exchange(
        p_cat=[turn.p_cat[place] for place in counted],
        cats=[truth.cats[place] for place in counted],
        solved=truth.solved,
        passed=turn.passed,
    )


def _around(exchanges: Sequence[attacks.Exchange]) -> tuple[float, float]:
    """Return between which rates the prediction lies: its mean over challenges, 95 %."""
    beliefs = [math.prod(max(p, 1 - p) for p in one.p_cat) for one in exchanges]
    n = len(beliefs)
    if n < 2:
        return 0.0, 1.0
    mean = sum(beliefs) / n
    spread = math.sqrt(sum((one - mean) ** 2 for one in beliefs) / (n - 1) / n)
    return max(0.0, mean - 1.96 * spread), min(1.0, mean + 1.96 * spread)


def _audited(seen: Sequence[Truth]) -> dict[str, float] | None:
    said = [truth.headline for truth in seen if truth.headline is not None]
    return {"mean": sum(said) / len(said), "challenges": len(said)} if said else None


def _by_tiles(answered: Sequence[tuple[Turn, Truth]]) -> dict[str, tuple[int, int]]:
    found = {"plain": [0, 0], "hardened": [0, 0]}
    for turn, truth in answered:
        for place, chance in enumerate(turn.p_cat):
            if truth.counted[place]:
                count = found["hardened" if truth.hardened[place] else "plain"]
                count[0] += (chance > 0.5) == truth.cats[place]
                count[1] += 1
    return {name: (right, seen) for name, (right, seen) in found.items()}


def kind_of_tiles(seen: Sequence[Truth]) -> tuple[str, str]:
    """Return which kind of tiles there were, and the digest of the recipes that are in use.

    Starter pictures do not count; when there is nothing else, that is neither kind.
    """
    photos = [truth for truth in seen if not truth.starter]
    if seen and not photos:
        return AttackRun.Tiles.MIXED, ""
    hardened = {one for truth in photos for one in truth.hardened}
    if True not in hardened:
        return AttackRun.Tiles.PLAIN, ""
    current = Rotation.objects.current()
    kind = AttackRun.Tiles.MIXED if False in hardened else AttackRun.Tiles.HARDENED
    return kind, current.digest if current else ""
