"""Drift: how often people correct what the network proposes, week by week."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, F, Min, OuterRef, Q, Subquery
from django.db.models.functions import TruncWeek
from django.utils import timezone
from django.utils.formats import date_format

from challenges.models import Label
from classifier import proportions
from classifier.flows import versions
from classifier.models import ModelVersion


@dataclass(frozen=True, slots=True)
class Week:
    """What people judged in the week that begins on this Monday."""

    monday: date
    judged: int
    corrected: int

    @property
    def share(self) -> float:
        """Of those judged, the share that was corrected: 0..1."""
        return self.corrected / self.judged if self.judged else 0.0


@dataclass(frozen=True, slots=True)
class Drift:
    """What people said of the labels that one network proposed.

    A rejected photo without a label says nothing about the network, and does not count.
    """

    name: str
    since: date | None
    weeks: tuple[Week, ...]

    @property
    def judged(self) -> int:
        """How many of its labels a person has judged."""
        return sum(week.judged for week in self.weeks)

    @property
    def corrected(self) -> int:
        """How many of them the person changed."""
        return sum(week.corrected for week in self.weeks)

    @property
    def interval(self) -> tuple[float, float]:
        """Between which shares the true one lies, with 95 %."""
        return proportions.interval(self.corrected, self.judged)

    @property
    def sentence(self) -> str:
        """All of it in words."""
        if not self.judged or self.since is None:
            return f"Nobody has judged a label of {self.name} yet."
        low, high = self.interval
        return (
            f"Reviewers corrected {self.corrected:,} of {self.judged:,} proposals of {self.name} "
            f"({proportions.percent(self.corrected / self.judged)}, {100 * low:.1f} to "
            f"{proportions.percent(high)}) since {date_format(self.since, 'j F Y')}."
        )


def of_active() -> Drift:
    """Return the drift of what labels now, since it does."""
    version = ModelVersion.objects.active().first()
    if version is None:
        return measure(versions.shipped_name(), None)
    return of_version(version)


def of_version(version: ModelVersion) -> Drift:
    """Return the drift of one version, since it was trained."""
    return measure(version.name, version.created_at)


def measure(name: str, since: datetime | None) -> Drift:
    """Return what people said of this network's labels; since its first one when not told."""
    said = Label.objects.filter(source=Label.Source.CNN, model=name)
    if since is None:
        since = said.aggregate(first=Min("created_at"))["first"]
    # A person's last word after the network's.
    words = Label.objects.filter(
        photo=OuterRef("photo"), source=Label.Source.PERSON, pk__gt=OuterRef("pk")
    )
    last = words.exclude(label="").order_by("-pk")
    judged = said.annotate(
        word=Subquery(last.values("label")[:1]), at=Subquery(last.values("created_at")[:1])
    ).exclude(word=None)
    rows = (
        judged.annotate(week=TruncWeek("at"))
        .order_by("week")
        .values_list("week")
        .annotate(judged=Count("pk"), corrected=Count("pk", filter=~Q(word=F("label"))))
    )
    weeks = {row[0].date(): Week(row[0].date(), row[1], row[2]) for row in rows}
    return Drift(name, since and timezone.localdate(since), tuple(_without_gaps(weeks)))


def _without_gaps(weeks: dict[date, Week]) -> Iterator[Week]:
    """Yield the weeks from the first to the last, those without a word between them, too."""
    if not weeks:
        return
    for number in range(min(weeks).toordinal(), max(weeks).toordinal() + 1, 7):
        monday = date.fromordinal(number)
        yield weeks.get(monday, Week(monday, 0, 0))
