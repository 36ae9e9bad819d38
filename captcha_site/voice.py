"""What quickstart says: few lines, with some life on a terminal and plain elsewhere."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from rich.console import Console
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.status import Status
from rich.table import Table
from rich.text import Text


class _Console(Console):
    """A console whose reader may go: `make run | head` must still stop in order."""

    def on_broken_pipe(self) -> None:
        """Fall silent, where rich would end the program."""
        self.quiet = True


class Voice:
    """Prints lines, steps and progress. A terminal that is gone is no reason to fail."""

    def __init__(self) -> None:
        self.console = _Console(highlight=False, soft_wrap=True)
        self.lively = self.console.is_terminal
        self.tick = "✓" if (self.console.encoding or "").lower().startswith("utf") else "*"
        self._status: Status | None = None

    def say(self, line: str = "", *, style: str = "") -> None:
        """Print one line."""
        with contextlib.suppress(OSError):
            self.console.print(Text(line, style=style))
            sys.stdout.flush()

    def wrong(self, line: str) -> None:
        """Print what went wrong."""
        self.quiet()
        self.say(line, style="bold red" if self.lively else "")

    @contextlib.contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Show that a step runs, and how long it took when it is done."""
        began = time.monotonic()
        self.busy(f"{name} ...")
        try:
            yield
        finally:
            self.quiet()
        self.say(f"  {self.tick} {name:<34} {time.monotonic() - began:5.1f} s")

    def busy(self, line: str) -> None:
        """Show what is going on right now; nothing where the output is no terminal."""
        if not self.lively:
            return
        with contextlib.suppress(OSError):
            if self._status is None:
                self._status = self.console.status(Text(line))
                self._status.start()
            else:
                self._status.update(Text(line))

    def quiet(self) -> None:
        """End what `busy` shows."""
        if self._status is not None:
            with contextlib.suppress(OSError):
                self._status.stop()
            self._status = None

    @contextlib.contextmanager
    def bar(self, name: str, total: int) -> Iterator[Progress]:
        """Show a bar with one task, on a terminal only."""
        self.quiet()
        columns = (TextColumn("  {task.description}"), BarColumn(30), MofNCompleteColumn())
        progress = Progress(*columns, console=self.console, transient=True, disable=not self.lively)
        progress.add_task(name, total=total)
        with contextlib.suppress(OSError):
            progress.start()
        try:
            yield progress
        finally:
            with contextlib.suppress(OSError):
                progress.stop()

    def addresses(self, title: str, rows: Sequence[tuple[str, str]], close: str) -> None:
        """Show names with addresses beside them, in a frame on a terminal."""
        if not self.lively:
            self.say(f"\n{title}")
            for name, value in rows:
                self.say(f"  {name:<12} {value}")
            self.say(close)
            return
        table = Table.grid(padding=(0, 2))
        for name, value in rows:
            table.add_row(Text(name, style="dim"), Text(value))
        with contextlib.suppress(OSError):
            self.console.print()
            self.console.print(Panel(table, title=title, subtitle=close, expand=False, padding=1))


def tail(log: Path, said: str, *, lines: int = 6) -> str:
    """Return the last lines of a log, indented, with its name above them."""
    last = [line for line in said.splitlines() if line.strip()][-lines:] or ["(nothing)"]
    return "\n".join([f"The end of {log}:", *(f"    {line}" for line in last)])
