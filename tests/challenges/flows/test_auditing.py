"""What the panel's scores make of a challenge, and what is stored with it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from challenges import odds
from challenges.drafts import Draft
from challenges.flows import auditing, compose, stock
from challenges.flows.sites import NewSite
from challenges.models import Outcome, Photo, Rendition
from challenges.models.photos import Animal
from challenges.selection import Audience, Profile
from tests.conftest import outcome_of

PUBLIC = Profile(12, Audience.PUBLIC)


def score(right: float, network: str = "judge") -> None:
    """Have a network read every picture rightly with this chance."""
    for rendition in Rendition.objects.select_related("photo"):
        p_cat = right if rendition.photo.label == Animal.CAT else 1 - right
        rendition.scores = {**rendition.scores, network: p_cat}
        rendition.save(update_fields=["scores"])


def test_a_draft_knows_how_likely_each_of_its_pictures_is_read(pool: list[Photo]) -> None:
    score(0.9)
    draft = compose.compose(PUBLIC, "fresh")
    assert draft.chances == {"judge": pytest.approx([0.9] * 12)}
    assert Draft.from_json(draft.to_json()) == draft


def test_the_worst_of_the_panel_is_the_headline_its_reversed_self_included(
    pool: list[Photo],
) -> None:
    score(0.7)
    score(0.05, "fooled")
    judged, headline = auditing.audit_of(compose.compose(PUBLIC, "fresh"), 0)
    assert judged["judge"]["solves"] == pytest.approx(0.7**12)
    assert judged["judge"]["hit"] is True
    assert judged["fooled"]["reversed"] == pytest.approx(0.95**12)
    assert headline == pytest.approx(0.95**12)


def test_a_network_that_has_not_seen_all_pictures_is_not_heard(pool: list[Photo]) -> None:
    score(0.7)
    score(0.8, "late")
    draft = compose.compose(PUBLIC, "fresh")
    one = Rendition.objects.get(pk=draft.renditions[5])
    Rendition.objects.filter(pk=one.pk).update(scores={"judge": one.scores["judge"]})
    again = Draft.from_json(draft.to_json())
    looked_up = Draft(**{**vars_of(again), "chances": {}})
    assert set(auditing.audit_of(looked_up, 0)[0]) == {"judge"}


def vars_of(draft: Draft) -> dict[str, Any]:
    """Return the fields of a draft."""
    return {name: getattr(draft, name) for name in Draft.__dataclass_fields__}


def test_without_scores_there_is_no_number(pool: list[Photo]) -> None:
    assert auditing.audit_of(compose.compose(PUBLIC, "fresh"), 0) == ({}, None)


def test_a_probe_does_not_count() -> None:
    scores = [{"judge": 0.9}, {}, {"judge": 0.2}]
    assert auditing.chances_of(scores, cats=0b001, probe=1) == {"judge": [0.9, 0.8]}
    assert auditing.chances_of(scores, cats=0b001) == {}
    assert auditing.chances_of([], cats=0) == {}


def test_the_stored_headline_is_the_one_of_the_scores_at_issue(
    stocked: NewSite, visitor: Any
) -> None:
    # The challenges were composed before anybody had scored their pictures.
    score(0.8)
    outcome = outcome_of(visitor.ask(stocked.site.sitekey).json()["id"])
    chances = {"judge": [0.8] * 12}
    assert outcome.headline == pytest.approx(odds.headline(chances))
    assert outcome.odds["judge"]["solves"] == pytest.approx(0.8**12)
    assert outcome.odds["judge"]["belief"] == pytest.approx(0.8**12)


def test_with_one_wrong_photo_allowed_it_is_as_much_higher(
    site_owner: NewSite, pool: list[Photo], visitor: Any
) -> None:
    score(0.8)
    site_owner.site.tolerance = 1
    site_owner.site.save()
    stock.keep_stocked(5)
    outcome = outcome_of(visitor.ask(site_owner.site.sitekey).json()["id"])
    assert outcome.headline == pytest.approx(odds.solves(0.8, 12, 1))


def test_beliefs_are_held_against_hits(stocked: NewSite) -> None:
    def outcome(belief: float, *, hit: bool) -> Outcome:
        return Outcome(
            site=stocked.site,
            issued_at=timezone.now(),
            hostname="shop.example.org",
            prefix="",
            risk=0.1,
            renditions=[],
            cats=0,
            odds={"judge": {"solves": 0.1, "reversed": 0.0, "belief": belief, "hit": hit}},
            headline=0.1,
        )

    Outcome.objects.bulk_create([outcome(0.4, hit=True), outcome(0.2, hit=False)])
    (found,) = auditing.reliability(timezone.now() - timedelta(hours=1))
    assert (found.network, found.number) == ("judge", 2)
    assert found.belief == pytest.approx(0.3)
    assert found.hit == 0.5
    assert auditing.reliability(timezone.now() + timedelta(hours=1)) == []
