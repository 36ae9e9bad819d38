"""Photos: what they show, by what right they may be shown, and how far they have come."""

from __future__ import annotations

import pghistory
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import URLValidator
from django.db import models

from challenges.models.fields import NameField
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
    UNSTATED = "unstated", "Not stated: stays out of the pool"


SHOWN = (Animal.CAT, Animal.DOG)
# In the history, of a photo of which nothing else stays.
DELETED = "deleted for good"


def own_rights(audience: Audience) -> list[Rights]:
    """Return the rights of the owner's own photos that this audience may see.

    Production shows nobody a photo that is for local trial only.
    """
    if audience is Audience.LOOPBACK and not settings.PRODUCTION:
        return [Rights.CLEARED, Rights.TRIAL]
    return [Rights.CLEARED]


class PhotoQuerySet(models.QuerySet["Photo"]):
    """Photos in the words of the business."""

    def pooled(self) -> PhotoQuerySet:
        """Return the photos that a person has accepted and that may be shown."""
        return self.filter(status=Photo.Status.POOLED, label__in=[Animal.CAT, Animal.DOG])

    def awaiting_label(self) -> PhotoQuerySet:
        """Return the photos about which nobody has said anything yet, oldest first.

        Those of which visitors could not agree what they show wait for a person, not for a network.
        """
        return self.filter(status=Photo.Status.UNLABELLED, doubt="").order_by("id")

    def awaiting_focus(self) -> PhotoQuerySet:
        """Return the photos in the pool in which nobody has looked for the animal, oldest first.

        Starter pictures are drawn around their animal, and networks see nothing in them.
        """
        waiting = self.pooled().filter(located=False).exclude(rights=Rights.STARTER)
        return waiting.order_by("id")

    def awaiting_person(self) -> PhotoQuerySet:
        """Return the photos whose proposed label waits for a person, oldest first."""
        return self.filter(status=Photo.Status.PROPOSED).order_by("id")

    def held(self) -> PhotoQuerySet:
        """Return the photos that have a label and no stated right to show them."""
        return self.filter(status=Photo.Status.HELD)

    def probing(self) -> PhotoQuerySet:
        """Return the photos about which visitors are asked: accepted, but not labelled."""
        return self.filter(status=Photo.Status.PROBE)

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


