"""What can be seen of a challenge beside its pictures, and whether any of it tells what they show.

Each channel is an attacker of its own that never decodes a picture: lengths, times, order, headers,
the files' containers, markup, ids and the number of cats. All of them must stay at chance. How the
verdict is reached, and how seldom a clean service is accused: classifier.attackers.telling.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from statistics import median
from typing import Final

from classifier.attackers.outside import PICTURES, Look, Reply, Watched, words_of
from classifier.attackers.telling import Case, Told, Trait, judge, tell

LABEL: Final = "cat or dog"
COIN: Final = "the coin"
COUNT: Final = "many cats or few"
NEARLY: Final = "nearly right or not"
# After so many pictures of one animal at the start of a round the rest of it is no fair coin any
# more, since no round is of one animal alone.
ALIKE: Final = 3
# Neighbours whose times say how busy the machine was.
AROUND: Final = 5


def examine(seen: Sequence[Watched], seed: int = 0) -> list[Told]:
    """Return what each channel tells of each secret, every accusation weighed with all others."""
    found = [
        *_of_pictures(seen, seed),
        tell("order", LABEL, list(_orders(seen)), balanced=False, seed=seed),
        tell("ids", LABEL, list(_ids(seen)), balanced=False, seed=seed),
        tell("number of cats", LABEL, list(_counts(seen, seed)), balanced=False, seed=seed),
        *_of_challenges(seen, seed),
    ]
    return judge(found)


# --- channels of single pictures ------------------------------------------------------------------

# Whoever decodes the picture has these anyway: they are shown beside the others. Not for the coin:
# a hardener that leaves its coin in the length of the code would be at fault.
CONTENT: Final = frozenset({("coded length", LABEL)})


def _of_pictures(seen: Sequence[Watched], seed: int) -> Iterator[Told]:
    for target in (LABEL, COIN):
        for channel, look in PICTURES.items():
            cases = list(_cases(seen, target, look))
            content = (channel, target) in CONTENT
            if target == LABEL or cases:
                yield tell(channel, target, cases, balanced=True, content=content, seed=seed)


def _cases(seen: Sequence[Watched], target: str, look: Look) -> Iterator[Case]:
    """Yield the first sight of each photo."""
    known: set[int] = set()
    for one in seen:
        for place, group in enumerate(one.groups[: len(one.pictures)]):
            bit = one.cats[place] if target == LABEL else one.coins[place]
            if bit is not None and one.counted[place] and group not in known:
                traits = look(one, place)
                if traits is not None:
                    known.add(group)
                    yield Case(traits, bit, str(group))


# --- channels of places ---------------------------------------------------------------------------


def _fair_places(one: Watched) -> Iterator[tuple[int, list[bool]]]:
    """Yield each place that is a fair coin whatever came before, and what came before in its round.

    A probe is none, and neither are the others of a round whose start was all one animal.
    """
    for first in range(0, len(one.cats), one.each):
        before: list[bool] = []
        for place in range(first, first + one.each):
            if one.counted[place]:
                alike = len(before) >= ALIKE and len(set(before)) == 1
                if not alike:
                    yield place, list(before)
                before.append(one.cats[place])


def _orders(seen: Sequence[Watched]) -> Iterator[Case]:
    last: Watched | None = None
    for one in seen:
        for place, before in _fair_places(one):
            traits: dict[str, Trait] = {
                "place": str(place % one.each),
                "before": "".join("dc"[cat] for cat in before[-2:]),
                "cats so far": str(sum(before)),
                "cats and place": f"{sum(before)} of {len(before)}",
                "last challenge": str(place < len(last.cats) and last.cats[place]) if last else "",
            }
            yield Case(traits, one.cats[place], one.id)
        last = one


def _ids(seen: Sequence[Watched]) -> Iterator[Case]:
    """Yield for each place what stands at that place of the challenge's id."""
    for one in seen:
        name = one.id
        bits = "".join(f"{ord(sign):07b}" for sign in name)
        for place, _ in _fair_places(one):
            here = name[place % len(name)] if name else ""
            traits: dict[str, Trait] = {
                "sign": "upper" if here.isupper() else "lower" if here.islower() else "other",
                "even": str(ord(here) & 1) if here else "",
                "from the end": str(ord(name[-1 - place % len(name)]) & 1) if name else "",
                "bit": bits[place] if place < len(bits) else "",
                "vowel": str(here.lower() in set("aeiou")),
            }
            yield Case(traits, one.cats[place], one.id)


def _counts(seen: Sequence[Watched], seed: int) -> Iterator[Case]:
    """Yield one place of each round, and how many cats its other pictures are.

    Fair draws leave it a fair coin, but where all others are alike: everybody knows that then.
    """
    dice = Random(seed)  # noqa: S311
    for one in seen:
        for first in range(0, len(one.cats), one.each):
            places = [at for at in range(first, first + one.each) if one.counted[at]]
            mine = dice.choice(places)
            others = [one.cats[place] for place in places if place != mine]
            if len(set(others)) > 1:
                yield Case({"others": f"{sum(others)} of {len(others)}"}, one.cats[mine], one.id)


# --- channels of whole challenges -----------------------------------------------------------------


def _of_challenges(seen: Sequence[Watched], seed: int) -> Iterator[Told]:
    many = [_more_cats(one) for one in seen]
    few_wrong = _nearly(seen)
    for what, replies in (
        ("issue", [one.issued for one in seen]),
        ("stream", [one.stream for one in seen]),
    ):
        if any(replies):
            yield from _of_replies(what, COUNT, seen, replies, many, seed)
    yield from _of_replies("answer", NEARLY, seen, [o.answered for o in seen], few_wrong, seed)


def _of_replies(
    what: str,
    target: str,
    seen: Sequence[Watched],
    replies: Sequence[Reply | None],
    bits: Sequence[bool | None],
    seed: int,
) -> Iterator[Told]:
    later = _detrended([reply.seconds if reply else None for reply in replies])
    rows = [
        (one, reply, late, bit)
        for one, reply, late, bit in zip(seen, replies, later, bits, strict=True)
        if reply is not None and bit is not None
    ]
    times = [Case({"later": late}, bit, one.id) for one, _, late, bit in rows]
    yield tell(f"{what} times", target, times, balanced=True, seed=seed)
    said = [Case(words_of(one, reply), bit, one.id) for one, reply, _, bit in rows]
    yield tell(f"{what} replies", target, said, balanced=True, seed=seed)


def _more_cats(one: Watched) -> bool | None:
    """Return whether more cats than dogs were shown; None when as many."""
    counted = [cat for cat, counts in zip(one.cats, one.counted, strict=True) if counts]
    cats, dogs = sum(counted), len(counted) - sum(counted)
    return None if cats == dogs else cats > dogs


def _nearly(seen: Sequence[Watched]) -> list[bool | None]:
    """Return of each wrong answer whether it was nearer to right than most; None in the middle."""
    wrong = [one.wrong for one in seen if one.wrong]
    middle = median(wrong) if wrong else 0
    return [None if not one.wrong or one.wrong == middle else one.wrong < middle for one in seen]


def _detrended(times: Sequence[float | None]) -> list[float]:
    """Return each time less the median of its neighbours: machines are busier now and then."""
    found = []
    for at, mine in enumerate(times):
        near = [time for time in times[max(0, at - AROUND) : at + AROUND + 1] if time is not None]
        found.append((mine or 0.0) - median(near) if near else 0.0)
    return found
