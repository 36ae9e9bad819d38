"""The public test keys, and what a Pawcha says about them, so that tests need none. Pure."""

from __future__ import annotations

from typing import Final

from challenges.integration.client import Verdict

URL: Final = "http://127.0.0.1:8000"
SITEKEY: Final = "pawcha-test-pass"
PASSING_SECRET: Final = "pawcha-test-secret-pass"  # noqa: S105 (public)
FAILING_SECRET: Final = "pawcha-test-secret-fail"  # noqa: S105 (public)
SPENT_SECRET: Final = "pawcha-test-secret-spent"  # noqa: S105 (public)
SECRETS: Final = frozenset({PASSING_SECRET, FAILING_SECRET, SPENT_SECRET})
HOSTNAME: Final = "test-key.invalid"
# What the widget of the test site key puts into the form: post it in your tests.
TOKEN: Final = "PAWCHA.DUMMY.TOKEN.".ljust(118, "X")


def judge(token: str, secret: str) -> Verdict:
    """Return what a Pawcha with test keys says about the token for one of its test secrets."""
    if token != TOKEN:
        return Verdict(success=False, errors=("not-using-dummy-passcode",))
    if secret == SPENT_SECRET:
        return Verdict(success=False, errors=("already-seen-response",))
    if secret == FAILING_SECRET:
        return Verdict(success=False, errors=("invalid-input-response",))
    return Verdict(success=True, hostname=HOSTNAME)
