"""What each vendor's clients are told about the same facts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from challenges.dialects import hcaptcha, recaptcha, turnstile
from challenges.dialects.speech import Dialect
from challenges.verdicts import Reason, Refused, Solved

ALL: tuple[Dialect, ...] = (hcaptcha, recaptcha, turnstile)
# The complete sets that the vendors document (protocols.md, 1.1).
CORE = {
    "missing-input-secret",
    "invalid-input-secret",
    "missing-input-response",
    "invalid-input-response",
    "bad-request",
}
VOCABULARY: dict[Dialect, set[str]] = {
    hcaptcha: CORE
    | {
        "expired-input-response",
        "already-seen-response",
        "sitekey-secret-mismatch",
        "not-using-dummy-passcode",
    },
    recaptcha: CORE | {"timeout-or-duplicate"},
    turnstile: CORE | {"timeout-or-duplicate", "internal-error"},
}
# In which each vendor's clients let the visitor try again.
RETRYABLE: dict[Dialect, str] = {
    hcaptcha: "expired-input-response",
    recaptcha: "timeout-or-duplicate",
    turnstile: "internal-error",
}
SOLVED = Solved(
    handed_out_at=datetime(2026, 11, 21, 15, 0, 0, 123456, tzinfo=UTC),
    solved_at=datetime(2026, 11, 21, 15, 0, 42, tzinfo=UTC),
    hostname="shop.example.org",
    action="login",
    cdata="order-7",
)


@pytest.mark.parametrize(
    ("reason", "ours", "google", "cloudflare"),
    [
        (Reason.SECRET_MISSING, *["missing-input-secret"] * 3),
        (Reason.RESPONSE_MISSING, *["missing-input-response"] * 3),
        (Reason.SECRET_UNKNOWN, *["invalid-input-secret"] * 3),
        (Reason.RESPONSE_UNKNOWN, *["invalid-input-response"] * 3),
        (Reason.EXPIRED, "expired-input-response", *["timeout-or-duplicate"] * 2),
        (Reason.REDEEMED, "already-seen-response", *["timeout-or-duplicate"] * 2),
        (Reason.OTHER_SITEKEY, "sitekey-secret-mismatch", *["invalid-input-secret"] * 2),
        (Reason.TEST_WITH_REAL, "not-using-dummy-passcode", *["invalid-input-response"] * 2),
        (Reason.UNREADABLE, *["bad-request"] * 3),
    ],
)
def test_each_fact_has_its_word(reason: Reason, ours: str, google: str, cloudflare: str) -> None:
    for dialect, code in zip(ALL, (ours, google, cloudflare), strict=True):
        assert dialect.reply(Refused((reason,))) == {"success": False, "error-codes": [code]}


@pytest.mark.parametrize("dialect", ALL)
def test_a_dialect_has_a_word_of_its_vendor_for_every_fact(dialect: Dialect) -> None:
    for reason in set(Reason) - {Reason.CANNOT_KNOW}:
        codes = dialect.reply(Refused((reason,)))["error-codes"]
        assert codes
        assert set(codes) <= VOCABULARY[dialect]


@pytest.mark.parametrize("dialect", ALL)
def test_what_it_cannot_know_is_worth_another_try_and_stands_in_the_log(dialect: Dialect) -> None:
    codes = dialect.reply(Refused((Reason.CANNOT_KNOW,)))["error-codes"]
    assert codes[0] == RETRYABLE[dialect]
    assert codes[-1] == "internal-error"


@pytest.mark.parametrize("dialect", ALL)
def test_all_that_is_missing_is_named(dialect: Dialect) -> None:
    reasons = (Reason.SECRET_MISSING, Reason.RESPONSE_MISSING)
    codes = dialect.reply(Refused(reasons))["error-codes"]
    assert codes == ["missing-input-secret", "missing-input-response"]


def test_hcaptcha_tells_when_the_challenge_was_handed_out() -> None:
    assert hcaptcha.reply(SOLVED) == {
        "success": True,
        "challenge_ts": "2026-11-21T15:00:00+00:00",
        "hostname": "shop.example.org",
        "credit": False,
        "action": "login",
        "cdata": "order-7",
        "error-codes": [],
    }


def test_recaptcha_gives_every_solve_the_same_score_and_names_no_errors() -> None:
    assert recaptcha.reply(SOLVED) == {
        "success": True,
        "challenge_ts": "2026-11-21T15:00:00+00:00",
        "hostname": "shop.example.org",
        "score": 1.0,
        "action": "login",
    }


def test_turnstile_tells_when_it_was_solved_and_that_a_person_did_something() -> None:
    assert turnstile.reply(SOLVED) == {
        "success": True,
        "challenge_ts": "2026-11-21T15:00:42+00:00",
        "hostname": "shop.example.org",
        "error-codes": [],
        "action": "login",
        "cdata": "order-7",
        "metadata": {"interactive": True},
    }


@pytest.mark.parametrize("dialect", ALL)
def test_a_solve_that_proves_nothing_is_told_in_every_dialect(dialect: Dialect) -> None:
    usual, told = dialect.reply(SOLVED), dialect.reply(replace(SOLVED, test=True))
    assert "test" not in usual
    assert told["test"] is True
    assert told["success"] is True


@pytest.mark.parametrize("dialect", ALL)
def test_a_reply_is_json_with_success_in_it(dialect: Dialect) -> None:
    for verdict in (SOLVED, Refused((Reason.EXPIRED,), retry_after=3)):
        assert isinstance(json.loads(json.dumps(dialect.reply(verdict)))["success"], bool)
