"""Uploads over HTTP: the tus protocol, with its kept client and by hand."""

from __future__ import annotations

import base64
import hashlib
import io
from typing import Any

import pytest
from django.contrib.auth.models import User
from pytest_django.live_server_helper import LiveServer
from rest_framework.test import APIClient

from challenges.api.batches import RunPages
from challenges.flows import batches, transfers
from challenges.models import Batch, Photo, Transfer
from tests.challenges.uploads import (
    OURS,
    batch,
    may,
    send,
    small_pieces,
    uploader,
    volunteer,
    work,
    zipped,
)
from tests.drawn import photo_file

__all__ = ["batch", "small_pieces", "volunteer"]

BYTES = "application/offset+octet-stream"
DATA = b"0123456789"


class Tus(APIClient):
    """Speaks tus as somebody who is signed in."""

    def __init__(self, user: User) -> None:
        super().__init__(headers={"Tus-Resumable": "1.0.0"})
        self.force_authenticate(user)

    def begin(self, batch: Batch, name: str = "a.jpg", size: int = 10, **more: str) -> Any:
        """Announce a file."""
        said = {"filename": name, "batch": str(batch.pk), **more}
        pairs = [f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in said.items()]
        headers = {"Upload-Length": str(size), "Upload-Metadata": ",".join(pairs)}
        return self.post("/api/v1/transfers", headers=headers)

    def send(self, place: str, offset: int, data: bytes, **headers: str) -> Any:
        """Send bytes."""
        said = {"Upload-Offset": str(offset), **headers}
        return self.patch(place, data, content_type=BYTES, headers=said)


@pytest.fixture
def tus(volunteer: User) -> Tus:
    """Return a client of the volunteer."""
    return Tus(volunteer)


