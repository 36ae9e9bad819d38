"""Versions of the network that labels, how they were retrained, and what is kept for testing."""

from __future__ import annotations

from django.db import models

from challenges.models import Photo


class ModelVersionQuerySet(models.QuerySet["ModelVersion"]):
    """Versions in the words of the business."""

    def active(self) -> ModelVersionQuerySet:
        """Return the version that labels, if one does: else the shipped model does."""
        return self.filter(status=ModelVersion.Status.ACTIVE)


class ModelVersion(models.Model):
    """A trained network, known by the SHA-256 of its weights.

    candidate -> active -> retired, and from retired to active again. Rows stay: labels name them.
    """

    class Status(models.TextChoices):
        """What the version does."""

        CANDIDATE = "candidate", "Candidate"
        ACTIVE = "active", "Active"
        RETIRED = "retired", "Retired"

    name = models.CharField(
        max_length=100, unique=True, help_text="What its weights file and its labels call it."
    )
    sha256 = models.CharField(
        "SHA-256", max_length=64, unique=True, help_text="Of the weights file."
    )
    size = models.PositiveBigIntegerField(help_text="Bytes of the weights file.")
    arch = models.CharField("network", max_length=100)
    metrics = models.JSONField(default=dict, blank=True, help_text="The run's result.json.")
    data = models.JSONField(
        default=dict, blank=True, help_text="What it was trained on: config, counts of the split."
    )
    learned = models.JSONField(
        default=dict,
        blank=True,
        help_text="Photos it was trained on, when they were not the pool's: beginnings of SHA-256 "
        "and perceptual hashes.",
    )
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.CANDIDATE)
    decision = models.JSONField(
        default=dict, blank=True, help_text="The comparison with the version that was active."
    )
    previous = models.ForeignKey(
        "self",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        help_text="What labelled before it became active. Empty: the shipped model.",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    promoted_at = models.DateTimeField(null=True, blank=True)
    promoted_by = models.CharField(max_length=150, blank=True)

    objects = ModelVersionQuerySet.as_manager()

    class Meta:
        verbose_name = "model version"
        constraints = [
            models.UniqueConstraint(
                fields=["status"],
                condition=models.Q(status="active"),
                name="one_active_version",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def storage_name(self) -> str:
        """Return where the weights lie, within media/."""
        return f"models/{self.sha256}.safetensors"


class RetrainingQuerySet(models.QuerySet["Retraining"]):
    """Retrainings in the words of the business."""

    def unfinished(self) -> RetrainingQuerySet:
        """Return what waits, runs or was stopped by a person, oldest first."""
        state = Retraining.State
        open_states = [state.WAITING, state.RUNNING, state.STOPPED]
        return self.filter(state__in=open_states).order_by("id")

    def due(self) -> RetrainingQuerySet:
        """Return what a worker should begin, or go on with, oldest first."""
        state = Retraining.State
        return self.filter(state__in=[state.WAITING, state.RUNNING]).order_by("id")


class Retraining(models.Model):
    """One retraining on the reviewed pool: the row is the queue, and shows how far it is.

    waiting -> running -> done or failed; running <-> stopped by a person. A killed one still says
    running, and is gone on with by whoever gets the lock.
    """

    class State(models.TextChoices):
        """How far it has come."""

        WAITING = "waiting", "Waits for a worker"
        RUNNING = "running", "Running"
        STOPPED = "stopped", "Stopped by a person"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"

    name = models.CharField(max_length=100, unique=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    config = models.JSONField(default=dict, blank=True, help_text="How to train.")
    asked_by = models.CharField(max_length=150)
    stage = models.CharField(max_length=200, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True, blank=True)
    figures = models.CharField(max_length=300, blank=True)
    said = models.TextField(blank=True, help_text="What came of it.")
    attempts = models.PositiveSmallIntegerField(default=0)
    version = models.ForeignKey(
        ModelVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="retrainings"
    )
    created_at = models.DateTimeField(auto_now_add=True)
    seen_at = models.DateTimeField(
        null=True, blank=True, help_text="When it last said how far it is."
    )
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = RetrainingQuerySet.as_manager()

    def __str__(self) -> str:
        return self.name


class PhotoUse(models.Model):
    """For what a reviewed photo is used, for ever: to train versions, or to test them.

    Decided once, before the first training that could see the photo, and never changed.
    """

    photo = models.OneToOneField(
        Photo, on_delete=models.CASCADE, primary_key=True, related_name="use"
    )
    test = models.BooleanField(help_text="Kept for testing: no version is ever trained on it.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{'test' if self.test else 'training'}: photo {self.photo_id}"
