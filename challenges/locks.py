"""Advisory locks of PostgreSQL: they end with the connection, so a killed worker leaves none."""

from __future__ import annotations

import enum
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


class Lock(enum.IntEnum):
    """What is locked. The numbers are shared by every process of one database: never reuse one."""

    UPLOAD = 7101
    NEIGHBOURS = 7102
    LABELLING = 7103
    DEALER = 7104
    LOCATING = 7105
    VERSIONS = 7106
    RETRAINING = 7107
    PHOTO_USE = 7108
    RETRAINING_ASKED = 7109
    REPORTS = 7110
    TRANSFER = 7111
    CLAIMS = 7112
    TALLY = 7113
    DOUBTS = 7114
    SUMS = 7115
    SECOND_LOOK = 7116
    PEOPLE = 7117
    AUDIT = 7119
    HARDENING = 7118


@contextmanager
def try_lock(lock: Lock, number: int = 0) -> Iterator[bool]:
    """Hold the lock inside the block, across transactions, and say whether it was free."""
    key = [int(lock), number & 0x7FFFFFFF]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", key)
        (free,) = cursor.fetchone() or (False,)
    try:
        yield bool(free)
    finally:
        if free and connection.connection is not None and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s, %s)", key)


def lock_until_commit(lock: Lock) -> None:
    """Wait for the lock and hold it until this transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [int(lock)])
