"""What a network learned from our own hardened pictures."""

from __future__ import annotations

from django.db import models

from challenges.models import Rendition
from classifier.models.audits import Calibration
from classifier.models.hardening import Rotation


class Glimpse(models.Model):
    """What the last layer of a frozen network sees in a rendition: from this a head learns."""

    rendition = models.OneToOneField(Rendition, on_delete=models.CASCADE, related_name="glimpse")
    panel = models.CharField(max_length=64, help_text="Of which panel the network is.")
    features = models.BinaryField(help_text="Numbers of two bytes, the lower one first.")

    def __str__(self) -> str:
        return f"glimpse of {self.rendition_id}"


class LessonQuerySet(models.QuerySet["Lesson"]):
    """Lessons in the words of the business."""

    def current(self, panel: str) -> Lesson | None:
        """Return the one that holds for this panel now, if there is one yet."""
        return self.filter(panel=panel).order_by("-id").first()


class Lesson(models.Model):
    """One time that a network learned from our own hardened pictures, as a bot would.

    The logit of cat is `weight` times the features, plus `bias`; `fits` says what that is worth.
    Rows stay, so that a report can say what held when.
    """

    panel = models.CharField(max_length=64, help_text="Which panel: classifier.panel.fingerprint.")
    network = models.CharField(max_length=40, help_text="Whose features it learned to read.")
    learned = models.PositiveIntegerField(help_text="From how many renditions.")
    right = models.PositiveIntegerField(
        help_text="How many of them were read rightly by a head that never saw their photos."
    )
    weight = models.JSONField(help_text="One number for each feature: the mean of the heads.")
    bias = models.FloatField()
    fits = models.JSONField(help_text="By recipe: as in a calibration.")
    eases = models.JSONField(help_text="By kind: as in a calibration.")
    calibration = models.ForeignKey(
        Calibration, on_delete=models.SET_NULL, null=True, help_text="The one that held then."
    )
    rotation = models.ForeignKey(
        Rotation, on_delete=models.SET_NULL, null=True, help_text="The one that held then."
    )
    taught_at = models.DateTimeField(auto_now_add=True)

    objects = LessonQuerySet.as_manager()

    def __str__(self) -> str:
        return f"lesson of {self.taught_at:%Y-%m-%d %H:%M}"
