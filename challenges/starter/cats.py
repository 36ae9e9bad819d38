"""A cat for a scene: its kind, its coat and the drawing of its pose."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from challenges.starter import cat_bodies as body
from challenges.starter.cat_heads import FORMS, CatForm
from challenges.starter.coats import dress
from challenges.starter.figure import Figure
from challenges.starter.scene import Scene
from challenges.starter.svg import Pen

COATS = {
    "tabby": 6,
    "tabby and white": 4,
    "solid": 4,
    "pale belly": 2,
    "tuxedo": 4,
    "bicolour": 4,
    "pointed": 4,
    "calico": 3,
    "tortoiseshell": 2,
    "patched": 3,
    "spotted tabby": 3,
}
EYES = ("#8fb04a", "#b9c33f", "#dfae36", "#c98030", "#69b3d6", "#57a98a")
NOSES = ("#e08f8a", "#d97f80", "#c9706a")

POSES: dict[str, Callable[[Figure, CatForm], None]] = {
    "head, front": body.head_front,
    "head, turned": body.head_turned,
    "head, profile": body.head_profile,
    "peeking": body.peeking,
    "sitting, front": body.sitting_front,
    "sitting, side": body.sitting_side,
    "waving": body.waving,
    "facing": body.facing,
    "standing": body.standing,
    "walking": body.walking,
    "lying, front": body.lying_front,
    "lying, side": body.lying_side,
    "sleeping": body.sleeping,
    "stretching": body.stretching,
    "leaping": body.leaping,
}


class Cat:
    """One cat, ready to be drawn into the scene's picture."""

    def __init__(self, scene: Scene, rng: Random, pen: Pen) -> None:
        self.form = rng.choice(FORMS)
        pattern = rng.choices(tuple(COATS), tuple(COATS.values()))[0]
        eye = "#69b3d6" if pattern == "pointed" else rng.choice(EYES)
        coat = dress(pattern, scene.palette, eye=eye, nose=rng.choice(NOSES))
        self.figure = Figure(
            pen, coat, rng, scene.mood, scene.collar, self.form.fur, self.form.depth
        )
        self.kind, self.coat = self.form.name, pattern
        self.pose = scene.pose

    def draw(self) -> None:
        """Draw the animal in its own units."""
        POSES[self.pose](self.figure, self.form)

    def paws(self) -> None:
        """Draw what lies over the edge that the animal peeks over."""
        body.paws_over(self.figure, self.form)
