"""Which photos are dealt next: from the top of the deck, and for a budget of its hard part only.

Photos are chosen by how hard they are, and never by what a network says of the very picture of
them that is shown, nor by its coin: so the coins of what is shown stay fair.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Final, NamedTuple

from django.db import connection

from challenges.exceptions import NotEnoughPhotos
from challenges.models.photos import SHOWN, Animal, Photo, Rights
from challenges.selection import Ease, eases_up_to
from challenges.state import Queue

# How easy photos may be at most (0..1), for whom that matters.
Ceilings = Mapping[Ease, float]
ALL: Final[Ceilings] = MappingProxyType({})
# Cards looked at beyond the needed ones, since near-duplicates are passed over.
SPARE: Final = 24
# One look into an index for each animal, right and step of ease: never a scan of the pool.
_CARDS: Final = """
SELECT animal.label, card.id, card."group", card.ease, card.deal_order
FROM unnest(%(animals)s::text[]) AS animal (label)
CROSS JOIN unnest(%(rights)s::text[]) AS owned (rights)
{steps}
CROSS JOIN LATERAL (
    SELECT id, "group", ease, deal_order FROM challenges_photo
    WHERE status = 'pooled' AND label = animal.label AND rights = owned.rights
        AND rendition_id IS NOT NULL {only}
    ORDER BY {order}deal_order LIMIT %(most)s
) AS card
ORDER BY card.deal_order, card.id
"""
_STEPS: Final = "CROSS JOIN unnest(%(eases)s::float8[]) AS step (ease)"
# A range that holds this one step, and the order of the index on it. With "=" PostgreSQL could
# leave the index where nearly all photos lie on one step: told that each step has so many, it walks
# the whole deck in its order instead, for every step that has none.
_STEP: Final = " AND {ease} BETWEEN step.ease - 0.001 AND step.ease + 0.001"

# Whether there are so many: it reads no more of the index than that.
_ENOUGH: Final = """
SELECT min(found.many) FROM unnest(%(animals)s::text[]) AS animal (label)
CROSS JOIN LATERAL (
    SELECT count(*) AS many FROM (
        SELECT FROM unnest(%(rights)s::text[]) AS owned (rights)
        CROSS JOIN LATERAL (
            SELECT FROM challenges_photo
            WHERE status = 'pooled' AND label = animal.label AND rights = owned.rights
                AND rendition_id IS NOT NULL {within}
            ORDER BY {order} LIMIT %(most)s
        ) AS one
        LIMIT %(most)s
    ) AS few
) AS found
"""


class Card(NamedTuple):
    """A photo in the deck: its near-duplicate group, its ease (0..1, None: unknown), its place."""

    photo: int
    group: int
    ease: float | None
    deal_order: float


def cards(
    rights: Sequence[Rights],
    most: int,
    *,
    fresh: bool,
    ceilings: Ceilings = ALL,
    without: frozenset[int] = frozenset(),
) -> dict[Animal, list[Card]]:
    """Return the next cards of each animal, `most` of each right and step of ease at least.

    With `ceilings` only those that are known to be no easier.
    """
    eases = eases_up_to(list(ceilings.values())[-1]) if ceilings else []
    with connection.cursor() as cursor:
        cursor.execute(
            _asked(list(ceilings), fresh=fresh, without=bool(without)),
            {
                **_decks(rights),
                **_shares(ceilings),
                "eases": eases,
                "without": list(without),
                "most": most,
            },
        )
        found: dict[Animal, list[Card]] = {animal: [] for animal in SHOWN}
        for label, *card in cursor.fetchall():
            found[Animal(label)].append(Card(*card))
    return found


def _asked(named: Sequence[Ease], *, fresh: bool, without: bool = False) -> str:
    """Return the query for the next cards, where photos have to be hard enough for these."""
    only = "AND fresh" if fresh else ""
    if without:
        only += ' AND "group" <> ALL(%(without)s)'
    # Both eases follow from how sure the network is of the photo, so the photos on one step of one
    # mostly lie on one step of the other, too: one index is enough, and hardly a card is read in
    # vain.
    if not named:
        return _CARDS.format(steps="", only=only, order="")
    *others, last = named
    only += _within(others) + _STEP.format(ease=last)
    return _CARDS.format(steps=_STEPS, only=only, order=f"{last}, ")


def enough(rights: Sequence[Rights], number: int, ceilings: Ceilings) -> bool:
    """Return whether so many photos of each animal are known to be no easier."""
    with connection.cursor() as cursor:
        cursor.execute(
            _counted(list(ceilings)),
            {**_decks(rights), **_shares(ceilings), "most": number},
        )
        (least,) = cursor.fetchone() or (0,)
    return bool(least >= number)


def _counted(named: Sequence[Ease]) -> str:
    """Return the query for how many photos are hard enough for these."""
    # In the order of an index, or PostgreSQL reads the whole pool for rights that no photo has.
    order = named[-1] if named else "deal_order"
    return _ENOUGH.format(within=_within(named), order=order)


def _within(named: Iterable[Ease]) -> str:
    return "".join(f" AND {ease} <= %({ease})s" for ease in named)


def _shares(ceilings: Ceilings) -> dict[str, float]:
    return {ease.value: ceiling for ease, ceiling in ceilings.items()}


def _decks(rights: Sequence[Rights]) -> dict[str, list[str]]:
    return {
        "animals": [animal.value for animal in SHOWN],
        "rights": [right.value for right in rights],
    }


def deal(
    rights: Sequence[Rights],
    need: int,
    queue: Queue,
    *,
    ceilings: Ceilings = ALL,
    without: frozenset[int] = frozenset(),
) -> dict[Animal, list[Card]]:
    """Return the next `need` cards of each animal, last one first: no two near-duplicates.

    Raises NotEnoughPhotos with what is missing.
    """
    known = cards(rights, need + SPARE, fresh=queue == "fresh", ceilings=ceilings, without=without)
    taken: set[int] = set()
    hands: dict[Animal, list[Card]] = {}
    for animal, dealt in known.items():
        hand: list[Card] = []
        for card in dealt[: need + SPARE]:
            if card.group not in taken and len(hand) < need:
                taken.add(card.group)
                hand.append(card)
        if len(hand) < need:
            raise NotEnoughPhotos(_sentence(animal, len(hand), need, queue, hard=bool(ceilings)))
        hands[animal] = hand[::-1]
    return hands


def _sentence(animal: Animal, found: int, need: int, queue: Queue, *, hard: bool) -> str:
    kind = "different fresh pictures" if queue == "fresh" else "different pictures"
    enough = "that are hard enough " if hard else ""
    return (
        f"A challenge needs {need} {kind} {enough}of each animal, and the pool has "
        f"{found or 'none'} of {animal}s. Import more {animal}s: "
        f"manage.py import_photos PATH --label {animal}"
    )


def highest_deal(rights: Sequence[Rights]) -> float:
    """Return the last place in the deck that any of these photos has."""
    # One look into the deck's index for each animal and right.
    places = [
        Photo.objects.pooled()
        .filter(label=animal, rights=right)
        .order_by("-deal_order")
        .values_list("deal_order", flat=True)
        .first()
        for animal in SHOWN
        for right in rights
    ]
    return max((place for place in places if place is not None), default=0.0)
