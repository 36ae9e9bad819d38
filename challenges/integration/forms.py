"""A form field that lets people through who picked the cats.

class SignUp(forms.Form):
    email = forms.EmailField()
    cats = PawchaField()  # last: a mistake in a field above it then costs no token
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms import BaseForm, BoundField

from challenges.integration import guard
from challenges.integration.client import PATIENCE, Verdict
from challenges.integration.conf import Service
from challenges.integration.guard import Guard, RefusedError
from challenges.integration.widget import PawchaWidget, Place


class PawchaField(forms.Field):
    """Shows the widget, and redeems its token on the server when the form is validated.

    The cleaned value is the Verdict. `url`, `sitekey` and `secret` default to the settings
    PAWCHA_URL, PAWCHA_SITEKEY and PAWCHA_SECRET; `internal_url`, where this server reaches Pawcha,
    to PAWCHA_INTERNAL_URL or `url`. `mode`, `theme`, `size`, `lang` and `action` are
    the widget's options; `hostnames`, `action` and `fail_open` are explained at Guard.
    """

    widget = PawchaWidget
    default_error_messages = {**guard.MESSAGES}

    def __init__(
        self,
        *,
        url: str = "",
        internal_url: str = "",
        sitekey: str = "",
        secret: str = "",
        mode: str = "",
        theme: str = "",
        size: str = "",
        lang: str = "",
        action: str = "",
        hostnames: Collection[str] = (),
        fail_open: bool = False,
        timeout: float = PATIENCE,
        script: Place = "here",
        noscript: bool = True,
        nonce: object = "",
        attrs: dict[str, Any] | None = None,
        **field: Any,
    ) -> None:
        service = Service(url, internal_url, sitekey, secret)
        self.guard = Guard(service, hostnames, action, fail_open, timeout)
        # What Pawcha said last; None when it was not asked.
        self.verdict: Verdict | None = None
        self._form: BaseForm | None = None
        options = {"mode": mode, "theme": theme, "size": size, "lang": lang, "action": action}
        shown = PawchaWidget(
            attrs, service=service, options=options, script=script, noscript=noscript, nonce=nonce
        )
        super().__init__(**{"widget": shown, "label": "", **field})

    def get_bound_field(self, form: BaseForm, field_name: str) -> BoundField:
        """Remember the form: its other fields decide whether the token is spent."""
        self._form = form
        return super().get_bound_field(form, field_name)

    def clean(self, value: Any) -> Verdict | None:
        """Return the verdict. Raises ValidationError in words for the visitor.

        Where the form has mistakes already, nobody is asked, so that the token stays good.
        """
        token = value.strip() if isinstance(value, str) else ""
        self.verdict = None
        if not token:
            if not self.required:
                return None
            raise ValidationError(self.error_messages["required"], code="required")
        if self._form is not None and self._form.errors:
            return None
        try:
            self.verdict = self.guard.check(token)
        except RefusedError as refused:
            self.verdict = refused.verdict
            raise ValidationError(self.error_messages[refused.code], code=refused.code) from None
        return self.verdict
