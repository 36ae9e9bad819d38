"""A visitor asks for a challenge, and fetches its pictures."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import F
from django.utils import timezone

from challenges import signing, state
from challenges.budgets import Address, Budget, prefix_hashes
from challenges.drafts import Draft, OpenChallenge
from challenges.exceptions import (
    AllPicturesSeen,
    HostNotAllowed,
    HostRequired,
    InvalidRequest,
    NotEnoughPhotos,
    UnknownChallenge,
    UnknownSitekey,
)
from challenges.flows import compose, refusals, testkeys
from challenges.flows.durability import committed
from challenges.hosts import NOT_PROVIDED, allows, origin_host, without_port
from challenges.models import Outcome, Site
from challenges.models.sites import TEST_SITE
from challenges.state import Queue


@dataclass(frozen=True, slots=True)
class Asked:
    """What the client says beside the site key: all of it optional, none of it believed."""

    host: str = ""
    language: str = ""
    dialect: str = ""
    action: str = ""
    cdata: str = ""


def issue(sitekey: str, address: Address, asked: Asked) -> OpenChallenge:
    """Hand out a ready challenge of this site.

    Raises UnknownSitekey, HostNotAllowed, HostRequired, TooManyRequests, AllPicturesSeen or
    NoChallengeReady.
    """
    test_site = testkeys.site_for(sitekey)
    site = test_site or Site.objects.serving().filter(sitekey=sitekey).first()
    if site is None:
        raise UnknownSitekey
    with refusals.counted(refusals.Door.ISSUE, site.pk):
        return _issue(site, address, asked, test=sitekey if test_site else "")


def _issue(site: Site, address: Address, asked: Asked, test: str) -> OpenChallenge:
    hostname = checked_hostname(site, asked.host)
    now = time.time()
    prefixes = prefix_hashes(address, settings.SECRET_KEY, now)
    state.spend(budgets("issue", prefixes[0], site.pk))
    draft = _draft_for(site, prefixes)
    try:
        return hand_out(
            site,
            draft,
            prefix=prefixes[0],
            hostname=hostname,
            asked=asked,
            test=test,
        )
    except Exception:
        # Nobody saw it: the next visitor gets it, unless Redis is what is away.
        with suppress(state.Unreachable):
            state.put_back(site.served.key, draft)
        raise


def _draft_for(site: Site, prefixes: tuple[str, str]) -> Draft:
    """Return a ready challenge of which this network has seen no photo, or compose one.

    Composing takes rows only, no pictures, and a network comes to it only after it has seen
    something of all that was ready, so a request may do it.
    """
    profile, seconds = site.served, site.challenge_seconds
    try:
        return state.take_ready(
            profile.key, queues_for(site), prefixes=prefixes, site=site.pk, held=seconds
        )
    except AllPicturesSeen as seen:
        without = frozenset(int(group) for group in state.seen_groups(prefixes))
        for queue in queues_for(site):
            with suppress(NotEnoughPhotos):
                draft = compose.compose(profile, queue, without)
                state.hold(prefixes[0], draft, seconds)
                return draft
        raise seen from None


def checked_hostname(site: Site, origin: str) -> str:
    """Return the host that the frame saw in its handshake, or not-provided.

    Raises HostNotAllowed or HostRequired.
    """
    if site.sitekey == TEST_SITE:
        return testkeys.hostname(origin)
    if not origin:
        if not site.accepts_unknown_host:
            raise HostRequired
        return NOT_PROVIDED
    if origin != "null" and "://" not in origin:
        raise InvalidRequest(
            f"host is {origin!r}: send the page's origin, such as https://example.org"
        )
    if origin == "null":
        raise HostNotAllowed(
            "This page has no origin (a sandboxed frame or a local file), so it cannot show "
            "the challenge."
        )
    if not allows(site.hosts, origin):
        raise HostNotAllowed(
            f"The page {origin!r} is not among the hosts of this site. Its owner can add it."
        )
    return without_port(origin_host(origin)[1])


def budgets(door: str, prefix: str, site: int) -> dict[str, Budget]:
    """Return the buckets from which one try at this door is paid."""
    rules = settings.PAWCHA
    return {
        f"{door}:prefix:{prefix}": Budget(rules["PREFIX_BURST"], rules["PREFIX_PER_MINUTE"]),
        f"{door}:site:{site}": Budget(rules["SITE_BURST"], rules["SITE_PER_MINUTE"]),
    }


def queues_for(site: Site) -> Sequence[Queue]:
    """Return the ready queues that this site is served from, best first."""
    if site.when_worn_out == Site.WhenWornOut.REPEAT:
        return ("fresh", "worn")
    return ("fresh",)


def hand_out(
    site: Site,
    draft: Draft,
    *,
    prefix: str,
    hostname: str,
    asked: Asked,
    reserved: bool = False,
    test: str = "",
) -> OpenChallenge:
    """Record the outcome-to-be and open the challenge."""
    outcome = record(site, draft, prefix=prefix, hostname=hostname, asked=asked)
    challenge = OpenChallenge(
        id=signing.new_challenge_id(),
        outcome=outcome.pk,
        site=site.pk,
        profile=site.served.key,
        draft=draft,
        expires_at=outcome.issued_at.timestamp() + site.challenge_seconds,
        prefix=prefix,
        reserved=reserved,
        test=test,
        test_mode=site.test_mode,
        tolerance=site.tolerance,
        seconds=site.challenge_seconds,
        token_seconds=site.token_seconds,
    )
    state.open_challenge(challenge)
    return challenge


def record(site: Site, draft: Draft, *, prefix: str, hostname: str, asked: Asked) -> Outcome:
    """Write the row that will say what became of this challenge."""
    with committed(at_once=False):
        return Outcome.objects.create(
            site=site,
            issued_at=timezone.now(),
            hostname=hostname,
            language=asked.language,
            dialect=asked.dialect,
            action=asked.action,
            cdata=asked.cdata,
            prefix=prefix,
            risk=draft.risk,
            renditions=draft.renditions,
            cats=draft.cats,
            rounds=draft.rounds,
            tolerance=site.tolerance,
            probe=draft.probe if draft.probe >= 0 else None,
            test_mode=site.test_mode,
        )


def fetch_pictures(challenge_id: str) -> OpenChallenge:
    """Return an open challenge whose pictures are about to be sent; the first time counts.

    Raises UnknownChallenge, AlreadyAnswered or ChallengeExpired.
    """
    challenge, first = state.fetch(challenge_id)
    if challenge.reserved:
        raise UnknownChallenge
    if first:
        state.mark_seen(challenge)
        _count_exposure(challenge.draft)
    return challenge


def fetch_picture(challenge_id: str, index: int) -> bytes:
    """Return one picture of an open challenge, by its number from 0; the first time counts.

    Raises UnknownChallenge (also for a number that is too high), AlreadyAnswered or
    ChallengeExpired.
    """
    count = state.peek(challenge_id).draft.count
    if index >= count:
        raise UnknownChallenge(f"The pictures have numbers from 0 to {count - 1}.")
    return picture(fetch_pictures(challenge_id).draft, index)


def extend(challenge_id: str) -> OpenChallenge:
    """Give an open challenge more time, once, as much again, and return it.

    Raises UnknownChallenge (also before its pictures were fetched), AlreadyAnswered,
    ChallengeExpired or AlreadyExtended.
    """
    challenge = state.peek(challenge_id)
    if challenge.reserved:
        raise UnknownChallenge
    return state.extend(challenge_id, challenge.seconds)


def _count_exposure(draft: Draft) -> None:
    with committed(at_once=False):
        compose.lock_renditions(draft.renditions).update(shown=F("shown") + 1)


def picture(draft: Draft, index: int) -> bytes:
    """Return the encoded bytes of one picture, made ahead by a worker.

    Raises UnknownChallenge when the picture is gone.
    """
    try:
        with default_storage.open(draft.names[index], "rb") as file:
            return bytes(file.read())
    except FileNotFoundError as error:
        raise UnknownChallenge from error
