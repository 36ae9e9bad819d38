"""One person decides, or two agree; and what was said can be taken back."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection, transaction

from challenges.exceptions import AlreadySettled, NotUndone, PhotoGone, PhotoTaken
from challenges.flows import claims, review
from challenges.flows.review import Word
from challenges.models import Label, Photo, PictureReport
from challenges.models.photos import Animal, Rights
from tests import pets

Status = Photo.Status


def waiting(label: str = "cat", rights: Rights = Rights.CLEARED, **fields: Any) -> Photo:
    """Return a photo whose proposed label waits for a person."""
    made = pets.photo(Animal.CAT, rights)
    fields = {"status": Status.PROPOSED if label else Status.UNLABELLED, **fields}
    Photo.objects.filter(pk=made.pk).update(label=label, **fields)
    made.refresh_from_db()
    return made


def now(made: Photo) -> tuple[str, str]:
    """Return the photo's status and label as they are now."""
    made.refresh_from_db()
    return made.status, made.label


def somebody(name: str) -> User:
    """Return a person who may label, and nothing else."""
    made = User.objects.create_user(name, is_staff=True)
    made.user_permissions.add(Permission.objects.get(codename="label_photo"))
    return made


@pytest.fixture
def ann(db: None) -> User:
    return somebody("Ann")


@pytest.fixture
def ben(db: None) -> User:
    return somebody("Ben")


@pytest.fixture
def cy(db: None) -> User:
    return somebody("Cy")


@pytest.fixture
def two_agree(settings: Any) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "REVIEWERS_AGREE": 2}


class TestAlone:
    @pytest.mark.parametrize(
        ("word", "after"),
        [
            (Word.CAT, ("pooled", "cat")),
            (Word.DOG, ("pooled", "dog")),
            (Word.NEITHER, ("rejected", "neither")),
            (Word.REJECT, ("rejected", "cat")),
        ],
    )
    def test_a_word_settles(self, ann: User, word: Word, after: tuple[str, str]) -> None:
        made = waiting(doubt="Look.", doubt_kind=Photo.Doubt.MISSED)
        assert review.decide(made.pk, ann, word).came == "settled"
        assert now(made) == after
        assert (made.doubt, made.doubt_kind) == ("", "")
        said = made.labels.get()
        assert (said.person, said.label, bool(said.settled_at)) == (ann, word.label, True)

    def test_without_a_right_it_is_held(self, ann: User) -> None:
        made = waiting(rights=Rights.UNSTATED)
        assert review.decide(made.pk, ann, Word.DOG).status == "held"
        assert now(made) == ("held", "dog")

    def test_saying_it_again_changes_nothing(self, ann: User) -> None:
        made = waiting()
        claims.claim(ann, 8)
        first = review.decide(made.pk, ann, Word.DOG, waiting=True)
        assert review.decide(made.pk, ann, Word.DOG, waiting=True) == first
        assert made.labels.count() == 1

    def test_a_new_doubt_wants_a_new_word(self, ann: User) -> None:
        made = waiting()
        review.decide(made.pk, ann, Word.CAT)
        Photo.objects.filter(pk=made.pk).update(doubt="Often missed.", doubt_kind="missed")
        review.decide(made.pk, ann, Word.CAT, waiting=True)
        assert made.labels.count() == 2
        assert not Photo.objects.in_doubt().exists()

    def test_a_deleted_photo_breaks_nothing(self, ann: User) -> None:
        made = waiting()
        claims.claim(ann, 8)
        key = made.pk
        made.delete()
        with pytest.raises(PhotoGone, match="deleted meanwhile"):
            review.decide(key, ann, Word.CAT)

    def test_what_another_has_on_the_screen_is_refused(self, ann: User, ben: User) -> None:
        made = waiting()
        claims.claim(ben, 8)
        with pytest.raises(PhotoTaken, match="Ben has this photo on the screen now"):
            review.decide(made.pk, ann, Word.CAT)
        assert now(made) == ("proposed", "cat")

    def test_who_was_slower_hears_who_was_faster(self, ann: User, ben: User) -> None:
        made = waiting()
        review.decide(made.pk, ben, Word.DOG)
        with pytest.raises(AlreadySettled, match=r"Ben said dog .* first\. Nothing was changed"):
            review.decide(made.pk, ann, Word.CAT, waiting=True)
        assert now(made) == ("pooled", "dog")


