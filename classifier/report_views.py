"""The public report on attacks, its runs, and the badge. Signed in, staff see more of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, Final

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from challenges import headers
from classifier.flows import attack_report, attack_served
from classifier.reports import attack_figures, attack_page, attack_run_page
from classifier.reports.attack_summary import Report

# How long others may keep the badge and the figures, in seconds.
KEPT: Final = 300
# Programs and pages of others may read these.
DATA: Final = {
    "Cache-Control": f"public, max-age={KEPT}",
    "Access-Control-Allow-Origin": "*",
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
# What was written of the latest report, by name; and how many texts single runs may add to.
_written: tuple[Report, dict[str | int, str]] | None = None
RUNS: Final = 200
FORMATS: Final = {
    "json": (attack_figures.as_json, "application/json"),
    "csv": (attack_figures.as_csv, "text/csv; charset=utf-8"),
}


@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """Show the report. Anybody gets the same; staff also see sites and photos by name."""
    more = _for_staff(request)
    found = attack_report.report()
    if more:
        return _page(attack_page.page(found, **_where(), **more))
    return _page(_once(found, "page", lambda: attack_page.page(found, **_where())))


@require_safe
def run(request: HttpRequest, number: int) -> HttpResponse:
    """Show one stored run. Those that go on or failed have no figures, and no page."""
    found, known = attack_report.run(number), attack_report.report()
    if found is None:
        raise Http404
    return _page(_once(known, number, lambda: attack_run_page.page(found, known, **_where())))


@require_safe
def figures(request: HttpRequest, form: str) -> HttpResponse:
    """Return all figures for programs: JSON or CSV. The same for everybody."""
    write, kind = FORMATS[form]
    found = attack_report.report()
    return _data(HttpResponse(_once(found, form, lambda: write(found)), content_type=kind))


@require_safe
def badge_json(request: HttpRequest) -> HttpResponse:
    """Return the worst figure as shields.io wants it."""
    found = attack_report.report()
    said = _once(found, "badge.json", lambda: json.dumps(attack_figures.badge(found)))
    return _data(HttpResponse(said, content_type="application/json"))


@require_safe
def badge_svg(request: HttpRequest) -> HttpResponse:
    """Return the badge as a picture, which any page may embed."""
    found = attack_report.report()
    drawn = _once(found, "badge.svg", lambda: attack_figures.badge_svg(found))
    return _data(HttpResponse(drawn, content_type="image/svg+xml"))


def _once(found: Report, name: str | int, write: Callable[[], str]) -> str:
    """Return a text that is written once for each report that is put together.

    A number names a run: of these at most RUNS are kept.
    """
    global _written
    kept = _written
    if kept is None or kept[0] is not found:
        _written = kept = (found, {})
    texts = kept[1]
    text = texts.get(name)
    if text is None:
        text = write()
        if isinstance(name, str) or len(texts) < RUNS:
            texts[name] = text
    return text


def _where() -> dict[str, Any]:
    return {"base": "", "public_url": settings.PUBLIC_URL}


def _for_staff(request: HttpRequest) -> dict[str, Any]:
    """Return what only those see who may see it in the admin, too."""
    may = request.user.has_perm
    found: dict[str, Any] = {}
    if may("challenges.see_statistics"):
        found["sites"] = attack_served.site_rows()
    if may("challenges.label_photo"):
        found["given_away"] = attack_served.given_away()
    return found


def _page(text: str) -> HttpResponse:
    # Without the request: no context processor, and no cookie for those who have none.
    return HttpResponse(text, headers=headers.plain_page("'none'"))


def _data(response: HttpResponse) -> HttpResponse:
    for name, value in DATA.items():
        response.headers[name] = value
    return response
