"""Retraining: a new version from the reviewed pool, which labels only if it is not worse.

The row is the queue and shows how far it is; an advisory lock keeps it to one at a time. A killed
retraining is gone on with from its last checkpoint.
"""

from __future__ import annotations

import logging
import shutil
import time
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final, Protocol

from django.conf import settings
from django.db import InterfaceError, OperationalError, transaction
from django.utils import timezone

from challenges.locks import Lock, lock_until_commit, try_lock
from classifier import background, engine
from classifier.cnn.config import TrainingConfig
from classifier.exceptions import BadRun, BadVersion, CannotRetrain, ClassifierError
from classifier.flows import compare, frozen, versions
from classifier.flows import train as training
from classifier.models import ModelVersion, Retraining
from classifier.progress import Progress, Quiet

logger = logging.getLogger(__name__)

State = Retraining.State

# With fewer reviewed photos of either animal a retrained network is worse than the shipped one.
LEAST_EACH: Final = 200
# A retraining that was killed this often is given up.
ATTEMPTS: Final = 10
# How the shipped model was trained (classifier/weights/README.md).
RECIPE: Final[dict[str, Any]] = {
    "arch": "tf_efficientnet_lite2",
    "image_size": 260,
    "freeze": 4,
    "epochs": 3,
}
# Seconds between notes in the row of how far it is.
NOTE: Final = 2.0
RUNNING: Final = "A retraining is running already: see Retrainings in the admin."


class Trainer(Protocol):
    """What trains: settings, the run's folder, and whether to go on with what is in it."""

    def __call__(
        self, config: TrainingConfig, out: Path, *, resume: bool, progress: Progress
    ) -> Path:
        """Train and return the run's folder."""


def default_config(**changes: Any) -> TrainingConfig:
    """Return how to train unless told otherwise: as the shipped model was trained.

    Of the photos that may be trained on few are kept back: the frozen test set is there already.
    """
    told: dict[str, Any] = {"data": ("pool",), "test_share": 0.05, **RECIPE, **changes}
    return TrainingConfig(**told).checked()


# --- asking for one ------------------------------------------------------------------------------


def ask(who: str, config: TrainingConfig | None = None) -> Retraining:
    """Return the retraining that is to be done: an unfinished one first, else a new one.

    Raises CannotRetrain when too few photos are reviewed.
    """
    with transaction.atomic():
        lock_until_commit(Lock.RETRAINING_ASKED)
        row = Retraining.objects.unfinished().first()
        if row is not None:
            # Asked again: what stopped it before may be mended.
            again = Retraining.objects.unfinished().filter(pk=row.pk)
            again.filter(state=State.STOPPED).update(state=State.WAITING)
            again.update(attempts=0)
            row.refresh_from_db()
            return row
        check_enough()
        return Retraining.objects.create(
            name=f"pool-{timezone.now():%Y%m%d-%H%M%S-%f}"[:-3],
            asked_by=who,
            config=asdict(config or default_config()),
        )


def ask_on_schedule() -> None:
    """Ask for a retraining and begin it; say why not in the log."""
    try:
        ask("schedule")
    except CannotRetrain as error:
        logger.warning("no retraining: %s", error)
        return
    go_on()


def go_on() -> bool:
    """Have what is due done by a process of its own, unless one is at it. Return whether so.

    It takes hours, so it is no task of a worker's: labelling would wait for it.
    """
    if not Retraining.objects.due().exists():
        return False
    if missing := engine.missing():
        logger.warning("a retraining waits, but %s is not installed: run make install", missing[0])
        return False
    with try_lock(Lock.RETRAINING) as free:
        if not free:
            return False
    background.start("retrain", "--from-worker")
    return True


def check_enough() -> None:
    """See that enough photos are reviewed. Raises CannotRetrain, which says how many lack."""
    there = frozen.count(frozen.reviewed())
    if min(there.cats, there.dogs) < LEAST_EACH:
        raise CannotRetrain(
            f"Retraining needs {LEAST_EACH} reviewed cats and {LEAST_EACH} reviewed dogs; there "
            f"are {there.cats} and {there.dogs}. Review more photos in the admin. Starter "
            "pictures, and photos that only the network has labelled, do not count."
        )


# --- doing it ------------------------------------------------------------------------------------


def run(
    row: Retraining | None = None,
    *,
    train: Trainer = training.train,
    look: compare.Judge = compare.judge,
    progress: Progress | None = None,
) -> Retraining | None:
    """Do this retraining, or the oldest that is due; None when none is.

    Raises CannotRetrain when another one is running, ClassifierError when it cannot be done.
    """
    with try_lock(Lock.RETRAINING) as free:
        if not free:
            raise CannotRetrain(RUNNING)
        row = row or Retraining.objects.due().first()
        if row is None:
            return None
        row.refresh_from_db()
        if row.state not in {State.WAITING, State.RUNNING}:
            return row
        _begin(row)
        try:
            _do(row, train, look, Noted(row, progress or Quiet()))
        except ClassifierError as error:
            _end(row, State.FAILED, str(error))
            raise
        except KeyboardInterrupt:
            # A person's wish: no worker goes on with it until somebody asks again.
            _mark(row, state=State.STOPPED)
            raise
        except (OperationalError, InterfaceError):
            # The database, not the training: it is gone on with when the database is back.
            raise
        except Exception as error:
            _end(row, State.FAILED, f"Something unexpected: {type(error).__name__}: {error}")
            raise
    return row


