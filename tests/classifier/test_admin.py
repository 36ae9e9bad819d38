"""Versions and retrainings in the admin."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from challenges.models import Label
from challenges.models.photos import Animal
from classifier.flows import retrain, versions
from classifier.flows.compare import Decision, Figures
from classifier.models import ModelVersion, Retraining
from tests import pets
from tests.challenges.admin.test_photos import Queries

VERSIONS = "/admin/classifier/modelversion/"
RETRAININGS = "/admin/classifier/retraining/"


@pytest.fixture(autouse=True)
def _shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "shipped.safetensors"
    path.write_bytes(b"weights")
    card = {"sha256": versions.digest(path), "name": "shipped-1"}
    path.with_suffix(".json").write_text(json.dumps(card))
    monkeypatch.setattr(versions, "SHIPPED", path)


@pytest.fixture
def desk(client: Client, reviewer: User) -> Client:
    """Return the reviewer's browser."""
    client.force_login(reviewer)
    return client


def version(name: str, **fields: object) -> ModelVersion:
    """Return a version with a stored file; nobody here looks into it."""
    data = name.encode()
    sha256 = hashlib.sha256(data).hexdigest()
    made = ModelVersion(name=name, sha256=sha256, size=len(data), arch="pawnet", **fields)
    default_storage.save(made.storage_name, ContentFile(data))
    made.save()
    return made


def decision(old: str, new: str) -> dict[str, object]:
    """Return what a comparison leaves."""
    then, candidate = (
        Figures(name, "0" * 64, 100, wrong, 1 - wrong / 100, (0.9, 0.99), 0.01, 0.0)
        for name, wrong in ((old, 4), (new, 2))
    )
    made = Decision(then, candidate, lost=1, won=3, p=0.625, left_out=5, unreadable=0)
    return made.to_dict()


def now(made: ModelVersion) -> str:
    """Return a version's status as it is now."""
    made.refresh_from_db()
    return made.status


def test_promoting_asks_first(desk: Client) -> None:
    made = version("net-1", decision=decision("shipped-1", "net-1"))
    assert (
        f"{VERSIONS}{made.pk}/promote/" in desk.get(f"{VERSIONS}{made.pk}/change/").content.decode()
    )
    page = desk.get(f"{VERSIONS}{made.pk}/promote/", follow=True).content.decode()
    assert "Promote net-1?" in page
    assert "It will label instead of shipped-1" in page
    assert "2 of 100 photos wrong instead of 4" in page
    assert now(made) == "candidate"
    page = desk.post(f"{VERSIONS}{made.pk}/promote/", follow=True).content.decode()
    assert "net-1 labels from now on." in page
    assert (now(made), made.promoted_by) == ("active", "reviewer")
    # There is nothing to promote any more.
    assert "/promote/" not in desk.get(f"{VERSIONS}{made.pk}/change/").content.decode()


def test_rolling_back_asks_first(desk: Client) -> None:
    made = version("net-1")
    versions.promote(made, "anna")
    assert "Roll back to the shipped model?" in desk.get(f"{VERSIONS}roll-back/").content.decode()
    assert now(made) == "active"
    page = desk.post(f"{VERSIONS}roll-back/", follow=True).content.decode()
    assert "Rolled back: the shipped model labels from now on." in page
    assert now(made) == "retired"
    page = desk.get(f"{VERSIONS}roll-back/", follow=True).content.decode()
    assert "there is nothing to roll back to" in page


def test_a_spoilt_file_is_refused_with_what_to_do(desk: Client) -> None:
    made = version("net-1")
    default_storage.save(made.storage_name, ContentFile(b"nET-1"))
    page = desk.post(f"{VERSIONS}{made.pk}/promote/", follow=True).content.decode()
    assert "put it back from a backup" in page
    assert now(made) == "candidate"


