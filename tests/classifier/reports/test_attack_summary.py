"""What the report makes of runs: headline, aims, limits, money; and what it does not believe."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from challenges import odds
from classifier import attacks
from classifier.reports import (
    attack_aims,
    attack_figures,
    attack_page,
    attack_rules,
    attack_runs,
    attack_sections,
    attack_summary,
)
from classifier.reports.attack_rules import Prices, Rules
from classifier.reports.attack_runs import Run, flaws, rate
from classifier.reports.attack_summary import People, Recipes, Report

NOON = datetime(2026, 11, 10, 12, tzinfo=UTC)
RULES = Rules(start=6, most=12, per_hour=12, refill=3, hot=30)
PRICES = Prices(a_try=1e-5, an_hour=0.04, people_least=1.0, people_most=3.0)


def run(number: int = 1, solved: int = 100, n: int = 1000, **more: Any) -> Run:
    """Return a sound run on hardened pictures."""
    share = solved / n
    made = Run(
        id=number, attacker="net", rung="clean", door="lab", tiles="hardened", learned=0, age=0,
        limits=False, recipes="aa", started=NOON, finished=NOON, challenges=n,
        solved=rate(solved, n), reversed=rate(0, n), passed=None,
        tolerance={0: rate(solved, n), 1: rate(solved, n)}, photos=rate(900, 1000), auc=0.9,
        clean=rate(990, 1000), predicted=share,
        surest={20: rate(0, n // 5), 5: rate(0, n // 20), 1: rate(0, n // 100)},
        per_1000=1000 * odds.bucket_rate(share, 3), seconds_per_photo=0.01,
    )  # fmt: skip
    return replace(made, **more)


def report(*runs: Run, **more: Any) -> Report:
    """Return a report of these runs, latest first."""
    made = Report(
        made_at=NOON, runs=runs, panel=(), believed=(), days=(), people=People(None, None, None),
        recipes=Recipes("", None, None), rules=RULES, prices=PRICES,
    )  # fmt: skip
    return replace(made, **more)


class TestHeadline:
    def test_nothing_measured_is_no_figure(self) -> None:
        top = attack_summary.headline(report())
        assert (top.plain, top.hardened, top.served, top.after, top.cost) == (None,) * 5

    def test_it_is_the_worst_attacker_of_each_kind_of_pictures(self) -> None:
        weak, strong = run(1, 50), run(2, 300, attacker="other")
        plain = run(3, 880, tiles="plain")
        top = attack_summary.headline(report(weak, strong, plain))
        assert (top.hardened, top.plain, top.served) == (strong, plain, strong)

    def test_the_opposite_of_its_answers_and_what_it_is_surest_of_count(self) -> None:
        inverted = run(1, 10, reversed=rate(400, 1000))
        assert inverted.worst.which == "reversed"
        picky = run(2, 10, surest={5: rate(30, 50)})
        assert (picky.worst.which, picky.worst.solved.share) == ("surest 5 %", 0.6)

    def test_too_few_of_the_surest_say_nothing(self) -> None:
        assert attack_runs.ENOUGH == attacks.ENOUGH
        lucky = run(1, 10, surest={1: rate(19, 19)})
        assert lucky.worst.which == "plain"

    def test_an_oracle_that_is_told_the_truth_is_in_no_headline(self) -> None:
        told, real = run(1, 900, rung="oracle"), run(2, 10)
        assert attack_summary.headline(report(told, real)).hardened == real

    def test_a_weak_attacker_that_does_best_is_still_the_worst_for_us(self) -> None:
        weak = run(1, 500, clean=rate(900, 1000), attacker="weak")
        assert attack_summary.headline(report(weak, run(2, 10))).hardened == weak

    def test_plain_pictures_count_as_long_as_some_are_shown(self) -> None:
        hard, plain = run(1, 10), run(2, 880, tiles="plain")
        half = Recipes("aa", NOON, rate(50, 100))
        assert attack_summary.headline(report(hard, plain, recipes=half)).served == plain
        whole = Recipes("aa", NOON, rate(100, 100))
        assert attack_summary.headline(report(hard, plain, recipes=whole)).served == hard

    def test_the_latest_run_of_an_attacker_stands_for_it(self) -> None:
        new, old = run(2, 10), run(1, 500)
        assert report(new, old).ladder == (new,)

    def test_a_run_of_older_recipes_is_told_apart(self) -> None:
        new, old = run(2, recipes="bb"), run(1, recipes="aa", attacker="other")
        found = report(new, old)
        assert found.older_recipes(old)
        assert not found.older_recipes(new)

    def test_each_place_of_the_ladder_has_its_best_attacker(self) -> None:
        good, bad = run(1, 200, attacker="good"), run(2, 20, attacker="bad")
        (step,) = attack_summary.steps(report(good, bad))
        assert (step.runs, step.others) == ((good,), 1)


class TestTooFew:
    """Ten guesses show nothing."""

    def guesser(self, n: int) -> Run:
        return run(1, 0, n, rung="guessing", attacker="guessing")

    def test_nothing_is_said_before_somebody_looked_at_a_hundred(self) -> None:
        found = report(self.guesser(5000), run(2, 0, 99))
        top = attack_summary.headline(found)
        assert (top.served, top.after, top.cost) == (None, None, None)
        assert attack_figures.badge(found)["message"] == "not measured enough yet"
        assert attack_figures.badge(found)["color"] == "lightgrey"
        assert attack_sections.money(found) is None
        assert attack_page.lead(found).startswith("Not measured enough yet")
        assert not any("dollars" in one.what for one in attack_figures.figures(found))

    def test_a_hundred_on_plain_photos_say_nothing_about_hardened_ones(self) -> None:
        found = report(self.guesser(5000), run(2, 80, 100, tiles="plain"))
        top = attack_summary.headline(found)
        assert top.hardened is None
        assert top.plain is not None

    def test_none_of_a_hundred_is_under_some_percent_and_has_a_least_price(self) -> None:
        found = report(run(1, 0, 100))
        high = found.runs[0].solved.high
        said = attack_figures.badge(found)
        assert (said["message"], said["color"]) == ("under 3.7 %", "brightgreen")
        assert 0.036 < high < 0.037
        cards = {one["name"]: one["value"] for one in attack_page.cards(found)}
        assert cards["Hardened pictures"] == "under 3.7 %"
        assert cards["Past the limits"].startswith("under ")
        assert cards["Cost of 1,000 solves"].startswith("more than $")
        assert "never" not in str(attack_sections.money(found))
        cost = attack_figures.to_dict(found)["headline"]["dollars_for_1000_solves"]
        one_try = 1e-5 + 12 * 0.01 * 0.04 / 3600
        assert cost["at_least"]
        assert cost["value"] == pytest.approx(1000 * one_try / odds.bucket_rate(high, 3))

    def test_a_lower_bound_is_not_called_cheaper_than_people(self) -> None:
        found = report(run(1, 0, 100), prices=replace(PRICES, people_least=10.0))
        (card,) = [one for one in attack_page.cards(found) if "1,000" in one["name"]]
        assert card["note"] == ""

    def test_the_badge_has_the_colour_of_what_it_may_be_at_most(self) -> None:
        lucky = run(1, 4, 100)
        assert lucky.solved.share < 0.05 < lucky.solved.high
        assert attack_figures.badge(report(lucky))["color"] == "yellow"

    def test_a_price_that_was_seen_stands_before_one_that_is_a_bound(self) -> None:
        seen, never = run(1, 500), run(2, 0, 100, attacker="other", seconds_per_photo=0.0)
        top = attack_summary.headline(report(seen, never))
        assert top.cost is not None
        assert top.cost.run == seen

    def test_without_a_pass_there_is_no_chart_of_limits(self) -> None:
        assert attack_sections.limits(report(run(1, 0, 100)))["chart"] is None
        assert attack_sections.limits(report(run(1, 10, 100)))["chart"] is not None


class TestPastTheLimits:
    def test_in_the_lab_it_is_worked_out_from_the_bucket(self) -> None:
        found = attack_summary.after(run(1, 100), RULES)
        assert found.share == pytest.approx(0.1 * (1 - 0.9**3))
        assert not found.counted

    def test_at_the_door_it_is_counted(self) -> None:
        door = run(1, 100, door="widget", limits=True, tiles="mixed", per_1000=12.5)
        found = attack_summary.after(door, RULES)
        assert (found.share, found.counted) == (0.0125, True)

    def test_who_met_no_limits_at_the_door_was_not_held_by_them(self) -> None:
        door = run(1, 100, door="widget", limits=False, tiles="mixed", per_1000=100)
        assert not attack_summary.after(door, RULES).counted

    def test_a_fresh_network_is_as_the_rules_say(self) -> None:
        for spent, passes in attack_rules.fresh(0.15, RULES):
            assert passes == odds.fresh_passes(0.15, spent, start=6, most=12, refill=3)

    @pytest.mark.parametrize(("solves", "expected"), [(1.0, 2.0), (0.5, 2 / 0.875 + 2)])
    def test_an_empty_bucket_takes_two_right_answers(self, solves: float, expected: float) -> None:
        """With R = 3 and s = 1/2: each try to arm takes 1/s, and fails with (1/2)^3."""
        assert odds.challenges_to_pass(solves, 3) == pytest.approx(expected)

    def test_a_neighbour_of_a_bot_pays_more_and_is_never_locked_out(self) -> None:
        pays = attack_rules.neighbour(0.834, 3)
        assert pays.usual == pytest.approx(1 / 0.834)
        assert pays.usual < pays.shared < pays.hot < 5

    def test_nobody_who_never_solves_passes(self) -> None:
        assert odds.challenges_to_pass(0.0, 3) == math.inf


class TestMoney:
    def test_it_is_the_try_and_the_computing_over_the_passes(self) -> None:
        found = attack_summary.cost(report(), run(1, 500, seconds_per_photo=0.03))
        a_try = 1e-5 + 12 * 0.03 * 0.04 / 3600
        assert found.before == pytest.approx(1000 * a_try / 0.5)
        assert found.after == pytest.approx(1000 * a_try / (0.5 * (1 - 0.5**3)))

    def test_who_pays_people_besides_has_no_known_price(self) -> None:
        assert attack_summary.headline(report(run(1, rung="repeats"))).cost is None

    def test_who_says_how_many_pictures_were_paid_for_has_a_price(self) -> None:
        paying = run(900, rung="repeats", bought=rate(300, 1200))
        top = attack_summary.headline(report(paying, run(1, 500, attacker="other")))
        assert top.cost is not None
        costs = attack_summary.cost(report(), paying)
        # A quarter of the pictures, for a dollar at least, and a thousand tries.
        tries = 1000 * attack_rules.per_try(PRICES, 12, 0.01)
        assert costs.before == costs.after == pytest.approx(0.25 + tries)

    def test_whom_people_help_is_no_headline_of_solving(self) -> None:
        paying, bot = run(900, rung="repeats", bought=rate(300, 1200)), run(5, attacker="other")
        top = attack_summary.headline(report(paying, bot))
        assert top.hardened == top.served == top.most_hardened == bot
        assert top.after is not None
        assert top.after.run == bot


class TestLead:
    def test_it_names_who_solves_most_and_who_chooses_best(self) -> None:
        most = run(1, 60, attacker="most")
        chooser = run(2, 30, attacker="chooser", surest={20: rate(80, 200)})
        said = attack_page.lead(report(most, chooser)).replace("\N{NO-BREAK SPACE}", " ")
        assert "the best bot that we tried solves 6.0 % of challenges" in said
        assert "and another one 40.0 % of the fifth that it is surest of." in said
        alone = attack_page.lead(report(chooser)).replace("\N{NO-BREAK SPACE}", " ")
        assert "solves 3.0 % of challenges" in alone
        assert ", and 40.0 % of the fifth" in alone


class TestAims:
    def verdict(self, *runs: Run) -> list[str]:
        """Return the verdict of each aim."""
        return [one.verdict for one in attack_aims.aims(report(*runs))]

    def test_what_was_not_measured_is_said_so(self) -> None:
        assert self.verdict() == ["not measured"] * 4

    def test_met_is_only_what_the_whole_interval_is_under(self) -> None:
        assert self.verdict(run(1, 20, 1000))[0] == "met"
        assert self.verdict(run(1, 45, 1000))[0] == "not sure yet"
        assert self.verdict(run(1, 51, 1000))[0] == "missed"
        assert self.verdict(run(1, 1, 2000))[0] == "goal met"

    def test_a_few_lucky_challenges_at_a_door_do_not_decide(self) -> None:
        lab, lucky = run(1, 20, 2000), run(2, 1, 40, door="widget")
        assert attack_aims.aims(report(lab, lucky))[0].run == lab
        beaten = run(3, 30, 100, door="widget")
        assert attack_aims.aims(report(lab, beaten))[0].run == beaten

    def test_who_learned_from_our_pictures_is_as_strong_as_its_network_was(self) -> None:
        learned = run(
            1, 100, 1000, rung="tiles-1000", learned=1000, clean=rate(930, 1000),
            before_learning=rate(985, 1000),
        )  # fmt: skip
        assert learned.weak is False
        assert self.verdict(learned)[2] == "goal met"
        assert replace(learned, before_learning=rate(970, 1000)).weak

    def test_who_says_the_opposite_is_as_strong_as_who_does_not(self) -> None:
        assert run(1, rung="preprocessing", clean=rate(10, 1000)).weak is False

    @pytest.mark.parametrize("rung", ["guessing", "oracle", "dictionary-hash", "repeats"])
    def test_who_does_not_read_pictures_is_not_called_weak(self, rung: str) -> None:
        assert run(1, rung=rung, clean=rate(500, 1000)).weak is None

    def test_a_weak_attacker_meets_no_aim_but_may_miss_it(self) -> None:
        weak = rate(979, 1000)
        assert self.verdict(run(1, 1, 2000, clean=weak))[0].startswith("not shown")
        assert self.verdict(run(1, 100, 1000, clean=weak))[0] == "missed"

    def test_one_whose_clean_accuracy_nobody_knows_meets_no_aim(self) -> None:
        assert self.verdict(run(1, 1, 2000, clean=None))[0].startswith("not shown")

    def test_a_network_that_took_part_in_hardening_is_no_unseen_one(self) -> None:
        assert self.verdict(run(1, 1, 2000, seen=True))[0] == "not measured"

    def test_reversed_answers_count_where_reversing_is_allowed(self) -> None:
        inverted = run(1, 1, 2000, reversed=rate(400, 2000))
        assert self.verdict(inverted)[:2] == ["goal met", "missed"]

    def test_learning_from_our_pictures_is_judged_by_their_number(self) -> None:
        learner = run(1, 300, 2000, rung="tiles", learned=1_000)
        assert self.verdict(learner)[2:] == ["met", "not measured"]

    def test_the_aims_are_those_of_the_project(self) -> None:
        assert [(one.at_most, one.goal) for one in attack_aims.TARGETS] == [
            (0.05, 0.01), (0.15, 0.05), (0.35, 0.15), (None, 0.50),
        ]  # fmt: skip


class TestPlantedFigures:
    """A stored figure that its counts contradict is found, and is in no headline."""

    @pytest.mark.parametrize("wrong", [
        {"solved": rate(10, 1000, (0.02, 0.03))},
        {"tolerance": {0: rate(99, 1000), 1: rate(200, 1000)}},
        {"tolerance": {0: rate(100, 1000), 1: rate(50, 1000)}},
        {"per_1000": 101.0},
        {"predicted": 1.2},
        {"passed": rate(101, 1000)},
        {"photos": rate(1001, 1000, (0, 1))},
        {"surest": {5: rate(51, 50, (0, 1))}},
        {"stored_worst": 0.05},
        {"stored_worst": 0.9},
    ])  # fmt: skip
    def test_a_contradiction_is_found(self, wrong: dict[str, Any]) -> None:
        assert list(flaws(run())) == []
        planted = replace(run(), **wrong)
        found = tuple(flaws(planted))
        assert found
        assert attack_summary.headline(report(replace(planted, flaws=found))).hardened is None


def test_what_was_never_tried_is_named() -> None:
    missing = {one.name for one in report(run()).untested}
    assert "tiles" in missing
    assert "clean" not in missing
