"""Public test keys: ours, and those that clients of other CAPTCHAs are tested with. Pure.

They protect nothing: everybody knows them. Sources: developers.google.com/recaptcha/docs/faq,
docs.hcaptcha.com (integration testing), developers.cloudflare.com/turnstile (testing).
"""

from __future__ import annotations

import enum
from typing import Final


class Widget(enum.StrEnum):
    """What the widget does with a test site key."""

    PASSES = "pass"
    FAILS = "fail"
    CHALLENGE = "challenge"


class Verify(enum.StrEnum):
    """What siteverify says for a test secret and a dummy token."""

    PASSES = "pass"
    FAILS = "fail"
    SPENT = "spent"


SITEKEYS: Final = {
    "pawcha-test-pass": Widget.PASSES,
    "pawcha-test-fail": Widget.FAILS,
    "pawcha-test-challenge": Widget.CHALLENGE,
    "6LeIxAcTAAAAAJcZVRqyHh71UMIEGNQ_MXjiZKhI": Widget.PASSES,
    "10000000-ffff-ffff-ffff-000000000001": Widget.PASSES,
    "20000000-ffff-ffff-ffff-000000000002": Widget.PASSES,
    # hCaptcha's "bot detected": it knows scores, we know yes and no.
    "30000000-ffff-ffff-ffff-000000000003": Widget.FAILS,
    "1x00000000000000000000AA": Widget.PASSES,
    "1x00000000000000000000BB": Widget.PASSES,
    "2x00000000000000000000AB": Widget.FAILS,
    "2x00000000000000000000BB": Widget.FAILS,
    "3x00000000000000000000FF": Widget.CHALLENGE,
}
SECRETS: Final = {
    "pawcha-test-secret-pass": Verify.PASSES,
    "pawcha-test-secret-fail": Verify.FAILS,
    "pawcha-test-secret-spent": Verify.SPENT,
    "6LeIxAcTAAAAAGG-vFI1TnRWxMZNFuojJ4WifJWe": Verify.PASSES,
    "0x0000000000000000000000000000000000000000": Verify.PASSES,
    "1x0000000000000000000000000000000AA": Verify.PASSES,
    "2x0000000000000000000000000000000AA": Verify.FAILS,
    "3x0000000000000000000000000000000AA": Verify.SPENT,
}

# As long as clients want a token to be: 100 characters at least.
_OURS: Final = "PAWCHA.DUMMY.TOKEN.".ljust(118, "X")
_HCAPTCHA: Final = "10000000-aaaa-bbbb-cccc-000000000001"
_TURNSTILE: Final = "XXXX.DUMMY.TOKEN.XXXX"
TOKENS: Final = frozenset({_OURS, _HCAPTCHA, _TURNSTILE})


def dummy_token(sitekey: str) -> str:
    """Return the public token that a test site key's widget gives."""
    if sitekey[1:].startswith("0000000-ffff-"):
        return _HCAPTCHA
    if sitekey[1:2] == "x":
        return _TURNSTILE
    return _OURS
