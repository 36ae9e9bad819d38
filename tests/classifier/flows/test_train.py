"""Training, from labelled photos to a run's folder."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch
from PIL import Image

from classifier.cnn import predict, weights
from classifier.cnn.split import SIDES
from classifier.exceptions import BadData, BadRun
from classifier.flows import runs
from classifier.flows.train import train
from classifier.progress import Quiet
from tests.classifier.sets import class_folders, picture, quick

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with pictures of three classes."""
    return class_folders(tmp_path_factory.mktemp("data"), {"cat": 40, "dog": 40, "rabbit": 40})


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a finished run."""
    out = tmp_path_factory.mktemp("runs") / "three"
    return train(quick(data, epochs=4), out, resume=False, progress=Quiet())


def losses(folder: Path) -> list[tuple[float, float]]:
    """Return the losses of every epoch."""
    with (folder / "metrics.csv").open() as file:
        return [(float(row["train_loss"]), float(row["val_loss"])) for row in csv.DictReader(file)]


def test_it_learns_three_classes(run: Path) -> None:
    result = runs.read(run).result
    assert result["classes"] == ["cat", "dog", "rabbit"]
    assert result["test"]["accuracy"] >= 0.9
    assert result["test"]["n"] == len(json.loads((run / "split.json").read_text())["test"])
    network = weights.read(run / "weights.safetensors")
    images = [picture(word, 1000) for word in ("cat", "dog", "rabbit")]
    said = predict.predict(network.network, network.spec, images)
    assert [one.label for one in said] == ["cat", "dog", "rabbit"]


def test_a_run_leaves_its_config_split_metrics_weights_and_result(run: Path) -> None:
    names = {path.name for path in run.iterdir()}
    assert names >= {"config.json", "split.json", "metrics.csv", "tensorboard",
                     "weights.safetensors", "result.json", "report.html"}  # fmt: skip
    assert "photos.u8" not in names
    assert len(losses(run)) == 4
    assert any((run / "tensorboard").iterdir())
    said = json.loads((run / "config.json").read_text())
    assert said["environment"]["torch"].startswith("2.")


def test_no_photo_is_on_two_sides(run: Path) -> None:
    split = json.loads((run / "split.json").read_text())
    digests = [one["sha256"] for side in SIDES for one in split[side]]
    assert len(digests) == len(set(digests)) == 120


def test_the_weights_say_how_they_were_made(run: Path) -> None:
    spec = weights.read_spec(run / "weights.safetensors")
    assert spec.trained is not None
    assert spec.trained["config"]["arch"] == "pawnet"
    assert spec.preprocessing.size == 32
    assert spec.temperature == pytest.approx(runs.read(run).result["test"]["temperature"])


class _StopAfter(Quiet):
    """Stops a training in the middle of an epoch, as Ctrl-C does."""

    def __init__(self, stage: str) -> None:
        self.stage, self.armed = stage, False

    def start(self, stage: str, total: int | None = None) -> None:
        """Remember whether this is the epoch."""
        self.armed = stage.startswith(self.stage)

    def advance(self, count: int = 1, said: str = "") -> None:
        """Stop after its first batch."""
        if self.armed:
            raise KeyboardInterrupt


def test_a_resumed_run_ends_with_equal_metrics(data: Path, tmp_path: Path) -> None:
    config = quick(data, epochs=3)
    whole = train(config, tmp_path / "whole", resume=False, progress=Quiet())
    stopped = tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt):
        train(config, stopped, resume=False, progress=_StopAfter("Epoch 3"))
    with pytest.raises(BadRun, match="not finished: go on with"):
        runs.read(stopped)
    train(config, stopped, resume=True, progress=Quiet())
    assert losses(stopped) == [pytest.approx(row, abs=1e-6) for row in losses(whole)]
    first, second = (runs.read(folder).result["test"] for folder in (whole, stopped))
    for name in ("accuracy", "nll_after", "ece_after", "temperature"):
        assert second[name] == pytest.approx(first[name], abs=1e-6)


def test_a_run_that_is_killed_goes_on(data: Path, tmp_path: Path) -> None:
    words = [sys.executable, "manage.py", "train_classifier", str(data), "--scratch", "--epochs",
             "6", "--image-size", "32", "--batch", "8", "--threads", "1", "--workers", "1",
             "--lr", "0.003", "--val-share", "0.25", "--test-share", "0.25",
             "--out", str(tmp_path / "run")]  # fmt: skip
    pipe, both = subprocess.PIPE, subprocess.STDOUT
    process = subprocess.Popen(words, cwd=ROOT, stdout=pipe, stderr=both)
    until = time.monotonic() + 120
    while not (tmp_path / "run" / runs.LAST).exists():
        assert time.monotonic() < until
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert not (tmp_path / "run" / runs.RESULT).exists()
    done = subprocess.run([*words, "--resume"], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "that took no part in training" in done.stdout
    assert len(losses(tmp_path / "run")) == 6


def test_a_finished_run_is_not_written_over(data: Path, run: Path) -> None:
    with pytest.raises(BadRun, match="holds a run already: choose another --out"):
        train(quick(data), run, resume=False, progress=Quiet())


def test_another_seed_is_not_a_resumption(data: Path, run: Path) -> None:
    with pytest.raises(BadRun, match="was begun with seed 1, not 2"):
        train(quick(data, seed=2), run, resume=True, progress=Quiet())


def test_other_photos_are_not_a_resumption(data: Path, tmp_path: Path) -> None:
    more = class_folders(tmp_path / "data", {"cat": 41, "dog": 40, "rabbit": 40})
    out = tmp_path / "run"
    train(quick(more, epochs=1), out, resume=False, progress=Quiet())
    (more / "cat" / "0.png").write_bytes((more / "cat" / "40.png").read_bytes() + b"\0")
    with pytest.raises(BadRun, match="begun are gone or changed"):
        train(quick(more, epochs=1), out, resume=True, progress=Quiet())


def test_it_stops_when_nothing_gets_better(data: Path, tmp_path: Path) -> None:
    config = quick(data, epochs=30, lr=1e-9, average=0.0, patience=2, augment="none", dropout=0.0)
    train(config, tmp_path / "run", resume=False, progress=Quiet())
    assert len(losses(tmp_path / "run")) < 10


def test_of_a_class_with_too_few_photos_it_says_which(tmp_path: Path) -> None:
    few = class_folders(tmp_path / "data", {"cat": 30, "dog": 2})
    with pytest.raises(BadData, match="Of dog there are"):
        train(quick(few), tmp_path / "run", resume=False, progress=Quiet())


def test_pretrained_weights_begin_with_a_fitted_head(data: Path, tmp_path: Path) -> None:
    config = quick(data, arch="tf_efficientnet_lite0", pretrained=True, epochs=1, lr=1e-5)
    out = train(replace(config, image_size=64), tmp_path / "run", resume=False, progress=Quiet())
    result: dict[str, Any] = runs.read(out).result
    assert result["test"]["accuracy"] >= 0.9
    assert 0.0 <= result["blend"] <= 1.0
    network = weights.read(out / "weights.safetensors")
    (strange,) = predict.predict(
        network.network, network.spec, [Image.effect_noise((200, 200), 90).convert("RGB")]
    )
    assert torch.isfinite(network.network.strangeness.limit).all()
    assert 0.0 <= strange.familiar <= 1.0
