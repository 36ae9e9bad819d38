"""Evaluation: the figures, the page, and which photos count."""

from __future__ import annotations

import gzip
import io
import json
import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from PIL import Image

from classifier.cnn import split, weights
from classifier.cnn.config import Preprocessing
from classifier.cnn.metrics import Metrics
from classifier.exceptions import BadData, BadRun, WeightsError
from classifier.flows import evaluate, photosets, runs, versions
from classifier.flows.evaluate import Subject
from classifier.flows.train import train
from classifier.progress import Quiet
from classifier.reports import evaluation
from tests.classifier.sets import HUES, class_folders, file_of, picture, quick


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder of pictures of three classes; of one the label is wrong."""
    top = class_folders(tmp_path_factory.mktemp("data"), dict.fromkeys(HUES, 30))
    for seed in range(4):
        (top / "dog" / f"wrong{seed}.png").write_bytes(file_of(picture("rabbit", 500 + seed)))
    return top


@pytest.fixture(scope="module")
def run(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a finished run on these."""
    out = tmp_path_factory.mktemp("runs") / "three"
    return train(quick(data, epochs=4), out, resume=False, progress=Quiet())


@pytest.fixture
def others(tmp_path: Path) -> Path:
    """Return pictures that no run has seen, and one that is wrong."""
    top = tmp_path / "others"
    for word in HUES:
        (top / word).mkdir(parents=True)
        for seed in range(100, 106):
            (top / word / f"{seed}.png").write_bytes(file_of(picture(word, seed)))
    (top / "cat" / "no-cat.png").write_bytes(file_of(picture("dog", 300)))
    return top


def test_it_measures_a_run_with_its_own_test_photos(data: Path, run: Path) -> None:
    found = evaluate.evaluate([str(data)], evaluate.of_run(run), Quiet())
    split = json.loads((run / "split.json").read_text())
    assert found.photos.which == "test"
    assert found.metrics.n == len(split["test"])
    assert found.photos.same == len(split["train"]) + len(split["val"])
    test = Metrics.from_dict(json.loads((run / "result.json").read_text())["test"])
    # The run measured before its weights were rounded to 16 bits.
    assert found.metrics.accuracy == test.accuracy
    assert found.metrics.nll_after == pytest.approx(test.nll_after, rel=0.02)
    assert evaluation.headline(found).startswith(
        f"Of {len(split['test'])} photos that were set aside before training {test.right} are "
    )


def test_a_run_that_has_just_finished_is_shown_with_its_curves(run: Path, tmp_path: Path) -> None:
    config = runs.read_config(run)
    photos = photosets.open_data(config.data, Preprocessing(size=32), tmp_path, Quiet())
    test = split.load(run / "split.json", photos.samples).test
    found = evaluate.of_finished(run, photos, test, Quiet())
    assert found.metrics.n == len(test)
    assert found.photos.which == "test"
    assert len(found.history) == 4
    assert found.photos.same == len(photos.samples) - len(test)


def test_photos_of_elsewhere_took_no_part(others: Path, run: Path) -> None:
    found = evaluate.evaluate([str(others)], evaluate.of_run(run), Quiet())
    assert (found.photos.which, found.photos.same, found.metrics.n) == ("unseen", 0, 19)
    assert "that took no part in training" in evaluation.headline(found)
    assert evaluation.left_out(found.photos) == [
        "None of the photos took part in training or validation."
    ]


def test_the_surest_mistakes_come_first_with_where_it_looked(others: Path, run: Path) -> None:
    found = evaluate.evaluate([str(others)], evaluate.of_run(run), Quiet())
    first = found.gallery[0]
    assert first.named.name == "others/cat/no-cat.png"
    assert (first.named.given, first.named.said) == ("cat", "dog")
    sure = [one.confidence for one in found.mistakes]
    assert sure == sorted(sure, reverse=True)
    for picture_ in (first.picture, first.looked):
        assert picture_.startswith("data:image/jpeg;base64,")
    assert first.picture != first.looked
    assert found.right


def test_strangers_are_told_apart(others: Path, run: Path) -> None:
    (others / "neither").mkdir()
    for seed in range(5):
        grey = Image.new("RGB", (40, 40), (seed * 9, seed * 9, seed * 9))
        (others / "neither" / f"{seed}.png").write_bytes(file_of(grey))
    found = evaluate.evaluate([str(others)], evaluate.of_run(run), Quiet())
    assert found.strangers is not None
    assert found.strangers.n == 5
    assert found.metrics.n == 19
    assert found.metrics.classes == ("cat", "dog", "rabbit")


def test_the_page_needs_nothing_but_itself(others: Path, run: Path) -> None:
    (others / "cat" / "<b>&.png").write_bytes(file_of(picture("dog", 301)))
    page = evaluation.page(evaluate.evaluate([str(others)], evaluate.of_run(run), Quiet()))
    links = re.findall(r"(?:src|href|url)[=(]\s*\"?([^\")\s>]+)", page)
    assert links
    assert all(link.startswith(("data:image/", "#")) for link in links)
    assert str(others.parent) not in page
    assert "<b>&.png" not in page
    assert "&lt;b&gt;&amp;.png" in page
    assert "#01020" not in page
    for words in ("How good is three?", "Is it as sure as it should be?", "ROC curve",
                  "How it learnt", "The most confident mistakes", "named right"):  # fmt: skip
        assert words in page
    assert page.count("<img ") == page.count(' alt="')
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))


