"""The private PostgreSQL."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from captcha_site.embedded import cluster, places
from captcha_site.embedded.account import Account, server_account
from captcha_site.embedded.errors import FULL_DISK_WORDS, ServerError, from_os, full_disk, last_line
from captcha_site.embedded.process import Child, end, wait_until

# Meant for a small machine. fsync stays on: what PostgreSQL has confirmed must survive kill -9.
OPTIONS = {
    "listen_addresses": "",
    "port": str(places.PORT),
    "unix_socket_permissions": "0700",
    "shared_buffers": "128MB",
    "max_connections": "100",
    # Parallel queries want shared memory that small containers do not have.
    "max_parallel_workers_per_gather": "0",
    "fsync": "on",
    "logging_collector": "off",
    "log_destination": "stderr",
    "log_line_prefix": "%m [%p] ",
    "timezone": "UTC",
}
# After a crash it first replays what it wrote ahead.
READY_SECONDS = 120
STOP_SECONDS = 20


class PostgresServer:
    """A PostgreSQL of our own in var/postgres, on a socket that only we can reach."""

    def __init__(
        self,
        var: Path,
        *,
        say: Callable[[str], None] = lambda line: None,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.var = var
        self.pause = pause
        self.data = var / "postgres"
        self.sockets = places.postgres_sockets(var)
        self.say = say
        # SIGINT is PostgreSQL's fast stop: it breaks off what runs and leaves a clean cluster.
        self.child = Child("postgres", var, stop_signal=signal.SIGINT)

    @property
    def url(self) -> str:
        """The address for clients."""
        return places.database_url(self.var)

    def start(self) -> None:
        """Start it, with a cluster made first where there is none, and wait until it answers.

        Raises ServerError when it cannot run.
        """
        try:
            self.data.parent.mkdir(parents=True, exist_ok=True)
            cluster.check_room(self.data)
            programs = cluster.programs_for(self.data)
            account = server_account([self.data, programs / "postgres"], self.child.stop_signal)
            self._claim_sockets(account)
            if not self.data.exists():
                cluster.make_cluster(self.data, programs, account, self.say)
            cluster.give_to(self.data, account)
            self._clear_leftovers()
        except OSError as error:
            raise from_os(error, Path(str(error.filename or self.data))) from error
        self._run(programs, account)

    def stop(self) -> None:
        """Stop it, quickly and cleanly: the next start has nothing to repair."""
        self.child.stop(wait=STOP_SECONDS)

    def kill(self) -> None:
        """End it at once, as a crash would."""
        self.child.kill()
        end(self._strays(), wait=0)

    def _run(self, programs: Path, account: Account) -> None:
        options = OPTIONS | {"unix_socket_directories": f'"{self.sockets}"'}
        words = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        self.child.start(
            [str(programs / "postgres"), "-D", str(self.data), *words],
            prefix=account.prefix,
            user=account.uid if account.switch else None,
            cwd=Path("/"),
            env={**os.environ, "LC_ALL": "C"},
        )
        try:
            wait_until(
                "PostgreSQL", self.child, self._answers, seconds=READY_SECONDS, pause=self.pause
            )
            self._make_role_and_database()
        except (ServerError, psycopg.Error) as error:
            told = self.child.said()
            self.child.stop(wait=STOP_SECONDS)
            raise self._explained(told) from error
        except BaseException:
            self.child.stop(wait=STOP_SECONDS)
            raise

    def _explained(self, told: str) -> ServerError:
        if any(words in told for words in FULL_DISK_WORDS):
            return full_disk(self.var)
        return ServerError(
            f"PostgreSQL did not start: {last_line(told)}. More is in {self.child.log}."
        )

    def _claim_sockets(self, account: Account) -> None:
        places.claim_socket_folder(self.var)
        places.claim(self.sockets, owners=(account.uid,))
        os.chown(self.sockets, account.uid, account.gid)

    def _clear_leftovers(self) -> None:
        """End backends that outlived their server, and forget its lock files.

        A lock file names a process id. After a crash or a reboot some stranger may have that id,
        and PostgreSQL would then not start; we hold the lock of this var, so we know better.
        """
        end(self._strays(), wait=5)
        if not self._strays():
            (self.data / "postmaster.pid").unlink(missing_ok=True)
            for leftover in self.sockets.glob(".s.PGSQL.*"):
                leftover.unlink(missing_ok=True)

    def _strays(self) -> list[psutil.Process]:
        """Return PostgreSQL's processes that work in our data folder."""
        found = []
        data = str(self.data.resolve())
        for process in psutil.process_iter():
            with contextlib.suppress(psutil.Error, OSError):
                if process.name() == "postgres" and process.cwd() == data:
                    found.append(process)
        return found

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=str(self.sockets),
            port=places.PORT,
            user="postgres",
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    def _answers(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _make_role_and_database(self) -> None:
        # Not a superuser: what goes wrong in the application stays in its database.
        role, database = sql.Identifier(places.ROLE), sql.Identifier(places.DATABASE)
        with self._connect() as connection:
            found = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [places.ROLE])
            if found.fetchone() is None:
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(role))
            found = connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = %s", [places.DATABASE]
            )
            if found.fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))
