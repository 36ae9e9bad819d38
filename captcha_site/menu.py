"""The sidebar of the desk: what a person may open, in the order in which a photo travels."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from django.http import HttpRequest
from django.templatetags.static import static
from django.urls import reverse, reverse_lazy

Item = dict[str, Any]


FIRST = "admin:index"
# Everybody's own pages that lie under the address of a list.
ELSEWHERE = ("admin:challenges_person_tokens",)


def _item(
    title: str, icon: str, name: str, *may: str, unless: str = "", space: str = "admin:"
) -> Item:
    """Return one line of the sidebar, for those who have one of these permissions.

    Whoever has the permission `unless` has another line for it. Pages of the desk are named in the
    `space` of the admin, public ones in none.
    """
    route = space + name
    return {
        "title": title,
        "icon": icon,
        "name": route,
        "link": reverse_lazy(route),
        "active": _is_here(route),
        "permission": _has_one_of(may, unless),
    }


def favicon(request: HttpRequest) -> str:
    """Return where the picture for the browser's tab is."""
    return static("captcha_site/paw.svg")


def _is_here(route: str) -> Callable[[HttpRequest], bool]:
    """Return what tells whether a page belongs to this line, and to no other more closely."""

    def here(request: HttpRequest) -> bool:
        path = f"{request.path.rstrip('/')}/"
        if route == FIRST:
            return path == _link(route)
        return _link(route) == max(filter(path.startswith, _links()), key=len, default="")

    return here


@functools.cache
def _link(route: str) -> str:
    return reverse(route).rstrip("/") + "/"


@functools.cache
def _links() -> frozenset[str]:
    """Return the addresses of all lines but the first. Looked up once: every page asks 20 times."""
    routes = [item["name"] for group in MENU for item in group["items"]]
    return frozenset(_link(route) for route in (*routes, *ELSEWHERE)) - {_link(FIRST)}


def _has_one_of(may: tuple[str, ...], unless: str) -> Callable[[HttpRequest], bool]:
    def allowed(request: HttpRequest) -> bool:
        if unless and request.user.has_perm(unless):
            return False
        return not may or any(request.user.has_perm(one) for one in may)

    return allowed


# Names of Material Symbols, which the theme brings along.
MENU: list[Item] = [
    {
        "items": [
            _item("Overview", "home", "index"),
            _item("Attack report", "shield", "report", space=""),
        ],
    },
    {
        "title": "Photos",
        "separator": True,
        "items": [
            _item("Upload", "cloud_upload", "challenges_batch_upload", "challenges.upload_batch"),
            _item("Label", "keyboard", "challenges_label_queue", "challenges.label_photo"),
            _item("Accept many", "done_all", "challenges_label_sample", "challenges.label_photo"),
            _item(
                "Photos", "photo_library", "challenges_photo_changelist", "challenges.view_photo"
            ),
            _item("Batches", "inventory_2", "challenges_batch_changelist", "challenges.view_batch"),
            _item(
                "Your uploads",
                "inventory_2",
                "challenges_batch_changelist",
                "challenges.upload_batch",
                unless="challenges.view_batch",
            ),
            _item("Files", "draft", "challenges_upload_changelist", "challenges.view_upload"),
            _item(
                "Deleted photos",
                "delete_forever",
                "challenges_forgotten_changelist",
                "challenges.view_forgotten",
            ),
        ],
    },
    {
        "title": "Sites",
        "separator": True,
        "items": [
            _item("Sites", "language", "challenges_site_changelist", "challenges.view_site"),
            _item(
                "Statistics",
                "monitoring",
                "challenges_outcome_statistics",
                "challenges.see_statistics",
            ),
            _item("Outcomes", "rule", "challenges_outcome_changelist", "challenges.view_outcome"),
            _item(
                "Pool health",
                "health_and_safety",
                "challenges_outcome_pool",
                "challenges.see_statistics",
            ),
        ],
    },
    {
        "title": "Network",
        "separator": True,
        "items": [
            _item(
                "Versions",
                "network_intelligence",
                "classifier_modelversion_changelist",
                "classifier.view_modelversion",
            ),
            _item(
                "Retrainings",
                "model_training",
                "classifier_retraining_changelist",
                "classifier.view_retraining",
            ),
        ],
    },
    {
        "title": "People",
        "separator": True,
        "items": [
            _item("People", "group", "auth_user_changelist", "auth.view_user"),
            _item("History", "history", "challenges_person_history", "challenges.see_history"),
        ],
    },
]
