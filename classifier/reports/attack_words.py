"""What the report calls attackers, and what it says was not measured. Texts only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rung:
    """A place in the ladder: names of rungs that begin with `name`, and what they are in words.

    `attacks` is whether it could be somebody at our door: one that is told the truth could not.
    With `pays` it pays people besides: its price is told, and it is in no headline of solving.
    One that never `looks` at a picture says nothing about pictures; how well one that `reads` them
    does on plain photos says how strong it is.
    """

    name: str
    title: str
    text: str
    attacks: bool = True
    pays: bool = False
    looks: bool = True
    reads: bool = True


# From the weakest to the strongest.
LADDER: Final = (
    Rung("guess", "Guessing", "Answers by the toss of a coin.", looks=False, reads=False),
    Rung(
        "side", "Side channels", "Looks at sizes, times, order and headers, never at a picture.",
        looks=False, reads=False,
    ),
    Rung(
        "oracle", "An oracle of 60 %", "Is told the truth, and right in 60 % of photos.",
        attacks=False, reads=False,
    ),
    Rung("svm", "The attack of 2008", "Colours and textures, by a support vector machine (Golle)."),
    Rung("scratch", "A network from scratch", "Knows nothing but labelled photos of pets."),
    Rung("clean", "A network trained on plain photos", "Saw a million photos, then cats and dogs."),
    Rung(
        "preprocess", "The same, cleaning pictures first",
        "JPEG, blur, resizing, fewer colours, flips, several at once, or the opposite answer.",
    ),
    Rung(
        "dictionary", "A dictionary of known photos", "Looks our pictures up among known ones.",
        reads=False,
    ),
    Rung(
        "repeat", "Paying once, then looking up",
        "A person names each picture once for the bot. So its price is what counts.",
        pays=True, reads=False,
    ),
    Rung(
        "shelter", "The shelter's public pages", "Looks for the photo next to its adoption link.",
        reads=False,
    ),
    Rung("tiles", "Trained on our own pictures", "Learned from hardened pictures with labels."),
)  # fmt: skip


def rung(name: str) -> Rung:
    """Return what a rung is, by its name; of an unknown one the name itself."""
    for one in LADDER:
        if name.startswith(one.name):
            return one
    return Rung(name, name.replace("-", " ").capitalize(), "")


def place(name: str) -> int:
    """Return how far up the ladder a rung stands; unknown ones stand at its end."""
    found = rung(name)
    return LADDER.index(found) if found in LADDER else len(LADDER)


def title(name: str, learned: int = 0) -> str:
    """Return what to call a rung, with how many of our pictures it learned from."""
    words = rung(name).title
    if name.startswith("tiles") and learned:
        return f"Trained on {learned:,} of our pictures"
    return words


# What a network of the panel is used to do.
ROLES: Final = {
    "labels": "label",
    "hardens": "harden",
    "chooses": "choose photos",
    "judges": "judge",
}
# How a run was made, by the names under which it is stored.
CONFIG: Final = {
    "seed": "Number that its chance began with",
    "seeds": "Numbers that its chance began with",
    "epochs": "Times that it went through what it learned from",
    "photos": "Photos that it was measured on",
    "splits": "Photos by what they were for",
    "challenges": "Challenges that were asked for",
    "patience": "Seconds that it would wait in all",
    "age": "Rotations of recipes since it learned",
    "version": "Version",
    "panel": "Panel of networks, as a fingerprint",
    "device": "Computed on",
    "command": "Command",
}
WAYS: Final = {
    "plain": "its own answers",
    "reversed": "the opposite of its answers",
    "surest 20 %": "only the fifth that it is surest of",
    "surest 5 %": "only the 5 % that it is surest of",
    "surest 1 %": "only the 1 % that it is surest of",
}
CHOSEN: Final = {
    "surest 20 %": "the fifth that it is surest of",
    "surest 5 %": "the 5 % that it is surest of",
    "surest 1 %": "the 1 % that it is surest of",
}
TILES: Final = {
    "plain": "plain",
    "hardened": "hardened",
    "mixed": "as served",
    "noise": "with noise instead",
}
PLACES: Final = {"lab": "lab", "widget": "widget", "fallback": "plain page"}
DOORS: Final = {
    "lab": "in the lab, without limits",
    "widget": "at the front door, by the widget's API",
    "fallback": "at the front door, by the plain page",
}
# What stands in for something that was not measured itself.
PROXIES: Final = (
    (
        "Whether people still see the animal: a distance to the plain picture decides it, with "
        "limits set by looking at sheets of them. Only people can say."
    ),
    (
        "How often people miss a photo: counted from answers that look like a person's. Nobody "
        "was asked who they are, so some may be bots."
    ),
    (
        "What a challenge is expected to let through: chances that networks give themselves, "
        "corrected on our own pictures. How far to trust them is shown under “Predicted against "
        "measured”."
    ),
    (
        "Prices: a computer by the hour, an address and a request, and paid people are estimates "
        "of whoever runs this service, named where they are used."
    ),
    (
        "In the lab, passes under the limits are worked out from the rules. At the front door "
        "they are counted."
    ),
)
NEVER: Final = (
    "Large models that see and read (vision-language models), asked by prompt or as an agent.",
    (
        "Paid people who solve challenges for bots. No picture puzzle stops them; it can only "
        "cost them time."
    ),
    "Attackers who know the secret coins, the labels, or the machine that holds them.",
    (
        "Networks of other families than those named above, and bots that learn from more "
        "pictures than the highest number in the ladder."
    ),
)
