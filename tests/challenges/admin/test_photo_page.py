"""A photo's page: what it tells, and what can be done there."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from challenges.flows import forgetting, review
from challenges.flows.sites import NewSite
from challenges.models import Forgotten, Label, Photo, Site, Upload
from challenges.models.photos import Animal
from tests import pets

PHOTOS = "/admin/challenges/photo/"


@pytest.fixture
def desk(client: Client, reviewer: User) -> Client:
    """Return the reviewer's browser."""
    client.force_login(reviewer)
    return client


def may(client: Client, *codenames: str) -> Client:
    """Sign in a person with these rights only."""
    person = User.objects.create_user("some", password="x", is_staff=True)
    person.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    client.force_login(person)
    return client


def page_of(desk: Client, photo: Photo) -> str:
    """Return the photo's page."""
    page = desk.get(f"{PHOTOS}{photo.pk}/change/")
    assert page.status_code == 200
    return " ".join(page.content.decode().split())


def test_it_tells_how_people_and_machines_did(desk: Client) -> None:
    photo = pets.rendered(Animal.CAT)
    Photo.objects.filter(pk=photo.pk).update(
        seen=200, missed=7, scored=12, solved=9, p_cat=0.98, certainty=0.96, looked_by="v3"
    )
    page = page_of(desk, photo)
    assert "It was judged 200 times. People on 7 networks (3.5 %) took it for a dog." in page
    assert "The network v3 says cat 96 %." in page
    assert "Of 12 renditions that it was shown, it told what 9 show." in page
    assert "Shown 0 times, 8 left" in page


def test_it_tells_who_said_and_changed_what(desk: Client, reviewer: User) -> None:
    photo = pets.photo(Animal.CAT)
    near = pets.photo(Animal.DOG, group=photo.group)
    Upload.objects.create(batch=photo.batch, name="IMG_7.jpg", sha256="a" * 64, photo=photo)
    review.retire([photo.pk], reviewer)
    review.restore([photo.pk], reviewer)
    review.accept([photo.pk], reviewer, Animal.DOG)
    Label.objects.filter(photo=photo).update(undone_at="2031-01-02T03:04Z")
    page = page_of(desk, photo)
    assert "<strong>reviewer</strong> (Person): Dog." in page
    assert "(taken back Jan. 2, 2031, 3:04 a.m.)" in page
    assert "Status: <s>Retired</s> → In the pool" in page
    assert f"{PHOTOS}{near.pk}/change/" in page
    assert "IMG_7.jpg" in page


@pytest.mark.parametrize(
    ("step", "status", "label"),
    [
        ("accept", "pooled", "cat"),
        ("dog", "pooled", "dog"),
        ("reject", "rejected", "cat"),
        ("neither", "rejected", "neither"),
        ("ask", "probe", "cat"),
    ],
)
def test_its_buttons_do_what_they_say(desk: Client, step: str, status: str, label: str) -> None:
    photo = pets.photo(Animal.CAT)
    Photo.objects.filter(pk=photo.pk).update(status="proposed")
    assert f"/do/{step}" in page_of(desk, photo)
    page = desk.post(f"{PHOTOS}{photo.pk}/do/{step}", follow=True)
    photo.refresh_from_db()
    assert (page.status_code, photo.status, photo.label) == (200, status, label)


@pytest.mark.parametrize(
    ("scored", "solved", "sentence"),
    [
        (1, 1, "It was shown 1 rendition, and told what that shows."),
        (1, 0, "It was shown 1 rendition, and could not tell what that shows."),
        (3, 1, "Of 3 renditions that it was shown, it told what 1 shows."),
        (3, 0, "Of 3 renditions that it was shown, it told what none show."),
    ],
)
def test_few_renditions_are_told_well(
    desk: Client, scored: int, solved: int, sentence: str
) -> None:
    photo = pets.rendered(Animal.CAT)
    Photo.objects.filter(pk=photo.pk).update(scored=scored, solved=solved)
    assert sentence in page_of(desk, photo)


def test_asking_visitors_begins_ends_and_warns(desk: Client, site_owner: NewSite) -> None:
    photo = pets.photo(Animal.CAT)
    Photo.objects.filter(pk=photo.pk).update(status="proposed")
    said = desk.post(f"{PHOTOS}{photo.pk}/do/ask", follow=True)
    assert [one.level_tag for one in said.context["messages"]] == ["warning"]
    assert "But no site asks its visitors yet" in said.content.decode()
    assert "/do/stop" in said.content.decode()
    desk.post(f"{PHOTOS}{photo.pk}/do/stop", follow=True)
    Site.objects.update(probes=True)
    for action, level in (("ask", "success"), ("ask", "warning"), ("stop", "success")):
        sent = {"action": action, "_selected_action": [photo.pk]}
        said = desk.post(PHOTOS, sent, follow=True)
        assert [one.level_tag for one in said.context["messages"]] == [level]
    photo.refresh_from_db()
    assert photo.status == "proposed"
    Photo.objects.update(rights="unstated")
    assert "/do/ask" not in page_of(desk, photo)


def test_the_button_of_the_history_leads_to_it(desk: Client, reviewer: User) -> None:
    photo, other = pets.photo(Animal.CAT), pets.photo(Animal.DOG)
    review.retire([photo.pk, other.pk], reviewer)
    address = "/admin/auth/user/history/?kind={}&amp;thing={}"
    assert address.format("photo", photo.pk) in page_of(desk, photo)
    batch = desk.get(f"/admin/challenges/batch/{photo.batch_id}/change/").content.decode()
    assert address.format("batch", photo.batch_id) in batch
    (gone,) = forgetting.forget([photo.pk], reviewer)
    page = desk.get(f"/admin/challenges/forgotten/{gone.pk}/change/").content.decode()
    assert address.format("photo", photo.pk) in page
    history = desk.get(f"/admin/auth/user/history/?kind=photo&thing={photo.pk}").content.decode()
    assert f"photo {photo.pk}" in history
    assert "deleted for good" in history
    assert f"photo {other.pk}" not in history


