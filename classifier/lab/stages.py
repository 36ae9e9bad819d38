"""Stages of a long run: each is kept by what it depends on, and done only once.

A run that was killed goes on where it stood, since nothing is kept but whole.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

_DIGITS: Final = 16


def fingerprint(said: Any) -> str:
    """Return hexadecimal digits that follow from what JSON can hold."""
    text = json.dumps(said, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()[:_DIGITS]


def of_sources(folder: Path) -> str:
    """Return hexadecimal digits that change with any Python file of a folder."""
    found = hashlib.sha256()
    for path in sorted(folder.rglob("*.py")):
        found.update(path.name.encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:_DIGITS]


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that it is there whole or not at all, also after the power fails."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(path.name + ".part")
    with part.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)


@dataclass(slots=True)
class Stages:
    """The folder of a run, and how long each of its stages took, in seconds.

    `seconds` counts what stages took when they were made; `kept` names those that were there.
    """

    folder: Path
    seconds: dict[str, float] = field(default_factory=dict)
    kept: list[str] = field(default_factory=list)

    def path(self, name: str, needs: Mapping[str, Any], suffix: str) -> Path:
        """Return where a stage that depends on this is kept."""
        return self.folder / f"{name}-{fingerprint(needs)}{suffix}"

    def json(self, name: str, needs: Mapping[str, Any], make: Callable[[], Any]) -> Any:
        """Return what a stage made, or make it: whatever JSON can hold.

        Beside it stands how many seconds it took, so that a run that goes on can say so, too.
        """
        path = self.path(name, needs, ".json")
        if path.is_file():
            said = json.loads(path.read_text(encoding="utf-8"))
            self.kept.append(name)
        else:
            began = time.perf_counter()
            made = make()
            said = {"needs": needs, "seconds": time.perf_counter() - began, "made": made}
            write_whole(path, json.dumps(said, default=str).encode())
            # As it would be read again: a list where a tuple was.
            said = json.loads(path.read_text(encoding="utf-8"))
        self.seconds[name] = self.seconds.get(name, 0.0) + said["seconds"]
        return said["made"]
