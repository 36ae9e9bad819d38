"""CI looks at so many pictures that each two properties meet at least once."""

from __future__ import annotations

import io
from typing import Any

import pytest
from allpairspy import AllPairs
from PIL import Image
from playwright.sync_api import Browser

from tests.pictures.scenes import DEVICES, LANGUAGES, PLACES, STATES, THEMES, Shot
from tests.pictures.shoot import take

pytestmark = pytest.mark.browser


def _possible(row: list[Any]) -> bool:
    """Return whether a row, perhaps unfinished, can be shown."""
    place, state = [*row, "", ""][1], row[0]
    return place != "invisible" or Shot(place, "", "", "", state).possible


def pairwise() -> list[Shot]:
    """Return a selection in which every two properties that can meet do."""
    properties = [list(STATES), list(PLACES), list(DEVICES), list(THEMES), list(LANGUAGES)]
    return [
        Shot(place=row[1], theme=row[3], device=row[2], language=row[4], state=row[0])
        for row in AllPairs(properties, filter_func=_possible)
    ]


@pytest.mark.parametrize("shot", pairwise(), ids=lambda shot: shot.name.removesuffix(".png"))
def test_nothing_is_cut_off_or_in_the_way(browser: Browser, shot: Shot) -> None:
    taken = take(browser, shot)
    assert taken.faults == []
    with Image.open(io.BytesIO(taken.picture)) as picture:
        assert len(picture.convert("RGB").getcolors(1 << 24) or []) > 10
