"""Photos, batches and uploads in the admin."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from PIL import Image

from challenges import imaging
from challenges.admin.pets import PetForm
from challenges.admin.photo_pictures import LARGE, THUMBNAIL
from challenges.models import Batch, Label, Photo, Upload
from challenges.models.photos import Animal, Rights
from tests import pets
from tests.drawn import picture

PHOTOS = "/admin/challenges/photo/"
Queries = Callable[[int], AbstractContextManager[object]]


@pytest.fixture
def desk(client: Client, reviewer: User) -> Client:
    """Return the reviewer's browser."""
    client.force_login(reviewer)
    return client


def proposed(label: str) -> Photo:
    """Return a photo that waits for a person."""
    made = pets.photo(Animal.CAT)
    made.status, made.label = Photo.Status.PROPOSED, label
    made.save()
    return made


def act(desk: Client, action: str, *photos: Photo) -> str:
    """Do something with the photos and return the page that follows."""
    keys = [str(photo.pk) for photo in photos]
    page = desk.post(PHOTOS, {"action": action, "_selected_action": keys}, follow=True)
    assert page.status_code == 200
    return page.content.decode()


def now(photo: Photo) -> tuple[str, str]:
    """Return status and label as they are now."""
    photo.refresh_from_db()
    return photo.status, photo.label


def test_confirming_pools_the_proposed_labels(desk: Client, reviewer: User) -> None:
    cat, dog = proposed("cat"), proposed("dog")
    assert "In the pool now: 2." in act(desk, "confirm", cat, dog)
    assert (now(cat), now(dog)) == (("pooled", "cat"), ("pooled", "dog"))
    assert Label.objects.get(photo=cat).person == reviewer


def test_what_waits_for_a_person_comes_first_in_the_list(desk: Client) -> None:
    waits = proposed("cat")
    pets.pool(3)
    shown = desk.get(PHOTOS).context["cl"].result_list
    assert shown[0].pk == waits.pk


@pytest.mark.parametrize(("action", "label"), [("is_cat", "cat"), ("is_dog", "dog")])
def test_a_person_says_what_it_is(desk: Client, action: str, label: str) -> None:
    photo = proposed("neither")
    act(desk, action, photo)
    assert now(photo) == ("pooled", label)


def test_rejecting_and_retiring(desk: Client) -> None:
    pooled, waiting = pets.photo(Animal.CAT), proposed("cat")
    assert "Retired: 1." in act(desk, "retire", pooled, waiting)
    assert "Rejected: 1." in act(desk, "reject", waiting)
    assert (now(pooled)[0], now(waiting)[0]) == ("retired", "rejected")


def test_who_may_only_look_sees_no_actions(client: Client, db: None) -> None:
    looker = User.objects.create_user("looker", password="a good long password", is_staff=True)
    looker.user_permissions.add(Permission.objects.get(codename="view_photo"))
    client.force_login(looker)
    photo = proposed("cat")
    page = client.get(PHOTOS)
    assert page.status_code == 200
    assert 'value="confirm"' not in page.content.decode()
    client.post(PHOTOS, {"action": "confirm", "_selected_action": [str(photo.pk)]})
    assert now(photo)[0] == "proposed"


@pytest.mark.parametrize("query", ["", "?status__exact=proposed&label__exact=cat", "?o=4"])
def test_the_list_takes_few_queries_however_long(
    desk: Client, query: str, django_assert_max_num_queries: Queries
) -> None:
    for _ in range(30):
        photo = proposed("cat")
        Photo.objects.filter(pk=photo.pk).update(certainty=0.9, p_cat=0.1)
    with django_assert_max_num_queries(16):
        page = desk.get(PHOTOS + query)
    assert page.content.decode().count("dog 90 %</strong>") == 30


def test_a_photo_s_page_tells_its_history(
    desk: Client, reviewer: User, django_assert_max_num_queries: Queries
) -> None:
    photo = proposed("cat")
    for _ in range(12):
        Label.objects.create(photo=photo, label="cat", source="person", person=reviewer)
    with django_assert_max_num_queries(26):
        page = desk.get(f"{PHOTOS}{photo.pk}/change/").content.decode()
    assert page.count("Person") >= 12


