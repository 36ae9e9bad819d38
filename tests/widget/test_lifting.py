"""What api.js and its frame say to each other, and the frame lifted over the page."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import DARK, OpenPage
from tests.widget.fake_service import FakeService
from tests.widget.stub import HTML, SITEKEY, TOKEN, Host, show

pytestmark = pytest.mark.browser
WINDOW = {"x": 0, "y": 0, "width": 1280, "height": 900}


def place(more: str = "") -> str:
    """Return a form with a marked place, some way down a long page."""
    return (
        '<style>body { margin: 0; height: 3000px }</style><button id="before">Before</button>'
        f'<form style="padding: 100px 50px"><div class="pawcha" id="place" {more}'
        f' data-sitekey="{SITEKEY}"></div></form>'
    )


def box(page: Page) -> Any:
    """Return where the frame is in the window."""
    return page.locator("iframe").bounding_box()


def host_style(page: Page, name: str) -> Any:
    """Return a computed style of the frame's element."""
    return page.locator("iframe").evaluate("(frame, name) => getComputedStyle(frame)[name]", name)


class TestHello:
    def test_it_says_who_we_are(self, page: Page, service: FakeService) -> None:
        style = "<style>form { --pawcha-accent: rebeccapurple; --pawcha-text: #123 }</style>"
        more = 'data-action="join" data-cdata="order-7" data-refresh-timeout="manual"'
        host = show(page, service, style + place(more))
        assert host.hello() == {
            "type": "pawcha:hello",
            "origin": service.host_origin,
            "dialect": "pawcha",
            "action": "join",
            "cdata": "order-7",
            "colours": {"accent": "rebeccapurple", "background": "", "text": "#123"},
            "refreshExpired": "auto",
            "refreshTimeout": "manual",
            "execution": "render",
            "dark": False,
        }

    def test_the_address_says_how_it_looks(self, page: Page, service: FakeService) -> None:
        more = 'data-lang="de" data-theme="contrast" data-size="compact" data-mode="inline"'
        host = show(page, service, place(more))
        looks = "theme=contrast&usual=auto&size=compact&mode=inline"
        query = f"sitekey={SITEKEY}&lang=de&page=en&{looks}"
        assert host.frame().url == f"{service.origin}/pawcha/frame?{query}"

    def test_unknown_looks_are_the_usual_ones(self, page: Page, service: FakeService) -> None:
        host = show(page, service, place('data-size="huge" data-mode="popup"'))
        assert host.frame().url.endswith("page=en&usual=auto&size=normal&mode=checkbox")

    def test_the_frame_gets_its_title(self, page: Page, service: FakeService) -> None:
        show(page, service, place()).frame()
        expect(page.get_by_title("Pick all the cats")).to_be_visible()

    def test_it_follows_the_visitor_into_the_dark(
        self, page: Page, open_page: OpenPage, service: FakeService
    ) -> None:
        assert show(open_page(**DARK), service, place()).hello()["dark"] is True
        host = show(page, service, place())
        host.frame()
        page.emulate_media(color_scheme="dark")
        host.wait_for("dark")
        assert host.frame().evaluate("heard.at(-1)") == {"type": "dark", "on": True}

    def test_another_origin_hears_nothing(self, page: Page, service: FakeService) -> None:
        """Whoever took over the frame's address is no partner: the page explains."""
        page.clock.install()
        page.add_init_script("window.spied = []; onmessage = ({data}) => spied.push(data)")
        evil = "data:text/html,<p>An evil page</p>"
        body = f"<script>location.replace('{evil}')</script>"
        host = show(page, service, place())
        page.unroute("**/pawcha/frame*")
        page.route("**/pawcha/frame*", lambda route: route.fulfill(body=body, content_type=HTML))
        host.ask("pawcha.remove(); pawcha.render('#place')")
        page.frame_locator("iframe").get_by_text("An evil page").wait_for()
        page.clock.fast_forward(6000)
        page.get_by_text("The check could not be loaded.").wait_for()
        taken = next(frame for frame in page.frames if frame.url.startswith("data:"))
        assert taken.evaluate("spied") == []


class TestHeight:
    def test_it_takes_the_height_that_the_frame_wants(
        self, page: Page, service: FakeService
    ) -> None:
        host = show(page, service, place('data-mode="inline"'))
        host.say("height", height=333.2)
        assert box(page)["height"] == 334

    @pytest.mark.parametrize("height", [-1, 0, 5000, "9px;color:red", None])
    def test_nonsense_changes_nothing(
        self, page: Page, service: FakeService, height: object
    ) -> None:
        host = show(page, service, place())
        host.say("height", height=height)
        assert box(page)["height"] == 78

    def test_a_phone_has_room_for_it(self, phone: Page, service: FakeService) -> None:
        body = '<meta name="viewport" content="width=device-width">' + place()
        show(phone, service, body.replace("100px 50px", "8px 40px")).frame()
        assert phone.evaluate("document.documentElement.scrollWidth") == 360
        assert box(phone)["width"] == 280


