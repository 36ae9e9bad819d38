"""What attack budgets ask of the photos, and what the pool can give."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Count

from challenges import odds
from challenges.exceptions import OverBudget
from challenges.flows import hands
from challenges.models import Mark, Photo, Rendition
from challenges.models.photos import SHOWN, Animal, PhotoQuerySet, Rights
from challenges.selection import EASES, ENOUGH_TO_LEARN, MOST_ROUNDS, Ease, Over, Profile

# Challenges of a budget are made of this many times the photos that one needs, or more: with
# fewer, the same ones would come again and again, and whoever remembers them would need no network.
BREADTH: Final = 3
# The Mark that says that a network has learned from our hardened pictures, and when.
LEARNED: Final = "learned"
# How easy photos may be at most, in steps of 1 / EASES.
Steps = dict[Ease, int]


@dataclass(frozen=True, slots=True)
class Reach:
    """What the pool can give to a profile that has budgets.

    `limits` says for each how easy a photo may be (0..1) so that challenges of such photos just
    meet it, `ceilings` how easy the photos are of which they are made: none when all have to do.
    """

    profile: Profile
    limits: hands.Ceilings
    ceilings: hands.Ceilings

    @property
    def met(self) -> bool:
        """Return whether all challenges are expected to meet all budgets.

        Also when a network says the opposite of what it thinks, which a budget below that of
        coins can never meet: no photo has an ease below a half.
        """
        return all(self.worst(ease) <= limit + 1e-9 for ease, limit in self.limits.items())

    def worst(self, ease: Ease) -> float:
        """Return how likely the easiest of these photos is read (0..1)."""
        found = self.ceilings.get(ease, 1.0)
        return max(found, 1 - found)


def limit_of(profile: Profile, ease: Ease = Ease.CLEAN) -> float:
    """Return how easy photos may be (0..1) so that a challenge of them meets the budget.

    The best network solves what it is expected to: chances of single photos multiply, and the
    coins of their pictures were tossed one by one.
    """
    share = profile.budgets.get(ease, 100.0) / 100
    return odds.accuracy_for(share, profile.counted, profile.tolerance)


def reach(profile: Profile, rights: Sequence[Rights]) -> Reach:
    """Return of how easy photos challenges are made: the hardest ones, but enough of them.

    Where the pool has none that were measured for both kinds of networks, one budget is kept.
    """
    limits = {ease: limit_of(profile, ease) for ease in profile.budgets}
    least = {ease: math.floor(limit * EASES + 1e-9) for ease, limit in limits.items()}
    broad = BREADTH * profile.needed

    def enough(steps: Steps) -> bool:
        return hands.enough(rights, broad, _shares(steps))

    if enough(least):
        return Reach(profile, limits, _shares(least))
    alone = [{ease: step} for ease, step in least.items()] if len(least) > 1 else []
    for kept in (least, *alone):
        if enough(dict.fromkeys(kept, EASES)):
            return Reach(profile, limits, _shares(_raised(kept, enough)))
    return Reach(profile, limits, hands.ALL)


def _shares(steps: Steps) -> dict[Ease, float]:
    return {ease: step / EASES for ease, step in steps.items()}


def _raised(least: Steps, enough: Callable[[Steps], bool]) -> Steps:
    """Return the steps on which there are enough, none raised in vain.

    A budget that can be met without the other ones is kept; all others are raised alike.
    """
    free = dict.fromkeys(least, EASES)
    pairs = least.items() if len(least) > 1 else ()
    kept = next((ease for ease, step in pairs if enough({**free, ease: step})), None)

    def together(by: int) -> Steps:
        return {
            ease: step if ease is kept else min(EASES, step + by) for ease, step in least.items()
        }

    found = together(bisect_left(range(EASES), x=True, key=lambda by: enough(together(by))))
    for ease in least if len(least) > 1 else ():
        tried = [{**found, ease: step} for step in range(least[ease], found[ease])]
        found[ease] = least[ease] + bisect_left(tried, x=True, key=enough)
    return found


def reached(profile: Profile, rights: Sequence[Rights]) -> Reach:
    """Return the same, with the site's policy for a budget that cannot be met.

    It may ask for more rounds. Raises OverBudget when it says to refuse.
    """
    found = reach(profile, rights)
    if found.met or profile.over is Over.SERVE:
        return found
    if profile.over is Over.REFUSE:
        raise OverBudget(shortfall(found, rights))
    for rounds in range(profile.rounds + 1, MOST_ROUNDS + 1):
        found = reach(profile.with_rounds(rounds), rights)
        if found.met:
            break
    return found


def within(photos: PhotoQuerySet, ceilings: hands.Ceilings) -> PhotoQuerySet:
    """Return those of the photos that are known to be no easier."""
    return photos.filter(**{f"{ease}__lte": ceiling for ease, ceiling in ceilings.items()})


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


def spectrum(
    rights: Sequence[Rights], ease: Ease = Ease.CLEAN, ceilings: hands.Ceilings = hands.ALL
) -> Spectrum:
    """Return how hard the pool is, or that part of it which lies within these ceilings.

    It reads the whole pool: for workers and the desk.
    """
    pool = Photo.objects.pooled().filter(rights__in=rights, rendition__isnull=False)
    pool = within(pool, ceilings)
    numbers: dict[Animal, Counter[float | None]] = {animal: Counter() for animal in SHOWN}
    for label, step, many in pool.order_by().values_list("label", ease).annotate(Count("pk")):
        numbers[Animal(label)][step] += many
    starters = pool.filter(rights=Rights.STARTER, **{f"{ease}__isnull": True}).count()
    return Spectrum(numbers, starters)


def note(profile: Profile, rights: Sequence[Rights]) -> str:
    """Return what the owner of a site has to know about its budgets, "" when they are met.

    It reads the whole pool: for workers and the desk.
    """
    short = shortfall(reach(profile, rights), rights)
    if not short or profile.over is Over.SERVE:
        return short
    if profile.over is Over.REFUSE:
        return f"{short} Until then no challenges are shown."
    found = reached(profile, rights)
    rounds = f"Challenges have {found.profile.rounds} rounds therefore."
    return f"{short} {rounds}" if found.met else f"{short} {rounds} Even that is too few."


def shortfall(found: Reach, rights: Sequence[Rights]) -> str:
    """Return by how much the pool misses each budget, and what would help; "" if it misses none."""
    return " ".join(filter(None, (_missed(found, ease, rights) for ease in found.limits)))


def meets(found: Reach, ease: Ease, solved: float) -> bool:
    """Return whether a budget is met of whose challenges this share (0..1) is solved on average.

    Those of the easiest photos that are used have to meet it, too.
    """
    return (
        solved <= found.profile.budgets[ease] / 100
        and found.worst(ease) <= found.limits[ease] + 1e-9
    )


def _missed(found: Reach, ease: Ease, rights: Sequence[Rights]) -> str:
    # The photos have to be hard enough for the others, too.
    others = {other: ceiling for other, ceiling in found.ceilings.items() if other is not ease}
    pool = spectrum(rights, ease, others)
    share = found.profile.budgets[ease] / 100
    solved = pool.expected(found.profile, found.ceilings.get(ease))
    if meets(found, ease, solved):
        return ""
    if ease is Ease.TAUGHT and ease not in found.ceilings and not _taught(rights):
        return _untaught(share)
    whose, are, _ = _WHO[ease]
    budget, helps = f"{100 * share:g} %", _helps(found, ease, pool, percent(solved))
    help_ = f" What would help: {'; '.join(helps)}." if helps else ""
    return (
        f"The pool cannot meet the attack budget of {budget}{whose}: {are} expected to "
        f"solve {beside(solved, share)} of its challenges{_easiest(found, ease, solved, share)}."
        f"{help_}{_unknown(pool.unknown)}"
    )


def _easiest(found: Reach, ease: Ease, solved: float, share: float) -> str:
    """Return why the budget is missed where that is met on average, else ""."""
    if solved > share:
        return ""
    worst, profile = found.worst(ease), found.profile
    all_of = odds.odds([worst] * profile.counted, profile.tolerance).worst
    return (
        f" on average, but {percent(all_of)} of those of its easiest photos, of which they read "
        f"{_share(worst)}: without these there are too few"
    )


# For each budget: whose it is, and who solves so much.
_WHO: Final = {
    Ease.CLEAN: ("", "networks are", "networks"),
    Ease.TAUGHT: (" for networks that learned from our pictures", "they are", "they"),
}


def _helps(found: Reach, ease: Ease, pool: Spectrum, now: str) -> list[str]:
    """Return what makes the number smaller that is shown `now`: what leaves it is no help."""
    profile, helps = found.profile, []
    limit, ceiling, they = found.limits[ease], found.ceilings.get(ease), _WHO[ease][2]
    if profile.rounds < MOST_ROUNDS:
        more = profile.with_rounds(profile.rounds + 1)
        then = percent(pool.expected(more, ceiling))
        if then != now:
            helps.append(f"{more.rounds} rounds ({then})")
    broad = BREADTH * profile.needed
    lacking = {animal: broad - pool.number(animal, limit) for animal in SHOWN}
    photos = _each("{many:,} {animal}s", lacking)
    if photos:
        helps.append(f"{photos} more of which {they} read at most {_share(limit)}")
    wanted, mean = _share(limit), _share(pool.mean(ceiling))
    if wanted != mean:
        helps.append(
            f"stronger recipes, so that {they} read {wanted} of the pictures rightly and not {mean}"
        )
    return helps


def _taught(rights: Sequence[Rights]) -> bool:
    """Return whether a network has learned from our pictures and read some of these photos."""
    pool = Photo.objects.pooled().filter(rights__in=rights, rendition__isnull=False)
    return pool.filter(taught_ease__isnull=False).exists()


def _untaught(share: float) -> str:
    """Return what to do where no network that learned from our pictures has read these photos."""
    unknown = (
        f"Whether the pool meets the attack budget of {100 * share:g} % for networks that learned "
        "from our pictures is not known"
    )
    if Mark.objects.filter(name=LEARNED).exists():
        return (
            f"{unknown} for these photos yet, so it counts as missed: none of them is shown "
            "hardened, or the network that learned has not read them yet."
        )
    hardened = Rendition.objects.filter(retired_at=None).exclude(recipe="plain")
    own = hardened.exclude(photo__rights=Rights.STARTER)
    lacking = {
        animal: ENOUGH_TO_LEARN - own.filter(photo__label=animal).count() for animal in SHOWN
    }
    more = _each("{many:,} of {animal}s", lacking)
    what = (
        f"What would help: hardened pictures of your own photos, {more} more (manage.py harden)."
        if more
        else "There are enough: the worker that labels teaches one within minutes."
    )
    return (
        f"{unknown} yet, so it counts as missed: none has learned from them. "
        f"That takes {ENOUGH_TO_LEARN} hardened ones of each animal. {what}"
    )


def _each(words: str, numbers: dict[Animal, int]) -> str:
    found = [words.format(many=many, animal=animal) for animal, many in numbers.items() if many > 0]
    return " and ".join(found)


def percent(share: float) -> str:
    """Return a chance (0..1) in percent, with two digits that say something."""
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"


def beside(share: float, budget: float) -> str:
    """Return a chance (0..1) in percent, with more digits where it would look like the budget."""
    said = percent(share)
    for digits in (3, 4):
        if said == percent(budget):
            said = f"{100 * share:.{digits}g} %"
    return said


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
