"""The shapes that the API takes and gives. They grow by addition only."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ChallengeRequest(serializers.Serializer[Any]):
    """What a client sends to get a challenge."""

    sitekey = serializers.CharField(max_length=64, help_text="The site's public key.")
    host = serializers.CharField(
        max_length=300,
        required=False,
        allow_blank=True,
        default="",
        help_text="The origin of the page that shows the challenge, such as https://example.org.",
    )
    lang = serializers.CharField(
        max_length=35, required=False, allow_blank=True, default="", help_text="BCP 47 tag."
    )
    dialect = serializers.CharField(
        max_length=20, required=False, allow_blank=True, default="", help_text="Client's protocol."
    )
    action = serializers.CharField(
        max_length=100,
        required=False,
        allow_blank=True,
        default="",
        help_text="Comes back at siteverify.",
    )
    cdata = serializers.CharField(
        max_length=255,
        required=False,
        allow_blank=True,
        default="",
        help_text="Comes back at siteverify.",
    )
    session = serializers.CharField(
        max_length=2048,
        required=False,
        allow_blank=True,
        default="",
        help_text="The `session` of an earlier challenge of this visitor. What was solved with it "
        "counts. Keep it in memory only; one that we did not give counts as none.",
    )


class ChallengeReply(serializers.Serializer[Any]):
    """A challenge to solve."""

    id = serializers.CharField(help_text="Unguessable; lives as long as the challenge.")
    prompt = serializers.CharField(help_text="What to pick.")
    columns = serializers.IntegerField(help_text="Pictures in a row.")
    count = serializers.IntegerField(help_text="Pictures in all.")
    rounds = serializers.IntegerField(
        help_text="How many rounds the pictures make, one after another. They are answered "
        "together, in one answer; each has a cat and a dog at least."
    )
    per_round = serializers.IntegerField(help_text="Pictures in each round.")
    expires_at = serializers.DateTimeField(help_text="An answer must have arrived by then.")
    pictures = serializers.URLField(help_text="Where all the pictures are.")
    session = serializers.CharField(
        help_text="The visitor's handle: send it when you ask for the next challenge. It is good "
        "for an hour after its last use."
    )
    test = serializers.BooleanField(
        required=False,
        help_text="There, and true, only for a public test key and for a site in test mode: it "
        "proves nothing.",
    )


class AnswerRequest(serializers.Serializer[Any]):
    """The picked pictures."""

    picks = serializers.ListField(
        child=serializers.IntegerField(min_value=0),
        help_text="Numbers of the picked pictures, from 0.",
    )


class ExtendReply(serializers.Serializer[Any]):
    """The challenge has more time."""

    expires_at = serializers.DateTimeField(help_text="An answer must have arrived by then.")


class ReportRequest(serializers.Serializer[Any]):
    """A picture that should not be shown."""

    picture = serializers.IntegerField(min_value=0, help_text="Number of the picture, from 0.")


class AdoptionReply(serializers.Serializer[Any]):
    """A pet that looks for a home."""

    picture = serializers.IntegerField(help_text="Number of its picture, from 0.")
    name = serializers.CharField()
    shelter = serializers.CharField(help_text="Where it lives now.")
    url = serializers.URLField(help_text="Its page there: https.")


class AnswerReply(serializers.Serializer[Any]):
    """Exactly one of `token` and `next`; errors come as ErrorReply."""

    token = serializers.CharField(required=False, help_text="100 to 2,048 URL-safe characters.")
    expires_at = serializers.DateTimeField(
        required=False, help_text="The token must be verified by then."
    )
    adopt = AdoptionReply(
        many=True, required=False, help_text="With a token: pets of its pictures to adopt."
    )
    next = ChallengeReply(
        required=False,
        help_text="The picks were right, and one more challenge has to be solved: there were too "
        "many unsolved ones on this network.",
    )


class ErrorReply(serializers.Serializer[Any]):
    """Any error."""

    error = serializers.CharField(help_text="A stable code.")
    message = serializers.CharField(help_text="One plain sentence.")


class SiteverifyRequest(serializers.Serializer[Any]):
    """What a host's server sends."""

    secret = serializers.CharField(help_text="The site's secret.")
    response = serializers.CharField(help_text="The token from the form.")
    remoteip = serializers.CharField(required=False, help_text="Ignored.")
    sitekey = serializers.CharField(required=False, help_text="If given, it must be the site's.")
    idempotency_key = serializers.UUIDField(
        required=False,
        help_text="With the same one the same token may be verified again while it lives, with "
        "the same answer. What is no UUID is ignored.",
    )


