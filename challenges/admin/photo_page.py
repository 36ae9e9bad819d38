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
from challenges.admin.base import person, rejected, sentence
from challenges.admin.photo_history import changes
from challenges.admin.photo_pictures import LARGE, MIDDLING
from challenges.exceptions import PawchaError
from challenges.flows import adoption, probes, review, speaking
from challenges.flows.deciding import Word
from challenges.flows.looks import says
from challenges.models import Photo, Rendition
from challenges.selection import EXPOSURES

Status = Photo.Status

# So many renditions, near-duplicates and files are on the page.
MOST: Final = 24
LABEL: Final = "challenges.label_photo"
RETIRE: Final = "challenges.retire_photo"
FORGET: Final = "challenges.forget_photo"


Said = tuple[int, str]


@dataclass(frozen=True, slots=True)
class Step:
    """Something that can be done with a photo: what the button says, and who may press it.

    `do` returns what follows: a level of Django's messages, and a sentence. `statuses` are those in
    which it changes something.
    """

    words: str
    icon: str
    may: str
    do: Callable[[Photo, User], Said]
    statuses: frozenset[str]


def asked(number: int, of: int) -> Said:
    """Return what became of photos about which visitors are to be asked."""
    said = f"Visitors are asked about {number} now."
    if number < of:
        said += (
            f" Passed over: {of - number}. Only photos that wait for a label, without a doubt and "
            "with a stated right, can be asked about."
        )
    nobody = not probes.sites_ask()
    if number and nobody:
        said += (
            " But no site asks its visitors yet: on a site's page, tick that it may ask about "
            "photos that nobody has labelled."
        )
    return (messages.SUCCESS if number and not nobody else messages.WARNING), said


def stopped(number: int) -> Said:
    """Return what became of photos about which visitors are to be asked no longer."""
    if not number:
        return messages.WARNING, "Visitors were asked about none of these."
    return messages.SUCCESS, f"Visitors are asked no longer about {number}: a person decides."


def _word(word: Word | None) -> Callable[[Photo, User], Said]:
    def do(photo: Photo, user: User) -> Said:
        done = speaking.say_of(photo.pk, user, word)
        return messages.SUCCESS, rejected(done) if word is Word.REJECT else sentence(done)

    return do


def _retire(photo: Photo, user: User) -> Said:
    return messages.SUCCESS, f"Retired: {review.retire([photo.pk], user)}."


def _restore(photo: Photo, user: User) -> Said:
    return messages.SUCCESS, f"Restored: {review.restore([photo.pk], user)}."


def _ask(photo: Photo, user: User) -> Said:
    return asked(probes.make_probes([photo.pk], user), 1)


def _stop(photo: Photo, user: User) -> Said:
    return stopped(probes.end_probe([photo.pk], user))


_ALL: Final = frozenset(Status.values)
_WAITING: Final = frozenset({Status.UNLABELLED.value, Status.PROPOSED.value})
_GONE: Final = frozenset({Status.RETIRED.value, Status.REJECTED.value})
STEPS: Final = {
    "accept": Step(
        "Accept as labelled", "check", LABEL, _word(None), frozenset({Status.PROPOSED.value})
    ),
    "cat": Step("It is a cat", "pets", LABEL, _word(Word.CAT), _ALL),
    "dog": Step("It is a dog", "sound_detection_dog_barking", LABEL, _word(Word.DOG), _ALL),
    "neither": Step("Neither or both", "do_not_disturb_on", LABEL, _word(Word.NEITHER), _ALL),
    "ask": Step("Ask visitors", "help", LABEL, _ask, _WAITING),
    "stop": Step("Stop asking visitors", "stop", LABEL, _stop, frozenset({Status.PROBE.value})),
    "reject": Step("Reject", "block", LABEL, _word(Word.REJECT), _ALL - {Status.REJECTED.value}),
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
    photo = get_object_or_404(Photo, pk=pk)
    try:
        level, said = STEPS[step].do(photo, user)
    except PawchaError as error:
        level, said = messages.ERROR, str(error)
    messages.add_message(request, level, said)
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
        "votes": probes.counted(photo).count(),
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
    settled = photo.status in (Status.POOLED, Status.HELD, Status.REJECTED) and not photo.doubt
    same = photo.label if settled and _is_settled_as(photo) else ""
    useless = {same, "" if probes.may_ask(photo) else "ask"}
    return [(name, step) for name, step in shown if name not in useless]


def _is_settled_as(photo: Photo) -> bool:
    """Return whether the photo's label says why it is where it is: rejected as neither, else in."""
    return (photo.status == Status.REJECTED) == (photo.label == Word.NEITHER)


def _renditions(photo: Photo) -> list[dict[str, Any]]:
    rows = photo.renditions.order_by("retired_at", "-id")
    newest = sorted(rows[:MOST], key=lambda one: (one.pk != photo.rendition_id, -one.pk))
    return [
        {
            "rendition": one,
            "current": one.pk == photo.rendition_id,
            "left": _left(photo, one),
            "said": says(one.p_cat),
        }
        for one in newest
    ]


def _left(photo: Photo, rendition: Rendition) -> int:
    """Return how many more challenges it may be put into."""
    if rendition.pk != photo.rendition_id or rendition.retired_at is not None:
        return 0
    return max(0, EXPOSURES - rendition.reserved)


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
        f"The network {photo.looked_by or 'that labels'} says {says(photo.p_cat, photo.certainty)}."
        if photo.p_cat is not None
        else "The network has not looked at it yet."
    )
    if not photo.scored:
        scored = "It was not tried on the photo's renditions yet."
        return {"looked": looked, "scored": scored, "percent": None}
    return {
        "looked": looked,
        "scored": _scored(photo),
        "percent": 100 * photo.solved / photo.scored,
    }


def _scored(photo: Photo) -> str:
    if photo.scored == 1:
        told = "told" if photo.solved else "could not tell"
        return f"It was shown 1 rendition, and {told} what that shows."
    solved = f"{photo.solved:,}" if photo.solved else "none"
    show = "shows" if photo.solved == 1 else "show"
    return f"Of {photo.scored:,} renditions that it was shown, it told what {solved} {show}."
