"""Places inside a home."""

from __future__ import annotations

from challenges.starter.palettes import darker, lighter, mix
from challenges.starter.place import Place
from challenges.starter.svg import trace

WALLS = (
    "#e9dcc6",
    "#cfdcd8",
    "#d9cfdc",
    "#f0d9c4",
    "#b9c9d4",
    "#d6dcbd",
    "#e6c4b4",
    "#8fa5a0",
    "#c0a89a",
    "#6f7f92",
)
WOODS = ("#c69a6b", "#a87b52", "#d8b88c", "#8d6a50", "#b7a088")
FABRICS = ("#b5554d", "#4f7d8c", "#d6a74e", "#7a8f5e", "#8a6a94", "#c98a9a", "#5c6b88", "#d8cfc0")


def living_room(p: Place) -> None:
    """A rug on a wooden floor, pictures and a plant."""
    wall, rug = p.rng.choice(WALLS), p.rng.choice(FABRICS)
    p.wall(wall)
    p.boards(p.rng.choice(WOODS))
    p.pen.rect(0, p.floor - 9, p.width, 9, lighter(wall, 0.5))
    for _ in range(p.rng.randint(1, 3)):
        p.picture(
            p.rng.uniform(0.05, 0.95) * p.width,
            p.floor * p.rng.uniform(0.2, 0.55),
            p.rng.uniform(44, 80),
            p.rng.uniform(44, 74),
        )
    if p.rng.random() < 0.7:
        p.plant(p.rng.choice((0.08, 0.92)) * p.width, p.floor + 12, p.rng.uniform(60, 100))
    y = (p.floor + p.height) / 2 + 12
    p.pen.ellipse(p.width / 2, y, p.width * 0.52, (p.height - p.floor) * 0.42, rug)
    p.pen.ellipse(
        p.width / 2,
        y,
        p.width * 0.46,
        (p.height - p.floor) * 0.34,
        "none",
        stroke=lighter(rug, 0.55),
        width=4,
    )


def sofa(p: Place) -> None:
    """On a sofa: seat, back, arm rests and a cushion."""
    c = p.rng.choice(FABRICS)
    p.pen.rect(0, 0, p.width, p.height, p.rng.choice(WALLS))
    p.picture(p.rng.uniform(0.2, 0.8) * p.width, p.floor * 0.16, 80, 50)
    back, seat = p.floor * p.rng.uniform(0.3, 0.5), p.floor
    half = p.width * p.rng.uniform(0.42, 0.58)
    for x, w in ((-30, half + 27), (half + 3, p.width - half + 30)):
        p.pen.rect(x, back, w, p.height, darker(c, 0.12), 22)
        p.pen.line(
            [(x + 16, back + 9), (x + w / 2, back + 6), (x + w - 16, back + 9)],
            lighter(c, 0.3),
            5,
            0.4,
        )
    p.pen.rect(-10, seat, p.width + 20, p.height, c, 14)
    p.pen.rect(0, seat + 4, p.width, 7, lighter(c, 0.35), opacity=0.5)
    p.pen.rect(0, p.feet + 24, p.width, p.height, darker(c, 0.25))
    side, pillow = p.rng.choice((0.1, 0.9)), p.rng.choice(FABRICS)
    x = p.width * side
    p.pen.blob(
        [
            (x - 46, seat - 44),
            (x, seat - 38),
            (x + 46, seat - 46),
            (x + 40, seat),
            (x + 46, seat + 34),
            (x, seat + 28),
            (x - 46, seat + 34),
            (x - 40, seat),
        ],
        pillow,
        darker(pillow, 0.3),
        2,
    )


def kitchen(p: Place) -> None:
    """Cupboards and a chequered floor."""
    front = p.rng.choice(("#dfe6e2", "#a9bfb4", "#e8d8be", "#7f98a6", "#c9b6a4", "#b76e5d"))
    tile = p.rng.choice(FABRICS)
    p.wall(front)
    n = p.rng.randint(3, 4)
    w, top = p.width / n, p.floor * p.rng.uniform(0.1, 0.32)
    p.pen.rect(0, 0, p.width, top, p.rng.choice(WALLS))
    p.pen.rect(0, top, p.width, 12, p.rng.choice(WOODS))
    for i in range(n):
        p.pen.path(
            trace("M", i * w + 8, top + 24, "h", w - 16, "V", p.floor - 16, "h", 16 - w, "Z"),
            lighter(front, 0.2),
            darker(front, 0.35),
            2,
        )
        p.pen.rect(i * w + w - 24, top + 38, 6, 26, darker(front, 0.55), 3)
    p.pen.rect(0, p.floor - 9, p.width, 9, darker(front, 0.5))
    pale = lighter(tile, 0.75)
    p.ground(pale)
    _chequer(p, mix(tile, pale, 0.35))


def _chequer(p: Place, colour: str) -> None:
    """Tiles in perspective."""
    rows, mid, d = 5, p.width / 2, []
    for r in range(rows):
        y0 = p.floor + (p.height - p.floor) * (r / rows) ** 1.4
        y1 = p.floor + (p.height - p.floor) * ((r + 1) / rows) ** 1.4
        k0, k1 = 1 + 1.6 * (r / rows) ** 1.4, 1 + 1.6 * ((r + 1) / rows) ** 1.4
        for i in range(-7, 7):
            if (i + r) % 2:
                a, b = i * 36, (i + 1) * 36
                d.append(
                    trace(
                        "M",
                        mid + a * k0,
                        y0,
                        "L",
                        mid + b * k0,
                        y0,
                        "L",
                        mid + b * k1,
                        y1,
                        "L",
                        mid + a * k1,
                        y1,
                        "Z",
                    )
                )
    p.pen.path("".join(d), colour)


