"""How easy photos are for networks: Photo.ease, by which challenges are composed to a budget.

It must say nothing about the coin of any rendition, or the coins of those that are shown would no
longer be fair. So a photo's place among the others comes from the photo itself, as the network that
labels sees it: the margin by which it is sure of the right animal. What a margin is worth is fitted
on all renditions of the pool together, as many pushed to one side as to the other. Judges take no
part in it, or they would judge challenges that were made to be hard for themselves.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

import numpy as np
from django.db import connection, transaction

from challenges.locks import Lock, lock_until_commit
from challenges.models import Photo
from challenges.selection import EASES, Ease
from classifier import panel
from classifier.attackers.platt import logit, sigmoid
from classifier.models import Calibration
from classifier.panel import Role

if TYPE_CHECKING:
    from classifier.flows.calibrating import Read

# Renditions that a curve takes at least.
LEAST: Final = 60
# Margins are kept within this: surer than one in a million is nobody.
EDGE: Final = 1e-6
# Also scored: all networks together, judges among them.
TOGETHER: Final = "together"
# Photos that may show another animal than their label says. Doubts that visitors or bots can raise
# do not count here: else a few of them could take all photos from sites with a budget.
DOUBTED: Final = (Photo.Doubt.NETWORK, Photo.Doubt.REVIEWERS)
# Photos whose ease changes while composing waits.
CHUNK: Final = 500
STEPS: Final = 50
RIDGE: Final = 1e-3

Curves = dict[str, dict[str, list[float]]]

_CHANGED: Final = """
SELECT photo.id, now.ease FROM challenges_photo AS photo
JOIN challenges_rendition AS rendition ON rendition.id = photo.rendition_id
CROSS JOIN LATERAL (
    SELECT least(1 - %(edge)s, greatest(%(edge)s,
        CASE photo.label WHEN 'cat' THEN photo.p_cat ELSE 1 - photo.p_cat END)) AS sure
) AS said
CROSS JOIN LATERAL (SELECT ln(said.sure / (1 - said.sure)) AS margin) AS network
CROSS JOIN LATERAL (
    SELECT round(max(greatest(read.p, 1 - read.p)) * %(eases)s) / %(eases)s AS ease
    FROM unnest(%(kinds)s::text[], %(lows)s::float8[], %(slopes)s::float8[])
        AS curve (kind, low, slope)
    CROSS JOIN LATERAL (
        SELECT 1 / (1 + exp(-(curve.low + curve.slope * network.margin))) AS p
    ) AS read
    WHERE photo.p_cat IS NOT NULL
        AND (photo.doubt = '' OR photo.doubt_kind <> ALL(%(doubted)s))
        AND curve.kind = CASE rendition.recipe WHEN 'plain' THEN 'plain' ELSE 'hardened' END
) AS now
WHERE photo.status = 'pooled' AND photo.label IN ('cat', 'dog') AND photo.rights <> 'starter'
    AND photo.{field} IS DISTINCT FROM now.ease
"""


def fit(rows: Iterable[tuple[Read, dict[str, float]]]) -> Curves:
    """Return how likely each network reads a rendition of a photo, by the margin of the photo.

    By kind (plain or hardened) and network: offset and slope of log-odds over the margin. Pushed
    to either side counts the same. Each row is a rendition and what the panel scored it. Of judges
    nothing is fitted, nor of what all say together; a network unknown to the panel is no judge.
    """
    piles: dict[tuple[str, str], list[tuple[float, float, bool | None]]] = defaultdict(list)
    unheard = {TOGETHER, *panel.keys(Role.JUDGES)}
    for one, scored in rows:
        kind = "plain" if one.recipe == "plain" else "hardened"
        sure = one.p_cat if one.cat else 1 - (one.p_cat or 0.0)
        for network, p_cat in scored.items():
            if network in unheard:
                continue
            right = p_cat if one.cat else 1 - p_cat
            piles[kind, network].append((float(sure or 0.0), right, one.pushed))
    curves: Curves = defaultdict(dict)
    for (kind, network), pile in sorted(piles.items()):
        if len(pile) >= LEAST:
            curves[kind][network] = _curve(pile)
    return dict(curves)


def _curve(pile: list[tuple[float, float, bool | None]]) -> list[float]:
    """Return offset and slope that make the chances likeliest; the slope is never below 0."""
    sides = Counter(pushed for _, _, pushed in pile)
    weight = np.array([len(pile) / sides[pushed] for _, _, pushed in pile])
    margin = logit([sure for sure, _, _ in pile], EDGE)
    right = np.array([chance for _, chance, _ in pile])
    mean = float(np.average(right, weights=weight))
    columns = np.stack([np.ones_like(margin), margin], axis=1)
    found = np.array([float(logit([mean])[0]), 0.0])
    for _ in range(STEPS):
        p = sigmoid(columns @ found)
        slope = columns.T @ (weight * (p - right)) + RIDGE * found
        bend = (columns * (weight * p * (1 - p))[:, None]).T @ columns + RIDGE * np.eye(2)
        step = np.linalg.solve(bend, slope)
        found -= step * min(1.0, 2.0 / (float(np.abs(step).max()) + 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    # Nobody reads surer photos worse: then the margin says nothing, and the mean is all there is.
    return [float(logit([mean])[0]), 0.0] if found[1] < 0 else [float(value) for value in found]


def update() -> int:
    """Write down how easy the photos of the pool are, where that has changed; return of how many.

    It is the chance (0..1, never below a half) that the best of them reads it, or reads it wrongly
    and says the opposite. A photo at which the network has not looked has no ease, nor has one of
    which the network or reviewers doubt what it shows, nor one of a kind of renditions of which too
    few were read by networks that are no judges: composing takes such photos for read.
    """
    calibration = Calibration.objects.current(panel.fingerprint())
    return write(Ease.CLEAN, calibration.eases if calibration else {})


def write(field: Ease, curves: Curves) -> int:
    """Write down what these curves say of the photos of the pool; return of how many it changed."""
    rows = [(kind, low, slope) for kind, named in curves.items() for low, slope in named.values()]
    with connection.cursor() as cursor:
        cursor.execute(
            _CHANGED.format(field=field),
            {
                "edge": EDGE,
                "eases": float(EASES),
                "kinds": [kind for kind, _, _ in rows],
                "lows": [low for _, low, _ in rows],
                "slopes": [slope for _, _, slope in rows],
                "doubted": [kind.value for kind in DOUBTED],
            },
        )
        changed = cursor.fetchall()
    for start in range(0, len(changed), CHUNK):
        _write(field, changed[start : start + CHUNK])
    return len(changed)


def _write(field: Ease, changed: list[tuple[int, float | None]]) -> None:
    with transaction.atomic():
        lock_until_commit(Lock.DEALER)
        # Tallies and reviews lock the same rows without that lock, in the order of the deck.
        rows = Photo.objects.filter(pk__in=[key for key, _ in changed]).in_deck_order()
        list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk"))
        with connection.cursor() as cursor:
            cursor.execute(
                f"UPDATE challenges_photo SET {field} = now.ease "  # noqa: S608 (of two fields)
                "FROM unnest(%s::bigint[], %s::float8[]) AS now (id, ease) "
                "WHERE challenges_photo.id = now.id",
                [[key for key, _ in changed], [ease for _, ease in changed]],
            )
