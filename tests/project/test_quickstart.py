"""`make run` as a person meets it: what it says, what it starts, and how it goes away."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from captcha_site.embedded import Child, RunLock, ServerError
from captcha_site.keys import ensure_keys
from captcha_site.management.commands.quickstart import read_photos, read_port
from captcha_site.quickstart import Quickstart
from captcha_site.services import check_port
from captcha_site.stopping import StopWish, StopWishedError
from captcha_site.supervisor import MOST_DEATHS, Service, Supervisor
from captcha_site.voice import Voice
from tests.project.processes import assert_nobody_left

ROOT = Path(__file__).resolve().parents[2]
# Generous: the machine may be busy with other things.
PATIENCE = 150.0
UP = "Web server and worker"
READY = "Stop it with Ctrl-C"


class Run:
    """A quickstart in a process of its own, and what it has said so far."""

    def __init__(self, process: subprocess.Popen[str], port: int) -> None:
        self.process = process
        self.port = port
        self.said = ""
        self._over = False
        self._changed = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self.said += line
                self._changed.notify_all()
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def wait_for(self, text: str) -> None:
        """Wait until it has said this."""
        with self._changed:
            came = self._changed.wait_for(lambda: text in self.said or self._over, PATIENCE)
        assert came, self.said
        assert text in self.said, self.said

    def stop(self, *numbers: signal.Signals) -> int:
        """Send the signals, a moment apart, and return the exit code."""
        for number in numbers:
            self.process.send_signal(number)
            time.sleep(0.3)
        return self.process.wait(30)

    def status(self, path: str) -> int:
        """Return the status of a page."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)
        connection.request("GET", path)
        status = connection.getresponse().status
        connection.close()
        return status


def environment(var: Path) -> dict[str, str]:
    """Return the environment of a person who has set nothing but the folders."""
    unset = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "PUBLIC_URL", "PAWCHA_TEST_HOME"}
    kept = {name: value for name, value in os.environ.items() if name not in unset}
    return kept | {"PAWCHA_VAR": str(var), "PAWCHA_MEDIA": str(var.with_name("media"))}


def free_port() -> int:
    """Return a port that is free right now."""
    with socket.socket() as finder:
        finder.bind(("127.0.0.1", 0))
        return int(finder.getsockname()[1])


def command(port: int, *more: str) -> list[str]:
    """Return the words that start a quickstart."""
    return [sys.executable, "manage.py", "quickstart", "--port", str(port), *more]


