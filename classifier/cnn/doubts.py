"""Labels that are likely wrong: confident learning in its plain form (Northcutt et al. 2021)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from classifier.cnn import probe
from classifier.progress import Progress

FOLDS: Final = 5
# From fewer photos than this nothing is learnt, and nothing is doubted.
FEWEST: Final = 10


@dataclass(frozen=True, slots=True)
class Doubt:
    """A photo whose label is doubted: how likely (0..1) the given and the likeliest class are."""

    index: int
    given: int
    likely: int
    p_given: float
    p_likely: float


def doubts(
    features: Tensor, labels: Tensor, groups: Sequence[int], classes: int, progress: Progress
) -> list[Doubt]:
    """Return the photos whose label is likely wrong, the worst first.

    `features` are photos x features of a network that never saw the labels. A photo is judged by
    a logistic regression that learnt from others only; near-duplicates (of one group) are judged
    together. It is doubted when another class is at least as likely as photos of that class
    usually are (the paper's threshold), and likelier than the given one.
    """
    chances = out_of_fold(features, labels, groups, classes, progress)
    given = chances.gather(1, labels.unsqueeze(1)).squeeze(1)
    usual = torch.stack([_mean(given[labels == one]) for one in range(classes)])
    sure = torch.where(chances >= usual, chances, -1.0)
    likely = sure.argmax(dim=1)
    best = sure.gather(1, likely.unsqueeze(1)).squeeze(1)
    doubted = (likely != labels) & (best > given)
    order = torch.nonzero(doubted).squeeze(1)
    order = order[given[order].argsort()]
    return [
        Doubt(int(n), int(labels[n]), int(likely[n]), float(given[n]), float(best[n]))
        for n in order
    ]


def out_of_fold(
    features: Tensor, labels: Tensor, groups: Sequence[int], classes: int, progress: Progress
) -> Tensor:
    """Return the chances of each class for each photo, by a regression that did not see it.

    The fold after the one that is judged chooses the penalty.
    """
    fold = _folds(groups)
    chances = torch.zeros(len(labels), classes)
    progress.start("Looking for wrong labels", FOLDS)
    for number in range(FOLDS):
        judged, choosing = fold == number, fold == (number + 1) % FOLDS
        rest = ~(judged | choosing)
        if judged.any() and choosing.any() and int(rest.sum()) >= FEWEST:
            val = (features[choosing], labels[choosing])
            head = probe.fit(features[rest], labels[rest], val, classes)
            chances[judged] = head.logits(features[judged].float()).softmax(dim=1).detach()
        progress.advance()
    return chances


def _folds(groups: Sequence[int]) -> Tensor:
    """Return the fold of each photo: groups are spread over the folds as if at random."""
    order = torch.randperm(max(groups) + 1, generator=torch.Generator().manual_seed(1))
    return order[torch.tensor(groups)] % FOLDS


def _mean(values: Tensor) -> Tensor:
    return values.mean() if len(values) else torch.tensor(1.0)
