"""Which attackers can come to the front door, and what they have learned before."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.storage import default_storage

from challenges.models import Photo
from classifier.attackers import registry
from classifier.attackers.base import Tile
from classifier.flows import ladder
from classifier.flows.ladder import LEAST, NotReady
from classifier.progress import Quiet
from tests import pets
from tests.classifier.flows.front_door import pictures


def test_all_come_but_those_that_need_the_truth() -> None:
    names = ladder.names()
    assert "guessing" in names
    assert "oracle-60" not in names
    assert set(names) < set(registry.entries())


def test_an_unknown_name_is_told_which_there_are() -> None:
    with pytest.raises(NotReady) as told:
        ladder.ready("nobody", 100, Quiet())
    first, *rungs = str(told.value).splitlines()
    assert first == "No attacker 'nobody' can come to the door. These can:"
    assert rungs[0] == "  Guessing: guessing"
    listed = [name for line in rungs for name in line.partition(": ")[2].split(", ")]
    assert sorted(listed) == sorted(ladder.names())


def test_one_that_needs_nothing_is_ready_at_once() -> None:
    bot = ladder.ready("guessing", 100, Quiet())
    assert (bot.attacker.name, bot.learned, bot.watches) == ("guessing", 0, False)


def test_one_that_pays_people_watches() -> None:
    assert ladder.ready("repeats", 100, Quiet()).watches


@pytest.mark.django_db
class TestLearning:
    def test_it_learns_from_our_own_tiles_with_their_labels(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pets.pool(30)
        learned = heard(monkeypatch)
        bot = ladder.ready("svm-2008", 44, Quiet())
        known = {Path(default_storage.path(name)).read_bytes(): cat for name, cat in pictures()}
        assert bot.learned == len(learned) == 44
        assert {tile.data: tile.cat for tile in learned}.items() <= known.items()
        assert sum(tile.cat is True for tile in learned) == 22

    def test_with_fewer_tiles_than_asked_for_it_learns_from_all(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        pets.pool(25)
        heard(monkeypatch)
        assert ladder.ready("svm-2008", 1000, Quiet()).learned == 50

    def test_too_few_tiles_teach_nothing(self) -> None:
        pets.pool(LEAST - 1)
        with pytest.raises(NotReady, match=f"wants {LEAST} tiles of cats .* there are 19"):
            ladder.ready("svm-2008", 100, Quiet())

    def test_a_file_that_is_gone_is_passed_over(self, monkeypatch: pytest.MonkeyPatch) -> None:
        pets.pool(25)
        heard(monkeypatch)
        default_storage.delete(pictures()[0][0])
        assert ladder.ready("svm-2008", 1000, Quiet()).learned == 49

    def test_a_dictionary_knows_photos_with_public_pages_only(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        photos = pets.pool(30)
        with pytest.raises(NotReady, match="adoption pages are public, 20 of cats at least"):
            ladder.ready("dictionary-hash", 100, Quiet())
        for photo in photos[:25] + photos[-25:]:
            file = Path(default_storage.path(photo.storage_name))
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(photo.sha256.encode())
            Photo.objects.filter(pk=photo.pk).update(adoption_url="https://shelter.example/it")
        learned = heard(monkeypatch, "classifier.attackers.dictionary.Dictionary.learn")
        bot = ladder.ready("dictionary-hash", 100, Quiet())
        assert bot.learned == 0
        assert len(learned) == 50


def heard(
    monkeypatch: pytest.MonkeyPatch, place: str = "classifier.attackers.golle.Golle.learn"
) -> list[Tile]:
    """Keep what an attacker is given to learn from: here no network shall be trained."""
    kept: list[Tile] = []
    monkeypatch.setattr(place, lambda self, tiles: kept.extend(tiles))
    return kept
