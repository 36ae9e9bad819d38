"""Where two people have to agree, nobody settles a photo alone, whichever door they take."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from challenges.flows import review, speaking
from challenges.flows.deciding import OnlyOwner, Word
from challenges.models import Photo
from challenges.models.photos import Rights
from tests import people
from tests.challenges.flows.test_deciding import now, waiting

PHOTOS = "/admin/challenges/photo/"
Way = Callable[[User, Photo, str], Any]


@pytest.fixture(autouse=True)
def _two_agree(db: None, settings: Any) -> None:
    settings.PAWCHA = {**settings.PAWCHA, "REVIEWERS_AGREE": 2}


def browser(person: User) -> Client:
    """Return the browser of this person."""
    client = Client()
    client.force_login(person)
    return client


def program(person: User) -> APIClient:
    """Return a program of this person."""
    client = APIClient()
    client.force_authenticate(person)
    return client


def page(person: User, photo: Photo, word: str) -> Any:
    return browser(person).post(f"{PHOTOS}{photo.pk}/do/{word}", follow=True)


def action(person: User, photo: Photo, word: str) -> Any:
    name = {"cat": "is_cat", "dog": "is_dog"}.get(word, word)
    sent = {"action": name, "_selected_action": [photo.pk]}
    return browser(person).post(PHOTOS, sent, follow=True)


def call(person: User, photo: Photo, word: str) -> Any:
    path = f"/api/v1/photos/{photo.pk}/label"
    return program(person).post(path, {"label": word}, format="json")


def call_of_queue(person: User, photo: Photo, word: str) -> Any:
    said = {"photo": photo.pk, "word": word}
    return program(person).post("/api/v1/queue/decisions", said, format="json")


DOORS = [page, action, call, call_of_queue]


@pytest.mark.parametrize("word", ["cat", "dog", "reject"])
@pytest.mark.parametrize("door", DOORS)
def test_a_first_word_waits_and_the_second_person_settles(door: Way, word: str) -> None:
    photo = waiting()
    door(people.person("rea", "reviewer"), photo, word)
    assert now(photo) == ("proposed", "cat")
    assert photo.labels.all().open().count() == 1
    door(people.person("bo", "reviewer"), photo, word)
    after = {"cat": ("pooled", "cat"), "dog": ("pooled", "dog"), "reject": ("rejected", "cat")}
    assert now(photo) == after[word]


@pytest.mark.parametrize("door", DOORS)
def test_who_disagrees_does_not_end_it_alone(door: Way) -> None:
    photo, rea, bo = waiting(), people.person("rea", "reviewer"), people.person("bo", "reviewer")
    door(rea, photo, "cat")
    door(bo, photo, "dog")
    assert photo.labels.count() == 2
    for person, word in ((rea, "cat"), (bo, "dog"), (rea, "dog"), (bo, "reject")):
        door(person, photo, word)
        assert now(photo) == ("proposed", "cat")
        assert photo.doubt_kind == Photo.Doubt.REVIEWERS
    door(people.person("ann", "owner"), photo, "dog")
    assert now(photo) == ("pooled", "dog")


@pytest.mark.parametrize("step", ["accept", "neither"])
def test_the_other_buttons_wait_as_well(step: str) -> None:
    photo = waiting()
    said = page(people.person("rea", "reviewer"), photo, step).content.decode()
    assert "waiting for another reviewer&#x27;s word: 1." in said
    assert now(photo) == ("proposed", "cat")
    assert (
        "In the pool now: 1."
        in page(people.person("ann", "owner"), photo, "accept").content.decode()
    )


def test_confirming_in_the_list_counts_what_was_not_taken() -> None:
    photo, rea = waiting(), people.person("rea", "reviewer")
    action(rea, photo, "dog")
    said = action(rea, photo, "confirm").content.decode()
    assert "not taken: 1. You said dog about this photo" in said


def test_many_at_once_are_for_owners(monkeypatch: pytest.MonkeyPatch) -> None:
    photo, rea = waiting(), people.person("rea", "reviewer")
    sentence = str(OnlyOwner())
    batch = {"action": "accept", "_selected_action": [photo.batch_id]}
    said = browser(rea).post("/admin/challenges/batch/", batch, follow=True)
    assert sentence in said.content.decode()
    rows = [{"number": str(photo.pk), "label": "dog"}]
    for query in ("", "?dry_run=1"):
        refused = program(rea).post(f"/api/v1/labels{query}", rows, format="json")
        assert (refused.status_code, refused.json()["message"]) == (403, sentence)
    file = SimpleUploadedFile("a.csv", f"number,label\n{photo.pk},dog\n".encode())
    for path in ("import", "process_import"):
        said = browser(rea).post(f"{PHOTOS}{path}/", {"import_file": file}, follow=True)
        assert sentence in said.content.decode()
    monkeypatch.setattr(speaking, "MOST", 0)
    assert sentence in action(rea, photo, "cat").content.decode()
    for flow in (review.accept, review.reject):
        with pytest.raises(OnlyOwner):
            flow([photo.pk], rea)
    with pytest.raises(OnlyOwner):
        review.accept_waiting([photo.pk], rea, "")
    assert now(photo) == ("proposed", "cat")
    assert not photo.labels.exists()
    done = browser(people.person("ann", "owner")).post("/admin/challenges/batch/", batch)
    assert (done.status_code, now(photo)) == (302, ("pooled", "cat"))


def test_retiring_and_restoring_is_no_word() -> None:
    photo, rea = waiting(), people.person("rea", "reviewer")
    Photo.objects.filter(pk=photo.pk).update(status="pooled", doubt="Look.", doubt_kind="missed")
    for step in ("retire", "restore"):
        page(rea, photo, step)
    assert now(photo) == ("pooled", "cat")
    assert photo.doubt == "Look."


@pytest.mark.parametrize("rights", [Rights.CLEARED, Rights.UNSTATED])
def test_what_reviewers_disagree_about_is_shown_to_nobody(rights: Rights) -> None:
    photo = waiting(rights=rights, doubt="Look.", doubt_kind="missed")
    stood = "held" if rights == Rights.UNSTATED else "pooled"
    Photo.objects.filter(pk=photo.pk).update(status=stood)
    rea, bo = people.person("rea", "reviewer"), people.person("bo", "reviewer")
    review.decide(photo.pk, rea, Word.CAT)
    assert now(photo)[0] == stood
    review.decide(photo.pk, bo, Word.DOG)
    assert now(photo)[0] == "proposed"
    review.state_right([photo.pk], Rights.CLEARED, "", rea)
    assert now(photo)[0] == "proposed"
    assert speaking.say_of(photo.pk, rea).waiting == 1
    assert now(photo)[0] == "proposed"
    review.undo(bo)
    assert now(photo) == ("pooled", "cat")
