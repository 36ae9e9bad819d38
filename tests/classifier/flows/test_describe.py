"""Describing a set of photos."""

from __future__ import annotations

import io
import re
import shutil
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from PIL import Image

from classifier.cnn import net
from classifier.exceptions import NoSuchNetwork, WeightsError
from classifier.flows import describe, versions
from classifier.management import needs
from classifier.progress import Quiet
from classifier.reports import dataset
from classifier.reports.dataset import Dataset
from tests.classifier.sets import HUES, class_folders, file_of, picture


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return three classes with every fault that a set may have."""
    top = class_folders(tmp_path_factory.mktemp("top") / "pets", dict.fromkeys(HUES, 24))
    shutil.copy(top / "cat" / "1.png", top / "cat" / "again.png")
    shutil.copy(top / "cat" / "2.png", top / "dog" / "really-a-cat.png")
    near = picture("dog", 3).resize((60, 60))
    (top / "dog" / "near.png").write_bytes(file_of(near))
    (top / "rabbit" / "half.png").write_bytes((top / "rabbit" / "1.png").read_bytes()[:200])
    (top / "rabbit" / "wide.png").write_bytes(file_of(picture("rabbit", 90).resize((200, 80))))
    (top / "cat" / "night.png").write_bytes(
        file_of(Image.eval(picture("cat", 91), lambda value: value // 9))
    )
    return top


@pytest.fixture(scope="module")
def found(data: Path) -> Dataset:
    """Return what is found in it."""
    return describe.describe([str(data)], Quiet())


def test_it_counts_classes_and_shows_some_of_each(found: Dataset) -> None:
    assert [(kind.name, kind.n) for kind in found.kinds] == [
        ("cat", 25), ("dog", 26), ("rabbit", 25)
    ]  # fmt: skip
    assert all(len(kind.samples) == describe.SAMPLES for kind in found.kinds)
    assert dataset.headline(found) == "76 photos in 3 classes: 25 cat, 26 dog and 25 rabbit."


def test_it_measures_sizes_of_the_originals(found: Dataset) -> None:
    assert (200, 80) in zip(found.widths, found.heights, strict=True)
    assert len(found.widths) == len(found.labels) == len(found.brightness) == 76


def test_it_finds_the_darkest(found: Dataset) -> None:
    assert found.darkest[0].name == "pets/cat/night.png"
    assert all(0 <= value <= 255 for value in found.brightness)


def test_it_finds_the_same_file_twice_and_says_where_labels_differ(found: Dataset) -> None:
    assert (found.exact.n, found.exact.photos, found.exact.conflicts) == (2, 4, 1)
    differing, same = found.exact.groups
    assert differing.conflict
    assert [photo.label for photo in differing.photos] == ["cat", "dog"]
    names = {photo.name for photo in same.photos}
    assert names == {"pets/cat/1.png", "pets/cat/again.png"}


def test_it_finds_near_duplicates(found: Dataset) -> None:
    groups = [{photo.name for photo in group.photos} for group in found.near.groups]
    assert {"pets/dog/3.png", "pets/dog/near.png"} in groups


def test_it_names_broken_files_and_why(found: Dataset) -> None:
    ((name, why),) = found.broken
    assert name == "pets/rabbit/half.png"
    assert "damaged" in why


def test_it_suspects_wrong_labels(found: Dataset) -> None:
    assert found.doubts.network.startswith("tf_efficientnet_lite0")
    notes = {photo.name: photo.note for photo in found.doubts.shown}
    assert notes["pets/dog/really-a-cat.png"].startswith("rather cat, ")
    # Drawn pictures are now and then alike, but most are not.
    assert found.doubts.n == len(notes) < 5


def test_the_page_needs_nothing_but_itself(found: Dataset, data: Path) -> None:
    page = dataset.page(found)
    links = re.findall(r"(?:src|href|url)[=(]\s*\"?([^\")\s>]+)", page)
    assert all(link.startswith(("data:image/", "#")) for link in links)
    assert str(data.parent) not in page
    for words in ("What is in pets?", "Sizes and shapes", "Brightness", "Near-duplicates",
                  "Suspected wrong labels", "Broken files", "pets/rabbit/half.png"):  # fmt: skip
        assert words in page
    assert page.count("<img ") == page.count(' alt="')
    names = re.findall(r'\bid="([^"]+)"', page)
    assert len(names) == len(set(names))


def test_without_a_network_it_says_that_nobody_looked(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_network() -> None:
        raise NoSuchNetwork("The package is not installed: run make install.")

    def no_model() -> None:
        raise WeightsError("There is no shipped model: get it again with Pawcha.")

    monkeypatch.setattr(net, "load", no_network)
    monkeypatch.setattr(versions, "shipped", no_model)
    found = describe.describe([str(data)], Quiet())
    assert found.doubts.shown == ()
    assert "Nobody looked for wrong labels. There is no shipped model" in dataset.page(found)


def test_the_command_writes_the_page(data: Path, tmp_path: Path) -> None:
    out = io.StringIO()
    file = tmp_path / "deep" / "page.html"
    call_command(
        "describe_dataset", str(data), "--out", str(file), stdout=out, stderr=io.StringIO()
    )
    assert out.getvalue().startswith("76 photos in 3 classes: ")
    assert file.read_text().startswith("<!doctype html>")


def test_a_machine_that_only_serves_is_told_what_is_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(needs, "find_spec", lambda name: None)
    for command in ("describe_dataset", "evaluate_classifier"):
        with pytest.raises(CommandError, match="torch is not installed here: run make install"):
            call_command(command, "anywhere")


def test_the_command_says_what_is_wrong_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There is nothing at nowhere"):
        call_command("describe_dataset", "nowhere", stderr=io.StringIO())
