"""The script that host pages load, and the frame that it embeds there."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Final

from django.conf import settings
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import conditional_page, require_safe

from challenges import headers, testkeys, widget_files, words
from challenges.hosts import allows, frame_ancestors, referring_origin
from challenges.models import Site
from challenges.widget_files import TYPES
from challenges.words import ENGLISH, Language

logger = logging.getLogger(__name__)

THEMES: Final = ("auto", "light", "dark", "contrast")
# What the page around may choose, by the name in the frame's address; the first is the default.
CHOICES: Final = {
    "size": ("normal", "compact", "flexible"),
    "mode": ("checkbox", "inline", "invisible"),
}
POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors {ancestors}"
)
# In seconds. The script changes in place; a part of the frame has its version in its address.
SCRIPT_AGE: Final = 300
PART_AGE: Final = 31_536_000


@dataclass(frozen=True, slots=True)
class Look:
    """How the frame looks: what the page around it asked for, as far as we know it.

    `asked_theme` is empty where the page asks for none: then the site's counts, if it has one, and
    else `usual_theme`, which is that of the CAPTCHA whose place we take.
    """

    language: Language = ENGLISH
    asked_theme: str = ""
    site_theme: str = ""
    usual_theme: str = "auto"
    size: str = "normal"
    mode: str = "checkbox"

    @property
    def theme(self) -> str:
        """Return the theme that counts."""
        of_site = "" if self.site_theme == "auto" else self.site_theme
        return self.asked_theme or of_site or self.usual_theme

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
    test_mode: bool = False


@require_safe
@gzip_page
@conditional_page
def script(request: HttpRequest) -> HttpResponse:
    """Return api.js. It changes in place, so it is kept for minutes only."""
    return script_page()


@require_safe
@gzip_page
@conditional_page
def declarations(request: HttpRequest) -> HttpResponse:
    """Return the TypeScript declarations of api.js."""
    return _open_page("pawcha.d.ts", "text/plain; charset=utf-8")


@require_safe
@gzip_page
@conditional_page
def part(request: HttpRequest, version: str, name: str) -> HttpResponse:
    """Return a script or style sheet of the frame.

    Under the address of its version browsers keep it for good; under an older one, from a page of
    before an upgrade, they get what there is now. Raises Http404 for what is no part of the frame.
    """
    return part_page(version, name)


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
        return problem_page("unavailable", look, status=503)
    if site is None:
        return problem_page("unknown_sitekey", look, status=404)
    return frame_page(site, look, request.headers.get("Referer", ""))


def read_look(said: Mapping[str, str], accept_language: str = "") -> Look:
    """Return how the frame shall look: its language by option, page and browser, in this order."""
    return Look(
        language=words.choose([said.get("lang", ""), said.get("page", "")], accept_language),
        asked_theme=said["theme"] if said.get("theme") in THEMES else "",
        usual_theme=_chosen(said.get("usual", ""), THEMES),
        **{name: _chosen(said.get(name, ""), choices) for name, choices in CHOICES.items()},
    )


def _chosen(wish: str, choices: tuple[str, ...]) -> str:
    return wish if wish in choices else choices[0]


def script_page() -> HttpResponse:
    """Return the script with the headers that let any page load it."""
    return _open_page("api.js", TYPES[".js"])


def part_page(version: str, name: str) -> HttpResponse:
    """Return a part of the frame. Raises Http404."""
    if name not in widget_files.PARTS:
        raise Http404
    known = version == widget_files.version()
    headers = {
        "Cache-Control": f"public, max-age={PART_AGE}, immutable" if known else "no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    kind = TYPES[PurePath(name).suffix]
    return HttpResponse(widget_files.read(name), content_type=kind, headers=headers)


def frame_page(site: Site, look: Look, referer: str = "") -> HttpResponse:
    """Return the frame for a site, or why the page that refers to it may not show it.

    Without that a page of another host only had the browser's broken frame, and its owner a riddle.
    """
    origin = referring_origin(referer)
    if origin and not allows(site.hosts, origin):
        return problem_page("host_not_allowed", look, status=403)
    subject = Subject(
        sitekey=site.sitekey,
        contact=site.contact,
        plain_page=site.allows_fallback,
        test_mode=site.test_mode,
    )
    look = replace(look, site_theme=site.theme)
    return _page(look, subject, ancestors=frame_ancestors(site.hosts), status=200)


def test_page(sitekey: str, look: Look) -> HttpResponse:
    """Return the frame for a public test key, which any page may embed."""
    subject = Subject(
        sitekey=sitekey,
        test=testkeys.SITEKEYS[sitekey],
        test_token=testkeys.dummy_token(sitekey),
    )
    return _page(look, subject, ancestors="*", status=200)


def problem_page(problem: str, look: Look, *, status: int) -> HttpResponse:
    """Return a frame that can only say what is wrong, wherever it is embedded.

    It names no site and asks for nothing, so any page may show it.
    """
    return _page(look, Subject(problem=problem), ancestors="*", status=status)


def _page(look: Look, subject: Subject, *, ancestors: str, status: int) -> HttpResponse:
    # Without the request: no context processor, hence no session and no cookie.
    context = {
        "look": look,
        "subject": subject,
        "words": words.words(look.language.tag),
        "modules": [_address(name) for name in widget_files.MODULES],
        "sheets": [_address(name) for name in widget_files.SHEETS],
        "dark_sheet": _address(widget_files.DARK_SHEET),
        "entry": _address(widget_files.ENTRY),
    }
    sent = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": POLICY.format(ancestors=ancestors),
        **headers.EMBEDDABLE,
        "Permissions-Policy": ", ".join(f"{feature}=()" for feature in headers.CLOSED),
        "Referrer-Policy": "no-referrer",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(
        render_to_string("challenges/frame.html", context), status=status, headers=sent
    )


def _address(name: str) -> str:
    return reverse("widget-part", args=[widget_files.version(), name])


def _open_page(name: str, content_type: str) -> HttpResponse:
    sent = {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": f"public, max-age={SCRIPT_AGE}",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(widget_files.read(name), content_type=content_type, headers=sent)
