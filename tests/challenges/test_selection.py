"""Each picture is its own fair draw; the deck deals every photo once a round."""

from __future__ import annotations

from collections import Counter

import pytest

from challenges.selection import (
    MOST_PICTURES,
    MOST_ROUNDS,
    Audience,
    Over,
    Profile,
    columns,
    draw_cats,
    draw_rounds,
    ease_step,
    eases_up_to,
    join_deck,
    mask,
    next_deal,
)


def test_it_never_draws_all_cats_or_none() -> None:
    drawn = {sum(draw_cats(3)) for _ in range(300)}
    assert drawn == {1, 2}


def test_it_draws_each_place_fairly_and_all_counts_occur() -> None:
    # 4,000 draws: a fair coin stays within 5 sigma (158) of 2,000 with all but 6e-7 of chance.
    draws = [draw_cats(12) for _ in range(4000)]
    for place in range(12):
        assert abs(sum(draw[place] for draw in draws) - 2000) < 160
    counts = Counter(sum(draw) for draw in draws)
    assert {3, 4, 5, 6, 7, 8, 9} <= set(counts)


def test_it_draws_places_that_do_not_depend_on_each_other() -> None:
    draws = [draw_cats(12) for _ in range(4000)]
    same = sum(draw[0] == draw[1] for draw in draws)
    assert abs(same - 2000) < 160


def test_it_writes_places_as_bits() -> None:
    assert mask([True, False, True]) == 0b101


def test_it_deals_a_photo_once_a_round_in_an_order_that_changes() -> None:
    orders = [next_deal(3.2) for _ in range(50)]
    assert all(4 <= order < 5 for order in orders)
    assert len(set(orders)) == 50


def test_it_lets_a_new_photo_join_the_round_that_is_being_dealt() -> None:
    assert 7 <= join_deck(7.9) < 8
    assert 0 <= join_deck(None) < 1


def test_every_round_is_drawn_by_itself() -> None:
    # Of three pictures a round each has one or two cats; both rounds' draws are independent.
    draws = [draw_rounds(3, 2) for _ in range(4000)]
    assert {len(draw) for draw in draws} == {6}
    counts = Counter((sum(draw[:3]), sum(draw[3:])) for draw in draws)
    assert set(counts) == {(1, 1), (1, 2), (2, 1), (2, 2)}
    # A fair fourth each: five sigma are 137.
    assert all(abs(number - 1000) < 140 for number in counts.values())


@pytest.mark.parametrize("probe", range(6))
def test_a_probe_leaves_a_fair_draw_over_the_others_of_its_round(probe: int) -> None:
    draws = [draw_rounds(3, 2, probe) for _ in range(300)]
    assert not any(draw[probe] for draw in draws)
    start = probe - probe % 3
    # Two pictures of its round count: one cat and one dog.
    assert {sum(draw[start : start + 3]) for draw in draws} == {1}
    other = 3 - start
    assert {sum(draw[other : other + 3]) for draw in draws} == {1, 2}


def test_the_largest_challenge_fits_into_a_number_that_json_readers_keep() -> None:
    assert mask([True] * (MOST_PICTURES * MOST_ROUNDS)) < 2**53


@pytest.mark.parametrize(
    "profile",
    [
        Profile(12, Audience.PUBLIC),
        Profile(9, Audience.LOOPBACK, 3),
        Profile(16, Audience.PUBLIC, 2, probes=True),
        Profile(12, Audience.TESTING),
        Profile(12, Audience.PUBLIC, budget=1.0),
        Profile(12, Audience.LOOPBACK, 2, probes=True, budget=0.05, tolerance=1),
        Profile(16, Audience.LOOPBACK, 3, probes=True, budget=100.0, over=Over.ROUNDS),
        Profile(12, Audience.PUBLIC, taught_budget=35.0),
        Profile(12, Audience.PUBLIC, budget=1.0, taught_budget=0.01, tolerance=1, over=Over.REFUSE),
    ],
)
def test_a_profile_is_found_again_by_its_key(profile: Profile) -> None:
    assert Profile.parse(profile.key) == profile


def test_a_key_fits_where_sites_keep_it() -> None:
    longest = Profile(
        *(16, Audience.LOOPBACK, 3),
        probes=True,
        budget=100.0,
        tolerance=1,
        over=Over.REFUSE,
        taught_budget=100.0,
    )
    assert longest.key == "16x3-loopback-probes-b10000l10000t1-refuse"
    assert len(longest.key) <= 60


@pytest.mark.parametrize(
    ("profile", "key"),
    [
        (Profile(12, Audience.PUBLIC), "12x1-public"),
        (Profile(9, Audience.PUBLIC, 2, budget=0.5), "9x2-public-b50t0"),
        (
            Profile(12, Audience.PUBLIC, budget=1.0, tolerance=1, over=Over.ROUNDS),
            "12x1-public-b100t1-rounds",
        ),
    ],
)
def test_keys_stay_what_they_were_as_queues_outlive_an_update(profile: Profile, key: str) -> None:
    assert profile.key == key
    assert Profile.parse(key).taught_budget is None


def test_a_budget_for_those_that_learned_from_us_is_in_the_key() -> None:
    assert Profile(12, Audience.PUBLIC, taught_budget=35.0).key == "12x1-public-l3500t0"
    both = Profile(12, Audience.PUBLIC, budget=1.0, taught_budget=35.0, over=Over.REFUSE)
    assert both.key == "12x1-public-b100l3500t0-refuse"


def test_a_photo_that_is_rounds_behind_comes_once_and_then_with_the_others() -> None:
    assert 4 <= next_deal(3.2) < 5
    assert 200 <= next_deal(3.2, highest=200.7) < 201
    assert 201 <= next_deal(200.1, highest=200.7) < 202


def test_eases_lie_on_steps_that_compare_exactly() -> None:
    assert ease_step(0.6123) == 0.62
    assert (ease_step(-1), ease_step(2)) == (0.0, 1.0)
    assert eases_up_to(0.05) == [0.0, 0.02, 0.04]
    assert all(ease_step(ease) == ease for ease in eases_up_to(1.0))


@pytest.mark.parametrize("key", ["", "12x1", "x-public", "12x1-nobody", "a-public"])
def test_what_is_no_key_has_no_profile(key: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (of several kinds)
        Profile.parse(key)


@pytest.mark.parametrize(("count", "wide"), [(9, 3), (10, 4), (12, 4), (16, 4)])
def test_nine_are_laid_in_threes_and_more_in_fours(count: int, wide: int) -> None:
    assert columns(count) == wide
