"""From a scene to pixels: place the animal, rasterise the SVG, lay light and grain over it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from io import BytesIO
from random import Random
from typing import Literal, Protocol

import resvg_py
from PIL import Image, ImageChops

from challenges.starter.backgrounds import BACKGROUNDS
from challenges.starter.cats import Cat
from challenges.starter.dogs import Dog
from challenges.starter.palettes import mix
from challenges.starter.place import Place
from challenges.starter.props import PROPS
from challenges.starter.scene import Light, Scene, choose, seeded
from challenges.starter.svg import Pen

Animal = Literal["cat", "dog"]


class Drawable(Protocol):
    """What render needs of an animal."""

    kind: str
    coat: str

    def draw(self) -> None:
        """Draw the animal in its own units."""

    def paws(self) -> None:
        """Draw what lies over the edge that the animal peeks over."""


@dataclass(frozen=True)
class Frame:
    """What a pose fills in its own units: the size to fit, its middle (x, y), the ground."""

    width: float
    height: float
    x: float
    y: float
    ground: float


HEAD = Frame(174, 192, 0, -4, 150)
FRAMES = {
    "head, front": HEAD,
    "head, turned": HEAD,
    "head, profile": Frame(180, 192, 6, -4, 150),
    "peeking": Frame(176, 196, 0, -2, 66),
    "sitting, front": Frame(200, 250, 3, -27, 97),
    "sitting, side": Frame(216, 250, 4, -28, 97),
    "waving": Frame(204, 250, 6, -27, 97),
    "facing": Frame(200, 246, 2, -22, 94),
    "standing": Frame(240, 240, 28, -26, 96),
    "walking": Frame(240, 240, 28, -26, 96),
    "lying, front": Frame(210, 214, 0, 18, 98),
    "lying, side": Frame(240, 212, 26, 8, 98),
    "sleeping": Frame(220, 184, 32, 42, 98),
    "stretching": Frame(244, 226, 26, 4, 97),
    "leaping": Frame(246, 226, 26, -18, 112),
}
EDGES = ("#a9744a", "#d8d2c8", "#7d8b94", "#c2895a", "#b8574a", "#5c7f6a", "#e6d9bd")
_GRAIN = Image.frombytes("L", (256, 256), seeded("grain").randbytes(256 * 256)).point(
    lambda v: 120 + v // 16
)


def _place(scene: Scene, frame: Frame) -> tuple[float, float, float]:
    """Scale, and where the unit origin comes to lie (x, y in pixels)."""
    scale = scene.zoom * min(scene.width / frame.width, scene.height / frame.height)
    scale = min(
        scale, scene.zoom * min(scene.width, scene.height) / min(frame.width, frame.height) * 0.96
    )
    side = -1 if scene.flip else 1
    x = scene.width * (0.5 + scene.shift[0]) - side * frame.x * scale
    y = scene.height * (0.5 + scene.shift[1]) - frame.y * scale
    return scale, x, y


def _animal(animal: Animal, scene: Scene, rng: Random, pen: Pen) -> Drawable:
    return Cat(scene, rng, pen) if animal == "cat" else Dog(scene, rng, pen)


def _shadow(pen: Pen, scene: Scene, frame: Frame, scale: float, x: float, y: float) -> None:
    """A soft shadow on the ground."""
    if scene.pose.startswith("head") or scene.pose == "peeking":
        return
    wide = frame.width * scale * (0.3 if scene.pose == "leaping" else 0.46)
    pen.ellipse(x, y + frame.ground * scale, wide, wide * 0.13, "#1d1a2c", opacity=0.16)
    pen.ellipse(x, y + frame.ground * scale, wide * 0.8, wide * 0.085, "#1d1a2c", opacity=0.2)


def _edge(pen: Pen, scene: Scene, rng: Random, top: float) -> None:
    """The table, box or wall that the animal looks over."""
    colour = rng.choice(EDGES)
    pen.rect(0, top, scene.width, scene.height - top, colour)
    pen.rect(0, top, scene.width, 9, "#ffffff", opacity=0.35)
    pen.rect(0, top + 9, scene.width, 5, "#1d1a2c", opacity=0.18)


def _hazy(part: str, scene: Scene) -> str:
    """The background's colours, paler, so that the animal stands out."""
    return re.sub(r"#[0-9a-f]{6}", lambda found: mix(found[0], "#f4efe8", scene.haze), part)


