"""Is an answer right? Pure."""

from __future__ import annotations

from challenges.exceptions import InvalidPicks


def picks_mask(picks: object, count: int) -> int:
    """Return the picked places as a number whose bit i says that picture i was picked.

    Raises InvalidPicks with what to send instead.
    """
    if not isinstance(picks, list) or not picks:
        raise InvalidPicks("Pick at least one picture: send picks such as [0, 3, 5].")
    if len(picks) > count or any(type(pick) is not int for pick in picks):
        raise InvalidPicks(f"picks is a list of at most {count} whole numbers.")
    if any(not 0 <= pick < count for pick in picks):
        raise InvalidPicks(f"Each pick is a number from 0 to {count - 1}.")
    if len(set(picks)) != len(picks):
        raise InvalidPicks("Each picture can be picked once only.")
    return sum(1 << pick for pick in picks)


def is_right(cats: int, picks: int, tolerance: int = 0, probe: int = -1) -> bool:
    """Return whether the cats were picked, with at most `tolerance` wrong pictures in all rounds.

    Both are masks with a bit per picture. The one at `probe` does not count, picked or not.
    """
    return wrong(cats, picks, probe).bit_count() <= tolerance


def wrong(cats: int, picks: int, probe: int = -1) -> int:
    """Return a mask of the pictures that were judged wrongly; that at `probe` never is."""
    counted = ~(1 << probe) if probe >= 0 else ~0
    return (cats ^ picks) & counted
