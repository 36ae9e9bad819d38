"""Composing several rounds, and challenges that ask about a photo nobody has labelled."""

from __future__ import annotations

from typing import Any

import pytest

from challenges.drafts import Draft
from challenges.exceptions import NotEnoughPhotos
from challenges.flows import compose
from challenges.models import Photo, Rendition
from challenges.models.photos import Animal, Rights
from challenges.selection import EXPOSURES, Audience, Profile
from tests import pets

TWO = Profile(9, Audience.PUBLIC, 2)
PROBING = Profile(9, Audience.PUBLIC, 2, probes=True)


def a_probe(rights: Rights = Rights.CLEARED, **changes: Any) -> Photo:
    """Return a photo about which visitors are asked, with a rendition."""
    made = pets.rendered(Animal.CAT, rights)
    changes = {"status": Photo.Status.PROBE, "label": "", **changes}
    Photo.objects.filter(pk=made.pk).update(**changes)
    made.refresh_from_db()
    return made


def rounds_of(draft: Draft) -> list[int]:
    """Return how many cats each round has."""
    cats = [draft.cats >> place & 1 for place in range(draft.count)]
    size = draft.per_round
    return [sum(cats[first : first + size]) for first in range(0, draft.count, size)]


def labels_of(draft: Draft) -> list[str]:
    """Return what each picture shows, in order."""
    labels = dict(Photo.objects.values_list("rendition", "label"))
    return [labels[rendition] for rendition in draft.renditions]


def test_a_challenge_has_the_pictures_of_all_rounds(pool: list[Photo]) -> None:
    for _ in range(10):
        draft = compose.compose(TWO, "fresh")
        assert (draft.count, draft.rounds, draft.per_round, draft.probe) == (18, 2, 9, -1)
        assert all(1 <= cats <= 8 for cats in rounds_of(draft))
        wanted = ["cat" if draft.cats >> place & 1 else "dog" for place in range(18)]
        assert labels_of(draft) == wanted
        assert len(set(draft.groups)) == 18


def test_it_needs_as_many_of_each_as_the_most_lopsided_rounds(db: None) -> None:
    for _ in range(15):
        pets.rendered(Animal.CAT)
    for _ in range(40):
        pets.rendered(Animal.DOG)
    with pytest.raises(NotEnoughPhotos, match=r"needs 16 different fresh pictures.*has 15 of cats"):
        compose.compose(TWO, "fresh")
    pets.rendered(Animal.CAT)
    compose.compose(TWO, "fresh")


