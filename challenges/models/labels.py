"""Who said what a photo shows, and what visitors hold against it."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from challenges.models.photos import Animal, Photo


class LabelQuerySet(models.QuerySet["Label"]):
    """What was said, in the words of the business."""

    def open(self) -> LabelQuerySet:
        """Return the words of people that wait for another person's word."""
        return self.filter(
            source=Label.Source.PERSON,
            before__isnull=False,
            settled_at__isnull=True,
            undone_at__isnull=True,
        )


class Label(models.Model):
    """One thing that somebody said about a photo. Rows are only ever added, and may be undone.

    A person's word is open until the photo is settled: with an agreement of two, the first word
    waits for the second one.
    """

    class Source(models.TextChoices):
        """Who said it."""

        FOLDER = "folder", "Folder name"
        FILENAME = "filename", "File name"
        COMMAND = "command", "Import command"
        CNN = "cnn", "CNN"
        PERSON = "person", "Person"
        STARTER = "starter", "Drawn as such"
        IMPORT = "import", "List of labels"
        VISITORS = "visitors", "Visitors' votes"

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="labels")
    label = models.CharField(max_length=10, choices=Animal.choices, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    model = models.CharField(max_length=100, blank=True, help_text="Which network said it.")
    p_cat = models.FloatField(null=True, blank=True, help_text="0..1")
    confidence = models.FloatField(null=True, blank=True, help_text="0..1")
    note = models.CharField(max_length=200, blank=True, help_text="On what ground.")
    before = models.JSONField(
        null=True, blank=True, help_text="What the photo was before, so that it can be undone."
    )
    settled_at = models.DateTimeField(
        null=True, blank=True, help_text="When the photo was settled, with this word or without."
    )
    undone_at = models.DateTimeField(null=True, blank=True, help_text="When it was taken back.")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = LabelQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(
                fields=["person", "-id"],
                name="label_of_person",
                condition=models.Q(person__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.source}: {self.label or 'rejected'}"


class Claim(models.Model):
    """A photo that one reviewer has on the screen, so that no other gets it for a while."""

    photo = models.OneToOneField(
        Photo, on_delete=models.CASCADE, primary_key=True, related_name="claim"
    )
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    until = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.person} looks at photo {self.photo_id}"


class Vote(models.Model):
    """What a visitor who passed took a probe for. One for each photo and network.

    `prefix` is the keyed hash of the address prefix; after two days it is forgotten, the vote not.
    """

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="votes")
    prefix = models.CharField(max_length=32, blank=True)
    cat = models.BooleanField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["photo", "prefix"],
                condition=~models.Q(prefix=""),
                name="one_vote_per_network",
            )
        ]
        indexes = [
            models.Index(
                fields=["created_at"], name="vote_has_prefix", condition=~models.Q(prefix="")
            )
        ]

    def __str__(self) -> str:
        return f"vote for photo {self.photo_id}: {'cat' if self.cat else 'dog'}"


class Miss(models.Model):
    """A visitor took a photo for the other animal. One for each photo and network, for two days."""

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="misses")
    prefix = models.CharField(max_length=32)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name_plural = "misses"
        constraints = [
            models.UniqueConstraint(fields=["photo", "prefix"], name="one_miss_per_network")
        ]
        indexes = [models.Index(fields=["created_at"], name="miss_time")]

    def __str__(self) -> str:
        return f"miss of photo {self.photo_id}"


class PictureReport(models.Model):
    """A visitor says that a picture should not be shown. One for each network until a person looks.

    `prefix` is the keyed hash of the visitor's address prefix. After two days the row goes.
    """

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="reports")
    prefix = models.CharField(max_length=32)
    created_at = models.DateTimeField(auto_now_add=True)
    withdrew = models.BooleanField(default=False, help_text="It took the photo out of the pool.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["photo", "prefix"], name="one_report_per_network")
        ]
        indexes = [models.Index(fields=["created_at"], name="report_time")]

    def __str__(self) -> str:
        return f"report of photo {self.photo_id}"
