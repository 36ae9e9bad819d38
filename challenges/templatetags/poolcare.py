"""What the admin's pages say about the pool, and the ways to where something can be done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django import template
from django.urls import reverse

from challenges.flows import batches, poolcare
from challenges.flows.poolcare import Page

register = template.Library()


@dataclass(frozen=True, slots=True)
class Way:
    """A link: its words, and its address."""

    words: str
    address: str


# The words, who may go there (any of these), the page, and what to ask it for.
_WAYS: Final[dict[Page, tuple[str, tuple[str, ...], str, str]]] = {
    Page.UPLOAD: ("Upload photos", (batches.UPLOAD,), "challenges_batch_upload", ""),
    Page.QUEUE: ("Open the label queue", (batches.LABEL,), "challenges_label_queue", ""),
    Page.BATCH: (
        "Open their batch",
        (batches.SEE_ALL,),
        "challenges_batch_run",
        "",
    ),
    Page.PROBES: (
        "See them",
        ("challenges.view_photo",),
        "challenges_photo_changelist",
        "?status__exact=probe",
    ),
    Page.RETIRED: (
        "See them",
        ("challenges.view_photo",),
        "challenges_photo_changelist",
        "?status__exact=retired",
    ),
    Page.TESTING: (
        "See these sites",
        ("challenges.view_site",),
        "challenges_site_changelist",
        "?test_mode__exact=1",
    ),
}


@register.simple_tag
def way(user: Any, page: Page | None, batch: int | None = None) -> Way | None:
    """Return the link to this page, or None where there is none or this person may not go."""
    if page is None or (page is Page.BATCH and batch is None):
        return None
    words, may, name, query = _WAYS[page]
    if not any(user.has_perm(one) for one in may):
        return None
    args = [batch] if page is Page.BATCH else []
    return Way(words, reverse(f"admin:{name}", args=args) + query)


@register.simple_tag
def pool_concerns() -> list[poolcare.Concern]:
    """Return what is doubtful about the pictures that visitors get to see."""
    return poolcare.concerns()
