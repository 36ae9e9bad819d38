"""What the page of the statistics is asked for by its address."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_date

from challenges.flows import statistics
from challenges.flows.prune import KEEP_DAYS
from challenges.flows.statistics import Range
from challenges.flows.sums import DAY, floor_day
from challenges.models import Site
from challenges.models.sums import Span

RANGES: Final = {"24h": "24 hours", "7d": "7 days", "30d": "30 days", "90d": "90 days"}
# The longest range that is shown hour by hour, and the longest of all, in days.
MOST_HOURLY: Final = 8
MOST_DAYS: Final = 800


@dataclass(frozen=True, slots=True)
class Asked:
    """What the page is asked for, with what could not be read of it left out."""

    name: str
    range: Range
    sites: list[Site]
    chosen: Site | None
    simulated: bool

    @property
    def query(self) -> dict[str, str]:
        """Return it as the query of an address."""
        site = str(self.chosen.pk) if self.chosen else "simulated" if self.simulated else ""
        when = {"range": self.name}
        if self.name == "custom":
            last = (self.range.until - DAY).date()
            when = {"since": f"{self.range.since:%Y-%m-%d}", "until": f"{last}"}
        return {**when, **({"site": site} if site else {}), "by": self.range.span.value}


def read(request: HttpRequest) -> Asked:
    """Return what the address asks for; a range of 24 hours of all sites when it says nothing."""
    said = request.GET
    sites = list(Site.objects.filter(reserved=False).order_by("simulated", "name", "pk"))
    chosen = next((site for site in sites if str(site.pk) == said.get("site")), None)
    simulated = chosen.simulated if chosen else said.get("site") == "simulated"
    name = said.get("range", "24h")
    custom = _custom(said.get("since", ""), said.get("until", ""))
    if custom is not None:
        name, (since, until) = "custom", custom
    else:
        name = name if name in RANGES else "24h"
        wanted = (
            statistics.last_hours(24) if name == "24h" else statistics.last_days(int(name[:-1]))
        )
        since, until = wanted.since, wanted.until
    span = _span(said.get("by", ""), name, since, until)
    counted = [site for site in sites if site.simulated == simulated]
    return Asked(
        name=name,
        range=Range(since, until, span),
        sites=[chosen] if chosen else counted,
        chosen=chosen,
        simulated=simulated,
    )


def _span(said: str, name: str, since: datetime, until: datetime) -> Span:
    """Return whether rows are hours: also when that is asked for, of a few of the last days."""
    if name == "24h":
        return Span.HOUR
    hourly = (
        until - since <= MOST_HOURLY * DAY
        and since >= floor_day(timezone.now()) - (KEEP_DAYS - 2) * DAY
    )
    if said == Span.HOUR and hourly:
        return Span.HOUR
    return Span.HOUR if hourly and until - since <= DAY and said != Span.DAY else Span.DAY


def _custom(since: str, until: str) -> tuple[datetime, datetime] | None:
    """Return the days from the one date to the other, both with them; None when they are none."""
    first, last = _date(since), _date(until)
    if first is None and last is None:
        return None
    first, last = first or last, last or first
    assert first is not None and last is not None  # noqa: S101, PT018
    first, last = min(first, last), max(first, last)
    start = datetime(first.year, first.month, first.day, tzinfo=UTC)
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + DAY
    end = min(end, floor_day(timezone.now()) + DAY)
    start = max(min(start, end - DAY), end - MOST_DAYS * DAY)
    return start, end


def _date(text: str) -> date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and 2000 <= found.year <= 9000 else None
