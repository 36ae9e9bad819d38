"""The plain page: pick the cats without JavaScript, and copy a code. It is reCAPTCHA's way.

A page without scripts embeds it, https://developers.google.com/recaptcha/docs/faq: the visitor
pastes the code into the page's own form. The challenge's id, which nobody can guess, is what proves
that a form is ours: no cookie, no session. It is handed out to pages and frames only: other pages
could have it loaded as an image otherwise, and use up their visitors' tries.
"""

from __future__ import annotations

import logging
import re
import time
from dataclasses import replace
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from challenges import bodies, signing, state, words
from challenges.budgets import Address, client_address
from challenges.drafts import OpenChallenge
from challenges.exceptions import (
    AlreadyAnswered,
    AlreadyExtended,
    ChallengeExpired,
    HostNotAllowed,
    InvalidPicks,
    InvalidRequest,
    PawchaError,
    TooManyRequests,
    Unavailable,
    UnknownChallenge,
    UnknownSitekey,
    WrongAnswer,
)
from challenges.fallback_page import Content, Place, Shape, clock, render
from challenges.flows import answer, issue, showing, testkeys
from challenges.hosts import allows, referring_origin
from challenges.models import Site
from challenges.state import Unreachable
from challenges.testkeys import SITEKEYS, Widget

logger = logging.getLogger(__name__)

DIALECT: Final = "fallback"
# What the browser says that it loads (https://www.w3.org/TR/fetch-metadata/); old ones say nothing.
DESTINATIONS: Final = frozenset({"", "document", "iframe", "frame"})
CHALLENGE_ID: Final = re.compile(r"[A-Za-z0-9_-]{32}")
# What the browser said of the page around this one is believed for so long, in seconds.
HOST_SECONDS: Final = 3600
# No handle of a visitor is longer.
SESSION_LENGTH: Final = 100
# Errors after which the next challenge is shown at once; all others end the journey.
OVER: Final = (WrongAnswer, ChallengeExpired, UnknownChallenge, AlreadyAnswered)
AWAY: Final = (Unreachable, DatabaseError)


class FallbackOff(PawchaError):
    """The site does not offer the plain page."""

    code = "fallback_off"
    status = 403


@csrf_exempt
@xframe_options_exempt
@require_http_methods(["GET", "POST"])
def fallback(request: HttpRequest) -> HttpResponse:
    """Show a challenge as a form, or take its answer and show the code."""
    place = Place(address=request.get_full_path(), language=_language(request))
    try:
        _look_at(request)
        place = _place(request)
        if place.site is None or not place.site.allows_fallback:
            raise FallbackOff
        if request.method == "POST" and request.POST.get("id"):
            content = _answer(request, place)
        else:
            content = _fresh(request, place)
    except AWAY as error:
        content = _problem(place, _unavailable(error))
    except PawchaError as error:
        content = _problem(place, error)
    return render(place, content)


def _look_at(request: HttpRequest) -> None:
    """Read the request, if it is one for a page.

    Raises HostNotAllowed, TooLarge or InvalidRequest.
    """
    if request.headers.get("Sec-Fetch-Dest", "") not in DESTINATIONS:
        raise HostNotAllowed("This is a page: open it, or put it into a frame.")
    bodies.prepare(request)
    try:
        _ = request.POST
    except (LookupError, ValueError, OSError) as error:  # An odd charset, a client that hung up.
        raise InvalidRequest from error


def _language(request: HttpRequest) -> words.Language:
    wishes = [request.GET.get("hl", ""), request.GET.get("lang", "")]
    return words.choose(wishes, request.headers.get("Accept-Language", ""))


def _place(request: HttpRequest) -> Place:
    """Return where the page is. Raises UnknownSitekey."""
    # PostgreSQL refuses to look for a NUL, and no key has one.
    sitekey = request.GET.get("k", "").replace("\0", "")
    test_site = testkeys.site_for(sitekey)
    site = test_site or Site.objects.serving().filter(sitekey=sitekey).first()
    if site is None:
        raise UnknownSitekey
    language = _language(request)
    host, origin = _host(request, site, sitekey)
    session = (request.POST.get("session") or request.GET.get("session") or "")[:SESSION_LENGTH]
    query = {"k": sitekey, "hl": language.tag}
    kept = {name: value for name, value in (("host", host), ("session", session)) if value}
    return Place(
        address=f"{request.path}?{urlencode(query)}",
        language=language,
        site=site,
        sitekey=sitekey,
        host=host,
        origin=origin,
        again=f"{request.path}?{urlencode({**query, **kept})}",
        session=session,
        test=SITEKEYS[sitekey] if test_site else "",
    )


