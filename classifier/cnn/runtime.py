"""Ways to run a network on a processor: all give what plain torch gives, some much sooner.

Short floats (bf16) are twice as quick, and shift P by up to 0.2 where the network is undecided.
So whatever is not clear then is looked at again with whole floats: on real photos about one in
ten. The head and the sense of strangeness always reckon with whole floats.
"""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Final

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from classifier.cnn import predict
from classifier.cnn.config import ModelSpec
from classifier.cnn.device import has_bf16
from classifier.cnn.net import Classifier

logger = logging.getLogger(__name__)

# Pictures in, B x 3 x size x size; out comes what the last layer looks at, B x features.
Features = Callable[[Tensor], Tensor]

# Chances may differ by this much from plain torch's.
TOLERANCE: Final = 0.02
# Short floats may move the logits by about 1. From here on that moves P by less than TOLERANCE.
SURE: Final = 0.97
# The same for the limit of strangeness: in logits, and as a share of the limit when that is large,
# for a distance is moved by about a tenth of it.
NEAR: Final = 0.5
NEAR_SHARE: Final = 0.2


class Disagrees(ArithmeticError):
    """A way to run the network gives other numbers than plain torch. The text says how far off."""


@dataclass(frozen=True, slots=True)
class Runtime:
    """A network and how to run it: a predict.Runner.

    With `again`, what `features` leaves unclear is looked at once more by that.
    """

    kind: str
    network: Classifier
    spec: ModelSpec
    features: Features
    again: Features | None = None

    def __call__(self, pictures: Tensor) -> Tensor:
        """Return the logits of the classes and, last, of "neither"."""
        with torch.inference_mode():
            outputs = self._outputs(self.features(pictures))
            if self.again is not None and (unclear := self._unclear(outputs)).any():
                outputs[unclear] = self._outputs(self.again(pictures[unclear]))
            return outputs

    def _outputs(self, features: Tensor) -> Tensor:
        logits = self.network.backbone.get_classifier()(features)
        return torch.cat([logits, self.network.strangeness(features).unsqueeze(1)], dim=1)

    def _unclear(self, outputs: Tensor) -> Tensor:
        sure = chances(outputs, self.spec).amax(dim=1) >= SURE
        limit = self.network.strangeness.limit.abs()
        near = outputs[:, -1].abs() < (NEAR_SHARE * limit).clamp(min=NEAR)
        return ~sure | near


def chances(outputs: Tensor, spec: ModelSpec) -> Tensor:
    """Return the calibrated chances of the classes: B x classes."""
    return (outputs[:, :-1] / spec.temperature).softmax(dim=1)


# --- the ways --------------------------------------------------------------------------------


def eager(network: Classifier, spec: ModelSpec) -> Runtime:
    """Run the network as torch does when nobody says anything: the baseline."""
    return Runtime("torch eager", network, spec, network.features)


def plain(network: Classifier, spec: ModelSpec) -> Runtime:
    """Run it with torch: normalisation folded into the convolutions, channels last."""
    return Runtime("torch", network, spec, _packed(network, torch.float32))


def short(network: Classifier, spec: ModelSpec) -> Runtime:
    """Run it with torch and short floats."""
    whole = _packed(network, torch.float32)
    return Runtime("torch bf16", network, spec, _packed(network, torch.bfloat16), whole)


def openvino(network: Classifier, spec: ModelSpec, threads: int = 0) -> Runtime:
    """Run it with OpenVINO. It may raise nearly anything."""
    from classifier.cnn.openvino_queue import Queue, convert

    model = convert(network, spec.preprocessing.size)
    return Runtime("openvino", network, spec, Queue(model, "f32", threads))


def openvino_short(network: Classifier, spec: ModelSpec, threads: int = 0) -> Runtime:
    """Run it with OpenVINO and short floats. It may raise nearly anything."""
    from classifier.cnn.openvino_queue import Queue, convert

    model = convert(network, spec.preprocessing.size)
    whole = Queue(model, "f32", threads)
    return Runtime("openvino bf16", network, spec, Queue(model, "bf16", threads), whole)


