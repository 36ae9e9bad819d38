"""Working ahead: a bounded number of things at once, handed on in their order. Pure."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import Final, TypeVar

A = TypeVar("A")
B = TypeVar("B")

# Pillow decodes and resizes without Python's lock, so threads help; more than cores do not.
THREADS: Final = min(os.cpu_count() or 2, 8)


def ahead(
    work: Callable[[A], B], items: Iterable[A], *, depth: int, threads: int = THREADS
) -> Generator[B, None, None]:
    """Yield what `work` makes of each item, in their order, with up to `depth` of them begun.

    Items are taken in the thread of the caller, and only when there is room, so memory stays
    bounded however many there are. Close the generator, or let an error or Ctrl-C through, and
    what has not begun is dropped.
    """
    pool = ThreadPoolExecutor(threads, thread_name_prefix="ahead")
    begun: deque[Future[B]] = deque()
    try:
        for item in items:
            begun.append(pool.submit(work, item))
            # Else the last item would live as long as the next one takes to come.
            del item
            if len(begun) >= depth:
                yield begun.popleft().result()
        while begun:
            yield begun.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def batches(items: Iterable[A], size: int) -> Iterator[list[A]]:
    """Yield the items in lists of `size`; the last one may be shorter."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
