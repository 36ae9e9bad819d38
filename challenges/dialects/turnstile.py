"""The words of Cloudflare Turnstile.

Source: developers.cloudflare.com/turnstile/get-started/server-side-validation.
"""

from __future__ import annotations

from typing import Final

from challenges.dialects.speech import Codes, Reply, moment, refusal, tested
from challenges.verdicts import Reason, Refused, Solved, Verdict

CODES: Final[Codes] = {
    Reason.SECRET_MISSING: ("missing-input-secret",),
    Reason.RESPONSE_MISSING: ("missing-input-response",),
    Reason.SECRET_UNKNOWN: ("invalid-input-secret",),
    Reason.RESPONSE_UNKNOWN: ("invalid-input-response",),
    Reason.EXPIRED: ("timeout-or-duplicate",),
    Reason.REDEEMED: ("timeout-or-duplicate",),
    # Turnstile takes no `sitekey`, so it has no word for one that does not fit the secret.
    Reason.OTHER_SITEKEY: ("invalid-input-secret",),
    Reason.TEST_WITH_REAL: ("invalid-input-response",),
    Reason.UNREADABLE: ("bad-request",),
    # Turnstile's clients know it, and that another try may help.
    Reason.CANNOT_KNOW: ("internal-error",),
}


def reply(verdict: Verdict) -> Reply:
    """Return what Turnstile would say. The time is that of the answer, as there.

    `metadata.interactive` is always true: here nobody passes without picking cats.
    `test` is our own word, beside Turnstile's `metadata.result_with_testing_key`.
    """
    if isinstance(verdict, Refused):
        return refusal(verdict, CODES)
    return {
        "success": True,
        "challenge_ts": moment(verdict.solved_at),
        "hostname": verdict.hostname,
        "error-codes": [],
        "action": verdict.action,
        "cdata": verdict.cdata,
        "metadata": {"interactive": True, **_testing(verdict)},
        **tested(verdict),
    }


def _testing(solved: Solved) -> Reply:
    """Return Turnstile's own mark of a test; its documentation leaves it out, but it is sent."""
    return {"result_with_testing_key": True} if solved.test else {}
