"""Deleting photos for good."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
import time_machine
from django.apps import apps
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection

from challenges import state
from challenges.drafts import OpenChallenge
from challenges.flows import compose, forgetting, review, stock, sweep
from challenges.flows.sites import NewSite
from challenges.models import Forgotten, Label, Outcome, Photo, Rendition, Transfer, Upload
from challenges.models.photos import Animal
from challenges.selection import Audience, Profile
from challenges.state import withdraw
from tests import pets
from tests.conftest import Visitor, cats_of, outcome_of

KEY = "12x1-public"


def handed_in(photo: Photo, name: str = "Minka at 5 Mill Road.jpg", **more: Any) -> Upload:
    """Return the upload with which a photo came."""
    return Upload.objects.create(
        batch=photo.batch, name=name, sha256="f" * 64, state="stored", photo=photo, **more
    )


def with_file(photo: Photo) -> Photo:
    """Give the photo its stored file."""
    default_storage.save(photo.storage_name, ContentFile(b"pixels"))
    return photo


def ready_renditions() -> set[int]:
    """Return the renditions of all ready challenges."""
    return {key for draft in state.ready_drafts(KEY, "fresh") for key in draft.renditions}


def rendition_in(draft_renditions: list[int], place: int = 0) -> Photo:
    """Return the photo that is in this place of a challenge."""
    return Photo.objects.get(renditions=draft_renditions[place])


def test_a_deleted_photo_leaves_only_digests(pool: list[Photo], reviewer: User) -> None:
    photo = with_file(pool[0])
    upload = handed_in(photo)
    Upload.objects.update(words={"credit": "Jo Sommer"})
    review.retire([photo.pk], reviewer)
    Label.objects.create(photo=photo, label="cat", source="person", person=reviewer)
    assert photo.rendition is not None
    names = [photo.storage_name, photo.rendition.name]
    assert all(default_storage.exists(name) for name in names)

    (made,) = forgetting.forget([photo.pk], reviewer, "The owner asked for it.")

    assert (made.photo, made.sha256, made.files) == (photo.pk, photo.sha256, ["f" * 64])
    assert (made.person, made.reason) == (reviewer, "The owner asked for it.")
    assert made.arrived_at == photo.created_at
    assert not any(default_storage.exists(name) for name in names)
    assert not Photo.objects.filter(pk=photo.pk).exists()
    assert not Label.objects.filter(photo=photo.pk).exists()
    assert not Rendition.objects.filter(photo=photo.pk).exists()
    events = apps.get_model("challenges", "PhotoEvent")._default_manager
    (left,) = events.filter(pgh_obj_id=photo.pk)
    assert (left.pgh_label, left.pet_name, left.credit) == ("deleted for good", "", "")
    assert left.pgh_context.metadata["user"] == reviewer.pk
    upload.refresh_from_db()
    assert (upload.name, upload.label, upload.photo) == (forgetting.NAMELESS, "", None)
    assert upload.words == {}
    assert (upload.state, upload.reason) == ("rejected", forgetting.WHY)


def test_other_photos_keep_their_history(pool: list[Photo], reviewer: User) -> None:
    gone, stays = pool[:2]
    review.retire([gone.pk, stays.pk], reviewer)
    forgetting.forget([gone.pk], reviewer)
    events = apps.get_model("challenges", "PhotoEvent")._default_manager
    assert list(events.filter(pgh_obj_id=stays.pk).values_list("status", flat=True)) == ["retired"]


def test_the_name_of_its_own_transfer_goes_and_that_of_an_archive_stays(
    pool: list[Photo], reviewer: User
) -> None:
    alone, *together = pool[:3]
    names = {"own": alone.batch, "archive": alone.batch}
    own, archive = (
        Transfer.objects.create(
            batch=batch,
            name=f"{name}.jpg",
            fingerprint=name,
            size=9,
            found=1 if name == "own" else 2,
        )
        for name, batch in names.items()
    )
    handed_in(alone, transfer=own)
    for number, photo in enumerate(together):
        Upload.objects.create(
            batch=photo.batch, name="a", sha256=f"{number:064}", photo=photo, transfer=archive
        )
    forgetting.forget([alone.pk, together[0].pk], reviewer)
    assert set(Transfer.objects.values_list("name", flat=True)) == {
        forgetting.NAMELESS,
        "archive.jpg",
    }


def test_it_says_what_still_contains_the_photo(db: None, reviewer: User) -> None:
    photo, other = pets.photo(Animal.CAT, group=7), pets.photo(Animal.CAT, group=7)
    with time_machine.travel(photo.created_at + timedelta(days=40)):
        (made,) = forgetting.forget([photo.pk], reviewer)
    backups, alike = made.held_by
    assert backups.startswith("Backups made between ")
    assert alike == f"Photo {other.pk} looks nearly the same. It was not deleted with this one."


def test_it_is_gone_from_200_ready_and_50_open_challenges_within_seconds(
    site_owner: NewSite, db: None, reviewer: User, capsys: pytest.CaptureFixture[str]
) -> None:
    pets.pool(40)
    profile = Profile(12, Audience.PUBLIC)
    drafts = [compose.compose(profile, "worn") for _ in range(200)]
    state.push_ready(KEY, "fresh", drafts)
    opened = [
        Visitor(f"192.{number}.2.1").ask(site_owner.site.sitekey).json()["id"]
        for number in range(50)
    ]
    more = [compose.compose(profile, "worn") for _ in range(50)]
    state.push_ready(KEY, "fresh", more)
    assert state.ready_depth(KEY, "fresh") == 200
    common = set(state.peek(opened[0]).draft.renditions) & ready_renditions()
    keys = list(
        Photo.objects.filter(renditions__in=sorted(common)[:3]).values_list("pk", flat=True)
    )
    gone = set(Rendition.objects.filter(photo__in=keys).values_list("pk", flat=True))

    started = time.monotonic()
    forgetting.forget(keys, reviewer)
    took = time.monotonic() - started

    with capsys.disabled():
        print(f"\n  deleted from 200 ready and 50 open challenges in {took:.2f} s")
    assert took < 5
    assert not gone & ready_renditions()
    for one in opened:
        if gone & set(state.peek(one).draft.renditions):
            reply = Visitor("198.51.100.1").get(f"/api/v1/challenges/{one}/pictures")
            assert reply.status_code == 410
    # Every reserved showing belongs to a challenge that is still there.
    living = [one for one in opened if not gone & set(state.peek(one).draft.renditions)]
    held = sum(len(draft.renditions) for draft in state.ready_drafts(KEY, "fresh"))
    held += sum(state.peek(one).draft.count for one in living)
    assert sum(Rendition.objects.values_list("reserved", flat=True)) == held


def test_an_open_challenge_is_closed_and_its_visitor_gets_new_pictures(
    stocked: NewSite, visitor: Visitor, reviewer: User
) -> None:
    challenge = visitor.ask(stocked.site.sitekey).json()["id"]
    visitor.get(f"/api/v1/challenges/{challenge}/pictures")
    picks = cats_of(challenge)
    forgetting.forget([rendition_in(state.peek(challenge).draft.renditions).pk], reviewer)
    reply = visitor.answer(challenge, picks)
    assert (reply.status_code, reply.json()["error"]) == (410, "challenge_expired")
    assert visitor.ask(stocked.site.sitekey).status_code == 201
    # No miss: it is filed as one that nobody answered, once, and not shown again.
    assert outcome_of(challenge).state == "open"
    assert sweep.close_overdue().expired == 1
    assert sweep.close_overdue().expired == 0
    assert outcome_of(challenge).state == "expired"


def test_what_nobody_looked_at_is_filed_as_abandoned_and_not_ready_again(
    stocked: NewSite, visitor: Visitor, reviewer: User
) -> None:
    challenge = visitor.ask(stocked.site.sitekey).json()["id"]
    draft = state.peek(challenge).draft
    forgetting.forget([rendition_in(draft.renditions).pk], reviewer)
    assert sweep.close_overdue().abandoned == 1
    assert draft.id not in [one.id for one in state.ready_drafts(KEY, "fresh")]
    issued, *ends = (
        Outcome.objects.count(),
        *(Outcome.objects.filter(state=one).count() for one in Outcome.State.values),
    )
    assert issued == sum(ends) == 1


def test_an_answer_that_was_faster_counts(
    stocked: NewSite, visitor: Visitor, reviewer: User
) -> None:
    challenge = visitor.ask(stocked.site.sitekey).json()["id"]
    visitor.get(f"/api/v1/challenges/{challenge}/pictures")
    photo = rendition_in(state.peek(challenge).draft.renditions)
    picks, closing = cats_of(challenge), state.settle

    def close_first(challenge: OpenChallenge, *, right: bool) -> state.Settled:
        closed = closing(challenge, right=right)
        forgetting.forget([photo.pk], reviewer)
        return closed

    with patch.object(state, "settle", close_first):
        reply = visitor.answer(challenge, picks)
    assert reply.status_code == 200
    assert sweep.close_overdue() == sweep.Closed(expired=0, abandoned=0, lost=0)
    assert outcome_of(challenge).state == "passed"


@pytest.mark.parametrize(
    "step",
    ["challenges.flows.forgetting._withdraw", "challenges.flows.forgetting._delete_file"],
)
@pytest.mark.parametrize("again", ["by the beat", "by a second run"])
def test_who_is_killed_in_between_leaves_nothing_for_good(
    stocked: NewSite, visitor: Visitor, reviewer: User, step: str, again: str
) -> None:
    challenge = visitor.ask(stocked.site.sitekey).json()["id"]
    photo = with_file(rendition_in(state.peek(challenge).draft.renditions))
    assert photo.rendition is not None
    names = [photo.storage_name, photo.rendition.name]
    with patch(step, side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        forgetting.forget([photo.pk], reviewer)
    assert not Photo.objects.filter(pk=photo.pk).exists()
    if again == "by the beat":
        with time_machine.travel(timedelta(seconds=forgetting.SETTLED + 1)):
            assert forgetting.finish() == 1
            assert forgetting.finish() == 0
    else:
        assert len(forgetting.forget([photo.pk], reviewer)) == 1
    assert not any(default_storage.exists(name) for name in names)
    assert photo.rendition.pk not in ready_renditions()
    assert visitor.answer(challenge, [0]).status_code == 410


def test_a_challenge_that_was_just_being_made_is_found_the_second_time(
    stocked: NewSite, reviewer: User
) -> None:
    draft = state.ready_drafts(KEY, "fresh")[0]
    forgetting.forget([rendition_in(draft.renditions).pk], reviewer)
    state.push_ready(KEY, "fresh", [draft])
    assert forgetting.finish() == 0
    assert draft.id not in [one.id for one in state.ready_drafts(KEY, "fresh")]
    with time_machine.travel(timedelta(seconds=forgetting.SETTLED + 1)):
        assert forgetting.finish() == 1


def test_without_redis_it_is_deleted_now_and_taken_out_of_challenges_later(
    stocked: NewSite, reviewer: User
) -> None:
    draft = state.ready_drafts(KEY, "fresh")[0]
    photo = rendition_in(draft.renditions)
    with patch.object(withdraw, "drop_ready", side_effect=state.Unreachable("away")):
        forgetting.forget([photo.pk], reviewer)
        with time_machine.travel(timedelta(minutes=1)):
            assert forgetting.finish() == 0
    assert not Photo.objects.filter(pk=photo.pk).exists()
    with time_machine.travel(timedelta(minutes=1)):
        assert forgetting.finish() == 1
    assert draft.id not in [one.id for one in state.ready_drafts(KEY, "fresh")]


def test_retiring_takes_a_photo_out_of_ready_challenges_in_the_next_round(
    stocked: NewSite, reviewer: User
) -> None:
    photo = rendition_in(state.ready_drafts(KEY, "fresh")[0].renditions)
    assert photo.rendition is not None
    review.retire([photo.pk], reviewer)
    stock.keep_stocked(0)
    assert photo.rendition.pk not in ready_renditions()


def test_pixels_that_came_back_can_be_deleted_again(db: None, reviewer: User) -> None:
    photo = pets.photo(Animal.CAT)
    handed_in(photo)
    forgetting.forget([photo.pk], reviewer)
    back = pets.photo(Animal.CAT)
    Photo.objects.filter(pk=back.pk).update(sha256=photo.sha256)
    forgetting.forget([back.pk], reviewer)
    assert Forgotten.objects.get().files == ["f" * 64]


def test_a_thousand_photos_go_in_a_few_seconds(db: None, reviewer: User) -> None:
    batch = pets.batch()
    Photo.objects.bulk_create(
        Photo(
            sha256=f"{number:064}",
            width=9,
            height=9,
            phash=number,
            bands=[number],
            group=number,
            batch=batch,
            rights="cleared",
        )
        for number in range(1000)
    )
    started = time.monotonic()
    made = forgetting.forget(Photo.objects.values_list("pk", flat=True), reviewer)
    assert (len(made), Photo.objects.count()) == (1000, 0)
    assert time.monotonic() - started < 30
    assert connection.in_atomic_block
