"""A bot of our own at our own front door: it solves challenges over HTTP, and is measured."""

from __future__ import annotations

import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, cast

from classifier.attackers.base import Attacker, Watcher
from classifier.attackers.repeats import Repeats
from classifier.doors.doors import Met
from classifier.flows.keeping import kept
from classifier.flows.measuring import Turn, kind_of_tiles, measured
from classifier.flows.truths import outcome_of, truths
from classifier.flows.visiting import Plan, Visit, visit
from classifier.models import AttackRun
from classifier.progress import Progress

# A tie is broken by a coin; the figures are to know which way it fell.
NUDGE: Final = 1e-9


@dataclass(frozen=True, slots=True)
class Bot:
    """An attacker that is ready to go, after it has `learned` from so many of our tiles.

    With `watches` it is told after each challenge what that showed, as by people whom its owner
    pays.
    """

    attacker: Attacker
    learned: int = 0
    watches: bool = False


def attack(plan: Plan, bot: Bot, progress: Progress) -> AttackRun:
    """Let a bot solve challenges, and keep the run; of one that pays people, what it bought.

    Ctrl-C ends it with what there is by then. Raises NotOurs, NoVisit or Unreachable when there is
    nothing; the row then says why.
    """
    name, rung = bot.attacker.name, bot.attacker.rung
    with visit(plan, progress) as guest, kept(plan, name, rung) as row:
        row.learned = bot.learned
        began = time.perf_counter()
        progress.start("Attacking", plan.challenges)
        turns: list[Turn] = []
        ended = guest.go(plan, lambda met: _turn(turns, guest, met, bot))
        took = time.perf_counter() - began
        known = truths(turn.outcome for turn in turns if turn.outcome is not None)
        pairs = [(turn, known[turn.outcome]) for turn in turns if turn.outcome in known]
        row.config |= {"ended": ended}
        row.result = measured(pairs, guest, took)
        if isinstance(bot.attacker, Repeats):
            row.result["bought"] = bot.attacker.bought
        row.tiles, row.recipes = kind_of_tiles([truth for _, truth in pairs])
    return row


def _turn(turns: list[Turn], guest: Visit, met: Met, bot: Bot) -> Met | None:
    """Look at a challenge and answer it; return the next one, if it came with the reply."""
    pictures = guest.patiently(lambda: guest.door.look(met))
    began = time.perf_counter()
    p_cat = [float(chance) for chance in bot.attacker.look(pictures)]
    looked = time.perf_counter() - began
    picks = answer(p_cat, met.rounds)
    said = guest.patiently(lambda: guest.door.answer(met, picks))
    outcome = outcome_of(met.id)
    turns.append(Turn(outcome, leaning(p_cat, picks), said.passed, said.more, looked))
    if bot.watches and outcome is not None:
        _remember(cast("Watcher", bot.attacker), pictures, outcome)
    guest.progress.advance(1, f"{sum(turn.passed or turn.more for turn in turns)} solved")
    return said.next


def _remember(watcher: Watcher, pictures: Sequence[bytes], outcome: int) -> None:
    """Tell a watcher what the pictures showed."""
    for truth in truths([outcome]).values():
        for picture, cat in zip(pictures, truth.cats, strict=True):
            watcher.remember(picture, cat=cat)


def answer(p_cat: Sequence[float], rounds: int) -> list[int]:
    """Return which pictures to call cats: the likelier animal, by a coin where both are alike.

    Everybody knows that no round is all cats or none: then the least sure one is the other.
    """
    cats = [chance > 0.5 or (chance == 0.5 and secrets.randbelow(2) == 1) for chance in p_cat]
    each = len(p_cat) // rounds
    for first in range(0, len(p_cat), each):
        places = range(first, first + each)
        if len({cats[place] for place in places}) == 1:
            odd = min(places, key=lambda place: (abs(p_cat[place] - 0.5), secrets.randbits(32)))
            cats[odd] = not cats[odd]
    return [place for place, cat in enumerate(cats) if cat]


def leaning(p_cat: Sequence[float], picks: Sequence[int]) -> tuple[float, ...]:
    """Return the chances with every tie leaning, by next to nothing, to what was picked."""
    return tuple(
        chance if chance != 0.5 else 0.5 + (NUDGE if place in picks else -NUDGE)
        for place, chance in enumerate(p_cat)
    )
