"""Lists of labels over HTTP."""

from __future__ import annotations

import csv
import io
import json

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from challenges.flows import label_lists
from challenges.models import Label, Photo
from challenges.models.photos import Animal
from tests import pets

LABELS = "/api/v1/labels"


@pytest.fixture
def desk(reviewer: User) -> APIClient:
    """Return a program of a person who may do everything."""
    client = APIClient()
    client.force_authenticate(reviewer)
    return client


def waiting() -> Photo:
    """Return a photo that waits for a person."""
    made = pets.photo(Animal.CAT)
    made.status = Photo.Status.PROPOSED
    made.pet_name = "=Minka"
    made.save()
    return made


def test_labels_are_exported_as_json_and_csv(desk: APIClient) -> None:
    photo, _ = waiting(), pets.photo(Animal.DOG)
    rows = json.loads(desk.get(LABELS).getvalue())
    assert [row["label"] for row in rows] == ["cat", "dog"]
    assert (rows[0]["number"], rows[0]["pet_name"]) == (str(photo.pk), "=Minka")
    reply = desk.get(LABELS, {"as": "csv", "status": "proposed"})
    assert reply["Content-Type"].startswith("text/csv")
    text = reply.getvalue().decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert tuple(row) == label_lists.COLUMNS
    assert row["pet_name"] == "'=Minka"


def test_an_export_takes_few_queries(
    desk: APIClient, django_assert_max_num_queries: object
) -> None:
    for _ in range(20):
        waiting()
    with django_assert_max_num_queries(4):  # type: ignore[operator]
        assert len(json.loads(desk.get(LABELS).getvalue())) == 20


def test_a_list_is_looked_at_first_and_taken_in_then(desk: APIClient) -> None:
    photo = waiting()
    rows = [{"number": photo.pk, "label": "dog"}]
    for query, applied, label in (("?dry_run=1", False, "cat"), ("", True, "dog")):
        told = desk.post(LABELS + query, rows, format="json").json()
        photo.refresh_from_db()
        assert (told["applied"], told["changed"], photo.label) == (applied, 1, label)
    assert Label.objects.get().source == "import"


def test_a_csv_with_semicolons_is_taken_in(desk: APIClient) -> None:
    photo = waiting()
    body = f"\ufeffsha256;pet_name;label\r\n{photo.sha256};'=1+1;dog\r\n"
    told = desk.generic("POST", LABELS, body, content_type="text/csv; charset=utf-8")
    assert told.json()["rows"] == [
        {
            "row": 2,
            "kind": "change",
            "sentence": f"Photo {photo.pk} is a dog (it was a cat): it is in the pool.",
            "photo": photo.pk,
        }
    ]


def test_with_one_wrong_row_nothing_changes(desk: APIClient) -> None:
    photo = waiting()
    rows = [{"number": photo.pk, "label": "dog"}, {"number": 999999, "label": "dog"}]
    told = desk.post(LABELS, rows, format="json").json()
    photo.refresh_from_db()
    assert (told["applied"], told["wrong"], photo.label) == (False, 1, "cat")


@pytest.mark.parametrize("body", ["", "[1]", "{}", "["])
def test_what_is_no_list_gets_a_sentence(desk: APIClient, body: str) -> None:
    reply = desk.generic("POST", LABELS, body, content_type="application/json")
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_list")


@pytest.mark.parametrize("name", ["as", "format"])
def test_the_format_has_two_names_and_two_values(desk: APIClient, name: str) -> None:
    waiting()
    assert desk.get(LABELS, {name: "csv"})["Content-Type"].startswith("text/csv")
    assert desk.get(LABELS, {name: "json"})["Content-Type"] == "application/json"
    refused = desk.get(LABELS, {name: "xls"})
    assert (refused.status_code, refused.json()) == (
        400,
        {"error": "invalid_request", "message": f"{name} is 'xls': write json or csv."},
    )
