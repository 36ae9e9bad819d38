"""A site that only embeds Pawcha runs none of it."""

from __future__ import annotations

import subprocess
import sys

import pytest

START = """
import sys
from django.conf import settings
settings.configure(
    PAWCHA_URL="https://pawcha.example.org", PAWCHA_SITEKEY="k", PAWCHA_SECRET="s",
    INSTALLED_APPS={apps!r},
)
import django
django.setup()
"""
FORM = """
from django import forms
from challenges.integration.forms import PawchaField
class SignUp(forms.Form):
    cats = PawchaField()
print(SignUp().as_div())
"""
CHECK = """
from django.core.management import call_command
settings.PAWCHA_SECRET = ""
call_command("check")
"""
LOADED = """
print(sorted(name for name in sys.modules if name.startswith("challenges.")))
print({"redis", "celery", "psycopg", "PIL", "rest_framework"} & set(sys.modules))
"""


def run(*parts: str, apps: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run a tiny Django of its own."""
    code = "".join([START.format(apps=list(apps)), *parts])
    return subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )


def test_the_field_needs_no_app_and_loads_nothing_of_the_service() -> None:
    said = run(FORM, LOADED).stdout
    assert 'data-sitekey="k"' in said
    *_, ours, others = said.splitlines()
    names = ("client", "conf", "forms", "guard", "testing", "widget")
    modules = ["challenges.integration", *(f"challenges.integration.{name}" for name in names)]
    assert ours == str(modules)
    assert others == "set()"


@pytest.mark.parametrize("apps", [(), ("challenges.integration",)])
def test_the_checks_come_with_the_app(apps: tuple[str, ...]) -> None:
    said = run(CHECK, apps=apps).stderr
    assert ("(pawcha_integration.W003) PAWCHA_SECRET is not set." in said) is bool(apps)
