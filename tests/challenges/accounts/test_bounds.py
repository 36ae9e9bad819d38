"""What strangers send is short and has no files; what people of the desk send arrives."""

from __future__ import annotations

import io
import logging
from typing import Any

import pytest
from django.core.files import uploadedfile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from challenges.flows import batches, tokens
from challenges.models import Photo, Upload
from challenges.models.photos import Animal
from tests import pets
from tests.challenges.uploads import OURS, uploader
from tests.conftest import Visitor
from tests.drawn import photo_file
from tests.people import PASSWORD, SIGN_IN, person

pytestmark = pytest.mark.django_db
BIG = b"x" * 1_200_000


@pytest.fixture
def on_disk(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the names of the files that Django puts on the temporary disk."""
    seen: list[str] = []
    real = uploadedfile.TemporaryUploadedFile.__init__

    def spy(self: Any, name: Any, *rest: Any, **more: Any) -> None:
        seen.append(str(name))
        real(self, name, *rest, **more)

    monkeypatch.setattr(uploadedfile.TemporaryUploadedFile, "__init__", spy)
    return seen


@pytest.mark.parametrize(
    "place", [SIGN_IN, "/accounts/2fa/authenticate/", "/admin/challenges/photo/import/", "/"]
)
@pytest.mark.parametrize("size", [100_000, 5_000_000])
def test_a_stranger_s_files_are_not_kept(
    on_disk: list[str], settings: Any, place: str, size: int
) -> None:
    settings.FILE_UPLOAD_MAX_MEMORY_SIZE = 1000
    client = Client(enforce_csrf_checks=True)
    file = io.BytesIO(b"x" * size)
    file.name = "x.bin"
    client.cookies["csrftoken"] = "a" * 32
    answer = client.post(place, {"file": file})
    assert answer.status_code == (413 if size > 1_000_000 else 403)
    assert on_disk == []


def test_whoever_was_signed_out_meanwhile_is_told(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    page = Client().post("/admin/challenges/photo/import/", {"x": BIG.decode()}).content.decode()
    assert "This page was open for too long" in page


def test_a_long_form_of_the_desk_arrives(client: Client, on_disk: list[str]) -> None:
    client.force_login(person("ann", "owner"))
    photo = pets.photo(Animal.CAT)
    lines = f"number,label\n{photo.pk},dog\n" + "\n" * 3_000_000
    said = {"resource": "0", "format": "0"}
    file = SimpleUploadedFile("labels.csv", lines.encode(), "text/csv")
    answer = client.post("/admin/challenges/photo/import/", {**said, "import_file": file})
    assert answer.status_code == 200
    assert on_disk == ["labels.csv"]


def test_a_photo_by_the_rest_api_arrives(on_disk: list[str]) -> None:
    uli = uploader()
    batch = batches.make(uli, OURS)
    text = tokens.make(uli, "script", None).text
    file = SimpleUploadedFile("minka.jpg", photo_file(3) + BIG * 3, "image/jpeg")
    said = {"file": file, "batch": batch.pk}
    answer = APIClient().post(
        "/api/v1/photos", said, format="multipart", headers={"Authorization": f"Token {text}"}
    )
    assert answer.status_code == 202
    assert Upload.objects.get().name == "minka.jpg"
    on_disk.clear()
    said["file"] = SimpleUploadedFile("minka.jpg", BIG * 3, "image/jpeg")
    answer = APIClient().post(
        "/api/v1/photos",
        said,
        format="multipart",
        headers={"Authorization": "Token pawcha_made_up"},
    )
    assert answer.status_code == 401
    assert on_disk == []


def test_a_piece_of_an_upload_is_not_cut(client: Client) -> None:
    """Without a session it is told to sign in, and not that it is too long."""
    place = "/api/v1/transfers/00000000-0000-0000-0000-000000000000"
    kind = "application/offset+octet-stream"
    said = {"Tus-Resumable": "1.0.0", "Upload-Offset": "0"}
    assert client.patch(place, BIG * 3, kind, headers=said).status_code == 401
    client.force_login(uploader())
    assert client.patch(place, BIG * 3, kind, headers=said).status_code == 404


def test_libraries_get_the_reply_that_they_understand(visitor: Visitor) -> None:
    answer = visitor.post("/siteverify", {"secret": "x", "response": BIG.decode()})
    assert answer.status_code == 200
    assert answer.json()["success"] is False


def test_calls_of_visitors_are_bounded(visitor: Visitor) -> None:
    answer = visitor.post("/api/v1/challenges", {"sitekey": BIG.decode()}, format="json")
    assert answer.status_code == 413
    assert answer.json()["error"] == "too_large"


def test_signing_in_goes_on_as_before(client: Client) -> None:
    person("ann", "owner")
    assert client.post(SIGN_IN, {"login": "ann", "password": PASSWORD}).status_code == 302
    assert Photo.objects.count() == 0
