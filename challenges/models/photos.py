"""Photos, where they came from, and who said what they show."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import URLValidator
from django.db import models

from challenges.selection import ENOUGH_OF_OWN, Audience


class Animal(models.TextChoices):
    """What a photo shows. Only cats and dogs are ever shown."""

    CAT = "cat", "Cat"
    DOG = "dog", "Dog"
    NEITHER = "neither", "Neither or both"


class Rights(models.TextChoices):
    """On what ground a photo may be shown."""

    STARTER = "starter", "Starter picture: free of rights, for trying out"
    TRIAL = "trial", "Local trial only: for sites on this machine"
    CLEARED = "cleared", "Cleared: may be shown to the public"


SHOWN = (Animal.CAT, Animal.DOG)


def own_rights(audience: Audience) -> list[Rights]:
    """Return the rights of the owner's own photos that this audience may see.

    Production shows nobody a photo that is for local trial only.
    """
    if audience is Audience.LOOPBACK and not settings.PRODUCTION:
        return [Rights.CLEARED, Rights.TRIAL]
    return [Rights.CLEARED]


class Batch(models.Model):
    """Photos that came in together, with the one right to show them."""

    name = models.CharField(max_length=200, unique=True)
    rights = models.CharField(max_length=10, choices=Rights.choices)
    rights_text = models.CharField(max_length=500)
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


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Photos in the words of the business."""

    def pooled(self) -> PhotoQuerySet:
        """Return the photos that a person has accepted and that may be shown."""
        return self.filter(status=Photo.Status.POOLED, label__in=[Animal.CAT, Animal.DOG])

    def awaiting_label(self) -> PhotoQuerySet:
        """Return the photos about which nobody has said anything yet, oldest first."""
        return self.filter(status=Photo.Status.UNLABELLED).order_by("id")

    def awaiting_focus(self) -> PhotoQuerySet:
        """Return the photos in the pool in which nobody has looked for the animal, oldest first.

        Starter pictures are drawn around their animal, and networks see nothing in them.
        """
        waiting = self.pooled().filter(located=False).exclude(rights=Rights.STARTER)
        return waiting.order_by("id")

    def awaiting_person(self) -> PhotoQuerySet:
        """Return the photos whose proposed label waits for a person, oldest first."""
        return self.filter(status=Photo.Status.PROPOSED).order_by("id")

    def with_link(self) -> PhotoQuerySet:
        """Return the photos of pets that look for a home."""
        return self.exclude(adoption_url="")

    def in_doubt(self) -> PhotoQuerySet:
        """Return the photos at which a person should look again."""
        return self.exclude(doubt="")

    def shown_to(self, audience: Audience) -> PhotoQuerySet:
        """Return the pooled photos that may be shown to this audience."""
        return self.pooled().filter(rights__in=self.rights_for(audience))

    def rights_for(self, audience: Audience) -> list[Rights]:
        """Return the rights of which a challenge for this audience may be made.

        Starter pictures leave once both animals have enough photos of the owner's own.
        """
        if audience is Audience.TESTING:
            return [Rights.STARTER]
        own = own_rights(audience)
        if all(self.own(animal, audience) >= ENOUGH_OF_OWN for animal in SHOWN):
            return own
        return [*own, Rights.STARTER]

    def own(self, animal: Animal, audience: Audience) -> int:
        """Return how many own photos of this animal are pooled, counted up to what is enough."""
        photos = self.pooled().filter(label=animal, rights__in=own_rights(audience))
        return photos.order_by()[:ENOUGH_OF_OWN].count()

    def in_deck_order(self) -> PhotoQuerySet:
        """Return the photos in the order in which composing locks their rows: no deadlock."""
        return self.order_by("label", "deal_order", "id")

    def lowest_deal(self, animal: str) -> float | None:
        """Return the place of the pooled photo that is dealt next, None when there is none."""
        # One look into the deck's index for each right.
        places = [
            self.pooled()
            .filter(label=animal, rights=rights)
            .order_by("deal_order")
            .values_list("deal_order", flat=True)
            .first()
            for rights in Rights
        ]
        return min((place for place in places if place is not None), default=None)


