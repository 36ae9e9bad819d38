"""The report says what is stored: every figure is its row's, and nothing in it is secret."""

from __future__ import annotations

import json
import random
import re
import secrets
import subprocess
import sys
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from challenges import odds
from challenges.flows import sums
from challenges.flows.sites import NewSite, create_site
from challenges.models import Outcome, Photo, Rendition, Site
from challenges.models.photos import Animal
from challenges.proportions import interval
from classifier.flows import attack_report, attack_rows, attack_served
from classifier.models import AttackRun, Rotation
from classifier.reports import attack_figures
from classifier.reports.attack_summary import Report
from tests import pets
from tests.classifier import reported

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    attack_report.forget()


def served(site: Site, headline: float | None, *, days: float = 0, **more: Any) -> Outcome:
    """Return an answered outcome with this headline, not saved."""
    issued = timezone.now() - timedelta(days=days, minutes=1)
    row: dict[str, Any] = {
        "state": "passed", "answered_at": issued, "hostname": "x", "prefix": secrets.token_hex(4),
        "risk": 0, "renditions": [], "cats": 5,
    }  # fmt: skip
    return Outcome(site=site, issued_at=issued, headline=headline, **{**row, **more})


def written(form: str) -> str:
    """Return what the command prints."""
    out = StringIO()
    call_command("attack_report", format=form, stdout=out, stderr=StringIO())
    return out.getvalue()


class TestFigures:
    def test_every_figure_equals_what_its_row_holds(self) -> None:
        """Each one is worked out again here from the stored row, by other means."""
        reported.whole_ladder()
        checked = 0
        for one in attack_figures.figures(attack_report.make()):
            if one.run is None:
                continue
            said = AttackRun.objects.get(pk=one.run).result
            expected = {
                "solved": (said["solved"], said["challenges"]),
                "solved reversed": (said["reversed"], said["challenges"]),
                "photos right": (said["photos"]["right"], said["photos"]["seen"]),
                "plain photos right": (said["clean"]["right"], said["clean"]["seen"]),
                "passed": (said["passed"], said["challenges"]),
                **{f"solved of the surest {k} %": v for k, v in said["surest"].items()},
            }.get(one.what)
            if expected:
                hits, n = expected
                assert (one.hits, one.n) == (hits, n)
                assert one.value == hits / n
                low, high = said["interval"] if one.what == "solved" else interval(hits, n)
                assert (one.low, one.high) == (low, high)
                checked += 1
            if one.what == "passes per 1,000 issued":
                assert one.value == said["per_1000"]
        assert checked > 100

    def test_a_planted_wrong_figure_is_in_no_headline(self) -> None:
        honest = reported.stored(240)
        planted = reported.result(1_000)
        planted["worst"] = {"rate": 0.001, "which": "plain"}
        reported.stored(attacker="planted", said=planted)
        found = attack_report.make()
        (bad,) = [one for one in found.ladder if one.flaws]
        assert bad.attacker == "planted"
        assert attack_figures.to_dict(found)["headline"]["hardened"]["run"] == honest.pk

    def test_an_interval_that_was_made_up_is_found(self) -> None:
        said = reported.result(240, interval=[0.5, 0.6])
        reported.stored(said=said)
        assert attack_report.make().telling == ()

    def test_a_run_of_another_form_breaks_nothing(self) -> None:
        reported.stored(said={"challenges": "many"})
        reported.stored(said={"made": "by hand"}, attacker="another")
        good = reported.stored(10, attacker="good")
        assert [one.id for one in attack_report.make().runs] == [good.pk]

    def test_runs_that_go_on_or_failed_are_in_no_figure(self) -> None:
        reported.stored(state="running")
        reported.stored(state="failed", attacker="other")
        assert attack_report.make().empty

    def test_the_age_of_what_was_learned_makes_a_curve_and_no_ladder(self) -> None:
        reported.stored(rung="tiles", learned=1000)
        reported.stored(rung="tiles", learned=1000, config={"age": 2})
        found = attack_report.make()
        assert [one.age for one in found.ladder] == [0]
        curve = {one.what for one in attack_figures.figures(found)}
        assert "photos right, 2 rotations later" in curve

    def test_a_network_that_hardens_is_told_apart_by_name(self, monkeypatch: Any) -> None:
        from classifier import panel

        one = panel.Network(
            "surrogate", "f", "p", "1", "t", panel.Role.HARDENS, 0.99, 100, "x", "y"
        )
        judge = panel.Network("judge", "g", "p", "1", "t", panel.Role.JUDGES, 0.97, 100, "x", "y")
        brother = panel.Network("kin", "f", "p", "1", "t", panel.Role.JUDGES, 0.99, 100, "x", "y")
        monkeypatch.setattr(panel, "TABLE", (one, judge, brother))
        for name in ("clean-surrogate", "clean-judge", "clean-kin", "clean-together"):
            reported.stored(attacker=name)
        found = attack_report.make()
        assert {run.attacker: run.seen for run in found.runs} == {
            "clean-surrogate": True, "clean-judge": False, "clean-kin": True,
            "clean-together": True,
        }  # fmt: skip
        assert [judge.weak for judge in found.panel] == [False, True, False]

    def test_starter_pictures_are_in_no_headline_badge_or_ladder(self) -> None:
        reported.stored(900, tiles="mixed", said=reported.result(900, starter=True))
        found = attack_report.make()
        assert found.ladder == ()
        assert attack_figures.badge(found)["message"] == "not measured enough yet"
        assert attack_figures.to_dict(found)["headline"]["served"] is None


