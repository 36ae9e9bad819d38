"""People: added in one form, never above whoever adds them, and never without an owner."""

from __future__ import annotations

import re

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission, User
from django.test import Client

from challenges.flows import people
from tests.people import PASSWORD, SIGN_IN, person, sign_in

PEOPLE = "/admin/auth/user/"


def numbers(*names: str) -> list[int]:
    """Return the keys of these groups."""
    return list(Group.objects.filter(name__in=names).values_list("pk", flat=True))


@pytest.fixture
def ann(db: None) -> User:
    """Return the only owner."""
    return person("ann", "owner")


@pytest.fixture
def desk(client: Client, ann: User) -> Client:
    """Return her browser."""
    sign_in(client, ann)
    return client


def change(desk: Client, who: User, *groups: str, active: bool = True) -> str:
    """Change somebody's groups; return the page that follows."""
    said = {"username": who.username, "email": who.email, "groups": numbers(*groups)}
    if active:
        said["is_active"] = "on"
    return desk.post(f"{PEOPLE}{who.pk}/change/", said, follow=True).content.decode()


class TestAdding:
    def test_with_a_link(self, desk: Client) -> None:
        said = {"username": "uli", "first_name": "Uli U.", "groups": numbers("uploader")}
        page = desk.post(f"{PEOPLE}add/", said, follow=True).content.decode()
        found = re.search(r'value="(http[^"]+/accounts/password/first/[^"]+)"', page)
        assert found
        uli = User.objects.get(username="uli")
        assert (uli.is_staff, uli.is_superuser, uli.has_usable_password()) == (True, False, False)
        again = desk.get(f"{PEOPLE}{uli.pk}/password/").content.decode()
        assert "/accounts/password/first/" not in again, "it is shown once"
        path = found[1].removeprefix("http://127.0.0.1:8000")
        new = Client()
        form = new.get(path, follow=True)
        said = {"new_password1": PASSWORD, "new_password2": PASSWORD}
        new.post(form.request["PATH_INFO"], said)
        assert new.post(SIGN_IN, {"login": "uli", "password": PASSWORD}).status_code == 302

    def test_with_a_password(self, desk: Client) -> None:
        said = {"username": "rea", "groups": numbers("reviewer"), "password": PASSWORD}
        desk.post(f"{PEOPLE}add/", said)
        assert User.objects.get(username="rea").check_password(PASSWORD)

    def test_with_a_bad_one(self, desk: Client) -> None:
        page = desk.post(f"{PEOPLE}add/", {"username": "rea", "password": "12345"})
        assert "too short" in page.content.decode()
        assert not User.objects.filter(username="rea").exists()

    @pytest.mark.parametrize(
        ("said", "sentence"),
        [
            ({"username": "ANN"}, "Somebody is called ANN already"),
            ({"username": "b", "email": "Ann@shelter.example.org"}, "Somebody else has this"),
        ],
    )
    def test_nobody_twice(self, desk: Client, said: dict[str, str], sentence: str) -> None:
        assert sentence in desk.post(f"{PEOPLE}add/", said).content.decode()

    def test_each_group_says_what_it_may(self, desk: Client) -> None:
        page = desk.get(f"{PEOPLE}add/").content.decode()
        for role in people.ROLES.values():
            assert role.sentence in page