def _packed(network: Classifier, kind: torch.dtype) -> Features:
    packed = copy.deepcopy(network)
    fold(packed.backbone)
    packed.to(memory_format=torch.channels_last).to(kind)  # type: ignore[call-overload]

    def features(pictures: Tensor) -> Tensor:
        found = packed.features(pictures.to(kind, memory_format=torch.channels_last))
        return found.float()

    return features


def fold(module: nn.Module) -> None:
    """Fold each normalisation into the convolution before it, in place: one pass less.

    It takes layers to run in the order in which they are defined, as those of timm's convolutional
    networks do; `best` sees when they do not.
    """
    before, before_name = None, ""
    for name, layer in list(module.named_children()):
        if isinstance(layer, nn.BatchNorm2d) and isinstance(before, nn.Conv2d):
            setattr(module, before_name, fuse_conv_bn_eval(before, layer))
            # timm's normalisation does what follows it, too.
            after = (getattr(layer, part, nn.Identity()) for part in ("drop", "act"))
            setattr(module, name, nn.Sequential(*after))
        else:
            fold(layer)
        before, before_name = layer, name


# --- the best one ----------------------------------------------------------------------------


def best(network: Classifier, spec: ModelSpec, threads: int = 0) -> Runtime:
    """Return the quickest way that works here and agrees with plain torch, and log which and why.

    `threads` is for OpenVINO; 0 stands for as many as torch has.
    """
    baseline = eager(network, spec)
    pictures = probe(spec)
    expected = baseline(pictures)
    level, reasons = logging.INFO, []
    for kind, make, why_not in ways(threads):
        if why_not:
            reasons.append(f"{kind} is left out because {why_not}")
            continue
        try:
            made = make(network, spec)
            check(made(pictures), expected, spec)
        except Exception as error:  # Converters and compilers raise nearly anything.
            level = logging.WARNING
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            reasons.append(f"{kind} does not work: {reason}")
            continue
        _tell(level, made, reasons)
        return made
    _tell(logging.WARNING, baseline, reasons)
    return baseline


Maker = Callable[[Classifier, ModelSpec], Runtime]


def ways(threads: int) -> Iterator[tuple[str, Maker, str]]:
    """Yield each way, the quickest first: its kind, its maker, and why it cannot be here or ""."""
    long = "" if has_bf16(torch.device("cpu")) else "this processor has no bf16"
    lacks = "" if find_spec("openvino") else "the package openvino is not installed"
    yield "openvino bf16", lambda net, spec: openvino_short(net, spec, threads), lacks or long
    yield "openvino", lambda net, spec: openvino(net, spec, threads), lacks
    yield "torch bf16", short, long
    yield "torch", plain, ""


def _tell(level: int, made: Runtime, reasons: list[str]) -> None:
    why = f" ({'; '.join(reasons)})" if reasons else ""
    logger.log(level, "the network %s runs with %s%s", made.spec.name, made.kind, why)


def probe(spec: ModelSpec) -> Tensor:
    """Return a few soft coloured pictures, the same each time, as the network wants them."""
    chance = torch.Generator().manual_seed(1)
    coarse = torch.rand(4, 3, 9, 9, generator=chance)
    size = spec.preprocessing.size
    soft = nn.functional.interpolate(coarse, size=(size, size), mode="bicubic", align_corners=False)
    return predict.normalise(soft.clamp(0, 1) * 255, spec.preprocessing)


def check(outputs: Tensor, expected: Tensor, spec: ModelSpec) -> None:
    """Raise Disagrees where outputs are not near what plain torch says."""
    off = float((chances(outputs, spec) - chances(expected, spec)).abs().max())
    # The other way round a "not a number" would pass.
    if not off <= TOLERANCE:
        raise Disagrees(f"its chances are off by {off:.3f}, and {TOLERANCE} is allowed")
    if not torch.equal(outputs[:, -1] > 0, expected[:, -1] > 0):
        raise Disagrees('it calls other pictures "neither"')
