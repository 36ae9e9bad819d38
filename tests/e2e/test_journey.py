"""The whole journey over HTTP, against a running Pawcha."""

from __future__ import annotations

import io
import json
import ssl
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from PIL import Image

from tests.e2e.conftest import Service, somebody

THREADS = 200


def ask(client: httpx.Client, sitekey: str) -> Any:
    """Ask for a challenge."""
    reply = client.post("/api/v1/challenges", json={"sitekey": sitekey})
    assert reply.status_code == 201, reply.text
    return reply.json()


def connect(service: Service) -> httpx.Client:
    """Return a client of its own: threads that share one close its connections on each other."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)  # unused; 200 default ones take seconds
    return httpx.Client(base_url=service.url, timeout=60, headers=somebody(), verify=context)


@pytest.fixture
def client(service: Service) -> Iterator[httpx.Client]:
    """Return a client of the service."""
    with connect(service) as client:
        yield client


def test_every_picture_is_one_size_one_length_and_bare(service: Service, client: Any) -> None:
    challenge = ask(client, service.keys["sitekey"])
    stream = client.get(challenge["pictures"]).content
    pictures = []
    while stream:
        (length,) = struct.unpack_from(">I", stream)
        pictures.append(stream[4 : 4 + length])
        stream = stream[4 + length :]
    assert len(pictures) == 12
    assert {len(picture) for picture in pictures} == {12_400}
    for picture in pictures:
        with Image.open(io.BytesIO(picture)) as image:
            image.load()
            assert image.format == "WEBP"
            assert image.size == (250, 250)
            assert not {"exif", "icc_profile", "xmp"} & set(image.info)
    assert len(set(pictures)) == 12


def test_a_site_made_while_it_runs_works_at_once(service: Service, client: Any) -> None:
    words = ("create_site", "Shop", "--host", "localhost", "--json")
    keys = json.loads(service.manage(*words))
    challenge = ask(client, keys["sitekey"])
    client.get(challenge["pictures"])
    picks = service.cats_of(challenge["id"])
    token = client.post(f"/api/v1/challenges/{challenge['id']}/answer", json={"picks": picks})
    verified = client.post(
        "/siteverify", data={"secret": keys["secret"], "response": token.json()["token"]}
    )
    assert verified.json()["success"] is True


def test_of_200_threads_one_answers_a_challenge(service: Service, client: Any) -> None:
    challenge = ask(client, service.keys["sitekey"])
    picks = service.cats_of(challenge["id"])

    def answer(_: int) -> int:
        path = f"/api/v1/challenges/{challenge['id']}/answer"
        with connect(service) as own:
            return int(own.post(path, json={"picks": picks}).status_code)

    with ThreadPoolExecutor(THREADS) as threads:
        statuses = list(threads.map(answer, range(THREADS)))
    assert statuses.count(200) == 1
    assert statuses.count(409) == THREADS - 1


def test_of_200_threads_one_redeems_a_token(service: Service, client: Any) -> None:
    challenge = ask(client, service.keys["sitekey"])
    picks = service.cats_of(challenge["id"])
    path = f"/api/v1/challenges/{challenge['id']}/answer"
    token = client.post(path, json={"picks": picks}).json()["token"]

    def redeem(_: int) -> Any:
        sent = {"secret": service.keys["secret"], "response": token}
        with connect(service) as own:
            return own.post("/siteverify", data=sent).json()

    with ThreadPoolExecutor(THREADS) as threads:
        verdicts = list(threads.map(redeem, range(THREADS)))
    assert sum(verdict["success"] for verdict in verdicts) == 1
    refused = [verdict["error-codes"] for verdict in verdicts if not verdict["success"]]
    assert refused == [["already-seen-response"]] * (THREADS - 1)


def test_two_challenges_of_one_visitor_share_no_picture(service: Service, client: Any) -> None:
    first, second = (ask(client, service.keys["sitekey"]) for _ in range(2))
    assert first["id"] != second["id"]
    assert client.get(first["pictures"]).content != client.get(second["pictures"]).content