class TestNobodyRisesAbove:
    def test_an_owner_makes_no_superuser(self, desk: Client) -> None:
        said = {"username": "eve", "is_superuser": "on", "is_staff": "on", "password": PASSWORD}
        desk.post(f"{PEOPLE}add/", said)
        eve = User.objects.get(username="eve")
        assert (eve.is_superuser, eve.is_staff) == (False, False)

    def test_an_owner_does_not_raise_herself(self, desk: Client, ann: User) -> None:
        said = {"username": "ann", "is_superuser": "on", "user_permissions": [1]}
        person("bob", "owner")
        desk.post(f"{PEOPLE}{ann.pk}/change/", said | {"groups": numbers("owner")})
        ann.refresh_from_db()
        assert not ann.is_superuser
        assert not ann.user_permissions.exists()

    @pytest.mark.parametrize("page", ["change", "delete", "password", "new-password"])
    def test_an_owner_does_not_touch_a_superuser(
        self, desk: Client, reviewer: User, page: str
    ) -> None:
        place = f"{PEOPLE}{reviewer.pk}/{page}/"
        assert desk.post(place, {"username": "mine"}).status_code == 403
        reviewer.refresh_from_db()
        assert reviewer.username == "reviewer"

    def test_an_owner_puts_nobody_above_herself(self, desk: Client) -> None:
        strong = Group.objects.create(name="strong")
        strong.permissions.add(Permission.objects.get(codename="delete_session"))
        uli = person("uli", "uploader")
        page = change(desk, uli, "strong")
        assert "You cannot put anybody into strong" in page
        assert people.roles_of(uli) == {"uploader"}

    def test_a_group_gets_no_rights_that_its_maker_lacks(self, desk: Client) -> None:
        right = Permission.objects.get(codename="delete_session")
        page = desk.post("/admin/auth/group/add/", {"name": "x", "permissions": [right.pk]})
        assert "not one of the available choices" in page.content.decode()

    def test_the_four_groups_stay_as_they_are(self, desk: Client) -> None:
        place = f"/admin/auth/group/{numbers('uploader')[0]}/"
        assert desk.post(f"{place}change/", {"name": "x"}).status_code == 403
        assert desk.post(f"{place}delete/", {"post": "yes"}).status_code == 403


class TestTheLastOwner:
    def test_stays(self, desk: Client, ann: User) -> None:
        sentence = "ann is the last person who can look after this Pawcha."
        assert sentence in change(desk, ann, "uploader")
        assert sentence in change(desk, ann, "owner", active=False)
        page = desk.post(f"{PEOPLE}{ann.pk}/delete/", {"post": "yes"}, follow=True)
        assert sentence in page.content.decode()
        ann.refresh_from_db()
        assert (ann.is_active, people.roles_of(ann)) == (True, {"owner"})

    def test_may_go_when_another_can_sign_in(self, desk: Client, ann: User) -> None:
        bob = person("bob", "owner")
        bob.set_unusable_password()
        bob.save()
        assert "is the last person" in change(desk, ann, "uploader")
        bob.set_password(PASSWORD)
        bob.save()
        assert "is the last person" not in change(desk, ann, "uploader")
        assert people.roles_of(ann) == {"uploader"}

    def test_a_superuser_counts(self, desk: Client, ann: User, reviewer: User) -> None:
        assert "is the last person" not in change(desk, ann, "uploader")


class TestGroups:
    def test_who_is_in_one_may_use_the_desk(self, db: None) -> None:
        uli = User.objects.create_user("uli")
        group = Group.objects.get(name="uploader")

        def staff() -> bool:
            return User.objects.get(username="uli").is_staff

        uli.groups.add(group)
        assert staff()
        uli.groups.clear()
        assert not staff()
        group.user_set.add(uli)
        assert staff()
        group.user_set.clear()
        assert not staff()
        other = Group.objects.create(name="friends")
        uli.groups.add(other)
        other.delete()
        assert not staff()

    def test_superusers_stay_inside(self, reviewer: User) -> None:
        reviewer.groups.add(Group.objects.get(name="uploader"))
        reviewer.groups.clear()
        reviewer.refresh_from_db()
        assert reviewer.is_staff

    def test_they_are_kept_as_they_should_be(self, db: None) -> None:
        group = Group.objects.get(name="uploader")
        before = set(group.permissions.values_list("pk", flat=True))
        group.permissions.set(Permission.objects.filter(codename="delete_photo"))
        Group.objects.get(name="analyst").delete()
        people.keep_groups(apps.get_app_config("challenges"))
        assert set(group.permissions.values_list("pk", flat=True)) == before
        assert Group.objects.get(name="analyst").permissions.exists()

    def test_their_rights_all_exist(self, db: None) -> None:
        known = {
            f"{one.content_type.app_label}.{one.codename}"
            for one in Permission.objects.select_related("content_type")
        }
        wanted = set().union(*(role.may for role in people.ROLES.values()))
        assert wanted - known == set()

    def test_an_owner_has_all_rights_of_the_desk(self, ann: User) -> None:
        rights = Permission.objects.filter(content_type__app_label__in=["challenges", "classifier"])
        for right in rights.select_related("content_type"):
            assert ann.has_perm(f"{right.content_type.app_label}.{right.codename}")
        assert not ann.is_superuser