def test_retraining_is_asked_for_here(desk: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Train a new version?" in desk.get(f"{VERSIONS}retrain/").content.decode()
    page = desk.post(f"{VERSIONS}retrain/", follow=True).content.decode()
    assert "Retraining needs 200 reviewed cats" in page
    assert not Retraining.objects.exists()
    monkeypatch.setattr(retrain, "LEAST_EACH", 0)
    page = desk.post(f"{VERSIONS}retrain/", follow=True).content.decode()
    assert "A worker begins within a minute" in page
    assert Retraining.objects.get().asked_by == "reviewer"


@pytest.mark.parametrize("what", ["roll-back/", "retrain/", "{}/promote/"])
def test_who_may_only_look_changes_nothing(client: Client, db: None, what: str) -> None:
    made = version("net-1")
    looker = User.objects.create_user("looker", password="a good long password", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_modelversion"))
    client.force_login(looker)
    page = client.get(f"{VERSIONS}{made.pk}/change/")
    assert page.status_code == 200
    for address in (VERSIONS, f"{VERSIONS}{made.pk}/change/"):
        shown = client.get(address).content.decode()
        assert "/promote/" not in shown
        assert "/roll-back" not in shown
    assert client.get(VERSIONS + what.format(made.pk)).status_code == 403
    assert client.post(VERSIONS + what.format(made.pk)).status_code == 403
    assert now(made) == "candidate"


def test_versions_are_neither_written_nor_deleted_here(desk: Client) -> None:
    made = version("net-1")
    assert desk.get(f"{VERSIONS}add/").status_code == 403
    assert desk.post(f"{VERSIONS}{made.pk}/delete/").status_code == 403
    desk.post(f"{VERSIONS}{made.pk}/change/", {"name": "other"})
    assert ModelVersion.objects.get().name == "net-1"


def test_figures_and_decision_are_shown(desk: Client) -> None:
    test = {"n": 80, "right": 79, "accuracy": 0.9875, "interval": [0.932, 0.999]}
    made = version(
        "net-1",
        decision=decision("shipped-1", "net-1"),
        metrics={"test": test | {"ece_after": 0.0123}},
        data={"photos": {"train": {"cat": 1234, "dog": 900}}},
    )
    page = desk.get(f"{VERSIONS}{made.pk}/change/").content.decode()
    for words in (
        "net-1 is not worse than shipped-1",
        "98.0 % (90.0 to 99.0)",
        "5 photos were left out",
        "98.8 % (93.2 to 99.9)",
        "cat 1,234, dog 900",
        "Nobody has judged a label of net-1 yet.",
    ):
        assert words in page
    assert "98.0 % (90.0 to 99.0)" in desk.get(VERSIONS).content.decode()


def test_the_list_shows_drift_in_few_queries(
    desk: Client, django_assert_max_num_queries: Queries
) -> None:
    for number in range(12):
        version(f"net-{number}")
    versions.promote(ModelVersion.objects.get(name="net-3"), "anna")
    for said in ("cat", "dog"):
        photo = pets.photo(Animal.CAT)
        Label.objects.create(photo=photo, label="cat", source="cnn", model="net-3")
        Label.objects.create(photo=photo, label=said, source="person")
    with django_assert_max_num_queries(16):
        page = desk.get(VERSIONS).content.decode()
    assert "Labels now: net-3" in page
    assert "Reviewers corrected 1 of 2 proposals of net-3" in page
    assert "1 of 2, 50.0 %" in page


def test_how_far_a_retraining_is(desk: Client) -> None:
    Retraining.objects.create(
        name="pool-1", state="running", asked_by="anna", stage="Epoch 3 of 8", done=12, total=80
    )
    Retraining.objects.create(
        name="pool-0", state="failed", asked_by="anna", said="There is no room on the disk."
    )
    page = desk.get(RETRAININGS).content.decode()
    for words in ("Running", "Epoch 3 of 8: 12 of 80", "Failed", "There is no room on the disk."):
        assert words in page
    row = Retraining.objects.get(name="pool-1")
    assert desk.get(f"{RETRAININGS}{row.pk}/change/").status_code == 200