def test_retired_and_restored_by_a_button(desk: Client) -> None:
    photo = pets.photo(Animal.CAT)
    for step, status in (("retire", "retired"), ("restore", "pooled")):
        assert "/do/restore" not in page_of(desk, photo) or step == "restore"
        desk.post(f"{PHOTOS}{photo.pk}/do/{step}")
        photo.refresh_from_db()
        assert photo.status == status
    assert desk.get(f"{PHOTOS}{photo.pk}/do/retire").status_code == 405
    assert desk.post(f"{PHOTOS}{photo.pk}/do/fly").status_code == 404


@pytest.mark.parametrize(("right", "step"), [("label_photo", "reject"), ("retire_photo", "retire")])
def test_who_may_not_sees_no_button(client: Client, db: None, right: str, step: str) -> None:
    photo = pets.photo(Animal.CAT)
    others = {"view_photo", "change_photo", "label_photo", "retire_photo", "forget_photo"} - {right}
    desk = may(client, *others)
    assert f"/do/{step}" not in page_of(desk, photo)
    assert desk.post(f"{PHOTOS}{photo.pk}/do/{step}").status_code == 403


def test_who_may_only_look_writes_no_words(client: Client, db: None) -> None:
    photo = pets.photo(Animal.CAT)
    desk = may(client, "view_photo")
    page = page_of(desk, photo)
    assert 'name="_save"' not in page
    assert "Delete for good" not in page
    assert desk.post(f"{PHOTOS}{photo.pk}/change/", {"pet_name": "x"}).status_code == 403


def test_renditions_are_shown_to_staff_only(client: Client, desk: Client) -> None:
    photo = pets.rendered(Animal.CAT)
    address = f"{PHOTOS}rendition/{photo.rendition_id}"
    page = desk.get(address)
    assert (page["Content-Type"], page.content[:3]) == ("image/webp", b"cat")
    assert desk.get(f"{PHOTOS}rendition/999999").status_code == 404
    desk.logout()
    assert desk.get(address).status_code == 302


def test_photos_are_deleted_after_a_question(desk: Client) -> None:
    photos = [pets.photo(Animal.CAT), pets.photo(Animal.DOG)]
    keys = [photo.pk for photo in photos]
    chosen = {"action": "forget", "_selected_action": keys}
    page = desk.post(PHOTOS, chosen, follow=True).content.decode()
    assert "Delete 2 photos for good?" in page
    assert "2 of them are in the pool now." in page
    assert Photo.objects.count() == 2
    sent = {"photos": ",".join(map(str, keys)), "sure": "yes", "reason": "Asked"}
    done = desk.post(f"{PHOTOS}forget/", sent, follow=True)
    assert "2 photos deleted for good" in done.content.decode()
    assert "may contain it. (2 photos)" in done.content.decode()
    assert list(Forgotten.objects.values_list("reason", flat=True)) == ["Asked", "Asked"]


@pytest.mark.parametrize("photos", ["", "x", "1,,2", "999999"])
def test_nothing_chosen_is_nothing_deleted(desk: Client, photos: str) -> None:
    page = desk.get(f"{PHOTOS}forget/?photos={photos}").content.decode()
    assert "No photo is chosen, or it was deleted meanwhile." in page


def test_deleting_needs_its_right(client: Client, db: None) -> None:
    photo = pets.photo(Animal.CAT)
    desk = may(client, "view_photo", "change_photo", "label_photo", "retire_photo")
    for path in ("forget/", f"forget/?photos={photo.pk}", "forgotten/"):
        assert desk.get(f"{PHOTOS}{path}").status_code == 403
    sent = {"photos": str(photo.pk), "sure": "yes"}
    assert desk.post(f"{PHOTOS}forget/", sent).status_code == 403
    assert Photo.objects.exists()


def test_deleted_photos_are_listed_to_be_looked_at(desk: Client, reviewer: User) -> None:
    photo = pets.photo(Animal.CAT)
    (gone,) = forgetting.forget([photo.pk], reviewer)
    listed = "/admin/challenges/forgotten/"
    assert str(photo.pk) in desk.get(f"{listed}?q={photo.sha256[:10]}").content.decode()
    page = desk.get(f"{listed}{gone.pk}/change/").content.decode()
    assert gone.held_by[0] in page
    assert 'name="_save"' not in page


def test_actions_work_on_thousands(desk: Client) -> None:
    batch = pets.batch()
    Photo.objects.bulk_create(
        Photo(sha256=f"{n:064}", width=9, height=9, phash=n, bands=[n], group=n, batch=batch,
              rights="cleared", label="cat", status="proposed")
        for n in range(2500)
    )  # fmt: skip
    chosen = {"_selected_action": [Photo.objects.earliest("pk").pk], "select_across": "1"}
    page = desk.post(f"{PHOTOS}?label__exact=cat", {**chosen, "action": "confirm"}, follow=True)
    assert "In the pool now: 2500." in page.content.decode()
    page = desk.post(f"{PHOTOS}?label__exact=cat", {**chosen, "action": "forget"})
    assert "Delete 2500 photos for good?" in page.content.decode()
