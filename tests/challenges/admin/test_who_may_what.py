"""Who may what: every page of the admin and every call of the REST API, for each kind of person.

The two tables say it. A page or a call that is not in them fails a test: add its line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group, User
from django.template.backends.django import Template
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver

from challenges.api.auth import DeskView
from challenges.flows import sites
from challenges.models import Batch, Forgotten, Label, Outcome, Photo, Transfer, Upload
from challenges.models.photos import Animal
from classifier.models import ModelVersion, Retraining
from tests import pets
from tests.people import sign_in

# o: owner, r: reviewer, a: analyst, u: uploader, n: staff whose rights nobody stated.
ALL: Final = "oraun"
NOBODY: Final = ""
# The page's name: who may open it. After a slash: who may also send it, where fewer may.
PAGES: Final[dict[str, str]] = {
    "app_list": ALL,
    "auth_group_add": "o",
    "auth_group_change": "o",
    "auth_group_changelist": "o",
    "auth_group_delete": "o",
    "auth_group_history": "o",
    "auth_user_add": "o",
    "auth_user_change": "o",
    "auth_user_changelist": "o",
    "auth_user_delete": "o",
    "auth_user_drop_second_factor": "o",
    "auth_user_history": "o",
    "auth_user_new_password": "o",
    "auth_user_password_change": "o",
    "autocomplete": NOBODY,
    "challenges_batch_add": NOBODY,
    "challenges_batch_change": "or/",
    "challenges_batch_changelist": "oru",
    "challenges_batch_delete": NOBODY,
    "challenges_batch_history": "or",
    "challenges_batch_picture": "or",
    "challenges_batch_run": "oru",
    "challenges_batch_upload": "ou",
    "challenges_forgotten_add": NOBODY,
    "challenges_forgotten_change": "o/",
    "challenges_forgotten_changelist": "o",
    "challenges_forgotten_delete": NOBODY,
    "challenges_forgotten_history": "o",
    "challenges_label_add": NOBODY,
    "challenges_label_change": "or/",
    "challenges_label_changelist": "or",
    "challenges_label_delete": NOBODY,
    "challenges_label_history": "or",
    "challenges_label_picture": "or",
    "challenges_label_queue": "or",
    "challenges_label_sample": "or",
    "challenges_outcome_add": NOBODY,
    "challenges_outcome_change": "oa/",
    "challenges_outcome_changelist": "oa",
    "challenges_outcome_delete": NOBODY,
    "challenges_outcome_history": "oa",
    "challenges_outcome_pool": "oa",
    "challenges_outcome_statistics": "oa",
    "challenges_person_history": "o",
    "challenges_person_tokens": ALL,
    "challenges_photo_add": NOBODY,
    "challenges_photo_change": "or",
    "challenges_photo_changelist": "or",
    "challenges_photo_delete": NOBODY,
    "challenges_photo_do": "or",
    "challenges_photo_export": "or",
    "challenges_photo_forget": "o",
    "challenges_photo_forgotten": "o",
    "challenges_photo_history": "or",
    "challenges_photo_import": "or",
    "challenges_photo_picture": "or",
    "challenges_photo_process_import": "or",
    "challenges_photo_rendition": "or",
    "challenges_site_add": "o",
    "challenges_site_change": "oa/o",
    "challenges_site_changelist": "oa",
    "challenges_site_delete": NOBODY,
    "challenges_site_history": "oa",
    "challenges_site_limits": "oa",
    "challenges_site_secrets": "oa/o",
    "challenges_site_use": "oa",
    "challenges_upload_add": NOBODY,
    "challenges_upload_change": "or/",
    "challenges_upload_changelist": "or",
    "challenges_upload_delete": NOBODY,
    "challenges_upload_history": "or",
    "classifier_modelversion_add": NOBODY,
    "classifier_modelversion_change": "o/",
    "classifier_modelversion_changelist": "o",
    "classifier_modelversion_delete": NOBODY,
    "classifier_modelversion_history": "o",
    "classifier_modelversion_promote": "o",
    "classifier_modelversion_retrain": "o",
    "classifier_modelversion_roll_back": "o",
    "classifier_retraining_add": NOBODY,
    "classifier_retraining_change": "o/",
    "classifier_retraining_changelist": "o",
    "classifier_retraining_delete": NOBODY,
    "classifier_retraining_history": "o",
    "index": ALL,
    "password_change_done": ALL,
    "search": ALL,
    "view_on_site": ALL,
}
# The call's name and method: who may call it.
CALLS: Final[dict[str, str]] = {
    "batch get": "oru",
    "batch-files post": "ou",
    "batches get": "ou",
    "batches post": "ou",
    "labels get": "or",
    "labels post": "or",
    "photo delete": "o",
    "photo get": "or",
    "photo-label post": "or",
    "photo-picture get": "or",
    "photo-restore post": "or",
    "photo-retire post": "or",
    "photos get": "or",
    "photos post": "ou",
    "queue get": "or",
    "queue-decisions post": "or",
    "queue-release post": "or",
    "queue-undo post": "or",
    "transfer delete": "ou",
    "transfer head": "ou",
    "transfer patch": "ou",
    "transfers post": "ou",
    "upload get": "oru",
}
# Where everybody may go, signed in or not: they lead to the sign-in, or are for the browser.
OPEN: Final = {"login", "logout", "password_change", "jsi18n"}
LETTERS: Final = {"owner": "o", "reviewer": "r", "analyst": "a", "uploader": "u", "nobody": "n"}
METHODS: Final = ("get", "post", "put", "patch", "delete", "head")


@dataclass(frozen=True, slots=True)
class Door:
    """A page or a call: its name in the table, and an address of it with real rows."""

    name: str
    path: str
    method: str = "get"


def walk(
    patterns: list[Any], before: str = "", namespace: str = ""
) -> Iterator[tuple[str, str, URLPattern]]:
    """Return each route with its namespace."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = pattern.namespace or namespace
            yield from walk(pattern.url_patterns, route, inner)
        else:
            yield route, namespace, pattern


