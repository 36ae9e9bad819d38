"""A bot of our own that never looks at a picture: does anything else tell what it shows?"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from random import SystemRandom
from typing import Any, Final

from classifier.attackers import side_channels, telling
from classifier.attackers.outside import Watched
from classifier.attackers.telling import Told
from classifier.doors.doors import Met, picture, stream
from classifier.doors.wire import Got
from classifier.flows.attack import answer, leaning
from classifier.flows.keeping import kept
from classifier.flows.measuring import Turn, kind_of_tiles, measured
from classifier.flows.truths import Truth, outcome_of, truths
from classifier.flows.visiting import Plan, Visit, visit
from classifier.models import AttackRun
from classifier.progress import Progress

NAME: Final = "side-channels"

_random = SystemRandom()


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen of one challenge from outside, and what was answered."""

    met: Met
    stream: Got | None
    pictures: tuple[Got, ...]
    answered: Got
    picks: tuple[int, ...]
    turn: Turn


def spy(plan: Plan, progress: Progress) -> AttackRun:
    """Watch challenges from outside, ask of each channel what it tells, and keep the run.

    Ctrl-C ends the watching; what there is by then is judged. Raises NotOurs, NoVisit or
    Unreachable when there is nothing.
    """
    with visit(plan, progress) as guest, kept(plan, NAME, NAME, family=telling.FAMILY) as row:
        began = time.perf_counter()
        progress.start("Watching", plan.challenges)
        looks: list[Look] = []
        ended = guest.go(plan, lambda met: _look(looks, plan, guest, met))
        took = time.perf_counter() - began
        known = truths(look.turn.outcome for look in looks if look.turn.outcome is not None)
        pairs = [(look, known[look.turn.outcome]) for look in looks if look.turn.outcome in known]
        found = side_channels.examine([_watched(look, truth) for look, truth in pairs])
        row.config |= {"ended": ended}
        row.result = {
            **measured([(look.turn, truth) for look, truth in pairs], guest, took),
            **figures(found),
        }
        row.tiles, row.recipes = kind_of_tiles([truth for _, truth in pairs])
    return row


def _look(looks: list[Look], plan: Plan, guest: Visit, met: Met) -> Met | None:
    """Fetch the pictures in every way there is, in an order of our own, and answer blindly."""
    wire = guest.door.wire
    together = guest.patiently(lambda: stream(wire, met)) if plan.door == "widget" else None
    places = list(range(met.count))
    _random.shuffle(places)
    # The very first fetch is slower, for it counts the showing: nobody may take that for a sign.
    guest.patiently(lambda: picture(wire, met, places[0]))
    pictures = {at: _picture(guest, met, at) for at in places}
    blind = [0.5] * met.count
    picks = tuple(answer(blind, met.rounds))
    said = guest.patiently(lambda: guest.door.answer(met, picks))
    turn = Turn(outcome_of(met.id), leaning(blind, picks), said.passed, said.more, 0.0)
    singles = tuple(pictures[place] for place in range(met.count))
    looks.append(Look(met, together, singles, said.got, picks, turn))
    guest.progress.advance(1)
    return said.next


def _picture(guest: Visit, met: Met, place: int) -> Got:
    return guest.patiently(lambda: picture(guest.door.wire, met, place))


def _watched(look: Look, truth: Truth) -> Watched:
    wrong = sum(
        counts and (place in look.picks) != cat
        for place, (cat, counts) in enumerate(zip(truth.cats, truth.counted, strict=True))
    )
    return Watched(
        id=look.met.id,
        rounds=truth.rounds,
        issued=look.met.got,
        stream=look.stream,
        pictures=look.pictures,
        marks=look.met.marks,
        answered=look.answered,
        cats=truth.cats,
        counted=truth.counted,
        groups=truth.groups,
        coins=truth.pushed,
        wrong=wrong if truth.answered else None,
    )


def figures(found: Sequence[Told]) -> dict[str, Any]:
    """Return what AttackRun.result keeps of channels, beside the figures of blind answers.

    `leaks` names those that are accused, `strongest` is the one that luck explains worst.
    """
    asked = [one for one in found if one.enough and not one.content]
    strongest = min(asked, key=lambda one: (one.adjusted, one.p), default=None)
    return {
        "channels": [
            {**asdict(one), "share": one.share, "leaks": one.leaks, "enough": one.enough}
            for one in found
        ],
        "leaks": [_named(one) for one in found if one.leaks],
        "strongest": None
        if strongest is None
        else {"rate": strongest.share, "which": _named(strongest)},
    }


def _named(one: Told) -> str:
    return f"{one.channel}: {one.target}"
