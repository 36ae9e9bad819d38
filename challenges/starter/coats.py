"""Coats: which part of the animal has which colour, and the marks drawn on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from challenges.starter.palettes import Palette, darker, lighter, luma, mix


@dataclass(frozen=True)
class Coat:
    """Every colour of one animal; `marks` names the pattern drawn on head and body."""

    pattern: str
    base: str
    dark: str
    light: str
    line: str
    ear: str
    muzzle: str
    tail: str
    mask: str = ""
    blaze: str = ""
    chest: str = ""
    sock: str = ""
    tip: str = ""
    marks: str = ""
    other: str = ""
    skin: str = "#e8a5a0"
    nose: str = "#d98880"
    eye: str = "#8fae4c"

    @property
    def whisker(self) -> str:
        """Pale on dark fur, dark on pale fur."""
        dark_face = luma(self.base) < 0.5 or luma(self.muzzle) < 0.6
        return "#fdfaf5" if dark_face else darker(self.dark, 0.25)


Recipe = Callable[[Palette], dict[str, str]]


def _points(p: Palette) -> dict[str, str]:
    body, dark = mix("#f0e2cb", p.light, 0.4), mix(darker(p.dark, 0.25), "#5b4337", 0.35)
    return {
        "base": body,
        "ear": dark,
        "muzzle": dark,
        "mask": dark,
        "sock": dark,
        "tail": dark,
        "skin": "#b98a86",
    }


def _calico(p: Palette) -> dict[str, str]:
    return {
        "base": "#f6f0e6",
        "dark": "#46404a",
        "other": "#dc9149",
        "marks": "patches",
        "ear": "#dc9149",
        "muzzle": "#fbf7f0",
        "tail": "#46404a",
        "sock": "#fbf7f0",
    }


def _tortie(p: Palette) -> dict[str, str]:
    return {
        "base": mix("#4a4048", p.dark, 0.3),
        "dark": "#2c262d",
        "other": "#c67c3d",
        "marks": "mottle",
        "ear": "#3b343c",
        "muzzle": "#8a6246",
        "tail": "#3b343c",
        "light": "#e8cfae",
    }


def _tricolour(p: Palette) -> dict[str, str]:
    return {
        "base": "#c98a4f",
        "dark": "#3d3539",
        "light": "#fbf6ec",
        "marks": "saddle",
        "ear": "#b06f3c",
        "muzzle": "#fbf6ec",
        "blaze": "#fbf6ec",
        "chest": "#fbf6ec",
        "sock": "#fbf6ec",
        "tail": "#3d3539",
        "tip": "#fbf6ec",
    }


RECIPES: dict[str, Recipe] = {
    "solid": lambda p: {},
    "pale belly": lambda p: {
        "muzzle": mix(p.base, p.light, 0.7),
        "chest": mix(p.base, p.light, 0.7),
    },
    "tabby": lambda p: {"marks": "stripes", "muzzle": mix(p.base, p.light, 0.75), "tip": p.dark},
    "tabby and white": lambda p: {
        "marks": "stripes",
        "muzzle": p.light,
        "blaze": p.light,
        "chest": p.light,
        "sock": p.light,
        "tip": p.dark,
    },
    "spotted tabby": lambda p: {
        "marks": "spots",
        "muzzle": mix(p.base, p.light, 0.7),
        "tip": p.dark,
    },
    "tuxedo": lambda p: {"muzzle": p.light, "chest": p.light, "sock": p.light, "tip": p.light},
    "bicolour": lambda p: {
        "muzzle": p.light,
        "blaze": p.light,
        "chest": p.light,
        "sock": p.light,
        "marks": "",
    },
    "pointed": _points,
    "calico": _calico,
    "tortoiseshell": _tortie,
    "patched": lambda p: {
        "base": lighter(p.light, 0.3),
        "dark": p.base if luma(p.base) < 0.8 else p.dark,
        "marks": "patches",
        "ear": p.base if luma(p.base) < 0.8 else p.dark,
        "muzzle": p.light,
        "tail": p.light,
        "sock": p.light,
        "other": p.base if luma(p.base) < 0.8 else p.dark,
    },
    "spotted": lambda p: {
        "base": lighter(p.light, 0.4),
        "marks": "spots",
        "ear": p.dark,
        "muzzle": p.light,
        "tail": p.light,
        "dark": darker(p.dark, 0.3),
    },
    "saddled": lambda p: {
        "marks": "saddle",
        "dark": darker(p.dark, 0.35),
        "ear": darker(p.dark, 0.2),
        "muzzle": darker(p.dark, 0.15),
        "tail": p.base,
        "tip": p.dark,
        "chest": mix(p.base, p.light, 0.5),
    },
    "tan points": lambda p: {
        "base": darker(p.dark, 0.25),
        "dark": darker(p.dark, 0.5),
        "light": "#cf935a",
        "muzzle": "#c98b52",
        "chest": "#c98b52",
        "sock": "#c98b52",
        "marks": "brows",
        "ear": darker(p.dark, 0.4),
        "tail": darker(p.dark, 0.25),
    },
    "tricolour": _tricolour,
    "merle": lambda p: {
        "base": mix("#b4b9c2", p.base, 0.35),
        "dark": "#4b4d59",
        "marks": "mottle",
        "other": "#4b4d59",
        "muzzle": p.light,
        "blaze": p.light,
        "chest": p.light,
        "sock": p.light,
        "ear": "#5a5c68",
        "tail": mix("#b4b9c2", p.base, 0.35),
    },
    "brindle": lambda p: {"marks": "brindle", "muzzle": darker(p.dark, 0.2), "chest": p.light},
    "masked": lambda p: {
        "muzzle": darker(p.dark, 0.3),
        "mask": darker(p.dark, 0.2),
        "ear": darker(p.dark, 0.2),
    },
    "wolf": lambda p: {
        "marks": "cap",
        "muzzle": p.light,
        "chest": p.light,
        "sock": p.light,
        "tip": p.light,
        "dark": darker(p.base, 0.3),
    },
}


def dress(pattern: str, palette: Palette, **extra: str) -> Coat:
    """The coat of that pattern in the palette's colours; `extra` sets nose and eye."""
    values = {
        "pattern": pattern,
        "base": palette.base,
        "dark": palette.dark,
        "light": palette.light,
        "ear": palette.base,
        "muzzle": palette.base,
        "tail": palette.base,
    }
    values.update(RECIPES[pattern](palette))
    if values["tail"] == palette.base:
        values["tail"] = values["base"]
    values.update(extra)
    line = darker(mix(values["base"], values["dark"], 0.75), 0.5)
    return Coat(line=line, **values)
