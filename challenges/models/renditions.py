"""Renditions: what a visitor gets to see of a photo."""

from __future__ import annotations

from django.db import models

from challenges.models.photos import Photo


class Rendition(models.Model):
    """One random crop of a photo, encoded and padded, shown a limited number of times."""

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="renditions")
    name = models.CharField(max_length=100, unique=True, help_text="Where it lies, within media/.")
    recipe = models.CharField(
        max_length=40, default="plain", help_text="How it was hardened: plain means not at all."
    )
    strength = models.FloatField(default=0, help_text="How much of the recipe's budget was used.")
    pushed = models.BooleanField(
        null=True,
        help_text="Its secret coin: pushed towards the wrong animal (true) or the right one "
        "(false). As secret as the label. Empty: plain.",
    )
    distance = models.FloatField(
        null=True, help_text="A proxy for how much it differs from the clean crop: 0 is not at all."
    )
    scores = models.JSONField(
        default=dict, help_text="What each network of the panel says of its bytes: P(cat), 0..1."
    )
    panel = models.CharField(
        max_length=64, blank=True, help_text="Which panel said so. Empty: none was asked yet."
    )
    reserved = models.PositiveIntegerField(
        default=0, help_text="In how many challenges it was put: fetched or still waiting."
    )
    shown = models.PositiveIntegerField(default=0, help_text="How often it was fetched.")
    p_cat = models.FloatField(
        null=True, help_text="What the network says of its bytes: 0..1. Empty: not asked yet."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["retired_at"],
                name="rendition_retired",
                condition=models.Q(retired_at__isnull=False),
            ),
            models.Index(
                fields=["id"],
                name="rendition_unscored",
                condition=models.Q(p_cat__isnull=True, retired_at__isnull=True),
            ),
        ]

    def __str__(self) -> str:
        return self.name
