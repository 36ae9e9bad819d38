"""What a network and a training run are made of: plain values, no torch."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal, Self

from classifier.exceptions import BadData

# What a weights file is called by its format; raise it when old files can no longer be read.
FORMAT: Final = 1
NEITHER: Final = "neither"
Fit = Literal["squash", "crop"]


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a picture becomes numbers, the same in training and in service.

    `size` is the side of the square in pixels. "squash" presses the whole picture into it, so
    that no animal is cut off; "crop" takes the middle square. Then each channel, 0..1, has `mean`
    taken off and is divided by `deviation`.
    """

    size: int = 224
    fit: Fit = "squash"
    mean: tuple[float, float, float] = (127 / 255,) * 3
    deviation: tuple[float, float, float] = (128 / 255,) * 3


@dataclass(frozen=True, slots=True)
class ModelSpec:
    """What a weights file says of itself.

    `arch` is timm's name of the network, or "pawnet" for our own. `temperature` divides the logits
    before the softmax (Guo et al. 2017). With `flips` pictures are
    looked at in the mirror, too. `trained` tells how: command, split, figures.
    """

    name: str
    arch: str
    classes: tuple[str, ...]
    preprocessing: Preprocessing
    temperature: float = 1.0
    flips: bool = False
    trained: dict[str, Any] | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return it as JSON can hold it."""
        return {"format": FORMAT, **asdict(self)}

    @classmethod
    def from_dict(cls, said: dict[str, Any]) -> Self:
        """Return what `to_dict` wrote.

        Raises KeyError, TypeError or ValueError when it is something else.
        """
        pre = dict(said["preprocessing"])
        pre |= {name: tuple(map(float, pre[name])) for name in ("mean", "deviation")}
        return cls(
            name=str(said["name"]),
            arch=str(said["arch"]),
            classes=tuple(map(str, said["classes"])),
            preprocessing=Preprocessing(**pre),
            temperature=float(said["temperature"]),
            flips=bool(said.get("flips", False)),
            trained=said.get("trained"),
        )


@dataclass(frozen=True, slots=True)
class TrainingConfig:
    """How to train: what `train_classifier` was told. Sides in pixels, shares 0..1.

    `pretrained` starts from ImageNet; then the head is fitted first, on the frozen features
    (`probe`; Kumar et al. 2022, "Fine-tuning can distort pretrained features"), the first `freeze`
    stages keep their weights, and at the end the weights of the start and those of the best epoch
    are mixed as suits the validation photos best (`blend`; Wortsman et al. 2022, "Robust
    fine-tuning of zero-shot models"). `average` is the decay per step of the running mean of the
    weights (0: none), `smooth` the share of each label that is spread over all classes, `limit`
    the most training photos of each class (0: all), `patience` how many epochs may pass without
    a lower loss, `threads` torch's threads (0: as it likes), `half` whether bf16 is used where
    the processor has it, `flips` whether the finished network also looks in the mirror.
    """

    data: tuple[str, ...]
    arch: str = "tf_efficientnet_lite0"
    pretrained: bool = True
    epochs: int = 8
    lr: float = 1e-4
    batch: int = 32
    image_size: int = 224
    augment: str = "flip,rotate,zoom,colour"
    seed: int = 1
    probe: bool = True
    freeze: int = 0
    blend: bool = True
    weight_decay: float = 0.05
    average: float = 0.99
    smooth: float = 0.0
    dropout: float = 0.2
    patience: int = 5
    test_share: float = 0.15
    val_share: float = 0.1
    limit: int = 0
    threads: int = 0
    workers: int = 0
    half: bool = True
    flips: bool = False

    def checked(self) -> Self:
        """Return the config if a run can be made of it. Raises BadData with what to change."""
        shares = {"--val-share": self.val_share, "--test-share": self.test_share}
        for option, share in shares.items():
            if not 0 < share < 0.5:
                raise BadData(f"{option} is {share}: give a share between 0 and 0.5, such as 0.1.")
        least = {"--epochs": (self.epochs, 1), "--batch": (self.batch, 2)}
        least |= {"--image-size": (self.image_size, 32), "--patience": (self.patience, 1)}
        least |= {"--limit": (self.limit, 0), "--freeze": (self.freeze, 0)}
        least |= {"--threads": (self.threads, 0), "--workers": (self.workers, 0)}
        for option, (value, fewest) in least.items():
            if value < fewest:
                raise BadData(f"{option} is {value}: {fewest} is the least.")
        if not self.lr > 0:
            raise BadData(f"--lr is {self.lr}: give a number above 0, such as 0.0001.")
        below_one = {"--average": self.average, "--smooth": self.smooth, "--dropout": self.dropout}
        for option, number in below_one.items():
            if not 0 <= number < 1:
                raise BadData(f"{option} is {number}: give a number from 0 up to 1, without 1.")
        return self

    @classmethod
    def from_dict(cls, said: dict[str, Any]) -> Self:
        """Return what was saved; what it does not name has its default."""
        known = {field.name for field in fields(cls)}
        kept = {name: value for name, value in said.items() if name in known}
        return cls(**kept | {"data": tuple(kept["data"])})