def compose(animal: Animal, scene: Scene) -> str:
    """The picture as an SVG document."""
    pen, rng = Pen(), seeded(animal, scene.seed)
    frame = FRAMES[scene.pose]
    scale, x, y = _place(scene, frame)
    feet = y + frame.ground * scale
    portrait = scene.pose.startswith("head") or scene.pose == "peeking"
    floor = (
        scene.height * (0.55 + scene.horizon) if portrait else feet - scene.height * scene.horizon
    )
    place = Place(pen, seeded(animal, scene.seed, "place"), scene.width, scene.height, floor, feet)
    BACKGROUNDS[scene.background](place)
    pen.parts = [_hazy(part, scene) for part in pen.parts]
    _shadow(pen, scene, frame, scale, x, y)
    subject = _animal(animal, scene, rng, pen)
    flip = -scale if scene.flip else scale
    stand = f"translate({x:.1f} {y:.1f}) scale({flip:.4f} {scale:.4f})"
    with pen.group(f"{stand} rotate({scene.turn * (1.0 if portrait else 0.3):.2f})"):
        subject.draw()
    if scene.prop and not portrait:
        at = scene.width * (0.5 + scene.prop_side * place.rng.uniform(0.26, 0.36))
        PROPS[scene.prop](
            pen, place.rng, at, feet + place.rng.uniform(6, 16), place.rng.uniform(15, 22)
        )
    if scene.pose == "peeking":
        _edge(pen, scene, place.rng, feet)
        with pen.group(stand):
            subject.paws()
    return pen.document(scene.width, scene.height)


def _light(image: Image.Image, light: Light, *, flip: bool) -> Image.Image:
    corners = Image.new("RGB", (2, 2))
    for i, colour in enumerate(light.corners):
        corners.putpixel(((i % 2) ^ flip, i // 2), colour)
    return ImageChops.overlay(image, corners.resize(image.size, Image.Resampling.BILINEAR))


def _grain(image: Image.Image) -> Image.Image:
    tile = Image.new("L", image.size)
    for x in range(0, image.width, 256):
        for y in range(0, image.height, 256):
            tile.paste(_GRAIN, (x, y))
    return ImageChops.overlay(image, Image.merge("RGB", (tile, tile, tile)))


def paint(animal: Animal, seed: int) -> Image.Image:
    """The finished RGB picture of that animal and seed."""
    scene = choose(seed)
    png = resvg_py.svg_to_bytes(svg_string=compose(animal, scene), skip_system_fonts=True)
    image = Image.open(BytesIO(png)).convert("RGB")
    return _grain(_light(image, scene.light, flip=scene.flip))


@dataclass(frozen=True)
class Description:
    """What a picture shows, in words."""

    animal: Animal
    kind: str
    coat: str
    colour: str
    pose: str
    background: str
    light: str

    def __str__(self) -> str:
        who = f"{self.animal} ({self.kind}, {self.coat}, {self.colour})"
        return f"{who}, {self.pose}, {self.background}, {self.light}"


def describe(animal: Animal, seed: int) -> Description:
    """What `draw(animal, seed)` shows, without drawing it."""
    scene = choose(seed)
    subject = _animal(animal, scene, seeded(animal, seed), Pen())
    return Description(
        animal,
        subject.kind,
        subject.coat,
        scene.palette.name,
        scene.pose,
        scene.background,
        scene.light.name,
    )
