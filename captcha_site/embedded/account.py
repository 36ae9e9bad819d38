"""Who PostgreSQL runs as: it refuses to be root, and Pawcha may well be."""

from __future__ import annotations

import os
import pwd
import signal
import stat
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from captcha_site.embedded.errors import ServerError
from captcha_site.embedded.process import dies_with_parent, setpriv

NOBODY = 65534


@dataclass(frozen=True)
class Account:
    """The user of a server, and how a command becomes that user."""

    uid: int
    gid: int
    # Words before the command; they tie it to our life, too, where the system can.
    prefix: Sequence[str]
    # For subprocess, where no word before the command changes the user.
    switch: bool = False

    def popen(self) -> dict[str, Any]:
        """Return what subprocess needs to know about the user."""
        if not self.switch:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": []}


def server_account(places: Sequence[Path], stop_signal: signal.Signals) -> Account:
    """Return the account for PostgreSQL, which must reach all of `places`.

    Raises ServerError when we are root and cannot become anybody else.
    """
    if os.getuid() != 0:
        return Account(os.getuid(), os.getgid(), dies_with_parent(stop_signal))
    try:
        nobody = pwd.getpwnam("nobody")
        uid, gid = nobody.pw_uid, nobody.pw_gid
    except KeyError:
        uid = gid = NOBODY
    return _by_setpriv(uid, gid, stop_signal) or _by_subprocess(uid, gid, places, stop_signal)


def _by_setpriv(uid: int, gid: int, stop_signal: signal.Signals) -> Account | None:
    place = setpriv()
    if place is None:
        return None
    # A clone may lie in folders that only root may enter: the new user keeps the right to. Without
    # no_setuid_fixup access(2), by which initdb looks for its sibling, would not heed that right.
    words = [
        place,
        f"--reuid={uid}",
        f"--regid={gid}",
        "--clear-groups",
        "--securebits=+no_setuid_fixup",
        "--inh-caps=+dac_override",
        "--ambient-caps=+dac_override",
        f"--pdeathsig={stop_signal.name.removeprefix('SIG')}",
        "--",
    ]
    tried = subprocess.run([*words, "true"], capture_output=True, check=False)  # noqa: S603
    return Account(uid, gid, words) if tried.returncode == 0 else None


def _by_subprocess(
    uid: int, gid: int, places: Sequence[Path], stop_signal: signal.Signals
) -> Account:
    closed = next((folder for place in places for folder in _closed_above(place)), None)
    if closed is not None:
        raise ServerError(
            f"PostgreSQL refuses to run as root, and no other user may enter {closed}. "
            "Run Pawcha as an ordinary user, or install util-linux (setpriv), "
            "or set DATABASE_URL."
        )
    account = Account(uid, gid, dies_with_parent(stop_signal), switch=True)
    try:
        subprocess.run(["true"], check=True, **account.popen())  # noqa: S607
    except (OSError, subprocess.SubprocessError) as error:
        raise ServerError(
            "PostgreSQL refuses to run as root, and this machine does not let root become "
            f"another user (id {uid}). Run Pawcha as an ordinary user, or set DATABASE_URL."
        ) from error
    return account


def _closed_above(place: Path) -> list[Path]:
    return [
        folder
        for folder in place.resolve().parents
        if folder.exists() and not folder.stat().st_mode & stat.S_IXOTH
    ]
