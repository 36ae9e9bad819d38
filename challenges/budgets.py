"""How many tries an address prefix and a site may have. Pure."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

from challenges.exceptions import AddressUnknown

Network = IPv4Network | IPv6Network
Address = IPv4Address | IPv6Address

# Neighbours behind one router or provider share their tries.
IPV4_PREFIX: Final = 24
IPV6_PREFIX: Final = 56
DAY: Final = 86_400
# So many times the heat that brings one more round brings two, and waits so many times as long.
VERY_HOT: Final = 3
SLOWER: Final = 4
# A visitor's handle counts for so long after its last use, in seconds.
SESSION_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class Budget:
    """A token bucket: `burst` tries at once, refilled by `per_minute`."""

    burst: int
    per_minute: float

    @property
    def per_second(self) -> float:
        """Return the tries that come back each second."""
        return self.per_minute / 60


@dataclass(frozen=True, slots=True)
class Tokens:
    """The rule by which right answers pass, after Golle (CCS 2008).

    At each site an address prefix begins with `start` tokens, holds `most`, and gets `per_hour`
    back in an hour. A visitor's own handle begins with none there, holds `refill`, and gets none
    back by time. Looking at a challenge takes one, of the prefix or else of the handle; a right
    answer makes it `refill` at least. What nobody could pay for passes nothing: it only fills the
    handle.
    """

    start: int
    most: int
    per_hour: int
    refill: int

    @property
    def per_second(self) -> float:
        """Return the tokens that come back to a prefix each second."""
        return self.per_hour / 3600


@dataclass(frozen=True, slots=True)
class Heat:
    """How a prefix heats up: by each challenge that was looked at and not solved, at any site.

    It cools down by `leak` an hour. Beyond `rounds` it gets one round more in a challenge, beyond
    three times that two more, and longer waits.
    """

    rounds: int
    leak: int

    @property
    def per_second(self) -> float:
        """Return by how much a prefix cools down each second."""
        return self.leak / 3600

    @property
    def very_hot(self) -> int:
        """Return beyond which heat a prefix gets two more rounds, and longer waits."""
        return VERY_HOT * self.rounds

    def more_rounds(self, heat: float) -> int:
        """Return how many rounds more than usual a prefix of this heat gets."""
        return (heat > self.rounds) + (heat > self.very_hot)

    def wait_factor(self, heat: float) -> int:
        """Return how many times as long a prefix of this heat waits for its next try."""
        return SLOWER if heat > self.very_hot else 1


def client_address(remote: str, forwarded: str, proxies: list[Network]) -> Address:
    """Return the visitor's address.

    `remote` is the peer of the connection, `forwarded` the X-Forwarded-For header. The header is
    read from its end, and only as far as listed proxies wrote it; all else in it is hearsay.

    Raises AddressUnknown when the peer's address cannot be read.
    """
    address = _parse(remote)
    if address is None:
        raise AddressUnknown(f"The address {remote!r} of the connection cannot be read.")
    hops = [hop.strip() for hop in forwarded.split(",") if hop.strip()]
    while hops and _listed(address, proxies):
        hop = _parse(hops.pop())
        if hop is None:
            break
        address = hop
    return address


def _parse(value: str) -> Address | None:
    try:
        address = ip_address(value.strip().strip("[]").partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return mapped or address


def _listed(address: Address, proxies: list[Network]) -> bool:
    return any(address in network for network in proxies)


def prefix(address: Address) -> str:
    """Return the network whose members share their tries: a /24, or a /56."""
    length = IPV4_PREFIX if address.version == 4 else IPV6_PREFIX
    return str(ip_network((address, length), strict=False))


def prefix_hashes(address: Address, key: str, now: float) -> tuple[str, str]:
    """Return today's and yesterday's keyed hash of the address prefix, each 32 hex digits.

    The key changes at midnight UTC, so that nobody can follow an address from day to day; the
    older hash lets rules that look an hour back reach over midnight.
    """
    day = int(now // DAY)
    return _keyed(address, key, day), _keyed(address, key, day - 1)


def _keyed(address: Address, key: str, day: int) -> str:
    daily = hmac.digest(key.encode(), f"pawcha.prefix.{day}".encode(), "sha256")
    return hmac.new(daily, prefix(address).encode(), hashlib.sha256).hexdigest()[:32]
