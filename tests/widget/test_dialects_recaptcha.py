"""api.js as reCAPTCHA's script: checkbox, invisible and v3, as its clients use them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.widget.fake_service import FakeService
from tests.widget.stub import SITEKEY, TOKEN, show

pytestmark = pytest.mark.browser
SCRIPT = "/recaptcha/api.js"
EXPLICIT = f"{SCRIPT}?render=explicit"
V3 = f"{SCRIPT}?render={SITEKEY}"
CALLBACKS = 'data-callback="solved" data-expired-callback="expired" data-error-callback="failed"'
PLACE = (
    f'<form><div class="g-recaptcha" id="place" data-sitekey="{SITEKEY}" {CALLBACKS}></div></form>'
)
EMPTY = '<form><div id="place"></div><div id="other"></div></form>'
RENDER = f"grecaptcha.render('place', {{sitekey: '{SITEKEY}'}})"


class TestCheckbox:
    def test_the_token_is_in_a_hidden_textarea(self, page: Page, service: FakeService) -> None:
        host = show(page, service, PLACE, SCRIPT)
        host.solve()
        area = page.locator("textarea#g-recaptcha-response.g-recaptcha-response")
        expect(area).to_be_hidden()
        expect(area).to_have_value(TOKEN)
        assert host.field("g-recaptcha-response") == TOKEN
        assert host.heard("solved") == [[TOKEN]]
        assert host.hello()["dialect"] == "recaptcha"

    def test_further_textareas_have_numbers(self, page: Page, service: FakeService) -> None:
        host = show(page, service, EMPTY, EXPLICIT)
        host.ask(f"{RENDER}, {RENDER.replace('place', 'other')}")
        ids = host.ask("[...document.querySelectorAll('textarea')].map(({id}) => id)")
        assert ids == ["g-recaptcha-response", "g-recaptcha-response-1"]

    def test_places_outside_the_page_have_numbers_too(
        self, page: Page, service: FakeService
    ) -> None:
        host = show(page, service, EMPTY, EXPLICIT)
        ids = host.ask(
            f"""[1, 2].map(() => {{
              const place = document.createElement("div");
              grecaptcha.render(place, {{sitekey: "{SITEKEY}"}});
              return place.querySelector("textarea").id;
            }})"""
        )
        assert ids == ["g-recaptcha-response", "g-recaptcha-response-1"]

    def test_a_place_that_was_thrown_away_keeps_no_number(
        self, page: Page, service: FakeService
    ) -> None:
        host = show(page, service, EMPTY, EXPLICIT)
        host.ask(RENDER)
        host.frame()
        host.ask(f"place.remove(), {RENDER.replace('place', 'other')}")
        assert page.locator("textarea").get_attribute("id") == "g-recaptcha-response"

    def test_ids_are_numbers_from_zero(self, page: Page, service: FakeService) -> None:
        host = show(page, service, EMPTY, EXPLICIT)
        assert host.ask(f"[{RENDER}, {RENDER.replace('place', 'other')}]") == [0, 1]
        host.solve(0)
        assert host.ask("[grecaptcha.getResponse(), grecaptcha.getResponse(1)]") == [TOKEN, ""]

    def test_attributes_count_only_when_inherited(self, page: Page, service: FakeService) -> None:
        attributes = f'data-theme="dark" {CALLBACKS}'
        body = f'<div id="place" {attributes}></div><div id="other" {attributes}></div>'
        host = show(page, service, body, EXPLICIT)
        host.ask(f"{RENDER}, grecaptcha.render('other', {{sitekey: '{SITEKEY}'}}, true)")
        assert "usual=light" in host.frame(0).url
        assert "theme=dark" in host.frame(1).url

    def test_expiry_and_errors_call_back_without_words(
        self, page: Page, service: FakeService
    ) -> None:
        host = show(page, service, PLACE, SCRIPT)
        host.solve()
        host.state("expired", what="token")
        assert host.field("g-recaptcha-response") == ""
        host.state("error", code="offline", message="Oh.")
        assert [words for words in host.ask("heard") if words[-1] != "place"] == [
            ["solved", TOKEN],
            ["expired"],
            ["failed"],
        ]

    def test_reset_empties_and_starts_again(self, page: Page, service: FakeService) -> None:
        host = show(page, service, PLACE, SCRIPT)
        host.solve()
        host.ask("grecaptcha.reset()")
        assert host.told() == ["reset"]
        assert host.field("g-recaptcha-response") == ""

    @pytest.mark.parametrize(
        ("before", "left", "told"), [("", "", ["reset"]), ("event.preventDefault()", TOKEN, [])]
    )
    def test_resetting_the_form_resets_the_widget(
        self, page: Page, service: FakeService, before: str, left: str, told: list[str]
    ) -> None:
        host = show(page, service, PLACE + "<form id='elsewhere'></form>", SCRIPT)
        host.solve()
        host.ask("elsewhere.reset()")
        assert host.told() == []
        host.ask(f"addEventListener('reset', (event) => {{ {before} }})")
        host.ask("document.forms[0].reset()")
        assert host.told() == told
        assert host.field("g-recaptcha-response") == left == host.ask("grecaptcha.getResponse()")

    def test_onload_fires_when_it_is_usable(self, page: Page, service: FakeService) -> None:
        body = f"<script>window.begin = () => window.id = {RENDER}</script>{{script}}{EMPTY}"
        host = show(page, service, body, f"{EXPLICIT}&onload=begin")
        assert host.ask("id") == 0
        host.frame()

    def test_the_size_of_the_bar(self, page: Page, service: FakeService) -> None:
        body = PLACE + PLACE.replace("data-callback", 'data-size="compact" data-callback')
        show(page, service, body, SCRIPT).frame(1)
        boxes = [page.locator("iframe").nth(number).bounding_box() for number in (0, 1)]
        assert [(box["width"], box["height"]) for box in boxes if box] == [(304, 78), (164, 144)]


class TestInvisible:
    PLACE = PLACE.replace("data-callback", 'data-size="invisible" data-callback')

    def test_execute_needs_no_id(self, page: Page, service: FakeService) -> None:
        """As django-recaptcha calls it."""
        host = show(page, service, self.PLACE, SCRIPT)
        host.ask("void grecaptcha.execute()")
        host.wait_for("execute")
        host.say("cover", on=True)
        host.solve()
        assert host.heard("solved") == [[TOKEN]]
        assert host.field("g-recaptcha-response") == TOKEN

    def test_nothing_is_seen_of_it(self, page: Page, service: FakeService) -> None:
        host = show(page, service, self.PLACE, SCRIPT)
        assert "mode=invisible" in host.frame().url
        expect(page.locator("iframe")).to_be_hidden()
        assert host.ask("document.querySelector('#place').offsetHeight") == 0

    def test_each_execute_asks_anew(self, page: Page, service: FakeService) -> None:
        host = show(page, service, self.PLACE, SCRIPT)
        host.ask("void grecaptcha.execute()")
        host.solve()
        host.ask("void grecaptcha.execute(0)")
        assert host.told() == ["execute", "reset", "execute"]

    def test_an_impatient_visitor_asks_once(self, page: Page, service: FakeService) -> None:
        host = show(page, service, self.PLACE, SCRIPT)
        host.frame()
        host.ask("grecaptcha.execute() === grecaptcha.execute()")
        assert host.told() == ["execute"]


class TestScored:
    """Version 3: `render=<sitekey>`, no places, a promise for each action."""

    def test_a_promise_brings_the_token(self, page: Page, service: FakeService) -> None:
        host = show(page, service, "<form></form>", V3)
        host.ask(f"window.got = grecaptcha.execute('{SITEKEY}', {{action: 'login'}}); 0")
        host.wait_for("execute")
        assert host.hello()["action"] == "login"
        host.say("cover", on=True)
        host.solve()
        assert host.ask("got") == TOKEN

    def test_each_action_is_its_own(self, page: Page, service: FakeService) -> None:
        host = show(page, service, "<form></form>", V3)
        run = f"grecaptcha.execute('{SITEKEY}', {{action: '%s'}})"
        host.ask(f"window.got = Promise.all([{run % 'login'}, {run % 'join'}]); 0")
        host.wait_for("execute")
        host.solve(token="for-login")
        page.wait_for_function("document.querySelectorAll('iframe').length === 1")
        host.wait_for("execute")
        assert host.hello()["action"] == "join"
        host.solve(token="for-join")
        assert host.ask("got") == ["for-login", "for-join"]

    def test_places_and_hidden_inputs_are_left_alone(
        self, page: Page, service: FakeService
    ) -> None:
        """The hidden input is django-recaptcha's, which fills it with the token itself."""
        hidden = (
            f'<input type="hidden" class="g-recaptcha" data-sitekey="{SITEKEY}" name="captcha">'
        )
        host = show(page, service, f"<form>{hidden}</form>{PLACE}", V3)
        host.frame()
        expect(page.locator("iframe")).to_have_count(1)
        expect(page.locator("form iframe")).to_have_count(0)
        assert host.ask("document.forms[0].elements.length") == 1

    def test_hidden_inputs_are_no_places_without_the_key_either(
        self, page: Page, service: FakeService
    ) -> None:
        hidden = f'<input type="hidden" class="g-recaptcha" data-sitekey="{SITEKEY}">'
        show(page, service, f"<form>{hidden}</form>", SCRIPT)
        expect(page.locator("iframe")).to_have_count(0)

    def test_leaving_breaks_the_promise(self, page: Page, service: FakeService) -> None:
        host = show(page, service, "", V3)
        host.ask(f"window.got = grecaptcha.execute('{SITEKEY}').catch(({{code}}) => code); 0")
        host.wait_for("execute")
        host.say("cover", on=True)
        host.say("cover", on=False)
        assert host.ask("got") == "challenge_closed"

    def test_the_client_of_django_works_as_it_is(self, page: Page, service: FakeService) -> None:
        """js_v3.html of django-recaptcha 4.1: the script, then the input, then a submit."""
        service.page("Thank you", path="/sent")
        body = f"""{{script}}<form action="/sent"><script>
            var element
            grecaptcha.ready(function() {{
                element = document.querySelector('.g-recaptcha[data-widget-uuid="abc"]');
                element.form.addEventListener('submit', recaptchaFormSubmit);
            }});
            function recaptchaFormSubmit(event) {{
                event.preventDefault();
                grecaptcha.execute('{SITEKEY}', {{action: 'join'}}).then(function(token) {{
                    element.value = token;
                    element.form.submit();
                }});
            }}
            </script><input type="hidden" name="captcha" class="g-recaptcha"
            data-sitekey="{SITEKEY}" data-widget-uuid="abc" data-size="normal">
            <button>Send</button></form>"""
        host = show(page, service, body, V3)
        host.frame()
        page.get_by_role("button", name="Send").click()
        host.wait_for("execute")
        host.frame().evaluate("token => say({type: 'state', state: 'solved', token})", TOKEN)
        page.wait_for_url(f"**/sent?captcha={TOKEN}")

    def test_enterprise_is_the_same(self, page: Page, service: FakeService) -> None:
        host = show(page, service, "", V3)
        assert host.ask("grecaptcha.enterprise.execute === grecaptcha.execute")

    def test_calls_that_waited_for_the_script_are_made(
        self, page: Page, service: FakeService
    ) -> None:
        """The stub that Google's documentation offers to pages with an async script."""
        body = """<script>
          var grecaptcha = {ready: (call) => {
            (window.___grecaptcha_cfg ??= {fns: []}).fns.push(call);
          }};
          const kept = grecaptcha;
          grecaptcha.ready(() => loaded(typeof kept.execute));
        </script>"""
        assert show(page, service, body, V3).heard("loaded") == [["function"]]
