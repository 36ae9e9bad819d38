"""How the pool and the workers are, each with what to do."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import Count, F, Sum
from django.utils import timezone

from challenges import state
from challenges.flows import stock
from challenges.models import Outcome, Photo, Transfer, Upload
from challenges.models.photos import Rights
from challenges.selection import EXPOSURES, Audience, Profile
from challenges.state import Unreachable, watch

DAY: Final = timedelta(days=1)
# A queue that is longer than this is not kept up with.
LONG: Final = 500
# Traffic is measured over this time.
TODAY: Final = DAY


class Light(enum.StrEnum):
    """How urgent something is."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing: what it is, how much, whether that is well, and what to do."""

    name: str
    value: str
    light: Light
    advice: str


@dataclass(frozen=True, slots=True)
class Wear:
    """How long the renditions that there are would last if no worker made new ones.

    `showings` pictures may still be shown; `per_day` were asked for in the last 24 hours, in
    `challenges` challenges.
    """

    renditions: int
    showings: int
    challenges: int
    per_day: int

    @property
    def days(self) -> float | None:
        """Return how many days that is, None when nobody asked."""
        return self.showings / self.per_day if self.per_day else None


@dataclass(frozen=True, slots=True)
class Health:
    """All of it. `away` says that Redis does not answer."""

    photos: list[Finding]
    rights: list[tuple[str, int]]
    ready: list[Finding]
    wear: Wear
    waiting: list[Finding]
    workers: list[Finding]
    failures: list[watch.Failure]
    alarms: list[Finding]
    away: bool = False

    @property
    def light(self) -> Light:
        """Return the most urgent light of all."""
        found = [*self.photos, *self.ready, *self.waiting, *self.workers, *self.alarms]
        return worst(one.light for one in found)


def worst(lights: Iterable[Light]) -> Light:
    """Return the most urgent of these lights."""
    found = set(lights)
    return next((one for one in (Light.RED, Light.AMBER) if one in found), Light.GREEN)


def health() -> Health:
    """Return how all is now."""
    away = False
    ready: list[Finding] = []
    queues: list[Finding] = []
    workers: list[Finding] = []
    failures: list[watch.Failure] = []
    alarms: list[Finding] = []
    try:
        ready = [_ready(profile) for profile in stock.profiles()]
        queues, workers, alarms = _queues(), _workers(), _alarms()
        failures = watch.failures(10)
    except Unreachable:
        away = True
        workers = [
            Finding("Redis", "away", Light.RED, "Start Redis: without it nobody gets a challenge.")
        ]
    return Health(
        photos=_photos(),
        rights=_rights(),
        ready=ready,
        wear=wear(),
        waiting=[*waiting(), *queues],
        workers=workers,
        failures=failures,
        alarms=alarms,
        away=away,
    )


STATUS_ADVICE: Final = {
    Photo.Status.POOLED: "These are shown. Import more to make each be shown less often.",
    Photo.Status.UNLABELLED: "A worker proposes what they show: they need none of your time yet.",
    Photo.Status.PROPOSED: "Confirm or correct them in the label queue.",
    Photo.Status.HELD: "State by what right they may be shown, on their batch's page.",
    Photo.Status.PROBE: "Visitors are asked about them. You confirm what they say.",
    Photo.Status.RETIRED: "They are not shown. Restore those that may be shown again.",
    Photo.Status.REJECTED: "They are not shown. Nothing to do.",
}


def _photos() -> list[Finding]:
    counts = dict(
        Photo.objects.order_by()
        .values_list("status")
        .annotate(number=Count("pk"))
        .values_list("status", "number")
    )
    found = []
    for status in Photo.Status:
        number = counts.get(status.value, 0)
        empty = status is Photo.Status.POOLED and not number
        advice = "Upload photos: nothing can be shown." if empty else STATUS_ADVICE[status]
        light = Light.RED if empty else Light.GREEN
        found.append(Finding(str(status.label), f"{number:,}", light, advice))
    return found


def _rights() -> list[tuple[str, int]]:
    pooled = Photo.objects.pooled().order_by().values("rights").annotate(number=Count("pk"))
    counts = {row["rights"]: row["number"] for row in pooled}
    return [(str(right.label), counts.get(right.value, 0)) for right in Rights]


def _ready(profile: Profile) -> Finding:
    number, target = stock.ready(profile), stock.capacity(profile)
    name, value = _profile_name(profile), f"{number} of {target}"
    if not number:
        advice = "Visitors get none: is a worker running, and has the pool cats and dogs?"
        return Finding(name, value, Light.RED, advice)
    if 2 * number < target:
        advice = "Being filled up. If that lasts, start more workers."
        return Finding(name, value, Light.AMBER, advice)
    return Finding(name, value, Light.GREEN, "Nothing to do.")


