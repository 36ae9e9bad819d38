"""A host site that uses django-hCaptcha 0.2.0 as it comes from PyPI."""

from __future__ import annotations

from tests.e2e.clients import host


def main() -> None:
    """Serve it."""
    host.configure(
        "hcaptcha",
        HCAPTCHA_JS_API_URL=f"{host.PAWCHA}/1/api.js",
        HCAPTCHA_VERIFY_URL=f"{host.PAWCHA}/siteverify",
        HCAPTCHA_SITEKEY=host.SITEKEY,
        HCAPTCHA_SECRET=host.SECRET,
    )
    from hcaptcha.fields import hCaptchaField  # type: ignore[import-untyped]

    class SignUp(host.SignUp):
        captcha = hCaptchaField()

    class German(host.SignUp):
        captcha = hCaptchaField(hl="de", theme="dark", size="compact")

    host.serve({"": SignUp, "german": German})


if __name__ == "__main__":
    main()
