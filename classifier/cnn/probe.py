"""A linear head on frozen features: where a fine-tuning begins, and a strong network by itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor
from torch.nn import functional

# Penalties on the squared weights (of features scaled to spread 1) that are tried.
PENALTIES: Final = (1e-3, 3e-3, 1e-2, 3e-2)
STEPS: Final = 200


@dataclass(frozen=True, slots=True)
class Head:
    """A linear layer: `weight` is classes x features, `bias` one number for each class."""

    weight: Tensor
    bias: Tensor
    penalty: float

    def logits(self, features: Tensor) -> Tensor:
        """Return photos x classes."""
        return features @ self.weight.T + self.bias


def fit(features: Tensor, labels: Tensor, val: tuple[Tensor, Tensor], classes: int) -> Head:
    """Fit multinomial logistic regression; the penalty is the one that suits `val` best.

    `features` is photos x features, `labels` the class of each; `val` is the same of other photos.
    """
    heads = [_fit(features.float(), labels, penalty, classes) for penalty in PENALTIES]
    losses = [
        float(functional.cross_entropy(head.logits(val[0].float()), val[1])) for head in heads
    ]
    return heads[losses.index(min(losses))]


def _fit(features: Tensor, labels: Tensor, penalty: float, classes: int) -> Head:
    mean, spread = features.mean(dim=0), features.std(dim=0) + 1e-6
    scaled = (features - mean) / spread
    weight = torch.zeros(classes, features.shape[1], requires_grad=True)
    bias = torch.zeros(classes, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [weight, bias], max_iter=STEPS, history_size=20, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimizer.zero_grad()
        found = functional.cross_entropy(scaled @ weight.T + bias, labels)
        found = found + penalty * weight.square().sum()
        found.backward()  # type: ignore[no-untyped-call]
        return found

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    with torch.no_grad():
        # The scaling becomes part of the layer, so that it takes features as they come.
        unscaled = weight / spread
        return Head(unscaled.clone(), bias - unscaled @ mean, penalty)
