"""All rungs by name."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

import pytest

from classifier import panel
from classifier.attackers import registry
from classifier.attackers.registry import Needs
from classifier.reports import attack_words
from tests.classifier.attackers.learnable import tiles


def test_every_attacker_goes_by_the_name_it_is_made_by() -> None:
    pytest.importorskip("torch", reason="this machine only serves: torch is not installed")
    for name, entry in registry.entries().items():
        made = registry.make(name)
        assert (made.name, made.rung) == (name, entry.rung)
        assert hasattr(made, "learn") == (entry.needs in {Needs.TILES, Needs.PHOTOS})
        if entry.needs is Needs.ANSWERS:
            assert hasattr(made, "remember")


def test_the_report_has_a_word_for_every_rung() -> None:
    for entry in registry.entries().values():
        assert attack_words.rung(entry.rung) in attack_words.LADDER


def test_every_network_of_the_panel_stands_in_every_rung_of_networks() -> None:
    names = registry.entries()
    for key in (row.key for row in panel.TABLE):
        assert {f"clean-{key}", f"washed-{key}", f"tiles-all-{key}"} <= set(names)
        assert names[f"tiles-head-{key}"].network == key


def test_only_the_oracle_is_for_the_lab_alone() -> None:
    assert [name for name, entry in registry.entries().items() if entry.lab] == ["oracle-60"]


def test_an_unknown_name_is_told_all_names() -> None:
    with pytest.raises(registry.NoSuchAttacker, match="no attacker 'guesing': choose among guess"):
        registry.make("guesing")


def test_the_list_of_attackers_needs_no_torch() -> None:
    said = "from classifier.attackers import registry; registry.make('guessing'); "
    said += "registry.entries(); import sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", said], check=False).returncode == 0


def test_what_a_picture_costs_is_measured() -> None:
    class Slow:
        name = rung = "slow"

        def look(self, pictures: Sequence[bytes]) -> list[float]:
            time.sleep(0.02 * len(pictures))
            return [0.5 for _ in pictures]

    told, seconds = registry.timed(Slow(), [tile.data for tile in tiles(5)])
    assert told == [0.5] * 5
    assert 0.02 <= seconds < 0.2
