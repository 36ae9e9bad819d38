"""Training: from labelled photos to a run's folder with weights, figures and a report."""

from __future__ import annotations

import json
import time
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from classifier.exceptions import BadData, BadRun
from classifier.flows import evaluate, photosets, runs
from classifier.progress import Progress

if TYPE_CHECKING:
    from classifier.cnn.config import Preprocessing, TrainingConfig
    from classifier.cnn.data import PhotoSet
    from classifier.cnn.split import Split
    from classifier.cnn.training import Finished, Session

# Photos of each class, on each side, without which nothing can be learnt or measured.
FEWEST: Final = 2
# Changing these when a run goes on would make it another run.
_FIXED: Final = ("data", "arch", "pretrained", "image_size", "seed", "test_share", "val_share")


def train(config: TrainingConfig, out: Path, *, resume: bool, progress: Progress) -> Path:
    """Train a network and return the run's folder, `out`.

    With `resume` a run that was stopped goes on after its last whole epoch.
    Raises BadData for photos, NoSuchNetwork for networks and BadRun for folders that will not do.
    """
    from classifier.cnn import split as splitting
    from classifier.cnn.data import PIXELS
    from classifier.cnn.presets import names

    names(config.augment)
    _open_folder(config, out, resume=resume)
    _set_threads(config)
    preprocessing = _preprocessing(config)
    photos = photosets.open_data(config.data, preprocessing, out, progress)
    if resume and (out / runs.SPLIT).is_file():
        split = _saved_split(out, photos)
    else:
        split = splitting.split(photos.samples, config.seed, config.val_share, config.test_share)
        splitting.save(out / runs.SPLIT, split, photos.samples, photos.classes)
    _check_sides(photos, split)
    try:
        _run(config, preprocessing, photos, split, out, progress)
    finally:
        (out / PIXELS).unlink(missing_ok=True)
    return out


def _open_folder(config: TrainingConfig, out: Path, *, resume: bool) -> None:
    begun = any((out / name).exists() for name in (runs.START, runs.LAST, runs.RESULT))
    if begun and not resume:
        raise BadRun(
            f"{out} holds a run already: choose another --out, or go on with it by --resume."
        )
    if not begun:
        out.mkdir(parents=True, exist_ok=True)
        runs.write_config(out, config)
        return
    before = runs.read_config(out)
    for name in _FIXED:
        was, now = getattr(before, name), getattr(config, name)
        if was != now:
            raise BadRun(
                f"The run in {out} was begun with {name.replace('_', ' ')} {was}, not {now}: "
                "resume it with the same options."
            )
    # The others may be changed on the way, such as how long to go on or how many threads.
    runs.write_config(out, config)


def _set_threads(config: TrainingConfig) -> None:
    import torch

    if config.threads:
        torch.set_num_threads(config.threads)


def _preprocessing(config: TrainingConfig) -> Preprocessing:
    from classifier.cnn.config import Preprocessing

    return Preprocessing(size=config.image_size)


def _saved_split(out: Path, photos: PhotoSet) -> Split:
    from classifier.cnn import split as splitting

    try:
        return splitting.load(out / runs.SPLIT, photos.samples)
    except (KeyError, ValueError) as error:
        raise BadRun(
            f"Photos with which the run in {out} was begun are gone or changed: "
            "begin another run in another folder."
        ) from error


def _check_sides(photos: PhotoSet, split: Split) -> None:
    for name in ("train", "val", "test"):
        counts = Counter(photos.samples[index].label for index in split.side(name))
        for label, word in enumerate(photos.classes):
            if counts[label] < FEWEST:
                raise BadData(
                    f"Of {word} there are {counts[label]} photos to {name} with, and {FEWEST} are "
                    f"the least: add photos of {word}."
                )


def _run(
    config: TrainingConfig,
    preprocessing: Preprocessing,
    photos: PhotoSet,
    split: Split,
    out: Path,
    progress: Progress,
) -> None:
    from classifier.cnn import checkpoint
    from classifier.cnn.training import Session

    session = Session(config, preprocessing, photos, split, progress)
    if (out / runs.LAST).is_file():
        session.restore(checkpoint.load(out / runs.START), checkpoint.load(out / runs.LAST))
    else:
        session.begin()
        checkpoint.save(out / runs.START, session.start)
        checkpoint.save(out / runs.LAST, session.state())
    while not session.over:
        session.epoch(time.monotonic)
        checkpoint.save(out / runs.LAST, session.state())
        runs.write_metrics(out, session.rows)
        _write_board(out, session)
    _keep(session, session.finish(), out)


def _write_board(out: Path, session: Session) -> None:
    """Write the latest epoch where TensorBoard looks."""
    from torch.utils.tensorboard import SummaryWriter

    row = session.rows[-1]
    with SummaryWriter(str(out / runs.BOARD), purge_step=row.epoch) as board:
        for name, value in asdict(row).items():
            if name != "epoch":
                board.add_scalar(name.replace("_", "/", 1), value, row.epoch)


def _keep(session: Session, finished: Finished, out: Path) -> None:
    """Write the weights, and what they are worth: measured with the very file that is kept."""
    from classifier.cnn import metrics, weights
    from classifier.cnn.config import ModelSpec
    from classifier.reports import evaluation

    config, photos, split = session.config, session.photos, session.split
    spec = ModelSpec(
        name=out.resolve().name,
        arch=config.arch,
        classes=photos.classes,
        preprocessing=session.preprocessing,
        temperature=finished.temperature,
        flips=config.flips,
        trained={
            "config": asdict(config),
            "photos": {side: len(split.side(side)) for side in ("train", "val", "test")},
        },
    )
    weights.write(out / runs.WEIGHTS, finished.network, spec)
    found = evaluate.of_finished(out, photos, split.test, session.progress)
    (out / runs.REPORT).write_text(evaluation.page(found), encoding="utf-8")
    result = {
        "name": spec.name,
        "arch": spec.arch,
        "classes": list(photos.classes),
        "parameters": sum(one.numel() for one in finished.network.parameters()),
        "bytes": (out / runs.WEIGHTS).stat().st_size,
        "sha256": weights.digest(out / runs.WEIGHTS),
        "seconds": sum(row.seconds for row in session.rows),
        "epochs": len(session.rows),
        "best_epoch": session.best_epoch,
        "blend": finished.share,
        "trained_on": len(session.train),
        "photos_per_second": _speed(session, finished),
        "val": metrics.measure(*finished.val, photos.classes, finished.temperature).to_dict(),
        "test": found.metrics.to_dict(),
    }
    (out / runs.RESULT).write_text(json.dumps(result, indent=2))


def _speed(session: Session, finished: Finished) -> float:
    """Return how many photos a second the network looks at here, plain and whole precision."""
    import torch

    size = session.preprocessing.size
    pictures = torch.zeros(16, 3, size, size, device=session.trainer.device)
    with torch.inference_mode():
        finished.network(pictures)
        began = time.perf_counter()
        finished.network(pictures)
        return len(pictures) / (time.perf_counter() - began)
