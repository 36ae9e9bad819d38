"""Public test keys: what they give, and that they touch nothing real."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from challenges import state
from challenges.flows import poolcare, rehearsal, showing, starters, stock
from challenges.flows.sites import NewSite
from challenges.models import Outcome, Photo, Site
from challenges.models.photos import Animal, Rights
from challenges.models.sites import TEST_SITE
from challenges.selection import ENOUGH_OF_OWN
from challenges.testkeys import SECRETS, SITEKEYS, TOKENS, Verify, Widget, dummy_token
from tests import pets
from tests.conftest import Visitor, cats_of

PASSES, FAILS, CHALLENGE = (f"pawcha-test-{word}" for word in ("pass", "fail", "challenge"))
SECRET, FAILING_SECRET, SPENT_SECRET = (
    f"pawcha-test-secret-{word}" for word in ("pass", "fail", "spent")
)
QUEUE = "12x1-testing"
_networks = itertools.count(1)


@pytest.fixture
def switched_on(settings: Any) -> None:
    """Switch the test keys on, as make run does."""
    settings.TEST_KEYS = True


@pytest.fixture
def testing(db: None, switched_on: None) -> None:
    """Have challenges ready for the test keys, and only for them."""
    pets.pool(20, Rights.STARTER)
    stock.keep_stocked(5)


def somebody() -> Visitor:
    """Return a person of another network: each sees few pictures only."""
    return Visitor(f"100.64.{next(_networks)}.1")


def pick(visitor: Visitor, sitekey: str, picks: list[int] | None = None) -> Any:
    """Ask for a challenge, pick (the cats, if nothing else is said), and return the reply."""
    asked = visitor.ask(sitekey).json()
    return visitor.answer(asked["id"], cats_of(asked["id"]) if picks is None else picks)


def wrong(challenge_id: str) -> list[int]:
    """Return picks that are wrong in one place."""
    return sorted(set(cats_of(challenge_id)) ^ {0})


def enough_of_own() -> None:
    """Have so many of the owner's photos that sites are shown no starter pictures."""
    for animal in (Animal.CAT, Animal.DOG):
        for _ in range(ENOUGH_OF_OWN):
            pets.photo(animal)