class TestLifting:
    def test_it_covers_the_window_and_returns(self, page: Page, service: FakeService) -> None:
        host = show(page, service, place())
        host.frame()
        rest = box(page)
        host.say("cover", on=True)
        assert box(page) == WINDOW
        assert host.frame().evaluate("heard.at(-1)") == {
            "type": "place",
            "rect": {"left": rest["x"], "top": rest["y"], "width": 304, "height": 78},
        }
        host.say("cover", on=False)
        assert box(page) == rest
        # It was never loaded again.
        assert host.frame().evaluate("hellos.length") == 1

    def test_from_inside_places_that_clip_and_move(self, page: Page, service: FakeService) -> None:
        clip = "overflow: hidden; width: 90px; height: 40px; transform: rotate(9deg); opacity: 0.5"
        host = show(page, service, f'<div style="{clip}">{place()}</div>')
        host.say("cover", on=True)
        assert box(page) == WINDOW

    @pytest.mark.parametrize(
        "wild",
        [
            "iframe, #place div { width: 50px !important; max-width: 10%; border: 9px solid }",
            "iframe, #place div { display: none !important; opacity: 0.1; padding: 9px }",
            "iframe, #place div { position: relative !important }",
            "body { pointer-events: none }",
            "iframe { pointer-events: none; filter: blur(9px); clip-path: inset(50%) }",
            "iframe, div { min-height: 400px }",
            "iframe { max-width: 50% }",
            "iframe, #place div { transform: scale(0.8) }",
        ],
    )
    def test_pages_with_wild_rules_do_not_spoil_it(
        self, page: Page, service: FakeService, wild: str
    ) -> None:
        host = show(page, service, f"<style>{wild}</style>{place()}")
        host.frame()
        rest = box(page)
        assert (rest["width"], rest["height"]) == (304, 78)
        host.say("cover", on=True)
        assert box(page) == WINDOW
        page.frame_locator("iframe").get_by_role("button", name="inside").click()
        host.say("cover", on=False)
        assert box(page) == rest

    def test_what_the_page_hides_stays_hidden(self, page: Page, service: FakeService) -> None:
        show(page, service, place('style="visibility: hidden; pointer-events: none"')).frame()
        expect(page.locator("iframe")).to_be_hidden()
        assert host_style(page, "pointerEvents") == "none"

    def test_without_a_top_layer(self, page: Page, service: FakeService) -> None:
        page.add_init_script("delete HTMLElement.prototype.showPopover")
        host = show(page, service, place())
        rest = (host.frame(), box(page))[1]
        host.say("cover", on=True)
        assert box(page) == WINDOW
        host.say("cover", on=False)
        assert box(page) == rest

    def test_scrolling_tells_the_new_place(self, page: Page, service: FakeService) -> None:
        host = show(page, service, place())
        host.say("cover", on=True)
        page.evaluate("scrollTo(0, 60)")
        page.wait_for_timeout(300)
        rects = host.frame().evaluate("heard.map(({rect}) => rect.top)")
        assert rects[-1] == rects[0] - 60
        host.say("cover", on=False)
        page.evaluate("scrollTo(0, 0)")
        page.wait_for_timeout(300)
        assert len(host.frame().evaluate("heard")) == len(rects)

    def test_focus_goes_in_and_comes_back(self, page: Page, service: FakeService) -> None:
        host = show(page, service, place('data-mode="invisible"'))
        host.frame()
        page.locator("#before").focus()
        host.ask("void pawcha.execute()")
        host.say("cover", on=True)
        assert host.ask("document.activeElement.localName") == "iframe"
        host.say("cover", on=False)
        assert host.ask("document.activeElement.id") == "before"

    def test_the_page_hears_of_it(self, page: Page, service: FakeService) -> None:
        host = show(page, service, place('data-open-callback="opened" data-close-callback="left"'))
        host.say("cover", on=True)
        host.say("cover", on=False)
        host.say("cover", on=True)
        host.solve()
        kinds = [words[0] for words in host.ask("heard")]
        round_trip = ["open", "opened", "close", "left"]
        assert kinds == [*round_trip, "open", "opened", "close", "statechange", "token"]

    def test_it_hears_why_a_state_changed(self, page: Page, service: FakeService) -> None:
        host = show(page, service, place())
        host.state("loading", reason="wrong_answer")
        host.state("open")
        assert [detail for detail, _ in host.heard("statechange")] == [
            {"id": "pawcha-1", "state": "loading", "reason": "wrong_answer"},
            {"id": "pawcha-1", "state": "open"},
        ]

    def test_events_leave_a_shadow_tree(self, page: Page, service: FakeService) -> None:
        host = show(page, service, '<div id="outer"></div>')
        host.ask(
            f"""(() => {{
              const inner = document.createElement("div");
              outer.attachShadow({{mode: "open"}}).append(inner);
              pawcha.render(inner, {{sitekey: "{SITEKEY}"}});
            }})()"""
        )
        host.solve()
        assert host.heard("token") == [[{"id": "pawcha-1", "token": TOKEN}, "outer"]]

    def test_a_frame_taken_out_while_lifted_comes_back_small(
        self, page: Page, service: FakeService
    ) -> None:
        host = show(page, service, place())
        host.say("cover", on=True)
        host.ask("document.body.prepend(document.forms[0])")
        page.wait_for_timeout(300)
        host.frame()
        assert box(page)["height"] == 78

    def test_removing_it_while_lifted_leaves_nothing(
        self, page: Page, service: FakeService
    ) -> None:
        host = show(page, service, place())
        host.say("cover", on=True)
        host.ask("pawcha.remove()")
        assert page.locator("#place").inner_html() == ""

    def test_a_strict_policy_is_enough_for_it(self, page: Page, service: FakeService) -> None:
        broken: list[str] = []
        page.on("console", lambda message: broken.append(message.text))
        policy = f"default-src 'none'; script-src {service.origin}; frame-src {service.origin}"
        host = show(page, service, place())
        tag = f'<script src="{service.origin}/pawcha/api.js"></script>'
        body = f'<form><div class="pawcha" data-sitekey="{SITEKEY}"></div></form>{tag}'
        page.goto(service.page(body, path="/strict", headers={"Content-Security-Policy": policy}))
        host.say("cover", on=True)
        assert box(page) == WINDOW
        host.solve()
        expect(page.locator("form input")).to_have_value(TOKEN)
        assert [text for text in broken if "Content Security" in text] == []


