"""A short `var` folder, and the promise that nothing runs in it afterwards."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from captcha_site.embedded import Servers
from captcha_site.embedded.places import socket_folder
from tests.project.processes import assert_nobody_left


@pytest.fixture
def var() -> Iterator[Path]:
    """Return a folder that is not there yet. Whoever works in it must be gone at the end."""
    home = Path(tempfile.mkdtemp(prefix="pawcha-project-"))
    yield home / "var"
    assert_nobody_left(home)
    shutil.rmtree(socket_folder(home / "var"), ignore_errors=True)
    shutil.rmtree(home)


@pytest.fixture(scope="session")
def template() -> Iterator[Path]:
    """Return a `var` folder that was started and stopped once. Copy it; do not start it."""
    home = Path(tempfile.mkdtemp(prefix="pawcha-template-"))
    with Servers(home / "var"):
        pass
    yield home / "var"
    assert_nobody_left(home)
    shutil.rmtree(socket_folder(home / "var"), ignore_errors=True)
    shutil.rmtree(home)


@pytest.fixture
def made(var: Path, template: Path) -> Path:
    """Return a `var` folder as after its first start: quicker than a first start each time."""
    subprocess.run(["cp", "-a", template, var], check=True)
    return var
