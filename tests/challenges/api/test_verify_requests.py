"""Whatever a client sends to one of the three verify addresses, it gets 200 and `success`."""

from __future__ import annotations

import json
from typing import Any
from unittest.mock import patch
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.files.uploadhandler import MemoryFileUploadHandler
from django.db import OperationalError
from django.test import Client

from challenges.flows.sites import NewSite
from tests.conftest import Visitor, cats_of

OURS, RECAPTCHA, TURNSTILE = "/siteverify", "/recaptcha/api/siteverify", "/turnstile/v0/siteverify"
PLACES = (OURS, RECAPTCHA, TURNSTILE)
FORM = "application/x-www-form-urlencoded"
EVERYWHERE = pytest.mark.parametrize("place", PLACES)
REMOTE_IPS = (
    "None",
    "203.0.113.9, 10.0.0.1",
    "fe80::1%eth0",
    "nonsense\0",
    "",
    "9" * 10_000,
    "\ud800",
    None,
    ["203.0.113.9"],
    {"a": 1},
    7,
    True,
)


@pytest.fixture
def token(stocked: NewSite, visitor: Visitor) -> str:
    """Return a token that nobody has redeemed."""
    return visitor.solve(stocked.site.sitekey)


def keyed(site: NewSite, token: str) -> dict[str, str]:
    """Return what redeems the token, as often as it is sent."""
    key = "6f3b2c1a-0d4e-4f5a-8b6c-7d8e9f0a1b2c"
    return {"secret": site.secret, "response": token, "idempotency_key": key}


def refused(reply: Any) -> list[str]:
    """Return the codes of a refusal that came as a refusal has to come."""
    assert reply.status_code == 200, reply
    assert reply["Content-Type"] == "application/json"
    told = reply.json()
    assert told.pop("success") is False
    codes = told.pop("error-codes")
    assert codes
    assert told == {}
    return list(codes)


@EVERYWHERE
@pytest.mark.parametrize("format", ["json", "multipart", FORM])
def test_it_takes_form_multipart_and_json(
    stocked: NewSite, visitor: Visitor, token: str, place: str, format: str
) -> None:
    sent = {"secret": stocked.secret, "response": token}
    reply = (
        visitor.post(place, urlencode(sent), content_type=f"{FORM}; charset=UTF-8")
        if format == FORM
        else visitor.post(place, sent, format=format)
    )
    assert reply.json()["success"] is True


def test_recaptchas_clients_may_use_the_query(
    stocked: NewSite, visitor: Visitor, token: str
) -> None:
    sent = urlencode({"secret": stocked.secret, "response": token, "remoteip": "None"})
    assert visitor.get(f"{RECAPTCHA}?{sent}").json()["success"] is True
    assert refused(visitor.get(f"{RECAPTCHA}?{sent}")) == ["timeout-or-duplicate"]


@pytest.mark.parametrize("body", [None, {}])
def test_recaptchas_clients_may_post_the_query(
    stocked: NewSite, visitor: Visitor, token: str, body: Any
) -> None:
    sent = urlencode({"secret": stocked.secret, "response": token})
    assert visitor.post(f"{RECAPTCHA}?{sent}", body, format="json").json()["success"] is True


def test_the_body_counts_before_the_query(stocked: NewSite, visitor: Visitor, token: str) -> None:
    place = f"{RECAPTCHA}?secret=wrong&response={token}"
    assert visitor.post(place, {"secret": stocked.secret}).json()["success"] is True


@pytest.mark.parametrize("place", [OURS, TURNSTILE])
def test_elsewhere_the_query_is_left_alone(
    stocked: NewSite, visitor: Visitor, token: str, place: str
) -> None:
    sent = urlencode({"secret": stocked.secret, "response": token})
    assert refused(visitor.get(f"{place}?{sent}")) == ["bad-request"]
    assert refused(visitor.post(f"{place}?{sent}"))[0] == "missing-input-secret"
    assert visitor.verify(stocked.secret, token).json()["success"] is True


@EVERYWHERE
def test_other_methods_and_types_are_a_bad_request(db: None, visitor: Visitor, place: str) -> None:
    for reply in (
        visitor.put(place, {}),
        visitor.patch(place, {}),
        visitor.delete(place),
        visitor.options(place),
        visitor.generic("NONSENSE", place),
        visitor.post(place, "x", content_type="text/csv"),
    ):
        assert refused(reply) == ["bad-request"]


