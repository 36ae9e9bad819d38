"""Progress for people: bars on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

# Seconds between plain lines.
EVERY: Final = 2.0


class Bars:
    """Named bars. Elsewhere than on a terminal the same figures come as lines of text."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.figures: dict[str, str] = {}
        self.bars: dict[str, TaskID] = {}
        self.told_at = time.monotonic()
        self.progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.fields[figure]}"),
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
        """Leave the bars as they are, and the last figures on the screen."""
        self.progress.stop()
        if not self.console.is_terminal:
            self._tell()

    def show(self, name: str, figure: str, done: float = 0, total: float | None = None) -> None:
        """Show one bar's figure, and how much of it is done."""
        self.figures[name] = figure
        if self.console.is_terminal:
            if name not in self.bars:
                self.bars[name] = self.progress.add_task(name, figure=figure, total=total)
            self.progress.update(self.bars[name], completed=done, total=total, figure=figure)
        elif time.monotonic() - self.told_at >= EVERY:
            self._tell()

    def _tell(self) -> None:
        self.told_at = time.monotonic()
        if self.figures:
            line = ", ".join(f"{name.lower()}: {figure}" for name, figure in self.figures.items())
            self.console.print(line, highlight=False, soft_wrap=True)
