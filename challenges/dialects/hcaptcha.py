"""Pawcha's own words, which are hCaptcha's: they tell the most apart.

Source: docs.hcaptcha.com (siteverify) and the codes that its WordPress plugin 5.0.0 knows.
"""

from __future__ import annotations

from typing import Final

from challenges.dialects.speech import Codes, Reply, moment, refusal, tested
from challenges.verdicts import Reason, Refused, Verdict

CODES: Final[Codes] = {
    Reason.SECRET_MISSING: ("missing-input-secret",),
    Reason.RESPONSE_MISSING: ("missing-input-response",),
    Reason.SECRET_UNKNOWN: ("invalid-input-secret",),
    Reason.RESPONSE_UNKNOWN: ("invalid-input-response",),
    Reason.EXPIRED: ("expired-input-response",),
    Reason.REDEEMED: ("already-seen-response",),
    Reason.OTHER_SITEKEY: ("sitekey-secret-mismatch",),
    Reason.TEST_WITH_REAL: ("not-using-dummy-passcode",),
    Reason.UNREADABLE: ("bad-request",),
    # Clients let the visitor try again after the first; the second is for who reads their logs.
    Reason.CANNOT_KNOW: ("expired-input-response", "internal-error"),
}


def reply(verdict: Verdict) -> Reply:
    """Return what hCaptcha would say, and `action` and `cdata`. The time is that of the issue.

    `test` is there, and true, only for a test key and for a site in test mode: a host may refuse.

    `credit` is long out of use, but typed clients (Lemmy's) read no reply without it.
    """
    if isinstance(verdict, Refused):
        return refusal(verdict, CODES)
    return {
        "success": True,
        "challenge_ts": moment(verdict.handed_out_at),
        "hostname": verdict.hostname,
        "credit": False,
        "action": verdict.action,
        "cdata": verdict.cdata,
        "error-codes": [],
        **tested(verdict),
    }
