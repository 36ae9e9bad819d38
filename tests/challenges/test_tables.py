"""CSV and JSON as people's spreadsheets write them."""

from __future__ import annotations

import csv
import io

import pytest

from challenges import tables

NEEDED = (("number", "sha256"), ("label",))


@pytest.mark.parametrize(
    "data",
    [
        b"number,label\n5,cat\n",
        b"\xef\xbb\xbfNumber;Label\r\n5;cat\r\n",
        b"number\tlabel\n5\tcat",
        "number,label\n5,cat\n".encode("utf-16"),
        b'\n"number","label"\n"5","cat"\n\n',
    ],
)
def test_tables_of_all_spreadsheets_are_read(data: bytes) -> None:
    assert tables.read_csv(data, NEEDED) == [{"number": "5", "label": "cat"}]


def test_empty_lines_count_as_in_a_spreadsheet() -> None:
    rows = tables.read_csv(b"number,label\n\n5,cat\n,\n6,dog\n\n", NEEDED)
    assert [row.get("number") for row in rows] == [None, "5", None, "6"]


def test_names_in_any_script_are_read() -> None:
    text = "number,label,pet_name\n5,cat,Мурка\n6,dog,王さん\n7,cat,مينكا\n"
    names = [row["pet_name"] for row in tables.read_csv(text.encode(), NEEDED)]
    assert names == ["Мурка", "王さん", "مينكا"]
    old = "number,label,pet_name\n5,cat,Müsli\n".encode("cp1252")
    assert tables.read_csv(old, NEEDED)[0]["pet_name"] == "Müsli"


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty: its first row has the headings."),
        (b"number,label\n", "There are no rows below the headings."),
        (b"a,b\n1,2\n", "There is no column number or sha256. The columns: 'a', 'b'."),
        (b"number,b\n1,2\n", "There is no column label. The columns: 'number', 'b'."),
        *(
            (data, "This is no CSV or JSON file. Save the list as CSV and send that.")
            for data in (b"number,label\n\0,cat\n", b"PK\x03\x04", b"\xff\xd8\xff\xe0\x00")
        ),
    ],
)
def test_what_is_no_table_gets_a_sentence(data: bytes, sentence: str) -> None:
    with pytest.raises(tables.BadTable) as refused:
        tables.read_csv(data, NEEDED)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("data", [b"{", b"[" * 100_000, b"\xff\xfe\x00"])
def test_broken_json_gets_a_sentence(data: bytes) -> None:
    with pytest.raises(tables.BadTable, match="no JSON that can be read"):
        tables.read_json(data, NEEDED)


@pytest.mark.parametrize("data", [b"{}", b"[1]", b'"number"'])
def test_json_has_to_be_a_list_of_rows(data: bytes) -> None:
    with pytest.raises(tables.BadTable, match="no list of rows"):
        tables.read_json(data, NEEDED)


def test_json_numbers_are_read_as_text() -> None:
    rows = tables.read_json(b'[{"Number": 5, "label": null}]', NEEDED)
    assert rows == [{"number": "5", "label": ""}]


def test_long_lists_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "MOST_ROWS", 2)
    with pytest.raises(tables.BadTable, match="The list has 3 rows: send 2 at most"):
        tables.read_csv(b"number,label\n1,\n2,\n3,\n", NEEDED)
    monkeypatch.setattr(tables, "MOST_BYTES", 5)
    with pytest.raises(tables.BadTable, match="send one of 20 MB at most"):
        tables.read_csv(b"number,label", NEEDED)


FORMULAS = ["=1+1", "+cmd", "-2", "@SUM(A1)", "\tx", "\rx"]


@pytest.mark.parametrize("cell", FORMULAS)
def test_no_cell_is_a_formula_and_all_come_back(cell: str) -> None:
    text = "".join(tables.write_csv(["pet_name"], [{"pet_name": cell}]))
    assert text.startswith("\ufeff")
    (_, (written,)) = csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline=""))
    assert written == f"'{cell}"
    assert tables.without_apostrophe(written) == cell
    assert tables.without_apostrophe("'s-Hertogenbosch") == "'s-Hertogenbosch"


def test_json_is_written_row_by_row() -> None:
    assert tables.read_json("".join(tables.write_json([{"a": "=1"}])).encode(), ()) == [{"a": "=1"}]
    assert "".join(tables.write_json([])) == "[]\n"
