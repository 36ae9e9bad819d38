"""An oracle of known strength: it is told the truth, and says it as often as agreed. Lab only.

With it the whole way from chances to figures is checked: at 60 % it solves 1 challenge in 459.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(slots=True)
class Oracle:
    """Right in a share `accuracy` (0..1) of the pictures that it was told of; it knows how often.

    Of a picture that nobody told it of it knows nothing.
    """

    accuracy: float = 0.6
    seed: int = 0
    rung: str = "oracle"
    _truth: dict[bytes, bool] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Return its name, with its strength."""
        return f"oracle-{round(100 * self.accuracy)}"

    def remember(self, picture: bytes, *, cat: bool) -> None:
        """Hear what a picture shows."""
        self._truth[_key(picture)] = cat

    def look(self, pictures: Sequence[bytes]) -> list[float]:
        """Return `accuracy` for what it says each picture is; the same picture, the same answer."""
        return [self._say(_key(picture)) for picture in pictures]

    def _say(self, key: bytes) -> float:
        if key not in self._truth:
            return 0.5
        dice = random.Random(key + self.seed.to_bytes(8, "big"))  # noqa: S311
        cat = self._truth[key] == (dice.random() < self.accuracy)
        return self.accuracy if cat else 1 - self.accuracy


def _key(picture: bytes) -> bytes:
    return hashlib.sha256(picture).digest()
