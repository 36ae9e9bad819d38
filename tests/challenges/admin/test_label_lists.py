"""Export and import of labels in the admin."""

from __future__ import annotations

import json

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from challenges.flows.label_lists import COLUMNS
from challenges.models import Label, Photo
from challenges.models.photos import Animal
from tests import pets

PHOTOS = "/admin/challenges/photo/"
CSV, JSON = "0", "1"


@pytest.fixture
def desk(client: Client, reviewer: User) -> Client:
    """Return the reviewer's browser."""
    client.force_login(reviewer)
    return client


def waiting() -> Photo:
    """Return a photo that waits for a person."""
    made = pets.photo(Animal.CAT)
    made.status, made.pet_name = Photo.Status.PROPOSED, "@Minka"
    made.save()
    return made


def export(desk: Client, kind: str, query: str = "") -> bytes:
    """Return the exported file."""
    chosen = {"format": kind, "resource": "0"} | {f"labelresource_{name}": "on" for name in COLUMNS}
    reply = desk.post(f"{PHOTOS}export/{query}", chosen)
    assert reply.status_code == 200
    assert "attachment" in reply.get("Content-Disposition", ""), reply.content.decode()[-3000:]
    return bytes(reply.content)


def look(desk: Client, text: str, name: str = "labels.csv", kind: str = CSV) -> str:
    """Send a list and return the page that says what it would change."""
    file = SimpleUploadedFile(name, text.encode("utf-8-sig"))
    sent = {"import_file": file, "format": kind, "resource": "0"}
    page = desk.post(f"{PHOTOS}import/", sent)
    assert page.status_code == 200
    if page.context.get("confirm_form"):
        desk.extra_confirm = page.context["confirm_form"].initial  # type: ignore[attr-defined]
    return " ".join(page.content.decode().split())


def confirm(desk: Client) -> str:
    """Take the list in and return the page that follows."""
    sent = desk.extra_confirm  # type: ignore[attr-defined]
    page = desk.post(f"{PHOTOS}process_import/", sent, follow=True)
    return page.content.decode()


def test_what_the_filters_show_is_exported(desk: Client) -> None:
    photo, _ = waiting(), pets.photo(Animal.DOG)
    text = export(desk, CSV, "?status__exact=proposed").decode("utf-8-sig")
    head, row = text.strip().split("\r\n")
    assert head == ",".join(COLUMNS)
    assert row.startswith(f"{photo.pk},{photo.sha256},cat,proposed,cleared,")
    assert ",'@Minka," in row
    rows = json.loads(export(desk, JSON))
    assert sorted(row["pet_name"] for row in rows) == ["", "@Minka"]


def test_a_list_is_shown_first_and_taken_in_then(desk: Client, reviewer: User) -> None:
    photo, settled = waiting(), pets.photo(Animal.DOG)
    page = look(desk, f"number;label;x\r\n{photo.pk};dog;=1\r\n{settled.pk};dog;\r\n")
    assert "1 label would be taken in as your word." in page
    assert f"Photo {photo.pk} is a dog (it was a cat): it is in the pool." in page
    photo.refresh_from_db()
    assert photo.label == "cat"
    assert "Labels taken in: 1. Nothing to change: 1." in confirm(desk)
    photo.refresh_from_db()
    word = Label.objects.get()
    assert (photo.label, photo.status) == ("dog", "pooled")
    assert (word.source, word.person) == ("import", reviewer)


def test_wrong_rows_are_named_and_nothing_can_be_taken_in(desk: Client) -> None:
    photo = waiting()
    page = look(desk, f"number,label\n{photo.pk},cat\n999999,cat\n{photo.pk},hamster\n")
    assert "There is no photo with the number 999999" in page
    assert "The label &#x27;hamster&#x27; is not known" in page
    assert "Take in" not in page


def test_json_is_taken_in(desk: Client) -> None:
    photo = waiting()
    look(desk, json.dumps([{"sha256": photo.sha256, "label": "dog"}]), "labels.json", JSON)
    assert "Labels taken in: 1." in confirm(desk)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("a,b\n1,2\n", "There is no column number or sha256."),
        ("", "The submitted file is empty."),
        ("number,label\n", "There are no rows below the headings."),
    ],
)
def test_what_is_no_list_gets_a_sentence(desk: Client, text: str, sentence: str) -> None:
    file = SimpleUploadedFile("labels.csv", text.encode())
    page = desk.post(f"{PHOTOS}import/", {"import_file": file, "format": CSV, "resource": "0"})
    assert sentence in page.content.decode()


def test_lists_need_their_right(client: Client, db: None) -> None:
    person = User.objects.create_user("some", password="x", is_staff=True)
    client.force_login(person)
    for right, other, path in (
        ("label_photo", f"{PHOTOS}export/", "export/"),
        ("export_labels", f"{PHOTOS}import/", "import/"),
    ):
        rights = Permission.objects.filter(codename__in=["view_photo", right])
        person.user_permissions.set(rights)
        assert other not in client.get(PHOTOS).content.decode()
        assert client.get(f"{PHOTOS}{path}").status_code == 403
    assert client.post(f"{PHOTOS}process_import/").status_code == 403


def test_the_name_tells_the_format_and_lines_count_as_in_a_spreadsheet(desk: Client) -> None:
    photo = waiting()
    rows = json.dumps([{"number": photo.pk, "label": "dog"}])
    assert f"Row 1: Photo {photo.pk} is a dog" in look(desk, rows, "labels.JSON", CSV)
    table = f"number,label\n{photo.pk},dog\n\n9,pig\n"
    assert "<span>Line 4</span>" in look(desk, table, "labels.csv", JSON)
    assert f"Line 2: Photo {photo.pk}" in look(desk, table[:-6], "labels", "")
    file = SimpleUploadedFile("labels.xlsx", b"PK\x03\x04\0\0")
    page = desk.post(f"{PHOTOS}import/", {"import_file": file, "resource": "0"})
    assert "This is no CSV or JSON file." in page.content.decode()
    for form in ("import", "export"):
        assert "Select format" not in desk.get(f"{PHOTOS}{form}/").content.decode()
