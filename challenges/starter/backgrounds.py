"""All places by name; each draws the whole picture behind the animal."""

from __future__ import annotations

from collections.abc import Callable

from challenges.starter import indoors, outdoors
from challenges.starter.place import Place

BACKGROUNDS: dict[str, Callable[[Place], None]] = {
    "living room": indoors.living_room,
    "sofa": indoors.sofa,
    "kitchen": indoors.kitchen,
    "window sill": indoors.window_sill,
    "night window": indoors.night_window,
    "bedroom": indoors.bedroom,
    "library": indoors.library,
    "cushion": indoors.cushion,
    "stairs": indoors.stairs,
    "meadow": outdoors.meadow,
    "park": outdoors.park,
    "beach": outdoors.beach,
    "snow": outdoors.snow,
    "garden wall": outdoors.garden_wall,
    "autumn": outdoors.autumn,
    "fence": outdoors.fence,
    "terrace": outdoors.terrace,
    "lake": outdoors.lake,
    "town": outdoors.town,
}
