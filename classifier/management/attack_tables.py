"""What manage.py attack prints of a run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from rich.table import Table

from classifier.attackers.telling import FAMILY
from classifier.flows.pricing import prices
from classifier.models import AttackRun
from classifier.proportions import interval

Line = str | Table


def as_json(row: AttackRun) -> dict[str, Any]:
    """Return a run as an object: everything that is stored of it, and its number."""
    return {
        "run": row.pk,
        "attacker": row.attacker,
        "rung": row.rung,
        "door": row.door,
        "site": row.site.sitekey if row.site else None,
        "tiles": row.tiles,
        "recipes": row.recipes,
        "learned": row.learned,
        "started_at": row.started_at.isoformat(),
        "finished_at": row.finished_at.isoformat() if row.finished_at else None,
        "config": row.config,
        "result": row.result,
    }


def attacked(row: AttackRun) -> Iterator[Line]:
    """Yield the lines about a run of an attacker who looked at pictures."""
    said = row.result
    n, issued, limits = said["challenges"], said["issued"], said["limits"]
    yield _title(row)
    table = Table()
    table.add_column("", no_wrap=True)
    for name in ("measured", "95 %", "predicted"):
        table.add_column(name, justify="right", no_wrap=True)
    low, high = said["predicted_interval"]
    predicted = f"{_percent(said['predicted'])} ({_percent(low)} to {_percent(high)})"
    table.add_row("challenges solved", *_rate(said["solved"], n), predicted)
    table.add_row("the opposite answer", *_rate(said["reversed"], n), "")
    for share, (right, of) in sorted(said["surest"].items(), key=lambda one: -int(one[0])):
        if of:
            table.add_row(f"the surest {share} %", *_rate(right, of), "")
    table.add_row("passed, of those handed out", *_rate(said["passed"] or 0, issued), "")
    photos = said["photos"]
    table.add_row("photos read rightly", *_rate(photos["right"], photos["seen"]), "")
    for kind, (right, seen) in said["by_tiles"].items():
        if seen and seen != photos["seen"]:
            table.add_row(f"  {kind} ones", *_rate(right, seen), "")
    yield table
    yield from _starter(said)
    yield from _audit(said)
    yield _gain(said)
    yield _time_and_cost(said)
    yield from _bought(said)
    yield _limits(row, limits)
    yield _stored(row)


def spied(row: AttackRun) -> Iterator[Line]:
    """Yield the lines about a run that watched side channels."""
    yield _title(row)
    table = Table()
    for name in ("channel", "tells"):
        table.add_column(name)
    for name in ("right", "95 %", "by luck", "caught from"):
        table.add_column(name, justify="right")
    table.add_column("")
    for one in row.result["channels"]:
        table.add_row(*_channel(one))
    yield table
    yield from _starter(row.result)
    asked = sum(one["enough"] and not one["content"] for one in row.result["channels"])
    leaks = row.result["leaks"]
    if leaks:
        yield f"LEAKS: {'; '.join(leaks)}. Run it again to be sure, then look for the cause."
    elif asked:
        yield f"All {asked} questions are at chance."
    else:
        yield "Too few pictures to say anything: let more challenges be watched."
    yield (
        "A channel learns on half of the photos and is judged on the other. However many questions "
        f"are asked, a clean service is accused of anything in {FAMILY:.0%} of runs at most (Holm)."
    )
    if any(one["content"] for one in row.result["channels"]):
        yield (
            "“Follows from the picture”: whoever decodes it knows that anyway, so it is shown and "
            "not accused."
        )
    yield _stored(row)


def _channel(one: dict[str, Any]) -> list[str]:
    if not one["enough"]:
        return [one["channel"], one["target"], "", "", "", "", f"too few: {one['seen']}"]
    verdict = (
        "follows from the picture" if one["content"] else "LEAKS" if one["leaks"] else "chance"
    )
    return [
        one["channel"],
        one["target"],
        f"{one['right']:,} of {one['seen']:,}",
        f"{_percent(one['low'])} to {_percent(one['high'])}",
        f"{one['p']:.2g}",
        "" if one["content"] else _percent(one["alarm"]),
        verdict,
    ]


def _title(row: AttackRun) -> str:
    config = row.config
    limits = "on" if config["limits"] else "off"
    learned = f", learned from {row.learned:,} of our tiles" if row.learned else ""
    ended = f" Ended early: {config['ended']}." if config.get("ended") else ""
    return (
        f"{row.attacker}{learned}, by the {row.door} door of {row.site} at {config['url']}, limits "
        f"{limits}: {row.result['challenges']:,} of {config['challenges']:,} challenges "
        f"answered, {row.tiles} tiles.{ended}"
    )


def _rate(hits: int, n: int) -> tuple[str, str]:
    if not n:
        return "none", ""
    low, high = interval(hits, n)
    return f"{hits:,} of {n:,}, {_percent(hits / n)}", f"{_percent(low)} to {_percent(high)}"


def _percent(share: float) -> str:
    digits = 1 if share >= 0.01 or share == 0 else 3
    return f"{100 * share:.{digits}f} %"


def _audit(said: dict[str, Any]) -> Iterator[str]:
    if audited := said.get("audited"):
        yield (
            f"The audit had said of {audited['challenges']:,} of them: solved by its worst judge "
            f"with {_percent(audited['mean'])} on average."
        )


def _starter(said: dict[str, Any]) -> Iterator[str]:
    if said.get("starter"):
        yield (
            "All of these challenges held starter pictures, which are drawn and public: this says "
            "nothing about photos, and is in no headline, badge or ladder of the report."
        )
    elif left_out := said.get("left_out"):
        yield (
            f"Left out of all this: {left_out:,} challenges that held starter pictures, which are "
            "drawn and public."
        )


def _gain(said: dict[str, Any]) -> str:
    n = said["challenges"]
    plain = said["solved"] / n if n else 0.0
    worst = said["worst"]
    if worst["which"].startswith("surest") and worst["rate"] > plain:
        times = f"{worst['rate'] / plain:.1f} times as much" if plain else "more than nothing"
        return (
            f"Choosing gains: {worst['which']} pass at {_percent(worst['rate'])}, {times}. Each "
            "skipped challenge costs the same token as a wrong answer."
        )
    return "Choosing the surest gains nothing that can be seen in so many challenges."


def _time_and_cost(said: dict[str, Any]) -> str:
    photo = f"{1000 * said['seconds_per_photo']:.1f} ms of looking a photo"
    if said["cost_per_1000"] is None:
        return f"{said['seconds']:.0f} s in all, {photo}; no pass, so no price of one."
    people = prices()
    return (
        f"{said['seconds_per_pass']:.1f} s and ${said['cost_per_1000'] / 1000:.5f} a pass "
        f"({photo}): ${said['cost_per_1000']:.2f} for 1,000. People are paid "
        f"${people.people_least:g} to ${people.people_most:g} for 1,000."
    )


def _bought(said: dict[str, Any]) -> Iterator[str]:
    paid, seen = said.get("bought") or (0, 0)
    if not seen:
        return
    people = prices()
    least, most = (one * paid / seen for one in (people.people_least, people.people_most))
    yield (
        f"It knew {seen - paid:,} of {seen:,} pictures from before. Who pays people for the "
        f"{_percent(paid / seen)} that are new, at once, passes for ${least:.2f} to ${most:.2f} a "
        f"thousand, where people are paid ${people.people_least:g} to ${people.people_most:g}."
    )


def _limits(row: AttackRun, limits: dict[str, Any]) -> str:
    if not row.config["limits"]:
        return "The limits were off for it: no bucket, no budget, no photo held back."
    refused = ", ".join(f"{code} {count:,} times" for code, count in limits["refused"].items())
    said = row.result
    return (
        f"The limits: {limits['more']:,} right answers were asked for one more round; refused: "
        f"{refused or 'nothing'}; {limits['waited']:.0f} s of waiting; "
        f"{said['per_1000']:.1f} passes for 1,000 challenges handed out."
    )


def _stored(row: AttackRun) -> str:
    return f"Kept as run {row.pk}: /report/runs/{row.pk}"
