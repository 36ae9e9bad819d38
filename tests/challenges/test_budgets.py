"""Whose tries are counted: the address prefix, as far as listed proxies vouch for it."""

from __future__ import annotations

from ipaddress import ip_address, ip_network

import pytest

from challenges.budgets import DAY, client_address, prefix, prefix_hashes
from challenges.exceptions import AddressUnknown

PROXIES = [ip_network("10.0.0.0/8"), ip_network("fd00::/8")]


@pytest.mark.parametrize(
    ("remote", "forwarded", "address"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "198.51.100.1, nonsense", "10.0.0.1"),
        ("fd00::1", "2001:db8::5", "2001:db8::5"),
        ("::ffff:203.0.113.7", "", "203.0.113.7"),
        ("::ffff:10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("[2001:db8::5]", "", "2001:db8::5"),
        ("fe80::1%eth0", "", "fe80::1"),
    ],
)
def test_it_believes_listed_proxies_only(remote: str, forwarded: str, address: str) -> None:
    assert client_address(remote, forwarded, PROXIES) == ip_address(address)


def test_it_refuses_a_connection_without_an_address() -> None:
    with pytest.raises(AddressUnknown):
        client_address("", "203.0.113.7", PROXIES)


def test_it_counts_neighbours_together() -> None:
    assert prefix(ip_address("203.0.113.7")) == "203.0.113.0/24"
    assert prefix(ip_address("2001:db8:1:2ff::9")) == "2001:db8:1:200::/56"


def test_it_hashes_a_prefix_with_a_key_that_changes_every_day() -> None:
    address, noon = ip_address("203.0.113.7"), 20_000 * DAY + DAY / 2
    today, yesterday = prefix_hashes(address, "key", noon)
    assert len(today) == 32
    assert prefix_hashes(ip_address("203.0.113.99"), "key", noon) == (today, yesterday)
    assert prefix_hashes(address, "key", noon + DAY)[1] == today
    assert prefix_hashes(address, "other key", noon)[0] != today
    assert prefix_hashes(ip_address("203.0.114.7"), "key", noon)[0] != today
