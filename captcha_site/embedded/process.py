"""Child processes that never stay behind: started apart, written down, taken down whole.

Each child leads a session of its own, so that Ctrl-C reaches only the supervisor, which then
stops its children in order. Each is written down in var/run with its id and its start time, so
that the next start finds what a killed supervisor left and never touches a stranger that got the
same id later.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import psutil

from captcha_site.embedded.errors import ServerError, from_os

# Start times are rebuilt from the clock at each reading and may differ a little.
SAME_START_SECONDS = 2.0
LOG_LIMIT = 10_000_000


@cache
def setpriv() -> str | None:
    """Return the path of util-linux' setpriv, or None where there is none."""
    place = shutil.which("setpriv", path=f"{os.environ.get('PATH', '')}:/usr/bin:/bin")
    if place is None:
        return None
    # BusyBox has one too, without what is needed here.
    help_text = subprocess.run(  # noqa: S603
        [place, "--help"], capture_output=True, text=True, check=False
    )
    return place if "--pdeathsig" in help_text.stdout else None


def dies_with_parent(number: signal.Signals) -> list[str]:
    """Return the words before a command that send it a signal when its parent dies.

    Returns none where the system cannot: there the next start takes down what was left.
    """
    place = setpriv()
    return [place, f"--pdeathsig={number.name.removeprefix('SIG')}", "--"] if place else []


class Child:
    """One process of ours, its log and its record. Times are in seconds."""

    def __init__(self, name: str, var: Path, *, stop_signal: signal.Signals) -> None:
        self.name = name
        self.stop_signal = stop_signal
        self.log = var / "log" / f"{name}.log"
        self.record = var / "run" / f"{name}.json"
        self._process: subprocess.Popen[bytes] | None = None
        self._log_start = 0
        self._asked = False

    def start(
        self,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        prefix: Sequence[str] | None = None,
        user: int | None = None,
    ) -> None:
        """Start the command. `prefix` replaces the words that tie it to our life.

        Raises ServerError when the command or its log cannot be opened.
        """
        before = dies_with_parent(self.stop_signal) if prefix is None else list(prefix)
        try:
            self.log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.record.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._keep_log_small()
            with self.log.open("ab") as log:
                self._log_start = log.tell()
                self._asked = False
                self._process = subprocess.Popen(  # noqa: S603 (our own command)
                    [*before, *command],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=dict(env) if env is not None else None,
                    cwd=cwd,
                    user=user,
                    group=user,
                    extra_groups=None if user is None else [],
                    start_new_session=True,
                )
            self._write_record(self._process.pid)
        except OSError as error:
            self.kill()
            raise from_os(error, Path(str(error.filename or self.log))) from error

    @property
    def pid(self) -> int | None:
        """The process id, or None before the start."""
        return self._process.pid if self._process else None

    def exit_code(self) -> int | None:
        """Return how it ended, or None while it runs."""
        return self._process.poll() if self._process else -1

    def running(self) -> bool:
        """Say whether it runs."""
        return self.exit_code() is None

    def said(self, *, most: int = 4000) -> str:
        """Return the end of what it wrote since its start, `most` bytes at most."""
        try:
            with self.log.open("rb") as log:
                size = log.seek(0, os.SEEK_END)
                log.seek(max(self._log_start, size - most))
                return log.read().decode(errors="replace")
        except OSError:
            return ""

    def ask_to_stop(self) -> None:
        """Send the signal that it takes as a wish to stop; once, for some take two as haste."""
        if self._process and self.running() and not self._asked:
            self._asked = True
            self._process.send_signal(self.stop_signal)

    def stop(self, *, wait: float) -> bool:
        """Ask it to stop, wait, then kill it with all it started. Say whether it went by itself."""
        self.ask_to_stop()
        if self._process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(wait)
        went = not self.running()
        self.kill()
        return went

    def kill(self) -> None:
        """End it and everything that it started, at once, and forget its record."""
        if self._process is None:
            return
        end(session_members(self._process.pid), wait=0)
        self._process.wait()
        # A record that stays is looked at by the next start; the other children must still go.
        with contextlib.suppress(OSError):
            self.record.unlink(missing_ok=True)

    def _keep_log_small(self) -> None:
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))

    def _write_record(self, pid: int) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            created = psutil.Process(pid).create_time()
            fresh = self.record.with_suffix(".new")
            fresh.write_text(
                json.dumps({"pid": pid, "created": created, "signal": int(self.stop_signal)})
            )
            fresh.replace(self.record)


