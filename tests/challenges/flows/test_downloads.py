"""Fetching the public set, from a server on this machine."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from challenges.flows import downloads
from challenges.flows.downloads import NotFetched, PublicSet


class Shop(BaseHTTPRequestHandler):
    """Serves one file, and ranges of it; breaks off once."""

    def __init__(self, data: bytes, asked: list[str], *args: Any) -> None:
        self.data, self.asked = data, asked
        super().__init__(*args)

    def do_GET(self) -> None:
        """Answer with the file, from where it is asked."""
        wanted = self.headers.get("Range", "bytes=0-")
        self.asked.append(wanted)
        start = int(wanted.removeprefix("bytes=").rstrip("-"))
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(self.data) - start))
        self.end_headers()
        broken = len(self.asked) == 1
        self.wfile.write(self.data[start : len(self.data) // 2 if broken else None])

    def log_message(self, *args: Any) -> None:
        """Say nothing."""


DATA = bytes(range(256)) * 400


@pytest.fixture
def asked() -> list[str]:
    """Return the ranges that were asked for."""
    return []


@pytest.fixture
def public(asked: list[str]) -> Iterator[PublicSet]:
    """Yield a set that this machine serves."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Shop, DATA, asked))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}/images.tar.gz"
    yield PublicSet("s", address, hashlib.md5(DATA).hexdigest(), "free")  # noqa: S324
    server.shutdown()
    thread.join()
    server.server_close()


def test_it_goes_on_where_it_stopped(tmp_path: Path, public: PublicSet, asked: list[str]) -> None:
    target = tmp_path / "downloads" / "images.tar.gz"
    with pytest.raises(NotFetched, match="Run it again to go on where it stopped"):
        list(downloads.fetch(public, target))
    assert list(downloads.fetch(public, target))[-1] == (len(DATA), len(DATA))
    assert target.read_bytes() == DATA
    assert asked == ["bytes=0-", f"bytes={len(DATA) // 2}-"]
    assert list(downloads.fetch(public, target)) == []


def test_it_says_plainly_that_there_is_no_internet(tmp_path: Path) -> None:
    nowhere = PublicSet("s", "http://127.0.0.1:9/images.tar.gz", "", "free")
    with pytest.raises(NotFetched, match="Is there internet here"):
        list(downloads.fetch(nowhere, tmp_path / "images.tar.gz"))


def test_a_broken_download_is_removed(tmp_path: Path, public: PublicSet) -> None:
    target = tmp_path / "images.tar.gz"
    wrong = PublicSet("s", public.address, "0" * 32, "free")
    with pytest.raises(NotFetched):
        list(downloads.fetch(wrong, target))
    with pytest.raises(NotFetched, match="came in broken and was removed"):
        list(downloads.fetch(wrong, target))
    assert list(tmp_path.iterdir()) == []
