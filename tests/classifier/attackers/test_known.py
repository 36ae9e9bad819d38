"""Rungs that know pictures already: dictionaries, repeats, the shelter's pages."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from challenges import imaging
from classifier.attackers import pixels
from classifier.attackers.base import Tile
from classifier.attackers.dictionary import Dictionary
from classifier.attackers.known import Embeddings, Hashes, Index, views
from classifier.attackers.repeats import PAID, Repeats
from classifier.attackers.shelter import Listing, Shelter, listings
from tests.classifier.attackers.learnable import encoded, photo, share_right


def small_copies(pictures: Sequence[Image.Image]) -> NDArray[np.float32]:
    """Stand in for what a network sees: a tiny blurred copy, and its mirror image."""
    rows = []
    for picture in pictures:
        small = np.asarray(picture.resize((8, 8), Image.Resampling.BOX), dtype=np.float32)
        rows.append(np.concatenate([(small + small[:, ::-1]).ravel()]))
    return np.stack(rows)


INDEXES: dict[str, Callable[[], Index]] = {
    "hash": Hashes,
    "embedding": lambda: Embeddings(small_copies),
}


def photos(count: int, first: int = 0) -> list[Tile]:
    """Return stored photos whose animal a coin decides: nothing in them tells it."""
    coin = random.Random(first)
    return [
        Tile(encoded(photo(seed), "JPEG"), coin.random() < 0.5, f"photo {seed}")
        for seed in range(first, first + count)
    ]


def renditions(known: list[Tile], seed: int = 1) -> list[Tile]:
    """Return a rendition of each photo as the service makes them."""
    dice = random.Random(seed)
    return [
        Tile(imaging.render(pixels.image(tile.data), dice), tile.cat, tile.photo) for tile in known
    ]


@pytest.mark.parametrize("kind", INDEXES)
def test_a_dictionary_knows_its_photos_in_any_crop(kind: str) -> None:
    known = photos(40)
    attacker = Dictionary(INDEXES[kind]())
    attacker.learn(known)
    assert share_right(attacker, renditions(known)) > 0.8


@pytest.mark.parametrize("kind", INDEXES)
def test_a_dictionary_knows_nothing_of_other_photos_and_says_so(kind: str) -> None:
    known = photos(40)
    attacker = Dictionary(INDEXES[kind]())
    attacker.learn(known)
    others = renditions(photos(80, first=5000))
    assert 0.34 < share_right(attacker, others) < 0.66
    told = attacker.look([tile.data for tile in others])
    match = attacker.look([tile.data for tile in renditions(known)])
    unsure, sure = (np.mean([max(p, 1 - p) for p in one]) for one in (told, match))
    assert sure > unsure + 0.1


@pytest.mark.parametrize("kind", INDEXES)
def test_a_dictionary_remembers_what_it_hears(kind: str) -> None:
    attacker = Dictionary(INDEXES[kind]())
    shown = renditions(photos(12))
    assert attacker.look([shown[0].data]) == [0.5]
    for tile in shown:
        attacker.remember(tile.data, cat=bool(tile.cat))
    assert share_right(attacker, shown) == 1
    assert min(max(p, 1 - p) for p in attacker.look([tile.data for tile in shown])) > 0.9
    assert attacker.look([]) == []


@pytest.mark.parametrize("kind", INDEXES)
def test_an_index_can_leave_a_picture_out(kind: str) -> None:
    index, known = INDEXES[kind](), photos(3)
    for tile in known:
        index.add(pixels.image(tile.data))
    assert index.nearest(known[1].data)[1] == 1
    assert index.nearest(known[1].data, without=1)[1] != 1


def test_views_are_squares_within_the_photo_and_their_mirror_images() -> None:
    found = list(views(photo(1)))
    assert len(found) == 60
    assert {view.size for view in found} == {(side, side) for side in (280, 258, 241, 224)}


# --- repeats ---


def test_what_was_paid_for_once_is_looked_up() -> None:
    attacker, shown = Repeats(), renditions(photos(20))
    before = attacker.look([tile.data for tile in shown])
    assert before == pytest.approx([0.5] * 20, abs=1e-5)
    for tile in shown:
        attacker.remember(tile.data, cat=bool(tile.cat))
    assert share_right(attacker, shown) == 1
    assert (attacker.paid, attacker.looked_up) == (20, 20)
    assert {max(p, 1 - p) for p in attacker.look([shown[0].data])} == {PAID}


def test_a_rendition_is_known_when_only_its_bytes_differ() -> None:
    attacker, shown = Repeats(), renditions(photos(20))
    for tile in shown:
        attacker.remember(tile.data, cat=bool(tile.cat))
    again = [
        Tile(encoded(pixels.image(tile.data), "WEBP", quality), tile.cat)
        for tile in shown
        for quality in (60, 90)
    ]
    assert all(tile.data not in {one.data for one in shown} for tile in again)
    assert share_right(attacker, again) == 1
    for tile in again:
        attacker.remember(tile.data, cat=bool(tile.cat))
    assert attacker.paid == 20


def test_a_fresh_crop_of_a_known_photo_is_paid_for_again() -> None:
    attacker, known = Repeats(), photos(20)
    for tile in renditions(known, seed=1):
        attacker.remember(tile.data, cat=bool(tile.cat))
    fresh = renditions(known, seed=2)
    assert sum(attacker.knows(tile.data) for tile in fresh) <= 1


def test_what_repeats_do_not_know_another_attacker_reads() -> None:
    class Sure:
        name = rung = "sure"

        def look(self, pictures: Sequence[bytes]) -> list[float]:
            return [0.8 for _ in pictures]

    known, other = renditions(photos(2))
    attacker = Repeats(otherwise=Sure())
    attacker.remember(known.data, cat=False)
    assert attacker.look([other.data, known.data]) == pytest.approx([0.8, 1 - PAID])


# --- the shelter's pages ---

PAGE = """
<p>Our dogs and cats wait for you!</p>
<a href="/adopt/12"><img src="img/12.jpg" alt="Felix"> Felix, a <b>kitten</b> of 12 weeks</a>
<a href="/dogs/13"><img src="img/13.jpg" alt=""></a>
<img src="/img/14.jpg" alt="Kater Moritz">
<a href="/adopt/15"><img src="15.jpg" alt="Rex">Rex gets on with cats and dogs</a>
<a href="/adopt/16"><img src="https://cdn.example/puppies/16.jpg"></a>
<a href="/about"><img src="logo.png" alt="Our house">
"""


def test_pages_give_pictures_with_the_words_around_them() -> None:
    found = {one.address: one.cat for one in listings(PAGE, "https://shelter.example/pets/")}
    assert found == {
        "https://shelter.example/pets/img/12.jpg": True,
        "https://shelter.example/pets/img/13.jpg": False,
        "https://shelter.example/img/14.jpg": True,
        "https://shelter.example/pets/15.jpg": None,
        "https://cdn.example/puppies/16.jpg": False,
        "https://shelter.example/pets/logo.png": None,
    }


@pytest.mark.parametrize(
    ("words", "cat"),
    [
        ("Two cats", True), ("A good dog", False), ("Scatter", None), ("Hündin Bella", False),
        ("Kätzchen", True), ("Un chien", False), ("catalogue of dogmas", None),
    ],
)  # fmt: skip
def test_words_are_read_as_words(words: str, *, cat: bool | None) -> None:
    assert Listing("https://x.example/1.jpg", words).cat is cat


def test_photos_of_the_pages_are_known_again_in_challenges() -> None:
    pages = photos(40)
    attacker = Shelter(Dictionary(Hashes()))
    words = {True: "a cat", False: "a dog"}
    listed = [
        (Listing(f"https://shelter.example/{n}.jpg", words[bool(one.cat)]), one.data)
        for n, one in enumerate(pages)
    ]
    attacker.read([*listed, (Listing("https://shelter.example/logo.png", "us"), pages[0].data)])
    assert attacker.unread == 1
    assert share_right(attacker, renditions(pages)) > 0.8


def test_a_picture_keeps_its_pixels_on_the_way_to_another_attacker() -> None:
    image = photo(3)
    with Image.open(io.BytesIO(pixels.encoded(image))) as again:
        assert again.tobytes() == image.tobytes()
