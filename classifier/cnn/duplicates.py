"""Photos that are nearly the same picture, by their perceptual hashes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from challenges.imaging import NEAR

# Rows of the table of all pairs that are compared at once: 1,000 x 100,000 bytes is 100 MB.
ROWS = 1000


def pairs(hashes: Sequence[int], bits: int = NEAR) -> Iterator[tuple[int, int]]:
    """Yield the indexes of every two photos whose 64-bit hashes differ in `bits` at most."""
    all_hashes = np.array([value & (1 << 64) - 1 for value in hashes], dtype=np.uint64)
    for start in range(0, len(all_hashes), ROWS):
        rows = all_hashes[start : start + ROWS, np.newaxis]
        differing: NDArray[np.uint8] = np.bitwise_count(rows ^ all_hashes[np.newaxis, :])
        for row, column in np.argwhere(differing <= bits).tolist():
            if start + row < column:
                yield start + row, column


def groups(hashes: Sequence[int], bits: int = NEAR) -> list[int]:
    """Return a group number for each photo: neighbours, and neighbours of those, share one."""
    if not hashes:
        return []
    found = np.array(list(pairs(hashes, bits)), dtype=np.int64).reshape(-1, 2)
    graph = coo_array(
        (np.ones(len(found), dtype=np.int8), (found[:, 0], found[:, 1])),
        shape=(len(hashes), len(hashes)),
    )
    _, numbers = connected_components(graph, directed=False)
    return [int(number) for number in numbers]
