"""The ratio table of make bench-classifier."""

from __future__ import annotations

import io
import logging
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from django.core.management import CommandError, call_command

from classifier.cnn import bench, runtime
from tests.classifier.made import a_run
from tests.drawn import folder, photo_file


def said(tmp_path: Path, **options: Any) -> str:
    """Return what it prints of a tiny network."""
    weights = a_run(tmp_path, "tiny-1") / "weights.safetensors"
    with io.StringIO() as out:
        call_command("bench_classifier", weights=weights, threads=1, stdout=out, **options)
        return out.getvalue()


def test_it_says_how_much_quicker_each_way_is(tmp_path: Path) -> None:
    names = [f"{animal}/{number}.jpg" for animal in ("cat", "dog") for number in range(6)]
    top = folder(tmp_path / "pets", {name: photo_file(at) for at, name in enumerate(names)})
    printed = said(tmp_path, photos=top, count=10)
    assert f"tiny-1 (pawnet, 32 x 32 pixels) on 1 threads; 10 photos of {top}" in printed
    assert "torch eager" in printed
    assert "0 of 10" in printed
    assert "so the target is" in printed
    assert "From file to verdict, decoding and resizing included:" in printed


def test_without_photos_it_draws_some(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from classifier.management.commands import bench_classifier

    monkeypatch.setattr(bench_classifier, "_given", lambda: None)
    assert "3 drawn pictures, which are no test of agreement" in said(tmp_path, count=3)


def test_a_folder_without_photos_is_no_test(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="There are no photos in"):
        said(tmp_path, photos=folder(tmp_path / "none", {"a.txt": b"x"}), count=3)


def test_it_leaves_the_log_as_it_was(tmp_path: Path) -> None:
    """OpenVINO turns the root logger down to errors, and workers go on logging in its process."""
    before = logging.getLogger().level
    said(tmp_path, photos=folder(tmp_path / "one", {"a.jpg": photo_file(0)}), count=1)
    assert logging.getLogger().level == before


@pytest.mark.parametrize(("bf16", "target"), [(True, 6.0), (False, 3.0)])
def test_the_target_depends_on_the_processor(bf16: bool, target: float) -> None:
    plain = bench.Way("torch eager", [10.0, 30.0, 11.0], photos=96)
    quick = bench.Way("quick", [66.0], photos=96, off=runtime.TOLERANCE)
    wrong = bench.Way("quick and wrong", [99.0], photos=96, other_labels=1)
    absent = bench.Way("absent", failed="the package openvino is not installed")
    compared = bench.Comparison([plain, quick, wrong, absent], bf16, 2)
    assert compared.target == target
    assert compared.quickest() is quick
    assert compared.ratio(quick) == pytest.approx(6.0)
