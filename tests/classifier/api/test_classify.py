"""POST /api/v1/classify as a program meets it, with a real channel and real Redis."""

from __future__ import annotations

import base64
import io
import zlib
from collections.abc import Iterator
from typing import Any
from unittest.mock import patch

import pytest
from django.conf import LazySettings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from rest_framework.test import APIClient

from challenges import state as visits
from classifier import channel
from classifier.flows import look
from classifier.refusals import Asleep
from tests.classifier import looking
from tests.classifier.looking import Eyes, Worker
from tests.conftest import Visitor
from tests.drawn import encoded, noise, photo_file, picture

ADDRESS = "/api/v1/classify"
WHERE = "send it in the multipart field photo, or as the whole body."


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    """Return a worker that is awake and sees a cat."""
    worker = looking.awake(monkeypatch, Eyes())
    yield worker
    worker.rest()


def send(visitor: APIClient, data: bytes, name: str = "photo") -> Any:
    """Send a file as a form does."""
    file = SimpleUploadedFile("a.jpg", data, content_type="image/jpeg")
    return visitor.post(ADDRESS, {name: file}, format="multipart")


def send_raw(visitor: APIClient, data: Any, kind: str = "image/jpeg") -> Any:
    """Send a file as the whole body."""
    return visitor.generic("POST", ADDRESS, data, content_type=kind)


def huge_png(width: int, height: int) -> bytes:
    """Return a tiny PNG whose header claims these sides."""
    body = encoded(picture(1, 200, 200), "PNG")
    fields = width.to_bytes(4, "big") + height.to_bytes(4, "big") + body[24:29]
    return (
        body[:12] + b"IHDR" + fields + zlib.crc32(b"IHDR" + fields).to_bytes(4, "big") + body[33:]
    )


def test_it_says_what_it_sees_how_sure_it_is_and_where_it_looked(
    worker: Worker, visitor: Visitor
) -> None:
    reply = send(visitor, photo_file(1))
    assert reply.status_code == 200, reply.content
    said = reply.json()
    heat = said.pop("heat")
    assert said == {
        "label": "cat",
        "verdict": "cat",
        "confidence": 0.987,
        "p_cat": 0.987,
        "familiar": 0.99,
        "chances": {"cat": 0.987, "dog": pytest.approx(0.013)},
        "model": "made-up-eyes",
        "sentence": "A cat, I am quite sure.",
        "meaning": "Of 100 photos that I am this sure about, I am right on about 99.",
    }
    values = base64.b64decode(heat["values"])
    assert (heat["width"], heat["height"], len(values)) == (8, 8, 64)
    # Made-up eyes look a little to the left of the middle, above it.
    assert divmod(values.index(max(values)), 8) in {(2, 3), (3, 3)}
    assert reply["Cache-Control"] == "no-store"
    assert worker.eyes.seen == [(320, 240)]


@pytest.mark.parametrize("kind", ["image/jpeg", "image/webp", "application/octet-stream"])
def test_it_takes_a_photo_as_the_whole_body_too(
    worker: Worker, visitor: Visitor, kind: str
) -> None:
    assert send_raw(visitor, photo_file(1), kind).json()["verdict"] == "cat"


def test_it_says_neither_when_it_knows_no_such_animal(worker: Worker, visitor: Visitor) -> None:
    worker.eyes.familiar, worker.eyes.p_cat = 0.2, 0.3
    said = send(visitor, photo_file(1)).json()
    assert (said["verdict"], said["label"]) == ("neither", "dog")
    assert said["sentence"] == "That looks like neither a cat nor a dog to me."
    assert said["meaning"] == "If I had to choose, I would say dog."


