"""Stored runs of attackers for tests of the report, made of plain counts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from challenges import odds
from challenges.proportions import interval
from classifier.models import AttackRun

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
CHALLENGES = 2_000
CLEAN = {"seen": 1_000, "right": 989}


def result(solved: int, challenges: int = CHALLENGES, **more: Any) -> dict[str, Any]:
    """Return the result of a run in the lab that solved so many, and as many of the surest."""
    share = solved / challenges
    surest = {
        str(percent): [round(min(1, share * more) * n), n]
        for percent, more, n in (
            (20, 1.5, round(challenges * 0.2)),
            (5, 2, round(challenges * 0.05)),
            (1, 2.5, round(challenges * 0.01)),
        )
    }
    ways = {"plain": share, "reversed": 0.0}
    ways |= {f"surest {one} %": right / n for one, (right, n) in surest.items() if n >= 20}
    which = max(ways, key=lambda one: ways[one])
    return {
        "challenges": challenges,
        "solved": solved,
        "passed": None,
        "reversed": 0,
        "tolerance": {"0": solved, "1": min(challenges, 2 * solved)},
        "photos": {"seen": 1_000, "right": round(1_000 * odds.accuracy_for(share)), "auc": 0.9},
        "clean": CLEAN,
        "predicted": min(1.0, share * 1.05),
        "surest": surest,
        "per_1000": 1000 * odds.bucket_rate(share, 3),
        "curve": [],
        "tuning": [],
        "interval": list(interval(solved, challenges)),
        "seconds_per_photo": 0.02,
        "seconds": 60.0,
        "limits": {"more": 0, "refused": {}, "waited": 0.0},
        "worst": {"rate": ways[which], "which": which},
        **more,
    }


def stored(
    solved: int = 240,
    *,
    rung: str = "clean",
    attacker: str = "",
    tiles: str = "hardened",
    days: float = 0,
    said: dict[str, Any] | None = None,
    **more: Any,
) -> AttackRun:
    """Store a run that ended so many days after NOON."""
    finished = NOON + timedelta(days=days)
    row = {"door": "lab", "recipes": "" if tiles == "plain" else "ab" * 32, "state": "done", **more}
    return AttackRun.objects.create(
        attacker=attacker or rung,
        rung=rung,
        tiles=tiles,
        result=said or result(solved),
        started_at=finished - timedelta(minutes=1),
        finished_at=finished,
        **row,
    )


def whole_ladder() -> None:
    """Store a run of every rung, on plain photos and on hardened pictures, and more besides."""
    rungs = [
        ("guessing", "guessing", 0, 1, 1),
        ("oracle", "oracle", 0, 4, 4),
        ("svm", "golle-2008", 0, 206, 12),
        ("scratch", "pawnet", 0, 900, 30),
        ("clean", "resnet50-thin", 0, 1680, 82),
        ("clean", "lite2", 0, 1760, 61),
        ("preprocessing", "lite2-jpeg", 0, 1740, 240),
        ("dictionary-hash", "phash", 0, 1900, 20),
        ("repeats", "repeats", 0, 400, 380),
        ("tiles-100", "learner", 100, 1700, 260),
        ("tiles-1000", "learner", 1000, 1750, 540),
    ]
    for place, (rung, attacker, learned, plain, hardened) in enumerate(rungs):
        common: dict[str, Any] = {"rung": rung, "attacker": attacker, "learned": learned}
        stored(tiles="plain", said=result(plain), days=place / 10, **common)
        bought: dict[str, Any] = {"bought": [1400, 4800]} if rung == "repeats" else {}
        stored(tiles="hardened", said=result(hardened, **bought), days=3 + place / 10, **common)
    stored(rung="clean", attacker="lite2", tiles="noise", said=result(1500))
    curve = [
        {"learned": n, "seen": 1000, "right": right}
        for n, right in ((50, 700), (100, 740), (250, 790), (500, 830), (1000, 860))
    ]
    tuning = [{"what": "all layers, 8 epochs", "seen": 500, "right": 430}]
    said = result(560, curve=curve, tuning=tuning)
    stored(rung="tiles-1000", attacker="learner", learned=1000, days=5, said=said)
    for age, right in ((1, 800), (2, 760), (4, 700)):
        said = result(300, photos={"seen": 1000, "right": right, "auc": 0.8})
        config = {"age": age}
        stored(rung="tiles-1000", attacker="learner", learned=1000, config=config, said=said)
    door = result(
        30, 300, passed=12, per_1000=31.0,
        limits={"more": 14, "refused": {"too_many_requests": 3}, "waited": 95.0},
    )  # fmt: skip
    stored(rung="clean", attacker="lite2", tiles="mixed", door="widget", days=6, said=door)
    weak = result(40, clean={"seen": 1000, "right": 930})
    stored(rung="clean", attacker="plain-cnn", days=6, said=weak)
