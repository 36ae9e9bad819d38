"""The family of recipes: what each changes, and how its parameters are drawn. No torch here."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one rendition is hardened.

    First the `style` changes what a person sees through: its parts (classifier.hardening.styles)
    with their amounts, 0..1. Then a pattern is looked for in `steps` steps that moves networks to
    the coin's side: at most `budget` of brightness and `tint` of colour (0..1 of the range) a
    pixel, `grain` pixels a side sharing a value. At each step the picture is seen through one
    of the `views` (classifier.hardening.views), so that the pattern works in more networks than
    those that were asked.
    """

    name: str
    steps: int
    budget: float
    tint: float
    grain: float = 1.0
    views: tuple[str, ...] = ("resize",)
    style: tuple[tuple[str, float], ...] = ()

    def milder(self, mildness: float) -> Recipe:
        """Return the recipe with this share (0..1) of its strength taken off."""
        left = 1 - min(max(mildness, 0.0), 1.0)
        style = tuple((part, amount * left) for part, amount in self.style)
        return replace(self, budget=self.budget * left, tint=self.tint * left, style=style)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return asdict(self)

    @classmethod
    def from_json(cls, said: Mapping[str, Any]) -> Recipe:
        """Return the recipe that `to_json` wrote. Raises TypeError when it is something else."""
        fields = dict(said)
        fields["views"] = tuple(fields.get("views", ("resize",)))
        fields["style"] = tuple((str(part), float(share)) for part, share in fields["style"])
        return cls(**fields)


_ALL: Final = ("resize", "shift", "scale", "spectrum", "blocks")
# What a rendition may differ from the crop it was made of: a proxy (classifier.hardening.distance),
# set by looking at sheets of pairs. From here on animals that are small, dark or striped sink into
# the pattern. It does not see that a face became another one: the recipes' budgets bound that.
MOST_DISTANCE: Final = 0.2
# What is taken off a recipe's strength at each new try, while a rendition is too far from its
# photo: first only the crop is another one, at the end the rendition is as good as plain.
LADDER: Final = (0.0, 0.0, 0.3, 0.5, 0.7, 0.85, 1.0)
# By how much (a share) a rotation moves each number of a recipe up or down.
_MOVES: Final = 0.2

# Brightness stays below 14 / 255 after a rotation: on sheets with 24, and for a few photos with 16,
# cats got the faces of dogs to the eye as well. Colour may move more, for it leaves shapes alone.
FAMILY: Final = (
    Recipe("fine", 26, 11 / 255, 24 / 255, 1.0, _ALL),
    Recipe("bands", 26, 11 / 255, 24 / 255, 1.6, _ALL, (("phase", 0.1),)),
    Recipe("blots", 26, 8 / 255, 36 / 255, 2.4, _ALL, (("contrast", 0.3),)),
    Recipe("tint", 26, 10 / 255, 36 / 255, 1.5, _ALL, (("colour", 0.7),)),
    Recipe("bent", 26, 11 / 255, 18 / 255, 1.3, _ALL, (("warp", 0.25), ("contour", 0.12))),
    Recipe("veil", 26, 11 / 255, 28 / 255, 1.3, _ALL, (("waves", 0.25), ("colour", 0.3))),
)


def rotate(random: random.Random, recipes: Sequence[Recipe] = FAMILY) -> list[Recipe]:
    """Return the family with every number moved a little, and some of the views."""
    return [_moved(recipe, random) for recipe in recipes]


def _moved(recipe: Recipe, random: random.Random) -> Recipe:
    def near(value: float) -> float:
        return value * random.uniform(1 - _MOVES, 1 + _MOVES)

    views = random.sample(
        recipe.views, random.randint(min(3, len(recipe.views)), len(recipe.views))
    )
    return replace(
        recipe,
        budget=near(recipe.budget),
        tint=near(recipe.tint),
        grain=max(1.0, near(recipe.grain)),
        views=tuple(views),
        style=tuple((part, min(1.0, near(amount))) for part, amount in recipe.style),
    )


def draw(random: random.Random, recipes: Sequence[Recipe] = FAMILY) -> Recipe:
    """Return one of the recipes, each as likely as the others."""
    return random.choice(recipes)
