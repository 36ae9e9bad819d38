"""The worker for visitors' photos: a queue of its own, and a word that it is awake."""

from __future__ import annotations

import os
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from celery import current_app

from captcha_site.services import QUEUES
from classifier import channel, workers
from classifier.background import LOWEST_PRIORITY
from classifier.flows import look


def a_worker(*queues: str) -> SimpleNamespace:
    """Return a worker that takes from these queues."""
    names = SimpleNamespace(consume_from=dict.fromkeys(queues))
    return SimpleNamespace(app=SimpleNamespace(amqp=SimpleNamespace(queues=names)))


@pytest.fixture(autouse=True)
def _unmarked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", dict(os.environ))


def test_no_visitor_waits_behind_labelling() -> None:
    routes = current_app.amqp.router
    queue = {
        task: routes.route({}, f"classifier.tasks.{task}")["queue"].name
        for task in ("classify", "label_waiting", "locate_waiting")
    }
    assert queue == {"classify": "classify", "label_waiting": "label", "locate_waiting": "label"}
    assert workers.QUEUE == "classify"
    assert workers.QUEUE not in QUEUES.split(",")


def test_only_the_worker_of_that_queue_says_that_it_is_awake() -> None:
    with patch.object(look, "state", return_value="ready"):
        workers.note_queues(a_worker("label", "default"))
        workers.say_awake()
        assert channel.state() == "asleep"
        workers.note_queues(a_worker("classify"))
        workers.say_awake()
        assert channel.state() == "ready"


def test_without_redis_it_goes_on() -> None:
    workers.note_queues(a_worker("classify"))
    with patch.object(channel, "say_state", side_effect=channel.Unreachable("gone")):
        workers.say_awake()


def test_only_that_worker_loads_the_network_ahead() -> None:
    with patch.object(look, "warm_up") as warm_up:
        workers.warm_up()
        assert not warm_up.called
        workers.note_queues(a_worker("classify"))
        with patch("threading.Thread.start", lambda thread: thread.run()):
            workers.warm_up()
        assert warm_up.called


def test_hardening_has_a_queue_of_its_own_and_lets_all_others_come_first() -> None:
    routed = current_app.amqp.router.route({}, "classifier.tasks.harden_waiting")
    assert routed["queue"].name == workers.HARDEN
    assert workers.HARDEN not in QUEUES.split(",")
    with patch.object(os, "nice") as nice:
        workers.note_queues(a_worker("label", "harden"))
        assert not nice.called
        workers.note_queues(a_worker("harden"))
    nice.assert_called_once_with(LOWEST_PRIORITY)
