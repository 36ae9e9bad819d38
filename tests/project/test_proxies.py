"""Forwarded headers are believed from listed proxies only."""

from __future__ import annotations

from ipaddress import ip_network
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from captcha_site.proxies import ForwardedProto


@pytest.mark.parametrize(
    ("peer", "secure"), [("10.0.0.1", True), ("203.0.113.7", False), ("", False)]
)
def test_it_believes_that_a_request_was_https_from_a_listed_proxy(
    settings: Any, peer: str, *, secure: bool
) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.0/8")]
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    seen: list[bool] = []

    def view(request: HttpRequest) -> HttpResponse:
        seen.append(request.is_secure())
        return HttpResponse()

    request = RequestFactory().get("/", REMOTE_ADDR=peer, HTTP_X_FORWARDED_PROTO="https")
    ForwardedProto(view)(request)
    assert seen == [secure]
