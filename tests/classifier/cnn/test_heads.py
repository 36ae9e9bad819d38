"""The parts around the network: the probe, the blend, the pace, and what is strange."""

from __future__ import annotations

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch
from torch import nn

from classifier.cnn import blend, loop, net, probe, strange
from classifier.cnn.pawnet import PawNet
from classifier.exceptions import BadData


def dice() -> torch.Generator:
    """Return dice that always fall the same."""
    return torch.Generator().manual_seed(1)


def test_the_probe_finds_the_line_between_two_clouds() -> None:
    features = torch.randn(400, 6, generator=dice()) * 3 + 5
    labels = (features[:, 0] + features[:, 1] > 10).long()
    head = probe.fit(features[:300], labels[:300], (features[300:], labels[300:]), classes=2)
    right = head.logits(features[300:]).argmax(dim=1) == labels[300:]
    assert float(right.float().mean()) > 0.95
    assert head.penalty in probe.PENALTIES


def test_a_blend_begins_at_the_start_and_ends_tuned() -> None:
    start, tuned = {"w": torch.tensor([0.0, 2.0])}, {"w": torch.tensor([4.0, 0.0])}
    assert blend.mix(start, tuned, 0.0)["w"].tolist() == [0.0, 2.0]
    assert blend.mix(start, tuned, 0.25)["w"].tolist() == [1.0, 1.5]
    assert blend.mix(start, tuned, 1.0)["w"].tolist() == [4.0, 0.0]


def test_the_pace_climbs_and_then_falls() -> None:
    paces = [loop.pace(step / 100) for step in range(101)]
    assert paces[0] < 0.01
    assert max(paces) == pytest.approx(1.0, abs=0.01)
    assert paces[5:] == sorted(paces[5:], reverse=True)
    assert paces[-1] == pytest.approx(loop.END)


def trained_parts(network: nn.Module, depth: int) -> set[str]:
    """Return the parts of a network that learn, by the first words of their names."""
    named = network.named_parameters()
    return {".".join(name.split(".")[:depth]) for name, one in named if one.requires_grad}


def test_frozen_stages_learn_nothing_and_the_rest_learns() -> None:
    network = PawNet(2)
    loop.freeze(network, 2)
    assert trained_parts(network, 2) == {
        "blocks.2", "blocks.3", "blocks.4", "dense.2", "classifier.weight", "classifier.bias"
    }  # fmt: skip
    lite = net.create("tf_efficientnet_lite0", 2, pretrained=False)
    loop.freeze(lite, 7)
    assert trained_parts(lite, 1) == {"conv_head", "bn2", "classifier"}


def test_freezing_more_than_there_is_is_refused() -> None:
    with pytest.raises(BadData, match="5 stages that can be frozen, not 9"):
        loop.freeze(PawNet(2), 9)


def usual(count: int) -> torch.Tensor:
    """Return features that vary in three directions out of twenty, and a little in all."""
    spread = torch.cat([torch.tensor([5.0, 3.0, 2.0]), torch.full((17,), 0.1)])
    return torch.randn(count, 20, generator=dice()) * spread + 1


def test_only_the_agreed_share_of_the_usual_is_strange() -> None:
    every = usual(3000)
    made = strange.fit(every[:1000], every[1000:2000], refused=0.01)
    assert float((made(every[1000:2000]) > 0).float().mean()) == pytest.approx(0.01, abs=0.002)
    assert float((made(every[2000:]) > 0).float().mean()) < 0.03


def test_what_lies_off_the_usual_directions_is_strange() -> None:
    every = usual(2000)
    made = strange.fit(every[:1000], every[1000:])
    off, far = torch.ones(1, 20), torch.ones(1, 20)
    off[0, 10] += 5.0
    far[0, 0] += 80.0
    assert float(made(off)) > 0
    assert float(made(far)) > 0


def test_a_network_that_learnt_nothing_of_strangeness_refuses_nothing() -> None:
    assert float(strange.Strangeness(4)(torch.full((1, 4), 1e6))) < 0


def test_the_running_mean_soon_forgets_how_it_began() -> None:
    mean, rule = [torch.tensor([100.0])], loop.running_mean(0.999)
    for step in range(1, 60):
        rule(mean, [torch.tensor([1.0])], step)
    assert float(mean[0]) == pytest.approx(1.0, abs=0.1)


def test_in_the_end_the_running_mean_keeps_as_much_as_it_was_told() -> None:
    mean = [torch.tensor([1.0]), torch.tensor([3])]
    loop.running_mean(0.9)(mean, [torch.tensor([0.0]), torch.tensor([7])], 10_000)
    assert float(mean[0]) == pytest.approx(0.9)
    assert int(mean[1]) == 7


def test_what_falls_into_no_usual_class_is_strange() -> None:
    head = torch.nn.Linear(10, 10)
    head.bias.data.zero_()
    head.weight.data.copy_(torch.eye(10) * 8)
    shown = torch.eye(10)[torch.randint(0, 2, (500,), generator=dice())]
    shown = shown + torch.randn(500, 10, generator=dice()) * 0.05
    made = strange.fit_known(head, shown[:300], shown[300:], refused=0.01)
    assert made.usual.tolist()[:2] == pytest.approx([1.0, 1.0], abs=0.01)
    assert made.usual.tolist()[2:] == [0.0] * 8
    assert float((made(shown[300:]) > 0).float().mean()) == pytest.approx(0.01, abs=0.006)
    assert float(made(torch.eye(10)[[5]])) > 0