JPEG = encoded(picture(1))
BAD = {
    "gif": (encoded(picture(1), "GIF"), "This file is a GIF: send a JPEG, PNG or WebP."),
    "pdf": (b"%PDF-1.7 ...", "This file is a PDF: send a JPEG, PNG or WebP."),
    "nothing": (b"", "This file is empty: send the photo again."),
    "60 megapixels": (
        huge_png(10_000, 6_000),
        "This photo has 60.0 megapixels: send one of 50 megapixels at most.",
    ),
    "cut off": (
        JPEG[: len(JPEG) // 2],
        "This photo is damaged or was cut off: open it, save it again and send that.",
    ),
    "tiny": (
        encoded(picture(1, 90, 100)),
        "This photo is 90 x 100 pixels: each side needs at least 150.",
    ),
    "a little too large": (
        b"\xff\xd8" + bytes(20_059_998),
        "This file has 20.1 MB: send one of 20 MB at most.",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_gets_one_clear_sentence(worker: Worker, visitor: Visitor, name: str) -> None:
    data, sentence = BAD[name]
    reply = send(visitor, data)
    assert (reply.status_code, reply.json()["error"]) == (422, "bad_photo")
    assert reply.json()["message"] == sentence
    assert worker.eyes.seen == []


@pytest.mark.parametrize("by", [send, send_raw])
def test_21_megabytes_are_refused_by_their_length_alone(
    worker: Worker, visitor: Visitor, by: Any
) -> None:
    with patch("classifier.uploads.read_photo") as read:
        reply = by(visitor, b"\xff\xd8" + bytes(21_000_000))
    assert (reply.status_code, reply.json()["error"]) == (413, "too_large")
    assert reply.json()["message"] in {
        "This request has 21.1 MB: send one photo of 20 MB at most.",
        "This request has 21.0 MB: send one photo of 20 MB at most.",
    }
    assert not read.called
    assert worker.tickets == []


def test_a_form_without_the_field_says_its_name(worker: Worker, visitor: Visitor) -> None:
    reply = send(visitor, photo_file(1), name="file")
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")
    assert reply.json()["message"].endswith(WHERE)


def test_an_empty_request_says_where_the_photo_goes(worker: Worker, visitor: Visitor) -> None:
    reply = visitor.generic("POST", ADDRESS)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")
    assert reply.json()["message"].endswith(WHERE)


def test_a_broken_form_cannot_be_read(worker: Worker, visitor: Visitor) -> None:
    reply = send_raw(visitor, b"no form at all", "multipart/form-data; boundary=")
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")
    assert reply.json()["message"] == "The form cannot be read: send the photo again."


@pytest.mark.parametrize("kind", ["application/json", "application/x-www-form-urlencoded"])
def test_another_type_is_told_how(worker: Worker, visitor: Visitor, kind: str) -> None:
    reply = send_raw(visitor, photo_file(1), kind)
    assert (reply.status_code, reply.json()["error"]) == (415, "unsupported_media_type")


def test_a_body_in_chunks_is_asked_for_its_length(worker: Worker, visitor: Visitor) -> None:
    reply = visitor.generic("POST", ADDRESS, HTTP_TRANSFER_ENCODING="chunked")
    assert (reply.status_code, reply.json()["error"]) == (411, "length_required")


def test_only_post_is_answered(worker: Worker, visitor: Visitor) -> None:
    assert visitor.get(ADDRESS).status_code == 405


def test_a_large_photo_never_touches_the_disk(worker: Worker, visitor: Visitor) -> None:
    photo = encoded(noise(1500, 1500), "PNG")
    assert len(photo) > 5_000_000
    with patch("tempfile.NamedTemporaryFile", side_effect=AssertionError("written to the disk")):
        assert send(visitor, photo).status_code == 200
    assert worker.eyes.seen == [(1500, 1500)]


def test_it_limits_how_often_an_address_prefix_shows_photos(
    worker: Worker, visitor: Visitor, bot: Visitor, settings: LazySettings
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "CLASSIFY_BURST": 2, "CLASSIFY_PER_MINUTE": 1}
    assert [send(bot, photo_file(1)).status_code for _ in range(3)] == [200, 200, 429]
    refused = send(bot, photo_file(1))
    assert refused.json()["error"] == "too_many_requests"
    assert refused.json()["message"].startswith("Too many tries from here. Please wait ")
    assert 55 <= int(refused["Retry-After"]) <= 60
    assert send(visitor, photo_file(1)).status_code == 200


def test_it_refuses_when_the_queue_is_full(
    worker: Worker, visitor: Visitor, settings: LazySettings
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "CLASSIFY_DEPTH": 1}
    channel.take_place("somebody", 1)
    reply = send(visitor, photo_file(1))
    assert (reply.status_code, reply.json()["error"]) == (503, "queue_full")
    assert int(reply["Retry-After"]) > 0
    channel.leave_place("somebody")
    assert send(visitor, photo_file(1)).status_code == 200


def test_a_photo_whose_time_is_over_is_not_looked_at_later(
    worker: Worker, visitor: Visitor, settings: LazySettings
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "CLASSIFY_SECONDS": 1}
    worker.asleep = True
    reply = send(visitor, photo_file(1))
    assert (reply.status_code, reply.json()["error"]) == (503, "timeout")
    assert int(reply["Retry-After"]) > 0
    (ticket,) = worker.tickets
    # The ticket's own time, and a visitor who does not listen any more: either is enough.
    look.look(ticket, until=0)
    look.look(ticket, until=4e9)
    assert worker.eyes.seen == []


@pytest.mark.parametrize("fate", ["answered", "refused", "late", "stumbled"])
def test_every_place_is_given_back(
    worker: Worker, visitor: Visitor, settings: LazySettings, fate: str
) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "CLASSIFY_SECONDS": 2}
    worker.asleep = fate == "late"
    worker.eyes.breaks = fate == "stumbled"
    send(visitor, b"GIF89a" if fate == "refused" else photo_file(1))
    left = visits.client().keys("pawcha:classify:*")
    assert left == ["pawcha:classify:worker"]


def test_a_network_that_breaks_says_so_at_once(worker: Worker, visitor: Visitor) -> None:
    worker.eyes.breaks = True
    reply = send(visitor, photo_file(1))
    assert (reply.status_code, reply.json()["error"]) == (503, "unavailable")
    assert "stumbled" in reply.json()["message"]


@pytest.mark.parametrize(
    ("state", "sentence"),
    [
        (
            "asleep",
            Asleep.sentence,
        ),
        (
            "untrained",
            "This Pawcha has no trained network yet, so it cannot tell cats from dogs.",
        ),
    ],
)
def test_without_a_network_it_says_so_kindly(
    visitor: Visitor, state: channel.State, sentence: str
) -> None:
    channel.say_state(state)
    reply = send(visitor, photo_file(1))
    assert (reply.status_code, reply.json()["error"]) == (503, "no_network")
    assert reply.json()["message"] == sentence
    assert int(reply["Retry-After"]) > 0


def test_without_redis_it_refuses(worker: Worker, visitor: Visitor) -> None:
    with patch("classifier.channel.state", side_effect=channel.Unreachable("gone")):
        reply = send(visitor, photo_file(1))
    assert (reply.status_code, reply.json()["error"]) == (503, "unavailable")


def test_the_schema_tells_of_it() -> None:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=out)
    assert "/api/v1/classify:" in out.getvalue()
    assert "multipart/form-data" in out.getvalue()
