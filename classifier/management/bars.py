"""Progress of long jobs on a terminal, with the time left; elsewhere a line now and then."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Final

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

# Seconds between lines where there is no terminal.
EVERY: Final = 10.0


class Bars:
    """One bar for each stage of a job."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.task: TaskID | None = None
        self.stage, self.said = "", ""
        self.done, self.total = 0, 0
        self.told_at = self.began = time.monotonic()
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[said]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
        )

    def __enter__(self) -> Bars:
        """Show the bars."""
        self.progress.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the bars as they are."""
        self._close()
        self.progress.stop()

    def start(self, stage: str, total: int | None = None) -> None:
        """Begin a stage."""
        self._close()
        self.stage, self.said, self.done, self.total = stage, "", 0, total or 0
        self.told_at = self.began = time.monotonic()
        self.task = self.progress.add_task(stage, total=total, said="")

    def advance(self, count: int = 1, said: str = "") -> None:
        """Go on by so many."""
        self.done += count
        self.said = said
        if self.task is not None:
            self.progress.update(self.task, advance=count, said=said)
        if not self.console.is_terminal and time.monotonic() - self.told_at >= EVERY:
            self._tell()

    def _close(self) -> None:
        if self.task is not None and not self.console.is_terminal:
            self._tell()
        if self.task is not None and not self.total:
            self.progress.update(self.task, total=self.done)
        self.task = None

    def _tell(self) -> None:
        self.told_at = time.monotonic()
        spent = self.told_at - self.began
        of = f" of {self.total}" if self.total else ""
        left = ""
        if self.total and self.done:
            left = f", {spent * (self.total - self.done) / self.done:.0f} s left"
        said = f", {self.said}" if self.said else ""
        self.console.print(
            f"{self.stage}: {self.done}{of}{said}{left}", highlight=False, soft_wrap=True
        )