class TestServed:
    def test_days_are_means_of_what_was_stored(self, site_owner: NewSite) -> None:
        rows = [served(site_owner.site, share) for share in (0.1, 0.2, 0.6)]
        rows += [served(site_owner.site, 0.5, days=2), served(site_owner.site, None)]
        Outcome.objects.bulk_create(rows)
        older, newer = attack_report.make().days
        assert (older.n, older.mean) == (1, 0.5)
        assert newer.n == 3
        assert newer.mean == pytest.approx(0.3)
        assert newer.tenth == pytest.approx(0.52)

    def test_attacks_of_our_own_are_no_visitors(self, site_owner: NewSite) -> None:
        served(site_owner.site, 0.9, door="attack").save()
        served(site_owner.site, 0.1).save()
        (day,) = attack_report.make().days
        assert (day.n, day.mean) == (1, 0.1)

    def test_the_span_of_sites_names_none(self, site_owner: NewSite, other_site: NewSite) -> None:
        for site, share in ((site_owner.site, 0.1), (other_site.site, 0.3)):
            served(site, share).save()
        found = attack_report.make()
        (day,) = found.days
        assert (day.low, day.high) == (0.1, 0.3)
        text = attack_figures.as_json(found) + written("html")
        assert "Shop" not in text
        assert site_owner.site.sitekey not in text

    def test_simulated_sites_and_rehearsals_are_left_out(self, site_owner: NewSite) -> None:
        toy = create_site("Toy", ["toy.example.org"]).site
        Site.objects.filter(pk=toy.pk).update(simulated=True)
        served(toy, 0.9).save()
        assert attack_report.make().days == ()

    def test_it_tells_whether_networks_know_their_own_chances(self, site_owner: NewSite) -> None:
        for hit in (True, False, False, False):
            said = {"net": {"solves": 0.2, "reversed": 0.0, "belief": 0.3, "hit": hit}}
            served(site_owner.site, 0.2, odds=said).save()
        (one,) = attack_report.make().believed
        assert (one.network, one.hits.hits, one.hits.n) == ("net", 1, 4)
        assert one.belief == pytest.approx(0.3)

    def test_work_does_not_grow_with_the_number_of_outcomes(
        self, site_owner: NewSite, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(attack_served, "A_SLOT", 5)
        monkeypatch.setattr(attack_report, "LATEST", 7)
        said = {"net": {"solves": 0.2, "reversed": 0.0, "belief": 0.3, "hit": True}}
        Outcome.objects.bulk_create([served(site_owner.site, 0.2, odds=said) for _ in range(50)])
        with CaptureQueriesContext(
            connection,
        ) as few:
            found = attack_report.make()
        assert found.days[-1].n <= 10
        assert found.believed[0].hits.n == 7
        Outcome.objects.bulk_create([served(site_owner.site, 0.2, odds=said) for _ in range(500)])
        with CaptureQueriesContext(connection) as many:
            attack_report.make()
        assert len(many) == len(few) < 30

    def test_people_who_miss_photos_are_counted(self) -> None:
        one, two = pets.photo(Animal.CAT), pets.photo(Animal.DOG)
        Photo.objects.filter(pk=one.pk).update(seen=90, missed=3)
        Photo.objects.filter(pk=two.pk).update(seen=10, missed=2)
        missed = attack_report.make().people.missed
        assert missed is not None
        assert (missed.hits, missed.n) == (5, 100)

    def test_sites_are_for_those_who_may_see_them(self, site_owner: NewSite) -> None:
        served(site_owner.site, 0.25, days=1).save()
        sums.sum_up()
        (one,) = attack_served.sites()
        assert (one.name, one.n, one.mean, one.issued, one.passed) == ("Shop", 1, 0.25, 1, 1)

    @pytest.mark.parametrize(("clean", "taught", "said"), [
        (None, None, "none"), (1, None, "1 %"),
        (1, 35, "1 %, 35 % for networks that learned from our pictures"),
        (None, 35, "35 % for networks that learned from our pictures"),
    ])  # fmt: skip
    def test_a_site_is_shown_with_its_budgets(
        self, site_owner: NewSite, clean: float | None, taught: float | None, said: str
    ) -> None:
        site = site_owner.site
        site.attack_budget, site.taught_budget = clean, taught
        site.save()
        assert [row["budget"] for row in attack_served.site_rows()] == [said]

    def test_visits_are_read_from_sums(self, site_owner: NewSite) -> None:
        for state in ("passed", "passed", "failed"):
            served(site_owner.site, None, days=1, state=state).save()
        assert attack_report.make().people.first_try is None
        sums.sum_up()
        first = attack_report.make().people.first_try
        assert first is not None
        assert (first.hits, first.n) == (2, 3)


class TestKept:
    def test_it_is_put_together_once_and_anew_when_a_run_ends(self) -> None:
        first = attack_report.report()
        assert attack_report.report() is first
        reported.stored()
        assert not attack_report.report().empty

    def test_it_is_put_together_anew_after_a_while(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(attack_report, "KEPT", -1)
        assert attack_report.report() is not attack_report.report()

    def test_while_one_thread_makes_it_others_get_the_old_one(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        old = attack_report.report()
        reported.stored()
        inside: list[object] = []
        make = attack_report.make

        def slow() -> Report:
            # Whoever asks meanwhile; the same thread may, since nobody waits.
            inside.append(attack_report.report())
            return make()

        monkeypatch.setattr(attack_report, "make", slow)
        new = attack_report.report()
        assert inside == [old]
        assert attack_report.report() is new is not old

    def test_after_it_failed_the_next_one_tries_again(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken() -> Report:
            raise DatabaseError

        with monkeypatch.context() as patch:
            patch.setattr(attack_report, "make", broken)
            with pytest.raises(DatabaseError):
                attack_report.report()
        assert attack_report.report().empty


class TestLearnedOut:
    """A rung counts only when twice its data and twice its epochs gain less than a point."""

    @pytest.mark.parametrize(("tuning", "learns_on"), [
        ([("5 epochs at 0.0003", 800), ("10 epochs at 0.0003", 809)], False),
        ([("5 epochs at 0.0003", 800), ("10 epochs at 0.0003", 810)], True),
        # Other trials are no longer training.
        ([("C = 1", 800), ("C = 10", 900)], False),
        ([("5 epochs at 0.0003", 800), ("5 epochs at 0.001", 900)], False),
        ([("10 epochs at 0.0003", 900)], False),
    ])  # fmt: skip
    def test_epochs_are_looked_at(self, tuning: list[tuple[str, int]], learns_on: bool) -> None:
        said = [{"what": what, "seen": 1000, "right": right} for what, right in tuning]
        run = reported.stored(said=reported.result(240, tuning=said))
        found = attack_rows.read(run)
        assert found is not None
        assert found.learns_on is learns_on

    @pytest.mark.parametrize(("half", "learns_on"), [(791, False), (780, True)])
    def test_so_is_the_data(self, half: int, learns_on: bool) -> None:
        curve = [
            {"learned": 500, "seen": 1000, "right": half},
            {"learned": 1000, "seen": 1000, "right": 800},
        ]
        found = attack_rows.read(reported.stored(said=reported.result(240, curve=curve)))
        assert found is not None
        assert found.learns_on is learns_on


class TestFormats:
    def test_csv_comes_back_as_it_was(self) -> None:
        reported.whole_ladder()
        reported.stored(attacker="=1+1", days=9)
        text = written("csv")
        assert attack_figures.read_csv(text) == attack_figures.figures(attack_report.make())
        assert "\n=1" not in text
        assert ",=1" not in text

    def test_a_table_of_another_kind_is_refused(self) -> None:
        with pytest.raises(ValueError, match="no table of the attack report"):
            attack_figures.read_csv("a,b\n1,2\n")

    def test_json_comes_back_as_it_was(self) -> None:
        reported.whole_ladder()
        told = json.loads(written("json"))
        found = attack_report.make()
        again = json.loads(json.dumps(attack_figures.to_dict(found)))
        assert {**told, "made_at": ""} == {**again, "made_at": ""}
        assert told["schema"] == 1
        figures = [attack_figures.Figure(**one) for one in told["figures"]]
        assert figures == attack_figures.figures(found)

    def test_an_empty_database_gives_an_empty_report_in_each_format(self) -> None:
        told = json.loads(written("json"))
        assert told["empty"]
        assert told["figures"] == []
        assert told["headline"]["served"] is None
        assert written("csv").count("\n") == 1
        assert "make attack-lab PHOTOS=" in written("html")

    def test_the_page_of_the_command_needs_nothing_but_itself(self, settings: Any) -> None:
        reported.whole_ladder()
        page = written("html")
        assert "<style>" in page
        assert "<link" not in page
        assert "<script" not in page
        assert f'href="{settings.PUBLIC_URL}/report/runs/' in page

    def test_it_writes_where_it_is_told(self, tmp_path: Any) -> None:
        file = tmp_path / "report.html"
        call_command("attack_report", out=file, stdout=StringIO(), stderr=StringIO())
        assert "Nothing was measured yet" in file.read_text()


class TestNothingLeaks:
    def everything(self, client: Any) -> str:
        """Return all that anybody can get of the report."""
        runs = AttackRun.objects.values_list("pk", flat=True)
        pages = ["", "report.json", "report.csv", "badge.json", "badge.svg"]
        pages += [f"runs/{pk}" for pk in runs]
        texts = []
        for page in pages:
            reply = client.get(f"/report/{page}")
            assert reply.status_code == 200
            texts.append(reply.content.decode())
        return "\n".join([*texts, *map(written, ("html", "json", "csv"))])

    def test_coins_labels_scores_and_recipes_are_in_no_public_output(
        self, client: Any, site_owner: NewSite
    ) -> None:
        secret = "f0" * 32
        photo = pets.rendered(Animal.CAT)
        Photo.objects.filter(pk=photo.pk).update(ease=0.87654321, pet_name="Minka")
        Rendition.objects.filter(photo=photo).update(
            recipe="secretrecipe", strength=0.7123456, pushed=True, scores={"net": 0.12345678}
        )
        Rotation.objects.create(recipes=[{"name": "secretrecipe", "eps": 9.87654}], digest=secret)
        served(site_owner.site, 0.3, odds={"net": {"belief": 0.5, "hit": True}}).save()
        config = {
            "command": "manage.py attack_lab --photos=../of/minka.zip /srv/photos/a b",
            "coins": [1, 0, 1], "photos": ["minka-cat.jpg"],
            "site": site_owner.site.sitekey, "url": "http://10.0.0.7:8000", "secret": secret,
            "splits": {"dev": 6000, "path": "/srv/photos/minka.jpg"}, "seed": 7,
        }  # fmt: skip
        said = reported.result(30, coins=[True], labels={"1": "cat"}, scores={"net": 0.12345678})
        reported.stored(said=said, config=config, recipes=secret, site=site_owner.site)
        text = self.everything(client)
        hidden = [
            secret, secret[:12], "secretrecipe", "0.12345678", "0.87654321", "0.7123456", "9.87654",
            "Minka", "minka", "10.0.0.7", site_owner.site.sitekey, photo.sha256,
            str(Rendition.objects.get(photo=photo).name), "pushed", "coins\"", "/srv/photos",
        ]  # fmt: skip
        assert [word for word in hidden if word in text] == []
        assert "manage.py attack_lab" in text
        assert re.search(r"its chance began with</dt><dd><code>7<", text)

    def test_the_same_recipes_have_the_same_fingerprint_and_others_another(self) -> None:
        one, same, other = map(attack_rows.fingerprint, ("ab" * 32, "ab" * 32, "cd" * 32))
        assert one == same != other
        assert attack_rows.fingerprint("") == ""


def test_it_loads_no_torch() -> None:
    """A web process serves the report."""
    code = (
        "import django, os, sys; os.environ['DJANGO_SETTINGS_MODULE']='captcha_site.settings'; "
        "django.setup(); import classifier.report_views; from classifier.flows import attack_rows; "
        "from classifier.attacks import doubling; sys.exit('torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_a_fuzzed_run_is_told_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever the counts are: what is shown is what is stored, or the run is left out."""
    dice = random.Random(7)
    for place in range(40):
        n = dice.randint(20, 3000)
        reported.stored(said=reported.result(dice.randint(0, n), n), attacker=f"a{place}")
    found = attack_report.make()
    assert len(found.ladder) == 40
    for one in found.telling:
        said = AttackRun.objects.get(pk=one.id).result
        assert one.worst.solved.share == pytest.approx(said["worst"]["rate"])
        assert one.per_1000 == pytest.approx(
            1000 * odds.bucket_rate(said["solved"] / said["challenges"])
        )
    assert len(found.telling) == 40
