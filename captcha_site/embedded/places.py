"""Where the private servers' sockets are: found from the `var` folder alone, and kept safe."""

from __future__ import annotations

import contextlib
import hashlib
import os
import stat
import tempfile
from pathlib import Path
from typing import Final
from urllib.parse import quote

from captcha_site.embedded.errors import ServerError, from_os

# A Unix socket's address has room for 107 bytes; this is the longest name put after the folder.
SOCKET_LIMIT: Final = 107
LONGEST_NAME: Final = "pg/.s.PGSQL.5432.lock"

ROLE: Final = "pawcha"
DATABASE: Final = "pawcha"
# Only a part of the socket's name. Written out, so that PGPORT in the environment changes nothing.
PORT: Final = 5432


def socket_folder(var: Path) -> Path:
    """Return the folder of this `var`'s sockets. It need not exist.

    It is the same for every process of one user, whatever their TMPDIR: a command from cron must
    find the servers that a login shell started, so plain /tmp comes first.
    """
    digest = hashlib.sha256(os.fsencode(var.resolve())).hexdigest()[:10]
    temporary = Path("/tmp")  # noqa: S108 (the folder is ours alone: see claim)
    if not temporary.is_dir():
        temporary = Path(tempfile.gettempdir())
    return temporary / f"pawcha-{os.getuid()}-{digest}"


def postgres_sockets(var: Path) -> Path:
    """Return the folder of PostgreSQL's socket."""
    return socket_folder(var) / "pg"


def redis_socket(var: Path) -> Path:
    """Return the path of Redis' socket."""
    return socket_folder(var) / "redis" / "redis.sock"


def database_url(var: Path) -> str:
    """Return the address of this `var`'s private PostgreSQL, whether it runs or not."""
    return f"postgresql://{ROLE}@:{PORT}/{DATABASE}?host={quote(str(postgres_sockets(var)))}"


def redis_url(var: Path) -> str:
    """Return the address of this `var`'s private Redis, whether it runs or not."""
    return f"unix://{quote(str(redis_socket(var)))}?db=0"


def claim_socket_folder(var: Path) -> Path:
    """Make the folder of the sockets, or see that the one that is there is ours.

    Raises ServerError when somebody else may have put it there, or when its path is too long.
    """
    folder = socket_folder(var)
    if len(os.fsencode(folder / LONGEST_NAME)) > SOCKET_LIMIT:
        raise ServerError(
            f"The folder for temporary files, {folder.parent}, has too long a name for a socket. "
            "Set TMPDIR to a shorter one, such as /tmp."
        )
    # Root's PostgreSQL runs as another user: it passes through here into its own folder only.
    claim(folder, mode=0o711 if os.getuid() == 0 else 0o700)
    return folder


def leave_socket_folder(var: Path) -> None:
    """Remove the folders of the sockets after a clean stop; those with something in them stay."""
    for folder in (postgres_sockets(var), redis_socket(var).parent, socket_folder(var)):
        with contextlib.suppress(OSError):
            folder.rmdir()


def claim(folder: Path, *, mode: int = 0o700, owners: tuple[int, ...] = ()) -> None:
    """Make `folder`, or see that the one that is there is a plain folder of ours.

    Raises ServerError when it is something else: somebody may have planted it.
    """
    try:
        folder.mkdir(mode=mode, exist_ok=True)
        found = folder.lstat()
    except FileExistsError:
        found = folder.lstat()
    except OSError as error:
        raise from_os(error, folder) from error
    if not stat.S_ISDIR(found.st_mode):
        raise ServerError(f"{folder} is not a plain folder. Look who put it there and remove it.")
    if found.st_uid not in {os.getuid(), *owners}:
        raise ServerError(
            f"{folder} belongs to somebody else (user id {found.st_uid}). "
            "Look who put it there and remove it."
        )
    if stat.S_IMODE(found.st_mode) != mode:
        folder.chmod(mode)
