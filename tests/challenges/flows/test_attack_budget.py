"""Composing to an attack budget: hard photos, fair coins, a plain word when it cannot be met."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from challenges import odds, state
from challenges.drafts import Draft
from challenges.exceptions import NotEnoughPhotos, OverBudget
from challenges.flows import compose, hands, hardness, stock
from challenges.flows.sites import NewSite
from challenges.models import Photo, Rendition, Site
from challenges.models.photos import Animal, Rights
from challenges.proportions import interval
from challenges.selection import Audience, Ease, Over, Profile
from tests import pets

PLAIN = Profile(12, Audience.PUBLIC)
ONE_PERCENT = replace(PLAIN, budget=1.0)
KEY = "12x1-public-b100t0"


def eases(ease: float, cats: int = 40, dogs: int = 40) -> list[Photo]:
    """Return photos of this ease."""
    wanted = {Animal.CAT: cats, Animal.DOG: dogs}
    photos: list[Photo] = []
    surplus: list[Photo] = []
    for photo in pets.pool(max(cats, dogs)):
        wanted[Animal(photo.label)] -= 1
        (photos if wanted[Animal(photo.label)] >= 0 else surplus).append(photo)
    if surplus:
        Photo.objects.filter(pk__in=[photo.pk for photo in surplus]).delete()
    Photo.objects.filter(pk__in=[photo.pk for photo in photos]).update(ease=ease)
    return photos


def photos_of(drafts: list[Draft]) -> list[Photo]:
    """Return the photos of challenges."""
    keys = [key for draft in drafts for key in draft.renditions]
    known = {
        rendition.pk: rendition.photo
        for rendition in Rendition.objects.filter(pk__in=keys).select_related("photo")
    }
    return [known[key] for key in keys]


def composed(profile: Profile, number: int) -> list[Draft]:
    """Return so many challenges."""
    return [compose.compose(profile, "fresh") for _ in range(number)]


# --- which photos --------------------------------------------------------------------------------


def test_challenges_are_made_of_photos_that_meet_the_budget(db: None) -> None:
    eases(0.6)
    eases(0.98)
    drafts = composed(ONE_PERCENT, 10)
    assert {photo.ease for photo in photos_of(drafts)} == {0.6}
    for draft in drafts:
        assert draft.expected == pytest.approx(0.6**12)
        assert draft.rounds == 1


def test_without_a_budget_all_photos_are_dealt_as_ever(db: None) -> None:
    eases(0.6)
    eases(0.98)
    drafts = composed(PLAIN, 10)
    assert {photo.ease for photo in photos_of(drafts)} == {0.6, 0.98}
    assert {draft.expected for draft in drafts} == {None}


def test_a_photo_that_nobody_measured_counts_as_read_for_certain(db: None) -> None:
    eases(0.6)
    pets.pool(40)
    assert {photo.ease for photo in photos_of(composed(ONE_PERCENT, 5))} == {0.6}
    Photo.objects.update(ease=None)
    (draft,) = composed(ONE_PERCENT, 1)
    assert draft.expected == 1.0


def test_who_says_the_opposite_of_what_it_thinks_counts_too(db: None) -> None:
    eases(0.2)
    (draft,) = composed(ONE_PERCENT, 1)
    assert draft.expected == pytest.approx(0.8**12)
    rights = Photo.objects.rights_for(Audience.PUBLIC)
    assert hardness.spectrum(rights).expected(ONE_PERCENT, 0.2) == pytest.approx(0.8**12)
    # Nothing is harder than a coin.
    limit = hardness.limit_of(replace(PLAIN, budget=0.01))
    assert not hardness.Reach(PLAIN, {Ease.CLEAN: limit}, {Ease.CLEAN: 0.46}).met
    assert hardness.Reach(PLAIN, {Ease.CLEAN: 0.55}, {Ease.CLEAN: 0.46}).met


@pytest.mark.parametrize(("tolerance", "within"), [(0, 0.68), (1, 0.56)])
def test_a_photo_may_be_as_easy_as_the_budget_lets_twelve_of_them_be(
    tolerance: int, within: float
) -> None:
    limit = hardness.limit_of(replace(ONE_PERCENT, tolerance=tolerance))
    assert odds.solves(limit, 12, tolerance) == pytest.approx(0.01)
    assert within <= limit < within + 0.02


def test_the_hard_ones_are_dealt_in_turn_also_those_that_join_late(db: None) -> None:
    hard = eases(0.6)
    late = eases(0.98)[:10]
    composed(ONE_PERCENT, 40)
    Photo.objects.filter(pk__in=[photo.pk for photo in late]).update(ease=0.6)
    Rendition.objects.update(reserved=0)
    shown = Counter(photo.pk for photo in photos_of(composed(ONE_PERCENT, 40)))
    # 480 places for 90 photos.
    assert max(shown.values()) <= 9
    assert min(shown[photo.pk] for photo in hard) >= 3


def test_so_few_hard_ones_are_not_shown_again_and_again(db: None) -> None:
    few = eases(0.5, 12, 12)
    eases(0.9)
    drafts = composed(ONE_PERCENT, 12)
    share = sum(photo.ease == 0.5 for photo in photos_of(drafts)) / 144
    assert share < 0.6
    assert len({photo.pk for photo in photos_of(drafts)}) > 2 * len(few)


# --- the coin ------------------------------------------------------------------------------------


def test_it_never_looks_at_what_networks_say_of_the_pictures_nor_at_their_coins(db: None) -> None:
    photos = eases(0.6)
    order = {photo.pk: place for place, photo in enumerate(photos)}

    def choice(scored: dict[int, float], coins: dict[int, bool]) -> set[int]:
        for photo in photos:
            Photo.objects.filter(pk=photo.pk).update(deal_order=order[photo.pk] % 40 / 40)
            Rendition.objects.filter(photo=photo).update(
                scores={"judge": scored[photo.pk]}, pushed=coins[photo.pk], reserved=0
            )
        # Whatever the draw of places is, the next photos of each animal are dealt.
        rights = Photo.objects.rights_for(Audience.PUBLIC)
        ceilings = hardness.reached(ONE_PERCENT, rights).ceilings
        dealt = hands.deal(rights, 11, "fresh", ceilings=ceilings)
        return {card.photo for hand in dealt.values() for card in hand}

    dice = random.Random(1)
    first = choice(
        {photo.pk: dice.random() for photo in photos},
        {photo.pk: dice.random() < 0.5 for photo in photos},
    )
    # The easiest pictures of all for a network, and then every coin on the other side.
    easiest = {photo.pk: float(photo.label == Animal.CAT) for photo in photos}
    assert choice(easiest, dict.fromkeys(easiest, False)) == first
    assert choice(dict.fromkeys(easiest, 0.5), dict.fromkeys(easiest, True)) == first


def test_the_coins_that_are_served_stay_fair(db: None) -> None:
    photos = eases(0.6, 60, 60)
    eases(0.98, 60, 60)
    dice = random.Random(7)
    for photo in photos:
        pushed = dice.random() < 0.5
        # A network is fooled by the pushed ones, and reads the others: the audit says so.
        right = 0.05 if pushed else 0.99
        p_cat = right if photo.label == Animal.CAT else 1 - right
        Rendition.objects.filter(photo=photo).update(pushed=pushed, scores={"judge": p_cat})
    drafts = composed(ONE_PERCENT, 30)
    served = Rendition.objects.filter(pk__in={key for one in drafts for key in one.renditions})
    coins = list(served.values_list("pushed", flat=True))
    assert len(coins) > 100
    # Nearly all photos were dealt by then: their coins are those that were tossed.
    tossed = Rendition.objects.filter(photo__in=[photo.pk for photo in photos], pushed=True).count()
    low, high = interval(sum(bool(coin) for coin in coins), len(coins))
    assert low < tossed / 120 < high


# --- when it cannot be met -----------------------------------------------------------------------


def test_it_says_by_how_much_it_misses_and_what_would_help(db: None) -> None:
    eases(0.76)
    eases(0.6, 5, 7)
    pets.pool(3)
    rights = Photo.objects.rights_for(Audience.PUBLIC)
    said = hardness.note(ONE_PERCENT, rights)
    assert said.startswith(
        "The pool cannot meet the attack budget of 1 %: networks are expected to solve "
    )
    solved = hardness.spectrum(rights).expected(ONE_PERCENT, 0.76)
    assert f"solve {hardness.percent(solved)} of its challenges" in said
    assert "2 rounds (0.0" in said
    assert "28 cats and 26 dogs more of which networks read at most 68 %" in said
    assert "stronger recipes, so that networks read 68 % of the pictures rightly" in said
    assert said.endswith("6 photos have not been measured yet and count as read for certain.")


def test_what_changes_nothing_is_no_help(db: None) -> None:
    eases(1.0)
    said = hardness.note(ONE_PERCENT, Photo.objects.rights_for(Audience.PUBLIC))
    assert "solve 100 % of its challenges" in said
    assert "rounds (" not in said
    assert re.search(r"would help: \d+ cats and \d+ dogs more", said)


def test_starter_pictures_are_not_waiting_to_be_measured(db: None) -> None:
    eases(0.76)
    pets.pool(3)
    pets.pool(4, Rights.STARTER)
    pool = hardness.spectrum([Rights.CLEARED, Rights.STARTER])
    assert (pool.unknown, pool.measured) == (6, 80)
    only = hardness.spectrum([Rights.STARTER])
    assert only.unknown == 0
    assert only.mean() == 1.0


def test_it_says_nothing_when_the_budget_is_met(db: None) -> None:
    eases(0.6)
    assert hardness.note(ONE_PERCENT, Photo.objects.rights_for(Audience.PUBLIC)) == ""


def test_serve_shows_the_hardest_there_are(db: None) -> None:
    eases(0.8)
    eases(0.98)
    drafts = composed(ONE_PERCENT, 5)
    assert {photo.ease for photo in photos_of(drafts)} == {0.8}
    assert drafts[0].expected == pytest.approx(0.8**12)


def test_rounds_asks_for_as_many_rounds_as_it_takes(db: None) -> None:
    eases(0.8, 110, 110)
    profile = replace(ONE_PERCENT, over=Over.ROUNDS)
    (draft,) = composed(profile, 1)
    assert (draft.rounds, draft.count) == (2, 24)
    assert draft.expected == pytest.approx(0.8**24)
    said = hardness.note(profile, Photo.objects.rights_for(Audience.PUBLIC))
    assert said.endswith("Challenges have 2 rounds therefore.")


def test_rounds_serves_the_most_rounds_when_even_these_are_too_few(db: None) -> None:
    eases(0.98, 120, 120)
    profile = replace(ONE_PERCENT, over=Over.ROUNDS)
    (draft,) = composed(profile, 1)
    assert draft.rounds == 3
    said = hardness.note(profile, Photo.objects.rights_for(Audience.PUBLIC))
    assert said.endswith("Challenges have 3 rounds therefore. Even that is too few.")


def test_refuse_composes_none_and_says_by_how_much(db: None) -> None:
    eases(0.8)
    with pytest.raises(OverBudget, match=r"expected to solve 6\.9 % of its challenges"):
        compose.compose(replace(ONE_PERCENT, over=Over.REFUSE), "fresh")
    Photo.objects.update(ease=0.6)
    assert compose.compose(replace(ONE_PERCENT, over=Over.REFUSE), "fresh").count == 12


def test_it_never_refuses_in_silence(db: None) -> None:
    """On average they keep the budget, but not the easiest of them, and without these few are left.

    Of 0.65 is solved 0.57 %, of 0.7 1.4 %.
    """
    eases(0.6, 20, 20)
    eases(0.7, 20, 20)
    rights = Photo.objects.rights_for(Audience.PUBLIC)
    refusing = replace(ONE_PERCENT, over=Over.REFUSE)
    said = (
        "The pool cannot meet the attack budget of 1 %: networks are expected to solve 0.57 % of "
        "its challenges on average, but 1.4 % of those of its easiest photos, of which they read "
        "70 %: without these there are too few. What would help: "
    )
    with pytest.raises(OverBudget, match=re.escape(said)):
        compose.compose(refusing, "fresh")
    assert hardness.note(refusing, rights).startswith(said)
    assert hardness.note(ONE_PERCENT, rights).startswith(said)
    rounds = hardness.note(replace(ONE_PERCENT, over=Over.ROUNDS), rights)
    assert rounds.startswith(said)


def test_what_is_mostly_not_measured_is_never_refused_in_silence(db: None) -> None:
    eases(0.5, 20, 20)
    pets.pool(5)
    profile = replace(ONE_PERCENT, budget=5.0, over=Over.REFUSE)
    with pytest.raises(OverBudget, match="10 photos have not been measured"):
        compose.compose(profile, "fresh")


def test_without_enough_fresh_hard_ones_it_waits_for_new_pictures(db: None) -> None:
    eases(0.6)
    eases(0.98)
    Photo.objects.filter(ease=0.6, label=Animal.CAT).update(fresh=False)
    with pytest.raises(NotEnoughPhotos, match="that are hard enough"):
        compose.compose(ONE_PERCENT, "fresh")
    assert {photo.ease for photo in photos_of([compose.compose(ONE_PERCENT, "worn")])} == {0.6}


# --- sites ---------------------------------------------------------------------------------------


def with_budget(site: Site, over: Over = Over.SERVE) -> Site:
    """Give the site a budget of 1 %, and stock it."""
    Site.objects.filter(pk=site.pk).update(attack_budget=1.0, over_budget=over)
    stock.keep_stocked(5)
    return Site.objects.get(pk=site.pk)


def test_sites_with_a_budget_have_challenges_of_their_own(site_owner: NewSite) -> None:
    eases(0.6, 130, 130)
    site = with_budget(site_owner.site)
    assert site.served.key == KEY
    assert state.ready_depth(KEY, "fresh") >= stock.enough(site.profile)
    assert stock.profile_note(site) is None


def test_the_owner_reads_by_how_much_the_budget_is_missed(site_owner: NewSite) -> None:
    eases(0.8, 130, 130)
    site = with_budget(site_owner.site)
    assert state.ready_depth(KEY, "fresh") > 0
    note = stock.profile_note(site)
    assert note is not None
    assert "networks are expected to solve 6.9 % of its challenges" in note
    assert f"over-budget:{KEY}" in state.alarms()


def test_a_site_that_refuses_is_refused_and_its_owner_reads_why(
    site_owner: NewSite, visitor: Any
) -> None:
    eases(0.8, 130, 130)
    stock.keep_stocked(5)
    site = with_budget(site_owner.site, Over.REFUSE)
    assert site.served.over is Over.REFUSE
    reply = visitor.ask(site.sitekey)
    assert (reply.status_code, reply.json()["error"]) == (503, "no_challenge_ready")
    note = stock.profile_note(site)
    assert note is not None
    assert note.endswith("Until then no challenges are shown.")


def test_a_site_in_test_mode_has_no_budget() -> None:
    site = Site(hosts=["shop.example.org"], attack_budget=1.0, test_mode=True)
    assert site.profile.budget is None


# --- how it is found -----------------------------------------------------------------------------


def plan(*named: Ease) -> str:
    """Return how PostgreSQL finds the next cards."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("SET LOCAL enable_bitmapscan = off")
        cursor.execute(
            f"EXPLAIN {hands._asked(named, fresh=True)}",
            {
                "animals": ["cat", "dog"],
                "rights": ["cleared", "trial"],
                "eases": [0.5, 0.52],
                "without": [],
                "most": 35,
            },
        )
        return "\n".join(row[0] for row in cursor.fetchall())


