"""All rungs by name, and how to make each. Torch is loaded only by the rungs that want it."""

from __future__ import annotations

import enum
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from classifier import panel
from classifier.attackers.base import Attacker
from classifier.panel import Role

if TYPE_CHECKING:
    from classifier.attackers.dictionary import Dictionary


class Needs(enum.StrEnum):
    """What an attacker wants before it looks."""

    NOTHING = "nothing"
    TILES = "tiles"
    PHOTOS = "photos"
    ANSWERS = "answers"


class NoSuchAttacker(ValueError):
    """There is no attacker of this name; the text names those that there are."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One attacker of the ladder.

    `needs` says what it learns from: labelled tiles of ours or plain photos (`learn`), known photos
    or answers of people (`remember`). With `lab` it only exists in the lab, where the truth is
    known. `network` is the row of the panel that it stands on, if any.
    """

    name: str
    rung: str
    says: str
    make: Callable[[], Attacker]
    needs: Needs = Needs.NOTHING
    lab: bool = False
    network: str = ""


def entries() -> dict[str, Entry]:
    """Return all attackers by name, weakest rung first; those on networks follow the panel."""
    found = [*_plain()]
    for row in panel.TABLE:
        found += _on_network(row.key)
    if len(panel.keys(Role.JUDGES)) > 1:
        found.append(
            Entry("clean-together", "clean", "The mean of all judges of the panel.", _together)
        )
    return {one.name: one for one in found}


def entry(name: str) -> Entry:
    """Return one attacker's entry. Raises NoSuchAttacker."""
    known = entries()
    if name not in known:
        raise NoSuchAttacker(f"There is no attacker {name!r}: choose among {', '.join(known)}.")
    return known[name]


def make(name: str) -> Attacker:
    """Return a new attacker of this name, who has learned nothing yet. Raises NoSuchAttacker."""
    return entry(name).make()


def timed(attacker: Attacker, pictures: Sequence[bytes]) -> tuple[list[float], float]:
    """Return P(cat) of each picture, and what one picture took in seconds, all together.

    The first picture is looked at once before: loading a network is no cost of a picture.
    """
    attacker.look(pictures[:1])
    began = time.perf_counter()
    told = attacker.look(pictures)
    return told, (time.perf_counter() - began) / max(len(pictures), 1)


# What a network of the panel begins for: the rungs that stand on it.
_KINDS: Final = (
    ("clean-{}", "clean", "The network as it is, trained on plain photos.", Needs.NOTHING),
    ("inverted-{}", "preprocessing", "The network, saying the opposite.", Needs.NOTHING),
    ("washed-{}", "preprocessing", "The network after the best washing of tiles.", Needs.TILES),
    ("tiles-head-{}", "tiles", "A new last layer, learned from our tiles.", Needs.TILES),
    ("tiles-all-{}", "tiles", "All layers learn from our tiles.", Needs.TILES),
    ("tiles-adversarial-{}", "tiles", "The same, trained against pushes.", Needs.TILES),
    ("dictionary-{}", "dictionary", "Known photos by what the network sees.", Needs.PHOTOS),
    ("shelter-{}", "shelter", "Photos of the shelter's pages, by the same.", Needs.PHOTOS),
)


def _on_network(key: str) -> list[Entry]:
    makers = (
        lambda: _clean(key),
        lambda: _inverted(key),
        lambda: _washed(key),
        lambda: _head(key),
        lambda: _all_layers(key),
        lambda: _adversarial(key),
        lambda: _dictionary(key),
        lambda: _shelter(key),
    )
    return [
        Entry(name.format(key), rung, says, maker, needs, network=key)
        for (name, rung, says, needs), maker in zip(_KINDS, makers, strict=True)
    ]


def _plain() -> list[Entry]:
    return [
        Entry("guessing", "guessing", "A coin for each picture.", _guessing),
        Entry("oracle-60", "oracle", "Right in 60 %.", _oracle, Needs.ANSWERS, lab=True),
        Entry("svm-2008", "svm-2008", "Colours and textures (Golle 2008).", _golle, Needs.TILES),
        Entry("scratch-cnn", "scratch", "A CNN from nothing.", _scratch, Needs.TILES),
        Entry("dictionary-hash", "dictionary", "Known photos, hashed.", _hashes, Needs.PHOTOS),
        Entry("repeats", "repeats", "Paid once, then looked up.", _repeats, Needs.ANSWERS),
    ]


# --- makers, each of which imports its own -------------------------------------------------------


def _guessing() -> Attacker:
    from classifier.attackers.guessing import Guessing

    return Guessing()


def _oracle() -> Attacker:
    from classifier.attackers.oracle import Oracle

    return Oracle(0.6)


def _golle() -> Attacker:
    from classifier.attackers.golle import Golle

    return Golle()


def _scratch() -> Attacker:
    from classifier.attackers.scratch import Scratch

    return Scratch()


def _hashes() -> Attacker:
    from classifier.attackers.dictionary import Dictionary
    from classifier.attackers.known import Hashes

    return Dictionary(Hashes())


def _repeats() -> Attacker:
    from classifier.attackers.repeats import Repeats

    return Repeats()


def _clean(key: str) -> Attacker:
    from classifier.attackers.networks import Clean

    return Clean(key)


def _together() -> Attacker:
    from classifier.attackers.networks import Clean, Together

    return Together(tuple(Clean(key) for key in panel.keys(Role.JUDGES)))


def _inverted(key: str) -> Attacker:
    from classifier.attackers.inversion import Inverted

    return Inverted(_clean(key), f"inverted-{key}")


def _washed(key: str) -> Attacker:
    from classifier.attackers.preprocessing import BestWashed

    return BestWashed(_clean(key), f"washed-{key}")


def _head(key: str) -> Attacker:
    from classifier.attackers.tiles import FrozenHead

    return FrozenHead(key)


def _all_layers(key: str) -> Attacker:
    from classifier.attackers.tiles import FineTuned

    return FineTuned(key)


def _adversarial(key: str) -> Attacker:
    from classifier.attackers.tiles import ADVERSARIAL, FineTuned

    return FineTuned(key, ADVERSARIAL, kind="adversarial")


def _dictionary(key: str) -> Dictionary:
    from classifier.attackers.dictionary import Dictionary
    from classifier.attackers.known import Embeddings, embedding

    return Dictionary(Embeddings(embedding(key)), f"dictionary-{key}")


def _shelter(key: str) -> Attacker:
    from classifier.attackers.shelter import Shelter

    return Shelter(_dictionary(key), f"shelter-{key}")
