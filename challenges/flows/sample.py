"""Accepting many proposed labels at once, after a person has checked a random sample of them.

The server draws the sample once and keeps it, together with all that was counted: it cannot be
drawn anew in silence until it suits, and what is accepted is what was counted, as far as it still
waits. It lies in Redis for a day; when it is lost a new one is drawn.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Final

from django.contrib.auth.models import User
from django.db.models import Count, F
from django.db.models.functions import Floor

from challenges import state
from challenges.exceptions import PawchaError
from challenges.flows import review
from challenges.flows.deciding import OnlyOwner, Word, decide, may_settle, refuse_many
from challenges.models import Photo
from challenges.models.photos import PhotoQuerySet
from challenges.proportions import Estimate, estimate

__all__ = [
    "NoSample",
    "NotChecked",
    "OnlyOwner",
    "Result",
    "Sample",
    "above",
    "accept",
    "check",
    "counts",
    "current",
    "draw",
    "give_up",
    "may_accept",
    "photos",
]

# From how sure the network was, 0..1, in the first place.
USUAL: Final = 0.995
LEAST: Final = 0.5
SIZES: Final = (50, 100, 200)
# So many photos are accepted at once at most: what a sample says of more is no better known.
MOST: Final = 10_000
# Photos in one transaction.
PORTION: Final = 500
KEPT: Final = 86_400


class NoSample(PawchaError):
    """There is no sample to go on with."""

    code = "no_sample"
    status = 409
    sentence = "There is no open sample any more: draw a new one."


class NotChecked(PawchaError):
    """The sample was not checked yet."""

    code = "not_checked"
    status = 409
    sentence = "Check the sample first: nobody has said yet which of its labels are wrong."


@dataclass(frozen=True, slots=True)
class Sample:
    """A random sample, and all the photos that were counted when it was drawn.

    `threshold` is 0..1; `checked` says whether a person has looked at it, `marks` what they said of
    those that are wrong; `given_up` counts samples that this person drew before and left.
    """

    threshold: float
    counted: list[int]
    drawn: list[int]
    given_up: int = 0
    checked: bool = False
    marks: dict[int, Word] = field(default_factory=dict)

    @property
    def estimate(self) -> Estimate:
        """Return what the sample says of the photos that were not in it."""
        rest = len(self.counted) - len(self.drawn)
        return estimate(len(self.marks), len(self.drawn), rest)

    @property
    def note(self) -> str:
        """Return on what ground its photos are accepted."""
        note = (
            f"accepted above {100 * self.threshold:g} %, "
            f"sample {len(self.marks)} of {len(self.drawn)} wrong"
        )
        if self.given_up:
            note += f", {self.given_up} given up before"
        return note


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a sample. Numbers of photos; `gone` ones did not wait any more."""

    accepted: int
    rejected: int
    held: int
    corrected: int
    gone: int


def above(threshold: float) -> PhotoQuerySet:
    """Return the photos whose proposed label is at least so sure (0..1), without any doubt."""
    waits = Photo.objects.filter(status=Photo.Status.PROPOSED, doubt="")
    return waits.filter(certainty__gte=threshold)


def counts() -> dict[int, int]:
    """Return how many photos wait for each tenth of a percent of certainty: 995 -> 99.5 to 99.6."""
    # A hair more, so that 0.995 is not 994.9999.
    tenth = Floor(1000 * F("certainty") + 1e-6)
    tenths = above(LEAST).order_by().values(tenth=tenth).annotate(n=Count("pk"))
    return {int(row["tenth"]): row["n"] for row in tenths}


def current(person: User) -> Sample | None:
    """Return the sample that this person has open."""
    text = state.take_note(_name(person))
    if text is None:
        return None
    said = json.loads(text)
    said["marks"] = {int(key): Word(word) for key, word in said["marks"].items()}
    return Sample(**said)


def draw(person: User, threshold: float, size: int) -> Sample:
    """Count what waits above a threshold (0..1), draw a random sample of it, and keep both.

    While one is open it is returned as it is. Raises NoSample when nothing waits.
    """
    refuse_many(person)
    if open_one := current(person):
        return open_one
    least = min(max(threshold, LEAST), 1.0)
    counted = list(above(least).order_by("id").values_list("pk", flat=True)[:MOST])
    if not counted:
        raise NoSample(f"No photo waits above {100 * least:g} % now. Choose a lower threshold.")
    drawn = secrets.SystemRandom().sample(counted, min(size, len(counted)))
    made = Sample(least, counted, drawn, given_up=_given_up(person))
    _keep(person, made)
    return made


def check(person: User, marks: Mapping[int, Word]) -> Sample:
    """Keep which labels of the sample are wrong, and what is right. Nothing is changed yet.

    Raises NoSample.
    """
    open_one = _open(person)
    ours = {pk: word for pk, word in marks.items() if pk in set(open_one.drawn)}
    made = replace(open_one, checked=True, marks=ours)
    _keep(person, made)
    return made


def give_up(person: User) -> None:
    """Leave the open sample. That is counted, and said with what is accepted later."""
    if current(person) is None:
        return
    state.leave_note(_name(person, "left"), str(_given_up(person) + 1), KEPT)
    state.forget_note(_name(person))


def accept(person: User) -> Result:
    """Accept what was counted and still waits without a doubt; correct what was marked.

    Raises NoSample, NotChecked or OnlyOwner.
    """
    refuse_many(person)
    sample = _open(person)
    if not sample.checked:
        raise NotChecked
    # First what is wrong: then whatever stops us here leaves no wrong label accepted.
    corrected = sum(_correct(pk, person, word, sample.note) for pk, word in sample.marks.items())
    right = [pk for pk in sample.counted if pk not in sample.marks]
    parts = [
        review.accept_waiting(right[start : start + PORTION], person, sample.note)
        for start in range(0, len(right), PORTION)
    ]
    state.forget_note(_name(person))
    state.forget_note(_name(person, "left"))
    return Result(
        accepted=sum(part.pooled for part in parts),
        rejected=sum(part.rejected for part in parts),
        held=sum(part.held for part in parts),
        corrected=corrected,
        gone=sum(part.passed_over for part in parts) + len(sample.marks) - corrected,
    )


def _correct(pk: int, person: User, word: Word, note: str) -> bool:
    try:
        decide(pk, person, word, note=f"marked in the sample; {note}", waiting=True)
    except PawchaError:
        # Somebody else decided on it, or has it on the screen: their word counts.
        return False
    return True


def photos(keys: Sequence[int]) -> list[Photo]:
    """Return the photos of a sample, in its order; deleted ones are left out."""
    found = Photo.objects.in_bulk(list(keys))
    return [found[key] for key in keys if key in found]


def may_accept(person: User) -> bool:
    """Return whether this person may accept many at once."""
    return may_settle(person)


def _open(person: User) -> Sample:
    found = current(person)
    if found is None:
        raise NoSample
    return found


def _keep(person: User, sample: Sample) -> None:
    state.leave_note(_name(person), json.dumps(asdict(sample)), KEPT)


def _given_up(person: User) -> int:
    return int(state.take_note(_name(person, "left")) or 0)


def _name(person: User, what: str = "open") -> str:
    return f"sample-{what}:{person.pk}"
