"""What a site's owner copies."""

from __future__ import annotations

import pytest

from challenges.snippets import hints, policy_header, snippets

URL = "https://pawcha.example.org"
KEY = "the-key"


def test_each_dialect_has_its_address_its_key_and_its_field() -> None:
    found = {one.key: one for one in snippets(URL, KEY)}
    assert list(found) == [
        "pawcha", "element", "hcaptcha", "recaptcha", "invisible", "v3", "turnstile", "django",
    ]  # fmt: skip
    fields = {"h": "h-captcha-response", "cf": "cf-turnstile-response", "g": "g-recaptcha-response"}
    for one in (found["hcaptcha"], found["turnstile"], found["recaptcha"]):
        prefix = next(name for name in fields if f'class="{name}-' in one.page)
        assert f'src="{URL}/' in one.page
        assert f'data-sitekey="{KEY}"' in one.page
        assert all(fields[prefix] in server.code for server in one.servers[:4])
    assert f"render={KEY}" in found["v3"].page
    assert f'<pawcha-widget sitekey="{KEY}">' in found["element"].page
    assert f"{URL}/recaptcha/api/siteverify" in found["v3"].server


def test_secrets_come_from_the_environment_and_never_into_a_page() -> None:
    for one in snippets(URL, KEY):
        assert "SECRET" not in one.page.upper()
        verifying = [server.code for server in one.servers if "siteverify" in server.code]
        assert all("PAWCHA_SECRET" in code for code in verifying)
        assert verifying or one.key == "django"


@pytest.mark.parametrize("fail_open", [True, False])
def test_a_site_that_fails_open_says_so_in_each_language(*, fail_open: bool) -> None:
    ours, *_, django = snippets(URL, KEY, fail_open=fail_open)
    codes = {server.name: server.code for server in ours.servers}
    word = "true" if fail_open else "false"
    assert f"WHEN_AWAY = {word.title()}  # Pawcha cannot be reached" in codes["Python"]
    assert f"WHEN_AWAY = {word}; // Pawcha cannot be reached" in codes["Node"]
    assert f"WHEN_AWAY = {word}; // Pawcha cannot be reached" in codes["PHP"]
    options = "fail_open=True" if fail_open else ""
    assert f"cats = PawchaField({options})" in django.server


def test_the_snippets_for_python_are_python() -> None:
    for one in snippets(URL, KEY, fail_open=True):
        for server in one.servers:
            if server.name in {"Python", "forms.py", "settings.py", "views.py", "Django library"}:
                compile(server.code, server.name, "exec")


def test_the_policy_names_our_address_twice() -> None:
    assert policy_header(URL) == (
        f"Content-Security-Policy: script-src 'self' {URL}; frame-src {URL}"
    )


@pytest.mark.parametrize(
    ("url", "hosts", "urgent", "calm"),
    [
        (URL, ["shop.example.org"], [], ["served over https"]),
        ("http://127.0.0.1:8000", ["localhost"], [], ["plain http is fine"]),
        ("http://127.0.0.1:8000", ["a.example"], ["only this machine can reach"], ["https"]),
        ("http://pawcha.example.org", ["localhost"], ["Production needs https"], ["plain http"]),
        (URL, ["*.a.example"], [], ["https", "neither for a.example nor a.b.a.example"]),
    ],
)
def test_hints_fit_the_hosts(
    url: str, hosts: list[str], urgent: list[str], calm: list[str]
) -> None:
    found = hints(url, hosts)
    for words, said in ((urgent, True), (calm, False)):
        texts = [hint.text for hint in found if hint.urgent is said]
        assert len(texts) == len(words)
        assert all(word in text for word, text in zip(words, texts, strict=True))
