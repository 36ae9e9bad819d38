"""What a site's policy costs a network, and a guesser: measured on the photos that are here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, Sum, Value, When

from challenges import odds
from challenges.models import Label, Photo
from challenges.models.photos import Animal, Rights
from challenges.selection import LEAST_PICTURES, MOST_PICTURES, MOST_ROUNDS

# With fewer photos nothing is said about the network.
ENOUGH: Final = 100
# Whose word was there before the network's, or does not lean on it. What a network or visitors said
# proves nothing about the network, nor does a list: that may be an export of what it said.
_OWN_EYES: Final = (
    Label.Source.PERSON,
    Label.Source.FOLDER,
    Label.Source.FILENAME,
    Label.Source.COMMAND,
)
# So begin the notes of words that accept what was proposed for many photos at once.
_IN_BULK: Final = "accepted "
_BIG: Final = (
    (10**15, "quadrillion"),
    (10**12, "trillion"),
    (10**9, "billion"),
    (10**6, "million"),
)


@dataclass(frozen=True, slots=True)
class Accuracy:
    """How well the labelling network did: it was `right` on so many of `looked` photos.

    Those are photos of the pool whose label people gave one by one, or with their folders and
    names. The queue shows first what the network is least sure of, so it may do better on others.
    """

    right: int
    looked: int

    @property
    def basis(self) -> str:
        """Return on what it was measured, as the end of a sentence."""
        return (
            f"{self.looked:,} photos of the pool whose labels people gave one by one, or with "
            "their folders and names; what was accepted in bulk does not count"
        )

    @property
    def share(self) -> float | None:
        """Return the share of single photos it reads, None while too few were looked at."""
        return self.right / self.looked if self.looked >= ENOUGH else None


@dataclass(frozen=True, slots=True)
class Cost:
    """What one policy is worth, in words: `network` and `shown` are empty where nothing is known.

    `network` is about photos as they are stored, `shown` about the pictures of them that visitors
    get, for the best network of the panel.
    """

    pictures: int
    rounds: int
    tolerance: int
    probes: bool
    network: str
    guess: str
    shown: str = ""

    @property
    def key(self) -> str:
        """Return the policy as a short text, such as 12x1-0."""
        return key(self.pictures, self.rounds, self.tolerance, probes=self.probes)


def key(pictures: object, rounds: object, tolerance: object, *, probes: bool = False) -> str:
    """Return a policy as a short text, such as 12x1-0 or 9x3-1-probes."""
    return f"{pictures}x{rounds}-{tolerance}{'-probes' * probes}"


def accuracy() -> Accuracy:
    """Measure the network on the pooled photos that it saw and that people labelled one by one.

    Starter pictures do not count, nor photos whose label is the network's own word, which somebody
    accepted in bulk: of these it would always have been right.
    """
    said = Label.objects.filter(
        photo=OuterRef("pk"),
        label=OuterRef("label"),
        source__in=_OWN_EYES,
        undone_at__isnull=True,
    ).exclude(note__startswith=_IN_BULK)
    looked = (
        Photo.objects.pooled()
        .filter(Exists(said), p_cat__isnull=False)
        .exclude(rights=Rights.STARTER)
    )
    agrees = Q(label=Animal.CAT, p_cat__gte=0.5) | Q(label=Animal.DOG, p_cat__lt=0.5)
    right = Case(When(agrees, then=Value(1)), default=Value(0), output_field=IntegerField())
    found = looked.aggregate(looked=Count("pk"), right=Sum(right))
    return Accuracy(found["right"] or 0, found["looked"])


def costs(measured: Accuracy, ease: float | None = None) -> list[Cost]:
    """Return the cost of every policy that a site may have.

    `ease` is how likely the best network reads a picture as it is shown (0..1), if that is known.
    """
    return [
        cost_of(measured, pictures, rounds, tolerance, probes=probes, ease=ease)
        for pictures in range(LEAST_PICTURES, MOST_PICTURES + 1)
        for rounds in range(1, MOST_ROUNDS + 1)
        for tolerance in (0, 1)
        for probes in (False, True)
    ]


def cost_of(
    measured: Accuracy,
    pictures: int,
    rounds: int,
    tolerance: int,
    *,
    probes: bool = False,
    ease: float | None = None,
) -> Cost:
    """Return the cost of one policy. A probe does not count: there is a photo fewer to solve."""
    counted = pictures * rounds - probes
    share = measured.share
    network = "" if share is None else percent(odds.solves(share, counted, tolerance))
    guess = f"1 in {number(odds.guesses(counted, tolerance, rounds))}"
    shown = "" if ease is None else percent(odds.solves(ease, counted, tolerance))
    return Cost(pictures, rounds, tolerance, probes, network, guess, shown)


def percent(share: float) -> str:
    """Return a share (0..1) in percent, as exact as it is worth, and never rounded to certainty."""
    value = share * 100
    if 0 < value < 0.1:
        return "less than 0.1 %"
    if 99.9 < value < 100:
        return "more than 99.9 %"
    if 0 < value < 1 or 99 <= value < 100:
        return f"{value:.1f} %"
    return f"{value:.0f} %"


def number(value: float) -> str:
    """Return a large number as it is read: 4,094, or 1.1 billion."""
    for size, word in _BIG:
        if value >= size:
            short = value / size
            return f"{short:.1f} {word}" if short < 10 else f"{short:,.0f} {word}"
    return f"{value:,.0f}"
