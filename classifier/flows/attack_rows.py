"""Stored runs of attackers -> what the report says of them. Rows in, plain objects out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

from django.utils.crypto import salted_hmac

from classifier import panel
from classifier.models import AttackRun
from classifier.panel import Role
from classifier.reports.attack_runs import LAB, Learnt, Rate, Run, Tried, flaws, rate

# Of how a run was made, anybody may read these numbers, lists and tables of numbers,
NUMBERS: Final = (
    "seed", "seeds", "epochs", "photos", "splits", "challenges", "patience", "age",
)  # fmt: skip
# these words, and the command without the places of its files: a photo's name may say what it is.
WORDS: Final = ("version", "panel", "device")
COMMAND: Final = "command"
_WORD: Final = re.compile(r"[\w.+-]{1,40}")
_KEY: Final = re.compile(r"[a-z][a-z _-]{0,30}")
_PLACE: Final = re.compile(r"[^\s=\"']*[/\\][^\s\"']*")
# More than so much of one entry is cut off.
_MOST: Final = 300
_DIGITS: Final = 12
# So ends the name of whom all judges advise.
_TOGETHER: Final = "-together"


def fingerprint(digest: str) -> str:
    """Return what tells a hardening apart from others, without telling which it is.

    The parameters of recipes are as secret as the labels, and few enough that somebody could try
    them against a plain digest. So this one is keyed with the service's own secret.
    """
    if not digest:
        return ""
    return salted_hmac("pawcha.report.recipes", digest, algorithm="sha256").hexdigest()[:_DIGITS]


def read(row: AttackRun) -> Run | None:
    """Return a run that is done; None when its result is not of the form that runs have."""
    try:
        run = _read(row, row.result)
    except (KeyError, TypeError, ValueError, AttributeError):
        return None
    return replace(run, flaws=tuple(flaws(run)))


def _read(row: AttackRun, said: Mapping[str, Any]) -> Run:
    n, config = int(said["challenges"]), row.config if isinstance(row.config, dict) else {}
    low, high = said["interval"]
    clean, passed = said.get("clean"), said.get("passed")
    curve = tuple(Learnt(int(one["learned"]), _photos(one)) for one in said.get("curve", ()))
    limits: Mapping[str, Any] = said.get("limits") or {}
    return Run(
        id=row.pk,
        attacker=row.attacker,
        rung=row.rung,
        door=row.door,
        tiles=row.tiles,
        learned=row.learned,
        age=int(config.get("age") or 0),
        limits=_limited(row, config),
        recipes=fingerprint(row.recipes),
        started=row.started_at,
        finished=row.finished_at or row.started_at,
        challenges=n,
        solved=rate(int(said["solved"]), n, (float(low), float(high))),
        reversed=_counted(said["reversed"], n),
        passed=None if passed is None else _counted(passed, n),
        tolerance={int(k): _counted(hits, n) for k, hits in sorted(said["tolerance"].items())},
        photos=_photos(said["photos"]),
        auc=said["photos"].get("auc"),
        clean=None if clean is None else _photos(clean),
        predicted=float(said["predicted"]),
        surest=dict(
            sorted(((int(k), _counted(*pair)) for k, pair in said["surest"].items()), reverse=True)
        ),
        per_1000=float(said["per_1000"]),
        curve=curve,
        tuning=tuple(Tried(str(one["what"]), _photos(one)) for one in said.get("tuning", ())),
        doubling=_doubling(said.get("curve", ())),
        seconds_per_photo=float(said.get("seconds_per_photo") or 0),
        seconds=float(said.get("seconds") or 0),
        more=int(limits.get("more") or 0),
        refused={str(code): int(many) for code, many in (limits.get("refused") or {}).items()},
        waited=float(limits.get("waited") or 0),
        site=row.site_id,
        config=dict(_told(config)),
        seen=_took_part(row.attacker),
        before_learning=_before(row.attacker) if row.rung.startswith("tiles") else None,
        bought=_counted(*said["bought"]) if said.get("bought") else None,
        stored_worst=(said.get("worst") or {}).get("rate"),
        starter=bool(said.get("starter")),
    )


def _took_part(attacker: str) -> bool:
    """Return whether a network of its family hardens, labels or chooses, by the attacker's name.

    What fools a network mostly fools its brothers, too: only other families are unseen.
    """
    seen = {one.family for one in panel.TABLE if one.role is not Role.JUDGES}
    return any(one.family in seen for one in _networks(attacker))


def _before(attacker: str) -> Rate | None:
    """Return what the weakest network that an attacker stands on read of plain photos."""
    found = [rate(round(one.accuracy * one.tested), one.tested) for one in _networks(attacker)]
    return min(found, key=lambda one: one.share, default=None)


def _networks(attacker: str) -> list[panel.Network]:
    """Return the rows of the panel on which an attacker of this name stands."""
    if attacker.endswith(_TOGETHER):
        return [one for one in panel.TABLE if one.role is Role.JUDGES]
    return [one for one in panel.TABLE if attacker.endswith(f"-{one.key}")]


def _counted(hits: Any, n: Any) -> Rate:
    return rate(int(hits), int(n))


def _photos(said: Mapping[str, Any]) -> Rate:
    return rate(int(said["right"]), int(said["seen"]))


def _doubling(curve: Any) -> float | None:
    # Brings numpy, which a web process needs for nothing else.
    from classifier.attacks import doubling

    return doubling(list(curve))


def _limited(row: AttackRun, config: Mapping[str, Any]) -> bool:
    """Return whether it met the limits: never in the lab, and at a door unless it says no."""
    return row.door != LAB and config.get("limits", "on") not in (False, "off", 0, None)


def _told(config: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what anybody may know of how a run was made."""
    for name in NUMBERS:
        if text := _numbers(config.get(name)):
            yield name, text[:_MOST]
    for name in WORDS:
        if _WORD.fullmatch(text := str(config.get(name) or "")):
            yield name, text
    if command := config.get(COMMAND):
        yield COMMAND, _PLACE.sub("…", str(command))[:_MOST]


def _numbers(value: Any) -> str:
    """Return a number, or a list or table of some, as text; nothing of anything else."""
    if isinstance(value, dict):
        pairs = [(key, _numbers(one)) for key, one in sorted(value.items())]
        return ", ".join(f"{key} {one}" for key, one in pairs if one and _KEY.fullmatch(key))
    if isinstance(value, list):
        return ", ".join(filter(None, map(_numbers, value)))
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return f"{value:,}" if number else ""
