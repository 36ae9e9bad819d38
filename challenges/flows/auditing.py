"""What the panel's scores make of one challenge: how likely each attacker solves it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from challenges import odds
from challenges.drafts import Draft
from challenges.models import Outcome, Rendition


def audit_of(draft: Draft, tolerance: int) -> tuple[dict[str, dict[str, Any]], float | None]:
    """Return how likely each network of the panel solves this draft, and the worst of them.

    The first is `challenges.odds.Odds` by network, as it is stored with the outcome; the second
    counts reversed answers too (0..1). They are empty and None when not all pictures were scored.
    What was scored only after composing is looked up.
    """
    chances = draft.chances or _looked_up(draft)
    judged = {name: asdict(odds.odds(row, tolerance)) for name, row in chances.items()}
    return judged, odds.headline(chances, tolerance)


def chances_of(
    scores: Sequence[Mapping[str, float]], cats: int, probe: int = -1
) -> dict[str, list[float]]:
    """Return for each network how likely it reads each counted picture rightly (0..1).

    `scores` has what each network says of each picture in the order shown, P(cat); `cats` has bit
    i set for a cat; the picture at `probe` does not count. Only networks that saw all of them are
    named.
    """
    counted = [place for place in range(len(scores)) if place != probe]
    if not counted:
        return {}
    everywhere = set.intersection(*(set(scores[place]) for place in counted))
    return {
        name: [
            scores[place][name] if cats >> place & 1 else 1 - scores[place][name]
            for place in counted
        ]
        for name in sorted(everywhere)
    }


def _looked_up(draft: Draft) -> dict[str, list[float]]:
    rows = Rendition.objects.filter(pk__in=draft.renditions).values_list("pk", "scores")
    known: dict[int, dict[str, float]] = dict(rows)
    return chances_of([known.get(key, {}) for key in draft.renditions], draft.cats, draft.probe)


@dataclass(frozen=True, slots=True)
class Reliability:
    """Whether one attacker's belief in itself is right: of so many challenges (`number`).

    `belief` is the mean of how likely it thought it was right, `hit` the share in which it then
    was; both 0..1. When its chances are calibrated they are about equal.
    """

    network: str
    number: int
    belief: float
    hit: float


def lately(site: int, most: int = 1000) -> tuple[int, float]:
    """Return how likely the worst of the panel solves this site's latest challenges, on average.

    First of how many that is known (at most `most` are looked at), then the mean (0..1).
    """
    latest = Outcome.objects.counted().filter(site=site).order_by("-issued_at")[:most]
    known = [one for one in latest.values_list("headline", flat=True) if one is not None]
    return len(known), sum(known) / len(known) if known else 0.0


def reliability(since: datetime, site: int | None = None) -> list[Reliability]:
    """Return how well the panel knew its own chances, over the counted challenges since then."""
    outcomes = Outcome.objects.counted().filter(issued_at__gte=since, headline__isnull=False)
    if site is not None:
        outcomes = outcomes.filter(site=site)
    return reliability_of(outcomes.values_list("odds", flat=True).iterator())


def reliability_of(audits: Iterable[Mapping[str, Mapping[str, Any]]]) -> list[Reliability]:
    """Return the same of these stored odds, by network in the order of their names."""
    sums: dict[str, list[float]] = {}
    for audit in audits:
        for network, one in audit.items():
            total = sums.setdefault(network, [0, 0.0, 0.0])
            for place, value in enumerate((1, one["belief"], one["hit"])):
                total[place] += value
    return [
        Reliability(name, int(number), belief / number, hit / number)
        for name, (number, belief, hit) in sorted(sums.items())
    ]