AUDIENCES: Final = {
    Audience.PUBLIC: "for everybody",
    Audience.LOOPBACK: "for sites on this machine",
    Audience.TESTING: "for tests",
}


def _profile_name(profile: Profile) -> str:
    rounds = f" in each of {profile.rounds} rounds" if profile.rounds > 1 else ""
    probes = ", one of them unlabelled" if profile.probes else ""
    return f"{profile.count} photos{rounds}{probes}, {AUDIENCES[profile.audience]}"


def wear() -> Wear:
    """Return how much is left to show, and how much is shown in a day."""
    fresh = Photo.objects.pooled().filter(fresh=True, rendition__isnull=False)
    left = fresh.aggregate(number=Count("pk"), left=Sum(EXPOSURES - F("rendition__reserved")))
    since = timezone.now() - TODAY
    asked = Outcome.objects.counted().filter(site__simulated=False, issued_at__gte=since)
    shown = asked.exclude(state=Outcome.State.ABANDONED)
    pictures = shown.aggregate(number=Count("pk"), pictures=Sum("renditions__len"))
    return Wear(
        renditions=left["number"],
        showings=max(0, left["left"] or 0),
        challenges=pictures["number"],
        per_day=pictures["pictures"] or 0,
    )


def waiting() -> list[Finding]:
    """Return what waits for workers and for people, from PostgreSQL."""
    uploads = Upload.objects.waiting().count()
    arrived = Transfer.objects.filter(state=Transfer.State.ARRIVED).count()
    unlabelled = Photo.objects.awaiting_label().count()
    person = Photo.objects.awaiting_person().count()
    doubt = Photo.objects.in_doubt().exclude(status=Photo.Status.REJECTED).count()
    return [
        _queue("Files to unpack", arrived, "Is a worker running that takes the queue intake?"),
        _queue("Uploads to take in", uploads, "Is a worker running that takes the queue intake?"),
        _queue("Photos without a label", unlabelled, "Is a worker running that takes label?"),
        Finding("Photos that wait for a person", f"{person:,}", Light.GREEN, _label(person)),
        Finding(
            "Photos in doubt",
            f"{doubt:,}",
            Light.AMBER if doubt else Light.GREEN,
            "Look at them first in the label queue." if doubt else "Nothing to do.",
        ),
    ]


def _label(number: int) -> str:
    return "Open the label queue." if number else "Nothing to do."


def _queue(name: str, number: int, advice: str) -> Finding:
    light = Light.AMBER if number > LONG else Light.GREEN
    return Finding(name, f"{number:,}", light, advice if number else "Nothing to do.")


def _queues() -> list[Finding]:
    return [
        _queue(
            f"Tasks in the queue {name}",
            number,
            "They are being worked on." if number <= LONG else "Start more workers for it.",
        )
        for name, number in watch.queue_lengths().items()
    ]


def _workers() -> list[Finding]:
    found = []
    for worker in watch.workers():
        silent = worker.silent > watch.SILENT
        found.append(
            Finding(
                worker.name,
                f"seen {_ago(worker.silent)} ago",
                Light.AMBER if silent else Light.GREEN,
                "It stopped without a word: look at its log, or start it again."
                if silent
                else "Nothing to do.",
            )
        )
    if not any(one.light is Light.GREEN for one in found):
        found.insert(
            0,
            Finding(
                "Workers",
                "none seen",
                Light.RED,
                "Start one: make run, or celery -A captcha_site worker --beat.",
            ),
        )
    return found


def _ago(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    return f"{seconds / 3600:.0f} h"


ALARMS: Final = {
    stock.NO_CHALLENGE: (
        "No challenge can be composed",
        Light.RED,
        "Upload and label more cats and dogs: both are needed.",
    ),
    stock.WORN_OUT: (
        "Pictures are shown more often than they should be",
        Light.AMBER,
        "Add photos, or workers that make new renditions.",
    ),
}


def _alarms() -> list[Finding]:
    found = []
    for name, since in state.alarms().items():
        kind, _, what = name.partition(":")
        title, light, advice = ALARMS.get(
            kind, (kind.replace("-", " ").capitalize(), Light.AMBER, "Look at the log.")
        )
        moment = datetime.fromtimestamp(since, timezone.get_current_timezone())
        found.append(Finding(f"{title} {what}".strip(), f"since {moment:%H:%M} UTC", light, advice))
    return found
