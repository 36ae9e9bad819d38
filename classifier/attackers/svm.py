"""A support vector machine with any kernel: numpy alone, enough for some thousand photos."""

from __future__ import annotations

from typing import Final

import numpy as np
from numpy.typing import NDArray

Matrix = NDArray[np.float32]
ROUNDS: Final = 100
# The greatest violated condition (in margins) that is let pass.
TOLERANCE: Final = 0.01
_CHUNK: Final = 512


def squared_distances(a: Matrix, b: Matrix) -> Matrix:
    """Return the squared distance of every row of `a` from every row of `b`."""
    found = np.empty((len(a), len(b)), dtype=np.float32)
    lengths = np.einsum("ij,ij->i", b, b)
    for start in range(0, len(a), _CHUNK):
        rows = a[start : start + _CHUNK]
        own = np.einsum("ij,ij->i", rows, rows)[:, None]
        found[start : start + _CHUNK] = own + lengths - 2 * (rows @ b.T)
    return np.maximum(found, 0)


def fit(
    kernel: Matrix, cats: NDArray[np.bool_], cost: float, dice: np.random.Generator
) -> NDArray[np.float32]:
    """Return a weight for each training photo: a score is kernel(new, train) + 1 times these.

    The dual of the SVM by coordinate ascent (Hsieh et al. 2008, for kernels); the offset is part
    of the kernel, as a constant 1. `cost` is C.
    """
    signs = np.where(cats, 1.0, -1.0).astype(np.float32)
    rows = (kernel + 1) * signs[:, None] * signs[None, :]
    alpha, gradient = np.zeros(len(signs), dtype=np.float32), -np.ones(len(signs), dtype=np.float32)
    for _ in range(ROUNDS):
        worst = 0.0
        for i in dice.permutation(len(signs)):
            now, slope = float(alpha[i]), float(gradient[i])
            new = min(max(now - slope / float(rows[i, i]), 0.0), cost)
            step = new - now
            if step:
                worst = max(worst, abs(step) * float(rows[i, i]))
                alpha[i] = new
                gradient += np.float32(step) * rows[i]
        if worst < TOLERANCE:
            break
    return (alpha * signs).astype(np.float32)


def scores(kernel: Matrix, weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return a score for each row of kernel(new, train): over 0 is a cat."""
    found: NDArray[np.float32] = (kernel + 1) @ weights
    return found
