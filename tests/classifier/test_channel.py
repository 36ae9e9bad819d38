"""The way of a visitor's photo: places that are counted exactly, and nothing that stays."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest
import time_machine

from challenges import state as visits
from classifier import channel
from tests.drawn import encoded, noise

MARK = b"whiskers-and-a-wet-nose"


def soon(seconds: float = 5) -> float:
    """Return a time to wait until."""
    return time.monotonic() + seconds


def keys() -> dict[str, int]:
    """Return the keys in Redis, with the seconds that each still lives."""
    names = cast("list[str]", visits.client().keys("*"))
    return {name: visits.client().ttl(name) for name in names}


def test_of_200_at_once_as_many_get_a_place_as_there_are() -> None:
    with ThreadPoolExecutor(50) as threads:
        taken = list(threads.map(lambda n: channel.take_place(f"t{n}", 8), range(200)))
    assert sum(taken) == 8


def test_places_are_taken_and_left_in_a_rush_without_a_leak() -> None:
    most, now, lock = 0, 0, threading.Lock()

    def visit(number: int) -> None:
        nonlocal most, now
        while not channel.take_place(f"t{number}", 3):
            time.sleep(0.001)
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.002)
        with lock:
            now -= 1
        channel.leave_place(f"t{number}")

    with ThreadPoolExecutor(20) as threads:
        list(threads.map(visit, range(100)))
    assert most == 3
    assert keys() == {}


def test_the_place_of_a_web_process_that_died_is_free_after_half_a_minute() -> None:
    assert channel.take_place("died", 1)
    with time_machine.travel(timedelta(seconds=channel.LIFETIME - 1)):
        assert not channel.take_place("next", 1)
    with time_machine.travel(timedelta(seconds=channel.LIFETIME + 1)):
        assert channel.take_place("next", 1)


def test_the_largest_photo_comes_through_whole() -> None:
    photo = noise(2600, 2560).tobytes()[:20_000_000]
    with channel.visitor_end("t") as web, channel.worker_end("t") as worker:
        assert worker.say(b"ready")
        assert web.hear(soon()) == b"ready"
        assert web.say(photo)
        assert worker.hear(soon()) == photo
        assert worker.say(b"{}")
        assert web.hear(soon()) == b"{}"


def test_an_empty_file_comes_through_too() -> None:
    with channel.visitor_end("t") as web, channel.worker_end("t") as worker:
        assert web.say(b"")
        assert worker.hear(soon()) == b""


def test_two_visitors_never_hear_each_other() -> None:
    with channel.visitor_end("a") as one, channel.visitor_end("b") as other:
        with channel.worker_end("a") as worker:
            assert worker.say(b"for a")
        assert one.hear(soon()) == b"for a"
        assert other.hear(soon(0.2)) is None


def test_one_hears_when_the_other_end_is_gone() -> None:
    with channel.visitor_end("t"):
        pass
    with channel.worker_end("t") as worker:
        assert not worker.say(b"ready")
        assert worker.hear(soon(0.1)) is None


def test_a_photo_is_in_no_key_and_in_no_file_of_redis() -> None:
    photo = MARK + encoded(noise())
    folder = cast("dict[str, str]", visits.client().config_get("dir"))["dir"]
    channel.take_place("t", 8)
    with channel.visitor_end("t") as web, channel.worker_end("t") as worker:
        assert web.say(photo)
        visits.client().save()
        assert all(0 < seconds <= 60 for seconds in keys().values())
        assert worker.hear(soon()) == photo
    kept = [file for file in Path(folder).rglob("*") if file.is_file()]
    assert any(file.name == "dump.rdb" for file in kept)
    assert not any(MARK in file.read_bytes() for file in kept)


@pytest.mark.parametrize("worse", ["untrained", "asleep"])
def test_a_worker_that_can_look_outdoes_those_that_cannot(worse: channel.State) -> None:
    assert channel.state() == "asleep"
    channel.say_state(worse)
    assert channel.state() == worse
    channel.say_state("ready")
    channel.say_state(worse)
    assert channel.state() == "ready"


def test_a_worker_that_says_nothing_any_more_is_asleep_soon() -> None:
    channel.say_state("ready")
    assert 0 < keys()["pawcha:classify:worker"] <= channel.AWAKE_SECONDS
