"""One supervisor per `var` folder."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from types import TracebackType
from typing import IO

from captcha_site.embedded.errors import ServerError, from_os


class RunLock:
    """Holds var/run/lock while a supervisor lives; the kernel lets go of it when it dies."""

    def __init__(self, var: Path) -> None:
        self.var = var
        self.path = var / "run" / "lock"
        self._file: IO[str] | None = None

    @property
    def held(self) -> bool:
        """Whether it is ours right now."""
        return self._file is not None

    def acquire(self) -> None:
        """Take the lock and write our process id into it.

        Raises ServerError when another process holds it, naming that process.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Opened without truncating: the id of the holder must stay readable.
            file = self.path.open("a+")
        except OSError as error:
            raise from_os(error, self.path.parent) from error
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder = file.read().strip() or "unknown"
            file.close()
            raise ServerError(
                f"Pawcha already runs on {self.var} (process {holder}). Stop that one first, "
                "or choose another folder with PAWCHA_VAR."
            ) from None
        file.seek(0)
        file.truncate()
        file.write(f"{os.getpid()}\n")
        file.flush()
        self._file = file

    def release(self) -> None:
        """Let go. The file stays: removing it would let two processes lock two files."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def __enter__(self) -> RunLock:
        self.acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
