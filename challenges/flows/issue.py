"""A visitor asks for a challenge, and gets one that is ready."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Final

from django.conf import settings
from django.utils import timezone

from challenges import signing, state
from challenges.budgets import Address, Budget, prefix_hashes
from challenges.drafts import Draft, OpenChallenge
from challenges.exceptions import (
    HostNotAllowed,
    HostRequired,
    InvalidRequest,
    UnknownSitekey,
    UnknownTicket,
)
from challenges.flows import auditing, dealing, refusals, testkeys
from challenges.flows.durability import committed
from challenges.hosts import NOT_PROVIDED, allows, origin_host, without_port
from challenges.models import Outcome, Site
from challenges.models.outcomes import ATTACK
from challenges.models.sites import TEST_SITE
from challenges.selection import Profile
from challenges.state import Purse, purses

# Neither tokens nor heat count for test keys, and for attacks of ours without limits.
NOTHING: Final = Purse(tokens=0, heat=0)


@dataclass(frozen=True, slots=True)
class Asked:
    """What the client says beside the site key: all of it optional, none of it believed.

    `session` is the handle that came with an earlier challenge, `ticket` that of an attack of ours;
    `door` is where the client came in.
    """

    host: str = ""
    language: str = ""
    dialect: str = ""
    action: str = ""
    cdata: str = ""
    session: str = ""
    ticket: str = ""
    door: str = "widget"


@dataclass(frozen=True, slots=True)
class Visitor:
    """Who asks: hashes of the address prefix (today's, yesterday's), and the id of their handle.

    Without `limits` it is an attack of ours for which neither budgets nor heat count.
    """

    prefixes: tuple[str, str]
    session: str
    door: str = "widget"
    limits: bool = True

    @property
    def prefix(self) -> str:
        """Return the hash under which what they do counts."""
        return self.prefixes[0]


def issue(sitekey: str, address: Address, asked: Asked) -> OpenChallenge:
    """Hand out a ready challenge of this site.

    Raises UnknownSitekey, UnknownTicket, HostNotAllowed, HostRequired, TooManyRequests,
    AllPicturesSeen or NoChallengeReady.
    """
    test_site = testkeys.site_for(sitekey)
    site = test_site or Site.objects.serving().filter(sitekey=sitekey).first()
    if site is None:
        raise UnknownSitekey
    with refusals.counted(refusals.Door.ISSUE, site.pk):
        return _issue(site, address, asked, test=sitekey if test_site else "")


def _issue(site: Site, address: Address, asked: Asked, test: str) -> OpenChallenge:
    visitor = _visitor(address, asked)
    hostname = checked_hostname(site, asked.host)
    purse = NOTHING if test else _purse(site, visitor)
    if visitor.limits:
        state.spend(_tries(site, visitor, purse))
    return _open(site, visitor, purse, hostname, asked, test)


def _visitor(address: Address, asked: Asked) -> Visitor:
    """Return who asks. Raises UnknownTicket. A handle that we did not sign counts as none."""
    keys = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    session = signing.read_session(asked.session, keys)
    if not session:
        session = signing.read_session(signing.new_session(settings.SECRET_KEY), keys)
    prefixes = prefix_hashes(address, settings.SECRET_KEY, time.time())
    if not asked.ticket:
        return Visitor(prefixes, session, asked.door)
    limits = state.ticket(asked.ticket)
    if limits is None:
        raise UnknownTicket
    if not limits:
        # A network of its own each time: nothing was seen there.
        prefixes = (f"attack {signing.new_challenge_id()}"[:32], "")
    return Visitor(prefixes, session, ATTACK, limits)


def _purse(site: Site, visitor: Visitor) -> Purse:
    """Return what counts for this visitor: for an attack without limits nothing does."""
    if not visitor.limits:
        return NOTHING
    return state.purse(visitor.prefixes, site.pk, site.audience, visitor.session)


def _tries(site: Site, visitor: Visitor, purse: Purse) -> dict[str, Budget]:
    """Return the buckets from which this visitor's asking is paid.

    A bot that keeps a network hot takes all of its slow tries. Who has solved a challenge, and
    whose handle so holds a token, need not share them: a few tries are the handle's own.
    """
    slower = purses.heat().wait_factor(purse.heat)
    if slower == 1 or purse.handle < 1:
        return budgets("issue", visitor.prefix, site.pk, slower)
    usual = budgets("issue", visitor.prefix, site.pk)
    own = Budget(purses.tokens().refill, settings.PAWCHA["PREFIX_PER_MINUTE"])
    del usual[f"issue:prefix:{visitor.prefix}"]
    return {f"issue:session:{site.pk}:{visitor.session}": own, **usual}


def one_more(challenge: OpenChallenge, address: Address) -> tuple[OpenChallenge, str]:
    """Hand out another challenge in the place of one that was right, but that nobody paid for.

    It is as the first one was asked for, and takes no try from the budgets. Return it, and the
    language that was asked for.

    Raises UnknownSitekey, AllPicturesSeen, TooManyRequests or NoChallengeReady.
    """
    before = Outcome.objects.select_related("site").get(pk=challenge.outcome)
    if not before.site.active:
        raise UnknownSitekey
    asked = Asked(
        language=before.language,
        dialect=before.dialect,
        action=before.action,
        cdata=before.cdata,
    )
    prefixes = prefix_hashes(address, settings.SECRET_KEY, time.time())
    visitor = Visitor(prefixes, challenge.session, challenge.door)
    purse = _purse(before.site, visitor)
    return _open(before.site, visitor, purse, before.hostname, asked), before.language


def _open(
    site: Site, visitor: Visitor, purse: Purse, hostname: str, asked: Asked, test: str = ""
) -> OpenChallenge:
    more_rounds = purses.heat().more_rounds(purse.heat)
    profile, draft = dealing.draft_for(site, visitor.prefixes, more_rounds)
    try:
        return hand_out(
            site,
            draft,
            visitor=visitor,
            hostname=hostname,
            asked=asked,
            test=test,
            profile=profile,
        )
    except Exception:
        # Nobody saw it: the next visitor gets it, unless Redis is what is away.
        with suppress(state.Unreachable):
            state.put_back(profile.key, draft)
        raise


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


def budgets(door: str, prefix: str, site: int, slower: int = 1) -> dict[str, Budget]:
    """Return the buckets from which one try at this door is paid.

    A hot prefix gets its tries back so many times slower.
    """
    rules = settings.PAWCHA
    per_minute = rules["PREFIX_PER_MINUTE"] / slower
    return {
        f"{door}:prefix:{prefix}": Budget(rules["PREFIX_BURST"], per_minute),
        f"{door}:site:{site}": Budget(rules["SITE_BURST"], rules["SITE_PER_MINUTE"]),
    }


def hand_out(
    site: Site,
    draft: Draft,
    *,
    visitor: Visitor,
    hostname: str,
    asked: Asked,
    reserved: bool = False,
    test: str = "",
    profile: Profile | None = None,
) -> OpenChallenge:
    """Record the outcome-to-be and open the challenge; its profile is what the site is served."""
    outcome = record(site, draft, visitor=visitor, hostname=hostname, asked=asked)
    challenge = OpenChallenge(
        id=signing.new_challenge_id(),
        outcome=outcome.pk,
        site=site.pk,
        profile=(profile or site.served).key,
        draft=draft,
        expires_at=outcome.issued_at.timestamp() + site.challenge_seconds,
        prefix=visitor.prefix,
        reserved=reserved,
        test=test,
        test_mode=outcome.test_mode,
        tolerance=site.tolerance,
        seconds=site.challenge_seconds,
        token_seconds=site.token_seconds,
        session=visitor.session,
        door=visitor.door,
        limits=visitor.limits,
    )
    state.open_challenge(challenge)
    return challenge


def record(site: Site, draft: Draft, *, visitor: Visitor, hostname: str, asked: Asked) -> Outcome:
    """Write the row that will say what became of this challenge, and how likely bots solve it."""
    odds, headline = auditing.audit_of(draft, site.tolerance)
    with committed(at_once=False):
        return Outcome.objects.create(
            site=site,
            issued_at=timezone.now(),
            hostname=hostname,
            language=asked.language,
            dialect=asked.dialect,
            action=asked.action,
            cdata=asked.cdata,
            prefix=visitor.prefix,
            risk=draft.risk,
            renditions=draft.renditions,
            cats=draft.cats,
            rounds=draft.rounds,
            tolerance=site.tolerance,
            probe=draft.probe if draft.probe >= 0 else None,
            test_mode=site.test_mode or visitor.door == ATTACK,
            odds=odds,
            headline=headline,
            door=visitor.door,
        )
