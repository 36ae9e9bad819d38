"""The journey through the states: solved, wrong, expired, and everything that can go wrong."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.widget.conftest import Widget
from tests.widget.fake_service import TOKEN, FakeService, Reply, problem

pytestmark = pytest.mark.browser
Show = Callable[..., Widget]


def states(widget: Widget) -> list[str]:
    """Return the states that the host page heard of, in order."""
    return [detail["state"] for (detail,) in widget.heard("statechange")]


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
        expect(widget.frame.get_by_text("Thank you!", exact=True)).to_be_visible()
        expect(widget.status).to_contain_text("Thank you!")
        page.wait_for_function("document.querySelector('iframe').clientHeight < 120")

    def test_its_token_runs_out(self, page: Page, show: Show, service: FakeService) -> None:
        service.token_lifetime = 3.0
        widget = show(page)
        widget.solve()
        widget.solved.wait_for()
        expect(widget.sentence).to_have_text("That was a while ago. Please pick once more.")
        assert widget.field == ""
        assert widget.heard("expired-callback") == [[]]
        assert widget.heard("expired")[0][0]["what"] == "token"
        widget.action.click()
        widget.wait_until_open()
        assert len(service.asked) == 2


class TestWrongAnswer:
    def test_it_says_so_and_shows_fresh_ones(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.answers = [problem(422, "wrong_answer", "Not quite. Here are new pictures.")]
        widget = show(page)
        # The sentence stands while the fresh pictures are on their way: let them take a while.
        service.picture_pause = lambda _index: 0.15
        widget.solve()
        expect(widget.status).to_contain_text("Not quite.")
        expect(widget.hint).to_have_text("Not quite. Here are new pictures.")
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
        expect(widget.hint).to_have_text("One more, please.")
        widget.solve()
        widget.solved.wait_for()
        assert len(service.asked) == 1
        assert len(service.answered) == 2


class TestTime:
    def test_a_quiet_clock_counts_the_last_half_minute(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.challenge_lifetime = 32.0
        widget = show(page).wait_until_open()
        clock = widget.frame.locator('[data-part="clock"]')
        expect(clock).to_have_text("0:30")
        expect(widget.status).to_have_text("30 seconds left.")
        expect(clock).to_have_text("0:29")
        # Only once aloud: a clock that talks all the time is no help.
        expect(widget.status).to_have_text("30 seconds left.")

    def test_photos_run_out(self, page: Page, show: Show, service: FakeService) -> None:
        service.challenge_lifetime = 3.0
        widget = show(page)
        expect(widget.sentence).to_have_text("Time is up for these photos.")
        expect(widget.status).to_have_text("Time is up for these photos.")
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
        widget = show(page).wait_until_open()
        expect(widget.sentence).to_have_text("Time is up for these photos.")

    def test_the_server_may_know_better(self, page: Page, show: Show, service: FakeService) -> None:
        service.answers = [problem(410, "challenge_expired", "These pictures have expired.")]
        widget = show(page)
        widget.solve()
        expect(widget.sentence).to_have_text("Time is up for these photos.")
        assert states(widget)[-1] == "expired"


class TestErrors:
    @pytest.mark.parametrize(
        ("status", "code"),
        [
            (400, "invalid_picks"),
            (404, "unknown_challenge"),
            (409, "already_answered"),
            (500, "unavailable"),
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
        expect(widget.frame.get_by_role("button")).to_have_count(1)
        widget.frame.get_by_role("button", name="Try again").click()
        widget.solve()
        widget.solved.wait_for()

    @pytest.mark.parametrize(
        ("status", "code"), [(429, "too_many_requests"), (503, "no_challenge_ready")]
    )
    def test_it_waits_as_long_as_it_is_told(
        self, page: Page, show: Show, service: FakeService, status: int, code: str
    ) -> None:
        service.challenges = [problem(status, code, "Please take a short break.", retry_after=2)]
        widget = show(page)
        expect(widget.sentence).to_have_text("Please take a short break.")
        expect(widget.action).to_have_text("Try again in 2 s")
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
        expect(widget.sentence).to_have_text("There is no connection right now.")
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
        expect(widget.sentence).to_have_text("Something went wrong on our side.")

    def test_a_refused_host_gets_no_button(
        self, page: Page, show: Show, service: FakeService
    ) -> None:
        service.challenges = [problem(403, "host_not_allowed", "This host is not on the list.")]
        widget = show(page)
        expect(widget.sentence).to_have_text("This host is not on the list.")
        expect(widget.frame.get_by_role("button")).to_have_count(0)

    def test_it_says_that_a_key_is_unknown(self, page: Page, show: Show) -> None:
        html = (
            '<div class="pawcha" data-sitekey="no-such-key"></div>'
            "<script>const heard = []; document.addEventListener('pawcha:error',"
            " (event) => heard.push(['error', event.detail]))</script>"
            '<script src="{origin}/pawcha/api.js"></script>'
        )
        widget = show(page, html=html)
        expect(widget.sentence).to_have_text("This site key is unknown.")
        page.wait_for_function("heard.length > 0")
        assert widget.heard("error")[0][0]["code"] == "unknown_sitekey"

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
