"""Dogs' tails."""

# Rows of points read better packed than one to a line.
# fmt: off
from __future__ import annotations

from challenges.starter.dog_breeds import Breed
from challenges.starter.figure import Figure
from challenges.starter.svg import Point

# Tails from the root (0, 0), pointing up to the left; then their widths.
TAILS: dict[str, tuple[tuple[Point, ...], tuple[float, ...], bool]] = {
    "otter": (((6, 4), (-22, -8), (-46, -26), (-62, -50)), (22, 19, 14, 7), False),
    "saber": (((6, 4), (-24, -4), (-48, -24), (-58, -56)), (15, 12, 9, 5), False),
    "up": (((6, 6), (-8, -22), (-14, -46), (-6, -66)), (17, 13, 11, 7), False),
    "short": (((6, 4), (-8, -10), (-16, -20)), (18, 16, 12), False),
    "plume": (((6, 6), (-26, -16), (-34, -54), (-8, -70), (10, -56)), (20, 27, 30, 26, 14), True),
    "brush": (((6, 2), (-28, 10), (-46, 36), (-58, 60)), (18, 25, 24, 10), True),
    "pompon": (((6, 4), (-8, -22), (-16, -44)), (11, 8, 8), False),
    "curl": (((8, 6), (-12, -10), (-12, -32), (6, -34), (8, -18), (-2, -14)),
             (15, 14, 13, 12, 11, 9), False),
}


def wag(f: Figure, b: Breed, x: float, y: float, turn: float = 0.0) -> None:
    """The tail, rooted at (x, y) and turned by `turn` degrees."""
    spine, widths, bushy = TAILS[b.tail]
    if b.tail == "brush" and y > 50:
        turn += 52  # it hangs: near the ground it is laid out behind instead
    with f.pen.group(f"translate({x:.1f} {y:.1f}) rotate({turn + f.rng.uniform(-12, 12):.0f})"):
        f.tail(spine, widths, bushy=bushy)
        if b.tail == "pompon":
            f.part([(-28, -46), (-16, -58), (-2, -50), (-4, -36), (-18, -30)], fluffy=True)