def session_members(leader: int) -> list[psutil.Process]:
    """Return the living processes of the session that `leader` opened, and all their children."""
    everyone = [one for one in psutil.process_iter() if alive(one)]
    found = [one for one in everyone if one.pid == leader or _session(one.pid) == leader]
    ids = {one.pid for one in found}
    # PostgreSQL's backends open sessions of their own, so their parents are looked at too.
    fresh = ids
    while fresh:
        children = [one for one in everyone if one.pid not in ids and _parent(one) in fresh]
        found += children
        fresh = {one.pid for one in children}
        ids |= fresh
    return found


def _session(pid: int) -> int:
    try:
        return os.getsid(pid)
    except OSError:
        return -1


def _parent(process: psutil.Process) -> int:
    try:
        return process.ppid()
    except psutil.Error:
        return -1


def end(
    processes: Sequence[psutil.Process],
    *,
    wait: float,
    number: signal.Signals = signal.SIGTERM,
) -> None:
    """Ask the processes to end, wait that many seconds, kill. With no wait they are not asked."""
    if wait:
        for process in processes:
            with contextlib.suppress(psutil.Error):
                process.send_signal(number)
        _wait_gone(processes, wait)
    for process in processes:
        with contextlib.suppress(psutil.Error):
            process.kill()
    _wait_gone(processes, 5)


def _wait_gone(processes: Sequence[psutil.Process], seconds: float) -> None:
    until = time.monotonic() + seconds
    while any(alive(one) for one in processes) and time.monotonic() < until:
        time.sleep(0.02)


def alive(process: psutil.Process) -> bool:
    """Say whether it runs. One that only waits for its parent to take notice does not."""
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def reap(var: Path, *, wait: float = 6) -> list[str]:
    """Take down what a killed supervisor left of this `var`. Return the names of what was found.

    Call it with the RunLock held: then whatever is written down belongs to nobody living.
    """
    found = []
    for record in sorted((var / "run").glob("*.json")):
        if _reap_one(record, wait=wait):
            found.append(record.stem)
        record.unlink(missing_ok=True)
    return found


def _reap_one(record: Path, *, wait: float) -> bool:
    try:
        noted = json.loads(record.read_text())
        pid, created = int(noted["pid"]), float(noted["created"])
        number = signal.Signals(noted["signal"])
    except (ValueError, KeyError, TypeError, OSError):
        return False
    members = _members_since(pid, created)
    leader = next((one for one in members if one.pid == pid), None)
    if leader is not None:
        if abs(_created(leader) - created) > SAME_START_SECONDS:
            return False  # a stranger that got the same id
        end([leader], wait=wait, number=number)
    # Looked up once more: it may have started something in its last moment.
    end([*members, *_members_since(pid, created)], wait=1)
    return bool(members)


def _members_since(leader: int, created: float) -> list[psutil.Process]:
    """Return those of the leader's session that are not older than the leader."""
    oldest = created - SAME_START_SECONDS
    return [one for one in session_members(leader) if _created(one) >= oldest]


def _created(process: psutil.Process) -> float:
    try:
        return process.create_time()
    except psutil.Error:
        return 0.0


def wait_until(
    what: str,
    child: Child,
    ready: Callable[[], bool],
    *,
    seconds: float,
    pause: Callable[[float], None] = time.sleep,
) -> None:
    """Wait until `ready()` says yes. `pause` is called between tries and may end the wait.

    Raises ServerError when the child ends or the time is up.
    """
    until = time.monotonic() + seconds
    while not ready():
        if not child.running():
            raise ServerError(f"{what} stopped while starting. See {child.log}.")
        if time.monotonic() > until:
            raise ServerError(
                f"{what} was not ready within {seconds:.0f} seconds. See {child.log}."
            )
        pause(0.05)
