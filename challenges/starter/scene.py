"""What is in a picture, chosen by the seed alone: nothing here depends on the animal."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from challenges.starter.backgrounds import BACKGROUNDS
from challenges.starter.figure import Collar, Mood
from challenges.starter.palettes import PALETTES, Palette
from challenges.starter.props import PROPS

VERSION = "starter-1"

# The poses with how often each is drawn; every pose exists for both animals.
POSES = {
    "head, front": 7,
    "head, turned": 9,
    "head, profile": 6,
    "peeking": 7,
    "sitting, front": 7,
    "sitting, side": 9,
    "waving": 6,
    "facing": 7,
    "standing": 7,
    "walking": 7,
    "lying, front": 8,
    "lying, side": 8,
    "sleeping": 6,
    "stretching": 6,
    "leaping": 6,
}
SLEEPING = "sleeping"
COLLARS = ("#c8433f", "#2f6fb3", "#3b8a5a", "#8a4fa0", "#e07b2e", "#2c9aa0", "#d5548a", "#3a3d4a")


@dataclass(frozen=True)
class Light:
    """Colours (RGB, 128 leaves things alone) of the corners: left top, right top, then below."""

    name: str
    corners: tuple[tuple[int, int, int], ...]


LIGHTS = (
    Light("daylight", ((146, 146, 148), (130, 131, 134), (126, 125, 126), (116, 115, 118))),
    Light("morning sun", ((176, 160, 132), (138, 134, 128), (134, 126, 116), (112, 110, 118))),
    Light("overcast", ((126, 130, 136), (128, 132, 138), (118, 121, 126), (118, 121, 126))),
    Light("evening", ((158, 132, 104), (142, 120, 108), (120, 102, 104), (104, 92, 106))),
    Light("lamp light", ((172, 148, 108), (128, 116, 104), (124, 110, 100), (98, 92, 100))),
    Light("shade", ((112, 118, 132), (104, 110, 126), (110, 114, 122), (98, 102, 114))),
    Light("noon", ((150, 150, 146), (152, 152, 148), (136, 136, 132), (138, 138, 134))),
)


@dataclass(frozen=True)
class Scene:
    """One picture's plan: sizes in pixels, `turn` in degrees, the rest relative to the picture."""

    seed: int
    width: int
    height: int
    pose: str
    background: str
    light: Light
    palette: Palette
    mood: Mood
    collar: Collar
    zoom: float
    shift: tuple[float, float]
    turn: float
    flip: bool
    horizon: float
    haze: float
    prop: str
    prop_side: int


def seeded(*words: str | int) -> Random:
    """The stream of random numbers of that name in this version of the look."""
    name = "/".join(str(word) for word in (VERSION, *words))
    return Random(name)  # noqa: S311 - pictures, not secrets


def _size(rng: Random) -> tuple[int, int]:
    """Width and height: from nearly square to 4:3, lying or standing."""
    short = rng.randint(304, 328)
    long = min(420, round(short * rng.uniform(1.0, 1.3)))
    return (long, short) if rng.random() < 0.72 else (short, long)


def _mood(rng: Random, pose: str) -> Mood:
    if pose == SLEEPING:
        return Mood("sleep", "closed")
    eyes = rng.choices(("open", "wide", "half", "happy"), (10, 5, 2, 3))[0]
    return Mood(eyes, rng.choices(("smile", "closed", "open"), (4, 2, 4))[0])


def choose(seed: int) -> Scene:
    """The scene of that seed; the same for cats and for dogs."""
    rng = seeded("scene", seed)
    width, height = _size(rng)
    pose = rng.choices(tuple(POSES), tuple(POSES.values()))[0]
    kind = rng.choices(("none", "band", "bell", "scarf"), (10, 4, 4, 2))[0]
    return Scene(
        seed=seed,
        width=width,
        height=height,
        pose=pose,
        background=rng.choice(tuple(BACKGROUNDS)),
        light=rng.choice(LIGHTS),
        palette=rng.choice(PALETTES),
        mood=_mood(rng, pose),
        collar=Collar(kind, rng.choice(COLLARS)),
        zoom=rng.uniform(0.86, 1.0),
        shift=(rng.uniform(-0.035, 0.035), rng.uniform(-0.025, 0.025)),
        turn=rng.uniform(-4, 4),
        flip=rng.random() < 0.5,
        horizon=rng.uniform(0.1, 0.3),
        haze=rng.uniform(0.04, 0.3),
        prop=rng.choices(("", *PROPS), (12, 2, 1, 1, 1))[0],
        prop_side=rng.choice((-1, 1)),
    )
