"""Which addresses may be attacked: those that the operator's settings name as their own. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from challenges.hosts import origin_host
from classifier.exceptions import ClassifierError


class NotOurs(ClassifierError):
    """An address that the operator's settings do not name."""


def named(url: str, ours: Sequence[str]) -> str:
    """Return the address of `ours` that `url` means, as the settings write it.

    What is written into the settings is what is spoken to, never the text that was handed in: two
    readers may disagree about an odd one. Raises NotOurs.
    """
    asked = _parts(url)
    for one in ours:
        if asked is not None and asked == _parts(one):
            return one
    if not ours:
        raise NotOurs("PAWCHA_ATTACK_URLS names no address as yours: nothing is attacked.")
    raise NotOurs(
        f"{url!r} is not an address of yours. This goes only to {' or '.join(ours)}: name others "
        "that are your own in PAWCHA_ATTACK_URLS, as scheme and host, with commas between."
    )


def _parts(url: str) -> tuple[str, str] | None:
    """Return scheme and host (with its port) of an origin; None when it is anything else."""
    # urlsplit takes some of these out, and readers differ about the rest.
    if not url.isascii() or any(sign in url for sign in "\\@\t\r\n "):
        return None
    parts = origin_host(url.rstrip("/"))
    return parts if all(parts) else None


def check_stays(origin: str, location: str) -> None:
    """Say where a redirect would lead. Raises NotOurs, always: no redirect is followed.

    A service that sends its visitors on may send a bot to a stranger's door.
    """
    there = urlsplit(location)
    to = f"{there.scheme}://{there.netloc}" if there.netloc else location or "nowhere"
    raise NotOurs(
        f"{origin} sends its visitors on to {to}, and this does not follow. If that is yours, name "
        "it in PAWCHA_ATTACK_URLS and go there."
    )