class Photo(models.Model):
    """One photo, stripped of everything but its pixels, stored under its SHA-256.

    unlabelled -> proposed (a label waits for a person) -> pooled or rejected; pooled -> retired.
    """

    class Status(models.TextChoices):
        """How far the photo has come."""

        UNLABELLED = "unlabelled", "Unlabelled"
        PROPOSED = "proposed", "Waits for a person"
        POOLED = "pooled", "In the pool"
        REJECTED = "rejected", "Rejected"
        RETIRED = "retired", "Retired"

    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    width = models.PositiveIntegerField(help_text="Pixels.")
    height = models.PositiveIntegerField(help_text="Pixels.")
    phash = models.BigIntegerField(help_text="Perceptual hash: 64 bits, as a signed number.")
    bands = ArrayField(models.IntegerField(), help_text="Slices of the hash, to find neighbours.")
    group = models.BigIntegerField(
        db_index=True, help_text="Photos of one near-duplicate group share this number."
    )
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="photos")
    rights = models.CharField(max_length=10, choices=Rights.choices)
    label = models.CharField(max_length=10, choices=Animal.choices, blank=True)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.UNLABELLED)
    deal_order = models.FloatField(
        default=0, help_text="Photos are dealt like a deck of cards, lowest first."
    )
    fresh = models.BooleanField(default=False, help_text="Its current rendition has showings left.")
    focus_x = models.FloatField(
        null=True,
        blank=True,
        help_text="Where the animal is, from the left: 0..1. Empty: unknown, so the middle.",
    )
    focus_y = models.FloatField(
        null=True,
        blank=True,
        help_text="Where the animal is, from the top: 0..1. Empty: unknown, so the middle.",
    )
    located = models.BooleanField(
        default=False, help_text="The animal was looked for, found or not."
    )
    rendition = models.OneToOneField(
        "Rendition",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="current_of",
        help_text="The rendition that is being shown.",
    )
    pet_name = models.CharField(max_length=80, blank=True)
    shelter = models.CharField(max_length=120, blank=True, help_text="Where the pet lives now.")
    adoption_url = models.URLField(
        "adoption link",
        max_length=500,
        blank=True,
        validators=[URLValidator(schemes=["https"])],
        help_text="Shown to those who solved a challenge with this photo, never before.",
    )
    link_shown_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="When its adoption link was first given away; it tells what the photo shows.",
    )
    doubt = models.CharField(
        max_length=200, blank=True, help_text="Why a person should look at it again."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        indexes = [
            GinIndex(fields=["bands"], name="photo_bands"),
            models.Index(
                fields=["label", "rights", "deal_order"],
                name="photo_deck",
                condition=models.Q(status="pooled"),
            ),
            models.Index(
                fields=["deal_order"],
                name="photo_needs_rendition",
                condition=models.Q(status="pooled", fresh=False),
            ),
            models.Index(
                fields=["id"],
                name="photo_needs_focus",
                condition=models.Q(status="pooled", located=False) & ~models.Q(rights="starter"),
            ),
            models.Index(fields=["status", "id"], name="photo_status"),
            models.Index(
                fields=["link_shown_at"],
                name="photo_link_shown",
                condition=models.Q(status="pooled", link_shown_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"photo {self.pk}"

    @property
    def focus(self) -> tuple[float, float] | None:
        """Return where the animal is, from the left and from the top, None when unknown."""
        if self.focus_x is None or self.focus_y is None:
            return None
        return self.focus_x, self.focus_y

    @property
    def storage_name(self) -> str:
        """Return where the stored photo lies, within media/."""
        return f"originals/{self.sha256[:2]}/{self.sha256}.jpg"


class Label(models.Model):
    """One thing that somebody said about a photo. Rows are only ever added."""

    class Source(models.TextChoices):
        """Who said it."""

        FOLDER = "folder", "Folder name"
        FILENAME = "filename", "File name"
        COMMAND = "command", "Import command"
        CNN = "cnn", "CNN"
        PERSON = "person", "Person"
        STARTER = "starter", "Drawn as such"

    photo = models.ForeignKey(Photo, on_delete=models.CASCADE, related_name="labels")
    label = models.CharField(max_length=10, choices=Animal.choices, blank=True)
    source = models.CharField(max_length=10, choices=Source.choices)
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    model = models.CharField(max_length=100, blank=True, help_text="Which network said it.")
    p_cat = models.FloatField(null=True, blank=True, help_text="0..1")
    confidence = models.FloatField(null=True, blank=True, help_text="0..1")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return f"{self.source}: {self.label or 'rejected'}"


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