class TestUndo:
    def test_it_brings_everything_back(self, ann: User) -> None:
        made = waiting("dog", doubt="Look.", doubt_kind="network", status="pooled", deal_order=7.5)
        review.decide(made.pk, ann, Word.CAT)
        assert now(made) == ("pooled", "cat")
        undone = review.undo(ann)
        assert (undone.photo, undone.word) == (made.pk, "cat")
        assert now(made) == ("pooled", "dog")
        assert (made.doubt, made.doubt_kind, made.deal_order) == ("Look.", "network", 7.5)
        assert made.labels.get().undone_at is not None

    def test_it_goes_back_one_by_one(self, ann: User) -> None:
        first, second = waiting(), waiting("")
        review.decide(first.pk, ann, Word.CAT)
        review.decide(second.pk, ann, Word.REJECT)
        assert review.undo(ann).photo == second.pk
        assert now(second) == ("unlabelled", "")
        assert review.undo(ann).photo == first.pk
        with pytest.raises(NotUndone, match="no decision of yours"):
            review.undo(ann)

    def test_a_named_one_may_be_undone_twice(self, ann: User) -> None:
        made = waiting()
        said = review.decide(made.pk, ann, Word.DOG)
        assert review.undo(ann, said.id) == review.undo(ann, said.id)
        assert now(made) == ("proposed", "cat")

    def test_nobody_undoes_another_s(self, ann: User, ben: User) -> None:
        said = review.decide(waiting().pk, ann, Word.DOG)
        with pytest.raises(NotUndone):
            review.undo(ben, said.id)

    def test_it_leaves_what_others_said_since(self, ann: User, ben: User) -> None:
        made = waiting()
        review.decide(made.pk, ann, Word.CAT)
        review.decide(made.pk, ben, Word.DOG)
        with pytest.raises(NotUndone, match="Ben said dog about this photo since"):
            review.undo(ann)
        assert now(made) == ("pooled", "dog")

    def test_it_leaves_what_has_changed_since(self, ann: User, ben: User) -> None:
        made = waiting()
        review.decide(made.pk, ann, Word.CAT)
        review.retire([made.pk], ben)
        with pytest.raises(NotUndone, match=r"changed since then \(retired\)"):
            review.undo(ann)

    def test_a_later_doubt_stays(self, ann: User) -> None:
        made = waiting()
        review.decide(made.pk, ann, Word.CAT)
        Photo.objects.filter(pk=made.pk).update(doubt="New.", doubt_kind="missed")
        review.undo(ann)
        made.refresh_from_db()
        assert (made.status, made.doubt) == ("proposed", "New.")

    def test_a_deleted_photo_breaks_nothing(self, ann: User) -> None:
        made = waiting()
        said = review.decide(made.pk, ann, Word.CAT)
        made.delete()
        with pytest.raises(NotUndone, match="deleted meanwhile"):
            review.undo(ann, said.id)

    def test_what_was_accepted_in_bulk_can_be_undone_too(self, ann: User) -> None:
        made = waiting("dog")
        review.accept([made.pk], ann)
        review.undo(ann)
        assert now(made) == ("proposed", "dog")


