"""Places under the sky."""

from __future__ import annotations

from challenges.starter.palettes import darker, lighter, mix
from challenges.starter.place import Place
from challenges.starter.svg import num, trace

SKIES = (
    ("#8cc4ea", "#e0f1f4"),
    ("#a9d8ec", "#f5efdc"),
    ("#9fb4cc", "#dbe3e8"),
    ("#f0b58a", "#fbe6c2"),
    ("#c3b5dc", "#f9dccb"),
)
GREENS = ("#8cbf63", "#75ab5c", "#a3c468", "#6a9f6a", "#b3bf6a")
LEAVES = ("#5d9a58", "#4b8360", "#86ad4f", "#3f7457")
AUTUMN = ("#d9822b", "#c4532d", "#e8b23c", "#a3502f")
PETALS = ("#fff7ec", "#f6c945", "#e8718d", "#9a7fd1", "#f09a4a")


def skies(p: Place) -> None:
    """A sky of any weather, with or without clouds."""
    top, low = p.rng.choice(SKIES)
    p.sky(top, low)
    for _ in range(p.rng.randint(0, 3)):
        p.cloud(
            p.rng.uniform(0, p.width), p.floor * p.rng.uniform(0.08, 0.5), p.rng.uniform(20, 48)
        )


def meadow(p: Place) -> None:
    """Flowers in the grass, hills behind."""
    skies(p)
    green = p.rng.choice(GREENS)
    p.hills(p.floor - 6, p.floor * p.rng.uniform(0.15, 0.4), mix(green, "#7ba3b0", 0.55))
    p.hills(p.floor + 6, 34, mix(green, "#4f8068", 0.35))
    p.hills(p.floor + 16, 12, green, 2)
    p.grass(p.floor + 26, 70, darker(green, 0.22))
    p.dots(
        p.floor + 20,
        p.height,
        p.rng.randint(10, 36),
        (p.rng.choice(PETALS), p.rng.choice(PETALS)),
        4.6,
    )


def park(p: Place) -> None:
    """Trees, a path and sometimes a bench."""
    skies(p)
    green, leaf = p.rng.choice(GREENS), p.rng.choice(LEAVES)
    p.hills(p.floor - 12, 46, mix(leaf, "#9cc0c8", 0.5), 6)
    p.ground(green)
    for _ in range(p.rng.randint(2, 4)):
        p.tree(
            p.rng.uniform(0, p.width),
            p.floor + p.rng.uniform(0, 14),
            p.floor * p.rng.uniform(0.6, 1.0),
            mix(leaf, p.rng.choice(LEAVES), 0.5),
        )
    mid = p.rng.uniform(0.2, 0.8) * p.width
    if p.rng.random() < 0.6:
        d = trace("M", mid - 16, p.floor, "h32L", p.width * 0.9, p.height, "H", p.width * 0.1, "Z")
        p.pen.path(d, "#e0cfae")
    p.grass(p.floor + 10, 60, darker(green, 0.2), 11)


def beach(p: Place) -> None:
    """Sea and sand."""
    skies(p)
    sea = p.rng.choice(("#4fa3bd", "#3f87b0", "#62b5ae", "#7d9dbb"))
    top = p.floor * p.rng.uniform(0.55, 0.8)
    p.pen.rect(0, top, p.width, p.height, sea)
    for k in range(4):
        y = top + (p.floor - top) * (k + 0.5) / 4
        x = p.rng.uniform(0, p.width)
        p.pen.line(
            [(x - 60, y), (x - 20, y - 3), (x + 20, y + 2), (x + 60, y)],
            lighter(sea, 0.6),
            2.5,
            0.8,
        )
    if p.rng.random() < 0.5:
        x = p.rng.choice((0.12, 0.85)) * p.width
        p.pen.path(trace("M", x, top - 58, "L", x + 34, top - 12, "H", x, "Z"), "#fdf7ea")
        p.pen.path(
            trace("M", x - 24, top - 8, "h64l-14 16h-38Z"), p.rng.choice(("#c4534a", "#3f5f8a"))
        )
    sand = p.rng.choice(("#ecd6a6", "#e2c795", "#f1e0bd"))
    p.hills(p.floor + 4, 10, "#fbf8ec", 2)
    p.hills(p.floor + 12, 10, sand, 2)
    p.dots(p.floor + 18, p.height, 26, (darker(sand, 0.15), lighter(sand, 0.5)), 2.6)


