"""The demo's form: a shelter's newsletter, guarded by Pawcha."""

from __future__ import annotations

from django import forms
from django.conf import settings

from captcha_site.demo.keys import Keys
from challenges.integration.forms import PawchaField


class SignUp(forms.Form):
    """Who wants the newsletter."""

    name = forms.CharField(
        max_length=80,
        label="Your name",
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    email = forms.EmailField(
        max_length=254,
        label="Your e-mail",
        widget=forms.EmailInput(attrs={"autocomplete": "email", "placeholder": "you@example.org"}),
    )

    def __init__(self, keys: Keys, data: dict[str, str] | None = None) -> None:
        super().__init__(data)
        # A site with PAWCHA_URL, PAWCHA_SITEKEY and PAWCHA_SECRET in its settings writes
        # `cats = PawchaField()` above. This one has its keys from a file, and Pawcha beside it.
        self.cats = PawchaField(
            url="/", internal_url=settings.PUBLIC_URL,
            sitekey=keys.sitekey, secret=keys.secret, mode="inline",
        )  # fmt: skip
        self.fields["cats"] = self.cats
