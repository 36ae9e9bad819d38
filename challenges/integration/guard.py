"""The decision about a token, in one place for forms and serializers."""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

from challenges.integration import conf, testing
from challenges.integration.client import PATIENCE, Verdict, verify
from challenges.integration.conf import Service

logger = logging.getLogger(__name__)

# The widget's form field.
FIELD: Final = "pawcha-response"
MESSAGES: Final = {
    "required": _("Please pick the cats first."),
    "expired": _("That was a while ago. Please pick the cats once more."),
    "refused": _("That did not work. Please pick the cats once more."),
    "unavailable": _("We could not check your cats just now. Please try again in a moment."),
}
_TOO_LATE: Final = frozenset(
    {"expired-input-response", "already-seen-response", "timeout-or-duplicate"}
)
# Ours to repair, not the visitor's.
_OUR_FAULT: Final = frozenset({"missing-input-secret", "invalid-input-secret"})


class RefusedError(Exception):
    """The token is not good enough. `code` is a key of MESSAGES."""

    def __init__(self, code: str, verdict: Verdict) -> None:
        super().__init__(code)
        self.code = code
        self.verdict = verdict


@dataclass(frozen=True, slots=True)
class Guard:
    """Which tokens are let through.

    `hostnames`: where the widget may have been shown; empty: wherever the site key is valid.
    `action`: what the visitor was about to do; empty: anything. Both are what the visitor's browser
    said: they catch a widget that was copied into another page, not a program that lies.
    `fail_open`: let everybody through while Pawcha cannot be asked.
    """

    service: Service
    hostnames: Collection[str] = ()
    action: str = ""
    fail_open: bool = False
    timeout: float = PATIENCE

    def __post_init__(self) -> None:
        """Raise TypeError for one name instead of a list: parts of it would count as hosts."""
        if isinstance(self.hostnames, str):
            raise TypeError(f"hostnames is {self.hostnames!r}. Write [{self.hostnames!r}] instead.")

    def check(self, token: str) -> Verdict:
        """Redeem the token and return the verdict. Raises RefusedError with the code of a message.

        With `fail_open` the verdict may be an outage: look at its `success`.
        """
        verdict = self._ask(token)
        if verdict.outage:
            if not self.fail_open:
                raise RefusedError("unavailable", verdict)
            logger.warning("A visitor was let through unchecked: Pawcha cannot be asked.")
            return verdict
        if not verdict.success:
            if _OUR_FAULT.intersection(verdict.errors):
                logger.error("Pawcha does not know our secret: look at PAWCHA_SECRET.")
            late = _TOO_LATE.intersection(verdict.errors)
            raise RefusedError("expired" if late else "refused", verdict)
        self._compare(verdict)
        return verdict

    def _ask(self, token: str) -> Verdict:
        secret = self.service.secret
        if conf.is_testing():
            if conf.is_exposed():
                logger.warning("PAWCHA_TESTING is on: who knows the public test token gets in.")
            return testing.judge(token, secret)
        return verify(token, secret, self.service.internal_url, timeout=self.timeout)

    def _compare(self, verdict: Verdict) -> None:
        # Test keys carry neither.
        if self.service.secret in testing.SECRETS:
            return
        if self.hostnames and verdict.hostname not in self.hostnames:
            raise RefusedError("refused", verdict)
        if self.action and verdict.action != self.action:
            raise RefusedError("refused", verdict)