def snow(p: Place) -> None:
    """A snowy hill with firs and falling flakes."""
    p.sky(*p.rng.choice((("#b4c9de", "#e9eff4"), ("#8fa6c4", "#dfe6ef"), ("#d9c3cf", "#f6e9e4"))))
    p.hills(p.floor - 10, p.floor * 0.3, "#d3dfea")
    fir = p.rng.choice(("#4a6f68", "#3d5d6a", "#5d7f66"))
    for _ in range(p.rng.randint(3, 6)):
        x, h = p.rng.uniform(0, p.width), p.floor * p.rng.uniform(0.4, 0.8)
        for k in range(3):
            y, w = p.floor + 10 - h * 0.25 * k, h * (0.26 - 0.06 * k)
            p.pen.path(trace("M", x - w, y, "L", x, y - h * 0.45, "L", x + w, y, "Z"), fir)
            p.pen.path(
                trace(
                    "M",
                    x - w * 0.42,
                    y - h * 0.26,
                    "L",
                    x,
                    y - h * 0.45,
                    "L",
                    x + w * 0.42,
                    y - h * 0.26,
                    "Z",
                ),
                "#f2f6fa",
            )
    p.hills(p.floor + 10, 16, "#eef3f8", 2)
    p.hills(p.floor + (p.height - p.floor) * 0.6, 14, "#e0e8f1", 2)
    p.dots(0, p.height, 46, ("#ffffff",), 2.8)


def autumn(p: Place) -> None:
    """Autumn trees and fallen leaves."""
    p.sky(*p.rng.choice((("#c9d6de", "#f6ead2"), ("#e3c9a8", "#fbeed6"), ("#a9bccb", "#e9e3d6"))))
    p.hills(p.floor - 4, p.floor * 0.3, "#c99b62", 4)
    ground = p.rng.choice(("#b9a05a", "#a8824f", "#c2aa6c", "#94925a"))
    p.ground(ground)
    for _ in range(p.rng.randint(2, 4)):
        p.tree(
            p.rng.uniform(0, p.width),
            p.floor + p.rng.uniform(0, 12),
            p.floor * p.rng.uniform(0.6, 1.05),
            p.rng.choice(AUTUMN),
            "#5d463c",
        )
    for _ in range(46):
        x, y = p.rng.uniform(0, p.width), p.rng.uniform(p.floor + 6, p.height)
        p.pen.ellipse(x, y, 6.5, 3.2, p.rng.choice(AUTUMN), turn=p.rng.uniform(0, 180))


def lake(p: Place) -> None:
    """A jetty on a lake before mountains."""
    top, low = p.rng.choice(SKIES)
    p.sky(top, low)
    far = p.rng.choice(("#8fa3bf", "#9a90b5", "#7f9f9a"))
    for shade in (0.35, 0.0):
        x, d = -40.0, [trace("M-60", p.floor)]
        while x < p.width + 40:
            step = p.rng.uniform(50, 100)
            d.append(
                trace(
                    "L",
                    x + step / 2,
                    p.floor * p.rng.uniform(0.3, 0.6 + shade * 0.3),
                    "L",
                    x + step,
                    p.floor * 0.8,
                )
            )
            x += step
        p.pen.path("".join(d) + f"V{num(p.floor)}Z", mix(far, low, 0.4 - shade))
    p.pen.rect(0, p.floor * 0.78, p.width, p.height, mix(top, far, 0.5))
    for k in range(5):
        y, x = p.floor * (0.82 + 0.035 * k), p.rng.uniform(0, p.width)
        p.pen.rect(x - 50, y, 100, 2.4, lighter(low, 0.4), 1, opacity=0.7)
    p.boards(p.rng.choice(("#a98d72", "#8f7a6a", "#c4a585")), 30)
