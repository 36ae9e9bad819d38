"""Places outside near houses."""

from __future__ import annotations

from challenges.starter.outdoors import GREENS, LEAVES, PETALS, skies
from challenges.starter.palettes import darker, mix
from challenges.starter.place import Place
from challenges.starter.svg import trace


def garden_wall(p: Place) -> None:
    """Before a brick or stone wall with ivy."""
    brick = p.rng.choice(("#b8694f", "#a89f94", "#c99a78", "#8f7f83", "#d9cdb8"))
    p.wall(mix(brick, "#f0e6d8", 0.35))
    h, w = p.rng.uniform(20, 30), p.rng.uniform(46, 70)
    for r in range(int(p.floor / h) + 1):
        for i in range(-1, int(p.width / w) + 1):
            tone = mix(brick, p.rng.choice(("#ffffff", "#40303a")), p.rng.uniform(0, 0.16))
            p.pen.rect(
                i * w + (r % 2) * w / 2 + 2, p.floor - (r + 1) * h + 2, w - 3, h - 3, tone, 2
            )
    green = p.rng.choice(LEAVES)
    if p.rng.random() < 0.7:
        x0 = p.rng.choice((0.0, 0.75)) * p.width
        for _ in range(34):
            p.pen.ellipse(
                x0 + p.rng.uniform(-0.1, 0.35) * p.width,
                p.rng.uniform(0, p.floor) * p.rng.uniform(0.2, 1),
                11,
                8,
                mix(green, "#cfe0a0", p.rng.uniform(0, 0.4)),
                turn=p.rng.uniform(0, 180),
            )
    ground = p.rng.choice((*GREENS[:3], "#c9bca6"))
    p.ground(ground)
    p.grass(p.floor + 4, 50, darker(ground, 0.2), 13)


def fence(p: Place) -> None:
    """A garden with a picket fence."""
    skies(p)
    p.hills(p.floor - 30, 50, p.rng.choice(LEAVES), 5)
    paint = p.rng.choice(("#fbf8f1", "#b98a5e", "#8fb0b8", "#d9c9a9", "#7d6a62"))
    w, h = p.rng.uniform(22, 34), p.floor * p.rng.uniform(0.4, 0.65)
    for y in (0.75, 0.3):
        p.pen.rect(0, p.floor - h * y, p.width, 11, darker(paint, 0.2))
    x = p.rng.uniform(-w, 0)
    while x < p.width:
        y = p.floor - h
        p.pen.path(
            trace(
                "M",
                x,
                y + w * 0.4,
                "L",
                x + w / 2,
                y,
                "L",
                x + w,
                y + w * 0.4,
                "V",
                p.floor + 6,
                "H",
                x,
                "Z",
            ),
            paint,
            darker(paint, 0.28),
            1.6,
        )
        x += w + 9
    green = p.rng.choice(GREENS)
    p.ground(green)
    p.grass(p.floor + 10, 90, darker(green, 0.18), 15)
    p.dots(p.floor + 4, p.floor + 40, 12, (p.rng.choice(PETALS),), 5)


def terrace(p: Place) -> None:
    """Paving stones, flower pots and a house wall."""
    wall = p.rng.choice(("#efe3cc", "#dfb59a", "#b7cbd1", "#e8d0c8", "#9fae9b"))
    stone = p.rng.choice(("#c8c0b4", "#b9a994", "#a9b0b4"))
    p.wall(wall)
    x = p.width * p.rng.uniform(-0.1, 0.6)
    p.pen.rect(
        x,
        p.floor * 0.12,
        p.width * 0.34,
        p.floor,
        p.rng.choice(("#5f7f86", "#8a5f4a", "#6f8a6a", "#e9e4da")),
        6,
    )
    p.pen.rect(x + 12, p.floor * 0.12 + 14, p.width * 0.34 - 24, p.floor * 0.35, "#bcd3d8", 4)
    p.ground(stone)
    for r in range(4):
        y = p.floor + (p.height - p.floor) * (r / 4) ** 1.3
        p.pen.rect(0, y, p.width, 2.2, darker(stone, 0.3), opacity=0.6)
        for i in range(6):
            at = (i + (r % 2) * 0.5) * p.width / 5.5
            p.pen.rect(at, y, 2.2, (p.height - p.floor) / 3, darker(stone, 0.3), opacity=0.5)
    for side in p.rng.sample((0.05, 0.26, 0.76, 0.95), 2):
        p.plant(side * p.width, p.floor + 14, p.rng.uniform(56, 100))


def town(p: Place) -> None:
    """A pavement before coloured houses."""
    skies(p)
    x = p.rng.uniform(-40, 0)
    while x < p.width:
        w, h = p.rng.uniform(70, 110), p.floor * p.rng.uniform(0.6, 0.92)
        c = p.rng.choice(("#d98f6a", "#e8c987", "#9fb8b0", "#c99aa0", "#8fa5bd", "#e3dccb"))
        p.pen.rect(x, p.floor - h, w, h, c)
        p.pen.path(
            trace(
                "M",
                x - 5,
                p.floor - h,
                "L",
                x + w / 2,
                p.floor - h - 34,
                "L",
                x + w + 5,
                p.floor - h,
                "Z",
            ),
            darker(c, 0.4),
        )
        for i in range(2):
            for j in range(2):
                p.pen.rect(
                    x + w * (0.16 + 0.42 * i),
                    p.floor - h + 16 + 54 * j,
                    w * 0.24,
                    30,
                    "#f7edd2" if (i + j) % 2 else "#6f8492",
                    2,
                )
        x += w
    p.ground("#b5b2ac")
    p.pen.rect(0, p.floor, p.width, 12, "#8c8a88")
    p.pen.rect(0, p.floor + 12, p.width, 4, "#d9d6cf")
