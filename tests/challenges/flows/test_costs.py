"""What a policy costs, measured on the photos that are here."""

from __future__ import annotations

import pytest

from challenges.flows import costs, review
from challenges.flows.costs import Accuracy, cost_of
from challenges.models import Label, Photo
from challenges.models.photos import Animal, Rights
from tests import pets


def look(
    animal: Animal, p_cat: float | None, source: str, rights: Rights = Rights.CLEARED
) -> Photo:
    """Return a pooled photo at which the network looked, with who said what it shows."""
    photo = pets.photo(animal, rights)
    Photo.objects.filter(pk=photo.pk).update(p_cat=p_cat)
    Label.objects.filter(photo=photo).delete()
    Label.objects.create(photo=photo, label=animal, source=source)
    return photo


def test_only_photos_that_people_labelled_and_the_network_saw_count(db: None) -> None:
    look(Animal.CAT, 0.9, Label.Source.PERSON)
    look(Animal.DOG, 0.1, Label.Source.FOLDER)
    look(Animal.DOG, 0.8, Label.Source.PERSON)
    look(Animal.CAT, None, Label.Source.PERSON)
    look(Animal.CAT, 0.9, Label.Source.CNN)
    look(Animal.CAT, 0.9, Label.Source.STARTER, Rights.STARTER)
    # What was accepted in bulk is what the network said; a list may be an export of that.
    look(Animal.CAT, 0.9, Label.Source.IMPORT)
    for note in ("accepted above 99 %, sample 0 of 50 wrong", review.BY_BATCH):
        photo = look(Animal.CAT, 0.9, Label.Source.PERSON)
        Label.objects.filter(photo=photo).update(note=note)
    retired = look(Animal.CAT, 0.9, Label.Source.PERSON)
    Photo.objects.filter(pk=retired.pk).update(status=Photo.Status.RETIRED)
    assert costs.accuracy() == Accuracy(right=2, looked=3)


def test_a_word_that_was_taken_back_does_not_count(db: None) -> None:
    photo = look(Animal.CAT, 0.9, Label.Source.PERSON)
    Label.objects.filter(photo=photo).update(undone_at=photo.created_at)
    assert costs.accuracy().looked == 0


def test_with_few_photos_no_figure_is_invented() -> None:
    few = Accuracy(right=99, looked=99)
    assert few.share is None
    assert cost_of(few, 12, 1, 0).network == ""
    assert cost_of(few, 12, 1, 0).guess == "1 in 4,094"


@pytest.mark.parametrize(
    ("pictures", "rounds", "tolerance", "probes", "network", "guess"),
    [
        (12, 1, 0, False, "92 %", "1 in 4,094"),
        (12, 1, 1, False, "99.7 %", "1 in 315"),
        (9, 1, 0, False, "94 %", "1 in 510"),
        (12, 1, 0, True, "93 %", "1 in 2,046"),
        (12, 2, 0, False, "84 %", "1 in 17 million"),
        (16, 3, 0, False, "71 %", "1 in 281 trillion"),
    ],
)
def test_costs_are_those_of_the_formulas(
    pictures: int, rounds: int, tolerance: int, *, probes: bool, network: str, guess: str
) -> None:
    measured = Accuracy(right=993, looked=1000)
    cost = cost_of(measured, pictures, rounds, tolerance, probes=probes)
    assert (cost.network, cost.guess) == (network, guess)


def test_every_policy_has_its_cost() -> None:
    found = costs.costs(Accuracy(0, 0))
    assert len({cost.key for cost in found}) == len(found) == 8 * 3 * 2 * 2


@pytest.mark.parametrize(
    ("share", "words"),
    [
        (1.0, "100 %"),
        (0.99999, "more than 99.9 %"),
        (0.9931, "99.3 %"),
        (0.5, "50 %"),
        (0.004, "0.4 %"),
        (0.0001, "less than 0.1 %"),
        (0.0, "0 %"),
    ],
)
def test_a_share_is_never_rounded_to_certainty(share: float, words: str) -> None:
    assert costs.percent(share) == words
