"""What a visitor is told of a photo, and how it travels from the worker. Pure."""

from __future__ import annotations

import base64
import json
from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from classifier.cnn.config import NEITHER

# How sure the network is, at least, and what it says then.
_SURE: Final = (
    (0.995, "{a}. I am as good as certain."),
    (0.95, "{a}, I am quite sure."),
    (0.8, "{a}, I think."),
    (0.0, "{a}, perhaps. I would not bet my dinner on it."),
)


@dataclass(frozen=True, slots=True)
class Heat:
    """Where the network looked: `width` x `height` bytes, row by row, over the whole photo."""

    width: int
    height: int
    values: bytes


@dataclass(frozen=True, slots=True)
class Answer:
    """What the network makes of one photo. Chances are 0..1 and calibrated."""

    label: str
    verdict: str
    confidence: float
    p_cat: float
    familiar: float
    chances: dict[str, float]
    heat: Heat
    model: str

    @property
    def sentence(self) -> str:
        """What it says, as a person would."""
        if self.verdict == NEITHER:
            known = " nor a ".join(self.chances)
            return f"That looks like neither a {known} to me."
        words = next(words for least, words in _SURE if self.confidence >= least)
        return words.format(a=f"A {self.label}")

    @property
    def meaning(self) -> str:
        """What the number means: it is calibrated, so it can be read as a count."""
        if self.verdict == NEITHER:
            return f"If I had to choose, I would say {self.label}."
        of = 1000 if self.confidence >= 0.995 else 100
        right = min(of - 1, round(self.confidence * of))
        return f"Of {of:,} photos that I am this sure about, I am right on about {right}."

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it, and as the API tells it."""
        heat = asdict(self.heat) | {"values": base64.b64encode(self.heat.values).decode()}
        told = {**asdict(self), "heat": heat}
        return {**told, "sentence": self.sentence, "meaning": self.meaning}

    def to_json(self) -> bytes:
        """Return it as it travels."""
        return json.dumps({"answer": self.to_dict()}).encode()

    @classmethod
    def from_dict(cls, said: dict[str, Any]) -> Self:
        """Return what `to_dict` wrote."""
        heat = said["heat"]
        return cls(
            label=said["label"],
            verdict=said["verdict"],
            confidence=said["confidence"],
            p_cat=said["p_cat"],
            familiar=said["familiar"],
            chances=said["chances"],
            heat=Heat(heat["width"], heat["height"], base64.b64decode(heat["values"])),
            model=said["model"],
        )


def percent(chance: float) -> str:
    """Return a chance, 0..1, as people read it: never quite 0 or 100 %."""
    if chance > 0.999:
        return "more than 99.9 %"
    return "less than 0.1 %" if chance < 0.001 else f"{chance * 100:.1f} %"
