"""From scores to chances: Platt's scaling (1999), fitted on tiles that were not learned from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
# Newton's steps; five are usually enough.
STEPS: Final = 50
# How narrow the prior is about 0, of slope and offset for scores that spread 1: a dozen tiles are
# not to make anybody certain, and hundreds outvote it.
RIDGE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Platt:
    """P(cat) = 1 / (1 + exp(-(slope * score + offset))). A slope below 0 turns scores round."""

    slope: float = 1.0
    offset: float = 0.0

    def chances(self, scores: ArrayLike) -> list[float]:
        """Return P(cat) of each score."""
        z = self.slope * np.asarray(scores, dtype=np.float64) + self.offset
        found: list[float] = sigmoid(z).tolist()
        return found


def fit(scores: ArrayLike, cats: ArrayLike) -> Platt:
    """Return the likeliest scaling under a mild prior, with Platt's smoothed targets.

    Targets are (n + 1) / (n + 2) instead of 1 and 0, so that scores which part a few tiles wholly
    do not become certainties. The scaling of no tiles is none.
    """
    score, truth = np.asarray(scores, dtype=np.float64), np.asarray(cats, dtype=np.bool_)
    if not len(score):
        return Platt()
    spread = float(score.std()) or 1.0
    many, others = int(truth.sum()), int((~truth).sum())
    target = np.where(truth, (many + 1) / (many + 2), 1 / (others + 2))
    columns = np.stack([score / spread, np.ones_like(score)], axis=1)
    weights = np.zeros(2)
    for _ in range(STEPS):
        p = sigmoid(columns @ weights)
        slope = columns.T @ (p - target) + RIDGE * weights
        bend = (columns * (p * (1 - p))[:, None]).T @ columns + RIDGE * np.eye(2)
        step = np.linalg.solve(bend, slope)
        # A long step of Newton's may overshoot where the curve is flat.
        weights -= step * min(1.0, 5.0 / (float(np.abs(step).max()) + 1e-12))
        if np.abs(step).max() < 1e-9:
            break
    return Platt(float(weights[0] / spread), float(weights[1]))


def sigmoid(z: Floats) -> Floats:
    """Return 1 / (1 + exp(-z)), without overflow."""
    found: Floats = 0.5 * (1.0 + np.tanh(0.5 * z))
    return found


def logit(chances: ArrayLike, edge: float = 1e-6) -> Floats:
    """Return log p / (1 - p); chances nearer to 0 or 1 than `edge` count as so near."""
    p = np.clip(np.asarray(chances, dtype=np.float64), edge, 1 - edge)
    found: Floats = np.log(p / (1 - p))
    return found
