"""The network of a process: the right file, loaded once, and a stream that stays small."""

from __future__ import annotations

import gc
import io
import threading
import weakref
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

from PIL import Image

from classifier import engine
from classifier.cnn import runtime, weights
from classifier.exceptions import WeightsError
from tests.classifier.made import a_run, shipped
from tests.drawn import photo_file, picture

__all__ = ["shipped"]


@pytest.fixture(autouse=True)
def _quickly(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Load into an empty process, with plain torch: which way is quickest is another test's."""
    monkeypatch.setattr(runtime, "best", runtime.eager)
    kept = engine._loaded.copy()
    engine._loaded.clear()
    yield
    engine._loaded.clear()
    engine._loaded.update(kept)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Return the weights file of a tiny network."""
    return a_run(tmp_path, "tiny-1") / "weights.safetensors"


@pytest.fixture
def tiny(file: Path) -> engine.Engine:
    """Return a tiny network."""
    return engine.load(file, weights.digest(file))


def test_it_says_what_it_is(tiny: engine.Engine, file: Path) -> None:
    assert (tiny.name, tiny.kind, tiny.sha256) == ("tiny-1", "torch eager", weights.digest(file))


@pytest.mark.parametrize("damage", [lambda data: data[:-1] + b"?", lambda data: data[:5000]])
def test_it_refuses_a_file_that_was_tampered_with_or_cut(file: Path, damage: object) -> None:
    sha256 = weights.digest(file)
    assert callable(damage)
    file.write_bytes(damage(file.read_bytes()))
    with pytest.raises(WeightsError, match="is not the file that was chosen: it was changed"):
        engine.load(file, sha256)
    assert not engine._loaded


def test_it_refuses_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="There is no weights file"):
        engine.load(tmp_path / "gone.safetensors", "0" * 64)


def test_it_loads_once_and_keeps_the_two_latest(tmp_path: Path) -> None:
    files = [a_run(tmp_path, f"tiny-{number}") / "weights.safetensors" for number in range(3)]
    found = [engine.load(file, weights.digest(file)) for file in files]
    assert engine.load(files[1], found[1].sha256) is found[1]
    assert list(engine._loaded) == [found[2].sha256, found[1].sha256]
    assert engine.load(files[0], found[0].sha256) is not found[0]


def test_threads_load_it_once(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[Path] = []
    load = engine._load

    def slow(path: Path, sha256: str) -> engine.Engine:
        loads.append(path)
        return load(path, sha256)

    monkeypatch.setattr(engine, "_load", slow)
    sha256 = weights.digest(file)
    threads = [threading.Thread(target=engine.load, args=[file, sha256]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert loads == [file]


def test_a_stream_says_what_a_batch_says(tiny: engine.Engine) -> None:
    images = [picture(seed, 200 + seed, 300) for seed in range(engine.BATCH * 2 + 3)]
    together = tiny.predict(images)
    streamed = list(tiny.stream((f"photo {at}", image) for at, image in enumerate(images)))
    assert [key for key, _ in streamed] == [f"photo {at}" for at in range(len(images))]
    for (_, one), other in zip(streamed, together, strict=True):
        assert one.label == other.label
        assert one.p_cat == pytest.approx(other.p_cat, abs=1e-4)
    assert not tiny.predict([])


def test_a_stream_holds_few_pictures_however_many_there_are(tiny: engine.Engine) -> None:
    data = photo_file(1)
    alive: weakref.WeakValueDictionary[int, Image.Image] = weakref.WeakValueDictionary()
    most = 0

    def photos() -> Iterator[tuple[int, Image.Image]]:
        nonlocal most
        for number in range(300):
            image = Image.open(io.BytesIO(data))
            alive[number] = image
            most = max(most, len(alive))
            yield number, image

    assert sum(1 for _ in tiny.stream(photos())) == 300
    gc.collect()
    assert most <= engine.READY + 4
    assert not list(alive)


def test_a_stream_takes_photos_only_as_it_goes_and_stops_at_once(tiny: engine.Engine) -> None:
    taken: list[int] = []

    def endless() -> Iterator[tuple[int, Image.Image]]:
        while True:
            taken.append(len(taken))
            yield taken[-1], picture(1)

    stream = tiny.stream(endless())
    assert [key for key, _ in islice(stream, 5)] == [0, 1, 2, 3, 4]
    assert len(taken) <= 2 * engine.BATCH + engine.READY
    stream.close()
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


def test_ctrl_c_ends_a_stream(tiny: engine.Engine) -> None:
    def photos() -> Iterator[tuple[int, Image.Image]]:
        for number in range(40):
            yield number, picture(number)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        list(tiny.stream(photos()))
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ahead")]


def test_it_shows_where_it_looked(tiny: engine.Engine) -> None:
    said, places = tiny.explain(picture(3))
    assert said.label == tiny.predict([picture(3)])[0].label
    assert places.ndim == 2
    assert 0.0 <= places.min() <= places.max() <= 1.0


def test_the_shipped_model_is_the_one_of_its_card(
    shipped: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WEIGHTS", shipped.parent)
    assert engine.shipped().name == "shipped-1"
    assert engine.shipped() is engine.shipped()


def test_without_its_card_the_shipped_model_is_not_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "WEIGHTS", tmp_path)
    with pytest.raises(WeightsError, match="get that file again with Pawcha"):
        engine.shipped()


def test_openvino_is_not_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    assert engine.missing() == []
    monkeypatch.setattr(engine, "find_spec", lambda name: None)
    assert engine.missing()[:2] == ["torch", "torchvision"]
    assert "openvino" not in engine.missing()
