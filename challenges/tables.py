"""Tables that people make in spreadsheets: CSV and JSON, read and written. Pure.

Excel writes a mark before the text, and semicolons where a comma is the decimal point. Cells are
text: none is ever taken for a formula, neither here nor in what is written here.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from challenges.exceptions import PawchaError

# Bytes and rows of a table that is read.
MOST_BYTES: Final = 20_000_000
MOST_ROWS: Final = 100_000
# What a spreadsheet takes for the beginning of a formula.
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n")
DELIMITERS: Final = ",;\t"
# What no text has, and workbooks and pictures are full of.
BINARY: Final = re.compile(r"[\x00-\x08\x0e-\x19\x1c-\x1f]")

Rows = list[dict[str, str]]


class BadTable(PawchaError):
    """The file is no table that can be read."""

    code = "invalid_list"


def plain(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula: it then begins with an apostrophe."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def without_apostrophe(cell: str) -> str:
    """Return the cell as it was before `plain`."""
    return cell[1:] if cell.startswith("'") and cell[1:].startswith(FORMULA) else cell


def read_csv(data: bytes, needed: Sequence[Sequence[str]]) -> Rows:
    """Return the rows below the headings, which are read in lower case.

    Commas, semicolons or tabs divide the cells: whichever the headings have most of. Of each group
    of `needed` headings one must be there. Empty lines among the rows stay, as rows without cells,
    so that rows can be counted as a spreadsheet does. Raises BadTable with a sentence.
    """
    text = _text(data)
    first = text.partition("\n")[0]
    delimiter = max(DELIMITERS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        lines = _without_end([line if any(map(str.strip, line)) else [] for line in reader])
    except csv.Error as error:
        raise BadTable(f"The file is no CSV that can be read: {error}.") from error
    if not lines:
        raise BadTable("The file is empty: its first row has the headings.")
    headings = [cell.strip().lower() for cell in lines[0]]
    _check(headings, needed)
    _check_number(len(lines) - 1)
    return [dict(zip(headings, line, strict=False)) for line in lines[1:]]


def _without_end(lines: list[list[str]]) -> list[list[str]]:
    """Return the lines without the empty ones before the headings and after the last row."""
    full = [number for number, line in enumerate(lines) if line]
    return lines[full[0] : full[-1] + 1] if full else []


def read_json(data: bytes, needed: Sequence[Sequence[str]]) -> Rows:
    """Return the rows of a JSON list of objects; keys are read in lower case, values as text.

    Of each group of `needed` keys one must be in some row. Raises BadTable with a sentence.
    """
    try:
        said = json.loads(_text(data))
    except (ValueError, RecursionError) as error:
        raise BadTable("The file is no JSON that can be read.") from error
    if not isinstance(said, list) or not all(isinstance(row, dict) for row in said):
        raise BadTable('The JSON is no list of rows: write [{"number": 5, "label": "cat"}].')
    _check_number(len(said))
    rows = [{str(name).lower(): _cell(value) for name, value in row.items()} for row in said]
    _check(list({name for row in rows for name in row}), needed)
    return rows


def write_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Yield a CSV line by line, with a mark by which Excel knows that it is UTF-8."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    yield "\ufeff"
    for line in _lines(columns, rows):
        writer.writerow(line)
        yield out.getvalue()
        out.seek(0)
        out.truncate()


def _lines(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Iterator[list[str]]:
    yield list(columns)
    for row in rows:
        yield [plain(row[name]) for name in columns]


def write_json(rows: Iterable[Mapping[str, str]]) -> Iterator[str]:
    """Yield a JSON list of objects, row by row."""
    before = "[\n"
    for row in rows:
        yield before + json.dumps(row, ensure_ascii=False)
        before = ",\n"
    yield "[]\n" if before == "[\n" else "\n]\n"


def _text(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise BadTable(f"The file has {len(data) / 1e6:.0f} MB: send one of 20 MB at most.")
    text = _decoded(data)
    if BINARY.search(text):
        raise BadTable("This is no CSV or JSON file. Save the list as CSV and send that.")
    return text


def _decoded(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", errors="replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        # What else spreadsheets write. What is read of a row has no accents anyway.
        return data.decode("cp1252", errors="replace")


def _cell(value: Any) -> str:
    return "" if value is None else str(value)


def _check(headings: Sequence[str], needed: Sequence[Sequence[str]]) -> None:
    for group in needed:
        if not set(group) & set(headings):
            there = ", ".join(repr(one) for one in headings[:8] if one) or "none"
            raise BadTable(f"There is no column {' or '.join(group)}. The columns: {there}.")


def _check_number(rows: int) -> None:
    if not rows:
        raise BadTable("There are no rows below the headings.")
    if rows > MOST_ROWS:
        raise BadTable(f"The list has {rows:,} rows: send {MOST_ROWS:,} at most at once.")
