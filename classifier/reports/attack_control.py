"""The control: what noise as strong as the patterns of hardened pictures does to attackers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from classifier.reports import attack_charts as charts
from classifier.reports import attack_words
from classifier.reports.attack_charts import Mark
from classifier.reports.attack_runs import HARDENED, LAB, PLAIN, Run
from classifier.reports.attack_summary import Report
from classifier.reports.words import between, percent


@dataclass(frozen=True, slots=True)
class Compared:
    """One attacker on plain photos, with noise, and on hardened pictures."""

    plain: Run
    noise: Run
    hardened: Run

    @property
    def runs(self) -> tuple[Run, Run, Run]:
        """Return them in this order."""
        return self.plain, self.noise, self.hardened

    @property
    def beaten(self) -> bool:
        """Return whether hardened pictures are read worse for certain (95 %) than noisy ones."""
        return self.hardened.photos.high < self.noise.photos.low


def compared(report: Report) -> tuple[Compared, ...]:
    """Return each attacker that met all three, by its latest runs."""
    by_kind = {(one.attacker, one.tiles): one for one in report.ladder if one.door == LAB}
    found: dict[str, Compared] = {}
    for noise in report.controls:
        plain = by_kind.get((noise.attacker, PLAIN))
        hardened = by_kind.get((noise.attacker, HARDENED))
        if plain and hardened and noise.recipes == hardened.recipes:
            found.setdefault(noise.attacker, Compared(plain, noise, hardened))
    return tuple(sorted(found.values(), key=lambda one: one.noise.attacker))


def rows(report: Report) -> list[dict[str, Any]]:
    """Return a row for each of them: shares of single photos that it reads rightly."""
    return [
        {
            "title": attack_words.title(one.noise.rung, one.noise.learned),
            "attacker": one.noise.attacker,
            "strip": charts.strip([Mark(run.tiles, run.photos) for run in one.runs]),
            "values": [
                {
                    "kind": run.tiles,
                    "name": attack_words.TILES[run.tiles],
                    "rate": percent(run.photos.share),
                    "within": between(run.photos.low, run.photos.high),
                    "run": run,
                }
                for run in one.runs
            ],
            "beaten": one.beaten,
        }
        for one in compared(report)
    ]
