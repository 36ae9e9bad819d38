"""The table of networks, and readers: tiles in, chances out."""

from __future__ import annotations

import dataclasses
import io
from importlib.util import find_spec

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch
from PIL import Image

from classifier import panel
from classifier.cnn import weights
from classifier.cnn.quick import Quick
from classifier.exceptions import NoSuchNetwork, WeightsError
from classifier.panel import Role
from tests.classifier.sets import picture

MOST_BYTES = 20 * 2**20
MOST_TOGETHER = 45 * 2**20


def webp(image: Image.Image) -> bytes:
    with io.BytesIO() as out:
        image.resize((250, 250)).save(out, "WEBP")
        return out.getvalue()


def test_every_network_of_the_table_is_shipped_as_it_was_measured() -> None:
    for row in panel.TABLE:
        assert weights.digest(row.path) == row.sha256
        assert row.tested >= 1000
        assert 0.5 < row.accuracy <= 1


def test_the_files_are_small_enough_to_ship() -> None:
    sizes = [path.stat().st_size for path in (panel.FOLDER / "panel").iterdir()]
    assert max(sizes) < MOST_BYTES
    assert sum(sizes) < MOST_TOGETHER


def test_a_judge_of_another_family_than_every_surrogate_reads_plain_photos_well() -> None:
    hardening = {row.family for row in panel.TABLE if row.role is Role.HARDENS}
    judges = [row for row in panel.TABLE if row.role is Role.JUDGES and row.family not in hardening]
    assert judges
    assert not any(row.weak for row in judges)


def test_a_weak_judge_is_called_weak() -> None:
    row = panel.network("lite2")
    assert dataclasses.replace(row, accuracy=0.97).weak
    assert not dataclasses.replace(row, accuracy=0.98).weak


@pytest.mark.parametrize("key", panel.keys())
def test_a_reader_gives_one_logit_for_each_tile_and_a_slope_for_each_pixel(key: str) -> None:
    tiles = torch.rand(2, 3, 120, 120, requires_grad=True)
    logits = panel.load(key)(tiles)
    logits.sum().backward()
    assert logits.shape == (2,)
    assert tiles.grad is not None
    assert tiles.grad.abs().max() > 0


def test_it_tells_chances_from_encoded_pictures_in_their_order() -> None:
    encoded = [webp(picture(word, seed)) for seed in range(3) for word in ("cat", "dog")]
    reader = panel.load("pawnet")
    told = panel.tell(reader, encoded)
    assert len(told) == 6
    assert all(0 < chance < 1 for chance in told)
    assert panel.tell(reader, encoded[2:3]) == pytest.approx(told[2:3], abs=1e-4)
    assert panel.tell(reader, []) == []


@pytest.mark.skipif(find_spec("openvino") is None, reason="OpenVINO is not installed")
def test_the_quick_way_says_what_torch_says() -> None:
    tiles = torch.rand(3, 3, 100, 100, generator=torch.Generator().manual_seed(1))
    reader = panel.load("pawnet")
    quick = Quick(reader)(tiles).sigmoid()
    assert quick.numpy() == pytest.approx(reader(tiles).sigmoid().detach().numpy(), abs=0.02)


def test_an_unknown_network_is_refused_with_the_names_of_all() -> None:
    with pytest.raises(NoSuchNetwork, match="pawnet"):
        panel.load("vgg-16")


def test_a_changed_file_is_refused(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("weights")
    (folder / "panel").mkdir()
    row = panel.network("lite0")
    data = bytearray(row.path.read_bytes())
    data[-1] ^= 1
    (folder / row.file).write_bytes(data)
    monkeypatch.setattr(panel, "FOLDER", folder)
    panel.load.cache_clear()
    with pytest.raises(WeightsError, match="not the file"):
        panel.load("lite0")
    panel.load.cache_clear()


def test_the_fingerprint_changes_with_any_network(monkeypatch: pytest.MonkeyPatch) -> None:
    before = panel.fingerprint()
    changed = (dataclasses.replace(panel.TABLE[0], sha256="0" * 64), *panel.TABLE[1:])
    monkeypatch.setattr(panel, "TABLE", changed)
    assert panel.fingerprint() != before
