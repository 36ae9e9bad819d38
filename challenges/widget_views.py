"""The script that host pages load, and the frame that it embeds there."""

from __future__ import annotations

import logging
from functools import cache
from pathlib import Path
from typing import Final

from django.contrib.staticfiles import finders
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from challenges.hosts import frame_ancestors
from challenges.models import Site

logger = logging.getLogger(__name__)

FOLDER: Final = "challenges/widget"
# Named in the page, so that the browser asks for all of them at once.
MODULES: Final = tuple(
    f"{FOLDER}/{name}.js"
    for name in ("client", "clock", "grid", "handshake", "preview", "state", "view", "words")
)
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


@require_safe
def script(request: HttpRequest) -> HttpResponse:
    """Return api.js. It changes in place, so it is kept for minutes only."""
    return script_page()


@require_safe
@xframe_options_exempt
def frame(request: HttpRequest) -> HttpResponse:
    """Return the frame of a site, which only that site's hosts may embed."""
    # PostgreSQL refuses to look for a NUL, and no key has one.
    sitekey = request.GET.get("sitekey", "").replace("\0", "")
    try:
        site = Site.objects.serving().filter(sitekey=sitekey).first()
    except DatabaseError:
        logger.exception("The frame cannot look its site up")
        return _page(sitekey="", problem="unavailable", ancestors="*", status=503)
    return frame_page(site.sitekey, site.hosts) if site else unknown_page()


def script_page() -> HttpResponse:
    """Return the script with the headers that let any page load it."""
    headers = {
        "Access-Control-Allow-Origin": "*",
        "Cache-Control": f"public, max-age={SCRIPT_AGE}",
        "Cross-Origin-Resource-Policy": "cross-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return HttpResponse(
        _script_bytes(), content_type="text/javascript; charset=utf-8", headers=headers
    )


def frame_page(sitekey: str, hosts: list[str]) -> HttpResponse:
    """Return the frame for a site with these hosts."""
    return _page(sitekey=sitekey, problem="", ancestors=frame_ancestors(hosts), status=200)


def unknown_page() -> HttpResponse:
    """Return the frame that says the site key is unknown, wherever it is embedded."""
    return _page(sitekey="", problem="unknown_sitekey", ancestors="*", status=404)


def _page(*, sitekey: str, problem: str, ancestors: str, status: int) -> HttpResponse:
    # Without the request: no context processor, hence no session and no cookie.
    context = {"sitekey": sitekey, "problem": problem, "modules": MODULES}
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


@cache
def _script_bytes() -> bytes:
    place = finders.find(f"{FOLDER}/api.js")
    if not place:
        raise FileNotFoundError("api.js is missing among the static files of challenges.")
    return Path(place).read_bytes()
