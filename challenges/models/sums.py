"""Sums of outcomes by hour and day: what is left when the outcomes themselves are gone."""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models

from challenges.models.sites import Site

# Upper ends of the bins of solving times, in seconds; one more bin is for what took longer.
SOLVE_BINS: Final = tuple(round(1.1**step, 2) for step in range(1, 62))


class Span(models.TextChoices):
    """How much time one row is about."""

    HOUR = "hour", "Hour"
    DAY = "day", "Day"


class Sum(models.Model):
    """What became of the challenges that one site issued in one hour or one day (UTC).

    issued = passed + failed + more + abandoned + expired + lost + open; open is 0 once an hour is
    closed.
    """

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="sums")
    span = models.CharField(max_length=4, choices=Span.choices)
    start = models.DateTimeField()
    issued = models.PositiveIntegerField(default=0)
    passed = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)
    abandoned = models.PositiveIntegerField(default=0)
    expired = models.PositiveIntegerField(default=0)
    lost = models.PositiveIntegerField(default=0)
    more = models.PositiveIntegerField(default=0, help_text="Right, but one more was asked for.")
    verified = models.PositiveIntegerField(default=0, help_text="Tokens that were redeemed.")
    visits = models.PositiveIntegerField(
        default=0, help_text="Runs of answers from one network, at most ten minutes apart."
    )
    first_try = models.PositiveIntegerField(default=0, help_text="Of these: passed at once.")
    within_three = models.PositiveIntegerField(default=0, help_text="Of these: by the third try.")
    solve_times = ArrayField(
        models.PositiveIntegerField(), help_text="Passes by time to solve, a number for each bin."
    )
    languages = models.JSONField(default=dict, help_text="Issued, by language.")
    dialects = models.JSONField(default=dict, help_text="Issued, by dialect.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "span", "start"], name="one_sum_per_span")
        ]
        indexes = [models.Index(fields=["span", "start"], name="sum_time")]

    def __str__(self) -> str:
        return f"{self.site}: {self.span} from {self.start:%Y-%m-%d %H:%M}"


class Refusal(models.Model):
    """How often one thing was refused in one hour or day (UTC): a stable code of the API, or of
    siteverify. Counted in Redis first, so a loss of Redis loses the last minute.
    """

    class Door(models.TextChoices):
        """Where it was refused."""

        ISSUE = "issue", "Asking for a challenge"
        ANSWER = "answer", "Answering"
        VERIFY = "verify", "Verifying"

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="refusals")
    span = models.CharField(max_length=4, choices=Span.choices)
    start = models.DateTimeField()
    door = models.CharField(max_length=6, choices=Door.choices)
    code = models.CharField(max_length=40)
    number = models.PositiveIntegerField(default=0)
    portion = models.CharField(
        max_length=32,
        blank=True,
        help_text="What was taken over from Redis last: it is not taken over twice.",
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site", "span", "start", "door", "code"], name="one_refusal_per_span"
            )
        ]

    def __str__(self) -> str:
        return f"{self.site}: {self.number} x {self.code}"


class Mark(models.Model):
    """How far something has come that must neither skip nor repeat anything, whatever is killed.

    It is moved in the transaction that does the work.
    """

    name = models.CharField(max_length=40, unique=True)
    at = models.DateTimeField()
    number = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.name}: {self.at:%Y-%m-%d %H:%M:%S}, {self.number}"
