"""The queue's calls."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import User
from rest_framework.test import APIClient

from challenges.models import Claim, Photo
from challenges.models.photos import Animal
from tests import pets
from tests.challenges.flows.test_deciding import now, somebody, waiting


@pytest.fixture
def ann(db: None) -> User:
    return somebody("Ann")


@pytest.fixture
def desk(ann: User) -> APIClient:
    client = APIClient()
    client.force_login(ann)
    return client


def test_it_hands_out_the_next_photos_with_what_is_known(desk: APIClient) -> None:
    made = waiting(certainty=0.7, p_cat=0.7, looked_by="shipped")
    alike = pets.photo(Animal.CAT, group=made.group)
    said = desk.get("/api/v1/queue?number=8").json()
    assert (said["left"], said["agree"]) == (1, 1)
    (photo,) = said["photos"]
    assert photo["id"] == made.pk
    assert photo["picture"] == f"/admin/challenges/label/picture/{made.pk}/960"
    assert (photo["label"], photo["certainty"], photo["batch"]) == ("cat", 0.7, "test cleared")
    assert [one["id"] for one in photo["alike"]] == [alike.pk]
    assert desk.get(f"/api/v1/queue?holding={made.pk}").json()["photos"] == []


@pytest.mark.parametrize(
    "query",
    [
        "number=51",
        "number=x",
        "number=-1",
        "number=" + "0" * 9 + "9" * 5000,
        "number=\u00b2",
        "holding=1,x",
        "holding=" + "1," * 300,
        "holding=" + "9" * 19,
    ],
)
def test_it_refuses_what_it_cannot_read(desk: APIClient, query: str) -> None:
    said = desk.get(f"/api/v1/queue?{query}")
    assert (said.status_code, said.json()["error"]) == (400, "invalid_request")


def test_a_decision_is_taken_and_taken_back(desk: APIClient) -> None:
    made = waiting()
    done = desk.post("/api/v1/queue/decisions", {"photo": made.pk, "word": "dog"}, format="json")
    assert done.status_code == 201
    assert (done.json()["came"], done.json()["status"]) == ("settled", "pooled")
    back = desk.post("/api/v1/queue/undo", {"decision": done.json()["id"]}, format="json")
    assert (back.status_code, back.json()["status"]) == (200, "proposed")
    assert now(made) == ("proposed", "cat")
    assert Claim.objects.filter(photo=made).exists()


def test_errors_are_sentences(desk: APIClient, ann: User) -> None:
    made = waiting()
    key = made.pk
    said = desk.post("/api/v1/queue/decisions", {"photo": key, "word": "bird"}, format="json")
    assert (said.status_code, said.json()["error"]) == (400, "invalid_request")
    Claim.objects.create(photo=made, person=somebody("Ben"), until="2999-01-01T00:00Z")
    said = desk.post("/api/v1/queue/decisions", {"photo": key, "word": "cat"}, format="json")
    assert (said.status_code, said.json()["error"]) == (409, "photo_taken")
    Photo.objects.all().delete()
    said = desk.post("/api/v1/queue/decisions", {"photo": key, "word": "cat"}, format="json")
    assert (said.status_code, said.json()["error"]) == (404, "photo_gone")
    said = desk.post("/api/v1/queue/undo", {}, format="json")
    assert (said.status_code, said.json()["error"]) == (409, "not_undone")


def test_leaving_gives_photos_back(desk: APIClient) -> None:
    made = waiting()
    desk.get("/api/v1/queue")
    said = desk.post("/api/v1/queue/release", {"photos": [made.pk]}, format="json")
    assert said.json() == {"released": 1}
    assert not Claim.objects.exists()


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("get", "/api/v1/queue"),
        ("post", "/api/v1/queue/decisions"),
        ("post", "/api/v1/queue/undo"),
        ("post", "/api/v1/queue/release"),
        ("get", "/admin/challenges/label/queue/"),
        ("get", "/admin/challenges/label/sample/"),
        ("get", "/admin/challenges/label/picture/1/960"),
    ],
)
def test_only_who_may_label_gets_in(db: None, method: str, path: str) -> None:
    client = APIClient()
    assert getattr(client, method)(path).status_code in (302, 401, 403)
    client.force_login(User.objects.create_user("analyst", is_staff=True))
    assert getattr(client, method)(path).status_code == 403
