"""How strange a picture is to a network: whether it shows neither of what it was trained on.

A network that knows ImageNet's 1,000 classes asks itself whether it sees one of those that the
training photos fall into (KnownClasses). One that was trained from nothing knows only how its own
training photos look (Strangeness), which is far weaker: README beside the weights has the figures.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import torch
from torch import Tensor, nn

# Directions of the features in which the training photos vary most. The rest counts as a whole.
DIRECTIONS: Final = 64
# A class of ImageNet counts half when it is the likeliest one for this share of the training
# photos. (Mean probabilities, instead of the likeliest class, notice 66 to 76 % of strange pictures
# where this notices 98 %: a fine-tuned network sees a little of everything everywhere.)
CHANCE: Final = 1e-3
# The share of ordinary photos that may be called "neither".
REFUSED: Final = 0.005
_TINY: Final = 1e-6


class Strangeness(nn.Module):
    """The distance of a picture's features from those of the training photos.

    A Gaussian in the strongest directions (Lee et al. 2018, "A simple unified framework for
    detecting out-of-distribution samples"), and one more for all that is left over. As a logit:
    above 0 the picture is called "neither".
    """

    mean: Tensor
    basis: Tensor
    scale: Tensor
    rest: Tensor
    limit: Tensor

    def __init__(self, features: int, directions: int = DIRECTIONS) -> None:
        super().__init__()
        directions = min(directions, max(features // 4, 1))
        self.register_buffer("mean", torch.zeros(features))
        self.register_buffer("basis", torch.zeros(directions, features))
        self.register_buffer("scale", torch.ones(directions))
        # One number each: the usual length of what is left over, and the limit of the distance.
        self.register_buffer("rest", torch.ones(1))
        self.register_buffer("limit", torch.full((1,), torch.inf))

    def distance(self, features: Tensor) -> Tensor:
        """Return the squared distance of each row, about 1 for an ordinary photo."""
        centred = features - self.mean
        along = centred @ self.basis.T
        left = (centred.square().sum(dim=1) - along.square().sum(dim=1)).clamp(min=0)
        near = (along / self.scale).square().mean(dim=1)
        return near + left / self.rest

    def forward(self, features: Tensor) -> Tensor:
        """Return the logit of "this is neither" for each row of features."""
        return self.distance(features) - self.limit


class KnownClasses(nn.Module):
    """The head of ImageNet's classes, and how usual each of them is among the training photos.

    The chance that a picture shows one of the usual classes is compared with a limit, both as
    logits: above 0 the picture is called "neither". `usual` is 0..1 for each class.
    """

    weight: Tensor
    bias: Tensor
    usual: Tensor
    limit: Tensor

    def __init__(self, features: int, classes: int) -> None:
        super().__init__()
        self.register_buffer("weight", torch.zeros(classes, features))
        self.register_buffer("bias", torch.zeros(classes))
        self.register_buffer("usual", torch.ones(classes))
        self.register_buffer("limit", torch.full((1,), -torch.inf))

    def chances(self, features: Tensor) -> Tensor:
        """Return the probability of each of ImageNet's classes, for each row of features."""
        return (features @ self.weight.T + self.bias).softmax(dim=1)

    def familiarity(self, features: Tensor) -> Tensor:
        """Return the logit of the chance that it is something usual."""
        return (self.chances(features) @ self.usual).clamp(_TINY, 1 - _TINY).logit()

    def forward(self, features: Tensor) -> Tensor:
        """Return the logit of "this is neither" for each row of features."""
        return self.limit - self.familiarity(features)


def empty(tensors: Mapping[str, Tensor], prefix: str) -> Strangeness | KnownClasses:
    """Return the kind of sense whose saved tensors begin with `prefix`, ready to be loaded."""
    if f"{prefix}usual" in tensors:
        classes, features = tensors[f"{prefix}weight"].shape
        return KnownClasses(features, classes)
    directions, features = tensors[f"{prefix}basis"].shape
    return Strangeness(features, directions)


def fit_known(
    head: nn.Linear, features: Tensor, held_out: Tensor, refused: float = REFUSED
) -> KnownClasses:
    """Learn which of ImageNet's classes are usual; the arguments are those of `fit`."""
    made = KnownClasses(head.in_features, head.out_features)
    made.weight.copy_(head.weight.detach())
    made.bias.copy_(head.bias.detach())
    likeliest = made.chances(features.float()).argmax(dim=1)
    often = torch.bincount(likeliest, minlength=head.out_features) / len(likeliest)
    made.usual.copy_(often / (often + CHANCE))
    made.limit.copy_(made.familiarity(held_out.float()).quantile(refused))
    return made


def fit(features: Tensor, held_out: Tensor, refused: float = REFUSED) -> Strangeness:
    """Learn what is usual from training features (photos x features).

    `held_out` are features of other photos of the same kind; `refused` is the share of them,
    0..1, that may be called "neither".
    """
    made = Strangeness(features.shape[1])
    features, held_out = features.float(), held_out.float()
    made.mean.copy_(features.mean(dim=0))
    centred = features - made.mean
    _, spread, directions = torch.linalg.svd(centred, full_matrices=False)
    count = len(made.scale)
    made.basis[: len(directions)] = directions[:count]
    made.scale[: len(spread)] = spread[:count] / max(len(features) - 1, 1) ** 0.5 + 1e-6
    left = centred.square().sum(dim=1) - (centred @ made.basis.T).square().sum(dim=1)
    made.rest.copy_(left.mean().clamp(min=1e-6))
    made.limit.copy_(made.distance(held_out).quantile(1 - refused))
    return made
