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
        help_text="A handle from an earlier answer. For later use.",
    )


class ChallengeReply(serializers.Serializer[Any]):
    """A challenge to solve."""

    id = serializers.CharField(help_text="Unguessable; lives as long as the challenge.")
    prompt = serializers.CharField(help_text="What to pick.")
    columns = serializers.IntegerField(help_text="Pictures in a row.")
    count = serializers.IntegerField(help_text="Pictures in all.")
    expires_at = serializers.DateTimeField(help_text="An answer must have arrived by then.")
    pictures = serializers.URLField(help_text="Where all the pictures are.")


class AnswerRequest(serializers.Serializer[Any]):
    """The picked pictures."""

    picks = serializers.ListField(
        child=serializers.IntegerField(min_value=0),
        help_text="Numbers of the picked pictures, from 0.",
    )


class AnswerReply(serializers.Serializer[Any]):
    """Exactly one of `token` and `next`; errors come as ErrorReply."""

    token = serializers.CharField(required=False, help_text="100 to 2,048 URL-safe characters.")
    expires_at = serializers.DateTimeField(
        required=False, help_text="The token must be verified by then."
    )
    next = ChallengeReply(required=False, help_text="One more challenge to solve.")


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


class SiteverifyReply(serializers.Serializer[Any]):
    """What a host's server learns. Always with HTTP 200."""

    success = serializers.BooleanField()
    challenge_ts = serializers.DateTimeField(
        required=False, help_text="When the challenge was handed out, ISO 8601 with offset."
    )
    hostname = serializers.CharField(
        required=False,
        help_text="The host that the widget saw, or not-provided. It proves nothing against a "
        "bot: a bot sends what it likes.",
    )
    action = serializers.CharField(required=False)
    cdata = serializers.CharField(required=False)

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add the field whose name is no Python name."""
        codes = serializers.ListField(child=serializers.CharField(), help_text="Empty on success.")
        return {**super().get_fields(), "error-codes": codes}


class HealthReply(serializers.Serializer[Any]):
    """The state of the service."""

    status = serializers.CharField(help_text="ok or failed")
