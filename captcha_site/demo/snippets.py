"""What to write into one's own pages and server, for each way to speak with Pawcha."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class Snippet:
    """A way to embed Pawcha. `note` says which client it is for; `server` redeems a token."""

    name: str
    note: str
    page: str
    server: str


@dataclass(frozen=True)
class _Dialect:
    name: str
    note: str
    script: str
    css_class: str
    field: str
    verify: str


_DIALECTS: Final = (
    _Dialect(
        "Pawcha", "Our own widget.", "pawcha/api.js", "pawcha", "pawcha-response", "siteverify"
    ),
    _Dialect(
        "hCaptcha", "For a page or a client made for hCaptcha.",
        "1/api.js", "h-captcha", "h-captcha-response", "siteverify",
    ),
    _Dialect(
        "reCAPTCHA", "For a page or a client made for reCAPTCHA v2 or v3.",
        "recaptcha/api.js", "g-recaptcha", "g-recaptcha-response", "recaptcha/api/siteverify",
    ),
    _Dialect(
        "Turnstile", "For a page or a client made for Turnstile.",
        "turnstile/v0/api.js", "cf-turnstile", "cf-turnstile-response", "turnstile/v0/siteverify",
    ),
)  # fmt: skip
_DJANGO_SETTINGS: Final = """\
# settings.py
PAWCHA_URL = "{url}"
PAWCHA_SITEKEY = "{sitekey}"
PAWCHA_SECRET = os.environ["PAWCHA_SECRET"]"""
_DJANGO_FORM: Final = """\
# forms.py
from challenges.integration.forms import PawchaField

class SignUp(forms.Form):
    email = forms.EmailField()
    cats = PawchaField()"""


def snippets(url: str, sitekey: str) -> list[Snippet]:
    """Return all ways, for the Pawcha at `url` and this site key."""
    django = Snippet(
        "Django",
        "A form field that does both.",
        _DJANGO_SETTINGS.format(url=url, sitekey=sitekey),
        _DJANGO_FORM,
    )
    return [*(_of(dialect, url, sitekey) for dialect in _DIALECTS), django]


def _of(dialect: _Dialect, url: str, sitekey: str) -> Snippet:
    page = (
        f'<script src="{url}/{dialect.script}" async></script>\n'
        f'<div class="{dialect.css_class}" data-sitekey="{sitekey}"></div>'
    )
    server = (
        f"# the token is in the form field {dialect.field}\n"
        f"curl {url}/{dialect.verify} -d secret=$SECRET -d response=$TOKEN"
    )
    return Snippet(dialect.name, dialect.note, page, server)
