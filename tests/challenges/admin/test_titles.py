"""What pages are called, and which line of the sidebar is lit."""

from __future__ import annotations

import re

import pytest
from django.test import Client

from challenges.flows.sites import NewSite
from tests.people import person, sign_in


@pytest.fixture
def desk(client: Client, db: None) -> Client:
    """Return an owner's browser."""
    return sign_in(client, person("ann", "owner"))


def title(page: str) -> str:
    """Return the words of the browser's tab."""
    found = re.search(r"<title>(.*?)</title>", page, re.DOTALL)
    return " ".join(found[1].split()) if found else ""


def way(page: str) -> str:
    """Return the words above the page."""
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page, re.DOTALL)
    words = re.sub(r"<[^>]+>", " ", found[1] if found else "")
    return " ".join(words.replace("chevron_right", ">").split())


@pytest.mark.parametrize(
    ("place", "tab", "above"),
    [
        ("/admin/", "Overview", "Overview"),
        ("/admin/challenges/photo/", "Photos", "Photos"),
        ("/admin/auth/user/", "People", "People"),
        ("/admin/auth/user/history/", "History", "History"),
        ("/admin/auth/user/tokens/", "API tokens", "API tokens"),
        ("/admin/auth/user/{ann}/password/", "", "People > "),
        ("/admin/challenges/site/{site}/use/", "Shop", "Sites > Shop"),
        ("/admin/challenges/label/queue/", "Label", ""),
        ("/admin/challenges/outcome/statistics", "Statistics", "Statistics"),
        ("/admin/challenges/batch/upload/", "Upload", ""),
    ],
)
def test_each_page_has_a_name(
    desk: Client, site_owner: NewSite, place: str, tab: str, above: str
) -> None:
    uli = person("uli", "uploader")
    page = desk.get(place.format(ann=uli.pk, site=site_owner.site.pk)).content.decode()
    assert title(page).startswith(tab)
    assert title(page).endswith("| Pawcha")
    assert title(page) != "| Pawcha"
    assert way(page).startswith(above)
    for wrong in ("Authentication and Authorization", "to change |"):
        assert wrong not in page
    assert 'id="site-name"' in page


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("/admin/", "Overview"),
        ("/admin/challenges/outcome/statistics", "Statistics"),
        ("/admin/challenges/outcome/", "Outcomes"),
        ("/admin/challenges/batch/upload/", "Upload"),
        ("/admin/challenges/batch/", "Batches"),
        ("/admin/auth/user/history/", "History"),
        ("/admin/auth/user/tokens/", ""),
    ],
)
def test_one_line_is_lit(desk: Client, place: str, line: str) -> None:
    context = desk.get(place).context["sidebar_navigation"]
    shown = [item for group in context for item in group["items"] if item["has_permission"]]
    lit = [item["title"] for item in shown if item["active"]]
    assert lit == ([line] if line else [])


def test_an_uploader_finds_their_uploads(client: Client, db: None) -> None:
    sign_in(client, person("uli", "uploader"))
    context = client.get("/admin/challenges/batch/").context["sidebar_navigation"]
    shown = [
        item["title"] for group in context for item in group["items"] if item["has_permission"]
    ]
    assert shown == ["Overview", "Attack report", "Upload", "Your uploads"]


def test_the_attack_report_is_one_click_away_from_everywhere(desk: Client) -> None:
    pages = ("/admin/", "/admin/challenges/batch/", "/classify/")
    assert [page for page in pages if 'href="/report/"' not in desk.get(page).text] == []


@pytest.mark.parametrize("page", ["statistics", "pool"])
def test_both_spellings_lead_to_the_numbers(desk: Client, page: str) -> None:
    answer = desk.get(f"/admin/challenges/outcome/{page}/?range=7d")
    assert answer["Location"] == f"/admin/challenges/outcome/{page}?range=7d"


def test_the_picture_of_the_tab(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert answer["Location"] == "/static/captcha_site/paw.svg"