def _begin(row: Retraining) -> None:
    if row.attempts >= ATTEMPTS:
        said = (
            f"It was stopped {ATTEMPTS} times before its end, so it is given up. Is there enough "
            "memory? Then ask for another."
        )
        _end(row, State.FAILED, said)
        raise CannotRetrain(said)
    _mark(row, state=State.RUNNING, attempts=row.attempts + 1, seen_at=timezone.now())


def _do(row: Retraining, train: Trainer, look: compare.Judge, progress: Progress) -> None:
    frozen.assign()
    version = row.version or _known(_trained(row, train, progress))
    if row.version is None:
        row.version = version
        row.save(update_fields=["version"])
    if version.status == ModelVersion.Status.CANDIDATE:
        said = _decide(row, version, look, progress)
    else:
        # It was killed between the promotion and its own end.
        said = str(version.decision.get("sentence", "")) or f"{version.name} was promoted."
    _end(row, State.DONE, said)
    _tidy(folder_of(row))


def folder_of(row: Retraining) -> Path:
    """Return where the run of a retraining lies on the machine that does it."""
    return Path(settings.PAWCHA_VAR) / "retraining" / row.name


def _trained(row: Retraining, train: Trainer, progress: Progress) -> Path:
    """Return the folder of the finished training; go on with it where it was begun here."""
    out = folder_of(row)
    # Written last: the training was over when it was killed.
    if (out / "result.json").is_file():
        return out
    config = TrainingConfig.from_dict(row.config)
    if (out / "config.json").is_file():
        try:
            return train(config, out, resume=True, progress=progress)
        except BadRun as error:
            logger.warning("retraining %s begins anew: %s", row.name, error)
    shutil.rmtree(out, ignore_errors=True)
    out.parent.mkdir(parents=True, exist_ok=True)
    return train(config, out, resume=False, progress=progress)


def _known(run: Path) -> ModelVersion:
    """Return the version of a run's weights: a new candidate, or what was added before a kill."""
    sha256 = versions.digest(run / "weights.safetensors")
    return ModelVersion.objects.filter(sha256=sha256).first() or versions.add(run)


def _decide(row: Retraining, version: ModelVersion, look: compare.Judge, progress: Progress) -> str:
    """Compare the candidate with what labels now; promote it if it is not worse.

    An equal one is promoted, too: it has learned from the newest photos.
    """
    path, sha256 = versions.active()
    now = compare.Contender(versions.name_of(sha256), path, sha256)
    new = compare.Contender(version.name, versions.local_copy(version.sha256), version.sha256)
    decision = compare.compare(now, new, progress, look)
    version.decision = decision.to_dict() | {"at": timezone.now().isoformat()}
    version.save(update_fields=["decision"])
    if decision.against:
        logger.info("%s", decision.sentence)
        return decision.sentence
    try:
        versions.promote(version, f"retraining {row.name}", over=sha256)
    except BadVersion as error:
        return f"{decision.sentence} {error}"
    return f"{decision.sentence} It labels now."


def _tidy(run: Path) -> None:
    """Remove what only a resumed training needs: pixels by the gigabyte, and checkpoints."""
    for pattern in ("*.u8", "*.pt", "*.ckpt"):
        for path in run.rglob(pattern):
            path.unlink(missing_ok=True)


def _end(row: Retraining, state: Retraining.State, said: str) -> None:
    _mark(row, state=state, said=said, finished_at=timezone.now())


def _mark(row: Retraining, **fields: Any) -> None:
    for name, value in fields.items():
        setattr(row, name, value)
    row.save(update_fields=list(fields))


class Noted:
    """Shows progress, and notes it in the row now and then, so that the admin shows it, too."""

    def __init__(self, row: Retraining, shown: Progress) -> None:
        self.row = row
        self.shown = shown
        self.noted_at = 0.0

    def start(self, stage: str, total: int | None = None) -> None:
        """Begin a stage."""
        self.shown.start(stage, total)
        self.row.stage, self.row.done, self.row.total, self.row.figures = stage[:200], 0, total, ""
        self._note()

    def advance(self, count: int = 1, said: str = "") -> None:
        """Go on by so many."""
        self.shown.advance(count, said)
        self.row.done += count
        self.row.figures = said[:300] or self.row.figures
        if time.monotonic() - self.noted_at > NOTE:
            self._note()

    def _note(self) -> None:
        self.noted_at = time.monotonic()
        self.row.seen_at = timezone.now()
        self.row.save(update_fields=["stage", "done", "total", "figures", "seen_at"])
