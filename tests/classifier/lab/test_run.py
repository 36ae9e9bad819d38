"""The lab, from photos to results: a small version of what takes an hour."""

from __future__ import annotations

import dataclasses
import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from PIL import Image

from challenges.archives import Found
from classifier import panel
from classifier.attackers import registry
from classifier.attackers.base import Attacker, Tile
from classifier.attackers.dictionary import Dictionary
from classifier.attackers.known import Hashes
from classifier.attackers.tiles import FrozenHead
from classifier.cnn.data import Labelled
from classifier.exceptions import BadData
from classifier.hardening import Recipe
from classifier.lab import ladder, splits
from classifier.lab.hardener import Hardener, Made
from classifier.lab.ladder import HARDENED, PLAIN
from classifier.lab.run import Lab, Measured, Plan
from classifier.lab.splits import LeakingSplit, Side
from classifier.panel import Role
from classifier.progress import Quiet
from tests.classifier.sets import file_of, picture

ONLY = ("guessing", "oracle-60", "tiles-head-lite2")
# One short step against our own small network: this is about the lab, not about how hard it is.
SMALL = Recipe("small", 1, 8 / 255, 8 / 255)


def files(each: int, first: int = 0) -> list[Labelled]:
    """Return drawn photos of each animal, as an archive would give them."""
    return [
        Labelled(Found(f"set/{word}/{number}.png", file_of(picture(word, number, 60))), word)
        for word in ("cat", "dog")
        for number in range(first, first + each)
    ]


def halves(each: int) -> dict[str, Side]:
    """Return a table that has half of the photos in the audit and half to learn from."""
    return {
        f"{word}/{number}": "audit" if number % 2 else "attack"
        for word in ("cat", "dog")
        for number in range(each)
    }


def small(name: str) -> Attacker:
    """Return an attacker of this name; what learns stands on our own small network."""
    if name.startswith("tiles-head"):
        return FrozenHead("lite2", views=1, reader=panel.load("pawnet"))
    return registry.make(name)


class Counting(Hardener):
    """Counts the tiles that it was asked for."""

    asked = 0

    def harden(
        self, crops: Sequence[Image.Image], cats: Sequence[bool], dice: random.Random
    ) -> list[Made]:
        """Harden, and count."""
        self.asked += len(crops)
        return super().harden(crops, cats, dice)


def lab(folder: Path, **plan: Any) -> Lab:
    """Return a small lab."""
    said = dataclasses.replace(Plan(audit=32, sizes=(20, 32), only=ONLY), **plan)
    hardener = Counting((SMALL,), ("pawnet",))
    return Lab(said, folder, Quiet(), hardener, halves(70), small)


def named(found: list[Measured]) -> dict[tuple[str, str, int], Measured]:
    """Return results by attacker, kind of tiles, and how many of them it learned from."""
    return {
        (one.step.attacker, one.step.tiles, one.step.learned): one for one in found if not one.age
    }


