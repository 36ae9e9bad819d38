"""A host site that uses django-recaptcha 4.1.0 as it comes from PyPI: v2, v2 invisible and v3."""

from __future__ import annotations

from urllib.parse import urlsplit

from tests.e2e.clients import host


def main() -> None:
    """Serve them."""
    host.configure(
        "django_recaptcha",
        RECAPTCHA_DOMAIN=urlsplit(host.PAWCHA).netloc,
        RECAPTCHA_PUBLIC_KEY=host.SITEKEY,
        RECAPTCHA_PRIVATE_KEY=host.SECRET,
    )
    from django_recaptcha.fields import ReCaptchaField  # type: ignore[import-untyped]
    from django_recaptcha.widgets import (  # type: ignore[import-untyped]
        ReCaptchaV2Invisible,
        ReCaptchaV3,
    )

    class Checkbox(host.SignUp):
        captcha = ReCaptchaField()

    class Invisible(host.SignUp):
        captcha = ReCaptchaField(widget=ReCaptchaV2Invisible)

    class Score(host.SignUp):
        captcha = ReCaptchaField(widget=ReCaptchaV3(action="signup", required_score=0.9))

    host.serve({"": Checkbox, "invisible": Invisible, "v3": Score})


if __name__ == "__main__":
    main()
