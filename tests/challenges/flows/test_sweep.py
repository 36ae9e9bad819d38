"""Filing what nobody answered, and removing what is no longer needed."""

from __future__ import annotations

import os
import time
from datetime import timedelta
from unittest.mock import patch

import pytest
import time_machine
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import OperationalError
from django.utils import timezone

from challenges import state
from challenges.flows import sweep
from challenges.flows.sites import NewSite
from challenges.models import Outcome, Rendition, Upload
from tests import pets
from tests.conftest import Visitor, cats_of, outcome_of


def test_each_challenge_ends_in_one_state(stocked: NewSite, bot: Visitor) -> None:
    people = [Visitor(f"192.0.{number}.1") for number in range(4)]
    ids = [person.ask(stocked.site.sitekey).json()["id"] for person in people]
    passed, failed, expired, _abandoned = ids
    bot.answer(passed, cats_of(passed))
    bot.answer(failed, [place for place in range(12) if place not in cats_of(failed)])
    bot.get(f"/api/v1/challenges/{expired}/pictures")
    with time_machine.travel(timedelta(seconds=125)):
        closed = sweep.close_overdue()
    assert (closed.expired, closed.abandoned, closed.lost) == (1, 1, 0)
    assert [outcome_of(one).state for one in ids] == ["passed", "failed", "expired", "abandoned"]


def test_a_challenge_that_was_looked_at_is_not_shown_again(stocked: NewSite, bot: Visitor) -> None:
    challenge = bot.ask(stocked.site.sitekey).json()["id"]
    draft = state.peek(challenge).draft
    bot.get(f"/api/v1/challenges/{challenge}/pictures/0")
    with time_machine.travel(timedelta(seconds=125)):
        sweep.close_overdue()
    waiting = [one.id for one in state.ready_drafts("12x1-public", "fresh")]
    assert draft.id not in waiting


def test_what_is_looked_at_while_it_is_filed_is_not_shown_again(
    stocked: NewSite, bot: Visitor
) -> None:
    challenge = bot.ask(stocked.site.sitekey).json()["id"]
    draft = state.peek(challenge).draft
    found = state.overdue

    def slowly(limit: int) -> list[state.Overdue]:
        late = found(limit)
        # A server whose clock is behind still shows it.
        with time_machine.travel(timedelta(seconds=-125)):
            state.fetch(challenge)
        return late

    with (
        time_machine.travel(timedelta(seconds=125)),
        patch("challenges.state.overdue", side_effect=slowly),
    ):
        sweep.close_overdue()
    assert draft.id not in [one.id for one in state.ready_drafts("12x1-public", "fresh")]


def test_what_redis_forgot_is_filed_as_lost(stocked: NewSite, bot: Visitor) -> None:
    bot.ask(stocked.site.sitekey)
    state.client().flushdb()
    assert sweep.close_overdue().lost == 0
    with time_machine.travel(timedelta(seconds=sweep.FORGOTTEN + 1)):
        assert sweep.close_overdue().lost == 1
    assert Outcome.objects.get().state == Outcome.State.LOST


def test_it_removes_renditions_a_day_after_they_were_replaced(stocked: NewSite) -> None:
    old, young = Rendition.objects.all()[:2]
    Rendition.objects.filter(pk=old.pk).update(retired_at=timezone.now() - timedelta(days=2))
    Rendition.objects.filter(pk=young.pk).update(retired_at=timezone.now() - timedelta(hours=2))
    assert sweep.prune() == 1
    assert not default_storage.exists(old.name)
    assert default_storage.exists(young.name)
    assert not Rendition.objects.filter(pk=old.pk).exists()


def test_it_removes_spooled_files_that_no_upload_waits_for(db: None) -> None:
    batch = pets.batch()
    Upload.objects.create(batch=batch, name="a.jpg", sha256="a" * 64)
    for name in ("a" * 64, "b" * 64, "c" * 64):
        default_storage.save(f"incoming/{name}", ContentFile(b"photo"))
    day_ago = time.time() - 2 * 86_400
    for name in ("a" * 64, "b" * 64):
        os.utime(default_storage.path(f"incoming/{name}"), (day_ago, day_ago))
    assert sweep.prune() == 1
    left = default_storage.listdir("incoming")[1]
    assert set(left) >= {"a" * 64, "c" * 64}
    assert "b" * 64 not in left
    for name in ("a" * 64, "c" * 64):
        default_storage.delete(f"incoming/{name}")


def test_what_could_not_be_filed_is_filed_in_the_next_round(stocked: NewSite, bot: Visitor) -> None:
    seen, unseen = (bot.ask(stocked.site.sitekey).json()["id"] for _ in range(2))
    bot.get(f"/api/v1/challenges/{seen}/pictures")
    before = state.ready_depth("12x1-public", "fresh")
    with time_machine.travel(timedelta(seconds=125)):
        with (
            patch("challenges.flows.sweep._file", side_effect=OperationalError("gone")),
            pytest.raises(OperationalError),
        ):
            sweep.close_overdue()
        closed = sweep.close_overdue()
    assert (closed.expired, closed.abandoned, closed.lost) == (1, 1, 0)
    assert [outcome_of(one).state for one in (seen, unseen)] == ["expired", "abandoned"]
    assert state.ready_depth("12x1-public", "fresh") == before + 1
