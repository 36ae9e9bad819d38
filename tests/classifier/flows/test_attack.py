"""A bot of our own at a real server of ours, by both doors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from pytest_django import Settings

from challenges.flows import issue
from challenges.models import Outcome, Photo, Rendition
from challenges.models.photos import Animal, Rights
from classifier.attackers.guessing import Guessing
from classifier.attackers.repeats import Repeats
from classifier.doors.own import NotOurs
from classifier.doors.wire import Unreachable
from classifier.flows.attack import Bot, answer, attack
from classifier.flows.visiting import NoVisit, site_named
from classifier.management import attack_tables
from classifier.models import AttackRun
from tests.challenges.conftest import Live
from tests.classifier.flows.front_door import Stocking, attacked, live, ours, pictures, plan, quick

__all__ = ["live", "ours", "quick"]

DOORS = pytest.mark.parametrize("door", ["widget", "fallback"])


@dataclass
class Knowing:
    """Knows every picture, and is as sure as it says; `stop` lets it be stopped by hand."""

    sure: float = 0.9
    name: str = "knowing"
    rung: str = "oracle"
    stop: int = 0
    seen: int = 0
    told: dict[bytes, bool] = field(default_factory=dict)

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return the truth."""
        self.seen += 1
        if self.seen == self.stop:
            raise KeyboardInterrupt
        return [self.sure if known()[data] else 1 - self.sure for data in pictures]


