"""Outcomes: what became of each challenge that was issued."""

from __future__ import annotations

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models

from challenges.models.sites import Site

# The door of attacks that the operator makes on this Pawcha.
ATTACK: Final = "attack"


class OutcomeQuerySet(models.QuerySet["Outcome"]):
    """Outcomes in the words of the business."""

    def counted(self) -> OutcomeQuerySet:
        """Return the outcomes that enter statistics.

        Not the service's own rehearsals, and not the attacks that the operator makes on it.
        """
        return self.filter(site__reserved=False).exclude(door=ATTACK)


class Outcome(models.Model):
    """One issued challenge. It leaves the open state once; a pass may be redeemed once."""

    class State(models.TextChoices):
        """How the challenge ended."""

        OPEN = "open", "Open"
        PASSED = "passed", "Passed"
        FAILED = "failed", "Failed"
        MORE = "more", "Right, and asked for one more"
        EXPIRED = "expired", "Seen, but not answered in time"
        ABANDONED = "abandoned", "Never looked at"
        LOST = "lost", "Forgotten by Redis"

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="outcomes")
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    issued_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    redeemed_at = models.DateTimeField(null=True)
    redeem_key = models.CharField(
        max_length=36, blank=True, help_text="The idempotency key of the redeem that counted."
    )
    token_digest = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 (unique)
    hostname = models.CharField(max_length=255)
    dialect = models.CharField(max_length=20, blank=True)
    action = models.CharField(max_length=100, blank=True)
    cdata = models.CharField(max_length=255, blank=True)
    language = models.CharField(max_length=35, blank=True)
    prefix = models.CharField(
        max_length=32, help_text="Keyed hash of the address prefix, for two days."
    )
    risk = models.FloatField(help_text="Above 1: pictures were shown more often than they should.")
    renditions = ArrayField(models.BigIntegerField(), help_text="In the order shown.")
    cats = models.PositiveBigIntegerField(help_text="Bit i is set when picture i is a cat.")
    picks = models.PositiveBigIntegerField(null=True, help_text="Bit i is set when i was picked.")
    rounds = models.PositiveSmallIntegerField(default=1, help_text="Graded together.")
    tolerance = models.PositiveSmallIntegerField(
        default=0, help_text="How many wrong pictures were let through."
    )
    probe = models.PositiveSmallIntegerField(
        null=True, help_text="The place of a picture that does not count."
    )
    test_mode = models.BooleanField(
        default=False, help_text="Its pictures were public, so it proves nothing."
    )

    odds = models.JSONField(
        default=dict,
        help_text="How likely each attacker of the panel solves it: see challenges.odds.Odds.",
    )
    headline = models.FloatField(
        null=True,
        help_text="How likely the worst of them solves it, 0..1, reversed answers included. "
        "Empty: its pictures were not all scored.",
    )
    door = models.CharField(
        max_length=10, default="widget", help_text="widget, fallback or attack (our own)."
    )
    paid = models.CharField(
        max_length=7,
        blank=True,
        help_text="Who gave the token when its pictures were looked at: prefix (the network's "
        "bucket) or session (the visitor's handle). Empty: nobody had one, or nobody looked.",
    )

    objects = OutcomeQuerySet.as_manager()

    class Meta:
        permissions = [("see_statistics", "Can see the statistics")]
        indexes = [
            models.Index(fields=["site", "issued_at"], name="outcome_site_time"),
            models.Index(
                fields=["issued_at"], name="outcome_open", condition=models.Q(state="open")
            ),
            models.Index(
                fields=["answered_at"],
                name="outcome_answered",
                condition=models.Q(answered_at__isnull=False),
            ),
            models.Index(
                fields=["issued_at"], name="outcome_has_prefix", condition=~models.Q(prefix="")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.state} challenge of {self.issued_at:%Y-%m-%d %H:%M}"
