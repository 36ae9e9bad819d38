"""A form with cats in it: what it shows, whom it lets through, what it says to the others."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
import pytest
from django import forms
from django.core.exceptions import ImproperlyConfigured
from django.test import RequestFactory
from django.utils.functional import lazystr
from pytest_django import Settings

from challenges.integration import testing
from challenges.integration.client import Verdict
from challenges.integration.forms import PawchaField
from tests.wire import Wire, breaks, refuses, says

SENT = {"email": "ada@example.org", "pawcha-response": "a-token"}


def form_with(data: Mapping[str, Any] | None = None, **options: Any) -> forms.Form:
    """Return a form with an e-mail and cats, filled in with the data."""

    class SignUp(forms.Form):
        email = forms.EmailField()
        cats = PawchaField(**options)

    return SignUp(data)


def html(**options: Any) -> str:
    """Return what the field looks like."""
    return str(form_with(**options)["cats"])


class TestWidget:
    def test_it_is_a_script_tag_and_an_element(self) -> None:
        script = '<script src="https://pawcha.example.org/pawcha/api.js" async></script>'
        element = '<div class="pawcha" data-sitekey="the-key" id="id_cats"></div>'
        assert html(noscript=False) == script + element

    def test_options_become_attributes(self) -> None:
        options = {"mode": "inline", "theme": "dark", "size": "compact", "lang": "de"}
        shown = html(**options, action="signup")
        for name, value in {**options, "action": "signup"}.items():
            assert f'data-{name}="{value}"' in shown

    def test_any_other_attribute_can_be_given(self) -> None:
        shown = html(attrs={"data-callback": "done", "class": "wide"})
        assert 'class="pawcha wide"' in shown
        assert 'data-callback="done"' in shown

    def test_arguments_go_before_settings(self) -> None:
        shown = html(url="https://other.example", sitekey="other-key")
        assert "https://other.example/pawcha/api.js" in shown
        assert 'data-sitekey="other-key"' in shown
        assert "pawcha.example.org" not in shown

    def test_the_secret_stays_on_the_server(self) -> None:
        assert "the-secret" not in form_with(SENT).as_p()

    def test_what_is_given_is_escaped(self) -> None:
        shown = html(sitekey='"><b>', lang='"><i>', url='https://p.example/"><u>')
        assert "<b>" not in shown
        assert "<i>" not in shown
        assert "<u>" not in shown

    def test_the_script_carries_the_nonce(self) -> None:
        assert 'nonce="abc" async></script>' in html(nonce=lazystr("abc"))
        form = form_with()
        form.fields["cats"].widget.nonce = "def"
        assert 'nonce="def" async></script>' in str(form["cats"])
        assert "nonce" not in html()

    def test_the_script_can_be_in_the_media(self) -> None:
        form = form_with(script="media")
        assert str(form.media) == (
            '<script src="https://pawcha.example.org/pawcha/api.js" async></script>'
        )
        assert "<script" not in str(form["cats"])

    def test_the_script_can_be_left_out(self) -> None:
        form = form_with(script="nowhere")
        assert "<script" not in f"{form.media}{form['cats']}"

    def test_there_is_no_code_and_no_style_inside(self) -> None:
        shown = html(nonce="abc")
        assert "></script>" in shown
        assert " style=" not in shown
        assert " on" not in shown.replace(" one", "")

    def test_it_has_a_way_without_javascript(self) -> None:
        shown = html()
        plain = shown[shown.index("<noscript>") : shown.index("</noscript>")]
        assert 'src="https://pawcha.example.org/fallback?k=the-key"' in plain
        assert 'referrerpolicy="origin"' in plain
        assert '<textarea name="pawcha-response"' in plain
        assert "/fallback?k=the-key&amp;hl=de" in html(lang="de")
        assert "noscript" not in html(noscript=False)

    def test_no_label_points_into_the_frame(self) -> None:
        assert "for=" not in form_with()["cats"].label_tag()
        assert "<label" not in html(noscript=False)

    @pytest.mark.parametrize("name", ["PAWCHA_URL", "PAWCHA_SITEKEY"])
    def test_a_missing_setting_is_named(self, settings: Settings, name: str) -> None:
        setattr(settings, name, "")
        with pytest.raises(ImproperlyConfigured, match=f"{name} is not set. Put the"):
            html()


class TestCheck:
    def test_it_lets_people_through_who_picked_the_cats(self, wire: Wire) -> None:
        wire.answer = says({"success": True, "hostname": "shop.example.org"})
        form = form_with(SENT)
        assert form.is_valid()
        assert form.cleaned_data["cats"] == Verdict(success=True, hostname="shop.example.org")
        (sent,) = wire.forms
        assert (sent["secret"], sent["response"]) == ("the-secret", "a-token")

    @pytest.mark.parametrize("token", [None, "", "  "])
    def test_it_asks_for_the_cats_first(self, wire: Wire, token: str | None) -> None:
        data = {"email": "ada@example.org"} | ({} if token is None else {"pawcha-response": token})
        form = form_with(data)
        assert form.errors == {"cats": ["Please pick the cats first."]}
        assert form.has_error("cats", "required")
        assert wire.requests == []

    @pytest.mark.parametrize(
        ("said", "code", "sentence"),
        [
            ("expired-input-response", "expired", "That was a while ago."),
            ("already-seen-response", "expired", "That was a while ago."),
            ("timeout-or-duplicate", "expired", "That was a while ago."),
            ("invalid-input-response", "refused", "That did not work."),
            ("invalid-input-secret", "refused", "That did not work."),
            ("internal-error", "unavailable", "We could not check your cats just now."),
        ],
    )
    def test_it_says_no_in_plain_words(
        self, wire: Wire, said: str, code: str, sentence: str
    ) -> None:
        wire.answer = refuses(said)
        form = form_with(SENT)
        assert form.has_error("cats", code)
        assert str(form.errors["cats"][0]).startswith(sentence)

    def test_an_outage_is_no_refusal(self, wire: Wire) -> None:
        wire.answer = breaks(httpx.ConnectError)
        form = form_with(SENT)
        assert form.has_error("cats", "unavailable")

    def test_on_an_outage_it_can_let_people_through(
        self, wire: Wire, caplog: pytest.LogCaptureFixture
    ) -> None:
        wire.answer = breaks(httpx.ConnectError)
        form = form_with(SENT, fail_open=True)
        assert form.is_valid()
        assert form.cleaned_data["cats"].outage
        assert "let through unchecked" in caplog.text

    def test_on_a_refusal_it_never_does(self, wire: Wire) -> None:
        wire.answer = refuses("invalid-input-response")
        assert not form_with(SENT, fail_open=True).is_valid()

    @pytest.mark.parametrize(
        ("charset", "token"), [("utf-7", b"+2AA-"), ("unicode_escape", rb"\ud800")]
    )
    def test_a_visitor_cannot_make_an_outage(self, wire: Wire, charset: str, token: bytes) -> None:
        fields = {b"email": b"bot@example.org", b"pawcha-response": token}
        parts = (
            b'--x\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % field
            for field in fields.items()
        )
        kind = f"multipart/form-data; boundary=x; charset={charset}"
        body = b"".join(parts) + b"--x--\r\n"
        sent = RequestFactory().generic("POST", "/", body, content_type=kind).POST
        assert form_with(sent, fail_open=True).has_error("cats", "refused")
        assert wire.requests == []

    def test_a_wrong_secret_is_told_to_us(
        self, wire: Wire, caplog: pytest.LogCaptureFixture
    ) -> None:
        wire.answer = refuses("invalid-input-secret")
        form_with(SENT).is_valid()
        assert "look at PAWCHA_SECRET" in caplog.text

    def test_a_mistake_above_it_costs_no_token(self, wire: Wire) -> None:
        form = form_with({**SENT, "email": "nonsense"})
        assert list(form.errors) == ["email"]
        assert wire.requests == []

    def test_forms_do_not_hear_of_each_other(self, wire: Wire) -> None:
        class SignUp(forms.Form):
            email = forms.EmailField()
            cats = PawchaField()

        assert not SignUp({**SENT, "email": "nonsense"}).is_valid()
        assert SignUp(SENT).is_valid()

    @pytest.mark.parametrize(
        ("options", "hostname", "action", "valid"),
        [
            ({"hostnames": ["shop.example.org"]}, "shop.example.org", "", True),
            ({"hostnames": ["shop.example.org"]}, "copy.example", "", False),
            ({"hostnames": ["shop.example.org"]}, "not-provided", "", False),
            ({"action": "signup"}, "", "signup", True),
            ({"action": "signup"}, "", "login", False),
            ({}, "anywhere.example", "anything", True),
        ],
    )
    def test_it_compares_the_host_and_the_action_when_asked(
        self, wire: Wire, options: dict[str, Any], hostname: str, action: str, valid: bool
    ) -> None:
        wire.answer = says({"success": True, "hostname": hostname, "action": action})
        assert form_with(SENT, **options).is_valid() is valid

    def test_one_host_is_a_list_too(self) -> None:
        with pytest.raises(TypeError, match=r"Write \['shop.example.org'\] instead"):
            PawchaField(hostnames="shop.example.org")

    def test_words_can_be_others(self, wire: Wire) -> None:
        form = form_with({"email": "a@b.example"}, error_messages={"required": "Cats?"})
        assert form.errors["cats"] == ["Cats?"]

    def test_the_server_may_reach_it_elsewhere(self, wire: Wire, settings: Settings) -> None:
        settings.PAWCHA_INTERNAL_URL = "http://pawcha:8000/"
        form = form_with(SENT)
        assert form.is_valid()
        assert str(wire.requests[0].url) == "http://pawcha:8000/siteverify"
        assert "https://pawcha.example.org/pawcha/api.js" in str(form["cats"])

    def test_it_may_be_at_the_pages_own_address(self, wire: Wire) -> None:
        form = form_with(SENT, url="/", internal_url="http://127.0.0.1:8000")
        assert form.is_valid()
        assert str(wire.requests[0].url) == "http://127.0.0.1:8000/siteverify"
        assert '<script src="/pawcha/api.js" async>' in str(form["cats"])

    @pytest.mark.parametrize("url", ["/", "//pawcha.example.org", "https://", "pawcha"])
    def test_an_address_that_nobody_can_ask_is_no_outage(self, wire: Wire, url: str) -> None:
        form = form_with(SENT, url=url, fail_open=True)
        with pytest.raises(ImproperlyConfigured, match="This server cannot ask Pawcha at"):
            form.is_valid()
        assert wire.requests == []

    def test_a_missing_secret_is_named(self, settings: Settings) -> None:
        settings.PAWCHA_SECRET = ""
        with pytest.raises(ImproperlyConfigured, match="PAWCHA_SECRET is not set"):
            form_with(SENT).is_valid()


class TestTesting:
    """PAWCHA_TESTING = True, in the settings of a site's own tests."""

    @pytest.fixture(autouse=True)
    def _testing(self, settings: Settings) -> None:
        settings.PAWCHA_TESTING = True

    def test_the_public_test_token_is_let_through_without_a_pawcha(self, wire: Wire) -> None:
        form = form_with({**SENT, "pawcha-response": testing.TOKEN}, action="signup")
        assert form.is_valid()
        assert wire.requests == []

    @pytest.mark.parametrize(("debug", "warned"), [(False, True), (True, False)])
    def test_where_it_is_no_test_each_token_is_a_warning(
        self, settings: Settings, not_a_test: None, caplog: pytest.LogCaptureFixture,
        *, debug: bool, warned: bool,
    ) -> None:  # fmt: skip
        settings.DEBUG = debug
        form_with({**SENT, "pawcha-response": testing.TOKEN}).is_valid()
        assert ("PAWCHA_TESTING is on" in caplog.text) is warned

    def test_in_a_test_it_is_none(self, caplog: pytest.LogCaptureFixture) -> None:
        form_with(SENT).is_valid()
        assert caplog.text == ""

    def test_any_other_token_is_refused(self) -> None:
        assert form_with(SENT).has_error("cats", "refused")

    def test_no_token_is_refused(self) -> None:
        assert form_with({"email": "ada@example.org"}).has_error("cats", "required")

    @pytest.mark.parametrize(
        ("secret", "code"),
        [(testing.FAILING_SECRET, "refused"), (testing.SPENT_SECRET, "expired")],
    )
    def test_other_test_secrets_refuse(self, settings: Settings, secret: str, code: str) -> None:
        settings.PAWCHA_SECRET = secret
        assert form_with({**SENT, "pawcha-response": testing.TOKEN}).has_error("cats", code)

    def test_the_widget_shows_the_test_key(self) -> None:
        assert f'data-sitekey="{testing.SITEKEY}"' in html()

    def test_no_settings_are_needed(self, settings: Settings) -> None:
        for name in ("URL", "SITEKEY", "SECRET"):
            delattr(settings, f"PAWCHA_{name}")
        assert form_with({**SENT, "pawcha-response": testing.TOKEN}).is_valid()
        assert testing.SITEKEY in html()

    @pytest.mark.parametrize("value", ["yes", 1, "False"])
    def test_only_true_switches_it_on(self, settings: Settings, wire: Wire, value: Any) -> None:
        settings.PAWCHA_TESTING = value
        wire.answer = refuses("invalid-input-response")
        assert not form_with({**SENT, "pawcha-response": testing.TOKEN}).is_valid()
        assert len(wire.requests) == 1
