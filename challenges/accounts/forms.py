"""The form with which people sign in, in plain words."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm as AllauthLoginForm


class LoginForm(AllauthLoginForm):  # type: ignore[misc]
    """Name or e-mail address, and password."""

    def __init__(self, *args: Any, **options: Any) -> None:
        """Say in the labels what is asked for."""
        super().__init__(*args, **options)
        login, password = self.fields["login"], self.fields["password"]
        login.label = "Name or e-mail address"
        login.widget.attrs.update(autocomplete="username", autofocus=True, autocapitalize="none")
        password.help_text = ""
        self.fields["remember"].label = "Stay signed in on this computer for a week"
        for field in (login, password):
            field.widget.attrs.pop("placeholder", None)
