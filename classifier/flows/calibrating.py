"""What the words of the panel are worth: calibrated by network and recipe, on our own renditions.

A network's own calibration holds for plain pictures only: on hardened ones it is as sure when it
is wrong. So each recipe has its own (Platt 1999, as attack-math 5.5 asks), and until there are
enough renditions to fit one on, hardened ones have no scores at all rather than wrong ones.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any, Final, NamedTuple

from django.db import transaction
from django.utils import timezone

from challenges.models import Rendition
from challenges.models.photos import SHOWN, Animal, Rights
from classifier import panel
from classifier.attackers import platt
from classifier.attackers.platt import Platt
from classifier.flows import easing
from classifier.models import Calibration, Reading

PLAIN: Final = "plain"
HARDENED: Final = "hardened"
# Also asked: all networks together, by the mean of what they say.
TOGETHER: Final = easing.TOGETHER
# Renditions that a fit takes at least: of a recipe of its own, and of all that are hardened.
OWN: Final = 200
LEAST: Final = 60
# Renditions that a fit takes at most, the latest ones.
MOST: Final = 20_000
# It is fitted anew when there are so many times the readings, or it is so old.
GROWN: Final = 1.3
OLD: Final = timedelta(days=1)
BINS: Final = 15
CHUNK: Final = 500


class Read(NamedTuple):
    """A labelled rendition that the panel has read."""

    rendition: int
    logits: dict[str, float]
    recipe: str
    cat: bool
    pushed: bool | None
    p_cat: float | None


def with_together(logits: dict[str, float]) -> dict[str, float]:
    """Return the same with what the whole panel says together: the mean of its log-odds."""
    return {**logits, TOGETHER: sum(logits.values()) / len(logits)} if logits else {}


def scores(
    calibration: Calibration | None, recipe: str, logits: dict[str, float]
) -> dict[str, float]:
    """Return P(cat) by network, calibrated for this recipe: none where nothing is known."""
    found = {}
    for network, logit in with_together(logits).items():
        fitted = _fit_for(calibration, network, recipe)
        if fitted is not None:
            (found[network],) = fitted.chances([logit])
    return found


def _fit_for(calibration: Calibration | None, network: str, recipe: str) -> Platt | None:
    fits = calibration.fits.get(network, {}) if calibration else {}
    for kind in (recipe, HARDENED) if recipe != PLAIN else (PLAIN,):
        if kind in fits:
            return Platt(fits[kind]["slope"], fits[kind]["offset"])
    # Networks come with a calibration for plain pictures.
    return Platt() if recipe == PLAIN else None


# --- fitting -------------------------------------------------------------------------------------


def recalibrate() -> bool:
    """Fit a new calibration if that is due, and reckon all scores anew; return whether."""
    fingerprint = panel.fingerprint()
    last, now = Calibration.objects.current(fingerprint), timezone.now()
    number = Reading.objects.filter(rendition__panel=fingerprint).count()
    if number < LEAST:
        return False
    if last and number < GROWN * last.readings and now - last.fitted_at < OLD:
        return False
    rows = _read(fingerprint)
    made = Calibration(panel=fingerprint, readings=number, fits=fit(rows))
    made.eases = easing.fit(
        (one, scores(made, one.recipe, one.logits)) for one in rows if one.p_cat is not None
    )
    made.save()
    _rescore(fingerprint, made)
    return True


def _read(fingerprint: str) -> list[Read]:
    """Return the latest renditions that this panel has read and whose animal is known."""
    rows = Reading.objects.filter(
        rendition__panel=fingerprint, rendition__photo__label__in=SHOWN
    ).exclude(rendition__photo__rights=Rights.STARTER)
    fields = ("recipe", "photo__label", "pushed", "photo__p_cat")
    found = rows.order_by("-rendition").values_list(
        "rendition", "logits", *(f"rendition__{name}" for name in fields)
    )
    return [
        Read(key, logits, recipe, label == Animal.CAT, pushed, p_cat)
        for key, logits, recipe, label, pushed, p_cat in found[:MOST]
    ]


def fit(rows: Iterable[Read]) -> dict[str, dict[str, dict[str, float]]]:
    """Return by network and recipe what its words are worth, where there are enough of them.

    Of recipes with too few, all hardened renditions together say something.
    """
    piles: dict[tuple[str, str], list[tuple[float, bool]]] = defaultdict(list)
    for one in rows:
        kinds = [PLAIN] if one.recipe == PLAIN else [one.recipe, HARDENED]
        for network, logit in with_together(one.logits).items():
            for kind in kinds:
                piles[network, kind].append((logit, one.cat))
    fits: dict[str, dict[str, dict[str, float]]] = defaultdict(dict)
    for (network, kind), pile in sorted(piles.items()):
        if len(pile) >= (LEAST if kind == HARDENED else OWN):
            fits[network][kind] = _fit(pile)
    return dict(fits)


def _fit(pile: list[tuple[float, bool]]) -> dict[str, float]:
    logits, truth = [logit for logit, _ in pile], [cat for _, cat in pile]
    cats = sum(truth)
    fitted = platt.fit(logits, truth)
    # In a challenge every place is a cat as often as a dog, whatever there are more of in the pool:
    # the offset is corrected for that (King and Zeng 2001).
    more = math.log((cats + 1) / (len(truth) - cats + 1))
    made = Platt(fitted.slope, fitted.offset - more)
    return {
        "slope": made.slope,
        "offset": made.offset,
        "n": len(pile),
        "ece_before": ece(Platt().chances(logits), truth),
        "ece_after": ece(fitted.chances(logits), truth),
    }


def ece(chances: list[float], cats: list[bool], bins: int = BINS) -> float:
    """Return the expected calibration error (0..1) of what is said to be likelier, equal bins."""
    sums = [[0.0, 0.0] for _ in range(bins)]
    for chance, cat in zip(chances, cats, strict=True):
        sure = max(chance, 1 - chance)
        one = sums[min(bins - 1, int(sure * bins))]
        one[0] += sure
        one[1] += (chance >= 0.5) == cat
    return sum(abs(sure - right) for sure, right in sums) / len(chances) if chances else 0.0


def _rescore(fingerprint: str, calibration: Calibration) -> None:
    """Reckon the scores of all renditions anew that may still be shown."""
    live = Reading.objects.filter(rendition__panel=fingerprint, rendition__retired_at=None)
    last = 0
    while rows := list(
        live.filter(rendition__gt=last)
        .order_by("rendition")
        .values_list("rendition", "logits", "rendition__recipe")[:CHUNK]
    ):
        last = rows[-1][0]
        changed: list[Any] = [
            Rendition(pk=key, scores=scores(calibration, recipe, logits))
            for key, logits, recipe in rows
        ]
        with transaction.atomic():
            # In the order in which composing locks them: no deadlock.
            list(
                Rendition.objects.filter(pk__in=[row.pk for row in changed])
                .order_by("pk")
                .select_for_update()
                .values_list("pk")
            )
            Rendition.objects.bulk_update(changed, ["scores"])
