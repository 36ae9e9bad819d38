"""A surrogate for tests: a real reader, small and quick, that was never trained."""

from __future__ import annotations

import torch

from classifier.cnn.config import Preprocessing
from classifier.cnn.pawnet import PawNet
from classifier.cnn.reader import Reader


def reader(seed: int = 1) -> Reader:
    """Return a network whose weights follow from the seed."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        network = PawNet(2)
        made = Reader(network, torch.randn(256), torch.zeros(1), Preprocessing(size=64)).eval()
    for weight in made.parameters():
        weight.requires_grad = False
    return made
