"""Getting networks ready to be asked thousands of times which way a picture should move."""

from __future__ import annotations

import copy
import functools

import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from classifier.cnn import device as devices
from classifier.cnn.reader import Reader


@functools.lru_cache(maxsize=16)
def prepared(reader: Reader) -> Reader:
    """Return a copy of a network that sees the same with less work, on the GPU if there is one.

    Its batch norms are folded into the convolutions before them, it does not look in the mirror,
    too, and nothing of it can be trained. A network is prepared but once.
    """
    network = copy.deepcopy(reader).eval()
    network.flips = False
    for convolution, norm in _pairs(network):
        _fold(network, convolution, norm)
    for weight in network.parameters():
        weight.requires_grad = False
    return network.to(devices.best(), memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


def _pairs(network: Reader) -> list[tuple[nn.Conv2d, nn.BatchNorm2d]]:
    """Return each convolution whose result goes straight into a batch norm, with that.

    Found by letting the network look once: which layer follows which is written nowhere.
    """
    # By the result's id, which nothing else has as long as the result is kept.
    made: dict[int, tuple[Tensor, nn.Conv2d]] = {}
    found: list[tuple[nn.Conv2d, nn.BatchNorm2d]] = []

    def keep(convolution: nn.Conv2d, _: object, result: Tensor) -> None:
        made[id(result)] = result, convolution

    def pair(norm: nn.BatchNorm2d, given: tuple[Tensor, ...]) -> None:
        if id(given[0]) in made:
            found.append((made[id(given[0])][1], norm))

    hooks = []
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            hooks.append(module.register_forward_hook(keep))
        elif isinstance(module, nn.BatchNorm2d):
            hooks.append(module.register_forward_pre_hook(pair))
    with torch.no_grad():
        network(torch.rand(1, 3, network.size, network.size))
    for hook in hooks:
        hook.remove()
    return found


def _fold(network: Reader, convolution: nn.Conv2d, norm: nn.BatchNorm2d) -> None:
    plain = nn.BatchNorm2d(norm.num_features, norm.eps)
    plain.load_state_dict(norm.state_dict(), strict=False)
    folded = fuse_conv_bn_eval(convolution, plain.eval())
    convolution.weight, convolution.bias = folded.weight, folded.bias
    # timm's batch norms have the activation in them: that stays.
    rest = getattr(norm, "act", nn.Identity())
    for parent in network.modules():
        for name, child in parent.named_children():
            if child is norm:
                setattr(parent, name, rest)
