"""The hardener as the lab runs it: the service's own recipes, with coins that can be repeated."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from classifier import hardening, panel
from classifier.hardening import recipes as family
from classifier.lab.stages import fingerprint, of_sources
from classifier.panel import Role

if TYPE_CHECKING:
    from PIL import Image
    from torch import nn

CODE: Final = Path(hardening.__file__).parent


@dataclass(frozen=True, slots=True)
class Made:
    """One hardened tile, its recipe, its coin, and how far it is from the crop (a proxy)."""

    data: bytes
    recipe: str
    pushed: bool
    distance: float


@dataclass
class Hardener:
    """What hardens the lab's tiles. Surrogates are the panel's, never a judge.

    In service the coin comes from `secrets`; here it follows from the seed, so that a run that was
    killed comes to the same tiles. This is the one place where coins are injected.
    """

    recipes: tuple[hardening.Recipe, ...] = hardening.FAMILY
    surrogates: tuple[str, ...] = field(default_factory=lambda: panel.keys(Role.HARDENS))
    # False for a control: the same recipes with noise as strong as the patterns, aimed at nothing.
    aimed: bool = True

    def __post_init__(self) -> None:
        """Refuse judges: what hardens may not measure."""
        for key in self.surrogates:
            if panel.network(key).role is Role.JUDGES:
                raise ValueError(f"{key} judges, so it may not take part in hardening.")

    @cached_property
    def fingerprint(self) -> str:
        """Return what the tiles depend on: recipes, code, and the networks' bytes."""
        networks = [(key, panel.network(key).sha256) for key in self.surrogates]
        said: list[Any] = [[one.to_json() for one in self.recipes], networks, of_sources(CODE)]
        if not self.aimed:
            said.append("noise")
        return fingerprint(said)

    def later(self, rotations: int) -> Hardener:
        """Return the one that is in service so many rotations of the recipes later."""
        # Nothing here guards a secret: the lab has to come to the same recipes again.
        dice = random.Random(f"rotation {rotations}")  # noqa: S311
        return replace(self, recipes=tuple(family.rotate(dice, self.recipes)))

    def noise(self) -> Hardener:
        """Return the control to this one."""
        return replace(self, aimed=False)

    def harden(
        self, crops: Sequence[Image.Image], cats: Sequence[bool], dice: random.Random
    ) -> list[Made]:
        """Return each crop hardened by a recipe of its own."""
        import torch

        from classifier.hardening import making

        recipes = [dice.choice(self.recipes) for _ in crops]
        coins = [dice.random() < 0.5 for _ in crops]
        tiles = torch.stack([making.to_tile(one) for one in crops])
        generator = torch.Generator().manual_seed(dice.getrandbits(32))
        made = making.within(tiles, cats, recipes, coins, self._readers(), generator)
        return [
            Made(hardening.render(making.to_image(tile)), recipe.name, coin, distance)
            for tile, recipe, coin, distance in zip(
                made.images, recipes, coins, made.distance, strict=True
            )
        ]

    def _readers(self) -> list[nn.Module]:
        from classifier.hardening import surrogates
        from classifier.lab.noise import Noise

        if not self.aimed:
            return [Noise()]
        return [surrogates.prepared(panel.load(key)) for key in self.surrogates]
