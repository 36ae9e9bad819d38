"""The worker's half of /classify/: whose eyes, and what of the photo stays."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from challenges import state as visits
from challenges.imaging import BadPhoto
from classifier import channel, engine
from classifier.flows import look, versions
from classifier.models import ModelVersion
from tests.classifier.made import a_run, shipped
from tests.drawn import photo_file

__all__ = ["shipped"]


@pytest.fixture
def eyes(shipped: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a tiny shipped model where the engine looks for it."""
    monkeypatch.setattr(engine, "WEIGHTS", shipped.parent)
    return shipped


def test_it_never_uses_a_version_trained_on_the_secret_pool(
    db: None, tmp_path: Path, eyes: Path
) -> None:
    before = look.answer(photo_file(1))
    versions.promote(versions.add(a_run(tmp_path, "from-the-pool")), "a test")
    assert ModelVersion.objects.active().get().name == "from-the-pool"
    assert engine.load(*versions.active()).name == "from-the-pool"
    after = look.answer(photo_file(1))
    assert after.model == before.model == "shipped-1"
    assert after == before


def test_it_answers_with_the_network_s_own_numbers(eyes: Path) -> None:
    said = look.answer(photo_file(2))
    assert said.label in said.chances
    assert sum(said.chances.values()) == pytest.approx(1)
    assert said.confidence == max(said.chances.values()) == said.chances[said.label]
    assert len(said.heat.values) == said.heat.width * said.heat.height > 0


def test_a_bad_photo_is_no_matter_for_the_network() -> None:
    with pytest.raises(BadPhoto, match="This file is a GIF"):
        look.answer(b"GIF89a")


def test_a_fine_map_is_made_coarse_and_keeps_its_place() -> None:
    fine = np.zeros((240, 240), np.float32)
    fine[60:90, 180:210] = 1
    heat = look.to_heat(fine)
    values = np.frombuffer(heat.values, np.uint8).reshape(heat.height, heat.width)
    assert (heat.width, heat.height) == (32, 32)
    assert values[10, 26] > 200
    assert values[20:].max() == 0


def test_warming_up_loads_the_shipped_network(eyes: Path) -> None:
    look.warm_up()
    assert engine.shipped().sha256 in engine._loaded


def test_warming_up_with_a_damaged_file_harms_nothing(
    eyes: Path, caplog: pytest.LogCaptureFixture
) -> None:
    eyes.write_bytes(b"half")
    engine._loaded.clear()
    look.warm_up()
    assert "cannot be loaded" in caplog.text


def test_it_knows_whether_it_can_look(eyes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert look.state() == "ready"
    eyes.with_suffix(".json").unlink()
    assert look.state() == "untrained"
    monkeypatch.setattr(engine, "missing", lambda: ["torch"])
    assert look.state() == "asleep"


def test_a_web_process_that_died_after_the_ticket_holds_nobody_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(look, "HAND_OVER_SECONDS", 0.2)
    with channel.visitor_end("t"):
        began = time.monotonic()
        look.look("t", time.time() + 10)
    assert time.monotonic() - began < 2
    assert visits.client().keys("*") == []
