"""Which recipes harden renditions, and how the hardener is."""

from __future__ import annotations

from django.db import models


class RotationQuerySet(models.QuerySet["Rotation"]):
    """Rotations in the words of the business."""

    def current(self) -> Rotation | None:
        """Return the rotation from which recipes are drawn now, if there is one yet."""
        return self.order_by("-id").first()


class Rotation(models.Model):
    """The recipes that are in use for some days, drawn at random from their family.

    The recipes themselves are public; their parameters here are drawn with `secrets`, and as
    secret as the labels.
    """

    recipes = models.JSONField(help_text="Recipe names and their drawn parameters.")
    digest = models.CharField(max_length=64, help_text="SHA-256 of the code and the recipes.")
    begun_at = models.DateTimeField(auto_now_add=True)

    objects = RotationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"recipes from {self.begun_at:%Y-%m-%d}"


class Hardening(models.Model):
    """What one round of the hardener made, and how long it took: a row for each hour."""

    hour = models.DateTimeField(unique=True)
    made = models.PositiveIntegerField(default=0)
    remade = models.PositiveIntegerField(default=0, help_text="Made again: too far from the photo.")
    softened = models.PositiveIntegerField(
        default=0, help_text="Made weaker, until they were near enough to the photo."
    )
    failed = models.PositiveIntegerField(default=0)
    seconds = models.FloatField(default=0, help_text="Of work.")
    said = models.CharField(max_length=200, blank=True, help_text="What went wrong last.")

    def __str__(self) -> str:
        return f"{self.made} renditions hardened from {self.hour:%Y-%m-%d %H:%M}"
