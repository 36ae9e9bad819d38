"""The shapes in which the API takes and gives photos. They grow by addition only."""

from __future__ import annotations

from typing import Any, Final

from django.urls import reverse
from drf_spectacular.utils import OpenApiExample, extend_schema_field
from rest_framework import serializers

from challenges.models import Forgotten, Label, Photo, Upload
from challenges.models.photos import Animal, Rights

REJECT: Final = "reject"
YES_NO: Final = ("yes", "no")


def address(name: str, *args: object) -> str:
    """Return the path of a call."""
    return reverse(name, args=args)


class PhotoQuery(serializers.Serializer[Any]):
    """By what photos are found: all of it together."""

    search = serializers.CharField(
        required=False,
        max_length=200,
        help_text="The number, how the SHA-256 begins, or a part of the name of the pet, shelter, "
        "batch or file.",
    )
    status = serializers.ChoiceField(Photo.Status.choices, required=False)
    label = serializers.ChoiceField(Animal.choices, required=False)  # type: ignore[assignment]
    source = serializers.ChoiceField(  # type: ignore[assignment]
        Label.Source.choices, required=False, help_text="Who said the label that is in force."
    )
    rights = serializers.ChoiceField(Rights.choices, required=False)
    batch = serializers.IntegerField(required=False, min_value=1, help_text="The batch's number.")
    shelter = serializers.CharField(required=False, max_length=120, help_text="A part of it.")
    doubt = serializers.ChoiceField(
        ["yes", "no", *Photo.Doubt.values], required=False, help_text="Any, none, or of this kind."
    )
    link = serializers.ChoiceField(YES_NO, required=False, help_text="Has an adoption link.")
    duplicates = serializers.ChoiceField(YES_NO, required=False, help_text="Has near-duplicates.")
    shown_least = serializers.IntegerField(
        required=False, min_value=0, help_text="Shown so often at least, all renditions together."
    )
    shown_most = serializers.IntegerField(required=False, min_value=0)
    missed_least = serializers.FloatField(
        required=False, min_value=0, max_value=100, help_text="Missed by so many percent of people."
    )
    missed_most = serializers.FloatField(required=False, min_value=0, max_value=100)
    solved_least = serializers.FloatField(
        required=False,
        min_value=0,
        max_value=100,
        help_text="Of so many percent of its renditions the network tells what they show.",
    )
    solved_most = serializers.FloatField(required=False, min_value=0, max_value=100)


class PhotoReply(serializers.ModelSerializer[Photo]):
    """A photo."""

    number = serializers.IntegerField(source="pk", help_text="By which it is called everywhere.")
    adoption_link = serializers.CharField(source="adoption_url", allow_blank=True)
    batch = serializers.CharField(source="batch.name")
    arrived_at = serializers.DateTimeField(source="created_at")
    picture = serializers.SerializerMethodField(help_text="Where a JPEG of it is.")

    class Meta:
        """Its fields."""

        model = Photo
        fields = (
            "number",
            "sha256",
            "label",
            "status",
            "rights",
            "batch",
            "batch_id",
            "pet_name",
            "shelter",
            "adoption_link",
            "credit",
            "licence",
            "doubt",
            "doubt_kind",
            "p_cat",
            "certainty",
            "seen",
            "missed",
            "scored",
            "solved",
            "width",
            "height",
            "arrived_at",
            "picture",
        )

    @extend_schema_field(serializers.CharField())
    def get_picture(self, photo: Photo) -> str:
        """Return the path of its picture."""
        return address("photo-picture", photo.pk)


class PhotoPage(serializers.Serializer[Any]):
    """A page of photos."""

    next = serializers.URLField(allow_null=True, help_text="The next page: older ones.")
    previous = serializers.URLField(allow_null=True)
    results = PhotoReply(many=True)


class WordReply(serializers.ModelSerializer[Label]):
    """Something that was said about a photo."""

    person = serializers.CharField(source="person.username", default="", allow_blank=True)

    class Meta:
        """Its fields."""

        model = Label
        fields = (
            "label",
            "source",
            "person",
            "model",
            "p_cat",
            "confidence",
            "note",
            "created_at",
            "undone_at",
        )


class PhotoDetail(PhotoReply):
    """A photo with what was said about it, newest first, and its near-duplicates."""

    said = WordReply(many=True, source="newest_words")
    near = serializers.ListField(
        child=serializers.IntegerField(), source="near_numbers", help_text="Near-duplicates."
    )

    class Meta(PhotoReply.Meta):
        """Its fields."""

        fields = (*PhotoReply.Meta.fields, "said", "near")  # type: ignore[assignment]


