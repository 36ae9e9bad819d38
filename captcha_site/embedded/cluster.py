"""PostgreSQL's data folder: made whole or not at all, checked before each start."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

from captcha_site.embedded.account import Account
from captcha_site.embedded.binaries import postgres_folder
from captcha_site.embedded.errors import FULL_DISK_WORDS, ServerError, from_os, full_disk, last_line

# A fresh cluster with its write-ahead log, and some room for photos.
FIRST_START_BYTES = 500_000_000
NEXT_START_BYTES = 100_000_000


def cluster_version(data: Path) -> int | None:
    """Return the major version that made the cluster, or None where there is none yet.

    Raises ServerError when the folder holds something that is not a whole cluster.
    """
    if not data.exists():
        return None
    try:
        if not any(data.iterdir()):
            data.rmdir()
            return None
        version = int((data / "PG_VERSION").read_text())
        (data / "global" / "pg_control").stat()
        (data / "postgresql.conf").stat()
    except PermissionError as error:
        raise ServerError(
            f"{data} belongs to another user. Run Pawcha as that user, "
            "or choose another folder with PAWCHA_VAR."
        ) from error
    except (OSError, ValueError) as error:
        raise ServerError(
            f"{data} is half initialised: it is not a whole PostgreSQL cluster. "
            f"If you need nothing from it, delete it (rm -r {data}) and start again."
        ) from error
    return version


def programs_for(data: Path) -> Path:
    """Return the folder of the PostgreSQL programs that can run this cluster, made or not.

    Raises ServerError when the cluster was made by another major version.
    """
    made_by = cluster_version(data)
    folder, version = postgres_folder(made_by)
    if made_by is not None and version != made_by:
        raise ServerError(
            f"{data} was made by PostgreSQL {made_by}, and here is PostgreSQL {version}. "
            f"Install PostgreSQL {made_by}, or, if you need nothing from it, "
            f"delete it (rm -r {data})."
        )
    return folder


def check_room(data: Path) -> None:
    """See that the disk has room for a start.

    Raises ServerError with the room that is left.
    """
    needed = NEXT_START_BYTES if data.exists() else FIRST_START_BYTES
    free = shutil.disk_usage(data.parent).free
    if free < needed:
        raise ServerError(
            f"The disk that holds {data.parent} has {free // 1_000_000} MB left, and Pawcha needs "
            f"{needed // 1_000_000} MB to start. Free some space, "
            "or choose another folder with PAWCHA_VAR."
        )


def make_cluster(data: Path, programs: Path, account: Account, say: Callable[[str], None]) -> None:
    """Make a new cluster beside `data`, and give it that name when it is complete.

    Raises ServerError when it cannot be made.
    """
    fresh = data.with_name(f"{data.name}.new")
    try:
        if fresh.exists():
            say(f"Removing what an interrupted start left in {fresh}.")
            shutil.rmtree(fresh)
        fresh.mkdir(mode=0o700)
        os.chown(fresh, account.uid, account.gid)
        _initdb(fresh, programs, account)
        fresh.rename(data)
        _sync_folder(data.parent)
    except OSError as error:
        raise from_os(error, fresh) from error


def give_to(data: Path, account: Account) -> None:
    """Give the cluster to the account that runs it, as after a copy by root.

    Raises ServerError when it belongs to somebody else and we may not.
    """
    if data.stat().st_uid == account.uid:
        return
    if os.getuid() != 0:
        raise ServerError(
            f"{data} belongs to another user (id {data.stat().st_uid}). Run Pawcha as that user, "
            "or choose another folder with PAWCHA_VAR."
        )
    for folder, names, files in os.walk(data):
        for name in [".", *names, *files]:
            os.chown(Path(folder) / name, account.uid, account.gid, follow_symlinks=False)


def _initdb(fresh: Path, programs: Path, account: Account) -> None:
    done = subprocess.run(  # noqa: S603
        [
            *account.prefix,
            programs / "initdb",
            f"--pgdata={fresh}",
            "--username=postgres",
            # Who can enter the socket's folder is root or us.
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
        ],
        capture_output=True,
        text=True,
        cwd="/",
        env={**os.environ, "LC_ALL": "C"},
        check=False,
        **account.popen(),
    )
    if done.returncode == 0:
        return
    shutil.rmtree(fresh, ignore_errors=True)
    told = done.stdout + done.stderr
    if any(words in told for words in FULL_DISK_WORDS):
        raise full_disk(fresh.parent)
    if "could not look up effective user ID" in told:
        raise ServerError(
            f"Your user id {account.uid} has no name on this machine, and PostgreSQL wants one. "
            "Add it to /etc/passwd, or set DATABASE_URL."
        )
    raise ServerError(f"PostgreSQL could not make {fresh.parent}: {last_line(told)}")


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