def bedroom(p: Place) -> None:
    """On a made bed with pillows."""
    quilt, wall = p.rng.choice(FABRICS), p.rng.choice(WALLS)
    p.pen.rect(0, 0, p.width, p.height, wall)
    wood = p.rng.choice(WOODS)
    top = p.floor * p.rng.uniform(0.3, 0.5)
    p.pen.rect(p.width * 0.02, top, p.width * 0.96, p.height, wood, 18)
    p.pen.rect(p.width * 0.06, top + 14, p.width * 0.88, p.height, lighter(wood, 0.25), 12)
    for x in (0.27, 0.73):
        c = lighter(quilt, 0.78)
        p.pen.rect(p.width * x - 74, p.floor - 54, 148, 80, c, 26)
        p.pen.line(
            [
                (p.width * x - 50, p.floor - 30),
                (p.width * x, p.floor - 24),
                (p.width * x + 50, p.floor - 30),
            ],
            darker(c, 0.2),
            2.5,
            0.6,
        )
    p.pen.rect(-10, p.floor, p.width + 20, p.height, quilt, 16)
    _quilt(p, quilt)


def _quilt(p: Place, colour: str) -> None:
    kind, tone = p.rng.choice(("stripes", "dots", "lines")), lighter(colour, 0.35)
    if kind == "stripes":
        for k in range(9):
            x = (k + 0.3) * p.width / 9
            p.pen.path(
                trace(
                    "M", x, p.floor + 3, "h14L", x + (x - p.width / 2) * 0.5 + 20, p.height, "h-26Z"
                ),
                tone,
            )
    elif kind == "dots":
        p.dots(p.floor + 8, p.height, 40, (tone,), 5)
    else:
        for k in range(4):
            y = p.floor + (p.height - p.floor) * (k + 0.5) / 4
            p.pen.line([(0, y), (p.width / 2, y + 7), (p.width, y)], tone, 4)


def library(p: Place) -> None:
    """Before shelves of books."""
    wood = p.rng.choice(WOODS)
    p.wall(darker(wood, 0.4))
    rows = p.rng.randint(2, 3)
    tall = p.floor / rows
    for r in range(rows):
        x, base = p.rng.uniform(0, 12), (r + 1) * tall - 9
        while x < p.width:
            w, h = p.rng.uniform(11, 24), tall * p.rng.uniform(0.55, 0.82)
            c = mix(p.rng.choice(FABRICS), "#4a4048", 0.15)
            p.pen.rect(x, base - h, w, h, c, 1.5)
            p.pen.rect(x, base - h * 0.82, w, 5, lighter(c, 0.5))
            x += w + (p.rng.uniform(14, 60) if p.rng.random() < 0.14 else 1.5)
        p.pen.rect(0, base, p.width, 9, wood)
    p.boards(p.rng.choice(WOODS))


def cushion(p: Place) -> None:
    """In a basket corner with a patterned wallpaper."""
    wall, c = p.rng.choice(WALLS), p.rng.choice(FABRICS)
    p.wall(wall)
    tone = lighter(wall, 0.45)
    if p.rng.random() < 0.5:
        for k in range(10):
            p.pen.rect((k + 0.25) * p.width / 10, 0, p.width / 22, p.floor, tone)
    else:
        step = p.rng.uniform(36, 52)
        for i in range(int(p.width / step) + 2):
            for j in range(int(p.floor / step) + 1):
                p.pen.ellipse((i + (j % 2) * 0.5) * step, (j + 0.4) * step, 6, 6, tone)
    p.boards(p.rng.choice(WOODS), 32)
    p.pen.rect(0, p.floor - 10, p.width, 10, lighter(wall, 0.6))
    p.pen.rect(p.width * 0.03, p.feet - 24, p.width * 0.94, 62, darker(c, 0.15), 30)
    p.pen.rect(p.width * 0.05, p.feet - 28, p.width * 0.9, 48, lighter(c, 0.12), 24)


def stairs(p: Place) -> None:
    """On a carpeted stair."""
    carpet, wall = p.rng.choice(FABRICS), p.rng.choice(WALLS)
    p.pen.rect(0, 0, p.width, p.height, wall)
    wood, y, inset, tall = p.rng.choice(WOODS), p.floor, 0.0, p.rng.uniform(44, 60)
    for k in range(5):
        p.pen.rect(inset, y - tall, p.width - 2 * inset, tall, darker(wood, 0.1 + 0.05 * k))
        p.pen.rect(
            inset + p.width * 0.12,
            y - tall,
            p.width * 0.76 - 2 * inset,
            tall,
            darker(carpet, 0.12 + 0.08 * k),
        )
        p.pen.rect(
            inset,
            y - tall - 5,
            p.width - 2 * inset,
            10,
            mix(lighter(carpet, 0.3), darker(carpet, 0.3), k / 5),
        )
        y, inset, tall = y - tall, inset + p.width * 0.025, tall * 0.85
    p.ground(wood)
    p.pen.rect(p.width * 0.1, p.floor, p.width * 0.8, p.height, carpet)
    p.pen.rect(0, p.feet + 26, p.width, 6, darker(carpet, 0.4), opacity=0.6)
