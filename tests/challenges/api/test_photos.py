"""Photos over HTTP, with a token."""

from __future__ import annotations

import re
from typing import Any

import pytest
import yaml
from django.contrib.auth.models import Permission, User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from challenges import imaging
from challenges.flows import forgetting, intake
from challenges.models import Batch, Forgotten, Label, Photo, Upload
from challenges.models.photos import Animal
from tests import drawn, pets

PHOTOS = "/api/v1/photos"
LABELS = "/api/v1/labels"


@pytest.fixture
def desk(reviewer: User) -> APIClient:
    """Return a program of a person who may do everything."""
    client = APIClient()
    client.force_authenticate(reviewer)
    return client


def may(*codenames: str) -> APIClient:
    """Return a program of a person with these rights only."""
    person = User.objects.create_user(f"may {' '.join(codenames)}", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client = APIClient()
    client.force_authenticate(person)
    return client


def waiting() -> Photo:
    """Return a photo that waits for a person."""
    made = pets.photo(Animal.CAT)
    made.status = Photo.Status.PROPOSED
    made.save()
    return made


def refused(reply: Any) -> tuple[int, str]:
    """Return status and code of an error, which also has a sentence."""
    assert set(reply.json()) == {"error", "message"}
    assert reply.json()["message"].endswith((".", "]")) or reply.json()["message"]
    return reply.status_code, reply.json()["error"]


def numbers(reply: Any) -> list[int]:
    """Return the numbers of the photos of a page."""
    assert reply.status_code == 200, reply.content
    return [one["number"] for one in reply.json()["results"]]


def test_photos_are_listed_page_by_page(desk: APIClient) -> None:
    photos = [pets.photo(Animal.CAT).pk for _ in range(5)]
    first = desk.get(PHOTOS, {"page_size": 3})
    assert numbers(first) == photos[:1:-1]
    pets.photo(Animal.CAT)
    assert numbers(desk.get(first.json()["next"])) == photos[1::-1]
    assert first.json()["previous"] is None


@pytest.mark.parametrize(
    "query",
    [
        {"search": "Minka"},
        {"status": "proposed", "label": "cat"},
        {"source": "person"},
        {"shelter": "south"},
        {"doubt": "missed"},
        {"doubt": "yes"},
        {"link": "yes"},
        {"missed_least": "20", "missed_most": "30"},
        {"solved_most": "10"},
        {"duplicates": "yes"},
    ],
)
def test_photos_are_found(desk: APIClient, query: dict[str, str]) -> None:
    photo, other = waiting(), pets.photo(Animal.DOG)
    pets.photo(Animal.DOG)
    Photo.objects.filter(pk__in=[photo.pk, other.pk]).update(group=7)
    Photo.objects.filter(pk=photo.pk).update(
        pet_name="Minka",
        shelter="Shelter South",
        adoption_url="https://s.example/",
        doubt="Why",
        doubt_kind="missed",
        seen=100,
        missed=25,
        scored=10,
        solved=1,
    )
    Label.objects.create(photo=photo, label="cat", source="person")
    found = [pk for pk in numbers(desk.get(PHOTOS, query)) if pk != other.pk]
    assert found == [photo.pk]


@pytest.mark.parametrize("query", [{"status": "gone"}, {"batch": "x"}, {"missed_least": "-1"}])
def test_a_query_that_is_none_gets_a_sentence(desk: APIClient, query: dict[str, str]) -> None:
    assert refused(desk.get(PHOTOS, query)) == (400, "invalid_request")


def test_a_photo_tells_what_was_said_about_it(desk: APIClient, reviewer: User) -> None:
    photo = waiting()
    near = pets.photo(Animal.CAT, group=photo.group)
    Label.objects.create(photo=photo, label="cat", source="person", person=reviewer)
    told = desk.get(f"{PHOTOS}/{photo.pk}").json()
    assert (told["number"], told["batch"], told["near"]) == (photo.pk, "test cleared", [near.pk])
    assert (told["said"][0]["person"], told["said"][0]["label"]) == ("reviewer", "cat")


def test_a_photo_is_fetched_as_a_picture(desk: APIClient) -> None:
    photo = waiting()
    assert refused(desk.get(f"{PHOTOS}/{photo.pk}/picture")) == (404, "unknown_photo")
    data = imaging.strip(drawn.picture(1, 400, 300))
    default_storage.save(photo.storage_name, ContentFile(data))
    reply = desk.get(f"{PHOTOS}/{photo.pk}/picture")
    assert (reply["Content-Type"], reply.content[:2]) == ("image/jpeg", b"\xff\xd8")


def test_a_photo_is_labelled_retired_and_restored(desk: APIClient) -> None:
    photo = waiting()
    steps = [
        ("label", {"label": "dog"}, True, "pooled", "dog"),
        ("retire", None, True, "retired", "dog"),
        ("retire", None, False, "retired", "dog"),
        ("restore", None, True, "pooled", "dog"),
        ("label", {"label": "neither"}, True, "rejected", "neither"),
        ("label", {"label": "cat"}, True, "pooled", "cat"),
        ("label", {"label": "reject"}, True, "rejected", "cat"),
    ]
    for step, body, changed, status, label in steps:
        reply = desk.post(f"{PHOTOS}/{photo.pk}/{step}", body, format="json").json()
        now = reply["photo"]
        assert (reply["changed"], now["status"], now["label"]) == (changed, status, label), step
    wrong = desk.post(f"{PHOTOS}/{photo.pk}/label", {"label": "hamster"}, format="json")
    assert refused(wrong) == (400, "invalid_request")


def test_a_photo_is_deleted_for_good(desk: APIClient) -> None:
    photo = waiting()
    told = desk.delete(f"{PHOTOS}/{photo.pk}?reason=Asked").json()
    assert (told["number"], told["reason"]) == (photo.pk, "Asked")
    assert told["held_by"][0].startswith("Backups of ")
    assert Forgotten.objects.get().photo == photo.pk
    for step in ("", "/picture"):
        assert refused(desk.get(f"{PHOTOS}/{photo.pk}{step}")) == (410, "photo_deleted")
    assert desk.delete(f"{PHOTOS}/{photo.pk}").status_code == 200
    assert refused(desk.delete(f"{PHOTOS}/999999")) == (404, "unknown_photo")


def send(client: APIClient, **words: str) -> Any:
    """Send a photo."""
    file = SimpleUploadedFile("Мурка.jpg", drawn.photo_file(5), "image/jpeg")
    return client.post(PHOTOS, {"file": file, **words}, format="multipart")


def test_a_photo_is_sent_with_its_words(desk: APIClient, reviewer: User) -> None:
    words = {"pet_name": "Мурка", "shelter": "Süd", "adoption_link": "https://s.example/m"}
    sent = send(desk, label="cat", credit="Jo", **words)
    assert sent.status_code == 202, sent.content
    told = sent.json()
    assert (told["name"], told["state"], told["photo"]) == ("Мурка.jpg", "waiting", None)
    intake.take_in(told["id"])
    told = desk.get(told["where"]).json()
    photo = Photo.objects.get(pk=told["photo"])
    assert told["state"] == "stored"
    assert (photo.pet_name, photo.shelter, photo.credit) == ("Мурка", "Süd", "Jo")
    assert (photo.status, photo.label, photo.rights) == ("proposed", "cat", "unstated")
    assert photo.batch.person == reviewer
    again = send(desk).json()
    assert (again["id"], again["state"]) == (told["id"], "stored")


def test_a_photo_is_sent_into_an_own_batch_only(desk: APIClient, reviewer: User) -> None:
    own = Batch.objects.create(name="own", rights="cleared", person=reviewer)
    assert send(desk, batch=str(own.pk)).status_code == 202
    assert Upload.objects.get().batch == own
    assert refused(send(desk, batch=str(pets.batch().pk))) == (404, "unknown_batch")


def test_a_deleted_photo_is_not_taken_in_again(desk: APIClient, reviewer: User) -> None:
    sent = send(desk).json()
    photo = intake.take_in(sent["id"])
    assert photo is not None
    forgetting.forget([photo.pk], reviewer)
    told = desk.get(sent["where"]).json()
    assert (told["state"], told["name"]) == ("rejected", forgetting.NAMELESS)
    other = Batch.objects.create(name="other", rights="cleared", person=reviewer)
    again = send(desk, batch=str(other.pk)).json()
    intake.take_in(again["id"])
    assert desk.get(again["where"]).json()["reason"].startswith("This photo was deleted for good")
    assert not default_storage.exists(photo.storage_name)


@pytest.mark.parametrize(
    "words",
    [
        {"adoption_link": "http://s.example"},
        {"adoption_link": "https://s.example"},
        {"label": "hamster"},
        {"pet_name": "x" * 81},
    ],
)
def test_wrong_words_get_a_sentence(desk: APIClient, words: dict[str, str]) -> None:
    assert refused(send(desk, **words)) == (400, "invalid_request")


def test_an_upload_is_seen_by_who_sent_it(desk: APIClient) -> None:
    sender, other = may("upload_batch"), APIClient()
    other.force_authenticate(User.objects.create_user("other"))
    person = User.objects.get(username="other")
    person.user_permissions.set(Permission.objects.filter(codename="upload_batch"))
    where = send(sender).json()["where"]
    assert sender.get(where).status_code == 200
    assert desk.get(where).status_code == 200
    assert refused(other.get(where)) == (404, "unknown_upload")


CALLS = [
    ("get", PHOTOS, "view_photo"),
    ("post", PHOTOS, "upload_batch"),
    ("get", f"{PHOTOS}/1", "view_photo"),
    ("delete", f"{PHOTOS}/1", "forget_photo"),
    ("get", f"{PHOTOS}/1/picture", "view_photo"),
    ("post", f"{PHOTOS}/1/label", "label_photo"),
    ("post", f"{PHOTOS}/1/retire", "retire_photo"),
    ("post", f"{PHOTOS}/1/restore", "retire_photo"),
    ("get", LABELS, "export_labels"),
    ("post", LABELS, "label_photo"),
]


@pytest.mark.parametrize(("method", "path", "right"), CALLS)
def test_each_call_needs_its_right(db: None, method: str, path: str, right: str) -> None:
    rights = {right for _, _, right in CALLS}
    assert getattr(APIClient(), method)(path).status_code in (401, 403)
    assert getattr(may(*(rights - {right})), method)(path).status_code == 403
    assert getattr(may(right), method)(path).status_code not in (401, 403)


def schema() -> Any:
    """Return the API's own description."""
    return yaml.safe_load(APIClient().get("/api/schema/").content)


def test_each_call_is_described_with_an_example(db: None) -> None:
    paths = schema()["paths"]
    mine = {path: calls for path, calls in paths.items() if re.search("photos|labels|upl", path)}
    assert len(mine) == 8
    for path, calls in mine.items():
        for method, call in calls.items():
            if path.endswith("/picture"):
                continue
            assert "examples" in str(call["responses"]), (method, path)


def test_the_examples_work_when_they_are_sent(desk: APIClient) -> None:
    pets.photo(Animal.CAT)
    photo = waiting()
    Photo.objects.filter(pk=photo.pk).update(sha256="5e0f0b6d" * 8)
    sent = 0
    for path, calls in schema()["paths"].items():
        if not re.search(r"photos/|v1/labels", path):
            continue
        for method, call in calls.items():
            content = call.get("requestBody", {}).get("content", {}).get("application/json", {})
            for example in content.get("examples", {}).values():
                body = str(example["value"]).replace(
                    "'311'", f"'{Photo.objects.earliest('pk').pk}'"
                )
                reply = getattr(desk, method)(
                    path.replace("{number}", str(photo.pk)), yaml.safe_load(body), format="json"
                )
                assert reply.status_code == 200, (path, reply.content)
                sent += 1
    assert sent == 2