class TestWidget:
    def test_the_visitor_is_told_that_it_is_a_test(self, testing: None) -> None:
        for sitekey in SITEKEYS:
            stock.keep_stocked(1)
            reply = somebody().ask(sitekey)
            assert reply.status_code == 201
            assert reply.json()["test"] is True

    def test_visitors_of_a_real_site_hear_nothing_of_tests(
        self, stocked: NewSite, switched_on: None, visitor: Visitor
    ) -> None:
        assert "test" not in visitor.ask(stocked.site.sitekey).json()

    def test_pass_takes_whatever_is_picked(self, testing: None) -> None:
        for picks in ([0], [11], list(range(12))):
            reply = pick(somebody(), PASSES, picks)
            assert (reply.status_code, reply.json()["token"]) == (200, dummy_token(PASSES))

    def test_fail_takes_nothing(self, testing: None, visitor: Visitor) -> None:
        reply = pick(visitor, FAILS)
        assert (reply.status_code, reply.json()["error"]) == (422, "wrong_answer")

    def test_challenge_takes_the_cats(self, testing: None) -> None:
        reply = pick(somebody(), CHALLENGE)
        assert (reply.status_code, reply.json()["token"]) == (200, dummy_token(CHALLENGE))
        visitor = somebody()
        asked = visitor.ask(CHALLENGE).json()
        reply = visitor.answer(asked["id"], wrong(asked["id"]))
        assert reply.json()["error"] == "wrong_answer"

    def test_each_vendors_key_gives_the_token_that_its_tests_expect(self, testing: None) -> None:
        for sitekey, token in (
            ("10000000-ffff-ffff-ffff-000000000001", "10000000-aaaa-bbbb-cccc-000000000001"),
            ("1x00000000000000000000AA", "XXXX.DUMMY.TOKEN.XXXX"),
        ):
            assert pick(somebody(), sitekey).json()["token"] == token

    @pytest.mark.parametrize(
        ("host", "kept"),
        [
            ("https://anywhere.example", "anywhere.example"),
            ("http://localhost:3000", "localhost"),
            ("null", "not-provided"),
            ("", "not-provided"),
        ],
    )
    def test_any_page_may_use_them(
        self, testing: None, visitor: Visitor, host: str, kept: str
    ) -> None:
        assert visitor.ask(PASSES, host=host).status_code == 201
        assert Outcome.objects.get().hostname == kept

    def test_a_challenge_takes_one_answer(self, testing: None, visitor: Visitor) -> None:
        asked = visitor.ask(PASSES).json()
        assert visitor.answer(asked["id"], [0]).status_code == 200
        assert visitor.answer(asked["id"], [0]).status_code == 409

    def test_they_have_the_same_limits(
        self, testing: None, visitor: Visitor, settings: Any
    ) -> None:
        settings.PAWCHA = settings.PAWCHA | {"PREFIX_BURST": 2}
        statuses = [visitor.ask(PASSES).status_code for _ in range(3)]
        assert statuses == [201, 201, 429]

    def test_a_real_token_is_never_made(self, testing: None) -> None:
        for sitekey in SITEKEYS:
            stock.keep_stocked(1)
            pick(somebody(), sitekey)
        site = Site.objects.get(sitekey=TEST_SITE)
        outcomes = Outcome.objects.filter(site=site)
        assert outcomes.count() == len(SITEKEYS)
        assert not outcomes.exclude(token_digest=None).exists()
        assert not Outcome.objects.counted().exists()

    def test_their_site_has_no_key_of_its_own(self, testing: None, visitor: Visitor) -> None:
        visitor.ask(PASSES)
        assert visitor.ask(TEST_SITE).json()["error"] == "unknown_sitekey"

    def test_off_they_are_unknown(self, stocked: NewSite, visitor: Visitor) -> None:
        for sitekey in SITEKEYS:
            assert visitor.ask(sitekey).json()["error"] == "unknown_sitekey"
        assert not Site.objects.filter(sitekey=TEST_SITE).exists()


@pytest.mark.parametrize("place", ["/siteverify", "/recaptcha/api/siteverify"])
@pytest.mark.usefixtures("db")
class TestSecrets:
    def test_each_says_what_it_is_for(
        self, switched_on: None, visitor: Visitor, place: str
    ) -> None:
        for secret, wish in SECRETS.items():
            for token in TOKENS:
                told = visitor.post(place, {"secret": secret, "response": token}).json()
                assert told["success"] is (wish is Verify.PASSES)
                if told["success"]:
                    assert told["hostname"] == "test-key.invalid"
                elif wish is Verify.FAILS:
                    assert told["error-codes"] == ["invalid-input-response"]
                else:
                    assert told["error-codes"] in (
                        ["already-seen-response"],
                        ["timeout-or-duplicate"],
                    )

    def test_a_dummy_token_may_be_verified_again_and_again(
        self, switched_on: None, visitor: Visitor, place: str
    ) -> None:
        sent = {"secret": SECRET, "response": dummy_token(PASSES)}
        assert all(visitor.post(place, sent).json()["success"] for _ in range(3))

    def test_off_they_are_unknown(self, visitor: Visitor, place: str) -> None:
        for secret in SECRETS:
            sent = {"secret": secret, "response": dummy_token(PASSES)}
            assert visitor.post(place, sent).json()["error-codes"] == ["invalid-input-secret"]


