"""Uploading by the page, in a real Chromium: sent, broken off, resumed, watched."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.contrib.auth.models import User
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, Route, expect
from pytest_django.live_server_helper import LiveServer

from challenges.flows import batches, transfers
from challenges.models import Batch, Photo, Transfer, Upload
from challenges.models.photos import Rights
from tests.browser import DARK, DESKTOP, PHONE
from tests.challenges.uploads import OURS, batch, may, send, small_pieces, uploader, volunteer, work
from tests.drawn import photo_file

__all__ = ["batch", "small_pieces", "volunteer"]

OpenPage = Callable[..., Page]
PHOTOS = Path(__file__).parents[4] / "shared" / "photos"
UPLOAD = "/admin/challenges/batch/upload/"


def enter(page: Page, live: LiveServer, user: User, path: str = UPLOAD) -> Page:
    """Open a page of the admin as this user."""
    client = Client()
    client.force_login(user)
    session = client.cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": session, "url": live.url}])
    page.goto(live.url + path)
    return page


def files(folder: Path, number: int) -> list[Path]:
    """Write photos to a folder and return them."""
    made = [folder / f"{n}.jpg" for n in range(number)]
    for n, path in enumerate(made):
        path.write_bytes(photo_file(n))
    return made


def who_sends(batch: Batch) -> User:
    """Return who uploads the batch."""
    assert batch.person is not None
    return batch.person


class TestPages:
    def test_a_volunteer_sees_their_own_runs_only(self, client: Client, batch: Batch) -> None:
        run = reverse("admin:challenges_batch_run", args=[batch.pk])
        client.force_login(who_sends(batch))
        assert client.get(run).status_code == 200
        assert batch.name in client.get("/admin/challenges/batch/").content.decode()
        client.force_login(uploader("other"))
        assert client.get(run).status_code == 404
        assert batch.name not in client.get("/admin/challenges/batch/").content.decode()
        sees = may(User.objects.create_user("sees", is_staff=True), "view_batch")
        client.force_login(sees)
        assert client.get(run).status_code == 200
        assert client.get(UPLOAD).status_code == 403

    def test_the_form_works_without_its_script(self, client: Client, volunteer: User) -> None:
        client.force_login(volunteer)
        words = {"name": "May", "rights": "cleared", "label": "cat"}
        page = client.post(UPLOAD, words).content.decode()
        assert "Say why you may show these photos" in page
        done = client.post(UPLOAD, words | {"rights_text": "our own"})
        made = Batch.objects.get()
        assert done["Location"] == reverse("admin:challenges_batch_run", args=[made.pk])
        assert (made.label, made.trust_labels, made.person) == ("cat", False, volunteer)

    def test_the_page_says_what_a_label_does(
        self, client: Client, batch: Batch, volunteer: User, settings: Any
    ) -> None:
        run = f"/admin/challenges/batch/{batch.pk}/change/"

        def told() -> tuple[bool, bool, bool]:
            client.force_login(User.objects.get(pk=volunteer.pk))
            page, about = client.get(UPLOAD).content.decode(), client.get(run).content.decode()
            assert re.search(r"<title>\s*Upload photos \| ", page)
            assert ("They wait for a reviewer" in page) == ("They wait for a reviewer" in about)
            at_once = "They go into the pool at once" in page
            return "trust_labels" in page, at_once, "they go into the pool at once" in about

        assert told() == (False, False, False)
        may(volunteer, "label_photo")
        assert told() == (True, True, True)
        settings.PAWCHA = {**settings.PAWCHA, "REVIEWERS_AGREE": 2}
        assert told() == (False, False, False)

    def test_a_right_that_is_stated_later_pools_what_was_held(
        self, client: Client, batch: Batch
    ) -> None:
        assert batch.person is not None
        may(batch.person, "label_photo")
        Batch.objects.update(rights=Rights.UNSTATED, rights_text="")
        send(batch, "Cats/a.jpg", photo_file(1))
        work()
        client.force_login(who_sends(batch))
        run = reverse("admin:challenges_batch_run", args=[batch.pk])
        words = {"rights": "cleared", "rights_text": "our own", "shelter": "South"}
        page = client.post(run, words, follow=True).content.decode()
        assert "In the pool now: 1 that waited for it." in page
        photo = Photo.objects.get()
        assert (photo.status, photo.shelter) == (Photo.Status.POOLED, "South")

    def test_pictures_of_a_run_are_shown_to_its_person_only(
        self, client: Client, batch: Batch
    ) -> None:
        send(batch, "a.jpg", photo_file(1))
        work()
        photo = Photo.objects.get()
        address = reverse("admin:challenges_batch_picture", args=[batch.pk, photo.pk])
        client.force_login(who_sends(batch))
        assert client.get(address)["Content-Type"] == "image/jpeg"
        other = uploader("other")
        client.force_login(other)
        assert client.get(address).status_code == 404
        own = batches.make(other, batches.Words(name="mine"))
        address = reverse("admin:challenges_batch_picture", args=[own.pk, photo.pk])
        assert client.get(address).status_code == 404


@pytest.fixture
def sender(live_server: LiveServer) -> User:
    """Return a volunteer of a running service."""
    return uploader()


@pytest.mark.browser
class TestInABrowser:
    def test_photos_are_sent_and_watched(
        self, page: Page, live_server: LiveServer, sender: User, tmp_path: Path
    ) -> None:
        chosen = files(tmp_path, 5)
        (tmp_path / "broken.jpg").write_bytes(photo_file(9)[:900])
        (tmp_path / "notes.txt").write_text("hello")
        enter(page, live_server, sender)
        page.set_input_files(
            "#choose-files", [*chosen, tmp_path / "broken.jpg", tmp_path / "notes.txt"]
        )
        expect(page.locator("#staged")).to_contain_text(
            "1 file is no photo and stays here: notes.txt"
        )
        page.get_by_label("I have the right to show them").check()
        page.get_by_role("button", name="Upload 6 files").click()
        expect(page.get_by_role("alert")).to_contain_text("Say why you may show these photos")
        page.get_by_label("Why you may show them").fill("taken by our volunteers")
        page.get_by_label("Cats").check()
        page.get_by_role("button", name="Upload 6 files").click()
        expect(page.get_by_role("heading", name="All 6 files have arrived")).to_be_visible()
        made = Batch.objects.get()
        assert page.url == live_server.url + reverse("admin:challenges_batch_run", args=[made.pk])
        work()
        expect(page.locator("[data-part=state]")).to_contain_text("has been looked at")
        expect(page.locator(".up-tile").first).to_have_text("Stored as new5")
        expect(page.locator("[data-part=rejected]")).to_contain_text("damaged or was cut off")
        assert Photo.objects.filter(label="cat", status="proposed").count() == 5

    def test_a_browser_closed_at_40_percent_loses_and_repeats_nothing(
        self, open_page: OpenPage, live_server: LiveServer, sender: User, tmp_path: Path
    ) -> None:
        chosen = files(tmp_path, 10)
        size = sum(path.stat().st_size for path in chosen)
        sent: list[int] = []

        def count(route: Route) -> None:
            if route.request.method == "PATCH":
                sent.append(len(route.request.post_data_buffer or b""))
            route.continue_()

        def cut_off(route: Route) -> None:
            # The connection is gone after four files.
            if len(sent) >= 4:
                route.abort()
            else:
                count(route)

        first = open_page(**DESKTOP)
        first.route("**/api/v1/transfers/*", cut_off)
        enter(first, live_server, sender)
        first.set_input_files("#choose-files", chosen)
        first.get_by_role("button", name="Upload 10 files").click()
        expect(first.locator(".up-trouble")).to_contain_text("What arrived is safe")
        expect(first.get_by_role("heading", name="4 of 10 files have arrived")).to_be_visible()
        address = first.url
        first.close(run_before_unload=False)
        safe = Transfer.objects.aggregate(safe=Sum("offset"))["safe"]
        assert safe == sum(sent)

        second = open_page(**DESKTOP)
        second.route("**/api/v1/transfers/*", count)
        enter(second, live_server, sender, address.removeprefix(live_server.url))
        state = second.locator("[data-part=state]")
        expect(state).to_contain_text("4 of 10 files arrived. Drop the same files again to go on")
        second.set_input_files("#choose-files", chosen)
        expect(second.get_by_role("heading", name="All 10 files have arrived")).to_be_visible()
        assert sum(sent) == size
        work()
        assert Photo.objects.count() == 10

    def test_pausing_stops_and_goes_on(
        self, page: Page, live_server: LiveServer, sender: User, tmp_path: Path
    ) -> None:
        held: list[Any] = []
        page.route("**/api/v1/transfers/*", lambda route: held.append(route))
        enter(page, live_server, sender)
        page.set_input_files("#choose-files", files(tmp_path, 4))
        page.get_by_role("button", name="Upload 4 files").click()
        expect(page.locator(".up-row")).to_have_count(3)
        page.get_by_role("button", name="Pause").click()
        expect(page.get_by_role("heading", name="Paused: 0 of 4")).to_be_visible()
        page.unroute("**/api/v1/transfers/*")
        page.get_by_role("button", name="Go on").click()
        expect(page.get_by_role("heading", name="All 4 files have arrived")).to_be_visible()

    @pytest.mark.parametrize("kind", [DESKTOP, DARK, PHONE], ids=["desktop", "dark", "phone"])
    def test_axe_finds_nothing(
        self, open_page: OpenPage, live_server: LiveServer, sender: User, kind: Any
    ) -> None:
        made = batches.make(sender, OURS)
        for name, data in (("a", photo_file(1)), ("b", photo_file(1, quality=60)), ("c", b"GIF8")):
            send(made, f"{name}.jpg", data)
        file = transfers.Announced("open.jpg", 100, "open")
        transfers.begin(made, sender, file)
        work()
        page = enter(open_page(**kind), live_server, sender)
        run = reverse("admin:challenges_batch_run", args=[made.pk])
        assert barriers(page) == []
        page.goto(live_server.url + run)
        expect(page.locator(".up-pair")).to_have_count(1)
        assert barriers(page) == []
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert wide <= 0


def barriers(page: Page) -> list[Any]:
    """Return what axe finds in what is ours on the page."""
    ours = Axe().run(page, context=".up").response["violations"]
    titles = Axe().run(page, options={"runOnly": ["document-title"]}).response["violations"]
    return [
        (one["id"], node["target"], node["failureSummary"])
        for one in [*ours, *titles]
        for node in one["nodes"]
    ]


@pytest.fixture
def real_photos(tmp_path: Path) -> list[Path]:
    """Return 100 cats and 100 dogs out of the shared archives, in two folders."""
    found = []
    for animal in ("cat", "dog"):
        (tmp_path / f"{animal}s").mkdir()
        with tarfile.open(PHOTOS / f"{animal}s-original.tar") as archive:
            entries = [entry for entry in archive if entry.isfile()][:100]
            for entry in entries:
                file = archive.extractfile(entry)
                assert file is not None
                path = tmp_path / f"{animal}s" / Path(entry.name).name
                path.write_bytes(file.read())
                found.append(path)
    return found


@pytest.mark.browser
@pytest.mark.photos
def test_two_hundred_real_photos_come_in_by_the_page(
    page: Page,
    live_server: LiveServer,
    sender: User,
    real_photos: list[Path],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    enter(page, live_server, sender)
    page.set_input_files("#choose-folder", tmp_path)
    page.get_by_label("Only on this machine, to try out").check()
    page.get_by_role("button", name="Upload 200 files").click()
    done = page.get_by_role("heading", name="All 200 files have arrived")
    expect(done).to_be_visible(timeout=120_000)
    work()
    run = page.locator("[data-part=state]")
    expect(run).to_contain_text("has been looked at", timeout=30_000)
    states = list(Photo.objects.values_list("label", "status"))
    with capsys.disabled():
        print(f"\n200 real photos: {len(states)} stored, {states.count(('cat', 'proposed'))} cats")
    # Some of the set are there twice or cannot be used: each of those is told why.
    became = list(Upload.objects.values_list("state", "reason"))
    assert len(became) == Upload.objects.exclude(state=Upload.State.WAITING).count()
    assert all(reason for state, reason in became if state == Upload.State.REJECTED)
    assert len(states) >= 190
    assert {label for label, _ in states} == {"cat", "dog"}
