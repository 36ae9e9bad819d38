"""manage.py finds the private servers by itself, and says plainly when they are not there."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def manage(tmp_path: Path, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    """Run a command where no Pawcha runs."""
    gone = {"DATABASE_URL", "REDIS_URL"}
    base = {name: value for name, value in os.environ.items() if name not in gone}
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT, env={**base, "PAWCHA_VAR": str(tmp_path / "var"), **env},
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_it_says_how_to_start_the_servers(tmp_path: Path) -> None:
    done = manage(tmp_path, "create_site", "Shop", "--host", "shop.example.org")
    assert done.returncode == 1
    assert done.stderr.startswith("Pawcha cannot reach its database: ")
    assert "Start it with make run and try again, or look at DATABASE_URL." in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("variable", "value", "sentence"),
    [
        ("DEBUG", "maybe", "DEBUG is 'maybe': write yes or no."),
        ("PAWCHA_READY_TARGET", "many", "PAWCHA_READY_TARGET is 'many': write a whole number"),
        ("PUBLIC_URL", "pawcha.example.org", "PUBLIC_URL is 'pawcha.example.org': write scheme"),
        ("TRUSTED_PROXIES", "10.0.0.0/99", "TRUSTED_PROXIES: '10.0.0.0/99'"),
        ("DATABASE_URL", "sqlite:///x", "DATABASE_URL starts with 'sqlite'"),
    ],
)
def test_a_bad_setting_names_itself(
    tmp_path: Path, variable: str, value: str, sentence: str
) -> None:
    done = manage(tmp_path, "check", **{variable: value})
    assert done.returncode == 1
    assert done.stderr.startswith(sentence)
    assert "Traceback" not in done.stderr


def test_no_model_lacks_its_migration(tmp_path: Path) -> None:
    home = {name: os.environ[name] for name in ("DATABASE_URL", "REDIS_URL")}
    done = manage(tmp_path, "makemigrations", "--check", "--dry-run", **home)
    assert done.returncode == 0, done.stdout
