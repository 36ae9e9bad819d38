"""A serializer field for Django REST framework that takes a token and redeems it.

class SignUp(serializers.Serializer):
    email = serializers.EmailField()
    pawcha = PawchaTokenField()
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.fields import SkipField, empty

from challenges.integration import guard
from challenges.integration.client import PATIENCE, Verdict
from challenges.integration.conf import Service
from challenges.integration.guard import Guard, RefusedError


class PawchaTokenField(serializers.CharField):
    """Takes the token, and redeems it once all other fields are right.

    It leaves nothing in `validated_data`; what Pawcha said is in the field's `verdict`. A partial
    update needs the token, too. The arguments are explained at Guard.
    """

    default_error_messages = {**guard.MESSAGES, "blank": guard.MESSAGES["required"]}

    def __init__(
        self,
        *,
        url: str = "",
        internal_url: str = "",
        sitekey: str = "",
        secret: str = "",
        action: str = "",
        hostnames: Collection[str] = (),
        fail_open: bool = False,
        timeout: float = PATIENCE,
        **field: Any,
    ) -> None:
        self.guard = Guard(
            Service(url, internal_url, sitekey, secret), hostnames, action, fail_open, timeout
        )
        # What Pawcha said last; None when it was not asked.
        self.verdict: Verdict | None = None
        self._token = ""
        super().__init__(**{**field, "write_only": True})

    def bind(self, field_name: str, parent: Any) -> None:
        """Have the serializer redeem the token after its fields, before its own `validate`."""
        super().bind(field_name, parent)
        if isinstance(parent, serializers.Serializer):
            parent.validators = [*parent.validators, self._redeem]

    def run_validation(self, data: Any = empty) -> Any:
        """Keep the token for later. Raises ValidationError where there is none."""
        self.verdict = None
        if data is empty or data is None:
            self.fail("required")
        self._token = super().run_validation(data)
        raise SkipField

    def _redeem(self, values: Any) -> None:
        try:
            self.verdict = self.guard.check(self._token)
        except RefusedError as refused:
            self.verdict = refused.verdict
            words = self.error_messages[refused.code]
            raise ValidationError({str(self.field_name): [str(words)]}, code=refused.code) from None
