"""Photos that were deleted for good: what is left of them is a digest."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models


class Forgotten(models.Model):
    """A photo that was deleted for good, so that it is not imported again.

    Digests only know the very same bytes or pixels: the same photo, saved anew at another size, is
    another photo to them.
    """

    photo = models.BigIntegerField(unique=True, help_text="The number that it had.")
    sha256 = models.CharField(max_length=64, unique=True, help_text="Of its pixels as stored.")
    files = ArrayField(
        models.CharField(max_length=64),
        default=list,
        help_text="SHA-256 of the files with which it was handed in.",
    )
    arrived_at = models.DateTimeField()
    deleted_at = models.DateTimeField(auto_now_add=True)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    reason = models.CharField(max_length=200, blank=True)
    held_by = models.JSONField(
        default=list, help_text="What still contains it: backups and versions of the network."
    )
    left = models.JSONField(
        null=True, editable=False, help_text="What has still to be removed: files and renditions."
    )

    class Meta:
        verbose_name = "deleted photo"
        indexes = [
            GinIndex(fields=["files"], name="forgotten_files"),
            models.Index(
                fields=["id"], name="forgotten_unfinished", condition=models.Q(left__isnull=False)
            ),
        ]

    def __str__(self) -> str:
        return f"photo {self.photo}, deleted {self.deleted_at:%Y-%m-%d}"
