"""What a policy costs, beside the form in which it is chosen."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest

from challenges.flows import costs
from challenges.models import Site
from challenges.selection import LEAST_PICTURES, MOST_PICTURES, MOST_ROUNDS, PICTURES


def beside(request: HttpRequest, site: Site | None) -> dict[str, Any]:
    """Return what the form's page needs to say what each policy costs."""
    measured = costs.accuracy()
    known = {cost.key: cost for cost in costs.costs(measured)}
    now = known.get(_asked(request)) or known[_key(site or Site())]
    return {
        "looked": f"{measured.looked:,}",
        "basis": measured.basis,
        "share": None if measured.share is None else costs.percent(measured.share),
        "enough": costs.ENOUGH,
        "costs": {
            key: [one.network, one.guess, _sentence(one, known)] for key, one in known.items()
        },
        "now": now,
        "sentence": _sentence(now, known),
        "examples": _examples(known),
    }


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