@dataclass
class Watching(Knowing):
    """Guesses, and keeps what it is told."""

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return nothing but what it was told."""
        return [0.5 if data not in self.told else float(self.told[data]) for data in pictures]

    def remember(self, picture: bytes, *, cat: bool) -> None:
        """Keep what a picture showed."""
        self.told[picture] = cat


def known() -> dict[bytes, bool]:
    """Return what each picture shows, by its bytes."""
    from django.core.files.storage import default_storage

    found = {}
    for name, cat in pictures():
        with default_storage.open(name, "rb") as file:
            found[bytes(file.read())] = cat
    return found


class TestFigures:
    @DOORS
    def test_a_bot_that_knows_all_solves_all_by_both_doors(self, ours: Live, door: str) -> None:
        row = attack(plan(ours, 4, door=door), Bot(Knowing()), Stocking())
        said = row.result
        assert (row.state, row.door, row.tiles) == (AttackRun.State.DONE, door, "plain")
        assert (said["challenges"], said["solved"], said["passed"], said["issued"]) == (4, 4, 4, 4)
        assert said["photos"] == {"seen": 48, "right": 48, "auc": 1.0}
        assert said["by_tiles"] == {"plain": [48, 48], "hardened": [0, 0]}
        assert said["predicted"] == pytest.approx(0.9**12)
        assert said["interval"][0] == pytest.approx(0.025 ** (1 / 4))
        assert said["per_1000"] == 1000
        # The tries alone cost a cent for 1,000; the rest is how long it looked.
        assert 0.01 < said["cost_per_1000"] < 1
        assert [one.state for one in attacked()] == ["passed"] * 4

    @DOORS
    def test_a_guesser_is_right_about_as_often_as_a_coin(self, ours: Live, door: str) -> None:
        row = attack(plan(ours, 5, door=door), Bot(Guessing()), Stocking())
        said = row.result
        assert (said["challenges"], said["solved"], said["passed"]) == (5, 0, 0)
        assert 10 < said["photos"]["right"] < 50
        assert said["predicted"] == pytest.approx(1 / 4096, rel=0.01)
        assert (said["cost_per_1000"], said["seconds_per_pass"]) == (None, None)

    def test_it_reckons_with_the_prices_of_the_operator(
        self, ours: Live, settings: Settings
    ) -> None:
        settings.PAWCHA = {**settings.PAWCHA, "PRICE_TRY": 2_000_000, "PRICE_HOUR": 0}
        row = attack(plan(ours, 2), Bot(Knowing()), Stocking())
        assert row.result["cost_per_1000"] == 2000
        assert (row.config["per_try"], row.config["core_hour"]) == (2, 0)

    def test_what_it_did_stays_out_of_all_statistics(self, ours: Live) -> None:
        attack(plan(ours, 2), Bot(Knowing()), Stocking())
        assert len(attacked()) == 2
        assert all(one.test_mode for one in attacked())
        assert not Outcome.objects.counted().exists()

    def test_hardened_tiles_are_counted_beside_plain_ones(self, ours: Live) -> None:
        cats = Photo.objects.filter(label=Animal.CAT)
        Rendition.objects.filter(photo__in=cats).update(recipe="waves", pushed=True)
        row = attack(plan(ours, 2), Bot(Knowing()), Stocking())
        tiles = row.result["by_tiles"]
        assert row.tiles == AttackRun.Tiles.MIXED
        assert tiles["hardened"][1] == sum(one.cats.bit_count() for one in attacked())
        assert sum(seen for _, seen in tiles.values()) == 24

    def test_starter_pictures_are_not_measured_as_plain_photos(self, ours: Live) -> None:
        Photo.objects.update(rights=Rights.STARTER)
        row = attack(plan(ours, 2), Bot(Knowing()), Stocking())
        assert row.tiles == AttackRun.Tiles.MIXED
        assert (row.result["starter"], row.result["left_out"]) == (True, 0)
        assert "in no headline, badge or ladder" in " ".join(
            one for one in attack_tables.attacked(row) if isinstance(one, str)
        )

    def test_what_the_audit_had_said_stands_beside_it(
        self, ours: Live, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        plain = issue.record

        def audited(*args: Any, **more: Any) -> Outcome:
            outcome = plain(*args, **more)
            Outcome.objects.filter(pk=outcome.pk).update(headline=0.25)
            return outcome

        monkeypatch.setattr(issue, "record", audited)
        row = attack(plan(ours, 2), Bot(Knowing()), Stocking())
        assert row.result["audited"] == {"mean": 0.25, "challenges": 2}

    def test_a_watcher_is_told_what_it_has_seen(self, ours: Live) -> None:
        watcher = Watching()
        attack(plan(ours, 3), Bot(watcher, watches=True), Stocking())
        assert watcher.told
        assert watcher.told.items() <= known().items()

    def test_who_pays_people_says_for_how_many_pictures(self, ours: Live) -> None:
        row = attack(plan(ours, 3), Bot(Repeats(), watches=True), Stocking())
        paid, seen = row.result["bought"]
        assert seen == 36
        # What it has not met yet, at least all of the first challenge.
        assert 12 <= paid <= seen
        (said,) = (one for one in attack_tables.attacked(row) if "Who pays people" in str(one))
        assert f"It knew {seen - paid} of 36 pictures" in str(said)

    def test_others_are_told_nothing(self, ours: Live) -> None:
        watcher = Watching()
        attack(plan(ours, 1), Bot(watcher), Stocking())
        assert watcher.told == {}


class TestLimits:
    @DOORS
    def test_with_limits_on_it_is_asked_for_more_and_told_to_wait(
        self, ours: Live, settings: Settings, door: str
    ) -> None:
        rules = {
            "BUCKET_START": 1,
            "BUCKET_PER_HOUR": 0,
            "PREFIX_BURST": 12,
            "PREFIX_PER_MINUTE": 60,
        }
        settings.PAWCHA = {**settings.PAWCHA, **rules}
        right = Knowing()
        row = attack(plan(ours, 3, door=door, limits=True), Bot(right), Stocking())
        said = row.result
        assert said["solved"] == said["challenges"] == 3
        # The one token of the network pays for the first, and a pass gives back what it took.
        assert said["passed"] == 3
        settings.PAWCHA = {**settings.PAWCHA, "BUCKET_START": 0}
        row = attack(plan(ours, 3, door=door, limits=True), Bot(right), Stocking())
        said = row.result
        assert (said["solved"], said["limits"]["more"], said["passed"]) == (3, 1, 2)
        assert [one.state for one in attacked()][-3:] == ["more", "passed", "passed"]
        assert said["per_1000"] == pytest.approx(2000 / 3)

    def test_it_waits_as_long_as_it_is_asked_to_and_goes_on(
        self, ours: Live, settings: Settings
    ) -> None:
        rules = {"PREFIX_BURST": 2, "PREFIX_PER_MINUTE": 20}
        settings.PAWCHA = {**settings.PAWCHA, **rules}
        row = attack(plan(ours, 3, limits=True, patience=30), Bot(Knowing()), Stocking())
        said = row.result["limits"]
        assert row.result["challenges"] == 3
        assert said["refused"]["too_many_requests"] >= 1
        assert said["waited"] >= 1

    def test_out_of_patience_it_ends_with_what_there_is(
        self, ours: Live, settings: Settings
    ) -> None:
        rules = {"PREFIX_BURST": 2, "PREFIX_PER_MINUTE": 1}
        settings.PAWCHA = {**settings.PAWCHA, **rules}
        row = attack(plan(ours, 4, limits=True, patience=3), Bot(Knowing()), Stocking())
        assert row.state == AttackRun.State.DONE
        assert row.result["challenges"] == 2
        assert row.config["ended"].startswith("out of patience: too_many_requests asked for ")

    def test_without_limits_nothing_holds_it(self, ours: Live, settings: Settings) -> None:
        rules = {"BUCKET_START": 0, "PREFIX_BURST": 1, "PREFIX_PER_MINUTE": 1, "HEAT_ROUNDS": 1}
        settings.PAWCHA = {**settings.PAWCHA, **rules}
        row = attack(plan(ours, 6), Bot(Knowing()), Stocking())
        assert row.result["passed"] == 6
        assert row.result["limits"] == {"more": 0, "refused": {}, "waited": 0.0}


class TestEnds:
    def test_stopped_by_hand_it_keeps_what_there_is(self, ours: Live) -> None:
        row = attack(plan(ours, 50), Bot(Knowing(stop=3)), Stocking())
        assert row.state == AttackRun.State.DONE
        assert row.result["challenges"] == 2
        assert row.result["issued"] == 3
        assert row.config["ended"] == "stopped by hand"
        assert row.finished_at is not None

    def test_an_attacker_that_breaks_leaves_a_failed_run(self, ours: Live) -> None:
        class Broken(Knowing):
            def look(self, pictures: Sequence[bytes]) -> list[float]:
                raise MemoryError("no room")

        with pytest.raises(MemoryError):
            attack(plan(ours), Bot(Broken()), Stocking())
        row = AttackRun.objects.get()
        assert (row.state, row.said) == (AttackRun.State.FAILED, "no room")

    def test_a_challenge_that_is_gone_meanwhile_is_left_out(
        self, ours: Live, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Slow(Knowing):
            def look(self, pictures: Sequence[bytes]) -> list[float]:
                found = super().look(pictures)
                if self.seen == 1:
                    from challenges import state

                    state.client().delete(*state.client().keys("pawcha:challenge:*"))
                return found

        row = attack(plan(ours, 2), Bot(Slow()), Stocking())
        assert (row.result["challenges"], row.result["issued"]) == (2, 3)
        assert row.result["limits"]["refused"] == {"unknown_challenge": 1}

    def test_a_site_that_serves_no_plain_page_is_named(self, ours: Live) -> None:
        from challenges.models import Site

        Site.objects.update(accepts_unknown_host=True)
        spoiled = plan(ours, door="fallback")
        Site.objects.update(active=False)
        with pytest.raises(NoVisit, match="The plain page refuses"):
            attack(spoiled, Bot(Guessing()), Stocking())
        assert AttackRun.objects.get().state == AttackRun.State.FAILED

    def test_an_unknown_site_is_no_site(self, ours: Live) -> None:
        with pytest.raises(NoVisit, match="No site that is served here has the key 'nobody'"):
            site_named("nobody")

    def test_where_nobody_answers_there_is_nothing_to_measure(
        self, ours: Live, settings: Settings
    ) -> None:
        settings.PAWCHA_ATTACK_URLS = ["http://127.0.0.1:9"]
        away = plan(ours, url="http://127.0.0.1:9")
        with pytest.raises(Unreachable, match=r"http://127\.0\.0\.1:9 does not answer"):
            attack(away, Bot(Guessing()), Stocking())

    def test_it_goes_nowhere_else(self, ours: Live, settings: Settings) -> None:
        settings.PAWCHA_ATTACK_URLS = ["https://pawcha.example.org"]
        with pytest.raises(NotOurs):
            attack(plan(ours), Bot(Guessing()), Stocking())
        assert not AttackRun.objects.exists()
        assert not Outcome.objects.exists()


class TestAnswer:
    def test_it_picks_what_is_likelier_a_cat(self) -> None:
        assert answer([0.9, 0.2, 0.6, 0.4], 1) == [0, 2]

    def test_no_round_is_all_one_animal(self) -> None:
        assert answer([0.1, 0.4, 0.2, 0.9, 0.8, 0.6], 2) == [1, 3, 4]

    def test_a_tie_falls_either_way(self) -> None:
        found = {tuple(answer([0.5] * 12, 1)) for _ in range(20)}
        assert len(found) > 15
        assert all(0 < len(picks) < 12 for picks in found)


def test_the_interval_of_what_was_predicted_is_that_of_its_mean(ours: Live) -> None:
    row = attack(plan(ours, 3), Bot(Knowing()), Stocking())
    low, high = row.result["predicted_interval"]
    assert low == pytest.approx(0.9**12)
    assert math.isclose(low, high)