def test_it_measures_the_ladder_and_goes_on_where_it_stood(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _encode_quickly(monkeypatch)
    monkeypatch.setattr("classifier.lab.ladder.AGEING", 32)
    first = lab(tmp_path)
    every = list(first.run(files(70)))
    found = named(every)
    assert set(found) == {
        ("guessing", PLAIN, 0),
        ("guessing", HARDENED, 0),
        ("oracle-60", PLAIN, 0),
        ("oracle-60", HARDENED, 0),
        ("tiles-head-lite2", HARDENED, 20),
        ("tiles-head-lite2", HARDENED, 32),
    }
    learner = found["tiles-head-lite2", HARDENED, 32].result
    # Warm cats and cold dogs: even this little network's features tell them apart.
    assert learner["photos"]["right"] >= 28
    assert [point["learned"] for point in learner["curve"]] == [16, 32]
    assert learner["clean"] is not None
    assert learner["tuning"]
    assert found["guessing", HARDENED, 0].result["solved"] < 40
    assert cast("Counting", first.hardener).asked == 64
    _met_younger_tiles_too(every)

    again = lab(tmp_path)
    assert list(again.run(files(70))) == every
    assert cast("Counting", again.hardener).asked == 0
    assert set(again.stages.kept) == set(first.stages.seconds) - {
        "photos",
        *(f"Tiles to attack{later}" for later in ("", ", 1 rotation later")),
        *(f"Tiles to learn from, {many}" for many in (10, 16, 20, 32)),
    }


def _met_younger_tiles_too(every: list[Measured]) -> None:
    """Say that who learned from 32 tiles attacked those of the next rotation, without more."""
    same, later = (one for one in every if one.step.learned == 32)
    assert (same.age, later.age) == (0, 1)
    assert same.key != later.key
    assert same.hardening == later.hardening
    assert same.result["photos"]["seen"] == later.result["photos"]["seen"] == 32
    assert same.result["clean"] == later.result["clean"]
    assert same.result["tuning"] == later.result["tuning"]


def _encode_quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Padding to the served size is the encoder's business, and slow."""
    monkeypatch.setattr("classifier.hardening.making.render", file_of)
    monkeypatch.setattr("challenges.webp.padded", lambda image, size: file_of(image))


def test_a_later_rotation_has_the_same_recipes_with_other_numbers() -> None:
    now = Hardener((SMALL,), ("pawnet",))
    (recipe,) = now.later(1).recipes
    assert recipe.name == SMALL.name
    assert recipe.budget != SMALL.budget
    assert now.later(1).recipes == (recipe,)
    assert now.later(2).recipes != (recipe,)


class Known(Dictionary):
    """Keeps what it is given to know."""

    def learn(self, tiles: Sequence[Tile]) -> None:
        """Keep it."""
        KNOWN[:] = tiles


KNOWN: list[Tile] = []


def test_a_dictionary_knows_half_of_the_photos_themselves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _encode_quickly(monkeypatch)
    taken = files(70)
    run = lab(tmp_path, only=("dictionary-hash",), sizes=(20,))
    run.make = lambda name: Known(Hashes())
    list(run.run(taken))
    # As they were taken: the very tiles that are attacked would be repeats, and found for certain.
    assert {tile.data for tile in KNOWN} <= {one.file.data for one in taken}
    assert [tile.cat for tile in KNOWN].count(True) == len(KNOWN) / 2 == 8


def test_whatever_learns_in_the_lab_has_a_learning_curve(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _encode_quickly(monkeypatch)
    run = lab(tmp_path, only=("svm-2008",), sizes=(20,))
    run.make = lambda _: small("tiles-head-lite2")
    curves = {one.step.tiles: one.result["curve"] for one in run.run(files(70))}
    assert set(curves) == {PLAIN, HARDENED}
    assert all([point["learned"] for point in curve] == [10, 20] for curve in curves.values())


def test_a_photo_on_two_sides_stops_it_before_anything_is_measured(tmp_path: Path) -> None:
    twice = files(70)
    # The picture of an audit photo, planted among those to learn from.
    planted = Labelled(Found("set/cat/70.png", twice[1].file.data), "cat")
    run = lab(tmp_path, sizes=(72,))
    run.sides = {**halves(70), "cat/70": "attack"}
    with pytest.raises(LeakingSplit):
        list(run.run([*twice, planted]))
    assert not list(tmp_path.rglob("*.zip"))


def test_too_few_photos_are_refused_with_how_many_there_are(tmp_path: Path) -> None:
    with pytest.raises(BadData, match="give more photos, or ask for fewer"):
        list(lab(tmp_path, audit=400).run(files(70)))


def test_a_judge_never_hardens() -> None:
    (judge, *_) = panel.keys(Role.JUDGES)
    with pytest.raises(ValueError, match="may not take part"):
        Hardener((SMALL,), ("pawnet", judge))


def test_other_recipes_make_other_tiles_and_keep_the_old_ones() -> None:
    one = Hardener((SMALL,), ("pawnet",)).fingerprint
    assert one == Hardener((SMALL,), ("pawnet",)).fingerprint
    assert one != Hardener((Recipe("small", 2, 8 / 255, 8 / 255),), ("pawnet",)).fingerprint
    assert one != Hardener((SMALL,), ("pawnet", "lite0")).fingerprint


def test_sides_of_photos_that_no_table_knows_are_found_by_their_pictures(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _encode_quickly(monkeypatch)
    run = lab(tmp_path, audit=24, sizes=(20,), only=("guessing",))
    run.sides = {}
    assert len(list(run.run(files(90)))) == 2


def test_the_audit_is_what_no_network_of_the_panel_learned_from() -> None:
    assert "audit" in splits.SIDES
    assert all("audit" not in row.trained_on for row in panel.TABLE)


def test_what_takes_minutes_comes_before_what_takes_hours() -> None:
    names = [step.attacker for step in ladder.steps((100, 1000))]
    trained = [place for place, name in enumerate(names) if name.startswith(("tiles-all", "svm"))]
    quick = [place for place, name in enumerate(names) if name.startswith(("tiles-head", "clean"))]
    assert max(quick) < min(trained)
    learned = [step.learned for step in ladder.steps((100, 1000)) if "tiles-all" in step.attacker]
    assert learned == sorted(learned)
