"""The words of reCAPTCHA v2 and v3. Source: developers.google.com/recaptcha/docs/verify."""

from __future__ import annotations

from typing import Final

from challenges.dialects.speech import Codes, Reply, moment, refusal, tested
from challenges.verdicts import Reason, Refused, Verdict

# Pawcha knows yes or no, so a solved challenge always has this score. It is the top of
# reCAPTCHA's scale, not a judgement such as 0.9: whatever least score a site demands, who
# picked the cats gets in, and who did not has no token to show.
SCORE: Final = 1.0
CODES: Final[Codes] = {
    Reason.SECRET_MISSING: ("missing-input-secret",),
    Reason.RESPONSE_MISSING: ("missing-input-response",),
    Reason.SECRET_UNKNOWN: ("invalid-input-secret",),
    Reason.RESPONSE_UNKNOWN: ("invalid-input-response",),
    Reason.EXPIRED: ("timeout-or-duplicate",),
    Reason.REDEEMED: ("timeout-or-duplicate",),
    # reCAPTCHA takes no `sitekey`, so it has no word for one that does not fit the secret.
    Reason.OTHER_SITEKEY: ("invalid-input-secret",),
    Reason.TEST_WITH_REAL: ("invalid-input-response",),
    Reason.UNREADABLE: ("bad-request",),
    # Clients let the visitor try again after the first; the second is for who reads their logs.
    Reason.CANNOT_KNOW: ("timeout-or-duplicate", "internal-error"),
}


def reply(verdict: Verdict) -> Reply:
    """Return what reCAPTCHA would say. The time is that of the issue, as there.

    `score` and `action` are there for clients of v3, which read both; those of v2 know neither.
    `test` is our own word: reCAPTCHA has none for it.
    """
    if isinstance(verdict, Refused):
        return refusal(verdict, CODES)
    return {
        "success": True,
        "challenge_ts": moment(verdict.handed_out_at),
        "hostname": verdict.hostname,
        "score": SCORE,
        "action": verdict.action,
        **tested(verdict),
    }
