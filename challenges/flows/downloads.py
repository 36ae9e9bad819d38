"""Fetching a public set of photos, where there is internet."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import httpx


@dataclass(frozen=True, slots=True)
class PublicSet:
    """A set that everybody can download. `md5` finds broken downloads; it proves no origin."""

    name: str
    address: str
    md5: str
    licence: str


OXFORD_PETS: Final = PublicSet(
    name="oxford-pets",
    address="https://www.robots.ox.ac.uk/~vgg/data/pets/data/images.tar.gz",
    md5="5c4f3ee8e5d25df40f4fd59a7f44e54c",
    licence="Oxford-IIIT Pet, CC BY-SA 4.0",
)


class NotFetched(RuntimeError):
    """The set could not be fetched. The text says why, and another way."""


def fetch(public: PublicSet, target: Path) -> Iterator[tuple[int, int]]:
    """Download the set to `target`, going on where an earlier download stopped.

    Yields bytes so far and bytes in all (0 when not known). Nothing is fetched when it is there.
    Raises NotFetched.
    """
    if target.exists():
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        yield from _download(public.address, part)
    except httpx.HTTPError as error:
        raise NotFetched(
            f"{public.address} could not be fetched ({type(error).__name__}: {error}). "
            "Is there internet here? Run it again to go on where it stopped, or fetch that file "
            f"elsewhere and import it: manage.py import_photos {target.name}"
        ) from error
    with part.open("rb") as file:
        digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
    if digest.hexdigest() != public.md5:
        part.unlink()
        raise NotFetched(f"{public.address} came in broken and was removed: run it again.")
    part.replace(target)


def _download(address: str, part: Path) -> Iterator[tuple[int, int]]:
    have = part.stat().st_size if part.exists() else 0
    headers = {"Accept-Encoding": "identity"} | ({"Range": f"bytes={have}-"} if have else {})
    timeout = httpx.Timeout(30, connect=10)
    with httpx.stream(
        "GET", address, headers=headers, timeout=timeout, follow_redirects=True
    ) as reply:
        if reply.status_code == httpx.codes.REQUESTED_RANGE_NOT_SATISFIABLE:
            return  # Everything is there already.
        reply.raise_for_status()
        if reply.status_code != httpx.codes.PARTIAL_CONTENT:
            have = 0
        total = have + int(reply.headers.get("Content-Length", 0))
        with part.open("ab" if have else "wb") as file:
            for chunk in reply.iter_raw():
                file.write(chunk)
                have += len(chunk)
                yield have, total