@EVERYWHERE
def test_head_uses_no_token_up(stocked: NewSite, visitor: Visitor, token: str, place: str) -> None:
    sent = urlencode({"secret": stocked.secret, "response": token})
    assert visitor.head(f"{place}?{sent}").status_code == 200
    assert visitor.verify(stocked.secret, token).json()["success"] is True


@pytest.mark.parametrize(
    ("sent", "codes"),
    [
        ({}, ["missing-input-secret", "missing-input-response"]),
        ({"secret": "x"}, ["missing-input-response"]),
        ({"response": "x"}, ["missing-input-secret"]),
        ({"secret": "", "response": " "}, ["missing-input-secret", "missing-input-response"]),
        ({"secret": "x", "response": "x"}, ["invalid-input-secret"]),
        ({"secret": "x" * 5000, "response": "x"}, ["invalid-input-secret"]),
        ({"secret": "\0", "response": "\0"}, ["invalid-input-secret"]),
        ({"secret": "größe", "response": "x"}, ["invalid-input-secret"]),
    ],
)
@pytest.mark.parametrize("format", ["json", "multipart"])
@EVERYWHERE
def test_it_says_what_is_wrong(
    db: None, visitor: Visitor, place: str, sent: dict[str, str], codes: list[str], format: str
) -> None:
    assert refused(visitor.post(place, sent, format=format)) == codes


@pytest.mark.parametrize(
    "sent",
    [
        "{", "[]", "5", "null", '"text"', "NaN", "1" * 5000, "[" * 200_000, "\ufeff{}",
        '{"secret": 5, "response": ["a"]}', '{"secret": null, "response": {"a": 1}}',
        '{"secret": "\\ud800", "response": "\\u0000"}', '{"secret": true, "response": 1e999}',
        '{"secret": "a", "response": "b", "idempotency_key": [], "sitekey": 7, "remoteip": {}}',
    ],
)  # fmt: skip
@EVERYWHERE
def test_json_that_makes_no_sense_is_refused(
    db: None, visitor: Visitor, place: str, sent: str
) -> None:
    assert refused(visitor.post(place, sent, content_type="application/json"))


@pytest.mark.parametrize(
    ("content_type", "sent"),
    [
        (FORM, b"\xff\xfe=%00&secret=%ff"),
        (FORM, b"&".join(b"f%d=x" % number for number in range(2000))),
        (f"{FORM}; charset=hex", b"secret=a&response=b"),
        (f"{FORM}; charset=utf-16", b"secret=a&response=b"),
        (f"{FORM}; charset=no-such", b"secret=a"),
        ("multipart/form-data", b"secret=a"),
        ("multipart/form-data; boundary=x", b"--x\r\nnot a part"),
        ("multipart/form-data; boundary=" + "x" * 300, b""),
        ("application/json; charset=hex", b"{}"),
        ("application/json; charset=utf-16", b"{}"),
        ("application/json", b"\xff\xfe\x00"),
        ("application/json", b'{"secret": "%s", "response": "x"}' % (b"x" * 5_000_000)),
        ("", b"secret=a&response=b"),
        ("nonsense", b"secret=a&response=b"),
    ],
)
@EVERYWHERE
def test_bodies_that_cannot_be_read_are_refused(
    db: None, visitor: Client, place: str, content_type: str, sent: bytes
) -> None:
    codes = refused(visitor.generic("POST", place, sent, content_type=content_type))
    assert set(codes) <= {
        "bad-request", "missing-input-secret", "missing-input-response", "invalid-input-secret",
    }  # fmt: skip


def test_a_query_that_cannot_be_read_is_refused(db: None, visitor: Visitor) -> None:
    for query in ("&" * 5000, "a=1&" * 5000, "%ff%fe=%00&secret=%00&response=%ff", "secret"):
        assert refused(visitor.get(f"{RECAPTCHA}?{query}"))


def test_a_file_is_no_secret(stocked: NewSite, visitor: Visitor, token: str) -> None:
    body = (
        '--x\r\nContent-Disposition: form-data; name="secret"; filename="s"\r\n\r\n'
        f"{stocked.secret}\r\n"
        f'--x\r\nContent-Disposition: form-data; name="response"\r\n\r\n{token}\r\n--x--\r\n'
    )
    reply = visitor.generic("POST", OURS, body, content_type="multipart/form-data; boundary=x")
    assert refused(reply) == ["missing-input-secret"]


