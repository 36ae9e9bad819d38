"""The journey through the states: solved, wrong, expired, and everything that can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.widget.conftest import SCRIPT, WORDS, Widget, form
from tests.widget.fake_service import TOKEN, FakeService, Reply, problem

pytestmark = pytest.mark.browser
Show = Callable[..., Widget]


@pytest.fixture
def show(show: Show) -> Show:
    """Return a function that opens the host's form with the grid in it."""

    def show_in(page: Page, html: str = "", **options: str) -> Widget:
        return show(page, html=html or form(mode="inline", **options) + SCRIPT)

    return show_in


def states(widget: Widget) -> list[str]:
    """Return the states that the host page heard of, in order."""
    return [detail["state"] for (detail,) in widget.heard("statechange")]


def in_seconds(service: FakeService, seconds: float) -> str:
    """Return a time to come as the API says it."""
    return (service.now() + timedelta(seconds=seconds)).isoformat()


class TestSolved:
    def test_it_puts_the_token_into_the_form(self, page: Page, show: Show) -> None:
        widget = show(page)
        assert widget.field == ""
        widget.solve()
        widget.solved.wait_for()
        expect(page.locator('form input[name="pawcha-response"]')).to_have_value(TOKEN)
        assert widget.heard("callback") == [[TOKEN]]
        assert widget.heard("token")[0][0]["token"] == TOKEN
        assert states(widget) == ["loading", "open", "checking", "solved"]
        assert page.evaluate("pawcha.getResponse()") == TOKEN

    def test_it_thanks_and_shrinks(self, page: Page, show: Show) -> None:
        widget = show(page)
        widget.solve()
        expect(widget.frame.get_by_role("heading", name="Thank you!")).to_be_visible()
        expect(widget.status).to_contain_text("Thank you!")
        page.wait_for_function("document.querySelector('iframe').clientHeight < 120")

    def test_its_token_runs_out(self, page: Page, show: Show, service: FakeService) -> None:
        service.token_lifetime = 3.0
        widget = show(page)
        widget.solve()
        widget.solved.wait_for()
        expect(widget.hint).to_have_text("It has been a while. Please pick the cats once more.")
        assert widget.field == ""
        assert widget.heard("expired-callback") == [[]]
        assert widget.heard("expired")[0][0]["what"] == "token"
        widget.wait_until_open()
        assert len(service.asked) == 2

    def test_its_token_runs_out_and_waits_if_it_shall(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.token_lifetime = 3.0
        widget = show(page, refresh_expired="manual")
        widget.solve()
        expect(widget.sentence).to_have_text("It has been a while. Please pick the cats once more.")
        assert len(service.asked) == 1
        widget.action.click()
        widget.wait_until_open()

    def test_its_token_runs_out_and_that_is_that(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.token_lifetime = 3.0
        widget = show(page, refresh_expired="never")
        widget.solve()
        expect(widget.sentence).to_have_text("It has been a while. Please pick the cats once more.")
        expect(widget.card.get_by_role("button")).to_have_count(0)
        assert len(service.asked) == 1


class TestWrongAnswer:
    def test_it_says_so_and_shows_fresh_ones(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.answers = [problem(422, "wrong_answer", "English.")]
        widget = show(page)
        # The sentence stands while the fresh pictures are on their way: let them take a while.
        service.picture_pause = lambda _index: 0.15
        widget.solve()
        expect(widget.status).to_contain_text("Not quite")
        expect(widget.hint).to_have_text(WORDS["errors"]["wrong_answer"])
        widget.wait_until_open()
        assert widget.heard("error-callback") == []
        widget.solve()
        widget.solved.wait_for()
        assert len(service.asked) == 2

    def test_another_challenge_may_follow_at_once(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        following = {"next": service.challenge(), "message": "One more, please."}
        service.answers = [Reply(200, following)]
        widget = show(page)
        widget.solve()
        expect(widget.hint).to_have_text("Right! One more round, please.")
        widget.solve()
        widget.solved.wait_for()
        assert len(service.asked) == 1
        assert len(service.answered) == 2

    def test_what_was_solved_counts_for_the_visitor_and_is_kept_nowhere(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.session = "first"
        following = {"next": {**service.challenge(), "session": "second"}}
        service.answers = [
            problem(422, "wrong_answer", "English."),
            Reply(200, following),
            problem(422, "wrong_answer", "English."),
        ]
        widget = show(page)
        for _ in range(3):
            widget.solve()
        widget.wait_until_open()
        assert [asked.get("session") for asked in service.asked] == [None, "first", "second"]
        kept = "[localStorage.length, sessionStorage.length, document.cookie]"
        assert widget.inside.evaluate(kept) == [0, 0, ""]
        # Another page is another visitor.
        page.reload()
        widget.wait_until_open()
        assert service.asked[-1].get("session") is None

    def test_five_in_a_row_are_enough(self, page: Page, show: Show, service: FakeService) -> None:
        service.answers = [problem(422, "wrong_answer", "English.") for _ in range(10)]
        widget = show(page)
        for _ in range(5):
            widget.solve()
        expect(widget.sentence).to_contain_text(WORDS["misses"])
        assert widget.heard("error-callback") == [["too_many_misses"]]
        assert len(service.asked) == 5
        expect(widget.contact).to_have_attribute("href", "mailto:help@shop.example.org")
        assert (widget.contact.get_attribute("target"), widget.contact.get_attribute("rel")) == (
            "_blank",
            "noopener",
        )
        # After a break, there are five more.
        widget.action.click()
        for _ in range(5):
            widget.solve()
        widget.contact.wait_for()
        assert len(service.asked) == 10

    def test_a_right_one_between_them_counts(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        miss, hit = problem(422, "wrong_answer", "English."), Reply(200, service.token())
        service.answers = [miss] * 4 + [hit] + [miss] * 4
        widget = show(page)
        for _ in range(5):
            widget.solve()
        widget.solved.wait_for()
        page.evaluate("pawcha.reset()")
        for _ in range(4):
            widget.solve()
        widget.notice.wait_for()
        assert widget.heard("error-callback") == []

    @pytest.mark.parametrize(
        ("contact", "link"),
        [("https://shop.example.org/help", "https://shop.example.org/help"), ("", None)],
    )
    def test_help_is_where_the_site_has_it(
        self, page: Page, show: Show, service: FakeService, contact: str, link: str | None
    ) -> None:
        service.contact = contact
        service.answers = [problem(422, "wrong_answer", "English.") for _ in range(5)]
        widget = show(page)
        for _ in range(5):
            widget.solve()
        widget.panel.wait_for()
        assert widget.contact.get_attribute("href") == link
        assert widget.contact.is_visible() == (link is not None)


class TestTime:
    def test_a_quiet_clock_counts_the_last_half_minute(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.challenge_lifetime = 32.0
        widget = show(page).wait_until_open()
        clock = widget.frame.locator('[data-part="clock"]')
        expect(clock).to_have_text("0:30")
        offer = WORDS["more_time_offer"]["other"].format(count=30)
        expect(widget.status).to_have_text(offer)
        expect(clock).to_have_text("0:29")
        # Only once aloud: a clock that talks all the time is no help.
        expect(widget.status).to_have_text(offer)

    def test_there_is_more_time_once(self, page: Page, show: Show, service: FakeService) -> None:
        service.challenge_lifetime = 20.0
        service.extensions = [Reply(200, {"expires_at": in_seconds(service, 34)})]
        widget = show(page).wait_until_open()
        widget.tiles.nth(3).click()
        more = widget.frame.get_by_role("button", name=WORDS["more_time"])
        more.focus()
        page.keyboard.press("Enter")
        expect(widget.status).to_contain_text(WORDS["more_time_given"].partition("{")[0])
        expect(more).to_be_hidden()
        # What was picked stays, and the keyboard is on the photos.
        expect(widget.tiles.nth(3)).to_have_attribute("aria-pressed", "true")
        expect(widget.tiles.nth(3)).to_be_focused()
        expect(widget.status).to_have_text(WORDS["seconds_left"]["other"].format(count=30))
        expect(more).to_be_hidden()
        assert len(service.extended) == 1

    def test_more_time_may_be_refused(self, page: Page, show: Show, service: FakeService) -> None:
        service.challenge_lifetime = 20.0
        service.extensions = [problem(409, "already_extended", "There was more time already.")]
        widget = show(page).wait_until_open()
        widget.frame.get_by_role("button", name=WORDS["more_time"]).click()
        expect(widget.status).to_have_text("You have already been given more time.")
        assert states(widget)[-1] == "open"

    def test_fresh_photos_come_by_themselves_once(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.challenge_lifetime = 3.0
        widget = show(page)
        expect(widget.hint).to_have_text("Time ran out for the last photos.")
        # Nobody touched those either: photos are not spent on an empty chair.
        expect(widget.sentence).to_have_text("Time ran out for the last photos.")
        assert len(service.asked) == 2

    def test_photos_run_out(self, page: Page, show: Show, service: FakeService) -> None:
        service.challenge_lifetime = 3.0
        widget = show(page, refresh_timeout="manual")
        expect(widget.sentence).to_have_text("Time ran out for the last photos.")
        expect(widget.status).to_have_text("Time ran out for the last photos.")
        assert widget.heard("expired")[0][0]["what"] == "challenge"
        assert widget.heard("expired-callback") == []
        service.challenge_lifetime = 120.0
        widget.action.click()
        widget.solve()
        widget.solved.wait_for()

    @pytest.mark.parametrize("wrong", [timedelta(days=-400), timedelta(hours=9)])
    def test_a_wrong_clock_does_no_harm(
        self, page: Page, show: Show, service: FakeService, wrong: timedelta
    ) -> None:
        service.clock_error = wrong
        service.challenge_lifetime = 4.0
        widget = show(page, refresh_timeout="manual").wait_until_open()
        expect(widget.sentence).to_have_text("Time ran out for the last photos.")

    def test_the_server_may_know_better(self, page: Page, show: Show, service: FakeService) -> None:
        service.answers = [problem(410, "challenge_expired", "These pictures have expired.")]
        widget = show(page, refresh_timeout="manual")
        widget.solve()
        expect(widget.sentence).to_have_text("Time ran out for the last photos.")
        assert states(widget)[-1] == "expired"


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (400, "invalid_picks"),
            (500, "a_code_from_the_future"),
        ],
    )
    def test_it_shows_the_sentence_and_one_button(
        self, page: Page, show: Show, service: FakeService, status: int, code: str
    ) -> None:
        service.answers = [problem(status, code, "A plain sentence.")]
        widget = show(page)
        widget.solve()
        expect(widget.sentence).to_have_text("A plain sentence.")
        assert widget.heard("error-callback") == [[code]]
        assert widget.heard("error")[0][0]["message"] == "A plain sentence."
        expect(widget.card.get_by_role("button")).to_have_count(1)
        widget.frame.get_by_role("button", name="Try again").click()
        widget.solve()
        widget.solved.wait_for()

    @pytest.mark.parametrize(
        ("status", "code", "sentence"),
        [
            (429, "too_many_requests", "Too many tries right now."),
            (503, "no_challenge_ready", WORDS["errors"]["no_challenge_ready"]),
        ],
    )
    def test_it_waits_as_long_as_it_is_told(
        self, page: Page, show: Show, service: FakeService, status: int, code: str, sentence: str
    ) -> None:
        service.challenges = [problem(status, code, "Please take a short break.", retry_after=2)]
        widget = show(page)
        expect(widget.sentence).to_have_text(sentence)
        expect(widget.action).to_have_text(WORDS["again_seconds"]["other"].format(count=2))
        widget.action.dispatch_event("click")
        assert len(service.asked) == 1
        expect(widget.action).to_have_text("Try again")
        widget.action.click()
        widget.wait_until_open()
        assert len(service.asked) == 2

    def test_it_says_when_there_is_no_connection(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        widget = show(page).wait_until_open()
        page.context.set_offline(True)
        widget.fresh.click()
        expect(widget.sentence).to_have_text(WORDS["errors"]["offline"])
        assert widget.heard("error-callback") == [["offline"]]
        page.context.set_offline(False)
        widget.action.click()
        widget.wait_until_open()

    def test_it_says_when_photos_stop_half_way(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.picture_limit = 7
        widget = show(page)
        widget.panel.wait_for()
        assert widget.heard("error-callback")[0][0] in {"offline", "pictures_broken"}
        service.picture_limit = 12
        widget.action.click()
        widget.wait_until_open()

    def test_it_understands_no_json(self, page: Page, show: Show, service: FakeService) -> None:
        service.challenges = [Reply(502, {})]
        widget = show(page)
        expect(widget.sentence).to_have_text(WORDS["errors"]["unclear"])

    def test_a_refused_host_gets_no_button(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.challenges = [problem(403, "host_not_allowed", "This host is not on the list.")]
        widget = show(page)
        expect(widget.sentence).to_contain_text(WORDS["errors"]["host_not_allowed"])
        expect(widget.card.get_by_role("button")).to_have_count(0)

    def test_it_says_that_a_key_is_unknown(self, page: Page, show: Show) -> None:
        html = (
            '<div class="pawcha" data-sitekey="no-such-key" data-mode="inline"></div>'
            "<script>const heard = []; document.addEventListener('pawcha:error',"
            " (event) => heard.push(['error', event.detail]))</script>"
            '<script src="{origin}/pawcha/api.js"></script>'
        )
        widget = show(page, html=html)
        expect(widget.sentence).to_have_text(WORDS["errors"]["unknown_sitekey"])
        page.wait_for_function("heard.length > 0")
        assert widget.heard("error")[0][0]["code"] == "unknown_sitekey"

    def test_photos_that_were_answered_elsewhere_are_replaced(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.answers = [problem(409, "already_answered", "English.")]
        widget = show(page)
        widget.solve()
        expect(widget.hint).to_have_text(
            "Those pictures have been used already. Here are new ones."
        )
        widget.solve()
        widget.solved.wait_for()

    def test_a_late_reply_changes_nothing(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.answers = [Reply(200, service.token(), delay=1.0)]
        widget = show(page)
        widget.solve()
        page.evaluate("pawcha.reset()")
        widget.wait_until_open()
        page.wait_for_timeout(1200)
        assert widget.field == ""
        assert states(widget)[-1] == "open"
