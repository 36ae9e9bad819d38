"""The shapes that the call takes and gives. They grow by addition only."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class ClassifyRequest(serializers.Serializer[Any]):
    """A form with a photo."""

    photo = serializers.FileField(
        help_text="A JPEG, PNG or WebP: 20 MB and 50 megapixels at most, 150 pixels a side at "
        "least."
    )


class HeatReply(serializers.Serializer[Any]):
    """Where the network looked, over the whole photo."""

    width = serializers.IntegerField(help_text="Places in a row.")
    height = serializers.IntegerField(help_text="Rows.")
    values = serializers.CharField(
        help_text="width x height bytes, row by row, as base64: 0 is nothing, 255 is most."
    )


class ClassifyReply(serializers.Serializer[Any]):
    """What the network makes of the photo. Chances are 0..1."""

    verdict = serializers.CharField(help_text="cat, dog or neither.")
    confidence = serializers.FloatField(help_text="The calibrated chance of the label.")
    p_cat = serializers.FloatField(help_text="The calibrated chance that it is a cat, if either.")
    familiar = serializers.FloatField(
        help_text="How far it is like the photos of the training; below 0.5 the verdict is neither."
    )
    chances = serializers.DictField(
        child=serializers.FloatField(), help_text="The chance of each label; their sum is 1."
    )
    heat = HeatReply()
    sentence = serializers.CharField(help_text="The verdict as a person would say it.")
    meaning = serializers.CharField(help_text="What the number means.")
    model = serializers.CharField(help_text="The network's name.")

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add the field whose name a serializer has for itself."""
        label = serializers.CharField(help_text="The likelier of cat and dog, whatever it shows.")
        return {**super().get_fields(), "label": label}
