"""A web server of its own for a simulation, on this machine and for this process only."""

from __future__ import annotations

import hmac
import logging
import secrets
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx
from django.conf import settings
from django.core.servers.basehttp import get_internal_wsgi_application
from django.db import connections

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

TICKET: Final = "X-Simulation"
ADDRESS: Final = "X-Simulated-Address"


class Quiet(WSGIRequestHandler):
    """A handler that logs nothing: a day has thousands of requests."""

    def log_message(self, format: str, *args: Any) -> None:
        """Do nothing."""


def _from(app: WSGIApplication, ticket: str) -> WSGIApplication:
    """Return the application, which believes what the simulation says of its visitors' addresses.

    Nobody else gets in: the ticket is known to this process only.
    """

    def serve(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        shown = environ.pop("HTTP_X_SIMULATION", "")
        if not hmac.compare_digest(str(shown).encode(), ticket.encode()):
            start_response("403 Forbidden", [("Content-Type", "text/plain")])
            return [b"This server belongs to a simulation."]
        environ["REMOTE_ADDR"] = environ.pop("HTTP_X_SIMULATED_ADDRESS", "")
        environ.pop("HTTP_X_FORWARDED_FOR", None)
        return app(environ, start_response)

    return serve


@contextmanager
def serving() -> Iterator[httpx.Client]:
    """Run Pawcha in a thread of this process, and give a client that may speak to it."""
    ticket = secrets.token_urlsafe(32)
    app = _from(get_internal_wsgi_application(), ticket)
    server = make_server("127.0.0.1", 0, app, handler_class=Quiet)
    thread = threading.Thread(target=_serve, args=(server,), name="simulation", daemon=True)
    thread.start()
    headers = {TICKET: ticket, "Host": urlsplit(settings.PUBLIC_URL).netloc}
    address = f"http://127.0.0.1:{server.server_port}"
    # One request at a time, in one thread: the same seed gives the same day.
    try:
        with (
            _quiet(),
            httpx.Client(base_url=address, headers=headers, timeout=30, trust_env=False) as client,
        ):
            yield client
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@contextmanager
def _quiet() -> Iterator[None]:
    """Write no line for each of thousands of requests: what is refused is meant to be."""
    loggers = [logging.getLogger(name) for name in ("django.request", "httpx")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _serve(server: Any) -> None:
    try:
        server.serve_forever(poll_interval=0.05)
    finally:
        connections.close_all()
