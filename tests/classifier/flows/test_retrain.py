"""Retraining: a new version labels only when it is not worse."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from challenges.locks import Lock
from challenges.models import Label, Photo
from challenges.models.photos import Animal, Rights
from classifier import background, engine, tasks
from classifier.cnn.config import TrainingConfig
from classifier.exceptions import BadData, BadRun, CannotRetrain
from classifier.flows import compare, frozen, retrain, versions
from classifier.models import ModelVersion, Retraining
from classifier.progress import Progress, Quiet
from tests import pets
from tests.classifier import made
from tests.classifier.made import a_run, shipped

if TYPE_CHECKING:
    from classifier.cnn.predict import Prediction

__all__ = ["shipped"]


@pytest.fixture(autouse=True)
def _small(db: None, shipped: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(retrain, "LEAST_EACH", 10)
    monkeypatch.setattr(compare, "LEAST", 2)
    monkeypatch.setattr(frozen, "TEST_SHARE", 0.4)
    monkeypatch.setattr(compare, "SHIPPED_SPLIT", tmp_path / "split.json.gz")


@pytest.fixture
def pool() -> list[Photo]:
    """Return enough reviewed photos."""
    return made.pool(15)


class Trainer:
    """Trains nothing: writes a run, and notes how it was called. It may be killed before."""

    def __init__(self, killed: int = 0) -> None:
        self.killed = killed
        self.resumed: list[bool] = []
        self.learned_from: set[int] = set()

    def __call__(
        self, config: TrainingConfig, out: Path, *, resume: bool, progress: Progress
    ) -> Path:
        """Write a run, or die on the way."""
        self.resumed.append(resume)
        self.learned_from |= set(frozen.trainable().values_list("pk", flat=True))
        progress.start("Training", 10)
        progress.advance(4, "loss 0.1")
        if len(self.resumed) <= self.killed:
            out.mkdir(parents=True, exist_ok=True)
            (out / "config.json").write_text("{}")
            raise SystemExit
        if resume:
            (out / "config.json").unlink()
            out.rmdir()
        return a_run(out.parent, out.name)


def outcome(old: int, new: int) -> made.Look:
    """Return a way to look by which what labels gets `old` photos wrong, the candidate `new`."""
    now = versions.active()[1]

    def look(
        path: Path, sha256: str, images: Iterable[tuple[int, Image.Image]]
    ) -> Iterator[tuple[int, Prediction]]:
        wrong = {sha256: old if sha256 == now else new}
        yield from made.judge(wrong)(path, sha256, images)

    return look


def retrained(old: int, new: int) -> Retraining:
    """Return a finished retraining whose candidate did so."""
    row = retrain.run(retrain.ask("anna"), train=Trainer(), look=outcome(old, new))
    assert row is not None
    return row


def test_a_better_candidate_labels_from_then_on(pool: list[Photo]) -> None:
    row = retrained(old=2, new=0)
    version = ModelVersion.objects.get()
    assert (row.state, row.version) == ("done", version)
    assert (version.status, version.promoted_by) == ("active", f"retraining {row.name}")
    assert engine.load(*versions.active()).name == row.name
    assert version.decision["sentence"] in row.said
    assert row.said.endswith("It labels now.")


def test_a_worse_candidate_is_refused(pool: list[Photo]) -> None:
    row = retrained(old=0, new=1)
    version = ModelVersion.objects.get()
    assert (row.state, version.status) == ("done", "candidate")
    assert versions.active_name() == "shipped-1"
    assert version.decision["not_worse"] is False
    assert "it names 1 of" in row.said
    assert "shipped-1 only 0" in row.said


def test_an_equal_candidate_takes_over_for_it_knows_the_newest_photos(pool: list[Photo]) -> None:
    retrained(old=1, new=1)
    assert ModelVersion.objects.get().status == "active"


def test_the_next_one_is_compared_with_the_one_that_was_promoted(pool: list[Photo]) -> None:
    first = retrained(old=1, new=0)
    second = retrained(old=0, new=2)
    assert second.version is not None
    assert second.version.decision["active"]["name"] == first.name
    assert versions.active_name() == first.name


def test_no_photo_of_the_test_set_is_learned_from(pool: list[Photo]) -> None:
    trainer, tested = Trainer(), set[int]()
    for _ in range(3):
        retrain.run(retrain.ask("anna"), train=trainer, look=outcome(0, 1))
        tested |= set(frozen.tests().values_list("pk", flat=True))
        made.pool(5)
    assert trainer.learned_from
    assert tested
    assert not trainer.learned_from & tested


@pytest.mark.parametrize("who", ["cnn", "starter"])
def test_too_few_reviewed_photos_change_nothing(who: str) -> None:
    for _ in range(12):
        made.reviewed(Animal.CAT)
        made.reviewed(Animal.DOG, by="cnn")
        drawn = pets.photo(Animal.DOG, Rights.STARTER)
        Label.objects.create(photo=drawn, label="dog", source="starter")
    made.reviewed(Animal.DOG)
    with pytest.raises(CannotRetrain, match="needs 10 reviewed cats and 10 reviewed dogs; there "
                       "are 12 and 1"):  # fmt: skip
        retrain.ask("anna")
    assert not Retraining.objects.exists()


def test_a_killed_one_is_gone_on_with(pool: list[Photo]) -> None:
    trainer, row = Trainer(killed=2), retrain.ask("anna")
    for _ in range(2):
        with pytest.raises(SystemExit):
            retrain.run(row, train=trainer, look=outcome(1, 0))
    row.refresh_from_db()
    assert (row.state, row.stage, row.done, row.attempts) == ("running", "Training", 0, 2)
    assert retrain.ask("somebody else") == row
    retrain.run(train=trainer, look=outcome(1, 0))
    assert trainer.resumed == [False, True, True]
    row.refresh_from_db()
    assert row.state == "done"
    assert ModelVersion.objects.get().status == "active"


def test_one_killed_while_it_compared_does_not_train_again(pool: list[Photo]) -> None:
    trainer, row = Trainer(), retrain.ask("anna")

    def die(*args: object) -> Iterator[tuple[int, Prediction]]:
        raise SystemExit

    with pytest.raises(SystemExit):
        retrain.run(row, train=trainer, look=die)
    retrain.run(row, train=trainer, look=outcome(1, 0))
    assert trainer.resumed == [False]
    assert ModelVersion.objects.get().status == "active"


def test_one_that_cannot_go_on_begins_anew(pool: list[Photo]) -> None:
    class Fussy(Trainer):
        def __call__(
            self, config: TrainingConfig, out: Path, *, resume: bool, progress: Progress
        ) -> Path:
            """Refuse to go on."""
            if resume:
                raise BadRun("The photos are others.")
            return super().__call__(config, out, resume=resume, progress=progress)

    trainer, row = Fussy(killed=1), retrain.ask("anna")
    with pytest.raises(SystemExit):
        retrain.run(row, train=trainer, look=outcome(1, 0))
    retrain.run(row, train=trainer, look=outcome(1, 0))
    assert trainer.resumed == [False, False]


def test_one_that_dies_again_and_again_is_given_up(pool: list[Photo]) -> None:
    row = retrain.ask("anna")
    Retraining.objects.update(attempts=retrain.ATTEMPTS)
    with pytest.raises(CannotRetrain, match="stopped 10 times"):
        retrain.run(row, train=Trainer())
    row.refresh_from_db()
    assert row.state == "failed"


def test_one_that_a_person_stopped_waits_until_somebody_asks(pool: list[Photo]) -> None:
    def stop(config: TrainingConfig, out: Path, *, resume: bool, progress: Progress) -> Path:
        raise KeyboardInterrupt

    row = retrain.ask("anna")
    with pytest.raises(KeyboardInterrupt):
        retrain.run(row, train=stop)
    assert retrain.run(train=Trainer()) is None
    assert retrain.ask("anna").state == "waiting"


def test_why_one_failed_is_kept(pool: list[Photo]) -> None:
    def fail(config: TrainingConfig, out: Path, *, resume: bool, progress: Progress) -> Path:
        raise BadData("All photos are of one class.")

    row = retrain.ask("anna")
    with pytest.raises(BadData):
        retrain.run(row, train=fail)
    row.refresh_from_db()
    assert (row.state, row.said) == ("failed", "All photos are of one class.")


def test_one_at_a_time(pool: list[Photo], monkeypatch: pytest.MonkeyPatch) -> None:
    class Busy:
        def __init__(self, lock: Lock) -> None:
            assert lock == Lock.RETRAINING

        def __enter__(self) -> bool:
            return False

        def __exit__(self, *args: object) -> None:
            pass

    retrain.ask("anna")
    monkeypatch.setattr(retrain, "try_lock", Busy)
    with pytest.raises(CannotRetrain, match="running already"):
        retrain.run(train=Trainer())
    assert retrain.go_on() is False


def test_the_schedule_asks_and_a_process_of_its_own_does_it(
    pool: list[Photo], monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[tuple[str, ...]] = []
    monkeypatch.setattr(background, "start", lambda *words: started.append(words))
    tasks.go_on_retraining()
    assert started == []
    tasks.retrain()
    tasks.go_on_retraining()
    assert started == [("retrain", "--from-worker")] * 2
    assert Retraining.objects.get().asked_by == "schedule"


def test_the_schedule_says_when_photos_are_too_few(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        tasks.retrain()
    assert "no retraining: Retraining needs 10 reviewed cats" in caplog.text


def tiny(**changes: int) -> TrainingConfig:
    """Return how to train in no time."""
    told = {"epochs": 1, "batch": 8, "image_size": 32, "threads": 1, **changes}
    return retrain.default_config(
        arch="pawnet", pretrained=False, lr=2e-3, val_share=0.3, test_share=0.3, **told
    )


class Killed(Quiet):
    """Is killed when an epoch begins."""

    def __init__(self, epoch: int) -> None:
        self.left = epoch

    def start(self, stage: str, total: int | None = None) -> None:
        """Die at the right moment."""
        if stage.startswith("Epoch"):
            self.left -= 1
        if not self.left:
            raise SystemExit


def test_a_real_training_that_was_killed_goes_on_after_its_last_epoch(pool: list[Photo]) -> None:
    made.pool(35)
    row = retrain.ask("anna", tiny(epochs=2))
    with pytest.raises(SystemExit):
        retrain.run(row, progress=Killed(epoch=2))
    row.refresh_from_db()
    assert row.state == "running"
    first = (retrain.folder_of(row) / "metrics.csv").read_text()
    retrain.run()
    row.refresh_from_db()
    assert row.state == "done", row.said
    whole = (retrain.folder_of(row) / "metrics.csv").read_text()
    # The first epoch was not done again: its time is the same.
    assert whole.startswith(first)
    assert len(whole.splitlines()) == 3


def test_it_really_trains_and_compares(pool: list[Photo]) -> None:
    made.pool(35)
    row = retrain.run(retrain.ask("anna", tiny()))
    assert row is not None
    assert row.state == "done", row.said
    version = ModelVersion.objects.get()
    out = retrain.folder_of(row)
    said = json.loads((out / "split.json").read_text())
    used = {one["sha256"] for side in ("train", "val", "test") for one in said[side]}
    kept = set(frozen.tests().values_list("sha256", flat=True))
    assert used
    assert kept
    assert not used & kept
    assert version.decision["candidate"]["n"] == len(kept)
    assert not list(out.glob("*.u8"))
    assert not list(out.glob("*.pt"))
