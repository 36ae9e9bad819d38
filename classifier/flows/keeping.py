"""A run at the front door is written down before it begins, and again when it is over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.utils import timezone

from classifier.flows.pricing import prices
from classifier.flows.visiting import Plan
from classifier.models import AttackRun


@contextmanager
def kept(plan: Plan, name: str, rung: str, **config: Any) -> Iterator[AttackRun]:
    """Give the row of a run that begins; it is done at the end, or failed by what was raised."""
    price = prices()
    row = AttackRun.objects.create(
        attacker=name,
        rung=rung,
        door=plan.door,
        tiles=AttackRun.Tiles.MIXED,
        site=plan.site,
        config={
            "url": plan.url,
            "challenges": plan.challenges,
            "limits": plan.limits,
            "patience": plan.patience,
            "core_hour": price.an_hour,
            "per_try": price.a_try,
            **config,
        },
        started_at=timezone.now(),
    )
    try:
        yield row
        row.state = AttackRun.State.DONE
    except BaseException as error:
        row.state, row.said = AttackRun.State.FAILED, str(error) or type(error).__name__
        raise
    finally:
        row.finished_at = timezone.now()
        row.save()
        # As it is read by everybody else: JSON knows no tuples.
        row.refresh_from_db(fields=["result", "config"])
