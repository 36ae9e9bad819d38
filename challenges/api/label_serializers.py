"""What the calls of the queue are asked and tell."""

from __future__ import annotations

from typing import Any, Final

from rest_framework import serializers

from challenges.flows import claims, review

# The largest number that a photo may have.
LAST: Final = 2**63 - 1
WORDS: Final = [word.value for word in review.Word]


class AlikeReply(serializers.Serializer[Any]):
    """A near-duplicate on which somebody has decided."""

    id = serializers.IntegerField()
    label = serializers.CharField(help_text="cat, dog, neither, or empty.")  # type: ignore[assignment]
    status = serializers.CharField()
    picture = serializers.CharField(help_text="A small picture, for staff who are signed in.")


class QueuedPhotoReply(serializers.Serializer[Any]):
    """A photo that waits for a person."""

    id = serializers.IntegerField()
    picture = serializers.CharField(help_text="At most 960 pixels a side, for staff signed in.")
    width = serializers.IntegerField(help_text="Pixels of the stored photo.")
    height = serializers.IntegerField(help_text="Pixels of the stored photo.")
    label = serializers.CharField(  # type: ignore[assignment]
        help_text="What is proposed: cat, dog, neither, or empty."
    )
    p_cat = serializers.FloatField(allow_null=True, help_text="0..1; null: no network looked yet.")
    certainty = serializers.FloatField(allow_null=True, help_text="How sure the network was: 0..1.")
    network = serializers.CharField(help_text="Which network looked last.")
    doubt = serializers.CharField(help_text="Why a person should look again; or empty.")
    doubt_kind = serializers.CharField()
    status = serializers.CharField()
    batch = serializers.CharField()
    shelter = serializers.CharField()
    rights = serializers.CharField()
    alike = AlikeReply(many=True)


class QueueReply(serializers.Serializer[Any]):
    """The next photos, which are kept for you for two minutes."""

    photos = QueuedPhotoReply(many=True)
    left = serializers.IntegerField(help_text="How many wait for you, counted up to 10,000.")
    agree = serializers.IntegerField(help_text="How many people have to say the same: 1 or 2.")


class DecisionRequest(serializers.Serializer[Any]):
    """What a photo shows."""

    photo = serializers.IntegerField()
    word = serializers.ChoiceField(
        WORDS, help_text="neither: neither or both animals; reject: of no use, whatever it shows."
    )


class DecisionReply(serializers.Serializer[Any]):
    """What came of a word."""

    id = serializers.IntegerField(help_text="By which it can be taken back.")
    photo = serializers.IntegerField()
    word = serializers.CharField()
    came = serializers.CharField(help_text="settled, waits (for another person) or disputed.")
    status = serializers.CharField(help_text="Of the photo.")


class UndoRequest(serializers.Serializer[Any]):
    """Which decision is taken back."""

    decision = serializers.IntegerField(required=False, help_text="Left out: your last one.")


class UndoReply(serializers.Serializer[Any]):
    """A word that was taken back."""

    id = serializers.IntegerField()
    photo = serializers.IntegerField()
    word = serializers.CharField()
    status = serializers.CharField(help_text="Of the photo, as it is again.")


class ReleaseRequest(serializers.Serializer[Any]):
    """Photos that others may have."""

    photos = serializers.ListField(
        child=serializers.IntegerField(min_value=0, max_value=LAST), max_length=claims.MOST
    )


class ReleaseReply(serializers.Serializer[Any]):
    """How many photos were given back."""

    released = serializers.IntegerField()


EXAMPLE: Final = {
    "photos": [
        {
            "id": 812,
            "picture": "/admin/challenges/label/picture/812/960",
            "width": 2048,
            "height": 1365,
            "label": "cat",
            "p_cat": 0.63,
            "certainty": 0.63,
            "network": "shipped",
            "doubt": "",
            "doubt_kind": "",
            "status": "proposed",
            "batch": "spring litter",
            "shelter": "Riverside shelter",
            "rights": "cleared",
            "alike": [],
        }
    ],
    "left": 1204,
    "agree": 1,
}
