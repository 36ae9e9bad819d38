"""The photo's page and deleting in a real Chromium: used, looked at by axe, on a phone too."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from challenges import imaging
from challenges.models import Forgotten, Photo
from challenges.models.photos import Animal
from tests import pets
from tests.browser import DARK, DESKTOP, OpenPage
from tests.drawn import picture

pytestmark = pytest.mark.browser
PHONE = {**DESKTOP, "viewport": {"width": 390, "height": 844}, "is_mobile": True, "has_touch": True}


@pytest.fixture
def photo(live_server: LiveServer) -> Photo:
    """Return a photo with a file that was often missed."""
    made = pets.rendered(Animal.CAT)
    default_storage.save(made.storage_name, ContentFile(imaging.strip(picture(1, 600, 900))))
    Photo.objects.filter(pk=made.pk).update(
        doubt="7 of 20 people took it for a dog.", doubt_kind="missed", seen=20, missed=7,
        pet_name="Minka", shelter="Shelter South", scored=10, solved=8, p_cat=0.9, certainty=0.8,
    )  # fmt: skip
    return made


def sign_in(page: Page, server: LiveServer, person: User) -> None:
    """Give the browser the session of this person."""
    client = Client()
    client.force_login(person)
    value = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": value, "url": server.url}])


def violations(page: Page) -> list[Any]:
    """Return what axe finds in what is ours on the page, and whether the page has no title."""
    title = Axe().run(page, options={"runOnly": ["document-title"]})
    assert title.response["violations"] == []
    found = Axe().run(page, context={"include": [["main, #main, #content-main, .photo-about"]]})
    return [
        (one["id"], [node["target"] for node in one["nodes"]])
        for one in found.response["violations"]
    ]


def test_a_photo_is_looked_at_and_deleted_for_good(
    page: Page, live_server: LiveServer, reviewer: User, photo: Photo
) -> None:
    sign_in(page, live_server, reviewer)
    page.goto(f"{live_server.url}/admin/challenges/photo/?q=Minka")
    page.get_by_role("link", name=f"Photo {photo.pk}").click()
    expect(page.get_by_text("7 of 20 people took it for a dog.").first).to_be_visible()
    page.get_by_role("button", name="Retire").click()
    expect(page.get_by_text("Retired: 1.")).to_be_visible()
    page.get_by_role("link", name="Delete for good...").click()
    page.get_by_label("Why (optional").fill("The owner asked for it.")
    page.get_by_role("button", name="Delete for good").click()
    expect(page.get_by_text("1 photo deleted for good")).to_be_visible()
    expect(page.get_by_text("may contain it.")).to_be_visible()
    assert Forgotten.objects.get().reason == "The owner asked for it."
    assert not default_storage.exists(photo.storage_name)


@pytest.mark.parametrize("kind", [DESKTOP, DARK, PHONE], ids=["light", "dark", "phone"])
def test_axe_finds_nothing_and_no_thumbnail_is_cropped(
    open_page: OpenPage, live_server: LiveServer, reviewer: User, photo: Photo, kind: dict[str, Any]
) -> None:
    page = open_page(**kind)
    sign_in(page, live_server, reviewer)
    top = f"{live_server.url}/admin/challenges/photo/"
    page.goto(top)
    image = page.locator(".photo-thumbnail").first
    expect(image).to_have_js_property("complete", value=True)
    image_box, cell_box = (
        image.bounding_box(),
        image.locator("xpath=ancestor::*[self::td or self::th]").bounding_box(),
    )
    assert image_box
    assert cell_box
    assert image_box["height"] > 100
    assert cell_box["y"] <= image_box["y"]
    assert image_box["y"] + image_box["height"] <= cell_box["y"] + cell_box["height"]
    for path in (f"{photo.pk}/change/", f"forget/?photos={photo.pk}", "import/"):
        page.goto(top + path)
        assert violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