@pytest.mark.usefixtures("two_agree")
class TestTwoAgree:
    def test_the_first_word_waits_for_the_same_one(self, ann: User, ben: User) -> None:
        made = waiting()
        assert review.decide(made.pk, ann, Word.DOG).came == "waits"
        assert now(made) == ("proposed", "cat")
        assert claims.claim(ann, 8) == []
        assert claims.claim(ben, 8) == [made]
        assert review.decide(made.pk, ben, Word.DOG).came == "settled"
        assert now(made) == ("pooled", "dog")
        assert not made.labels.all().open().exists()

    def test_one_cannot_agree_with_oneself(self, ann: User) -> None:
        made = waiting()
        first = review.decide(made.pk, ann, Word.DOG)
        assert review.decide(made.pk, ann, Word.DOG) == first
        with pytest.raises(AlreadySettled, match="You said dog"):
            review.decide(made.pk, ann, Word.CAT)

    def test_two_who_differ_go_to_a_third(self, ann: User, ben: User, cy: User) -> None:
        made = waiting()
        review.decide(made.pk, ann, Word.CAT)
        assert review.decide(made.pk, ben, Word.DOG).came == "disputed"
        made.refresh_from_db()
        assert (made.doubt, made.doubt_kind) == ("Ann says cat, Ben says dog.", "reviewers")
        assert claims.claim(ann, 8) == claims.claim(ben, 8) == []
        assert claims.claim(cy, 8) == [made]
        assert review.decide(made.pk, cy, Word.DOG).came == "settled"
        assert now(made) == ("pooled", "dog")
        assert made.doubt == ""

    def test_three_who_differ_go_to_an_owner(
        self, ann: User, ben: User, cy: User, reviewer: User
    ) -> None:
        made = waiting()
        for person, word in ((ann, Word.CAT), (ben, Word.DOG), (cy, Word.NEITHER)):
            review.decide(made.pk, person, word)
        made.refresh_from_db()
        assert made.doubt == "Ann says cat, Ben says dog, Cy says neither: an owner decides."
        assert claims.claim(somebody("Di"), 8) == []
        assert claims.claim(reviewer, 8) == [made]
        assert review.decide(made.pk, reviewer, Word.REJECT).came == "settled"
        assert now(made) == ("rejected", "cat")

    def test_an_owner_may_end_a_disagreement_of_their_own(self, ann: User, reviewer: User) -> None:
        made = waiting()
        review.decide(made.pk, reviewer, Word.CAT)
        review.decide(made.pk, ann, Word.DOG)
        assert claims.claim(reviewer, 8) == [made]
        assert review.decide(made.pk, reviewer, Word.CAT).came == "settled"
        assert now(made) == ("pooled", "cat")

    def test_a_repeated_call_is_no_second_word(self, ann: User, reviewer: User) -> None:
        made = waiting()
        review.decide(made.pk, ann, Word.DOG)
        first = review.decide(made.pk, reviewer, Word.CAT)
        assert review.decide(made.pk, reviewer, Word.CAT) == first
        assert first.came == "disputed"

    def test_undoing_the_second_word_opens_the_first(self, ann: User, ben: User) -> None:
        made = waiting()
        review.decide(made.pk, ann, Word.DOG)
        review.decide(made.pk, ben, Word.DOG)
        with pytest.raises(NotUndone, match="Ben said dog"):
            review.undo(ann)
        review.undo(ben)
        assert now(made) == ("proposed", "cat")
        assert made.labels.all().open().get().person == ann

    def test_undoing_the_word_that_differed_ends_the_doubt(self, ann: User, ben: User) -> None:
        made = waiting()
        review.decide(made.pk, ann, Word.CAT)
        review.decide(made.pk, ben, Word.DOG)
        review.undo(ben)
        made.refresh_from_db()
        assert (made.doubt, made.doubt_kind) == ("", "")

    def test_a_pooled_photo_waits_for_the_second_word(self, ann: User, ben: User) -> None:
        made = pets.photo(Animal.CAT)
        review.decide(made.pk, ann, Word.DOG)
        assert now(made) == ("pooled", "cat")
        assert made.doubt == "Ann says dog."
        assert claims.claim(ben, 8) == [made]