# Into the history go what people decide, and not what dealing and rendering change all the time.
@pghistory.track(
    pghistory.UpdateEvent(),
    pghistory.DeleteEvent(),
    pghistory.ManualEvent(DELETED),  # type: ignore[no-untyped-call]
    fields=[
        "label",
        "status",
        "rights",
        "batch",
        "doubt",
        "pet_name",
        "shelter",
        "adoption_url",
        "credit",
        "licence",
    ],
    model_name="PhotoEvent",
)
class Photo(models.Model):
    """One photo, stripped of everything but its pixels, stored under its SHA-256.

    unlabelled -> proposed (a label waits for a person) -> pooled or rejected; pooled -> retired.
    One without a stated right is held instead of pooled until somebody states it. One may also be
    made a probe: visitors are asked what it shows, and then it is proposed.
    """

    class Status(models.TextChoices):
        """How far the photo has come."""

        UNLABELLED = "unlabelled", "Unlabelled"
        PROPOSED = "proposed", "Waits for a person"
        POOLED = "pooled", "In the pool"
        REJECTED = "rejected", "Rejected"
        RETIRED = "retired", "Retired"
        HELD = "held", "Labelled, but no right to show it is stated"
        PROBE = "probe", "Visitors are asked"

    class Doubt(models.TextChoices):
        """Why a photo came back to the queue."""

        REPORTED = "reported", "Visitors reported it"
        MISSED = "missed", "Visitors often miss it"
        NETWORK = "network", "The network disagrees"
        MACHINES = "machines", "Machines always solve it"
        REVIEWERS = "reviewers", "Reviewers disagree"
        VISITORS = "visitors", "Visitors say what it is"

    sha256 = models.CharField(max_length=64, unique=True, editable=False)
    width = models.PositiveIntegerField(help_text="Pixels.")
    height = models.PositiveIntegerField(help_text="Pixels.")
    phash = models.BigIntegerField(help_text="Perceptual hash: 64 bits, as a signed number.")
    bands = ArrayField(models.IntegerField(), help_text="Slices of the hash, to find neighbours.")
    group = models.BigIntegerField(
        db_index=True, help_text="Photos of one near-duplicate group share this number."
    )
    batch = models.ForeignKey("Batch", on_delete=models.PROTECT, related_name="photos")
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
    spare = models.OneToOneField(
        "Rendition",
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="spare_of",
        help_text="A hardened rendition, made ahead, that is shown when this one is worn.",
    )
    ease = models.FloatField(
        null=True,
        help_text="How likely networks tell a rendition of it, on average over both sides of the "
        "coin: 0..1. Empty: not known, which counts as 1.",
    )
    taught_ease = models.FloatField(
        null=True,
        help_text="The same for a network that has learned from our own hardened pictures.",
    )
    mildness = models.FloatField(
        default=0,
        help_text="How much weaker it is hardened, because people missed it: 0 not, 1 not at all.",
    )
    pet_name = NameField(max_length=80, blank=True)
    shelter = NameField(max_length=120, blank=True, help_text="Where the pet lives now.")
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
    credit = NameField(
        max_length=200, blank=True, help_text="Who took the photo, as they want to be named."
    )
    licence = NameField(max_length=100, blank=True, help_text="Such as CC BY 4.0.")
    doubt = models.CharField(
        max_length=200, blank=True, help_text="Why a person should look at it again."
    )
    doubt_kind = models.CharField(max_length=10, choices=Doubt.choices, blank=True)
    p_cat = models.FloatField(
        null=True, blank=True, help_text="What the network said last: 0..1, 1 is a cat."
    )
    certainty = models.FloatField(
        null=True, blank=True, help_text="How sure the network was of what it said: 0..1."
    )
    looked_by = models.CharField(
        max_length=100, blank=True, help_text="The network that said it; empty: none looked yet."
    )
    seen = models.PositiveIntegerField(
        default=0, help_text="In how many answers of people it was judged."
    )
    missed = models.PositiveIntegerField(
        default=0, help_text="How many networks of people took it for the other animal."
    )
    scored = models.PositiveIntegerField(
        default=0, help_text="How many of its renditions the network was shown."
    )
    solved = models.PositiveIntegerField(
        default=0, help_text="Of how many of these the network told what they show."
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PhotoQuerySet.as_manager()

    class Meta:
        permissions = [
            ("label_photo", "Can label photos"),
            ("retire_photo", "Can retire and restore photos"),
            ("forget_photo", "Can delete photos for good"),
            ("export_labels", "Can export and import labels"),
        ]
        indexes = [
            GinIndex(fields=["bands"], name="photo_bands"),
            models.Index(
                fields=["label", "rights", "deal_order"],
                name="photo_deck",
                condition=models.Q(status="pooled"),
            ),
            models.Index(
                fields=["label", "rights", "ease", "deal_order"],
                name="photo_deck_by_ease",
                condition=models.Q(status="pooled"),
            ),
            models.Index(
                fields=["label", "rights", "taught_ease", "deal_order"],
                name="photo_deck_by_taught",
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
            models.Index(
                fields=["deal_order"],
                name="photo_needs_spare",
                condition=models.Q(status="pooled", spare=None) & ~models.Q(rights="starter"),
            ),
            models.Index(fields=["status", "id"], name="photo_status"),
            # The queue of the reviewers: disputed ones, then the least certain.
            models.Index(
                fields=["certainty", "id"],
                name="photo_queue",
                condition=models.Q(status__in=["unlabelled", "proposed"]),
            ),
            models.Index(fields=["id"], name="photo_doubted", condition=~models.Q(doubt="")),
            models.Index(fields=["id"], name="photo_probe", condition=models.Q(status="probe")),
            models.Index(
                fields=["id"],
                name="photo_unseen_by_network",
                condition=models.Q(status="pooled", looked_by=""),
            ),
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
