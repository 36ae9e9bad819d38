"""Working ahead, in order and within bounds."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from itertools import islice

import pytest

from classifier.pipeline import ahead, batches


def test_it_keeps_the_order() -> None:
    def slow_first(number: int) -> int:
        time.sleep(0.02 if number == 0 else 0)
        return -number

    assert list(ahead(slow_first, range(50), depth=8, threads=4)) == [-n for n in range(50)]


def test_it_works_at_several_at_once() -> None:
    together = threading.Barrier(3, timeout=10)
    assert list(ahead(lambda _: together.wait() >= 0, range(6), depth=3, threads=3)) == [True] * 6


def test_it_takes_no_more_than_there_is_room_for() -> None:
    taken: list[int] = []

    def endless() -> Iterator[int]:
        number = 0
        while True:
            taken.append(number)
            yield number
            number += 1

    working = ahead(str, endless(), depth=5, threads=2)
    assert list(islice(working, 10)) == [str(number) for number in range(10)]
    assert len(taken) == 10 + 5 - 1
    working.close()


def test_what_has_not_begun_is_dropped_when_it_is_closed() -> None:
    begun: list[int] = []
    go = threading.Event()

    def wait(number: int) -> int:
        begun.append(number)
        if number:
            go.wait(10)
        return number

    working = ahead(wait, range(100), depth=20, threads=1)
    assert next(working) == 0
    threading.Timer(0.05, go.set).start()
    working.close()
    assert len(begun) <= 3
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


def test_an_error_comes_out_where_its_item_would() -> None:
    working = ahead(lambda number: 1 // number, [1, 1, 0, 1], depth=4)
    assert [next(working), next(working)] == [1, 1]
    with pytest.raises(ZeroDivisionError):
        next(working)


def test_batches_lose_nothing() -> None:
    assert list(batches(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(batches([], 3)) == []
