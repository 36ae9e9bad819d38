"""How the pool and the workers are, each with what to do."""

from __future__ import annotations

import enum
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.db.models import Count
from django.utils import timezone

from challenges import state
from challenges.flows import poolcare, render, stock
from challenges.flows.poolcare import Page
from challenges.flows.wear import Wear, wear
from challenges.models import Photo, Transfer, Upload
from challenges.models.photos import Rights
from challenges.selection import Audience, Profile
from challenges.state import Unreachable, watch

# A queue that is longer than this is not kept up with.
LONG: Final = 500


class Light(enum.StrEnum):
    """How urgent something is."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing: what it is, how much, whether that is well, and what to do, if anything.

    `page` is where to do it; with Page.BATCH, `batch` is whose page.
    """

    name: str
    value: str
    light: Light
    advice: str = ""
    page: Page | None = None
    batch: int | None = None


@dataclass(frozen=True, slots=True)
class Right:
    """How many pooled photos may be shown on this ground, and whether visitors see them now."""

    name: str
    number: int
    shown: bool


@dataclass(frozen=True, slots=True)
class Health:
    """All of it. `away` says that Redis does not answer."""

    photos: list[Finding]
    rights: list[Right]
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
    Photo.Status.UNLABELLED: ("A worker proposes what they show.", None),
    Photo.Status.PROPOSED: ("Confirm or correct what they show.", Page.QUEUE),
    Photo.Status.HELD: ("State by what right they may be shown.", Page.BATCH),
    Photo.Status.PROBE: ("Visitors are asked about them; you confirm what they say.", Page.PROBES),
    Photo.Status.RETIRED: ("Restore those that may be shown again.", Page.RETIRED),
}


def shown() -> int:
    """Return how many photos visitors get to see."""
    return Photo.objects.pooled().filter(rights__in=poolcare.rights_shown()).count()


def _photos() -> list[Finding]:
    counts = dict(
        Photo.objects.order_by()
        .values_list("status")
        .annotate(number=Count("pk"))
        .values_list("status", "number")
    )
    held = Photo.objects.held().order_by("id").values_list("batch_id", flat=True).first()
    found = _pooled()
    for status in Photo.Status:
        if status is Photo.Status.POOLED:
            continue
        number = counts.get(status.value, 0)
        advice, page = STATUS_ADVICE.get(status, ("", None)) if number else ("", None)
        name, value = str(status.label), f"{number:,}"
        found.append(Finding(name, value, Light.GREEN, advice, page, held))
    return found


def _pooled() -> list[Finding]:
    """Return how many photos are shown, and how many rest in the pool."""
    number = shown()
    resting = Photo.objects.pooled().count() - number
    name, value = "In the pool and shown", f"{number:,}"
    if not number:
        advice = "Nothing can be shown: photos of cats and of dogs are needed."
        found = [Finding(name, value, Light.RED, advice, Page.UPLOAD)]
    else:
        advice = "More of them make each be shown less often."
        found = [Finding(name, value, Light.GREEN, advice, Page.UPLOAD)]
    if resting:
        rest = Finding("In the pool and not shown", f"{resting:,}", Light.GREEN, RESTING)
        found.append(rest)
    return found


RESTING: Final = (
    "Starter pictures rest once your own suffice; photos for local trial wait for a site here."
)


def _rights() -> list[Right]:
    pooled = Photo.objects.pooled().order_by().values("rights").annotate(number=Count("pk"))
    counts = {row["rights"]: row["number"] for row in pooled}
    seen = poolcare.rights_shown()
    return [
        Right(str(right.label), counts[right.value], right in seen)
        for right in Rights
        if counts.get(right.value)
    ]


def _ready(profile: Profile) -> Finding:
    number, target = stock.ready(profile), stock.capacity(profile)
    name, value = _profile_name(profile), f"{number:,} of {max(number, target):,}"
    if not number:
        advice = "Visitors get none: is a worker running, and has the pool cats and dogs?"
        return Finding(name, value, Light.RED, advice, Page.UPLOAD)
    if 2 * number < target:
        advice = "Being filled up. If that lasts, start more workers."
        return Finding(name, value, Light.AMBER, advice)
    return Finding(name, value, Light.GREEN)


AUDIENCES: Final = {
    Audience.PUBLIC: "for everybody",
    Audience.LOOPBACK: "for sites on this machine",
    Audience.TESTING: "for tests",
}


def _profile_name(profile: Profile) -> str:
    rounds = f" in each of {profile.rounds} rounds" if profile.rounds > 1 else ""
    probes = ", one of them unlabelled" if profile.probes else ""
    budget = "," * bool(profile.budgets) + stock.budget_words(profile)
    return f"{profile.count} photos{rounds}{probes}{budget}, {AUDIENCES[profile.audience]}"


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
        _of_people("Photos that wait for a person", person, Light.GREEN, "Say what they show."),
        _of_people("Photos in doubt", doubt, Light.AMBER, "Look at them first."),
    ]


def _of_people(name: str, number: int, light: Light, advice: str) -> Finding:
    if not number:
        return Finding(name, "0", Light.GREEN)
    return Finding(name, f"{number:,}", light, advice, Page.QUEUE)


def _queue(name: str, number: int, advice: str) -> Finding:
    light = Light.AMBER if number > LONG else Light.GREEN
    return Finding(name, f"{number:,}", light, advice if number else "")


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
                "It stopped without a word: look at its log, or start it again." if silent else "",
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
        Page.UPLOAD,
    ),
    stock.OVER_BUDGET: (
        "The pool cannot meet a site's attack budget",
        Light.AMBER,
        "The site's page says by how much, and what would help.",
        Page.UPLOAD,
    ),
    render.SHOWN_PLAIN: (
        "Many photos that should be hardened are shown plain",
        Light.AMBER,
        "Is the worker of the queue harden running? If it is, more photos wear less quickly.",
        Page.UPLOAD,
    ),
    render.CANNOT_HARDEN: (
        "Photos wait to be hardened, but it cannot be done",
        Light.AMBER,
        "Plain ones are shown. Run manage.py harden where the workers run: it says what is wrong.",
        None,
    ),
    stock.WORN_OUT: (
        "Pictures are shown more often than they should be",
        Light.AMBER,
        "Add photos, or workers that make new renditions.",
        Page.UPLOAD,
    ),
}


def _alarms() -> list[Finding]:
    found = []
    for name, at in state.alarms().items():
        kind, _, what = name.partition(":")
        title, light, advice, page = ALARMS.get(
            kind, (kind.replace("-", " ").capitalize(), Light.AMBER, "Look at the log.", None)
        )
        moment = datetime.fromtimestamp(at, timezone.get_current_timezone())
        since = f"since {moment.day} {moment:%b %Y, %H:%M} UTC"
        found.append(Finding(f"{title}{_about(what)}", since, light, advice, page))
    return found


def _about(what: str) -> str:
    """Return in words what an alarm is about: a kind of challenge, or nothing in particular."""
    try:
        return f" ({_profile_name(Profile.parse(what))})" if what else ""
    except ValueError:
        return f" {what}"
