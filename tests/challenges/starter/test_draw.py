"""The drawn cats and dogs: reproducible, varied, quick, and alike in all but the animal."""

from __future__ import annotations

import time
from collections import Counter
from functools import cache
from statistics import mean
from typing import Literal

import imagehash
import pytest
from PIL import Image, ImageStat

from challenges.starter import VERSION, describe, draw
from challenges.starter.render import compose
from challenges.starter.scene import choose

Animal = Literal["cat", "dog"]
ANIMALS: tuple[Animal, ...] = ("cat", "dog")
SAMPLE = range(9000, 9050)
NEAR = 6


@cache
def picture(animal: Animal, seed: int) -> Image.Image:
    return draw(animal, seed)


def sample(animal: Animal) -> list[Image.Image]:
    return [picture(animal, seed) for seed in SAMPLE]


@pytest.mark.parametrize("animal", ANIMALS)
@pytest.mark.parametrize("seed", [0, 7, 123_456_789])
def test_it_draws_the_same_pixels_for_the_same_seed(animal: Animal, seed: int) -> None:
    first, second = draw(animal, seed), draw(animal, seed)
    assert first.size == second.size
    assert first.tobytes() == second.tobytes()


def test_it_draws_something_else_for_another_seed_or_animal() -> None:
    pixels = {picture(animal, seed).tobytes() for animal in ANIMALS for seed in SAMPLE}
    assert len(pixels) == 2 * len(SAMPLE)


def test_it_refuses_other_animals() -> None:
    with pytest.raises(ValueError, match="hamster"):
        draw("hamster", 1)  # type: ignore[arg-type]


def test_it_names_its_look() -> None:
    assert VERSION.startswith("starter-")


@pytest.mark.parametrize("animal", ANIMALS)
def test_it_draws_rgb_pictures_of_the_promised_sizes(animal: Animal) -> None:
    for image in sample(animal):
        assert image.mode == "RGB"
        assert 300 <= min(image.size) <= max(image.size) <= 420


def test_it_has_few_near_duplicates() -> None:
    prints = [imagehash.phash(image) for animal in ANIMALS for image in sample(animal)]
    doubled = sum(
        any(one - other <= NEAR for k, other in enumerate(prints) if k != i)
        for i, one in enumerate(prints)
    )
    assert doubled <= 0.02 * len(prints)


def test_it_is_quick() -> None:
    start = time.process_time()
    for seed in range(20):
        for animal in ANIMALS:
            draw(animal, seed)
    each = (time.process_time() - start) / 40
    print(f"{each * 1000:.1f} ms of processor time a picture")
    assert each < 0.2


def test_it_plans_the_scene_without_looking_at_the_animal() -> None:
    for seed in SAMPLE:
        cat, dog = describe("cat", seed), describe("dog", seed)
        assert (cat.animal, dog.animal) == ("cat", "dog")
        for what in ("pose", "background", "light", "colour"):
            assert getattr(cat, what) == getattr(dog, what)
        assert picture("cat", seed).size == picture("dog", seed).size


def test_it_describes_what_it_draws() -> None:
    words = str(describe("dog", 3))
    assert words.startswith("dog (")
    assert choose(3).background in words


def test_it_shows_many_poses_places_and_kinds() -> None:
    plans = [describe(animal, seed) for animal in ANIMALS for seed in range(300)]
    assert len(Counter(plan.pose for plan in plans)) >= 12
    assert len(Counter(plan.background for plan in plans)) >= 15
    assert len(Counter(plan.kind for plan in plans if plan.animal == "cat")) >= 5
    assert len(Counter(plan.kind for plan in plans if plan.animal == "dog")) >= 12
    assert len(Counter(plan.coat for plan in plans if plan.animal == "cat")) >= 10
    assert len(Counter(plan.coat for plan in plans if plan.animal == "dog")) >= 10


def test_it_lights_and_colours_cats_and_dogs_alike() -> None:
    def looks(animal: Animal) -> tuple[float, float, float]:
        bands = [ImageStat.Stat(image.convert("HSV")).mean for image in sample(animal)]
        spread = [ImageStat.Stat(image.convert("L")).stddev[0] for image in sample(animal)]
        return mean(b[1] for b in bands), mean(b[2] for b in bands), mean(spread)

    for cat, dog in zip(looks("cat"), looks("dog"), strict=True):
        assert abs(cat - dog) < 12


@pytest.mark.parametrize("animal", ANIMALS)
def test_it_keeps_to_vector_shapes_without_outside_resources(animal: Animal) -> None:
    for seed in range(60):
        svg = compose(animal, choose(seed))
        assert "href" not in svg
        assert "<text" not in svg
        assert "nan" not in svg
