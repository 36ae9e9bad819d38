"""Where in a photo the animal is, and what follows from it for its renditions."""

from __future__ import annotations

from typing import Final

from challenges.imaging import CENTRE, Focus
from challenges.models import Photo

# A rendition that was cropped around the middle is replaced when the animal is farther off than
# this share of the photo's width or height.
FAR: Final = 0.1


def keep(photo_id: int, focus: Focus | None) -> bool:
    """Keep where the animal is, None when nobody can see it. Return whether that is news.

    A photo is looked at once: its rendition of before then knew nothing of the animal. If that
    matters the photo gets a new one; until it is made, the old one may be shown when nothing else
    is left, so that the service does not stop.
    """
    fields: dict[str, object] = {"located": True}
    if focus is not None:
        fields |= {"focus_x": focus[0], "focus_y": focus[1]}
        if far_off(focus):
            fields["fresh"] = False
    return bool(Photo.objects.filter(pk=photo_id, located=False).update(**fields))


def far_off(focus: Focus) -> bool:
    """Return whether a crop around the photo's middle may cut this off."""
    return max(abs(at - middle) for at, middle in zip(focus, CENTRE, strict=True)) > FAR
