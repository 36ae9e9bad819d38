"""What an attack budget asks of the photos, and what the pool can give."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count

from challenges import odds
from challenges.exceptions import OverBudget
from challenges.flows import hands
from challenges.models import Photo
from challenges.models.photos import SHOWN, Animal, Rights
from challenges.selection import EASES, MOST_ROUNDS, Over, Profile

# Challenges of a budget are made of this many times the photos that one needs, or more: with
# fewer, the same ones would come again and again, and whoever remembers them would need no network.
BREADTH: Final = 3


@dataclass(frozen=True, slots=True)
class Reach:
    """What the pool can give to a profile that has a budget.

    `limit` is how easy a photo may be (0..1) so that challenges of such photos just meet it,
    `ceiling` how easy the photos are of which they are made: None when all have to do.
    """

    profile: Profile
    limit: float
    ceiling: float | None

    @property
    def met(self) -> bool:
        """Return whether all challenges are expected to meet the budget.

        Also when a network says the opposite of what it thinks, which a budget below that of
        coins can never meet: no photo has an ease below a half.
        """
        if self.ceiling is None:
            return False
        return max(self.ceiling, 1 - self.ceiling) <= self.limit + 1e-9


def limit_of(profile: Profile) -> float:
    """Return how easy photos may be (0..1) so that a challenge of them meets the budget.

    The best network solves what it is expected to: chances of single photos multiply, and the
    coins of their pictures were tossed one by one.
    """
    share = (profile.budget or 100.0) / 100
    return odds.accuracy_for(share, profile.counted, profile.tolerance)


def reach(profile: Profile, rights: Sequence[Rights]) -> Reach:
    """Return of how easy photos challenges are made: the hardest ones, but enough of them."""
    limit = limit_of(profile)
    broad = BREADTH * profile.needed
    low = math.floor(limit * EASES + 1e-9)
    if hands.enough(rights, broad, low / EASES):
        return Reach(profile, limit, low / EASES)
    if not hands.enough(rights, broad, 1.0):
        return Reach(profile, limit, None)
    high = EASES
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if hands.enough(rights, broad, middle / EASES) else (middle, high)
    return Reach(profile, limit, high / EASES)


def reached(profile: Profile, rights: Sequence[Rights]) -> Reach:
    """Return the same, with the site's policy for a budget that cannot be met.

    It may ask for more rounds. Raises OverBudget when it says to refuse.
    """
    found = reach(profile, rights)
    if found.met or profile.over is Over.SERVE:
        return found
    if profile.over is Over.REFUSE:
        raise OverBudget(shortfall(found, spectrum(rights)))
    for rounds in range(profile.rounds + 1, MOST_ROUNDS + 1):
        found = reach(profile.with_rounds(rounds), rights)
        if found.met:
            break
    return found


# --- in words ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Spectrum:
    """How many photos of each animal there are of each ease (0..1, None: not measured).

    `starters` of those that are not measured never will be: starter pictures, drawn and public.
    """

    numbers: dict[Animal, Counter[float | None]]
    starters: int = 0

    def number(self, animal: Animal, ceiling: float) -> int:
        """Return how many photos of this animal are known to be no easier."""
        steps = self.numbers[animal].items()
        return sum(many for ease, many in steps if ease is not None and ease <= ceiling + 1e-9)

    @property
    def measured(self) -> int:
        """Return how many photos were measured."""
        return sum(self.number(animal, 1.0) for animal in SHOWN)

    @property
    def unknown(self) -> int:
        """Return how many photos were not, and are to be."""
        return sum(numbers[None] for numbers in self.numbers.values()) - self.starters

    def mean(self, ceiling: float | None = None) -> float:
        """Return how likely a picture is read rightly (0..1), of photos that are no easier.

        Without a ceiling of all, where those that nobody measured count as read for certain.
        """
        means = []
        for animal in SHOWN:
            kept = {
                1.0 if ease is None else ease: many
                for ease, many in self.numbers[animal].items()
                if ceiling is None or (ease is not None and ease <= ceiling + 1e-9)
            }
            if total := sum(kept.values()):
                means.append(sum(ease * many for ease, many in kept.items()) / total)
        # Each place of a challenge is a cat as often as a dog, whatever the pool has more of.
        return sum(means) / len(means) if means else 1.0

    def expected(self, profile: Profile, ceiling: float | None) -> float:
        """Return how likely the best network solves such a challenge of these photos (0..1)."""
        chances = [self.mean(ceiling)] * profile.counted
        return odds.odds(chances, profile.tolerance).worst


def spectrum(rights: Sequence[Rights]) -> Spectrum:
    """Return how hard the pool is. It reads the whole pool: for workers and the desk."""
    pool = Photo.objects.pooled().filter(rights__in=rights, rendition__isnull=False)
    numbers: dict[Animal, Counter[float | None]] = {animal: Counter() for animal in SHOWN}
    for label, ease, many in pool.order_by().values_list("label", "ease").annotate(Count("pk")):
        numbers[Animal(label)][ease] += many
    starters = pool.filter(rights=Rights.STARTER, ease__isnull=True).count()
    return Spectrum(numbers, starters)


def note(profile: Profile, rights: Sequence[Rights]) -> str:
    """Return what the owner of a site has to know about its budget, "" when it is met.

    It reads the whole pool: for workers and the desk.
    """
    short = shortfall(reach(profile, rights), spectrum(rights))
    if not short or profile.over is Over.SERVE:
        return short
    if profile.over is Over.REFUSE:
        return f"{short} Until then no challenges are shown."
    found = reached(profile, rights)
    rounds = f"Challenges have {found.profile.rounds} rounds therefore."
    return f"{short} {rounds}" if found.met else f"{short} {rounds} Even that is too few."


def shortfall(found: Reach, pool: Spectrum) -> str:
    """Return by how much the pool misses the budget, and what would help; "" if it does not."""
    profile = found.profile
    solved, share = pool.expected(profile, found.ceiling), (profile.budget or 100.0) / 100
    if solved <= share:
        return ""
    helps = _helps(found, pool, percent(solved))
    help_ = f" What would help: {'; '.join(helps)}." if helps else ""
    return (
        f"The pool cannot meet the attack budget of {percent(share)}: networks are expected to "
        f"solve {percent(solved)} of its challenges.{help_}{_unknown(pool.unknown)}"
    )


def _helps(found: Reach, pool: Spectrum, now: str) -> list[str]:
    """Return what makes the number smaller that is shown `now`: what leaves it is no help."""
    profile, helps = found.profile, []
    if profile.rounds < MOST_ROUNDS:
        more = profile.with_rounds(profile.rounds + 1)
        then = percent(pool.expected(more, found.ceiling))
        if then != now:
            helps.append(f"{more.rounds} rounds ({then})")
    broad = BREADTH * profile.needed
    lacking = {animal: broad - pool.number(animal, found.limit) for animal in SHOWN}
    photos = " and ".join(f"{many:,} {animal}s" for animal, many in lacking.items() if many > 0)
    if photos:
        helps.append(f"{photos} more of which networks read at most {_share(found.limit)}")
    wanted, mean = _share(found.limit), _share(pool.mean(found.ceiling))
    if wanted != mean:
        helps.append(
            f"stronger recipes, so that networks read {wanted} of the pictures rightly and not "
            f"{mean}"
        )
    return helps


def percent(share: float) -> str:
    """Return a chance (0..1) in percent, with two digits that say something."""
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"


def _share(ease: float) -> str:
    return f"{100 * ease:.0f} %"


def _unknown(number: int) -> str:
    if not number:
        return ""
    what = (
        "1 photo has not been measured yet and counts"
        if number == 1
        else (f"{number:,} photos have not been measured yet and count")
    )
    return f" {what} as read for certain."
