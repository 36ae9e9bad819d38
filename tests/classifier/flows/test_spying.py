"""Side channels of a real server: a leak that is planted there is caught over HTTP."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage

from challenges import fallback_page
from challenges.api import views
from challenges.flows import compose
from challenges.selection import draw_cats
from classifier.flows.spying import spy
from classifier.models import AttackRun
from tests.challenges.conftest import Live
from tests.classifier.flows.front_door import Stocking, is_cat, live, ours, pictures, plan, quick

__all__ = ["live", "ours", "quick"]

Patch = pytest.MonkeyPatch


def in_files(change: Callable[[bytes, bool], bytes]) -> Callable[[Patch], None]:
    """Return what changes the files of all pictures, by what they show."""

    def plant(_: Patch) -> None:
        for name, cat in pictures():
            file = Path(default_storage.path(name))
            file.write_bytes(change(file.read_bytes(), cat))

    return plant


def in_replies(change: Callable[[Any, bool], Any]) -> Callable[[Patch], None]:
    """Return what changes the reply that brings a picture, by what it shows."""

    def plant(patch: Patch) -> None:
        plain = views.PictureView.get

        def get(self: Any, request: Any, challenge_id: str, index: int) -> Any:
            response = plain(self, request, challenge_id, index)
            return change(response, is_cat(challenge_id, index))

        patch.setattr(views.PictureView, "get", get)

    return plant


def named(response: Any, cat: bool) -> Any:
    response["Content-Disposition"] = f'inline; filename="{"cat" if cat else "dog"}.webp"'
    return response


def slow(response: Any, cat: bool) -> Any:
    time.sleep(0.02 * cat)
    return response


def drawn(draw: Callable[[int], list[bool]]) -> Callable[[Patch], None]:
    """Return what lets challenges be drawn in another way."""
    return lambda patch: patch.setattr(
        compose, "draw_rounds", lambda count, rounds, probe: draw(count)
    )


def cats_first(count: int) -> list[bool]:
    return sorted(draw_cats(count), reverse=True)


def six_cats(count: int) -> list[bool]:
    while sum(cats := draw_cats(count)) != count // 2:
        pass
    return cats


def in_markup(patch: Patch) -> None:
    plain = fallback_page._picture

    def picture(place: Any, content: Any, number: int, here: int) -> dict[str, Any]:
        made = plain(place, content, number, here)
        cat = is_cat(content.challenge, made["index"])
        return {**made, "name": made["name"] + ("!" if cat else "?")}

    patch.setattr(fallback_page, "_picture", picture)


IN_PICTURES = {
    "byte length": in_files(lambda data, cat: data + b"\0\0" * cat),
    "container": in_files(lambda data, cat: data.replace(b"PADD", b"JUNK") if cat else data),
    "padding": in_files(lambda data, cat: data[:-300] + bytes(300) if cat else data),
    "picture headers": in_replies(named),
    "picture times": in_replies(slow),
}


def test_a_clean_server_is_at_chance(ours: Live) -> None:
    row = spy(plan(ours, 20), Stocking())
    assert row.state == AttackRun.State.DONE
    assert (row.attacker, row.rung) == ("side-channels", "side-channels")
    assert row.result["leaks"] == []
    asked = {one["channel"] for one in row.result["channels"] if one["enough"]}
    assert {*IN_PICTURES, "markup", "order", "ids"} <= asked
    assert all(one["low"] <= one["share"] <= one["high"] for one in row.result["channels"])
    # It answered blindly, and that is kept as that of any other attacker.
    assert row.result["challenges"] == 20
    assert row.result["photos"]["seen"] == 20 * 12


def test_leaks_that_are_planted_in_a_real_server_are_caught(ours: Live, monkeypatch: Patch) -> None:
    for plant in IN_PICTURES.values():
        plant(monkeypatch)
    row = spy(plan(ours, 18), Stocking())
    assert set(row.result["leaks"]) == {f"{channel}: cat or dog" for channel in IN_PICTURES}
    assert row.result["strongest"]["rate"] > 0.9


def test_cats_that_come_first_are_caught(ours: Live, monkeypatch: Patch) -> None:
    drawn(cats_first)(monkeypatch)
    row = spy(plan(ours, 12), Stocking())
    assert "order: cat or dog" in row.result["leaks"]


def test_a_fixed_number_of_cats_is_caught(ours: Live, monkeypatch: Patch) -> None:
    drawn(six_cats)(monkeypatch)
    row = spy(plan(ours, 42), Stocking())
    assert "number of cats: cat or dog" in row.result["leaks"]


def test_what_the_plain_page_says_of_its_pictures_is_watched(
    ours: Live, monkeypatch: Patch
) -> None:
    in_markup(monkeypatch)
    row = spy(plan(ours, 18, door="fallback"), Stocking())
    assert row.result["leaks"] == ["markup: cat or dog"]