class LabelRequest(serializers.Serializer[Any]):
    """What a person says that a photo shows."""

    label = serializers.ChoiceField(  # type: ignore[assignment]
        [*Animal.values, REJECT],
        help_text="neither: no cat and no dog, or both. reject: not to be shown, whatever it is.",
    )


class ChangeReply(serializers.Serializer[Any]):
    """What came of a change."""

    changed = serializers.BooleanField(help_text="False: there was nothing to change.")
    photo = PhotoReply()


class ForgottenReply(serializers.ModelSerializer[Forgotten]):
    """What is left of a deleted photo."""

    number = serializers.IntegerField(source="photo")
    held_by = serializers.ListField(
        child=serializers.CharField(), help_text="What may still contain it, in sentences."
    )

    class Meta:
        """Its fields."""

        model = Forgotten
        fields = ("number", "sha256", "files", "deleted_at", "reason", "held_by")


class UploadRequest(serializers.Serializer[Any]):
    """One photo with its words, as multipart/form-data."""

    file = serializers.FileField(help_text="JPEG, PNG or WebP, 20 MB at most.")
    batch = serializers.IntegerField(
        required=False,
        min_value=1,
        help_text="The number of a batch of yours. Without it the photo goes into one without a "
        "stated right, so it stays out of the pool until somebody states the right.",
    )
    label = serializers.ChoiceField(  # type: ignore[assignment]
        Animal.choices,
        required=False,
        default="",
        help_text="A proposal: a person confirms it.",
    )
    pet_name = serializers.CharField(required=False, default="", max_length=80, allow_blank=True)
    shelter = serializers.CharField(required=False, default="", max_length=120, allow_blank=True)
    adoption_link = serializers.URLField(
        required=False, default="", max_length=500, allow_blank=True, help_text="https."
    )
    credit = serializers.CharField(required=False, default="", max_length=200, allow_blank=True)
    licence = serializers.CharField(required=False, default="", max_length=100, allow_blank=True)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse a link without its words, or that is not https."""
        link = attrs.get("adoption_link", "")
        if link and not link.startswith("https://"):
            raise serializers.ValidationError("The adoption link has to begin with https://.")
        if link and not (attrs.get("pet_name") and attrs.get("shelter")):
            raise serializers.ValidationError(
                "With an adoption link, pet_name and shelter are needed too: visitors read them."
            )
        return attrs


class UploadReply(serializers.ModelSerializer[Upload]):
    """A file that was sent, and what came of it."""

    photo = serializers.IntegerField(
        source="photo_id", allow_null=True, help_text="The photo's number, once it is stored."
    )
    where = serializers.SerializerMethodField(help_text="Where to ask again.")

    class Meta:
        """Its fields."""

        model = Upload
        fields = ("id", "name", "sha256", "state", "reason", "photo", "where")

    @extend_schema_field(serializers.CharField())
    def get_where(self, upload: Upload) -> str:
        """Return the path of this upload."""
        return address("upload", upload.pk)


PHOTO: Final = {
    "number": 311,
    "sha256": "5e0f0b6d" * 8,
    "label": "cat",
    "status": "pooled",
    "rights": "cleared",
    "batch": "Shelter South, November",
    "batch_id": 17,
    "pet_name": "Minka",
    "shelter": "Shelter South",
    "adoption_link": "https://shelter.example/minka",
    "credit": "Jo Sommer",
    "licence": "CC BY 4.0",
    "doubt": "",
    "doubt_kind": "",
    "p_cat": 0.98,
    "certainty": 0.96,
    "seen": 240,
    "missed": 7,
    "scored": 12,
    "solved": 9,
    "width": 1600,
    "height": 1200,
    "arrived_at": "2026-11-03T09:12:00Z",
    "picture": "/api/v1/photos/311/picture",
}
WORD: Final = {
    "label": "cat",
    "source": "person",
    "person": "jo",
    "model": "",
    "p_cat": None,
    "confidence": None,
    "note": "",
    "created_at": "2026-11-03T09:20:00Z",
    "undone_at": None,
}


def gives(name: str, value: Any, status: str = "200") -> OpenApiExample:
    """Return an example of a reply."""
    return OpenApiExample(name, response_only=True, status_codes=[status], value=value)


def takes(name: str, value: Any) -> OpenApiExample:
    """Return an example of what is sent."""
    return OpenApiExample(name, request_only=True, value=value)