@pytest.mark.parametrize("easy", [0.9, 0.5])
@pytest.mark.parametrize(
    ("named", "index"),
    [
        ([], "photo_deck"),
        ([Ease.CLEAN], "photo_deck_by_ease"),
        ([Ease.TAUGHT], "photo_deck_by_taught"),
    ],
)
def test_cards_come_from_the_top_of_an_index_and_never_from_a_scan_of_the_pool(
    db: None, named: list[Ease], index: str, easy: float
) -> None:
    """Also where all photos lie on one step: then statistics say that every step has so many."""
    eases(0.5, 1000, 1000)
    eases(easy, 1000, 1000)
    Photo.objects.update(taught_ease=F("ease"))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE challenges_photo")
    found = plan(*named)
    assert f"Index Scan using {index} on challenges_photo" in found
    # The index has them in the order of the deck already: each look ends after as many as it takes.
    assert found.index("Limit") < found.index("Index Scan")
    assert found.count("Sort Key") == 1


@pytest.mark.parametrize(
    ("named", "index"),
    [([Ease.CLEAN], "photo_deck_by_ease"), ([Ease.TAUGHT], "photo_deck_by_taught")],
)
def test_whether_there_are_enough_comes_from_an_index_too(
    db: None, named: list[Ease], index: str
) -> None:
    """Also where all photos have one kind of rights: for the others the whole pool would be read.

    So many photos have to be there that reading all of them takes longer.
    """
    batch = pets.batch()
    photos = Photo.objects.bulk_create(
        Photo(
            sha256=f"{place:064}", width=9, height=9, phash=0, bands=[], batch=batch, group=place,
            rights=Rights.CLEARED, label=Animal.CAT, status=Photo.Status.POOLED, ease=0.6,
            taught_ease=0.6,
        )
        for place in range(3_000)
    )  # fmt: skip
    Rendition.objects.bulk_create(Rendition(photo=photo, name=photo.sha256) for photo in photos)
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE challenges_photo SET rendition_id = worn.id "
            "FROM challenges_rendition AS worn WHERE worn.photo_id = challenges_photo.id"
        )
        cursor.execute("ANALYZE challenges_photo")
        asked: dict[str, Any] = {"animals": ["cat"], "rights": ["cleared", "trial"], "most": 35}
        cursor.execute(
            f"EXPLAIN {hands._counted(named)}", {**asked, "ease": 0.68, "taught_ease": 0.68}
        )
        found = "\n".join(row[0] for row in cursor.fetchall())
    assert f"Index Scan using {index} on challenges_photo" in found


def test_its_queries_do_not_grow_with_the_pool(
    db: None, django_assert_max_num_queries: Any
) -> None:
    eases(0.6, 40, 40)
    with django_assert_max_num_queries(14):
        compose.compose(ONE_PERCENT, "fresh")
    eases(0.6, 80, 80)
    eases(0.9, 80, 80)
    with django_assert_max_num_queries(14):
        compose.compose(ONE_PERCENT, "fresh")


@pytest.mark.parametrize(("share", "budget", "said"), [
    (0.0104, 0.01, "1.04 %"), (0.01, 0.01, "1 %"), (0.0057, 0.01, "0.57 %"), (0.2, 0.15, "20 %"),
    (0.1502, 0.15, "15.02 %"),
])  # fmt: skip
def test_what_misses_a_budget_by_little_does_not_look_like_it(
    share: float, budget: float, said: str
) -> None:
    assert hardness.beside(share, budget) == said