def stored(exif: bytes = b"") -> Photo:
    """Return a photo with a file."""
    photo = proposed("cat")
    data = imaging.strip(picture(1, 1500, 1000))
    default_storage.save(photo.storage_name, ContentFile(data))
    return photo


@pytest.mark.parametrize("side", [THUMBNAIL, LARGE])
def test_staff_see_a_small_picture(desk: Client, side: int) -> None:
    page = desk.get(f"{PHOTOS}{stored().pk}/picture/{side}")
    assert page["Content-Type"] == "image/jpeg"
    assert page["Cache-Control"].startswith("private")
    with Image.open(io.BytesIO(page.content)) as image:
        assert max(image.size) == side


def test_nobody_else_sees_it(client: Client, db: None) -> None:
    address = f"{PHOTOS}{stored().pk}/picture/{LARGE}"
    assert client.get(address).status_code == 302
    client.force_login(User.objects.create_user("stranger", password="x"))
    assert client.get(address).status_code == 302
    client.force_login(User.objects.create_user("clerk", password="x", is_staff=True))
    assert client.get(address).status_code == 403


def test_other_sizes_and_missing_files_are_not_found(desk: Client) -> None:
    assert desk.get(f"{PHOTOS}{stored().pk}/picture/2000").status_code == 404
    assert desk.get(f"{PHOTOS}{proposed('cat').pk}/picture/{LARGE}").status_code == 404


@pytest.mark.parametrize("path", ["originals", "media", "media/originals", "incoming"])
def test_stored_photos_have_no_address(client: Client, db: None, path: str) -> None:
    photo = stored()
    assert client.get(f"/{path}/{photo.sha256[:2]}/{photo.sha256}.jpg").status_code == 404


def test_photos_are_neither_added_nor_deleted_here(desk: Client) -> None:
    assert desk.get(f"{PHOTOS}add/").status_code == 403
    assert desk.post(f"{PHOTOS}{stored().pk}/delete/").status_code == 403


def test_a_batch_is_accepted_as_a_whole(desk: Client) -> None:
    photo = proposed("cat")
    page = desk.post(
        "/admin/challenges/batch/",
        {"action": "accept", "_selected_action": [str(photo.batch.pk)]},
        follow=True,
    )
    assert f"{photo.batch.name}: In the pool now: 1." in page.content.decode()
    assert now(photo)[0] == "pooled"


def test_batches_and_uploads_are_listed_in_few_queries(
    desk: Client, django_assert_max_num_queries: Queries
) -> None:
    for number in range(15):
        batch = pets.batch(name=f"batch {number}")
        Upload.objects.create(batch=batch, name=f"{number}.jpg", sha256=f"{number:064}")
    for name in ("batch", "upload"):
        with django_assert_max_num_queries(16):
            page = desk.get(f"/admin/challenges/{name}/")
        assert page.status_code == 200
    upload = Upload.objects.all()[0]
    assert desk.get(f"/admin/challenges/upload/{upload.pk}/change/").status_code == 200
    assert desk.get("/admin/challenges/upload/add/").status_code == 403


def test_a_banner_warns_of_starter_pictures(desk: Client) -> None:
    assert "data-concern" not in desk.get("/admin/").content.decode()
    pets.photo(Animal.CAT, Rights.STARTER)
    for place in ("/admin/", PHOTOS):
        page = desk.get(place).content.decode()
        assert 'data-concern="challenges.W001"' in page
        assert "their generator is public, so a bot can learn them" in page


def test_a_banner_warns_of_public_sets(desk: Client) -> None:
    pets.photo(Animal.CAT)
    Batch.objects.update(well_known=True)
    assert 'data-concern="challenges.W002"' in desk.get("/admin/").content.decode()


def test_the_sign_in_page_tells_strangers_nothing(client: Client, db: None) -> None:
    pets.photo(Animal.CAT, Rights.STARTER)
    assert "data-concern" not in client.get("/admin/login/").content.decode()