@contextmanager
def quickstart(var: Path, *more: str) -> Iterator[Run]:
    """Run a quickstart in this folder. It is killed at the end where it still runs."""
    port = free_port()
    with subprocess.Popen(
        command(port, *more),
        cwd=ROOT,
        env=environment(var),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        try:
            yield Run(process, port)
        finally:
            if process.poll() is None:
                process.terminate()
                process.wait(30)


def child_of(var: Path, name: str) -> psutil.Process:
    """Return the process that is written down under this name."""
    noted = json.loads((var / "run" / f"{name}.json").read_text())
    return psutil.Process(noted["pid"])


class TestRun:
    def test_it_starts_everything_says_where_it_is_and_finds_it_again(self, var: Path) -> None:
        with quickstart(var) as run:
            run.wait_for(READY)
            assert f"http://127.0.0.1:{run.port}/admin/" in run.said
            assert re.search(r"password: \S{16} \(shown only now\)", run.said)
            assert [run.status(page) for page in ("/healthz", "/", "/accounts/login/")] == [200] * 3
            # Its worker may still be waking up.
            assert run.status("/classify/") in {200, 503}
            assert run.status("/pawcha/frame?sitekey=pawcha-test-pass") == 200
            sitekey = re.search(r"Site key +(\S+)", run.said)
            made = subprocess.run(
                [
                    sys.executable,
                    "manage.py",
                    "create_site",
                    "Shop",
                    "--host",
                    "a.example",
                    "--json",
                ],
                cwd=ROOT,
                env=environment(var),
                capture_output=True,
                text=True,
                check=True,
            )
            assert set(json.loads(made.stdout)) >= {"sitekey", "secret"}
            assert run.stop(signal.SIGTERM) == 0
        assert "Stopped. Your data stays" in run.said
        assert_nobody_left(var, within=0)
        with quickstart(var) as again:
            again.wait_for(READY)
            assert sitekey is not None
            assert sitekey[1] in again.said
            assert "shown only now" not in again.said
            assert again.stop(signal.SIGINT, signal.SIGINT) == 0
        assert_nobody_left(var, within=0)

    def test_it_brings_back_what_died_and_stops_with_its_terminal(self, made: Path) -> None:
        with quickstart(made) as run:
            run.wait_for(UP)
            for name in ("worker", "redis", "postgres", "web"):
                child_of(made, name).kill()
            for name in ("worker", "Redis server", "database", "web server"):
                run.wait_for(f"Starting the {name} again.")
            until = time.monotonic() + PATIENCE
            while not answers(run) and time.monotonic() < until:
                time.sleep(0.2)
            assert run.status("/healthz") == 200
            assert run.stop(signal.SIGHUP) == 0
        assert_nobody_left(made, within=0)

    def test_it_leaves_nothing_in_the_way_after_kill_9(self, made: Path) -> None:
        with quickstart(made) as run:
            run.wait_for(UP)
            run.process.kill()
            run.process.wait()
            with quickstart(made) as again:
                again.wait_for(UP)
                assert again.stop(signal.SIGINT) == 0
        assert_nobody_left(made)

    def test_it_stops_when_make_is_gone(self, made: Path) -> None:
        words = " ".join(command(free_port(), "--stop-with-parent"))
        shell = subprocess.Popen(
            ["sh", "-c", f"{words} & wait"],
            cwd=ROOT,
            env=environment(made),
            stdout=subprocess.PIPE,
            text=True,
        )
        assert shell.stdout is not None
        with shell, shell.stdout:
            assert any(UP in line for line in shell.stdout)
            shell.kill()
            assert "Stopped. Your data stays" in shell.stdout.read()
        assert_nobody_left(made)


def answers(run: Run) -> bool:
    """Say whether the web server takes connections."""
    try:
        return run.status("/healthz") == 200
    except OSError:
        return False


class TestOneClearLine:
    def refused(self, var: Path, *more: str, port: int | None = None) -> str:
        """Run a quickstart that cannot go on, and return its only line."""
        done = subprocess.run(
            command(port or free_port(), *more),
            cwd=ROOT,
            env=environment(var),
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stdout + done.stderr
        lines = done.stdout.splitlines()
        assert len(lines) == 1, lines
        return lines[0]

    def test_a_taken_port_is_named_with_a_free_one(self, var: Path) -> None:
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            said = self.refused(var, port=port)
        assert re.fullmatch(rf"Port {port} is taken. Free it, or run: make run PORT=\d+", said)

    def test_a_second_one_is_told_who_is_there(self, var: Path) -> None:
        with RunLock(var):
            said = self.refused(var)
        assert f"already runs on {var} (process {os.getpid()})" in said

    def test_a_half_initialised_folder_is_told(self, var: Path) -> None:
        (var / "postgres" / "base").mkdir(parents=True)
        assert "is half initialised" in self.refused(var)

    def test_an_empty_key_is_told(self, var: Path) -> None:
        (var / "keys").mkdir(parents=True)
        (var / "keys" / "secret_key").touch()
        assert "secret_key is empty" in self.refused(var)

    def test_photos_that_are_not_there_are_told(self, var: Path) -> None:
        assert self.refused(var, "--photos", "no/such/place").endswith("Look at PHOTOS.")


def look_for_ever(supervisor: Supervisor) -> None:
    """Look after the services until something is raised."""
    while True:
        time.sleep(0.05)
        supervisor.look()


class TestParts:
    @pytest.mark.parametrize("text", ["", "abc", "0", "65536", "-1", "80.5", "٣"])
    def test_a_port_is_a_number_in_range(self, text: str) -> None:
        with pytest.raises(ServerError, match="write a number from 1 to 65535"):
            read_port(text)

    def test_photos_are_split_as_in_a_shell(self, tmp_path: Path) -> None:
        (tmp_path / "a b").mkdir()
        (tmp_path / "c").mkdir()
        read = read_photos(f"'{tmp_path}/a b' {tmp_path}/c oxford-pets")
        assert read == [f"{tmp_path}/a b", f"{tmp_path}/c", "oxford-pets"]
        with pytest.raises(ServerError, match="Quote names with spaces"):
            read_photos("'open")

    def test_a_free_port_passes(self) -> None:
        check_port(free_port())

    def test_the_key_is_made_once_and_is_private(self, tmp_path: Path) -> None:
        key = ensure_keys(tmp_path)
        file = tmp_path / "keys" / "secret_key"
        assert len(key) >= 50
        assert ensure_keys(tmp_path) == key
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700
        assert [entry.name for entry in file.parent.iterdir()] == ["secret_key"]

    def test_what_keeps_dying_is_given_up(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
    ) -> None:
        monkeypatch.setattr("captcha_site.supervisor.FIRST_BACKOFF_SECONDS", 0.0)
        child = Child("doomed", tmp_path, stop_signal=signal.SIGTERM)
        service = Service("doomed", child, lambda: child.start(["sh", "-c", "echo ow"]), patience=1)
        supervisor = Supervisor(tmp_path, Voice(), StopWish(with_parent=False))
        supervisor.run(service)
        with pytest.raises(ServerError, match=rf"stopped {MOST_DEATHS} times within a minute"):
            look_for_ever(supervisor)
        supervisor.close()
        assert capsys.readouterr().out.count("Starting the doomed again.") == MOST_DEATHS - 1

    @pytest.mark.parametrize(
        ("said", "production", "on"),
        [("", False, True), ("no", False, False), ("", True, False)],
    )
    def test_test_keys_are_on_unless_the_operator_says_no_or_it_is_production(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        settings: Any,
        said: str,
        production: bool,
        on: bool,
    ) -> None:
        settings.PAWCHA_VAR, settings.PRODUCTION = tmp_path, production
        for name, value in {"PAWCHA_TEST_KEYS": said, "PAWCHA_VAR": str(tmp_path)}.items():
            monkeypatch.setenv(name, value)
        Quickstart(8000, [], Voice(), StopWish(with_parent=False))._prepare_settings()
        assert settings.TEST_KEYS is on
        assert (os.environ["PAWCHA_TEST_KEYS"] == "yes") is on

    def test_it_notes_where_it_is_as_long_as_it_runs_unless_the_operator_said_where(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
    ) -> None:
        settings.PAWCHA_VAR, settings.PUBLIC_URL = tmp_path, ""
        note = tmp_path / "run" / "origin"
        monkeypatch.setenv("PAWCHA_VAR", str(tmp_path))
        monkeypatch.setenv("PUBLIC_URL", "https://pawcha.example.org")
        Quickstart(8123, [], Voice(), StopWish(with_parent=False))._prepare_settings()
        assert not note.exists()
        monkeypatch.setenv("PUBLIC_URL", "")
        run = Quickstart(8123, [], Voice(), StopWish(with_parent=False))
        run._prepare_settings()
        assert note.read_text() == "http://127.0.0.1:8123\n"
        # A second one that may not start leaves the note of the first alone.
        Quickstart(8124, [], Voice(), StopWish(with_parent=False)).stop()
        assert note.exists()
        run.stop()
        assert not note.exists()

    def test_a_wish_to_stop_ends_a_pause(self) -> None:
        wish = StopWish(with_parent=False)
        wish.pause(0)
        wish.wished = True
        with pytest.raises(StopWishedError):
            wish.pause(60)
