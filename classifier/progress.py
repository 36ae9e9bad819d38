"""How a long job tells how far it is. Who shows it, and how, is the caller's business."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A job has stages, one after another; each counts up to a total, if that is known."""

    def start(self, stage: str, total: int | None = None) -> None:
        """Begin a stage."""

    def advance(self, count: int = 1, said: str = "") -> None:
        """Go on by so many; `said` is shown beside it: the latest figures."""


class Quiet:
    """Shows nothing."""

    def start(self, stage: str, total: int | None = None) -> None:
        """Begin a stage."""

    def advance(self, count: int = 1, said: str = "") -> None:
        """Go on by so many."""
