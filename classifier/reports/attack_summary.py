"""What stored runs and served challenges say together: the report's content. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from challenges import odds
from classifier.reports import attack_rules, attack_words
from classifier.reports.attack_rules import Prices, Rules
from classifier.reports.attack_runs import HARDENED, LAB, MIXED, PLAIN, Rate, Run

# A pool counts as hardened when so large a share of what is shown is.
NEARLY_ALL: Final = 0.99
# With fewer challenges of an attacker who looks at the pictures, nothing is said about that kind.
MEASURED: Final = 100


@dataclass(frozen=True, slots=True)
class Judge:
    """A network of the panel, and how well it reads plain photos that it never saw."""

    key: str
    family: str
    package: str
    trained_on: str
    role: str
    clean: Rate
    weak: bool


@dataclass(frozen=True, slots=True)
class Believed:
    """What one network of the panel expected of served challenges, and what would have come of it.

    Of `n` challenges it was `belief` sure on average to solve them, and would have solved `hits`.
    """

    network: str
    belief: float
    hits: Rate


@dataclass(frozen=True, slots=True)
class Day:
    """Served challenges of one day: what the worst network was expected to solve, 0..1.

    `mean` of them, and `tenth`: a tenth were easier for it than this. `n` were looked at. `low` and
    `high` are the means of the hardest and of the easiest site.
    """

    day: date
    n: int
    mean: float
    tenth: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class SiteOdds:
    """The same of one site over all days, with what became of its challenges. For its owners.

    Budgets are shares (0..1) of challenges, None where there is none.
    """

    site: int
    name: str
    n: int
    mean: float | None
    tenth: float | None
    issued: int
    passed: int
    failed: int
    more: int
    budget: float | None
    taught_budget: float | None


@dataclass(frozen=True, slots=True)
class People:
    """How people do: `missed` of single photos judged, `first_try` of their visits."""

    missed: Rate | None
    first_try: Rate | None
    within_three: Rate | None


@dataclass(frozen=True, slots=True)
class Recipes:
    """The hardening in use: what tells it apart (see flows), since when, and how much it covers.

    `hardened` counts the owner's pooled photos of which a hardened picture is shown.
    """

    fingerprint: str
    since: datetime | None
    hardened: Rate | None


@dataclass(frozen=True, slots=True)
class Report:
    """All that the report says.

    `runs` are all that are done, latest first; `controls` are those on noise, which tell nothing
    but what the patterns are worth.
    """

    made_at: datetime
    runs: tuple[Run, ...]
    panel: tuple[Judge, ...]
    believed: tuple[Believed, ...]
    days: tuple[Day, ...]
    people: People
    recipes: Recipes
    rules: Rules
    prices: Prices
    controls: tuple[Run, ...] = ()

    @property
    def empty(self) -> bool:
        """Return whether nothing was measured yet."""
        return not self.runs

    @property
    def ladder(self) -> tuple[Run, ...]:
        """Return the latest run of each attacker on each kind of pictures, weakest rung first."""
        found: dict[tuple[object, ...], Run] = {}
        for one in self.runs:
            if not one.age and not one.starter:
                key = (one.rung, one.attacker, one.tiles, one.learned, one.door == LAB, one.limits)
                found.setdefault(key, one)
        return tuple(
            sorted(
                found.values(),
                key=lambda one: (attack_words.place(one.rung), one.learned, one.attacker, one.id),
            )
        )

    @property
    def telling(self) -> tuple[Run, ...]:
        """Return the runs of the ladder that may be the headline: sound ones of real attackers."""
        return tuple(
            one for one in self.ladder if not one.flaws and attack_words.rung(one.rung).attacks
        )

    @property
    def measured(self) -> tuple[Run, ...]:
        """Return those of them that are long enough, on pictures that one of them looked at.

        Headline, badge and prices come from these alone: ten guesses show nothing.
        """
        long = [one for one in self.telling if one.challenges >= MEASURED]
        kinds = {one.tiles for one in long if attack_words.rung(one.rung).looks}
        return tuple(one for one in long if one.tiles in kinds)

    @property
    def untested(self) -> tuple[attack_words.Rung, ...]:
        """Return the rungs of which there is no sound run on hardened pictures."""
        known = {
            attack_words.rung(one.rung).name
            for one in self.ladder
            if one.tiles != PLAIN and not one.flaws
        }
        return tuple(one for one in attack_words.LADDER if one.name not in known)

    def older_recipes(self, run: Run) -> bool:
        """Return whether the run met pictures of a hardening that is no longer the latest."""
        latest = next((one.recipes for one in self.runs if one.recipes), "")
        return bool(run.recipes) and run.recipes != latest


@dataclass(frozen=True, slots=True)
class Step:
    """A place in the ladder: the runs of the best attacker there, and how many `others` there are.

    All runs are by one attacker: on plain photos, on hardened pictures, or on both.
    """

    runs: tuple[Run, ...]
    others: int

    @property
    def served(self) -> tuple[Run, ...]:
        """Return those on pictures as they are served."""
        return tuple(one for one in self.runs if one.tiles != PLAIN)


def steps(report: Report) -> tuple[Step, ...]:
    """Return each place of the ladder with its best attacker, weakest first."""
    places: dict[tuple[object, ...], dict[str, list[Run]]] = {}
    for one in report.ladder:
        key = (one.rung, one.learned, one.door == LAB, one.limits)
        places.setdefault(key, {}).setdefault(one.attacker, []).append(one)
    found = []
    for by_attacker in places.values():
        ranked = sorted(by_attacker.values(), key=_strength)
        found.append(Step(tuple(ranked[-1]), len(ranked) - 1))
    return tuple(found)


def _strength(runs: Sequence[Run]) -> tuple[bool, bool, float]:
    """Return what makes one attacker's runs say more than another's: on what is served, first."""
    sound = [one for one in runs if not one.flaws]
    served = [one for one in sound if one.tiles != PLAIN]
    best = max((one.before.share for one in served or sound), default=0.0)
    return bool(sound), bool(served), best


@dataclass(frozen=True, slots=True)
class After:
    """What gets past the limits: `share` (0..1) of challenges issued, `counted` at a door or else
    worked out from the rules. Where none did, `high` is what it may be all the same (95 %)."""

    run: Run
    share: float
    counted: bool
    high: float


@dataclass(frozen=True, slots=True)
class Cost:
    """What 1,000 solves cost the attacker of a run, in dollars, with and without limits.

    Who was never seen to solve one may do it now and then all the same: then `more_before` or
    `more_after` is set, and the amount is what it costs at least.
    """

    run: Run
    before: float
    after: float
    more_before: bool = False
    more_after: bool = False


@dataclass(frozen=True, slots=True)
class Headline:
    """The worst of each kind; None where nothing was measured. `served` is of what is shown now.

    `most_plain` and `most_hardened` solve most challenges, where a bot does not choose.
    """

    plain: Run | None
    hardened: Run | None
    served: Run | None
    most_plain: Run | None
    most_hardened: Run | None
    after: After | None
    cost: Cost | None


def worst(runs: Iterable[Run], *tiles: str) -> Run | None:
    """Return the run that does best at its best way, of those on these tiles."""
    chosen = [one for one in runs if one.tiles in tiles]
    # Of several that never fail where they are surest, the one that solves most of all.
    return max(chosen, key=lambda one: (one.worst.solved.share, one.before.share), default=None)


def _most(runs: Iterable[Run], tiles: str) -> Run | None:
    chosen = [one for one in runs if one.tiles == tiles]
    return max(chosen, key=lambda one: one.before.share, default=None)


def headline(report: Report) -> Headline:
    """Return the worst figures: of plain and of hardened pictures, and past the limits."""
    every = report.measured
    # Who pays people passes as people do. What he pays says something, not how often he passes.
    runs = [one for one in every if not attack_words.rung(one.rung).pays]
    plain, hardened = worst(runs, PLAIN), worst(runs, HARDENED)
    served = worst(runs, *_served(report, hardened))
    # Past the limits counts what comes at the pictures that are shown.
    kinds = {HARDENED, MIXED} if hardened else {PLAIN, MIXED}
    late = [after(one, report.rules) for one in runs if one.tiles in kinds]
    cheap = [cost(report, one) for one in priced(every) if one.tiles in kinds]
    return Headline(
        plain=plain,
        hardened=hardened,
        served=served,
        most_plain=_most(runs, PLAIN),
        most_hardened=_most(runs, HARDENED),
        after=max(late, key=lambda one: (one.share, one.high), default=None),
        # What was seen says more than what may be.
        cost=min(cheap, key=lambda one: (one.more_after, one.after), default=None),
    )


def _served(report: Report, hardened: Run | None) -> tuple[str, ...]:
    """Return of which kinds the pictures are that visitors get now."""
    covered = report.recipes.hardened
    if hardened is None or (covered is not None and covered.n and covered.share < NEARLY_ALL):
        return (PLAIN, HARDENED, MIXED)
    return (HARDENED, MIXED)


def after(run: Run, rules: Rules) -> After:
    """Return what gets past the limits: counted where the run met them, else by the rules."""
    if run.door != LAB and run.limits:
        most = run.passed or run.before
        return After(run, run.per_1000 / 1000, counted=True, high=most.high)
    solved = run.before
    share, high = (odds.bucket_rate(one, rules.refill) for one in (solved.share, solved.high))
    return After(run, share, counted=False, high=high)


def priced(runs: Iterable[Run]) -> list[Run]:
    """Return the runs whose cost is known: of those that pay people, those that say for what."""
    return [one for one in runs if one.bought or not attack_words.rung(one.rung).pays]


def cost(report: Report, run: Run) -> Cost:
    """Return what solving costs this attacker.

    Who pays people for what is new to him, at once, is right as often as people are, and the limits
    do not hold him up: then it is the share of pictures that he buys, at the lowest price.
    """
    one_try = attack_rules.per_try(report.prices, run.pictures, run.seconds_per_photo)
    if run.bought:
        amount = 1000 * one_try + run.bought.share * report.prices.people_least
        return Cost(run, before=amount, after=amount)
    solved, late = run.before, after(run, report.rules)
    return Cost(
        run,
        before=attack_rules.per_1000_solves(solved.share or solved.high, one_try),
        after=attack_rules.per_1000_solves(late.share or late.high, one_try),
        more_before=not solved.share,
        more_after=not late.share,
    )


def ageing(report: Report) -> tuple[Run, ...]:
    """Return runs that learned from older pictures than they attack, and those of the same age."""
    aged = {(one.attacker, one.learned) for one in report.runs if one.age and not one.flaws}
    found: dict[tuple[str, int, int], Run] = {}
    for one in report.runs:
        if (one.attacker, one.learned) in aged and one.tiles == HARDENED and not one.flaws:
            found.setdefault((one.attacker, one.learned, one.age), one)
    return tuple(sorted(found.values(), key=lambda one: (one.attacker, one.learned, one.age)))
