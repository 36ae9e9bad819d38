"""The control in the report: noise is compared with, and counts nowhere else."""

from __future__ import annotations

from dataclasses import replace

from classifier.reports import attack_control, attack_figures, attack_summary
from classifier.reports.attack_runs import NOISE, PLAIN, Run, rate
from tests.classifier.reports.test_attack_summary import report, run


def three(noise: int = 940, hardened: int = 670) -> tuple[Run, Run, Run]:
    """Return runs of one attacker: on plain photos, with noise, hardened; so many read of 1,000."""
    return (
        run(1, 880, tiles=PLAIN, photos=rate(990, 1000)),
        run(2, 500, tiles=NOISE, photos=rate(noise, 1000)),
        run(3, 10, photos=rate(hardened, 1000)),
    )


def test_an_attacker_that_met_all_three_is_compared() -> None:
    plain, noise, hardened = three()
    found = report(hardened, plain, controls=(noise,))
    (one,) = attack_control.compared(found)
    assert one.runs == (plain, noise, hardened)
    assert one.beaten
    (row,) = attack_control.rows(found)
    assert [value["rate"] for value in row["values"]] == ["99.0 %", "94.0 %", "67.0 %"]


def test_patterns_that_do_no_more_than_noise_are_told() -> None:
    plain, noise, hardened = three(noise=690, hardened=670)
    (one,) = attack_control.compared(report(hardened, plain, controls=(noise,)))
    assert not one.beaten


def test_noise_made_by_other_recipes_is_not_compared() -> None:
    plain, noise, hardened = three()
    other = replace(noise, recipes="bb")
    assert attack_control.compared(report(hardened, plain, controls=(other,))) == ()
    assert attack_control.compared(report(hardened, controls=(noise,))) == ()


def test_noise_is_in_no_headline_and_no_ladder() -> None:
    plain, noise, hardened = three()
    with_it = report(hardened, plain, controls=(noise,))
    without = report(hardened, plain)
    assert attack_summary.headline(with_it) == attack_summary.headline(without)
    assert with_it.ladder == without.ladder


def test_its_figures_are_in_the_data() -> None:
    plain, noise, hardened = three()
    found = attack_figures.figures(report(hardened, plain, controls=(noise,)))
    (read,) = (one for one in found if one.tiles == NOISE and one.what == "photos right")
    assert (read.hits, read.n, read.run) == (940, 1000, noise.id)
