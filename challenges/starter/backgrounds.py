"""All places by name; each draws the whole picture behind the animal."""

from __future__ import annotations

from collections.abc import Callable

from challenges.starter import indoors, outdoors, windows, yards
from challenges.starter.place import Place

BACKGROUNDS: dict[str, Callable[[Place], None]] = {
    "living room": indoors.living_room,
    "sofa": indoors.sofa,
    "kitchen": indoors.kitchen,
    "window sill": windows.window_sill,
    "night window": windows.night_window,
    "bedroom": indoors.bedroom,
    "library": indoors.library,
    "cushion": indoors.cushion,
    "stairs": indoors.stairs,
    "meadow": outdoors.meadow,
    "park": outdoors.park,
    "beach": outdoors.beach,
    "snow": outdoors.snow,
    "garden wall": yards.garden_wall,
    "autumn": outdoors.autumn,
    "fence": yards.fence,
    "terrace": yards.terrace,
    "lake": outdoors.lake,
    "town": yards.town,
}
