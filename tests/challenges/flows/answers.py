"""Answers of visitors as rows, as the native API leaves them, for what reads them afterwards."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from challenges.models import Outcome, Photo, Site
from challenges.models.photos import Animal

# Old enough to be counted at once.
AGO = timedelta(minutes=5)


def answered(
    site: Site,
    photos: Sequence[Photo],
    wrong: Sequence[int] = (),
    *,
    prefix: str = "",
    at: datetime | None = None,
    **fields: Any,
) -> Outcome:
    """Return an answer about these photos, which was wrong in these places."""
    cats = sum(1 << place for place, one in enumerate(photos) if one.label == Animal.CAT)
    when = at or timezone.now() - AGO
    said = {
        "state": Outcome.State.FAILED if wrong else Outcome.State.PASSED,
        "picks": cats ^ sum(1 << place for place in wrong),
    }
    return Outcome.objects.create(
        **{
            "site": site,
            "issued_at": when - timedelta(seconds=8),
            "answered_at": when,
            "hostname": "shop.example.org",
            "prefix": prefix or secrets.token_hex(16),
            "risk": 0.1,
            "renditions": [one.rendition_id for one in photos],
            "cats": cats,
            **said,
            **fields,
        }
    )
