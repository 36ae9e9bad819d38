"""Hosts are https and exact; a wildcard is one leading label; loopback may use any port."""

from __future__ import annotations

import pytest
from django.core.exceptions import ValidationError

from challenges.hosts import allows, frame_ancestors, is_loopback, origin_host, parse_host


@pytest.mark.parametrize(
    ("given", "host"),
    [
        ("Shop.Example.org", "shop.example.org"),
        (" shop.example.org. ", "shop.example.org"),
        ("shop.example.org:8443", "shop.example.org:8443"),
        ("*.example.org", "*.example.org"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("localhost", "localhost"),
        ("127.0.0.1", "127.0.0.1"),
        ("[::1]", "[::1]"),
    ],
)
def test_it_reads_a_host(given: str, host: str) -> None:
    assert parse_host(given) == host


@pytest.mark.parametrize(
    "given",
    ["https://shop.example.org", "shop.example.org/a", "", "*", "*.org", "a.*.org", "a b.org",
     "-a.example", "shop.example.org:0", "shop.example.org:99999", "*.10.0.0.1", "a;b.org",
     "shop.example.org 'self'"],
)  # fmt: skip
def test_it_refuses_what_is_not_a_host(given: str) -> None:
    with pytest.raises(ValidationError):
        parse_host(given)


@pytest.mark.parametrize(
    ("hosts", "origin", "allowed"),
    [
        (["shop.example.org"], "https://shop.example.org", True),
        (["shop.example.org"], "https://shop.example.org:443", True),
        (["shop.example.org"], "https://SHOP.example.org", True),
        (["shop.example.org"], "http://shop.example.org", False),
        (["shop.example.org"], "https://shop.example.org:8443", False),
        (["shop.example.org:8443"], "https://shop.example.org:8443", True),
        (["shop.example.org"], "https://evilshop.example.org", False),
        (["shop.example.org"], "https://shop.example.org.evil.com", False),
        (["*.example.org"], "https://a.example.org", True),
        (["*.example.org"], "https://a.b.example.org", False),
        (["*.example.org"], "https://example.org", False),
        (["*.example.org"], "https://evilexample.org", False),
        (["localhost"], "http://localhost:5173", True),
        (["127.0.0.1"], "http://127.0.0.1:8000", True),
        (["[::1]"], "http://[::1]:3000", True),
        (["127.0.0.1"], "http://localhost:8000", False),
        (["127.0.0.1"], "http://127.0.0.1.evil.com", False),
        (["localhost:3000"], "http://localhost:4000", False),
        (["*.example.org"], "https://.example.org", False),
        (["*.example.org"], "https://<img src=x>.example.org", False),
        (["*.example.org"], "https://*.example.org", False),
        (["*.example.org"], f"https://{'a' * 280}.example.org", False),
        (["*.example.org"], "https://a\u202eb.example.org", False),
        (["shop.example.org"], "null", False),
        (["shop.example.org"], "", False),
        (["shop.example.org"], "https://shop.example.org/path", False),
        (["shop.example.org"], "https://user@shop.example.org", False),
        (["shop.example.org"], "https://shop.example.org:x", False),
        (["shop.example.org"], "javascript:alert(1)", False),
    ],
)
def test_it_compares_an_origin_with_the_hosts(
    hosts: list[str], origin: str, *, allowed: bool
) -> None:
    assert allows(hosts, origin) is allowed


def test_it_keeps_a_port_that_is_not_the_schemes_own() -> None:
    assert origin_host("http://localhost:80") == ("http", "localhost")
    assert origin_host("http://localhost:8000") == ("http", "localhost:8000")


def test_it_knows_this_machine() -> None:
    assert [is_loopback(host) for host in ("127.0.0.1", "[::1]:80", "localhost:1")] == [True] * 3
    assert not is_loopback("localhost.example.org")


def test_it_writes_frame_ancestors() -> None:
    assert frame_ancestors(["shop.example.org", "*.example.net"]) == (
        "https://shop.example.org https://*.example.net"
    )
    assert frame_ancestors(["localhost"]) == "http://localhost:* https://localhost:*"
    assert frame_ancestors([]) == "'none'"
    assert frame_ancestors(["[::1]"]) == "'none'"
