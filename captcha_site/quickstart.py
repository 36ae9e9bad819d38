"""Everything up, seeded, in one process tree: the journey behind `make run`."""

from __future__ import annotations

import os
import secrets
import signal
import time
from collections.abc import Sequence
from pathlib import Path

import redis
from celery import current_app
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import (
    DatabaseError,
    InterfaceError,
    OperationalError,
    close_old_connections,
    connection,
    connections,
)
from kombu.exceptions import OperationalError as BrokerError

from captcha_site.embedded import Child, PostgresServer, RedisServer, ServerError
from captcha_site.embedded.errors import from_os
from captcha_site.embedded.process import wait_until
from captcha_site.keys import ensure_keys
from captcha_site.services import (
    BASE,
    HOST,
    check_port,
    classify_service,
    harden_service,
    has_network,
    postgres_service,
    redis_service,
    start_python,
    web_answers,
    web_service,
    worker_service,
)
from captcha_site.stopping import StopWish
from captcha_site.supervisor import Supervisor
from captcha_site.voice import Voice, tail
from challenges.flows import sites, stock

ADMIN_NAME = "admin"
# So many challenges wait before anybody is invited.
ENOUGH_READY = 20
FILL_SECONDS = 180.0
# So long a server that died may take to answer again.
BACK_SECONDS = 30.0
LOOK_SECONDS = 0.3
TELL_SECONDS = 10.0
WEB_SECONDS = 60.0


