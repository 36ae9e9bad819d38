"""Whether a candidate is worse than what labels now."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from django.core.files.storage import default_storage

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from challenges.models import Upload
from classifier.exceptions import CannotRetrain
from classifier.flows import compare, frozen
from classifier.flows.compare import Contender, Decision
from classifier.models import ModelVersion
from classifier.progress import Quiet
from tests.classifier.made import judge, pool

OLD, NEW = "old" * 8, "new" * 8


@pytest.fixture(autouse=True)
def _pool(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(frozen, "TEST_SHARE", 1.0)
    monkeypatch.setattr(compare, "SHIPPED_SPLIT", tmp_path / "split.json.gz")
    pool(20)


def decide(old: int, new: int, **other: float) -> Decision:
    """Return the decision when each gets so many of forty photos wrong."""
    return compare.compare(
        Contender("old-1", Path("old"), OLD),
        Contender("new-1", Path("new"), NEW),
        Quiet(),
        judge({OLD: old, NEW: new}, **other),
    )


def test_a_better_one_may_take_over() -> None:
    found = decide(4, 1)
    assert found.against == []
    assert (found.lost, found.won) == (0, 3)
    assert found.sentence == (
        "new-1 is not worse than old-1: 1 of 40 photos wrong instead of 4 (McNemar p = 0.25), "
        "ECE 0.000 instead of 0.000."
    )


def test_an_equal_one_may_take_over() -> None:
    assert decide(2, 2).against == []


def test_a_worse_one_may_not() -> None:
    found = decide(1, 2)
    assert found.sentence == ("new-1 is not promoted: it names 2 of 40 photos wrong, old-1 only 1.")
    assert found.to_dict()["not_worse"] is False


def test_nor_one_whose_chances_mislead() -> None:
    (why,) = decide(2, 2, confidence=0.8).against
    assert why == "its ECE is 0.150, and may be 0.030 at most"


def test_nor_one_that_calls_cats_and_dogs_neither() -> None:
    (why,) = decide(2, 2, familiar=0.1).against
    assert why.startswith("it calls 100.0 % of the cats and dogs neither, and may 1.0 % at most")


def test_a_decision_is_kept_with_its_figures() -> None:
    kept = json.loads(json.dumps(decide(4, 1).to_dict()))
    assert kept["candidate"]["accuracy"] == pytest.approx(0.975)
    assert kept["candidate"]["interval"] == pytest.approx([0.8684, 0.9994], abs=1e-4)
    assert kept["p"] == pytest.approx(0.25)


def test_what_the_shipped_model_has_seen_is_left_out() -> None:
    frozen.assign()
    stored, handed_in, alike, *_ = frozen.tests()
    Upload.objects.create(
        batch=handed_in.batch, name="x.jpg", sha256="ab" * 32, state="stored", photo=handed_in
    )
    alike.phash = 0x5A5A_0F0F_3C3C_6699
    alike.save()
    far = 0x0123_4567_89AB_CDEF
    train = [
        {"sha256": stored.sha256[:16], "phash": far},
        {"sha256": "ab" * 8, "phash": far},
    ]
    val = [{"sha256": "cd" * 8, "phash": alike.phash ^ 0b101}]
    with gzip.open(compare.SHIPPED_SPLIT, "wt") as file:
        json.dump({"train": train, "val": val}, file)
    found = decide(0, 0)
    assert found.left_out == 3
    assert found.active.n == found.candidate.n == 37
    kept = compare._unseen(list(frozen.tests()), [])
    assert not {stored, handed_in, alike} & set(kept)


def test_so_is_what_one_of_the_two_has_seen() -> None:
    frozen.assign()
    first, second, *_ = frozen.tests()
    for digest, photo in ((OLD, first), (NEW, second)):
        ModelVersion.objects.create(
            name=digest, sha256=digest, size=1, learned={"sha256": [photo.sha256[:16]]}
        )
    assert decide(0, 0).left_out == 2


def test_a_photo_that_cannot_be_opened_counts_for_neither() -> None:
    frozen.assign()
    photo = frozen.tests()[0]
    default_storage.delete(photo.storage_name)
    found = decide(0, 0)
    assert (found.active.n, found.unreadable) == (39, 1)


def test_too_few_photos_decide_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "LEAST", 50)
    with pytest.raises(CannotRetrain, match="Only 40 reviewed photos are kept for testing"):
        decide(0, 0)