PET = {"pet_name": "Minka", "shelter": "Shelter South", "adoption_url": "https://s.example/minka"}


def write(desk: Client, photo: Photo, **words: str) -> str:
    """Write about the photo's pet and return the page that follows."""
    sent = {**PET, **words}
    page = desk.post(f"{PHOTOS}{photo.pk}/change/", sent, follow=True)
    assert page.status_code == 200
    return page.content.decode()


def test_a_photo_s_page_takes_words_about_its_pet_and_nothing_else(desk: Client) -> None:
    photo = proposed("cat")
    assert 'name="_save"' in desk.get(f"{PHOTOS}{photo.pk}/change/").content.decode()
    write(desk, photo, status="pooled", label="dog", doubt="none")
    assert now(photo) == ("proposed", "cat")
    assert (photo.pet_name, photo.shelter) == ("Minka", "Shelter South")
    assert photo.adoption_url == PET["adoption_url"]


def test_saving_leaves_alone_what_a_worker_changed_meanwhile(desk: Client) -> None:
    photo = pets.photo(Animal.CAT)

    def meanwhile(form: PetForm) -> dict[str, Any]:
        Photo.objects.filter(pk=photo.pk).update(status=Photo.Status.RETIRED)
        return form.cleaned_data

    with patch.object(PetForm, "clean", meanwhile):
        write(desk, photo)
    assert now(photo)[0] == "retired"
    assert photo.pet_name == "Minka"


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({"adoption_url": "http://s.example/minka"}, "Enter a valid URL."),
        ({"adoption_url": "javascript:alert(1)"}, "Enter a valid URL."),
        ({"pet_name": ""}, "With an adoption link, this is needed too"),
        ({"shelter": ""}, "With an adoption link, this is needed too"),
    ],
)
def test_an_adoption_link_is_https_and_has_its_words(
    desk: Client, words: dict[str, str], sentence: str
) -> None:
    photo = pets.photo(Animal.CAT)
    assert sentence in write(desk, photo, **words)
    photo.refresh_from_db()
    assert photo.adoption_url == ""


def test_it_tells_when_a_photo_leaves_the_pool(desk: Client) -> None:
    photo = pets.photo(Animal.CAT)
    page = f"{PHOTOS}{photo.pk}/change/"
    assert "Not because of its link" in desk.get(page).content.decode()
    shown = datetime(2031, 5, 6, 7, 8, tzinfo=UTC)
    Photo.objects.filter(pk=photo.pk).update(link_shown_at=shown)
    assert "May 9, 2031, 7:08 a.m." in desk.get(page).content.decode()


def test_what_visitors_reported_comes_first_even_from_the_pool(desk: Client) -> None:
    doubted = pets.photo(Animal.CAT)
    Photo.objects.filter(pk=doubted.pk).update(doubt="4 visitors reported it.")
    waits = proposed("cat")
    pets.pool(2)
    page = desk.get(PHOTOS)
    assert [photo.pk for photo in page.context["cl"].result_list[:2]] == [doubted.pk, waits.pk]
    assert "4 visitors reported it." in page.content.decode()
    act(desk, "confirm", doubted)
    doubted.refresh_from_db()
    assert doubted.doubt == ""


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("doubt=yes", {"doubted"}),
        ("doubt=no", {"linked", "shown", "plain"}),
        ("link=yes", {"linked", "shown"}),
        ("link=shown", {"shown"}),
        ("link=no", {"doubted", "plain"}),
    ],
)
def test_the_list_is_filtered_by_doubt_and_link(desk: Client, query: str, found: set[str]) -> None:
    for name in ("doubted", "linked", "shown", "plain"):
        photo = pets.photo(Animal.CAT)
        photo.pet_name = name
        photo.doubt = "3 visitors reported it." if name == "doubted" else ""
        photo.adoption_url = PET["adoption_url"] if name in {"linked", "shown"} else ""
        photo.link_shown_at = datetime.now(UTC) if name == "shown" else None
        photo.save()
    shown = desk.get(f"{PHOTOS}?{query}").context["cl"].result_list
    assert {photo.pet_name for photo in shown} == found
