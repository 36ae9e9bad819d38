"""What the panel said of renditions, and what its words are worth."""

from __future__ import annotations

from django.db import models

from challenges.models import Rendition


class Reading(models.Model):
    """What each network of the panel said of a rendition's bytes, as it said it.

    Rendition.scores is what that is worth: it is reckoned anew when the calibration is.
    """

    rendition = models.OneToOneField(Rendition, on_delete=models.CASCADE, related_name="reading")
    logits = models.JSONField(help_text="log(p / (1 - p)) of its P(cat), by network.")

    def __str__(self) -> str:
        return f"reading of {self.rendition_id}"


class CalibrationQuerySet(models.QuerySet["Calibration"]):
    """Calibrations in the words of the business."""

    def current(self, panel: str) -> Calibration | None:
        """Return the one that holds for this panel now, if there is one yet."""
        return self.filter(panel=panel).order_by("-id").first()


class Calibration(models.Model):
    """What the words of the panel's networks are worth, fitted on our own labelled renditions.

    One for each network and recipe: a network that is well calibrated on plain pictures is not on
    hardened ones. Rows stay, so that a report can say what held when.
    """

    panel = models.CharField(max_length=64, help_text="Which panel: classifier.panel.fingerprint.")
    readings = models.PositiveIntegerField(help_text="On how many renditions it was fitted.")
    fits = models.JSONField(
        help_text="By network and recipe: slope and offset of Platt's scaling, on how many "
        "renditions (n), and how far off chances were before and after (ece)."
    )
    eases = models.JSONField(
        default=dict,
        help_text="By kind (plain or hardened): from a network's margin on the photo to how "
        "likely each network of the panel reads a rendition of it, offset and slope.",
    )
    fitted_at = models.DateTimeField(auto_now_add=True)

    objects = CalibrationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"calibration of {self.fitted_at:%Y-%m-%d %H:%M}"
