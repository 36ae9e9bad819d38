"""What a policy costs, beside the form in which it is chosen."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import HttpRequest

from challenges.flows import auditing, costs, hardness
from challenges.models import Photo, Site
from challenges.models.photos import SHOWN, Rights
from challenges.selection import LEAST_PICTURES, MOST_PICTURES, MOST_ROUNDS, PICTURES, Ease

# Attack budgets that the form compares, in percent, and whom they are kept against.
BUDGETS: Final = {Ease.CLEAN: (0.1, 1.0, 5.0, 20.0), Ease.TAUGHT: (5.0, 15.0, 35.0)}
AGAINST: Final = {
    Ease.CLEAN: "Networks that never saw our pictures",
    Ease.TAUGHT: "Networks that learned from our pictures",
}


def beside(request: HttpRequest, site: Site | None) -> dict[str, Any]:
    """Return what the form's page needs to say what each policy costs."""
    measured = costs.accuracy()
    asked = site or Site()
    rights = Photo.objects.rights_for(asked.audience)
    pools = {ease: hardness.spectrum(rights, ease) for ease in AGAINST}
    pool = pools[Ease.CLEAN]
    ease, taught = _mean(pool), _mean(pools[Ease.TAUGHT])
    known = {cost.key: cost for cost in costs.costs(measured, ease)}
    now = known.get(_asked(request)) or known[_key(asked)]
    return {
        "looked": f"{measured.looked:,}",
        "basis": measured.basis,
        "share": None if measured.share is None else costs.percent(measured.share),
        "enough": costs.ENOUGH,
        "costs": {
            key: [one.network, one.guess, _sentence(one, known), one.shown]
            for key, one in known.items()
        },
        "ease": None if ease is None else costs.percent(ease),
        "taught": None if taught is None else costs.percent(taught),
        "seen": f"{pool.measured:,}",
        "unseen": f"{pool.unknown:,}" if pool.unknown else "",
        "budgets": _budgets(asked, rights, pools),
        "lately": _lately(site),
        "now": now,
        "sentence": _sentence(now, known),
        "examples": _examples(known),
    }


def _mean(pool: hardness.Spectrum) -> float | None:
    """Return how likely a picture is read rightly (0..1), None when too few were measured."""
    return pool.mean(1.0) if pool.measured >= costs.ENOUGH else None


@dataclass(frozen=True, slots=True)
class Budgets:
    """What budgets the pool can meet for one kind of networks, each budget looked at alone.

    Of a row: the budget, the photos that are hard enough for it, what is expected, the verdict.
    """

    against: str
    rows: list[tuple[str, str, str, str]]


def _budgets(
    site: Site, rights: list[Rights], pools: dict[Ease, hardness.Spectrum]
) -> list[Budgets]:
    """Return that for each kind of networks that has read enough photos."""
    return [
        Budgets(
            AGAINST[ease], [_row(site, rights, pool, ease, one) for one in _compared(site, ease)]
        )
        for ease, pool in pools.items()
        if _mean(pool) is not None
    ]


def _compared(site: Site, ease: Ease) -> list[float]:
    mine = site.profile.budgets.get(ease)
    return sorted({*BUDGETS[ease], *([mine] if mine else [])})


def _row(
    site: Site, rights: list[Rights], pool: hardness.Spectrum, ease: Ease, budget: float
) -> tuple[str, str, str, str]:
    clean, taught = (budget, None) if ease is Ease.CLEAN else (None, budget)
    profile = replace(site.profile, budget=clean, taught_budget=taught, tolerance=site.tolerance)
    found = hardness.reach(profile, rights)
    expected = pool.expected(profile, found.ceilings.get(ease))
    hard = [f"{pool.number(animal, found.limits[ease]):,} {animal}s" for animal in SHOWN]
    verdict = "can be met" if hardness.meets(found, ease, expected) else "cannot be met"
    return f"{budget:g} %", " and ".join(hard), hardness.beside(expected, budget / 100), verdict


def _lately(site: Site | None) -> str:
    """Return what the panel made of the challenges that this site's visitors got."""
    number, mean = auditing.lately(site.pk) if site else (0, 0.0)
    if not number:
        return ""
    return (
        f"Of the latest {number:,} challenges of this site, read picture by picture, the worst "
        f"network of the panel is expected to solve {hardness.percent(mean)}."
    )


def _key(site: Site) -> str:
    return costs.key(site.pictures, site.rounds, site.tolerance, probes=site.probes)


def _asked(request: HttpRequest) -> str:
    """Return the policy that was sent and could not be saved."""
    sent = request.POST
    shape = [sent.get(name, "") for name in ("pictures", "rounds", "tolerance")]
    return costs.key(*shape, probes="probes" in sent)


def _sentence(cost: costs.Cost, known: dict[str, costs.Cost]) -> str:
    """Return what it would be with the other tolerance, and why probes matter."""
    other = known[costs.key(cost.pictures, cost.rounds, 1 - cost.tolerance, probes=cost.probes)]
    choice = "With every photo right" if cost.tolerance else "With one wrong photo allowed"
    network = f"the network would solve {other.network}, and " if other.network else ""
    probe = " A photo that visitors are asked about does not count." if cost.probes else ""
    return f"{choice} {network}a blind guess is right {_once(other)}.{probe}"


def _once(cost: costs.Cost) -> str:
    return f"once in {cost.guess.removeprefix('1 in ')} tries"


def _examples(known: dict[str, costs.Cost]) -> list[tuple[str, list[costs.Cost]]]:
    """Return some policies to compare, each without a wrong photo and with one."""
    shapes = [(count, 1) for count in (LEAST_PICTURES, PICTURES, MOST_PICTURES)]
    shapes += [(PICTURES, rounds) for rounds in range(2, MOST_ROUNDS + 1)]
    return [
        (
            f"{count} photos" + f", {rounds} rounds" * (rounds > 1),
            [known[costs.key(count, rounds, wrong)] for wrong in (0, 1)],
        )
        for count, rounds in shapes
    ]