def test_photos_that_all_took_part_measure_nothing(data: Path, run: Path, tmp_path: Path) -> None:
    seen = tmp_path / "seen"
    for one in json.loads((run / "split.json").read_text())["train"]:
        name = Path(one["name"])
        (seen / name.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(data.parent / name, seen / name.parent.name)
    with pytest.raises(BadData, match="took part in training three, or are nearly the same"):
        evaluate.evaluate([str(seen)], evaluate.of_run(run), Quiet())


def test_a_class_that_the_network_does_not_know_is_refused(
    others: Path, run: Path, tmp_path: Path
) -> None:
    (others / "rabbit").rename(others / "fox")
    with pytest.raises(BadData, match=r"leave fox out, or put photos .* a folder called neither"):
        evaluate.evaluate([str(others)], evaluate.of_run(run), Quiet())


def test_a_changed_weights_file_is_refused(others: Path, run: Path) -> None:
    subject = replace(evaluate.of_run(run), sha256="0" * 64)
    with pytest.raises(WeightsError, match="was changed: its SHA-256 is not 000000000000"):
        evaluate.evaluate([str(others)], subject, Quiet())


def test_a_network_of_unknown_training_is_measured_with_a_warning(others: Path, run: Path) -> None:
    path = run / "weights.safetensors"
    found = evaluate.evaluate([str(others)], Subject(path, weights.digest(path), None), Quiet())
    assert found.photos.which == "unknown"
    assert "the figures are too good" in evaluation.page(found)


def test_the_shipped_model_knows_its_split(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "shipped.safetensors"
    shutil.copy(run / "weights.safetensors", path)
    card = {"name": "three", "sha256": weights.digest(path)}
    path.with_suffix(".json").write_text(json.dumps(card))
    monkeypatch.setattr(versions, "SHIPPED", path)
    assert evaluate.shipped().split is None
    with gzip.open(tmp_path / "shipped-split.json.gz", "wt") as file:
        json.dump({"train": ["0" * 16], "val": []}, file)
    assert evaluate.shipped() == Subject(path, card["sha256"], {"train": ["0" * 16], "val": []})


def test_an_unfinished_run_is_no_network(run: Path, tmp_path: Path) -> None:
    with pytest.raises(BadRun, match="There is no run in"):
        evaluate.of_run(tmp_path)
    shutil.copy(run / "config.json", tmp_path)
    with pytest.raises(BadRun, match="is not finished: go on with train_classifier"):
        evaluate.of_run(tmp_path)


def test_the_command_prints_one_json_document(others: Path, run: Path, tmp_path: Path) -> None:
    out, err = io.StringIO(), io.StringIO()
    call_command("evaluate_classifier", str(others), "--run", str(run), "--json",
                 "--out", str(tmp_path / "ev"), stdout=out, stderr=err)  # fmt: skip
    said = json.loads(out.getvalue())
    assert said == json.loads((tmp_path / "ev" / "evaluation.json").read_text())
    assert said["model"]["name"] == "three"
    assert said["metrics"]["n"] == 19
    assert said["mistakes"][0]["name"] == "others/cat/no-cat.png"
    assert str(tmp_path) not in out.getvalue()
    assert "Looking at photos" in err.getvalue()
    assert (tmp_path / "ev" / "evaluation.html").read_text().startswith("<!doctype html>")


def test_the_command_says_the_result_in_a_sentence(others: Path, run: Path, tmp_path: Path) -> None:
    out = io.StringIO()
    call_command("evaluate_classifier", str(others), "--run", str(run),
                 "--out", str(tmp_path / "ev"), stdout=out, stderr=io.StringIO())  # fmt: skip
    assert out.getvalue().startswith("Of 19 photos that took no part in training ")
    with pytest.raises(CommandError, match="There is nothing at"):
        call_command("evaluate_classifier", "nowhere", "--run", str(run), stderr=io.StringIO())


@pytest.mark.django_db
def test_a_version_knows_what_it_learnt_from(data: Path, run: Path) -> None:
    version = versions.add(run)
    found = evaluate.evaluate([str(data)], evaluate.of_version(version.name), Quiet())
    split = json.loads((run / "split.json").read_text())
    assert (found.photos.which, found.metrics.n) == ("unseen", len(split["test"]))
    assert found.photos.same == len(split["train"]) + len(split["val"])


@pytest.mark.django_db
def test_the_command_knows_versions_by_name(others: Path) -> None:
    with pytest.raises(CommandError, match="There is no version 'x'"):
        call_command("evaluate_classifier", str(others), "--version", "x", stderr=io.StringIO())
