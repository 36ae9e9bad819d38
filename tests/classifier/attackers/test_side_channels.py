"""Side channels: a planted leak of each kind is caught, and a clean service is not accused."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import cast

import pytest

from classifier.attackers.outside import Watched
from classifier.attackers.side_channels import COIN, COUNT, LABEL, NEARLY, examine
from tests.classifier.attackers.watching import PICTURES, Reply, Service, webp

Plant = Callable[[Watched], Watched]


def each(change: Callable[[Reply, bool], Reply], *, coin: bool = False) -> Plant:
    """Return what changes the reply of each picture, by its label or by its coin."""

    def plant(one: Watched) -> Watched:
        bits = one.coins if coin else one.cats
        pairs = zip(one.pictures, bits, strict=True)
        changed = tuple(change(cast("Reply", got), bool(bit)) for got, bit in pairs)
        return replace(one, pictures=changed)

    return plant


def header(name: str, cat: str, dog: str) -> Plant:
    """Return what adds a header that says one thing for cats and another for dogs."""
    return each(lambda got, bit: replace(got, headers=(*got.headers, (name, cat if bit else dog))))


def body(make: Callable[[bool], bytes], *, coin: bool = False) -> Plant:
    """Return what makes the file of each picture."""
    return each(lambda got, bit: replace(got, body=make(bit)), coin=coin)


def cats_first(one: Watched) -> Watched:
    order = sorted(range(PICTURES), key=lambda place: not one.cats[place])
    return replace(
        one,
        cats=tuple(one.cats[place] for place in order),
        groups=tuple(one.groups[place] for place in order),
        coins=tuple(one.coins[place] for place in order),
    )


def turn_about(one: Watched) -> Watched:
    """Each picture but the first is most likely the other animal than the one before it."""
    dice, cats = Random(one.id), [one.cats[0]]
    while len(cats) < PICTURES:
        cats.append(cats[-1] == (dice.random() < 0.2))
    return relabelled(one, cats)


def six_cats(one: Watched) -> Watched:
    cats = [place < PICTURES // 2 for place in range(PICTURES)]
    Random(one.id).shuffle(cats)
    return relabelled(one, cats)


def relabelled(one: Watched, cats: list[bool]) -> Watched:
    groups = [group // 2 * 2 + cat for group, cat in zip(one.groups, cats, strict=True)]
    return replace(one, cats=tuple(cats), groups=tuple(groups))


def in_the_id(one: Watched) -> Watched:
    signs = [
        sign.upper() if place < PICTURES and one.cats[place] else sign.lower()
        for place, sign in enumerate(one.id)
    ]
    return replace(one, id="".join(signs))


def in_the_markup(one: Watched) -> Watched:
    return replace(
        one,
        marks=tuple(
            mark.replace(">", ' class="c">' if cat else ">")
            for mark, cat in zip(one.marks, one.cats, strict=True)
        ),
    )


def slower(part: str, when: Callable[[Watched], bool]) -> Plant:
    """Return what takes longer for one reply when this is so."""

    def plant(one: Watched) -> Watched:
        got = getattr(one, part)
        late = replace(got, seconds=got.seconds + (0.02 if when(one) else 0))
        return replace(one, **{part: late})

    return plant


def many(one: Watched) -> bool:
    return sum(one.cats) > PICTURES // 2


def nearly(one: Watched) -> bool:
    return (one.wrong or 0) < PICTURES // 2


LEAKS: dict[tuple[str, str], dict[str, Plant]] = {
    ("byte length", LABEL): {
        "bytes": body(lambda cat: webp(size=12_400 if cat else 12_402)),
    },
    ("picture times", LABEL): {
        "slower": each(lambda got, cat: replace(got, seconds=got.seconds + 0.002 * cat)),
    },
    ("picture headers", LABEL): {
        "name": header("content-disposition", 'filename="cat.webp"', 'filename="dog.webp"'),
        "age": header(
            "last-modified", "Sat, 21 Nov 2026 10:00:00 GMT", "Sat, 21 Nov 2026 11:00:00 GMT"
        ),
        "order": each(
            lambda got, cat: replace(got, headers=got.headers if cat else got.headers[::-1])
        ),
    },
    ("container", LABEL): {
        "chunk": body(lambda cat: webp().replace(b"PADD", b"PADD" if cat else b"JUNK")),
    },
    ("padding", LABEL): {
        "zeros": body(lambda cat: webp(filling=b"\0" * 4000 if cat else b"")),
        "last bit": body(lambda cat: webp()[:-1] + (b"\x03" if cat else b"\x02")),
    },
    ("markup", LABEL): {"class": in_the_markup},
    ("order", LABEL): {"cats first": cats_first, "turn about": turn_about},
    ("ids", LABEL): {"case": in_the_id},
    ("number of cats", LABEL): {"always six": six_cats},
    ("padding", COIN): {
        "zeros": body(lambda coin: webp(filling=b"\0" * 4000 if coin else b""), coin=True),
    },
    ("coded length", COIN): {
        "longer": body(lambda coin: webp(10_800 if coin else 10_700), coin=True),
    },
    ("issue times", COUNT): {"slower": slower("issued", many)},
    ("stream times", COUNT): {"slower": slower("stream", many)},
    ("issue replies", COUNT): {
        "words": lambda one: replace(one, issued=Reply(body=b"many" if many(one) else b"few ")),
    },
    ("answer times", NEARLY): {"slower": slower("answered", nearly)},
    ("answer replies", NEARLY): {
        "words": lambda one: replace(one, answered=Reply(body=b"near" if nearly(one) else b"far ")),
    },
}
# A leak here is one there, too: who sorts cats first or has always six gives the order away.
AKIN = {
    ("number of cats", LABEL): {("order", LABEL)},
    ("order", LABEL): {("number of cats", LABEL), ("ids", LABEL)},
}


@functools.cache
def clean(count: int = 110) -> tuple[Watched, ...]:
    return tuple(Service(seed=11).challenges(count))


@pytest.mark.parametrize(
    ("channel", "plant"),
    [
        pytest.param(channel, plant, id=f"{channel[0]}, {channel[1]}: {name}")
        for channel, plants in LEAKS.items()
        for name, plant in plants.items()
    ],
)
def test_a_planted_leak_is_caught_where_it_is(channel: tuple[str, str], plant: Plant) -> None:
    told = examine([plant(one) for one in clean()])
    leaks = {(one.channel, one.target) for one in told if one.leaks}
    assert channel in leaks
    assert leaks - {channel} <= AKIN.get(channel, set())


def test_clean_services_are_not_accused() -> None:
    accused = 0
    for seed in range(16):
        told = examine(Service(seed=seed, photos=200, rounds=1 + seed % 2).challenges(20))
        accused += any(one.leaks for one in told)
    # At most one in a hundred is: three of 16 would be less likely than one in 1,800.
    assert accused < 3


def test_a_leak_in_some_pictures_only_is_caught_when_enough_are_seen() -> None:
    dice = Random(7)

    def plant(got: Reply, cat: bool) -> Reply:
        says = cat if dice.random() < 0.72 else not cat
        return replace(got, headers=(*got.headers, ("etag", "ab" if says else "cd")))

    told = examine([each(plant)(one) for one in clean()])
    (found,) = [one for one in told if one.leaks]
    assert found.channel == "picture headers"
    assert found.low < 0.72 < found.high


def test_how_much_a_picture_weighs_is_shown_and_not_accused() -> None:
    told = examine([body(lambda cat: webp(10_800 if cat else 10_700))(one) for one in clean()])
    (shown,) = [one for one in told if (one.channel, one.target) == ("coded length", LABEL)]
    assert shown.share == 1.0
    assert shown.content
    assert not any(one.leaks for one in told)


def test_what_everybody_knows_of_the_draw_is_no_leak() -> None:
    # With two pictures a round the second is always the other animal than the first.
    short = []
    for one in clean():
        cats = (one.cats[0], not one.cats[0])
        short.append(
            replace(
                one,
                cats=cats,
                counted=(True, True),
                groups=one.groups[:2],
                coins=one.coins[:2],
                pictures=one.pictures[:2],
                marks=one.marks[:2],
            )
        )
    counts = [one for one in examine(short) if one.channel == "number of cats"]
    assert [one.seen for one in counts] == [0]


def test_a_probe_is_left_out() -> None:
    one = clean()[0]
    probed = replace(one, counted=(False, *(True,) * (PICTURES - 1)))
    told = examine([probed] * 60)
    assert {one.channel: one for one in told}["order"].seen < 60 * PICTURES


def test_a_challenge_without_a_stream_or_an_answer_is_seen_as_far_as_it_goes() -> None:
    told = examine([replace(one, stream=None, answered=None, wrong=None) for one in clean(40)])
    channels = {one.channel for one in told}
    assert "issue times" in channels
    assert "stream times" not in channels


def test_nothing_seen_is_nothing_said() -> None:
    assert not any(one.enough for one in examine([]))