def admin_names() -> set[str]:
    """Return the names of all pages of the admin; what has none only leads elsewhere."""
    found = walk(get_resolver().url_patterns)
    return {str(one.name) for _, space, one in found if space == "admin" and one.name}


def desk_calls() -> dict[tuple[str, str], str]:
    """Return name and method of each call of the desk's REST API, with its route."""
    found = {}
    for route, _space, pattern in walk(get_resolver().url_patterns):
        view = getattr(pattern.callback, "cls", None)
        if view is not None and issubclass(view, DeskView):
            for method in METHODS:
                if hasattr(view, method):
                    found[str(pattern.name), method] = route
    return found


@pytest.fixture(autouse=True)
def _without_drawing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Draw no pages: who may see them was decided before, and drawing takes most of the time."""
    monkeypatch.setattr(Template, "render", lambda *_, **__: "")


@pytest.fixture
def rows(db: None, site_owner: sites.NewSite) -> dict[str, Any]:
    """Return a row of each kind of thing; the words of a route are taken from it."""
    photo = pets.rendered(Animal.CAT)
    photo.status = Photo.Status.PROPOSED
    photo.save()
    batch = Batch.objects.get(pk=photo.batch_id)
    upload = Upload.objects.create(batch=batch, name="a.jpg", sha256="0" * 64)
    transfer = Transfer.objects.create(batch=batch, name="a.zip", fingerprint="a", size=9)
    lost = User.objects.create_user("lost")
    Authenticator.objects.create(user=lost, type=Authenticator.Type.TOTP, data={"secret": "x"})
    return {
        "challenges_photo": photo.pk,
        "challenges_batch": batch.pk,
        "challenges_upload": upload.pk,
        "challenges_site": site_owner.site.pk,
        "challenges_label": Label.objects.create(photo=photo, label="cat", source="person").pk,
        "challenges_outcome": Outcome.objects.create(
            site=site_owner.site, issued_at=photo.created_at, risk=1.0, renditions=[], cats=0
        ).pk,
        "challenges_forgotten": Forgotten.objects.create(
            photo=0, sha256="0" * 64, arrived_at=photo.created_at
        ).pk,
        "auth_user": lost.pk,
        "auth_group": Group.objects.create(name="friends").pk,
        "classifier_modelversion": ModelVersion.objects.create(
            name="net-1", sha256="0" * 64, size=1, arch="pawnet"
        ).pk,
        "classifier_retraining": Retraining.objects.create().pk,
        "rendition": photo.rendition_id,
        "photo": photo.pk,
        "number": photo.pk,
        "batch_id": batch.pk,
        "upload_id": upload.pk,
        "transfer_id": transfer.pk,
        "side": 300,
        "step": "retire",
        "app_label": "challenges",
        "content_type_id": 1,
        "id": lost.pk,
    }


@pytest.fixture
def clients(rows: dict[str, Any]) -> dict[str, Client]:
    """Return a browser of each kind of person. None of them uploaded anything."""
    found = {"anonymous": Client()}
    for kind in (*LETTERS, "inactive"):
        person = User.objects.create_user(kind)
        group = "owner" if kind == "inactive" else kind
        person.groups.set(Group.objects.filter(name=group))
        found[kind] = Client()
        sign_in(found[kind], person)
    # Somebody who may use the desk, but nobody said for what; and an owner who left.
    User.objects.filter(username="nobody").update(is_staff=True)
    User.objects.filter(username="inactive").update(is_active=False)
    return found


def address(route: str, name: str, rows: dict[str, Any]) -> str:
    """Return an address of the route, with a row of the kind that its name tells of."""
    kind = next((key for key in rows if name.startswith(f"{key}_")), "")
    if name.endswith("_rendition"):
        kind = "rendition"
    route = route.replace("admin/^(?P<app_label>", "admin/<app_label>").split("(?P<")[0]
    if "<app_label>" in route:
        return "/admin/challenges/"

    def word(found: re.Match[str]) -> str:
        name = found[1].rpartition(":")[2]
        return str(rows.get(kind, 1) if name in {"pk", "object_id"} else rows[name])

    return "/" + re.sub(r"<([^>]+)>", word, route)


def sends_away(answer: Any) -> bool:
    """Return whether the answer says: not you, or not before you have signed in."""
    place = answer.get("Location", "")
    return answer.status_code in {401, 403} or place.startswith(("/accounts/login", "/admin/login"))


def tells_nothing(answer: Any) -> bool:
    """Return whether there is nothing in the answer, as if the thing were not there."""
    gone = answer.status_code in {404, 405} or answer.get("Location") == "/admin/"
    return gone or sends_away(answer)


def test_every_page_is_in_the_table() -> None:
    missing = sorted(admin_names() - set(PAGES) - OPEN)
    assert missing == [], "Say in PAGES who may open these pages."
    gone = sorted(set(PAGES) - admin_names())
    assert gone == [], "These pages are gone: take them out of PAGES."


def test_every_call_is_in_the_table() -> None:
    known = {f"{name} {method}" for name, method in desk_calls()}
    assert sorted(known - set(CALLS)) == [], "Say in CALLS who may call these."
    assert sorted(set(CALLS) - known) == [], "These calls are gone: take them out of CALLS."


def test_pages_open_for_those_who_may(clients: dict[str, Client], rows: dict[str, Any]) -> None:
    wrong = []
    for route, space, pattern in walk(get_resolver().url_patterns):
        name = str(pattern.name)
        if space != "admin" or name not in PAGES:
            continue
        path = address(route, name, rows)
        may_open = PAGES[name].partition("/")[0]
        for kind, client in clients.items():
            may = LETTERS.get(kind, "-") in may_open
            answer = client.get(path)
            if sends_away(answer) if may else not tells_nothing(answer):
                wrong.append(f"{kind} {'may not' if may else 'may'} open {name} ({path})")
    assert wrong == []


def test_pages_take_in_what_those_send_who_may(
    clients: dict[str, Client], rows: dict[str, Any]
) -> None:
    """Who may only look is refused, too, when something is sent past the page."""
    wrong = []
    for route, space, pattern in walk(get_resolver().url_patterns):
        name = str(pattern.name)
        if space != "admin" or name not in PAGES:
            continue
        may_send = PAGES[name].rpartition("/")[2]
        path = address(route, name, rows)
        wrong += [
            f"{kind} may send {name} ({path})"
            for kind, client in clients.items()
            if LETTERS.get(kind, "-") not in may_send and not tells_nothing(client.post(path))
        ]
    assert wrong == []


def test_calls_answer_those_who_may(clients: dict[str, Client], rows: dict[str, Any]) -> None:
    wrong = []
    for (name, method), route in desk_calls().items():
        path = address(route, name, rows)
        may_call = CALLS.get(f"{name} {method}", "")
        for kind, client in clients.items():
            answer = getattr(client, method)(path)
            may = LETTERS.get(kind, "-") in may_call
            if sends_away(answer) if may else not tells_nothing(answer):
                wrong.append(f"{kind} {'may not' if may else 'may'} {method} {name} ({path})")
            elif kind in {"anonymous", "inactive"} and answer.status_code != 401:
                wrong.append(f"{kind} is not asked to sign in by {method} {name}")
    assert wrong == []
