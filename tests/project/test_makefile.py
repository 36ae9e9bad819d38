"""The two commands: what make says and would do. Nothing is installed here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
INSTALLED = ("serve", "worker", "serve-test", "worker-test", "worker-test-lint")

pytestmark = pytest.mark.skipif(shutil.which("make") is None, reason="there is no make here")


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """Return a folder with what make looks at, and a .venv that looks installed."""
    for name in ("Makefile", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    (tmp_path / ".venv").mkdir()
    return tmp_path


def install(clone: Path) -> None:
    """Mark everything as installed."""
    for extras in INSTALLED:
        (clone / ".venv" / f".has-{extras}").touch()


def make(clone: Path, *words: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    """Run make as a person would, outside of any other make."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))
    }
    env = kept | {"PATH": path or os.environ["PATH"]}
    return subprocess.run(
        [str(shutil.which("make")), *words],
        cwd=clone,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )


def test_it_helps_by_default(clone: Path) -> None:
    said = make(clone).stdout
    assert all(f"make {word}" in said for word in ("run", "install", "test", "lint", "clean"))


def test_run_passes_port_and_photos_on_untouched(clone: Path) -> None:
    install(clone)
    fake = clone / ".venv" / "bin" / "python"
    fake.parent.mkdir()
    fake.write_text('#!/bin/sh\nfor word in "$@"; do echo "<$word>"; done\n')
    fake.chmod(0o755)
    said = make(clone, "run", "PORT=8123", "PHOTOS='a b' c;d \"e\"").stdout
    assert re.findall("<(.*)>", said)[2:6] == ["--port", "8123", "--photos", "'a b' c;d \"e\""]


def test_the_lab_keeps_its_results_when_asked_to(clone: Path) -> None:
    install(clone)
    would = make(clone, "--dry-run", "attack-lab", "PHOTOS=a.tar", "STORE=1").stdout
    assert "attack_lab a.tar" in would
    assert "--store" in would
    assert "--store" not in make(clone, "--dry-run", "attack-lab", "PHOTOS=a.tar").stdout


def test_it_installs_nothing_twice(clone: Path) -> None:
    install(clone)
    assert "pip" not in make(clone, "--dry-run", "install").stdout


def test_a_changed_pin_is_installed(clone: Path) -> None:
    install(clone)
    os.utime(clone / "pyproject.toml", (2**31, 2**31))
    assert "pip" in make(clone, "--dry-run", "install").stdout


def test_it_says_how_much_torch_is_and_how_to_get_less_before_it_fetches_it(clone: Path) -> None:
    would = make(clone, "--dry-run", "install").stdout
    told = would.index("about 3 GB of CUDA packages")
    assert told < would.index("make install TORCH_INDEX=") < would.rindex("torch==2")
    assert "WORKER=no" in would


def test_a_machine_that_only_serves_gets_no_torch(clone: Path) -> None:
    would = make(clone, "--dry-run", "install", "WORKER=no").stdout
    assert "pip" in would
    assert "torch" not in would


def test_the_choice_to_only_serve_is_remembered(clone: Path) -> None:
    (clone / ".venv" / ".serve-only").touch()
    assert "torch" not in make(clone, "--dry-run", "install").stdout


def test_an_old_python_is_one_clear_line(clone: Path) -> None:
    old = clone / "old-python"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    done = make(clone, "install", f"PYTHON={old}")
    assert done.returncode != 0
    assert done.stdout == (
        f"Pawcha needs Python 3.11 or newer, and {old} is not one. "
        "Install one, or name it: make install PYTHON=/path/to/python3.12\n"
    )


def test_a_failed_install_is_one_clear_line_and_a_log(clone: Path) -> None:
    fake = clone / "python"
    fake.write_text(
        "#!/bin/sh\n"
        'case "$*" in\n'
        '"-m venv .venv") mkdir -p .venv/bin; cp "$0" .venv/bin/python ;;\n'
        "*install*) echo 'ERROR: No matching distribution found for Django' >&2; exit 1 ;;\n"
        "esac\n"
    )
    fake.chmod(0o755)
    done = make(clone, "install", "WORKER=no", f"PYTHON={fake}")
    assert done.returncode != 0
    assert done.stdout.splitlines()[-2:] == [
        "The install failed. ERROR: No matching distribution found for Django",
        "The whole story is in .venv/install.log.",
    ]
    assert "ERROR" in (clone / ".venv" / "install.log").read_text()


def test_clean_keeps_data(clone: Path) -> None:
    for name in ("var", "media", "app/__pycache__"):
        (clone / name).mkdir(parents=True)
    assert make(clone, "clean").returncode == 0
    assert (clone / "var").is_dir()
    assert (clone / "media").is_dir()
    assert not (clone / "app" / "__pycache__").exists()