HOSTNAME = (
    "The host that the widget saw, or not-provided; test-key.invalid for a dummy token. It proves "
    "nothing against a bot: a bot sends what it likes."
)


class VerdictReply(serializers.Serializer[Any]):
    """What all dialects tell a host's server. With HTTP 200, or 429 for unknown secrets only."""

    success = serializers.BooleanField()
    challenge_ts = serializers.DateTimeField(
        required=False, help_text="When the challenge was handed out, ISO 8601 with offset."
    )
    hostname = serializers.CharField(required=False, help_text=HOSTNAME)
    action = serializers.CharField(required=False, help_text="As the widget was told.")
    test = serializers.BooleanField(
        required=False,
        help_text="There, and true, only for a test key and for a site in test mode: whoever "
        "solved it saw public pictures. Refuse it where that matters.",
    )

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add the field whose name is no Python name."""
        codes = serializers.ListField(
            child=serializers.CharField(), required=False, help_text="Why it was refused."
        )
        return {**super().get_fields(), "error-codes": codes}


class SiteverifyReply(VerdictReply):
    """The reply in our own words and hCaptcha's. `error-codes` is empty on success."""

    cdata = serializers.CharField(required=False, help_text="As the widget was told.")
    credit = serializers.BooleanField(
        required=False, help_text="Always false: out of use, but hCaptcha's clients expect it."
    )


class RecaptchaReply(VerdictReply):
    """The reply in reCAPTCHA's words. `error-codes` is there only where it was refused."""

    score = serializers.FloatField(
        required=False,
        min_value=1.0,
        max_value=1.0,
        help_text="Always 1.0 on success. Pawcha knows yes or no, so this is no judgement: it is "
        "the top of the scale, whatever least score a site demands.",
    )


class InteractiveReply(serializers.Serializer[Any]):
    """What Turnstile tells beside the verdict."""

    interactive = serializers.BooleanField(help_text="Always true: nobody passes without picking.")
    result_with_testing_key = serializers.BooleanField(
        required=False, help_text="There, and true, where `test` is."
    )


class TurnstileReply(VerdictReply):
    """The reply in Turnstile's words. `error-codes` is empty on success."""

    challenge_ts = serializers.DateTimeField(
        required=False, help_text="When the challenge was solved, ISO 8601 with offset."
    )
    cdata = serializers.CharField(required=False, help_text="As the widget was told.")
    metadata = InteractiveReply(required=False)


class SiteConfigRequest(serializers.Serializer[Any]):
    """What hCaptcha's WordPress plugin asks at set-up, in the query."""

    sitekey = serializers.CharField(help_text="The site's public key.")
    host = serializers.CharField(help_text="Where the widget is to be shown, such as example.org.")


class FeaturesReply(serializers.Serializer[Any]):
    """What the site's owner would like of an integration."""

    fail_open = serializers.BooleanField(
        help_text="Let visitors pass while Pawcha cannot be reached. It is a wish, no more."
    )


class SiteConfigReply(serializers.Serializer[Any]):
    """Whether the widget would work there."""

    error = serializers.CharField(required=False, help_text="Why not, in one sentence.")
    features = FeaturesReply(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add the field whose name is no Python name."""
        return {"pass": serializers.BooleanField(), **super().get_fields()}


class HealthReply(serializers.Serializer[Any]):
    """The state of the service."""

    status = serializers.CharField(help_text="ok or failed")
