"""Each picture is its own fair draw; the deck deals every photo once a round."""

from __future__ import annotations

from collections import Counter

from challenges.selection import draw_cats, join_deck, mask, next_deal


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
