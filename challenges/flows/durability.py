"""How hard a write must be on the disk before we say that it happened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction


@contextmanager
def committed(*, at_once: bool) -> Iterator[None]:
    """Run a transaction that waits for the disk (`at_once`), or one that need not.

    A transaction that does not wait is whole or absent after a crash of PostgreSQL, never half:
    https://www.postgresql.org/docs/16/wal-async-commit.html
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(
                "SET LOCAL synchronous_commit TO ON"
                if at_once
                else "SET LOCAL synchronous_commit TO OFF"
            )
        yield
