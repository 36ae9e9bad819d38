"""Where photos came from: batches, the files that were handed in, and files still arriving."""

from __future__ import annotations

import secrets

import pghistory
from django.conf import settings
from django.core.validators import URLValidator
from django.db import models

from challenges.models.fields import NameField
from challenges.models.photos import Animal, Rights


@pghistory.track(pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
class Batch(models.Model):
    """Photos that came in together, with the one right to show them.

    What is said of the batch (shelter, credit, licence, link) is what its new photos start with.
    """

    name = NameField(max_length=200, unique=True)
    rights = models.CharField(max_length=10, choices=Rights.choices)
    rights_text = models.CharField(max_length=500, blank=True)
    label = models.CharField(
        max_length=10, choices=Animal.choices, blank=True, help_text="These are all of this animal."
    )
    shelter = NameField(max_length=120, blank=True, help_text="Where the pets live now.")
    credit = NameField(
        max_length=200, blank=True, help_text="Who took the photos, as they want to be named."
    )
    licence = NameField(max_length=100, blank=True, help_text="Such as CC BY 4.0.")
    adoption_url = models.URLField(
        "adoption link", max_length=500, blank=True, validators=[URLValidator(schemes=["https"])]
    )
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        help_text="Who uploaded it. Empty: a command did.",
    )
    well_known = models.BooleanField(
        default=False,
        help_text="The photos and their labels are public, so anybody can look the answer up.",
    )
    trust_labels = models.BooleanField(
        default=False, help_text="Labels of this batch need no second look by a person."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "batches"
        permissions = [("upload_batch", "Can upload photos")]

    def __str__(self) -> str:
        return self.name


def new_transfer_id() -> str:
    """Return the id of a new transfer: 32 hex digits that nobody can guess."""
    return secrets.token_hex(16)


class Transfer(models.Model):
    """One file (a photo or an archive) that arrives in chunks, and what became of it.

    receiving -> arrived -> done or refused. Each chunk is on disk before `offset` counts it, so
    what was acknowledged is never lost; a worker unpacks what has arrived.
    """

    class State(models.TextChoices):
        """How far the file has come."""

        RECEIVING = "receiving", "Arriving"
        ARRIVED = "arrived", "Arrived, waits for a worker"
        DONE = "done", "Unpacked"
        REFUSED = "refused", "Refused"

    id = models.CharField(primary_key=True, max_length=32, default=new_transfer_id, editable=False)
    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="transfers")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True)
    name = models.CharField(max_length=500)
    fingerprint = models.CharField(
        max_length=128, help_text="By which a browser knows the file again: name, size, date."
    )
    size = models.PositiveBigIntegerField(help_text="Bytes.")
    offset = models.PositiveBigIntegerField(default=0, help_text="Bytes that are safe on disk.")
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECEIVING)
    reason = models.CharField(max_length=300, blank=True, help_text="Why it was refused.")
    attempts = models.PositiveSmallIntegerField(default=0)
    found = models.PositiveIntegerField(default=0, help_text="Photos found in it so far.")
    left_out = models.JSONField(
        default=dict, blank=True, help_text="What in it was passed over: kind -> number."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "fingerprint"], name="one_transfer_per_file")
        ]
        indexes = [
            models.Index(
                fields=["updated_at"],
                name="transfer_unfinished",
                condition=models.Q(state__in=["receiving", "arrived"]),
            )
        ]

    def __str__(self) -> str:
        return self.name


class UploadQuerySet(models.QuerySet["Upload"]):
    """Uploads in the words of the business."""

    def waiting(self) -> UploadQuerySet:
        """Return the files that no worker has looked at yet, oldest first."""
        return self.filter(state=Upload.State.WAITING).order_by("id")


class Upload(models.Model):
    """One file that was handed in. Its bytes wait in storage until a worker has decoded them.

    Goes from waiting to stored, duplicate or rejected, once, and stays there.
    """

    class State(models.TextChoices):
        """How far the file has come."""

        WAITING = "waiting", "Waiting"
        STORED = "stored", "Stored"
        DUPLICATE = "duplicate", "Already there"
        REJECTED = "rejected", "Rejected"

    batch = models.ForeignKey(Batch, on_delete=models.CASCADE, related_name="uploads")
    name = models.CharField(max_length=500)
    sha256 = models.CharField(max_length=64, help_text="Digest of the bytes as handed in.")
    label = models.CharField(max_length=10, choices=Animal.choices, blank=True)
    label_source = models.CharField(max_length=10, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WAITING)
    reason = models.CharField(max_length=300, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    photo = models.ForeignKey("Photo", on_delete=models.SET_NULL, null=True, related_name="uploads")
    transfer = models.ForeignKey(
        Transfer, on_delete=models.SET_NULL, null=True, related_name="uploads"
    )
    words = models.JSONField(
        default=dict, blank=True, help_text="What was said of this photo: shelter, credit, ..."
    )
    again = models.JSONField(
        default=list, blank=True, help_text="Other names under which it came in the same batch."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = UploadQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["batch", "sha256"], name="one_upload_per_file")
        ]
        indexes = [
            models.Index(fields=["id"], name="upload_waiting", condition=models.Q(state="waiting"))
        ]

    def __str__(self) -> str:
        return self.name
