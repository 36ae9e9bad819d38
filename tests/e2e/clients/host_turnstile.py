"""A host site that uses django-turnstile 0.1.3 as it comes from PyPI."""

from __future__ import annotations

from tests.e2e.clients import host


def main() -> None:
    """Serve it."""
    host.configure(
        "turnstile",
        TURNSTILE_JS_API_URL=f"{host.PAWCHA}/turnstile/v0/api.js",
        TURNSTILE_VERIFY_URL=f"{host.PAWCHA}/turnstile/v0/siteverify",
        TURNSTILE_SITEKEY=host.SITEKEY,
        TURNSTILE_SECRET=host.SECRET,
    )
    from turnstile.fields import TurnstileField  # type: ignore[import-untyped]

    class SignUp(host.SignUp):
        captcha = TurnstileField()

    host.serve({"": SignUp})


if __name__ == "__main__":
    main()