def _host(request: HttpRequest, site: Site, sitekey: str) -> tuple[str, str]:
    """Return the origin of the page around this one, sealed and plain; empty when nobody says it.

    The browser says it when the page is first loaded, and from then on the page itself does, with
    a seal that is good for this site key, and for an hour.
    """
    seal = TimestampSigner(salt=f"pawcha.fallback.host.{site.pk}.{sitekey}")
    sealed = request.POST.get("host") or request.GET.get("host") or ""
    try:
        return sealed, seal.unsign(sealed, max_age=HOST_SECONDS)
    except BadSignature:
        pass
    origin = referring_origin(request.headers.get("Referer", ""))
    # A page of ours has a link to this one.
    ours = origin == settings.PUBLIC_URL and not allows(site.hosts, origin)
    return ("", "") if ours or not origin else (seal.sign(origin), origin)


def _fresh(request: HttpRequest, place: Place, because: PawchaError | None = None) -> Content:
    """Hand out a challenge, because of what became of the last one."""
    asked = issue.Asked(
        host=place.origin,
        language=place.language.tag,
        dialect=DIALECT,
        session=place.session,
        ticket=request.headers.get("X-Pawcha-Attack", ""),
        door=DIALECT,
    )
    content = _shown(issue.issue(place.sitekey, _address(request), asked))
    if because is None:
        return content
    return replace(content, status=because.status, sentence=_sentence(place, because))


def _shown(challenge: OpenChallenge) -> Content:
    handle = signing.session_handle(challenge.session, settings.SECRET_KEY)
    return Content(challenge=challenge.id, shape=Shape.of(challenge), session=handle)


def _answer(request: HttpRequest, place: Place) -> Content:
    """Take the answer, or give more time. What cannot be taken leaves the ticks as they are."""
    shape = Shape.parse(request.POST.get("shape", ""))
    still = Content(
        challenge=request.POST["id"],
        shape=shape,
        picked=_picked(request, shape),
        extended="extended" in request.POST,
        session=place.session,
    )
    if not CHALLENGE_ID.fullmatch(still.challenge):
        return _fresh(request, place, UnknownChallenge())
    try:
        _check_is_of(place, still.challenge)
        if "more" in request.POST:
            left = round(showing.extend(still.challenge).expires_at - time.time())
            given = place.words["more_time_given"].format(time=clock(place, left))
            return replace(still, sentence=given, extended=True)
        right = answer.answer(still.challenge, sorted(still.picked), _address(request))
    except OVER as error:
        return _fresh(request, place, error)
    except (InvalidPicks, TooManyRequests, AlreadyExtended, *AWAY) as error:
        known = error if isinstance(error, PawchaError) else _unavailable(error)
        return replace(
            still,
            status=known.status,
            sentence=_sentence(place, known),
            wait=known.retry_after,
            extended=still.extended or isinstance(known, AlreadyExtended),
        )
    if isinstance(right, answer.More):
        return replace(_shown(right.challenge), sentence=place.words["errors"]["one_more"])
    return Content(token=right.token, token_seconds=right.seconds, adopt=right.adopt)


def _check_is_of(place: Place, challenge_id: str) -> None:
    """Raise UnknownChallenge unless the challenge was handed out for the key of this page."""
    challenge = state.peek(challenge_id)
    site = place.site.pk if place.site else None
    if (challenge.site, challenge.test) != (site, place.sitekey if place.test else ""):
        raise UnknownChallenge


def _picked(request: HttpRequest, shape: Shape) -> frozenset[int]:
    """Return the ticked places; what is none of them is passed over."""
    places = {str(place): place for place in range(shape.count * shape.rounds)}
    return frozenset(places[tick] for tick in request.POST.getlist("pick") if tick in places)


def _address(request: HttpRequest) -> Address:
    return client_address(
        request.META.get("REMOTE_ADDR", ""),
        request.META.get("HTTP_X_FORWARDED_FOR", ""),
        settings.TRUSTED_PROXIES,
    )


def _unavailable(error: Exception) -> Unavailable:
    logger.error("The plain page refuses: %s: %s", type(error).__name__, error)
    return Unavailable(retry_after=5)


def _problem(place: Place, error: PawchaError) -> Content:
    """Return a page that only says what is wrong, and how long to wait if that helps."""
    return Content(
        status=error.status,
        sentence=_sentence(place, error),
        wait=error.retry_after,
        final=error.status < 429,
    )


def _sentence(place: Place, error: PawchaError) -> str:
    plain, errors = place.words["fallback"], place.words["errors"]
    own = {
        "fallback_off": plain["off"],
        "invalid_picks": plain["none_picked"],
        "challenge_expired": plain["expired"],
        "unknown_challenge": plain["expired"],
        "already_answered": plain["answered"],
        "already_extended": plain["extended"],
    }
    if isinstance(error, WrongAnswer) and place.test == Widget.FAILS:
        return str(errors["test_key_fails"])
    return str(own.get(error.code) or errors.get(error.code) or errors["unclear"])