class TestByHand:
    def test_a_file_is_begun_sent_and_asked_for(self, tus: Tus, batch: Batch) -> None:
        begun = tus.begin(batch, "Cats/Mäuschen 🐈.jpg")
        assert (begun.status_code, begun["Upload-Offset"]) == (201, "0")
        place = begun["Location"]
        first = tus.send(place, 0, DATA[:4])
        assert (first.status_code, first["Upload-Offset"]) == (204, "4")
        asked = tus.head(place)
        assert (asked["Upload-Offset"], asked["Upload-Length"]) == ("4", "10")
        assert asked["Cache-Control"] == "no-store"
        assert tus.send(place, 4, DATA[4:])["Upload-Offset"] == "10"
        row = Transfer.objects.get()
        assert (row.name, row.state) == ("Cats/Mäuschen 🐈.jpg", "arrived")

    def test_a_known_file_goes_on(self, tus: Tus, batch: Batch) -> None:
        place = tus.begin(batch, fingerprint="f")["Location"]
        tus.send(place, 0, DATA[:4])
        again = tus.begin(batch, fingerprint="f")
        assert (again["Location"], again["Upload-Offset"]) == (place, "4")

    @pytest.mark.parametrize(
        ("offset", "headers", "status", "code"),
        [
            (4, {}, 409, "wrong_offset"),
            (0, {"Tus-Resumable": "0.2.2"}, 412, "wrong_version"),
            (0, {"Upload-Checksum": "sha1 AAAA"}, 460, "checksum_mismatch"),
            (0, {"Upload-Checksum": "crc32 AAAA"}, 400, "invalid_request"),
            (0, {"Upload-Offset": "-1"}, 400, "invalid_request"),
        ],
    )
    def test_what_does_not_fit_is_refused_and_not_counted(
        self, tus: Tus, batch: Batch, offset: int, headers: Any, status: int, code: str
    ) -> None:
        reply = tus.send(tus.begin(batch)["Location"], offset, DATA, **headers)
        assert (reply.status_code, reply.json()["error"]) == (status, code)
        assert reply["Tus-Resumable"] == "1.0.0"
        assert Transfer.objects.get().offset == 0

    def test_bytes_of_another_type_are_refused(self, tus: Tus, batch: Batch) -> None:
        place = tus.begin(batch)["Location"]
        reply = tus.patch(place, DATA, content_type="text/plain", headers={"Upload-Offset": "0"})
        assert (reply.status_code, reply.json()["error"]) == (415, "wrong_type")

    def test_a_few_bytes_are_taken_only_at_the_end(
        self, tus: Tus, batch: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(transfers, "LEAST", 65_536)
        place = tus.begin(batch, size=65_546)["Location"]
        reply = tus.send(place, 0, DATA)
        assert (reply.status_code, reply.json()["error"]) == (422, "file_refused")
        assert reply.json()["message"] == "Send at least 64 KB at once, but for the end of a file."
        assert tus.send(place, 0, bytes(65_536)).status_code == 204
        assert tus.send(place, 65_536, DATA).status_code == 204

    def test_a_fingerprint_of_any_bytes_is_kept_as_text(self, tus: Tus, batch: Batch) -> None:
        assert tus.begin(batch, fingerprint="a\0b").status_code == 201
        assert Transfer.objects.get().fingerprint == "ab"

    def test_a_right_checksum_is_accepted(self, tus: Tus, batch: Batch) -> None:
        digest = base64.b64encode(hashlib.sha256(DATA).digest()).decode()
        place = tus.begin(batch)["Location"]
        assert (
            tus.send(place, 0, DATA, **{"Upload-Checksum": f"sha256 {digest}"}).status_code == 204
        )

    def test_a_file_that_cannot_be_taken_is_refused_in_a_sentence(
        self, tus: Tus, batch: Batch
    ) -> None:
        reply = tus.begin(batch, "big.jpg", 30_000_000)
        assert reply.status_code == 422
        assert reply.json() == {
            "error": "file_refused",
            "message": "“big.jpg” has 30 MB, and 20 MB is the most. Save it smaller.",
        }

    @pytest.mark.parametrize("metadata", ["filename !!", "batch", "", "batch bm8="])
    def test_metadata_that_cannot_be_read_is_refused(self, tus: Tus, metadata: str) -> None:
        headers = {"Upload-Length": "1", "Upload-Metadata": metadata}
        assert tus.post("/api/v1/transfers", headers=headers).status_code == 400

    def test_giving_up_forgets_the_file(self, tus: Tus, batch: Batch) -> None:
        place = tus.begin(batch)["Location"]
        assert tus.delete(place).status_code == 204
        assert tus.head(place).status_code == 404

    def test_it_says_what_it_speaks(self, tus: Tus) -> None:
        reply = tus.options("/api/v1/transfers")
        assert (reply.status_code, reply["Tus-Extension"]) == (204, "creation,termination,checksum")
        assert reply["Tus-Max-Size"] == "500000000"


class TestWhoMay:
    def test_nobody_touches_another_s_files(self, tus: Tus, batch: Batch, reviewer: User) -> None:
        place = tus.begin(batch)["Location"]
        for other in (Tus(uploader("other")), Tus(reviewer)):
            assert other.head(place).status_code == 404
            assert other.send(place, 0, DATA).status_code == 404
            assert other.delete(place).status_code == 404
            assert other.begin(batch).json()["error"] == "unknown_batch"

    def test_only_those_who_may_see_all_see_another_s_run(self, batch: Batch) -> None:
        sees = may(User.objects.create_user("reviewer"), "view_batch")
        address = f"/api/v1/batches/{batch.pk}"
        assert Tus(sees).get(address).status_code == 200
        assert Tus(uploader("other")).get(address).status_code == 404

    def test_uploading_needs_its_permission(self, batch: Batch) -> None:
        nobody = Tus(User.objects.create_user("nobody"))
        assert nobody.begin(batch).status_code == 403
        assert nobody.get(f"/api/v1/batches/{batch.pk}").status_code == 403
        assert nobody.post("/api/v1/batches", {"name": "x"}, format="json").status_code == 403


class TestBatches:
    def test_a_batch_is_made_with_its_words(self, tus: Tus, volunteer: User) -> None:
        words = {"name": "May", "rights": "cleared", "rights_text": "ours", "credit": "Jo"}
        reply = tus.post("/api/v1/batches", words, format="json")
        assert reply.status_code == 201
        made = Batch.objects.get()
        assert (made.pk, made.person, made.credit) == (reply.json()["id"], volunteer, "Jo")

    @pytest.mark.parametrize(
        ("words", "sentence"),
        [
            ({"name": "ours"}, "There is a batch called “ours” already: choose another name."),
            ({"name": "x", "rights": "cleared"}, batches.NO_GROUND),
            (
                {"name": "x", "adoption_url": "http://a.example/"},
                "adoption_url: The adoption link has to begin with https://.",
            ),
            (
                {"name": "x", "trust_labels": True},
                "Only people who may label photos can say that labels need no second look.",
            ),
        ],
    )
    def test_it_says_what_is_missing(
        self, tus: Tus, batch: Batch, words: Any, sentence: str
    ) -> None:
        reply = tus.post("/api/v1/batches", words, format="json")
        assert (reply.status_code, reply.json()["message"]) == (400, sentence)

    def test_one_s_own_runs_are_listed_newest_first(
        self, tus: Tus, batch: Batch, volunteer: User, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        send(batch, "Cats/1.jpg", photo_file(1))
        work()
        newer = batches.make(volunteer, batches.Words(name="newer"))
        batches.make(uploader("other"), batches.Words(name="theirs"))
        monkeypatch.setattr(RunPages, "page_size", 1)
        first = tus.get("/api/v1/batches").json()
        assert [one["id"] for one in first["results"]] == [newer.pk]
        (second,) = tus.get(first["next"]).json()["results"]
        counts = (second["stored"], second["pooled"], second["waiting"])
        assert (second["name"], counts) == ("ours", (1, 0, 1))

    def test_files_are_announced_in_one_call(self, tus: Tus, batch: Batch) -> None:
        names = ("a.jpg", "b.txt")
        files = [{"name": name, "size": 10, "fingerprint": name} for name in names]
        address = f"/api/v1/batches/{batch.pk}/files"
        first, second = tus.post(address, {"files": files}, format="json").json()
        assert (first["offset"], first["state"]) == (0, "receiving")
        assert second["refused"].startswith("“b.txt” is no photo")

    def test_the_run_tells_everything(self, tus: Tus, batch: Batch) -> None:
        send(batch, "1.jpg", photo_file(1))
        send(
            batch,
            "pets.zip",
            zipped({"1 again.png": photo_file(1), "2.jpg": b"GIF8", "x.md": b"x"}),
        )
        send(batch, "again.jpg", photo_file(2))
        other = Batch.objects.create(name="older", rights="cleared", person=batch.person)
        work()
        send(other, "newer.jpg", photo_file(2))
        transfers.begin(batch, uploader("else"), transfers.Announced("open.jpg", 9, "open"))
        work()
        run = tus.get(f"/api/v1/batches/{batch.pk}").json()
        assert run["files"] == {
            "announced": 4, "receiving": 1, "arrived": 0, "done": 3, "refused": 0,
            "bytes": run["files"]["bytes"], "bytes_safe": run["files"]["bytes"] - 9,
        }  # fmt: skip
        assert run["photos"] == {
            "found": 3, "waiting": 0, "stored": 2, "duplicates": 0, "rejected": 1,
            "left_out": 1, "twice": 1,
        }  # fmt: skip
        assert run["rejected"] == [
            {"name": "2.jpg", "reason": "This file is a GIF: send a JPEG, PNG or WebP."}
        ]
        (left,) = run["left_out"]
        assert (left["archive"], left["number"]) == ("pets.zip", 1)
        assert left["said"] == "1 file that is no picture (.md)"
        assert [one["name"] for one in run["duplicates"]] == ["1 again.png"]
        (twin,) = tus.get(f"/api/v1/batches/{other.pk}").json()["duplicates"]
        assert (twin["name"], twin["batch"], twin["newcomer"]) == ("newer.jpg", "ours", None)

    def test_near_duplicates_are_told_with_the_older_one(self, tus: Tus, batch: Batch) -> None:
        send(batch, "a.jpg", photo_file(1, quality=90))
        work()
        send(batch, "b.jpg", photo_file(1, quality=60))
        work()
        (twin,) = tus.get(f"/api/v1/batches/{batch.pk}").json()["alike"]
        first, second = Photo.objects.order_by("pk").values_list("pk", flat=True)
        assert (twin["name"], twin["photo"], twin["newcomer"]) == ("b.jpg", first, second)


@pytest.mark.django_db(transaction=True)
def test_the_kept_client_of_tus_uploads_to_us(
    live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """tuspy, unmodified, with a token: it breaks off, goes on elsewhere, and checks its sums."""
    from knox.models import get_token_model
    from tusclient.client import TusClient

    monkeypatch.setattr(transfers, "PIECE", 5_000)
    person = uploader()
    made = batches.make(person, OURS)
    _, token = get_token_model().objects.create(user=person)
    data = zipped({f"Cats/{n}.jpg": photo_file(n) for n in range(3)})
    client = TusClient(f"{live_server.url}/api/v1/transfers", {"Authorization": f"Token {token}"})
    metadata = {"filename": "pets.zip", "batch": str(made.pk)}
    first = client.uploader(file_stream=io.BytesIO(data), chunk_size=7_000, metadata=metadata)
    first.upload_chunk()  # type: ignore[no-untyped-call]
    second = client.uploader(
        file_stream=io.BytesIO(data), url=first.url, chunk_size=6_000, upload_checksum=True
    )
    assert second.offset == 7_000
    second.upload()
    work()
    assert Photo.objects.filter(label="cat", status="proposed").count() == 3
