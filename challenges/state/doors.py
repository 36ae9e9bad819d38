"""Tries at the sign-in: taken before a password is looked at, given back when it was right."""

from __future__ import annotations

from challenges.budgets import Budget
from challenges.state import PREFIX, client, spend
from challenges.state.base import run

__all__ = ["give_back", "is_news", "spend"]


def give_back(budgets: dict[str, Budget]) -> None:
    """Give one try back to each of the named buckets."""
    run(
        "give_back",
        [f"bucket:{name}" for name in budgets],
        [budget.burst for budget in budgets.values()],
    )


def is_news(name: str, seconds: int) -> bool:
    """Return True once in so many seconds, to whoever asks first."""
    return bool(client().set(f"{PREFIX}news:{name}", "1", ex=seconds, nx=True))