class Quickstart:
    """One run, from the first check to the last stop."""

    def __init__(self, port: int, photos: Sequence[str], voice: Voice, wish: StopWish) -> None:
        self.var = Path(settings.PAWCHA_VAR)
        self.port = port
        # Where it says at which address it is, as long as it runs.
        self.origin = self.var / "run" / "origin"
        self._noted = False
        self.photos = photos
        self.voice = voice
        self.wish = wish
        self.supervisor = Supervisor(self.var, voice, wish)
        self.web = web_service(self.var, port)
        self.worker = worker_service(self.var)
        self.classify = classify_service(self.var)
        self.harden = harden_service(self.var)
        self.importer = Child("photos", self.var, stop_signal=signal.SIGINT)
        self._told_at = 0.0

    def run(self) -> None:
        """Start all of it, say where it is, and keep it up.

        Raises StopWishedError when it shall stop, ServerError when it cannot go on.
        """
        self.supervisor.open()
        check_port(self.port)
        self._prepare_settings()
        with self.voice.step("Database and Redis"):
            self._start_servers()
        with self.voice.step("Tables"), self.wish.interruptible():
            call_command("migrate", interactive=False, verbosity=0)
        with self.voice.step("Demo site"):
            demo = sites.ensure_demo(self.var / "keys")
        with self.voice.step("Web server and worker"):
            self._start_web_and_worker()
        with self.voice.step("Challenges to show"):
            ready = self._fill()
        self._welcome(demo.sitekey, ready=ready)
        # Not before: loading a network would keep others from the processor.
        if has_network():
            self.supervisor.run(self.classify)
            if settings.PAWCHA_HARDEN == "auto":
                self.supervisor.run(self.harden)
        self._start_import()
        close_old_connections()
        while True:
            self.supervisor.look()
            self._follow_import()
            self.wish.pause(LOOK_SECONDS)

    def stop(self) -> None:
        """Take all of it down. Nothing that was stored is lost."""
        self.voice.quiet()
        connections.close_all()
        # All hear of it at once; the servers they write to stop when they are gone.
        workers = (self.worker.child, self.classify.child, self.harden.child)
        for child in (self.web.child, self.importer, *workers):
            child.ask_to_stop()
        self.importer.stop(wait=3)
        if self._noted:
            self.origin.unlink(missing_ok=True)
        self.supervisor.close()

    def _prepare_settings(self) -> None:
        """Name the keys and the address, here and for the processes that are started later."""
        os.environ["PAWCHA_VAR"] = str(self.var)
        try:
            settings.SECRET_KEY  # noqa: B018 (empty raises)
        except ImproperlyConfigured:
            settings.SECRET_KEY = ensure_keys(self.var)
        if not os.environ.get("PUBLIC_URL"):
            os.environ["PUBLIC_URL"] = settings.PUBLIC_URL = f"http://{HOST}:{self.port}"
            self._note_origin(settings.PUBLIC_URL)
        # For trying out, public test keys are welcome, unless the operator has said otherwise.
        if not os.environ.get("PAWCHA_TEST_KEYS") and not settings.PRODUCTION:
            os.environ["PAWCHA_TEST_KEYS"] = settings.PAWCHA_TEST_KEYS = "yes"
            settings.TEST_KEYS = True

    def _note_origin(self, origin: str) -> None:
        """Tell commands in other processes where this is: see PAWCHA_ATTACK_URLS."""
        try:
            self.origin.parent.mkdir(parents=True, exist_ok=True)
            self.origin.write_text(f"{origin}\n", encoding="ascii")
            self._noted = True
        except OSError as error:
            raise from_os(error, self.origin) from error

    def _start_servers(self) -> None:
        if not os.environ.get("DATABASE_URL"):
            postgres = PostgresServer(self.var, say=self.voice.say, pause=self.wish.pause)
            self.supervisor.run(postgres_service(postgres))
        if not os.environ.get("REDIS_URL"):
            server = RedisServer(self.var, pause=self.wish.pause)
            self.supervisor.run(redis_service(server))
        check_servers()

    def _start_web_and_worker(self) -> None:
        self.supervisor.run(self.worker)
        self.supervisor.run(self.web)
        try:
            wait_until(
                "The web server",
                self.web.child,
                lambda: web_answers(self.port),
                seconds=WEB_SECONDS,
                pause=self.wish.pause,
            )
        except ServerError as error:
            said = tail(self.web.child.log, self.web.child.said())
            raise ServerError(f"{error}\n{said}") from error

    def _fill(self) -> bool:
        """Have the pool filled and wait until challenges are ready; say whether they are."""
        status = self._stock()
        if status.missing:
            # Draws only what is not there yet, so an interrupted first start goes on.
            self._send("challenges.tasks.seed_starter")
        self._send("challenges.tasks.keep_stocked")
        enough = min(ENOUGH_READY, status.target)
        until = time.monotonic() + FILL_SECONDS
        with self.voice.bar("Challenges to show", enough) as bar:
            while status.ready < enough and time.monotonic() < until:
                self.supervisor.look()
                bar.update(
                    bar.task_ids[0],
                    completed=status.ready,
                    description=f"Challenges to show, from {status.cats + status.dogs} pictures",
                )
                self.wish.pause(LOOK_SECONDS)
                status = self._stock()
        return status.ready >= enough

    def _send(self, task: str) -> None:
        """Hand the worker a task, after a while if Redis has to be started again first.

        Raises ServerError when Redis does not come back.
        """
        until = time.monotonic() + BACK_SECONDS
        while True:
            try:
                current_app.send_task(task)
            except BrokerError:
                if time.monotonic() > until:
                    check_servers()
                self.supervisor.look()
                self.wish.pause(LOOK_SECONDS)
            else:
                return

    def _stock(self) -> stock.StockStatus:
        """Return how full the pool is, after a while if a server has to be started again first.

        Raises ServerError when the servers do not come back.
        """
        until = time.monotonic() + BACK_SECONDS
        while (status := current_stock()) is None:
            if time.monotonic() > until:
                check_servers()
            self.supervisor.look()
            self.wish.pause(LOOK_SECONDS)
        return status

    def _welcome(self, sitekey: str, *, ready: bool) -> None:
        if not ready:
            self.voice.wrong("No challenges are ready yet. The worker goes on making them.")
            self.voice.say(tail(self.worker.child.log, self.worker.child.said()))
        address = settings.PUBLIC_URL
        rows = [
            ("Try it", f"{address}/"),
            ("Admin", f"{address}/admin/"),
            ("API docs", f"{address}/api/docs/"),
            ("Sign in as", f"{ADMIN_NAME}, password: {make_admin()}"),
            ("Site key", sitekey),
            ("Its secret", f"in {_short(self.var / 'keys' / 'demo.json')}"),
            ("Logs", f"in {_short(self.var / 'log')}"),
        ]
        if has_network():
            rows.insert(1, ("Cat or dog?", f"{address}/classify/"))
        self.voice.addresses("Pawcha is ready", rows, "Stop it with Ctrl-C")

    def _start_import(self) -> None:
        if not self.photos:
            return
        self.voice.say("Taking in your photos. You can try Pawcha meanwhile.")
        words = ["import_photos", "--trust-labels", "--local-trial", *self.photos]
        start_python(self.importer, [str(BASE / "manage.py"), *words])

    def _follow_import(self) -> None:
        """Show how far the import of photos is, and once, at its end, what came of it."""
        if self.importer.pid is None or not self.photos:
            return
        lines = [line.strip() for line in self.importer.said().splitlines() if line.strip()]
        if self.importer.running():
            now = time.monotonic()
            if lines and now - self._told_at > (0 if self.voice.lively else TELL_SECONDS):
                self._told_at = now
                self._tell_progress(lines[-1].rpartition("\r")[2])
            return
        self.photos = ()
        self.voice.quiet()
        if self.importer.exit_code():
            self.voice.wrong("Not all photos were taken in.")
            self.voice.say(tail(self.importer.log, self.importer.said()))
        self.importer.kill()
        self._tell_what_is_missing()

    def _tell_progress(self, line: str) -> None:
        if self.voice.lively:
            self.voice.busy(f"Photos: {line}")
        else:
            self.voice.say(f"Photos: {line}")

    def _tell_what_is_missing(self) -> None:
        status = current_stock()
        if status is None:
            return
        self.voice.say(f"The pool now has {status.cats} cats and {status.dogs} dogs.")
        self.voice.say(f"What was left out, and why, is in {_short(self.importer.log)}.")
        if status.missing:
            self.voice.say(status.missing)


def current_stock() -> stock.StockStatus | None:
    """Return how full the pool is, or None while a server that died is being started again."""
    try:
        return stock.status()
    except (OperationalError, InterfaceError, redis.RedisError):
        return None
    finally:
        close_old_connections()


def check_servers() -> None:
    """See that the database and Redis answer.

    Raises ServerError naming the one that does not.
    """
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        raise ServerError(
            f"The database does not answer. Look at DATABASE_URL. It said: {_first_line(error)}"
        ) from error
    try:
        with redis.Redis.from_url(settings.REDIS_URL, socket_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise ServerError(
            f"Redis does not answer. Look at REDIS_URL. It said: {_first_line(error)}"
        ) from error


def make_admin() -> str:
    """Make the admin where there is none. Return the password, or how to get a new one."""
    users = get_user_model().objects
    if users.filter(is_superuser=True).exists():
        return f"see the first start, or manage.py changepassword {ADMIN_NAME}"
    password = secrets.token_urlsafe(12)
    users.create_superuser(ADMIN_NAME, password=password)
    return f"{password} (shown only now)"


def _first_line(error: Exception) -> str:
    line = next(iter(str(error).splitlines()), type(error).__name__)
    return line if line.endswith(".") else f"{line}."


def _short(place: Path) -> str:
    return str(place.relative_to(BASE)) if place.is_relative_to(BASE) else str(place)