class TestRights:
    def test_held_photos_are_pooled_once_a_right_is_stated(self, ann: User) -> None:
        made, other = waiting(rights=Rights.UNSTATED), waiting("", Rights.UNSTATED)
        assert review.accept([made.pk], ann).held == 1
        assert now(made) == ("held", "cat")
        done = review.state_right([made.pk, other.pk], Rights.CLEARED, "Ours.", ann)
        assert (done.changed, done.pooled, done.held) == (2, 1, 0)
        assert now(made) == ("pooled", "cat")
        assert now(other) == ("unlabelled", "")
        assert other.rights == "cleared"

    def test_a_right_is_taken_back(self, ann: User) -> None:
        made = pets.photo(Animal.CAT)
        assert review.state_right([made.pk], Rights.UNSTATED, "", ann).held == 1
        assert now(made) == ("held", "cat")

    def test_a_batch_states_it_for_those_that_had_its_right(self, ann: User) -> None:
        batch = pets.batch(Rights.UNSTATED)
        made, trial = waiting(rights=Rights.UNSTATED), waiting(rights=Rights.TRIAL)
        Photo.objects.filter(pk=trial.pk).update(batch=batch)
        done = review.state_right(batch, Rights.CLEARED, "Given by the shelter.", ann)
        assert done.changed == 1
        batch.refresh_from_db()
        assert (batch.rights, batch.rights_text) == ("cleared", "Given by the shelter.")
        made.refresh_from_db()
        trial.refresh_from_db()
        assert (made.rights, trial.rights) == ("cleared", "trial")

    def test_trusted_names_pool_nothing_without_a_right(self, db: None) -> None:
        made = waiting("", Rights.UNSTATED)
        review.propose(made, "cat", trusted=True)
        assert now(made) == ("held", "cat")


def test_it_restores(ann: User) -> None:
    retired, rejected, held = (
        waiting(rights=right) for right in (Rights.CLEARED, Rights.CLEARED, Rights.UNSTATED)
    )
    Photo.objects.filter(pk__in=[retired.pk, held.pk]).update(status="retired")
    Photo.objects.filter(pk=rejected.pk).update(status="rejected")
    assert review.restore([retired.pk, rejected.pk, held.pk], ann) == 3
    assert now(retired) == ("pooled", "cat")
    assert now(rejected) == ("proposed", "cat")
    assert now(held) == ("held", "cat")


def test_a_settled_photo_counts_no_report(ann: User) -> None:
    made = pets.photo(Animal.CAT)
    PictureReport.objects.create(photo=made, prefix="a")
    review.decide(made.pk, ann, Word.CAT)
    assert not PictureReport.objects.exists()


def gone(pk: int) -> None:
    """Delete a photo as deleting for good does: with its row locked."""
    with transaction.atomic():
        Photo.objects.select_for_update().get(pk=pk).delete()


def at_once(*jobs: Any) -> list[Any]:
    """Run these at the same time in threads of their own; return what came, errors too."""
    came: list[Any] = [None] * len(jobs)
    start = threading.Barrier(len(jobs))

    def run(place: int) -> None:
        try:
            start.wait(10)
            came[place] = jobs[place]()
        except Exception as error:
            came[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(jobs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return came


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_of_two_who_decide_one_settles(self, ann: User, ben: User) -> None:
        for _ in range(10):
            made = waiting()
            came = at_once(
                lambda made=made: review.decide(made.pk, ann, Word.CAT, waiting=True),
                lambda made=made: review.decide(made.pk, ben, Word.DOG, waiting=True),
            )
            assert sum(isinstance(one, AlreadySettled) for one in came) == 1
            said = Label.objects.get(photo=made)
            assert now(made) == ("pooled", said.label)

    @pytest.mark.usefixtures("two_agree")
    def test_two_who_agree_at_once_settle(self, ann: User, ben: User) -> None:
        for _ in range(10):
            made = waiting()
            came = at_once(
                lambda made=made: review.decide(made.pk, ann, Word.DOG).came,
                lambda made=made: review.decide(made.pk, ben, Word.DOG).came,
            )
            assert sorted(came) == ["settled", "waits"]
            assert now(made) == ("pooled", "dog")

    def test_deciding_undoing_and_deleting_leave_no_halves(self, ann: User, ben: User) -> None:
        for _ in range(10):
            made = waiting()
            said = review.decide(made.pk, ann, Word.CAT)
            came = at_once(
                lambda said=said: review.undo(ann, said.id),
                lambda made=made: review.decide(made.pk, ben, Word.DOG),
                lambda made=made: gone(made.pk),
            )
            assert not any(
                isinstance(one, Exception) and not isinstance(one, NotUndone | PhotoGone)
                for one in came
            ), came
            assert not Photo.objects.exists()
