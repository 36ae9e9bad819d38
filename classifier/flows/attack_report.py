"""The report on attacks: from stored runs, from the panel, and from what visitors are served.

Anybody may ask for it, so it is put together once in a while and kept in the process. It reads at
most RUNS rows of runs, LATEST outcomes, of each day and site a sample, and else only sums (see
attack_served): as much work whether there are a thousand outcomes or a hundred million.
"""

from __future__ import annotations

import threading
import time
from typing import Final

from django.conf import settings
from django.db.models import Count, Max, Q, Sum
from django.db.models.functions import Least
from django.utils import timezone

from challenges.flows import statistics
from challenges.flows.auditing import reliability_of
from challenges.models import Outcome, Photo
from challenges.models.photos import Rights
from classifier import panel
from classifier.flows import attack_rows, attack_served
from classifier.flows.pricing import prices
from classifier.models import AttackRun, Rotation
from classifier.reports.attack_rules import Rules
from classifier.reports.attack_runs import NOISE, Rate, Run, rate
from classifier.reports.attack_summary import Believed, Judge, People, Recipes, Report

# Runs that are looked at, latest first.
RUNS: Final = 500
# Answered challenges by which it is judged whether networks know their own chances.
LATEST: Final = 5_000
# How long a report is kept, in seconds, unless a run ends meanwhile.
KEPT: Final = 300

_lock = threading.Lock()
_kept: tuple[float, object, Report] | None = None


def report() -> Report:
    """Return the report, at most KEPT seconds old, with every run that is done.

    While one thread puts a new one together, all others get the old one, if there is one.
    """
    global _kept
    latest = _mark()
    known = _kept
    if known and _is_new(known, latest):
        return known[2]
    if not _lock.acquire(blocking=known is None) and known:
        return known[2]
    try:
        # Perhaps another thread has made it meanwhile.
        if _kept and _is_new(_kept, latest):
            return _kept[2]
        made = make()
        _kept = (time.monotonic() + KEPT, latest, made)
        return made
    finally:
        _lock.release()


def _is_new(known: tuple[float, object, Report], latest: object) -> bool:
    return time.monotonic() < known[0] and known[1] == latest


def forget() -> None:
    """Forget the kept report: the next one is made anew."""
    global _kept
    _kept = None


def _mark() -> object:
    """Return something that changes when a run ends or goes."""
    done = AttackRun.objects.filter(state=AttackRun.State.DONE)
    return done.aggregate(number=Count("pk"), last=Max("finished_at"), highest=Max("pk"))


def make() -> Report:
    """Return the report as of now."""
    wanted = statistics.last_days(attack_served.DAYS)
    counted = attack_served.counted(wanted)
    every = runs()
    return Report(
        made_at=timezone.now(),
        runs=tuple(one for one in every if one.tiles != NOISE),
        controls=tuple(one for one in every if one.tiles == NOISE),
        panel=judges(),
        believed=believed(),
        days=attack_served.days(list(counted), wanted),
        people=_people(counted),
        recipes=_recipes(),
        rules=rules(),
        prices=prices(),
    )


def runs() -> tuple[Run, ...]:
    """Return the stored runs that are done, latest first."""
    found = (attack_rows.read(row) for row in AttackRun.objects.done()[:RUNS])
    return tuple(one for one in found if one)


def run(number: int) -> Run | None:
    """Return one run that is done; None when there is none."""
    row = AttackRun.objects.done().filter(pk=number).first()
    return attack_rows.read(row) if row else None


def judges() -> tuple[Judge, ...]:
    """Return the table of the panel."""
    return tuple(
        Judge(
            key=one.key,
            family=one.family,
            package=f"{one.package} {one.version}".strip(),
            trained_on=one.trained_on,
            role=str(one.role),
            clean=rate(round(one.accuracy * one.tested), one.tested),
            weak=one.weak,
        )
        for one in panel.TABLE
    )


def believed() -> tuple[Believed, ...]:
    """Return what networks expected of the latest answered challenges, and would have solved."""
    sites = list(statistics.sites_counted().values_list("pk", flat=True))
    # First the latest ones, then those of them that were scored: never a search through all.
    latest = (
        Outcome.objects.counted()
        .filter(answered_at__isnull=False, site__in=sites)
        .order_by("-answered_at")
        .values("pk")[:LATEST]
    )
    scored = Outcome.objects.filter(pk__in=latest, headline__isnull=False)
    return tuple(
        Believed(one.network, one.belief, rate(round(one.hit * one.number), one.number))
        for one in reliability_of(scored.values_list("odds", flat=True))
    )


def _people(counted: attack_served.Counted) -> People:
    # `missed` counts a network once a photo, `seen` every answer: never more missed than seen.
    judged = Photo.objects.pooled().order_by().filter(seen__gt=0)
    of_all = judged.aggregate(shown=Sum("seen"), wrong=Sum(Least("missed", "seen")))
    seen, missed = of_all["shown"] or 0, of_all["wrong"] or 0

    def visits(name: str) -> Rate | None:
        n = sum(one["visits"] for one in counted.values())
        return rate(sum(one[name] for one in counted.values()), n) if n else None

    return People(
        missed=rate(missed, seen) if seen else None,
        first_try=visits("first_try"),
        within_three=visits("within_three"),
    )


def _recipes() -> Recipes:
    current = Rotation.objects.current()
    own = Photo.objects.pooled().exclude(rights=Rights.STARTER).filter(rendition__isnull=False)
    shown = own.order_by().aggregate(
        n=Count("pk"), hardened=Count("pk", filter=~Q(rendition__recipe="plain"))
    )
    return Recipes(
        fingerprint=attack_rows.fingerprint(current.digest) if current else "",
        since=current.begun_at if current else None,
        hardened=rate(shown["hardened"], shown["n"]) if shown["n"] else None,
    )


def rules() -> Rules:
    """Return the numbers of the token bucket that are in force."""
    said = settings.PAWCHA
    return Rules(
        start=said["BUCKET_START"],
        most=said["BUCKET_MOST"],
        per_hour=said["BUCKET_PER_HOUR"],
        refill=said["BUCKET_REFILL"],
        hot=said["HEAT_ROUNDS"],
    )
