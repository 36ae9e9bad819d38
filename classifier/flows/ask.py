"""A visitor shows a photo: the web process's half. It never opens the photo."""

from __future__ import annotations

import json
import secrets
import time
from contextlib import suppress
from typing import Final

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError as NoBroker

from challenges import state as visits
from challenges.budgets import Address, Budget, prefix_hashes
from challenges.exceptions import Unavailable
from classifier import channel
from classifier.answers import Answer
from classifier.refusals import Asleep, Full, NotTrained, PhotoRefused, Stumbled, TooLate

TASK: Final = "classifier.tasks.classify"
# How long to wait before another try, in seconds.
_SOON: Final = 3
_LATER: Final = 60


def admit(address: Address) -> None:
    """Take one try from the visitor's network.

    Raises TooManyRequests.
    """
    rules = settings.PAWCHA
    prefix = prefix_hashes(address, settings.SECRET_KEY, time.time())[0]
    budget = Budget(rules["CLASSIFY_BURST"], rules["CLASSIFY_PER_MINUTE"])
    visits.spend({f"classify:prefix:{prefix}": budget})


def check_awake() -> None:
    """See that a worker with a network is there.

    Raises Asleep or NotTrained.
    """
    state = channel.state()
    if state == "untrained":
        raise NotTrained(retry_after=_LATER)
    if state == "asleep":
        raise Asleep(retry_after=_LATER)


def ask(photo: bytes) -> Answer:
    """Have a worker look at the photo, and return what it says.

    Raises PhotoRefused, Asleep, NotTrained, Full, TooLate, Stumbled or Unavailable.
    """
    check_awake()
    ticket = secrets.token_urlsafe(16)
    if not channel.take_place(ticket, settings.PAWCHA["CLASSIFY_DEPTH"]):
        raise Full(retry_after=_SOON)
    try:
        return _read(_hand_over(ticket, photo))
    finally:
        with suppress(channel.Unreachable):  # Then its time runs out by itself.
            channel.leave_place(ticket)


def _hand_over(ticket: str, photo: bytes) -> bytes:
    seconds = settings.PAWCHA["CLASSIFY_SECONDS"]
    until = time.monotonic() + seconds
    with channel.visitor_end(ticket) as line:
        _send(ticket, seconds)
        if line.hear(until) is None or not line.say(photo):
            raise TooLate(retry_after=_SOON)
        reply = line.hear(until)
    if reply is None:
        raise TooLate(retry_after=_SOON)
    return reply


def _send(ticket: str, seconds: int) -> None:
    try:
        current_app.send_task(
            TASK, args=[ticket, time.time() + seconds], expires=seconds, retry=False
        )
    except NoBroker as error:
        raise Unavailable(retry_after=_SOON) from error


def _read(reply: bytes) -> Answer:
    said = json.loads(reply)
    if "answer" in said:
        return Answer.from_dict(said["answer"])
    if "bad_photo" in said:
        raise PhotoRefused(said["bad_photo"])
    raise Stumbled(retry_after=_SOON)
