"""GET /api/v1/challenges/{id}/pictures, and each picture alone"""

from __future__ import annotations

import struct
from datetime import timedelta

import pytest
import time_machine
from django.core.files.storage import default_storage

from challenges import state
from challenges.flows.sites import NewSite
from challenges.models import Rendition
from tests.conftest import Visitor, cats_of, outcome_of


@pytest.fixture
def challenge(stocked: NewSite, visitor: Visitor) -> str:
    """Return the id of an open challenge."""
    return str(visitor.ask(stocked.site.sitekey).json()["id"])


def unpack(stream: bytes) -> list[bytes]:
    """Return the pictures of a stream of length-prefixed pictures."""
    pictures = []
    while stream:
        (length,) = struct.unpack_from(">I", stream)
        pictures.append(stream[4 : 4 + length])
        stream = stream[4 + length :]
    return pictures


def test_it_sends_all_pictures_in_one_stream(visitor: Visitor, challenge: str) -> None:
    reply = visitor.get(f"/api/v1/challenges/{challenge}/pictures")
    assert reply.status_code == 200
    assert reply["Content-Type"] == "application/vnd.pawcha.pictures"
    assert reply["Cache-Control"] == "no-store"
    assert int(reply["Content-Length"]) == len(reply.content)
    pictures = unpack(reply.content)
    assert len(pictures) == 12
    # The test's pictures say what they are: the order is that of the answer.
    cats = [index for index, picture in enumerate(pictures) if picture.startswith(b"cat")]
    assert cats == cats_of(challenge)


def test_it_sends_one_picture_to_plain_clients(visitor: Visitor, challenge: str) -> None:
    stream = unpack(visitor.get(f"/api/v1/challenges/{challenge}/pictures").content)
    for index in range(12):
        reply = visitor.get(f"/api/v1/challenges/{challenge}/pictures/{index}")
        assert reply["Content-Type"] == "image/webp"
        assert reply["Cache-Control"] == "no-store"
        assert reply.content == stream[index]
        assert set(reply.headers) <= {
            "Content-Type", "Content-Length", "Cache-Control", "X-Content-Type-Options",
            "Referrer-Policy", "Cross-Origin-Opener-Policy", "X-Frame-Options", "Vary", "Allow",
        }  # fmt: skip


@pytest.mark.parametrize("index", ["12", "-1", "x"])
def test_it_has_no_picture_beyond_the_last(visitor: Visitor, challenge: str, index: str) -> None:
    assert visitor.get(f"/api/v1/challenges/{challenge}/pictures/{index}").status_code == 404


def test_it_counts_one_exposure_however_often_it_is_fetched(
    visitor: Visitor, challenge: str
) -> None:
    shown = Rendition.objects.filter(pk__in=outcome_of(challenge).renditions)
    assert set(shown.values_list("shown", flat=True)) == {0}
    for _ in range(3):
        visitor.get(f"/api/v1/challenges/{challenge}/pictures")
        visitor.get(f"/api/v1/challenges/{challenge}/pictures/3")
    assert set(shown.values_list("shown", flat=True)) == {1}


def test_the_pictures_go_when_the_challenge_is_answered(visitor: Visitor, challenge: str) -> None:
    visitor.answer(challenge, [0])
    reply = visitor.get(f"/api/v1/challenges/{challenge}/pictures")
    assert (reply.status_code, reply.json()["error"]) == (409, "already_answered")
    assert reply["Cache-Control"] == "no-store"


def test_the_pictures_go_when_time_is_up(visitor: Visitor, challenge: str) -> None:
    with time_machine.travel(timedelta(seconds=121)):
        reply = visitor.get(f"/api/v1/challenges/{challenge}/pictures")
    assert (reply.status_code, reply.json()["error"]) == (410, "challenge_expired")


def test_nobody_finds_a_challenge_by_guessing(visitor: Visitor, challenge: str) -> None:
    for guess in ("a" * 32, challenge[:-1], challenge + "a", challenge.swapcase()):
        reply = visitor.get(f"/api/v1/challenges/{guess}/pictures")
        assert (reply.status_code, reply.json()["error"]) == (404, "unknown_challenge")


def test_a_picture_that_was_lost_is_a_clear_refusal(visitor: Visitor, challenge: str) -> None:
    default_storage.delete(state.peek(challenge).draft.names[5])
    reply = visitor.get(f"/api/v1/challenges/{challenge}/pictures")
    assert (reply.status_code, reply.json()["error"]) == (404, "unknown_challenge")


@pytest.mark.parametrize("accept", ["image/webp", "image/*", "text/html", "nonsense"])
def test_it_sends_pictures_whatever_the_client_accepts(
    visitor: Visitor, challenge: str, accept: str
) -> None:
    for path in ("pictures", "pictures/0"):
        reply = visitor.get(f"/api/v1/challenges/{challenge}/{path}", HTTP_ACCEPT=accept)
        assert reply.status_code == 200


def test_a_picture_that_is_not_there_counts_no_exposure(visitor: Visitor, challenge: str) -> None:
    visitor.get(f"/api/v1/challenges/{challenge}/pictures/99")
    shown = Rendition.objects.filter(pk__in=outcome_of(challenge).renditions)
    assert set(shown.values_list("shown", flat=True)) == {0}


def test_what_is_no_address_is_told_in_json(visitor: Visitor) -> None:
    for path in ("pictures/-1", "pictures/" + "9" * 400, "nothing"):
        reply = visitor.get(f"/api/v1/challenges/{'a' * 32}/{path}")
        assert reply.status_code == 404
        assert set(reply.json()) == {"error", "message"}
