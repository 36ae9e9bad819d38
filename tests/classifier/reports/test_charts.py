"""Charts inside a page."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree

import pytest

pytest.importorskip("matplotlib", reason="this machine only serves: matplotlib is not installed")

import matplotlib

from classifier.reports import charts
from classifier.reports.evaluation import Epoch


def some() -> str:
    """Return a chart with two classes, one of which has an awkward name."""
    return charts.spread([[10.0, 20], [30.0]], ["cat", "<b>$x_1$</b>"], (0, 40), "how bright")


def test_it_is_sound_xml_with_a_title() -> None:
    chart = ElementTree.fromstring(some())  # noqa: S314  our own
    title = chart.find("{http://www.w3.org/2000/svg}title")
    assert title is not None
    assert title.text == "How bright"


def test_names_of_classes_are_text_and_no_formula() -> None:
    assert "&lt;b&gt;$x_1$&lt;/b&gt;" in some()


def test_its_colours_follow_the_page() -> None:
    fixed = set(re.findall(r"#[0-9a-f]{6}", some()))
    assert fixed <= set(charts.COLOURS)
    assert "fill: var(--ink)" in some()
    assert "stroke: var(--line)" in some()


def test_it_leaves_no_settings_behind() -> None:
    before = dict(matplotlib.rcParams)
    epochs = [Epoch(n, 1 / n, 0.5, 1 / n, 0.5) for n in (1, 2)]
    charts.history(epochs, "loss")
    assert dict(matplotlib.rcParams) == before


def test_many_photos_stay_a_small_chart() -> None:
    sides = list(range(100, 4100))
    assert len(charts.sizes(sides, sides, [0] * len(sides))) < 100_000
