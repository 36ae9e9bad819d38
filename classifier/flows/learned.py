"""Which versions of the network have learned from a photo, as far as anybody can tell."""

from __future__ import annotations

from django.db.models import Q

from challenges.models import Photo, Upload
from classifier.flows.versions import DIGITS
from classifier.models import ModelVersion, PhotoUse


def sentences(photo: Photo) -> list[str]:
    """Return one sentence for each version whose weights may hold something of the photo."""
    sure = _named(photo)
    said = [
        f"The model version {name} was trained on it. Its weights cannot forget single photos."
        for name in sure
    ]
    said += [
        f"The model version {name} was trained when the photo was among those for training. Its "
        "weights cannot forget single photos."
        for name in _of_the_pool(photo)
        if name not in sure
    ]
    return said


def _named(photo: Photo) -> list[str]:
    """Return the versions that name the photo, or a file it came in, among what they learned."""
    handed_in = Upload.objects.filter(photo=photo).values_list("sha256", flat=True)
    beginnings = {one[:DIGITS] for one in (photo.sha256, *handed_in)}
    found = Q()
    for beginning in beginnings:
        found |= Q(learned__sha256__contains=[beginning])
    return list(ModelVersion.objects.filter(found).order_by("id").values_list("name", flat=True))


def _of_the_pool(photo: Photo) -> list[str]:
    """Return the versions that were trained on the pool when it held the photo for training."""
    use = PhotoUse.objects.filter(photo=photo, test=False).first()
    if use is None:
        return []
    later = ModelVersion.objects.filter(learned={}, created_at__gt=use.created_at)
    return list(later.order_by("id").values_list("name", flat=True))
