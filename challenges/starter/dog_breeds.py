"""Kinds of dogs: the measures of their heads and bodies, and the coats that suit them."""

# Rows of points read better packed than one to a line.
# fmt: off
from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Breed:
    """The build of a kind of dog; lengths in units where the head's radius is about 46."""

    name: str
    ear: str
    coats: tuple[str, ...]
    wide: float = 1.0
    jaw: float = 1.0
    muzzle: float = 30.0
    muzzle_wide: float = 24.0
    muzzle_high: float = 0.82
    muzzle_y: float = 17.0
    nose: float = 10.5
    eye: float = 6.6
    eye_y: float = -9.0
    eye_apart: float = 19.0
    ear_long: float = 1.0
    fur: str = "smooth"
    depth: float = 5.0
    head_fur: bool = True
    beard: bool = False
    topknot: bool = False
    wrinkles: bool = False
    legs: float = 1.0
    body: float = 1.0
    girth: float = 1.0
    tail: str = "saber"
    panting: float = 0.5


BREEDS = (
    Breed("labrador", "drop", ("solid", "pale belly", "solid"), wide=1.03, muzzle_wide=26,
          nose=11.5, tail="otter", panting=0.6),
    Breed("beagle", "long", ("tricolour", "patched", "bicolour"), wide=0.95, muzzle_wide=22,
          ear_long=0.92, eye=7.4, tail="up"),
    Breed("spaniel", "wavy", ("patched", "solid", "bicolour", "merle"), wide=0.94,
          muzzle_wide=22, ear_long=1.1, fur="tuft", depth=6, head_fur=False, eye=7.6, tail="short"),
    Breed("husky", "prick", ("wolf",), wide=1.02, muzzle=38, muzzle_wide=22, muzzle_y=18,
          fur="tuft", depth=6, nose=10.5, tail="plume", panting=0.9),
    Breed("shepherd", "prick", ("saddled", "masked", "solid"), wide=0.94, muzzle=40,
          muzzle_wide=20, muzzle_y=18, ear_long=1.16, tail="brush", panting=0.9),
    Breed("poodle", "puff", ("solid", "pale belly"), wide=0.82, jaw=0.8, muzzle=38,
          muzzle_wide=17, fur="curl", depth=6, topknot=True, head_fur=False, nose=9, tail="pompon"),
    Breed("pug", "button", ("masked", "masked", "solid"), wide=1.14, jaw=1.2, muzzle=12,
          muzzle_wide=27, muzzle_high=0.72, muzzle_y=17, wrinkles=True, eye=9.2, eye_apart=23,
          nose=9.5, legs=0.72, body=0.86, girth=1.14, tail="curl"),
    Breed("bulldog", "rose", ("bicolour", "patched", "brindle", "pale belly"), wide=1.18,
          jaw=1.3, muzzle=16, muzzle_wide=32, muzzle_high=0.7, muzzle_y=18, wrinkles=True,
          eye=7.2, eye_apart=24, nose=13, legs=0.7, body=0.9, girth=1.22, tail="short"),
    Breed("terrier", "tip", ("solid", "pale belly", "tan points", "saddled"), wide=0.96,
          muzzle=30, muzzle_wide=23, fur="tuft", depth=5, beard=True, legs=0.86, body=0.9,
          tail="up", panting=0.8),
    Breed("dalmatian", "drop", ("spotted",), wide=0.96, muzzle=34, muzzle_wide=22, eye=6.8,
          tail="saber"),
    Breed("corgi", "prick", ("bicolour", "bicolour", "tricolour"), wide=1.0, muzzle=38,
          muzzle_wide=21, muzzle_y=18, ear_long=1.05, legs=0.5, body=1.08, girth=1.06,
          tail="short", panting=0.95),
    Breed("dachshund", "long", ("tan points", "solid", "merle"), wide=0.84, jaw=0.8, muzzle=42,
          muzzle_wide=18, nose=9.5, ear_long=0.86, legs=0.46, body=1.26, girth=0.9, tail="saber"),
    Breed("collie", "semi", ("bicolour", "merle", "tricolour"), wide=0.92, jaw=0.9, muzzle=40,
          muzzle_wide=19, fur="tuft", depth=7, tail="plume"),
    Breed("retriever", "feather", ("solid", "pale belly"), wide=1.02, muzzle_wide=25, fur="tuft",
          depth=6, head_fur=False, nose=11.5, tail="plume", panting=0.75),
    Breed("boxer", "drop", ("masked", "brindle", "bicolour"), wide=1.06, jaw=1.1, muzzle=20,
          muzzle_wide=27, muzzle_high=0.84, wrinkles=True, nose=12, ear_long=0.85, tail="short"),
)
