"""A dog for a scene: its breed, its coat and the drawing of its pose."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random

from challenges.starter import dog_bodies as body
from challenges.starter.coats import dress
from challenges.starter.dog_breeds import BREEDS, Breed
from challenges.starter.figure import Figure
from challenges.starter.scene import SLEEPING, Scene
from challenges.starter.svg import Pen

EYES = ("#6b4226", "#5a3620", "#7c5230")
NOSES = ("#2a2326", "#2f292e", "#3b2b2a")

POSES: dict[str, Callable[[Figure, Breed], None]] = {
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


class Dog:
    """One dog, ready to be drawn into the scene's picture."""

    def __init__(self, scene: Scene, rng: Random, pen: Pen) -> None:
        self.breed = rng.choice(BREEDS)
        self.kind, self.coat, self.pose = self.breed.name, rng.choice(self.breed.coats), scene.pose
        eye = "#7db4d8" if self.kind == "husky" and rng.random() < 0.6 else rng.choice(EYES)
        coat = dress(self.coat, scene.palette, eye=eye, nose=rng.choice(NOSES))
        mood = scene.mood
        if scene.pose != SLEEPING and rng.random() < self.breed.panting:
            mood = replace(mood, mouth="open")
        self.figure = Figure(pen, coat, rng, mood, scene.collar, self.breed.fur, self.breed.depth)

    def draw(self) -> None:
        """Draw the animal in its own units."""
        POSES[self.pose](self.figure, self.breed)

    def paws(self) -> None:
        """Draw what lies over the edge that the animal peeks over."""
        body.paws_over(self.figure, self.breed)
