"""Stored runs of attackers: every figure of the attack report comes from one of them."""

from __future__ import annotations

from django.db import models

from challenges.models import Site


class AttackRunQuerySet(models.QuerySet["AttackRun"]):
    """Runs in the words of the business."""

    def done(self) -> AttackRunQuerySet:
        """Return the runs that came to their end, latest first."""
        return self.filter(state=AttackRun.State.DONE).order_by("-finished_at", "-id")


class AttackRun(models.Model):
    """One attacker against one kind of tiles: in the lab, or at the front door over HTTP.

    Rows stay: figures link to them.
    """

    class State(models.TextChoices):
        """How far it has come."""

        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    class Door(models.TextChoices):
        """Where the attacker met the tiles."""

        LAB = "lab", "In the lab: no limits, labels known"
        WIDGET = "widget", "The widget's API, over HTTP"
        FALLBACK = "fallback", "The plain page, over HTTP"

    class Tiles(models.TextChoices):
        """What was attacked."""

        PLAIN = "plain", "Plain"
        HARDENED = "hardened", "Hardened"
        NOISE = "noise", "Noise instead of a pattern"
        MIXED = "mixed", "As they came"

    attacker = models.CharField(max_length=60, help_text="Its name in classifier.attackers.")
    rung = models.CharField(
        max_length=60,
        help_text="Its place in the ladder: clean, preprocessing, tiles-1000 and so on.",
    )
    door = models.CharField(max_length=10, choices=Door.choices)
    tiles = models.CharField(max_length=10, choices=Tiles.choices)
    site = models.ForeignKey(
        Site, on_delete=models.SET_NULL, null=True, blank=True, related_name="attacks"
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.RUNNING)
    learned = models.PositiveIntegerField(
        default=0, help_text="On how many of our own tiles, with their labels, it was trained."
    )
    recipes = models.CharField(
        max_length=64, blank=True, help_text="SHA-256 of the hardening that made the tiles."
    )
    config = models.JSONField(default=dict, help_text="How to repeat it: command, seeds, splits.")
    result = models.JSONField(
        default=dict, help_text="What came of it: see classifier.attacks.Result."
    )
    said = models.TextField(blank=True, help_text="Why it failed.")
    key = models.CharField(
        max_length=64,
        blank=True,
        help_text="What a run of the lab is of: importing it again makes no second row.",
    )
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = AttackRunQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["state", "finished_at"], name="attack_finished")]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], name="one_attack_per_key", condition=~models.Q(key="")
            )
        ]

    def __str__(self) -> str:
        return f"{self.attacker} on {self.tiles} tiles, {self.started_at:%Y-%m-%d}"
