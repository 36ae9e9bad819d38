"""The first page of the desk: what each person may see, and where to go on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from challenges.admin.statistics import all_charts, labels
from challenges.flows import health, statistics
from challenges.flows.health import Light
from challenges.models import Photo, Site


@dataclass(frozen=True, slots=True)
class Card:
    """Something to do: what, how much, a sentence, and where."""

    title: str
    value: str
    text: str
    address: str
    icon: str


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """Return the context of the first page, with what this person may see."""
    may = request.user.has_perm
    context["title"] = "Overview"
    context["cards"] = [card for card in cards(request) if card.address]
    if may("challenges.see_statistics"):
        sites = statistics.sites_counted().values_list("pk", flat=True)
        report = statistics.report(sites, statistics.last_hours(24))
        context["total"] = report.total
        context["charts"] = all_charts(report, labels(report))[:1]
        context["statistics"] = address("challenges_outcome_statistics")
        context["simulated"] = Site.objects.filter(simulated=True).exists()
        now = health.health()
        context["pool"] = address("challenges_outcome_pool")
        context["light"] = now.light
        context["concerns"] = [
            one
            for one in [*now.alarms, *now.workers, *now.ready, *now.waiting, *now.photos]
            if one.light is not Light.GREEN
        ]
    return context


def cards(request: HttpRequest) -> list[Card]:
    """Return what this person can do here, with how much of it waits."""
    may = request.user.has_perm
    found = []
    if may("challenges.label_photo"):
        waiting = Photo.objects.awaiting_person().count()
        doubt = Photo.objects.in_doubt().exclude(status=Photo.Status.REJECTED).count()
        text = f"{doubt:,} of the pool are in doubt." if doubt else "None of the pool is in doubt."
        found.append(
            Card(
                "Label",
                f"{waiting:,}",
                f"photos wait for a person. {text}",
                address("challenges_label_queue"),
                "label",
            )
        )
    if may("challenges.upload_batch"):
        found.append(
            Card(
                "Upload",
                "",
                "Bring in photos: files, folders or archives.",
                address("challenges_batch_upload"),
                "upload",
            )
        )
    if may("challenges.view_photo"):
        found.append(
            Card(
                "Photos",
                f"{health.shown():,}",
                "are in the pool and shown.",
                address("challenges_photo_changelist"),
                "photo_library",
            )
        )
    if may("challenges.view_site"):
        sites = Site.objects.stocked().count()
        found.append(
            Card("Sites", f"{sites:,}", "are served.", address("challenges_site_changelist"), "web")
        )
    if may("challenges.see_history"):
        found.append(
            Card(
                "History",
                "",
                "Who changed what, and when.",
                address("challenges_person_history"),
                "history",
            )
        )
    return found


def address(name: str) -> str:
    """Return the address of a page of the desk, an empty text when there is none."""
    try:
        return reverse(f"admin:{name}")
    except NoReverseMatch:
        return ""
