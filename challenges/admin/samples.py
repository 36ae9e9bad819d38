"""The page on which many photos are accepted after a look at a sample."""

from __future__ import annotations

import re
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.generic import TemplateView
from unfold.views import UnfoldModelAdminViewMixin

from challenges.admin.base import person
from challenges.exceptions import InvalidRequest, PawchaError, Unavailable
from challenges.flows import sample
from challenges.flows.deciding import Word
from challenges.models import Photo
from challenges.models.photos import Animal
from challenges.state import Unreachable

FIX = re.compile(r"fix-[0-9]{1,18}")
GROUPS = ((Animal.CAT, "Proposed as cats"), (Animal.DOG, "Proposed as dogs"))


class SampleView(UnfoldModelAdminViewMixin, TemplateView):  # type: ignore[misc]
    """Choose how sure is sure, check a sample, read the estimate, accept."""

    title = "Accept many at once"
    permission_required = "challenges.label_photo"
    template_name = "admin/challenges/label/sample.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the open sample with its pictures, or what one could be drawn from."""
        who = person(self.request)
        context = {"may_accept": sample.may_accept(who), "most": sample.MOST}
        try:
            drawn = sample.current(who)
        except Unreachable:
            drawn = None
            messages.error(self.request, str(Unavailable()))
        context |= _of_sample(drawn) if drawn else _to_draw()
        return super().get_context_data(**kwargs, **context)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the next step, and show the page anew."""
        steps = {"draw": _draw, "check": _check, "give_up": _give_up, "accept": _accept}
        try:
            steps.get(request.POST.get("do", ""), _unknown)(request)
        except PawchaError as error:
            messages.error(request, str(error))
        except Unreachable:
            messages.error(request, str(Unavailable()))
        return redirect("admin:challenges_label_sample")


def _to_draw() -> dict[str, Any]:
    return {
        "counts": {str(tenth): number for tenth, number in sample.counts().items()},
        "waiting": sample.above(sample.USUAL).count(),
        "usual": f"{100 * sample.USUAL:g}",
        "sizes": sample.SIZES,
    }


def _of_sample(drawn: sample.Sample) -> dict[str, Any]:
    photos = sample.photos(drawn.drawn)
    return {
        "sample": drawn,
        "estimate": drawn.estimate if drawn.checked else None,
        "percent": f"{100 * drawn.threshold:g}",
        "groups": _groups(photos, drawn),
        "gone": len(drawn.drawn) - len(photos),
    }


def _groups(photos: list[Photo], drawn: sample.Sample) -> list[dict[str, Any]]:
    titles = {**dict(GROUPS), Animal.NEITHER: "Proposed as neither or both"}
    order = list(titles)
    photos = sorted(photos, key=lambda photo: order.index(Animal(photo.label or "neither")))
    return [
        {
            "title": titles[Animal(label)],
            "label": label,
            "other": "dog" if label == Animal.CAT else "cat",
            "photos": [{"photo": one, "mark": drawn.marks.get(one.pk, "")} for one in ones],
        }
        for label, ones in groupby(photos, key=lambda photo: photo.label or "neither")
    ]


def _draw(request: HttpRequest) -> None:
    try:
        threshold = float(request.POST.get("threshold", ""))
        size = int(request.POST.get("size", ""))
    except ValueError:
        threshold, size = 0.0, 0
    if not 50 <= threshold <= 100 or size not in sample.SIZES:
        raise InvalidRequest("Choose a threshold from 50 to 100 %, and 50, 100 or 200 photos.")
    sample.draw(person(request), threshold / 100, size)


def _check(request: HttpRequest) -> None:
    marks = {
        int(name.removeprefix("fix-")): Word(word)
        for name, word in request.POST.items()
        if FIX.fullmatch(name) and word in list(Word)
    }
    sample.check(person(request), marks)


def _give_up(request: HttpRequest) -> None:
    sample.give_up(person(request))


def _accept(request: HttpRequest) -> None:
    done = sample.accept(person(request))
    parts = [f"In the pool now: {done.accepted:,}"]
    if done.held:
        parts.append(f"held until somebody states the right to show them: {done.held:,}")
    if done.rejected:
        parts.append(f"neither, so rejected: {done.rejected:,}")
    if done.corrected:
        parts.append(f"corrected: {done.corrected:,}")
    if done.gone:
        parts.append(f"decided by others meanwhile: {done.gone:,}")
    messages.success(request, ", ".join(parts) + ".")


def _unknown(request: HttpRequest) -> None:
    raise InvalidRequest("This page sent something that is not known here. Load it again.")
