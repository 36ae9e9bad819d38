"""The script that host pages load, and the frame that it embeds there."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from challenges import testkeys, words
from challenges.hosts import frame_ancestors
from challenges.models import Site
from challenges.words import ENGLISH, Language

logger = logging.getLogger(__name__)

FOLDER: Final = "challenges/widget"
# Named in the page, so that the browser asks for all of them at once.
MODULES: Final = tuple(
    f"{FOLDER}/{name}.js"
    for name in (
        "adopt", "bar", "client", "clock", "closer", "colours", "grid", "handshake", "journey",
        "looks", "parts", "place", "report", "stages", "state", "view", "words",
    )
)  # fmt: skip
SHEETS: Final = tuple(f"{FOLDER}/{name}.css" for name in ("style", "bar", "card", "grid"))
DARK_SHEET: Final = f"{FOLDER}/dark.css"
# What the page around may choose, by the name in the frame's address; the first is the default.
CHOICES: Final = {
    "theme": ("auto", "light", "dark", "contrast"),
    "size": ("normal", "compact", "flexible"),
    "mode": ("checkbox", "inline", "invisible"),
}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
)
CLOSED: Final = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "clipboard-write",
    "display-capture", "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope",
    "hid", "identity-credentials-get", "idle-detection", "local-fonts", "magnetometer",
    "microphone", "midi", "payment", "picture-in-picture", "publickey-credentials-get",
    "screen-wake-lock", "serial", "storage-access", "usb", "xr-spatial-tracking",
)  # fmt: skip
SCRIPT_AGE: Final = 300


@dataclass(frozen=True, slots=True)
class Look:
    """How the frame looks: what the page around it asked for, as far as we know it."""

    language: Language = ENGLISH
    theme: str = "auto"
    size: str = "normal"
    mode: str = "checkbox"

    @property
    def stage(self) -> str:
        """Return what stands in the page before anything is opened."""
        return {"checkbox": "bar", "inline": "inline", "invisible": "none"}[self.mode]

    @property
    def dark_media(self) -> str:
        """Return when the dark colours count, until the page around says what it is like."""
        return {"auto": "(prefers-color-scheme: dark)", "dark": "all"}.get(self.theme, "not all")


@dataclass(frozen=True, slots=True)
class Subject:
    """What the frame is about: a site or a test key, or the problem with it."""

    sitekey: str = ""
    problem: str = ""
    contact: str = ""
    plain_page: bool = False
    test: str = ""
    test_token: str = ""


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """Return api.js. It changes in place, so it is kept for minutes only."""
    return script_page()


@require_safe
def declarations(request: HttpRequest) -> HttpResponse:
    """Return the TypeScript declarations of api.js."""
    return _static_page("pawcha.d.ts", "text/plain; charset=utf-8")


@require_safe
@xframe_options_exempt
def frame(request: HttpRequest) -> HttpResponse:
    """Return the frame of a site, which only that site's hosts may embed."""
    # PostgreSQL refuses to look for a NUL, and no key has one.
    sitekey = request.GET.get("sitekey", "").replace("\0", "")
    look = read_look(request.GET, request.headers.get("Accept-Language", ""))
    if settings.TEST_KEYS and sitekey in testkeys.SITEKEYS:
        return test_page(sitekey, look)
    try:
        site = Site.objects.serving().filter(sitekey=sitekey).first()
    except DatabaseError:
        logger.exception("The frame cannot look its site up")
        return _page(look, Subject(problem="unavailable"), ancestors="*", status=503)
    return frame_page(site, look) if site else unknown_page(look)


def read_look(said: Mapping[str, str], accept_language: str = "") -> Look:
    """Return how the frame shall look: its language by option, page and browser, in this order."""
    return Look(
        language=words.choose([said.get("lang", ""), said.get("page", "")], accept_language),
        **{name: _chosen(said.get(name, ""), choices) for name, choices in CHOICES.items()},
    )


def _chosen(wish: str, choices: tuple[str, ...]) -> str:
    return wish if wish in choices else choices[0]


def script_page() -> HttpResponse:
    """Return the script with the headers that let any page load it."""
    return _static_page("api.js", "text/javascript; charset=utf-8")


def frame_page(site: Site, look: Look) -> HttpResponse:
    """Return the frame for a site."""
    subject = Subject(sitekey=site.sitekey, contact=site.contact, plain_page=site.allows_fallback)
    return _page(look, subject, ancestors=frame_ancestors(site.hosts), status=200)


def test_page(sitekey: str, look: Look) -> HttpResponse:
    """Return the frame for a public test key, which any page may embed."""
    subject = Subject(
        sitekey=sitekey,
        test=testkeys.SITEKEYS[sitekey],
        test_token=testkeys.dummy_token(sitekey),
    )
    return _page(look, subject, ancestors="*", status=200)


def unknown_page(look: Look) -> HttpResponse:
    """Return the frame that says the site key is unknown, wherever it is embedded."""
    return _page(look, Subject(problem="unknown_sitekey"), ancestors="*", status=404)


def _page(look: Look, subject: Subject, *, ancestors: str, status: int) -> HttpResponse:
    # Without the request: no context processor, hence no session and no cookie.
    context = {
        "look": look,
        "subject": subject,
        "words": words.words(look.language.tag),
        "modules": MODULES,
        "sheets": SHEETS,
        "dark_sheet": DARK_SHEET,
    }
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": POLICY.format(ancestors=ancestors),
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in CLOSED),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(
        render_to_string("challenges/frame.html", context), status=status, headers=headers
    )


def _static_page(name: str, content_type: str) -> HttpResponse:
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": f"public, max-age={SCRIPT_AGE}",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(_bytes_of(name), content_type=content_type, headers=headers)


@cache
def _bytes_of(name: str) -> bytes:
    place = finders.find(f"{FOLDER}/{name}")
    if not place:
        raise FileNotFoundError(f"{name} is missing among the static files of challenges.")
    return Path(place).read_bytes()