@EVERYWHERE
def test_files_and_bodies_without_an_end_are_not_taken_in(
    stocked: NewSite, visitor: Visitor, token: str, place: str
) -> None:
    sent = keyed(stocked, token)
    with patch.object(MemoryFileUploadHandler, "new_file") as taken:
        small = {**sent, "f": SimpleUploadedFile("x", b"0" * 60_000)}
        assert visitor.post(place, small, format="multipart").json()["success"] is True
        large = {**sent, "f": SimpleUploadedFile("x", b"0" * 70_000)}
        assert refused(visitor.post(place, large, format="multipart")) == ["bad-request"]
    assert not taken.called
    for format in ("json", "multipart"):
        long = {**sent, "version": "x" * 70_000}
        assert refused(visitor.post(place, long, format=format)) == ["bad-request"]


@EVERYWHERE
def test_it_ignores_remoteip_and_fields_that_it_does_not_know(
    stocked: NewSite, visitor: Visitor, token: str, place: str
) -> None:
    for remoteip in REMOTE_IPS:
        sent = json.dumps(keyed(stocked, token) | {"remoteip": remoteip, "version": ["php"]})
        reply = visitor.generic("POST", place, sent, content_type="application/json")
        assert reply.json()["success"] is True, remoteip


@EVERYWHERE
def test_it_answers_json_whatever_the_client_accepts(
    stocked: NewSite, visitor: Visitor, token: str, place: str
) -> None:
    for accept in ("text/html", "application/xml", "*/*", "nonsense"):
        sent = keyed(stocked, token)
        reply = visitor.post(f"{place}?format=xml", sent, HTTP_ACCEPT=accept)
        assert reply["Content-Type"] == "application/json"
        assert reply["Cache-Control"] == "no-store"
        assert reply.json()["success"] is True


@pytest.mark.parametrize(
    ("place", "codes"),
    [
        (OURS, ["expired-input-response", "internal-error"]),
        (RECAPTCHA, ["timeout-or-duplicate", "internal-error"]),
        (TURNSTILE, ["internal-error"]),
    ],
)
@pytest.mark.parametrize(
    "broken",
    [
        "challenges.flows.siteverify.SiteSecret.objects.filter",
        "challenges.flows.siteverify.committed",
    ],
)
@pytest.mark.parametrize("error", [OperationalError("gone"), RuntimeError("a mistake of ours")])
def test_it_says_that_it_cannot_know_and_uses_nothing_up(
    stocked: NewSite,
    visitor: Visitor,
    token: str,
    place: str,
    codes: list[str],
    broken: str,
    error: Exception,
) -> None:
    sent = {"secret": stocked.secret, "response": token}
    with patch(broken, side_effect=error):
        assert refused(visitor.post(place, sent)) == codes
    assert visitor.post(place, sent).json()["success"] is True


@EVERYWHERE
def test_a_host_header_of_somebody_else_is_a_bad_request(visitor: Visitor, place: str) -> None:
    assert refused(visitor.post(place, {}, HTTP_HOST="elsewhere.example")) == ["bad-request"]


def test_the_dialects_tell_the_same_solve_in_their_words(
    stocked: NewSite, visitor: Visitor
) -> None:
    told = {}
    for place in PLACES:
        asked = visitor.ask(stocked.site.sitekey, action="login", cdata="order-7").json()
        token = visitor.answer(asked["id"], cats_of(asked["id"])).json()["token"]
        told[place] = visitor.post(place, {"secret": stocked.secret, "response": token}).json()
    common = {"success", "challenge_ts", "hostname", "action"}
    assert set(told[OURS]) == common | {"cdata", "credit", "error-codes"}
    assert set(told[RECAPTCHA]) == common | {"score"}
    assert set(told[TURNSTILE]) == common | {"cdata", "metadata", "error-codes"}
    assert {reply["action"] for reply in told.values()} == {"login"}
    assert told[TURNSTILE]["cdata"] == told[OURS]["cdata"] == "order-7"


@EVERYWHERE
def test_even_what_breaks_before_the_view_is_told_in_the_reply(
    visitor: Visitor, place: str
) -> None:
    visitor.raise_request_exception = False
    with patch("captcha_site.proxies.ForwardedProto.__call__", side_effect=RuntimeError):
        assert refused(visitor.post(place, {}))[-1] == "internal-error"
