"""What a photo's page tells, and what can be done there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.decorators.http import require_POST

from challenges import imaging
from challenges.admin.base import person, sentence
from challenges.admin.photo_history import changes
from challenges.admin.photo_pictures import LARGE, MIDDLING
from challenges.flows import adoption, probes, review
from challenges.models import Photo, Rendition
from challenges.models.photos import Animal
from challenges.selection import EXPOSURES

Status = Photo.Status

# So many renditions, near-duplicates and files are on the page.
MOST: Final = 24
LABEL: Final = "challenges.label_photo"
RETIRE: Final = "challenges.retire_photo"
FORGET: Final = "challenges.forget_photo"


@dataclass(frozen=True, slots=True)
class Step:
    """Something that can be done with a photo: what the button says, and who may press it.

    `do` returns the sentence that follows. `statuses` are those in which it changes something.
    """

    words: str
    icon: str
    may: str
    do: Callable[[Photo, User], str]
    statuses: frozenset[str]


def asked(number: int, of: int) -> str:
    """Return what became of photos about which visitors are to be asked."""
    said = f"Visitors are asked about {number} now."
    if number < of:
        said += (
            f" Passed over: {of - number}. Only photos that wait for a label, without a doubt and "
            "with a stated right, can be asked about."
        )
    return said


def _accept(label: Animal | None) -> Callable[[Photo, User], str]:
    return lambda photo, user: sentence(review.accept([photo.pk], user, label))


def _reject(photo: Photo, user: User) -> str:
    return f"Rejected: {review.reject([photo.pk], user)}."


def _retire(photo: Photo, user: User) -> str:
    return f"Retired: {review.retire([photo.pk], user)}."


def _restore(photo: Photo, user: User) -> str:
    return f"Restored: {review.restore([photo.pk], user)}."


def _ask(photo: Photo, user: User) -> str:
    return asked(probes.make_probes([photo.pk], user), 1)


_ALL: Final = frozenset(Status.values)
_WAITING: Final = frozenset({Status.UNLABELLED.value, Status.PROPOSED.value})
_GONE: Final = frozenset({Status.RETIRED.value, Status.REJECTED.value})
STEPS: Final = {
    "accept": Step(
        "Accept as labelled", "check", LABEL, _accept(None), frozenset({Status.PROPOSED.value})
    ),
    "cat": Step("It is a cat", "pets", LABEL, _accept(Animal.CAT), _ALL),
    "dog": Step("It is a dog", "sound_detection_dog_barking", LABEL, _accept(Animal.DOG), _ALL),
    "ask": Step("Ask visitors", "help", LABEL, _ask, _WAITING),
    "reject": Step("Reject", "block", LABEL, _reject, _ALL - {Status.REJECTED.value}),
    "retire": Step("Retire", "archive", RETIRE, _retire, frozenset({Status.POOLED.value})),
    "restore": Step("Restore", "unarchive", RETIRE, _restore, _GONE),
}


@require_POST
def do(request: HttpRequest, pk: int, step: str, desk: Any) -> HttpResponse:
    """Do something with one photo and return to its page."""
    if step not in STEPS:
        raise Http404
    user = person(request)
    if not (desk.has_view_permission(request) and user.has_perm(STEPS[step].may)):
        raise PermissionDenied
    said = STEPS[step].do(get_object_or_404(Photo, pk=pk), user)
    messages.success(request, said)
    return HttpResponseRedirect(reverse("admin:challenges_photo_change", args=[pk]))


def about(photo: Photo, user: User) -> dict[str, Any]:
    """Return what the page tells about the photo, and what this person can do with it."""
    return {
        "photo": photo,
        "sides": {"large": LARGE, "middling": MIDDLING},
        "steps": _steps(photo, user),
        "may_forget": user.has_perm(FORGET),
        "leaves_at": adoption.leaves_at(photo),
        "renditions": _renditions(photo),
        "said": photo.labels.select_related("person").order_by("-id")[: 2 * MOST],
        "changes": changes(photo),
        "near": _near(photo),
        "people": _people(photo),
        "machines": _machines(photo),
        "votes": photo.votes.count(),
        "reports": photo.reports.count(),
        "uploads": photo.uploads.select_related("batch", "transfer__person").order_by("id")[:MOST],
    }


def _steps(photo: Photo, user: User) -> list[tuple[str, Step]]:
    shown = [
        (name, step)
        for name, step in STEPS.items()
        if photo.status in step.statuses and user.has_perm(step.may)
    ]
    # What it is said to be already is no news, unless there is a doubt.
    settled = photo.status in (Status.POOLED, Status.HELD) and not photo.doubt
    return [(name, step) for name, step in shown if not (settled and name == photo.label)]


def _renditions(photo: Photo) -> list[dict[str, Any]]:
    rows = photo.renditions.order_by("retired_at", "-id")
    newest = sorted(rows[:MOST], key=lambda one: (one.pk != photo.rendition_id, -one.pk))
    return [
        {
            "rendition": one,
            "current": one.pk == photo.rendition_id,
            "left": _left(photo, one),
            "said": _said(one.p_cat),
        }
        for one in newest
    ]


def _left(photo: Photo, rendition: Rendition) -> int:
    """Return how many more challenges it may be put into."""
    if rendition.pk != photo.rendition_id or rendition.retired_at is not None:
        return 0
    return max(0, EXPOSURES - rendition.reserved)


def _said(p_cat: float | None) -> str:
    """Return what the network takes something for."""
    if p_cat is None:
        return ""
    return f"cat, {p_cat:.0%}" if p_cat >= 0.5 else f"dog, {1 - p_cat:.0%}"


def _near(photo: Photo) -> list[dict[str, Any]]:
    others = Photo.objects.filter(group=photo.group).exclude(pk=photo.pk).order_by("id")[:MOST]
    return [
        {"photo": one, "bits": imaging.distance(one.phash, photo.phash)}
        for one in others.select_related("batch")
    ]


def _people(photo: Photo) -> dict[str, Any]:
    if not photo.seen:
        return {"sentence": "Nobody has judged it in a challenge yet.", "percent": None}
    other = {"cat": "a dog", "dog": "a cat"}.get(photo.label, "the other animal")
    percent = 100 * photo.missed / photo.seen
    networks = "1 network" if photo.missed == 1 else f"{photo.missed:,} networks"
    times = "once" if photo.seen == 1 else f"{photo.seen:,} times"
    took = "None of them" if not photo.missed else f"People on {networks} ({percent:.1f} %)"
    return {
        "sentence": f"It was judged {times}. {took} took it for {other}.",
        "percent": min(100.0, percent),
    }


def _machines(photo: Photo) -> dict[str, Any]:
    looked = (
        f"The network {photo.looked_by or 'that labels'} says {_said(photo.p_cat)}."
        if photo.p_cat is not None
        else "The network has not looked at it yet."
    )
    sure = f" It was {photo.certainty:.1%} sure." if photo.certainty is not None else ""
    if not photo.scored:
        scored = "It was not tried on the photo's renditions yet."
        return {"looked": looked + sure, "scored": scored, "percent": None}
    renditions = "its 1 rendition" if photo.scored == 1 else f"{photo.scored:,} renditions"
    return {
        "looked": looked + sure,
        "scored": f"Of {renditions} that it was shown, it told what {photo.solved:,} show.",
        "percent": 100 * photo.solved / photo.scored,
    }
