"""What a bot's challenges really showed, read from our own rows after it has answered."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from challenges import state
from challenges.exceptions import UnknownChallenge
from challenges.models import Outcome, Rendition
from challenges.models.photos import Rights

SOLVED = frozenset({Outcome.State.PASSED, Outcome.State.MORE})
ANSWERED = SOLVED | {Outcome.State.FAILED}


@dataclass(frozen=True, slots=True)
class Truth:
    """One challenge as it was: what each picture showed, and what became of it.

    `counted` says which pictures count (a probe does not), `groups` which photo each is of, near
    duplicates being one, `hardened` which were made hard, and `pushed` their coins (None: plain).
    `headline` is what the audit had said of it, 0..1. With `starter` it holds pictures that come
    with Pawcha: drawn, public, and so no measure of photos.
    """

    cats: tuple[bool, ...]
    counted: tuple[bool, ...]
    groups: tuple[int, ...]
    hardened: tuple[bool, ...]
    pushed: tuple[bool | None, ...]
    rounds: int
    state: str
    headline: float | None
    starter: bool = False

    @property
    def answered(self) -> bool:
        """Return whether an answer was taken."""
        return self.state in ANSWERED

    @property
    def solved(self) -> bool:
        """Return whether the answer was right, whatever the limits made of it."""
        return self.state in SOLVED


def outcome_of(challenge_id: str) -> int | None:
    """Return the key of a challenge's outcome, while Redis knows it (for minutes after its end)."""
    try:
        return state.peek(challenge_id).outcome
    except UnknownChallenge:
        return None


def truths(outcomes: Iterable[int]) -> dict[int, Truth]:
    """Return what the challenges with these outcomes were, by the outcome's key."""
    rows = Outcome.objects.in_bulk(list(outcomes))
    wanted = {key for row in rows.values() for key in row.renditions}
    known = Rendition.objects.select_related("photo").in_bulk(list(wanted))
    return {key: _truth(row, known) for key, row in rows.items()}


def _truth(row: Outcome, known: dict[int, Rendition]) -> Truth:
    places = range(len(row.renditions))
    renditions = [known.get(key) for key in row.renditions]
    return Truth(
        cats=tuple(bool(row.cats >> place & 1) for place in places),
        counted=tuple(place != row.probe for place in places),
        # A rendition that is gone is a photo of its own.
        groups=tuple(
            one.photo.group if one else -key
            for key, one in zip(row.renditions, renditions, strict=True)
        ),
        hardened=tuple(one is not None and one.recipe != "plain" for one in renditions),
        pushed=tuple(one.pushed if one else None for one in renditions),
        rounds=row.rounds,
        state=row.state,
        headline=row.headline,
        starter=any(one is not None and one.photo.rights == Rights.STARTER for one in renditions),
    )
