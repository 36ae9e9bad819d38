"""Rows for tests, written quickly."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TypeVar

from django.db import connection
from django.db.models import Model
from psycopg import sql

Row = TypeVar("Row", bound=Model)


def insert(rows: Sequence[Row]) -> list[Row]:
    """Write new rows of one table and give them their keys, as bulk_create does.

    They go as one piece of JSON instead of a value for each field, which takes a third of the time:
    a thousand tests begin with a pool of photos.
    """
    if not rows:
        return []
    table = rows[0]._meta.db_table
    fields = [one for one in rows[0]._meta.concrete_fields if not one.primary_key]
    said = [{str(one.column): one.pre_save(row, add=True) for one in fields} for row in rows]
    columns = sql.SQL(", ").join([sql.Identifier(name) for name in said[0]])
    statement = sql.SQL(
        "INSERT INTO {table} ({columns}) "
        "SELECT {columns} FROM json_populate_recordset(NULL::{table}, %s) RETURNING id"
    ).format(table=sql.Identifier(table), columns=columns)
    with connection.cursor() as cursor:
        cursor.execute(statement, [json.dumps(said, default=str)])
        for row, (key,) in zip(rows, cursor.fetchall(), strict=True):
            row.pk, row._state.adding, row._state.db = key, False, connection.alias
    return list(rows)