class TestApart:
    """Real tokens and real secrets never meet dummy ones."""

    @pytest.mark.parametrize("secret", [SECRET, FAILING_SECRET, SPENT_SECRET])
    def test_a_test_secret_takes_no_real_token_and_uses_none_up(
        self, stocked: NewSite, switched_on: None, visitor: Visitor, secret: str
    ) -> None:
        token = visitor.solve(stocked.site.sitekey)
        told = visitor.verify(secret, token).json()
        assert told == {"success": False, "error-codes": ["not-using-dummy-passcode"]}
        assert visitor.verify(stocked.secret, token).json()["success"]

    @pytest.mark.parametrize("on", [True, False])
    @pytest.mark.parametrize("token", sorted(TOKENS))
    def test_a_real_secret_takes_no_dummy_token(
        self, site_owner: NewSite, visitor: Visitor, settings: Any, token: str, on: bool
    ) -> None:
        settings.TEST_KEYS = on
        told = visitor.verify(site_owner.secret, token).json()
        assert told == {"success": False, "error-codes": ["not-using-dummy-passcode"]}

    def test_a_test_secret_pins_test_keys_only(
        self, site_owner: NewSite, switched_on: None, visitor: Visitor
    ) -> None:
        token = dummy_token(PASSES)
        assert visitor.verify(SECRET, token, sitekey=PASSES).json()["success"]
        told = visitor.verify(SECRET, token, sitekey=site_owner.site.sitekey).json()
        assert told["error-codes"] == ["sitekey-secret-mismatch"]
        told = visitor.verify(site_owner.secret, token, sitekey=PASSES).json()
        assert told["error-codes"] == ["sitekey-secret-mismatch"]


class TestStock:
    def shown(self) -> set[str]:
        """Return the rights of all photos in the ready challenges of the test keys."""
        drafts = state.ready_drafts(QUEUE, "fresh")
        keys = {key for draft in drafts for key in draft.renditions}
        return set(Photo.objects.filter(rendition__in=keys).values_list("rights", flat=True))

    def test_they_only_ever_show_starter_pictures(
        self, pool: list[Photo], switched_on: None
    ) -> None:
        pets.pool(12, Rights.STARTER)
        stock.keep_stocked(5)
        assert self.shown() == {Rights.STARTER}

    def test_that_stays_so_when_the_owner_has_enough(self, switched_on: None, db: None) -> None:
        enough_of_own()
        pets.pool(12, Rights.STARTER)
        stock.keep_stocked(5)
        assert self.shown() == {Rights.STARTER}

    def test_off_nothing_is_made_for_them(self, db: None) -> None:
        pets.pool(30, Rights.STARTER)
        stock.keep_stocked(2)
        assert state.ready_depth(QUEUE, "fresh") == 0

    def test_few_challenges_wait_for_them(self, testing: None) -> None:
        assert 0 < state.ready_depth(QUEUE, "fresh") <= stock.TEST_TARGET

    def test_a_pool_without_starters_is_no_outage(
        self, stocked: NewSite, switched_on: None, visitor: Visitor
    ) -> None:
        assert rehearsal.rehearse().ok
        assert visitor.ask(PASSES).json()["error"] == "no_challenge_ready"

    def test_no_site_gets_a_warning_because_of_them(
        self, site_owner: NewSite, switched_on: None
    ) -> None:
        enough_of_own()
        pets.photo(Animal.CAT, Rights.STARTER)
        assert poolcare.concerns() == []

    def test_missing_starters_are_drawn_a_few_at_a_time_from_the_end(
        self, db: None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        seeds = {Animal.CAT: range(3), Animal.DOG: range(3, 6)}
        monkeypatch.setattr(starters, "SEEDS", seeds)
        monkeypatch.setattr(starters, "PORTION", 2)
        starters.draw_last()
        assert Photo.objects.pooled().count() == 4
        assert starters.missing_seeds(Animal.CAT, seeds[Animal.CAT]) == [0]
        starters.draw_last()
        starters.draw_last()
        assert Photo.objects.pooled().count() == 6


def test_the_widgets_word_for_each_key_is_kept(testing: None, visitor: Visitor) -> None:
    asked = visitor.ask(CHALLENGE).json()
    opened = state.peek(asked["id"])
    assert SITEKEYS[opened.test] is Widget.CHALLENGE
    assert showing.fetch_pictures(asked["id"]).test == CHALLENGE
