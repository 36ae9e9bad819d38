"""Start everything here: servers, worker, web, a demo site and challenges. Ctrl-C ends it."""

from __future__ import annotations

import contextlib
import shlex
import sys
import traceback
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from captcha_site.embedded import ServerError
from captcha_site.stopping import StopWish, StopWishedError
from captcha_site.voice import Voice

HIGHEST_PORT = 65_535
# What import_photos can download by name.
PUBLIC_SETS = frozenset({"oxford-pets"})


class Command(BaseCommand):
    """The command behind `make run`."""

    help = "Start everything in one process tree. Ctrl-C takes all of it down."
    # The checks look at the database, which is not there yet.
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Name the options."""
        parser.add_argument("--port", default="8000", help="where the web server listens")
        parser.add_argument(
            "--photos",
            default="",
            help="folders and archives with photos, in one text, quoted as in a shell",
        )
        parser.add_argument(
            "--stop-with-parent",
            action="store_true",
            help="stop when the process that started this one ends (for make)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until somebody stops it; exit with 1 when it cannot go on."""
        voice = Voice()
        wish = StopWish(with_parent=options["stop_with_parent"])
        wish.listen()
        code = _run(options, voice, wish)
        wish.stop_listening()
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        if code:
            sys.exit(code)


def _run(options: dict[str, Any], voice: Voice, wish: StopWish) -> int:
    journey = None
    try:
        port = read_port(options["port"])
        photos = read_photos(options["photos"])
        # Not before the options are read: it brings in the apps, Celery and Redis.
        from captcha_site.quickstart import Quickstart

        journey = Quickstart(port, photos, voice, wish)
        journey.run()
    except StopWishedError:
        voice.quiet()
    except Exception as error:
        # What breaks because of Ctrl-C, such as a child that heard it too, is no error.
        if not wish.wished:
            return _failed(error, voice)
    finally:
        if journey is not None:
            _stop(journey.stop, voice, wished=wish.wished)
    return 0


def read_port(text: str) -> int:
    """Return the port that the text names.

    Raises ServerError when it names none.
    """
    if text.strip().isascii() and text.strip().isdigit() and 0 < int(text) <= HIGHEST_PORT:
        return int(text)
    raise ServerError(f"PORT is {text!r}: write a number from 1 to {HIGHEST_PORT}.")


def read_photos(text: str) -> list[str]:
    """Return the absolute paths and public sets in the text, which is quoted as in a shell.

    Raises ServerError when a path is not there.
    """
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ServerError(f"PHOTOS cannot be read: {error}. Quote names with spaces.") from error
    return [word if word in PUBLIC_SETS else str(_existing(word)) for word in words]


def _existing(word: str) -> Path:
    path = Path(word).expanduser().absolute()
    if not path.exists():
        raise ServerError(f"There is no {path}. Look at PHOTOS.")
    return path


def _failed(error: Exception, voice: Voice) -> int:
    voice.quiet()
    if settings.DEBUG:
        traceback.print_exc()
        return 1
    if isinstance(error, ServerError):
        voice.wrong(str(error))
        return 1
    log = Path(settings.PAWCHA_VAR) / "log" / "quickstart.log"
    with contextlib.suppress(OSError):
        log.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        log.write_text("".join(traceback.format_exception(error)))
    first = next(iter(str(error).splitlines()), "").rstrip(".")
    voice.wrong(f"Pawcha cannot go on: {type(error).__name__}: {first}. More is in {log}.")
    return 1


def _stop(stop: Callable[[], None], voice: Voice, *, wished: bool) -> None:
    if wished:
        voice.say("Stopping.")
    stop()
    if wished:
        voice.say("Stopped. Your data stays in var/ and media/.")
