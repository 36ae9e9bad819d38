"""What quickstart runs, and how each of it is started and reached."""

from __future__ import annotations

import errno
import http.client
import os
import signal
import socket
import sys
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from captcha_site.embedded import Child, PostgresServer, RedisServer, ServerError
from captcha_site.supervisor import Service

BASE = Path(__file__).resolve().parent.parent
HOST = "127.0.0.1"
BLOCKING_THREADS = 16
WORKER_PROCESSES = 2
QUEUES = "default,intake,label"


def postgres_service(server: PostgresServer) -> Service:
    """Return the private PostgreSQL as a service."""
    return Service("database", server.child, server.start, patience=20)


def redis_service(server: RedisServer) -> Service:
    """Return the private Redis as a service."""
    return Service("Redis server", server.child, server.start, patience=10)


def web_service(var: Path, port: int) -> Service:
    """Return the web server as a service. It listens on this machine only."""
    child = Child("web", var, stop_signal=signal.SIGTERM)
    words = ["-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(port)]
    words += ["--workers", "1", "--blocking-threads", str(BLOCKING_THREADS), "--no-ws"]
    words += ["captcha_site.wsgi:application"]
    return Service("web server", child, lambda: start_python(child, words), patience=4)


def worker_service(var: Path) -> Service:
    """Return the Celery worker, with the clock for repeated tasks in it, as a service."""
    child = Child("worker", var, stop_signal=signal.SIGTERM)
    words = ["-m", "celery", "-A", "captcha_site", "worker", "--beat", "--loglevel", "INFO"]
    words += ["--concurrency", str(WORKER_PROCESSES), "--queues", QUEUES]
    words += ["--schedule", str(var / "run" / "beat-schedule")]
    # There is one worker: looking for others costs a second at each start.
    words += ["--without-mingle", "--without-gossip"]
    return Service("worker", child, lambda: start_python(child, words), patience=4)


def classify_service(var: Path) -> Service:
    """Return the worker that looks at visitors' photos, and at nothing else, as a service.

    One process: it keeps a network in memory, and a second photo waits its turn.
    """
    child = Child("classify", var, stop_signal=signal.SIGTERM)
    words = ["-m", "celery", "-A", "captcha_site", "worker", "--loglevel", "INFO"]
    words += ["--concurrency", "1", "--queues", "classify", "--hostname", "classify@%h"]
    words += ["--without-mingle", "--without-gossip"]
    return Service("photo worker", child, lambda: start_python(child, words), patience=4)


def harden_service(var: Path) -> Service:
    """Return the worker that hardens renditions, and does nothing else, as a service.

    One process, and every other one comes first: see classifier.workers.
    """
    child = Child("harden", var, stop_signal=signal.SIGTERM)
    words = ["-m", "celery", "-A", "captcha_site", "worker", "--loglevel", "INFO"]
    words += ["--concurrency", "1", "--queues", "harden", "--hostname", "harden@%h"]
    words += ["--without-mingle", "--without-gossip"]
    return Service("hardener", child, lambda: start_python(child, words), patience=4)


def has_network() -> bool:
    """Say whether this machine has what a network needs (make install WORKER=no leaves it out)."""
    return find_spec("torch") is not None


def start_python(child: Child, words: Sequence[str]) -> None:
    """Start our own Python with these words, in our own folder.

    Raises ServerError when it cannot be started.
    """
    env = {**os.environ, "PYTHONUNBUFFERED": "1"}
    child.start([sys.executable, *words], cwd=BASE, env=env)


def check_port(port: int) -> None:
    """See that the web server can listen on the port.

    Raises ServerError when it is taken, or not for us.
    """
    reason = _cannot_listen(port)
    if reason is None:
        return
    if reason.errno in {errno.EACCES, errno.EPERM}:
        raise ServerError(f"Port {port} is for root only. Choose another: make run PORT=8000")
    others = range(port + 1, min(port + 100, 65_536))
    free = next((other for other in others if _cannot_listen(other) is None), 8000)
    raise ServerError(f"Port {port} is taken. Free it, or run: make run PORT={free}")


def web_answers(port: int) -> bool:
    """Say whether the web server answers at all, be it with an error."""
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
    return True


def _cannot_listen(port: int) -> OSError | None:
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
            listener.listen(1)
        except OSError as error:
            return error
    return None
