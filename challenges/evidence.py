"""What may be concluded from what visitors did with photos. Pure.

Numbers of people, so all of it is a test of chance: what a thousand lying bots can bring about is
bounded elsewhere (challenges.flows.doubts), and a person has the last word.
"""

from __future__ import annotations

from math import comb
from typing import Final

# An answer counts as a person's when guessing comes as near to the truth this seldom (0..1).
BY_CHANCE: Final = 0.02
# However many pictures there are, a person is wrong about so many at most.
MOST_WRONG: Final = 2
# So many networks at least must have taken a photo for the other animal.
LEAST_MISSES: Final = 5
# A photo stands out when it is certainly missed so many times as often as the others.
TIMES: Final = 3
# Of photos that people tell easily so many are missed by slips of the finger: 0..1.
USUAL: Final = 0.01
# What is certainly missed this often stands out, whatever the others are like: 0..1.
HALF: Final = 0.5
# How sure of a share one has to be, one-sided: 0..1.
LEVEL: Final = 0.95
# This share of the votes for a probe must say the same: 0..1.
AGREE: Final = 0.9
# Votes stay split when so many times as many as are needed do not agree.
SPLIT: Final = 3


def chance_of(wrong: int, count: int) -> float:
    """Return how likely (0..1) guessing is to get at most `wrong` of `count` pictures wrong.

    Of 12 pictures: none 1 in 4,096, at most one 1 in 315, at most two 1 in 52.
    """
    return sum(comb(count, number) for number in range(wrong + 1)) / 2.0**count


def looks_human(wrong: int, count: int) -> bool:
    """Return whether an answer with so many wrong of the `count` pictures that count is a person's.

    A guessing bot gets there at most 1 time in 50: of 9 to 11 pictures one may be wrong, of 12 and
    more two. So a bot that guesses must answer fifty times to be counted once, and its misses are
    spread evenly over all photos. A pass is always one, by the site's own rule.
    """
    return wrong <= MOST_WRONG and chance_of(wrong, count) <= BY_CHANCE


def surely_more_than(hits: int, n: int) -> float:
    """Return above which share (0..1) the true one lies, with a certainty of LEVEL, one-sided.

    Exactly (Clopper and Pearson 1934), so it errs on the side of silence while numbers are small.
    """
    if hits <= 0 or n <= 0:
        return 0.0
    # Its small part only: scipy.stats takes a second to import.
    from scipy.special import betaincinv

    hits = min(hits, n)
    return float(betaincinv(hits, n - hits + 1, 1 - LEVEL))


def often_missed(missed: int, seen: int, others_missed: int, others_seen: int) -> bool:
    """Return whether people miss a photo clearly more often than the others of the pool.

    `missed` of `seen` visitors took it for the other animal. Slips are never rarer than USUAL, so
    that a pool without any miss doubts nothing at once; and however bad the others are, what half
    of the visitors miss stands out.
    """
    if missed < LEAST_MISSES:
        return False
    usual = max(USUAL, others_missed / others_seen if others_seen else 0.0)
    return surely_more_than(missed, seen) > min(TIMES * usual, HALF)


def agreed(cats: int, votes: int, needed: int) -> bool | None:
    """Return what the votes for a probe agree on: True for a cat, None while they do not.

    Ten visitors of whom each is wrong 1 time in 20 agree on the wrong animal (9 or 10 of them)
    about once in 50 billion photos. A photo that looks as much like the one as like the other gets
    nine of the first ten on one side 1 time in 47; a person sees it anyway.
    """
    if votes < needed:
        return None
    # In whole numbers: 0.9 of 10 is 9, and not a hair more.
    tenths = round(AGREE * 10)
    if 10 * cats >= tenths * votes:
        return True
    if 10 * (votes - cats) >= tenths * votes:
        return False
    return None


def are_split(votes: int, needed: int) -> bool:
    """Return whether so many votes without agreement mean that there will be none."""
    return votes >= SPLIT * needed