class TestSilence:
    def dumb(self, page: Page, service: FakeService, more: str = "") -> Host:
        """Open a page whose frame never answers, and let the time pass."""
        page.clock.install()
        host = show(page, service, "")
        page.unroute("**/pawcha/frame*")
        page.route("**/pawcha/frame*", lambda route: route.fulfill(body="Bad gateway"))
        options = f"sitekey: '{SITEKEY}', {more}"
        host.ask(
            "document.body.insertAdjacentHTML('beforeend', '<div id=place></div>');"
            f"pawcha.render('#place', {{{options}}})"
        )
        page.frame_locator("iframe").get_by_text("Bad gateway").wait_for(state="attached")
        page.clock.fast_forward(5500)
        return host

    def test_no_answer_is_explained(self, page: Page, service: FakeService) -> None:
        host = self.dumb(page, service)
        expect(page.get_by_role("alert")).to_have_text("The check could not be loaded.")
        assert host.heard("error")[0][0]["code"] == "frame_unreachable"
        expect(page.locator("iframe")).to_be_hidden()

    def test_execute_and_reset_try_again(self, page: Page, service: FakeService) -> None:
        host = self.dumb(page, service)
        page.unroute("**/pawcha/frame*")
        answer = (
            "<script>onmessage = ({ports, data}) => data.type === 'pawcha:hello' &&"
            " ports[0].postMessage({type: 'ready', title: 'Here'})</script>"
        )
        page.route(
            "**/pawcha/frame*",
            lambda route: route.fulfill(body=answer, content_type="text/html"),
        )
        host.ask("pawcha.reset()")
        assert host.heard("statechange")[-1][0]["state"] == "idle"
        expect(page.get_by_title("Here")).to_be_visible()
        expect(page.get_by_role("alert")).to_have_count(0)

    def test_what_is_invisible_explains_itself_to_those_who_ask(
        self, page: Page, service: FakeService
    ) -> None:
        host = self.dumb(page, service, "mode: 'invisible'")
        expect(page.get_by_role("alert")).to_have_count(0)
        host.ask("window.got = pawcha.execute().catch(({code}) => code); 0")
        page.wait_for_timeout(500)
        page.clock.fast_forward(6000)
        expect(page.get_by_role("alert")).to_be_visible()
        assert host.ask("got") == "frame_unreachable"