def test_one_picture_of_a_challenge_may_be_a_probe(pool: list[Photo]) -> None:
    probe = a_probe()
    places = set()
    for _ in range(EXPOSURES):
        draft = compose.compose(PROBING, "fresh")
        assert draft.renditions.index(probe.rendition_id or 0) == draft.probe
        assert draft.cats >> draft.probe & 1 == 0
        places.add(draft.probe)
        wanted = ["cat" if draft.cats >> place & 1 else "dog" for place in range(18)]
        wanted[draft.probe] = ""
        assert labels_of(draft) == wanted
        # What counts of its round is neither all cats nor none.
        assert 1 <= rounds_of(draft)[draft.probe // 9] <= 7
    assert len(places) > 1
    # Its showings count like those of all others: now it needs a new rendition.
    assert compose.compose(PROBING, "fresh").probe == -1
    probe.refresh_from_db()
    assert not probe.fresh
    assert Rendition.objects.get(current_of=probe).reserved == EXPOSURES


@pytest.mark.parametrize(
    "changes",
    [
        {"status": Photo.Status.UNLABELLED},
        {"status": Photo.Status.HELD},
        {"status": Photo.Status.PROPOSED},
        {"rights": Rights.TRIAL},
        {"rights": Rights.UNSTATED},
        {"rendition": None},
        {"fresh": False},
    ],
)
def test_without_a_photo_to_ask_about_it_is_a_challenge_like_all_others(
    pool: list[Photo], changes: dict[str, Any]
) -> None:
    a_probe(**changes)
    draft = compose.compose(PROBING, "fresh")
    assert (draft.count, draft.probe) == (18, -1)
    assert "" not in labels_of(draft)


def test_nobody_is_asked_where_the_site_does_not_want_it(pool: list[Photo]) -> None:
    a_probe()
    assert compose.compose(TWO, "fresh").probe == -1


def test_a_probe_is_no_near_duplicate_of_the_others(db: None) -> None:
    pets.pool(17)
    probe = a_probe()
    Photo.objects.filter(label=Animal.CAT, pk__in=Photo.objects.pooled()[:1]).update(
        group=probe.group, deal_order=-1
    )
    for _ in range(4):
        draft = compose.compose(PROBING, "fresh")
        assert draft.groups.count(str(probe.group)) == 1
        assert draft.groups[draft.probe] == str(probe.group)


def test_a_probe_that_rests_or_was_seen_is_passed_over(pool: list[Photo]) -> None:
    first, second = a_probe(deal_order=0), a_probe(deal_order=1)
    resting = frozenset({first.group})
    draft = compose.compose(PROBING, "fresh", resting=resting)
    assert draft.groups[draft.probe] == str(second.group)
    assert compose.compose(PROBING, "fresh", resting | {second.group}).probe == -1


def test_the_other_pictures_do_not_rest(pool: list[Photo]) -> None:
    everything = frozenset(photo.group for photo in pool)
    assert compose.compose(PROBING, "fresh", resting=everything).count == 18


@pytest.mark.parametrize(
    "changes",
    [
        {"status": Photo.Status.PROPOSED, "label": Animal.DOG},
        {"status": Photo.Status.POOLED, "label": Animal.DOG},
        {"status": Photo.Status.POOLED, "label": Animal.CAT},
        {"status": Photo.Status.REJECTED},
        {"rights": Rights.TRIAL},
    ],
)
def test_a_challenge_is_no_longer_right_when_its_probe_is_none_any_more(
    pool: list[Photo], changes: dict[str, Any]
) -> None:
    probe = a_probe()
    draft = compose.compose(PROBING, "fresh")
    assert compose.still_right([draft]) == {draft.id}
    Photo.objects.filter(pk=probe.pk).update(**changes)
    assert compose.still_right([draft]) == set()


def test_a_challenge_is_no_longer_right_when_a_picture_of_it_becomes_a_probe(
    pool: list[Photo],
) -> None:
    draft = compose.compose(TWO, "fresh")
    dog = next(place for place in range(18) if not draft.cats >> place & 1)
    changed = Photo.objects.filter(rendition=draft.renditions[dog])
    changed.update(status=Photo.Status.PROBE, label="")
    assert compose.still_right([draft]) == set()


def test_a_challenge_is_no_longer_right_when_a_picture_may_not_be_shown(pool: list[Photo]) -> None:
    draft = compose.compose(TWO, "fresh")
    Photo.objects.filter(rendition=draft.renditions[3]).update(rights=Rights.TRIAL)
    assert compose.still_right([draft]) == set()


def test_a_dropped_draft_gives_its_probe_s_showing_back(pool: list[Photo]) -> None:
    probe = a_probe()
    drafts = [compose.compose(PROBING, "fresh") for _ in range(EXPOSURES)]
    compose.release(drafts[0])
    probe.refresh_from_db()
    assert probe.fresh
    assert Rendition.objects.get(current_of=probe).reserved == EXPOSURES - 1


def test_its_queries_do_not_grow_with_the_rounds(
    pool: list[Photo], django_assert_num_queries: Any
) -> None:
    a_probe()
    with django_assert_num_queries(9):
        compose.compose(TWO, "fresh")
    with django_assert_num_queries(10):
        compose.compose(PROBING, "fresh")
