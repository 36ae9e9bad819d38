"""Every way to run a network says what plain torch says, or is left."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

pytest.importorskip("torch", reason="this machine only serves: torch is not installed")

import torch
from torch import Tensor, nn

from classifier.cnn import net, runtime
from classifier.cnn.config import ModelSpec, Preprocessing

ROOT = Path(__file__).parents[3]
WAYS = {
    "torch": runtime.plain,
    "torch bf16": runtime.short,
    "openvino": runtime.openvino,
    "openvino bf16": runtime.openvino_short,
}
OPENVINO = find_spec("openvino") is not None


def made(arch: str) -> tuple[net.Classifier, ModelSpec]:
    """Return a network with random weights and statistics, as a trained one has them."""
    torch.manual_seed(1)
    network = net.Classifier(net.create(arch, 2, pretrained=False))
    with torch.no_grad():
        for _ in range(2):
            network(torch.rand(4, 3, 64, 64))
    return network.eval(), ModelSpec("tiny", arch, ("cat", "dog"), Preprocessing(size=64), 1.3)


@pytest.fixture
def tiny() -> tuple[net.Classifier, ModelSpec]:
    """Return our own network and its description."""
    return made("pawnet")


@pytest.mark.parametrize("kind", WAYS)
@pytest.mark.parametrize("arch", ["pawnet", "tf_efficientnet_lite0"])
def test_every_way_says_what_plain_torch_says(kind: str, arch: str) -> None:
    if kind.startswith("openvino") and not OPENVINO:
        pytest.skip("openvino is not installed")
    network, spec = made(arch)
    network.strangeness.limit.fill_(2.0)
    pictures = torch.rand(5, 3, 64, 64, generator=torch.Generator().manual_seed(2)) * 2 - 1
    expected = runtime.eager(network, spec)(pictures)
    run = WAYS[kind](network, spec)
    assert run.kind == kind
    outputs = run(pictures)
    assert (outputs.shape, outputs.dtype) == ((5, 3), torch.float32)
    # Random weights leave everything unclear, so that it is looked at again.
    assert torch.allclose(outputs[:, :2], expected[:, :2], atol=1e-3)
    assert torch.equal(outputs[:, 2] > 0, expected[:, 2] > 0)
    assert torch.allclose(run(pictures[:1]), outputs[:1], atol=1e-3)


class Counting:
    """Says what the network says, and remembers how many pictures it was shown."""

    def __init__(self, network: net.Classifier) -> None:
        self.network, self.shown = network, 0

    def __call__(self, pictures: Tensor) -> Tensor:
        self.shown += len(pictures)
        return self.network.features(pictures)


@pytest.mark.parametrize(
    ("logit", "limit", "again"),
    [(9.0, torch.inf, 0), (2.0, torch.inf, 3), (9.0, -9.0, 0), (torch.nan, torch.inf, 3)],
)
def test_only_what_is_unclear_is_looked_at_again(
    tiny: tuple[net.Classifier, ModelSpec], logit: float, limit: float, again: int
) -> None:
    network, spec = tiny
    head = network.backbone.get_classifier()
    nn.init.zeros_(head.weight)
    head.bias.data = torch.tensor([logit, 0.0])
    network.strangeness.limit.fill_(limit)
    careful = Counting(network)
    runtime.Runtime("two looks", network, spec, network.features, careful)(torch.rand(3, 3, 64, 64))
    assert careful.shown == again


def test_what_is_near_the_limit_of_strangeness_is_looked_at_again(
    tiny: tuple[net.Classifier, ModelSpec],
) -> None:
    network, spec = tiny
    pictures = torch.rand(1, 3, 64, 64)
    head = network.backbone.get_classifier()
    nn.init.zeros_(head.weight)
    head.bias.data = torch.tensor([9.0, 0.0])
    with torch.inference_mode():
        network.strangeness.limit.zero_()
        far = network.strangeness(network.features(pictures))
    network.strangeness.limit.copy_(far + 0.5)
    careful = Counting(network)
    runtime.Runtime("two looks", network, spec, network.features, careful)(pictures)
    assert careful.shown == 1


# --- choosing --------------------------------------------------------------------------------


def chosen(
    tiny: tuple[net.Classifier, ModelSpec], caplog: pytest.LogCaptureFixture
) -> tuple[str, str, str]:
    """Return which way was chosen, and the one line that was logged with its level."""
    with caplog.at_level(logging.INFO, "classifier.cnn.runtime"):
        made = runtime.best(*tiny)
    (record,) = caplog.records
    return made.kind, record.levelname, record.getMessage()


def test_without_bf16_it_reckons_with_whole_floats(
    tiny: tuple[net.Classifier, ModelSpec],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(runtime, "has_bf16", lambda device: False)
    kind, level, said = chosen(tiny, caplog)
    assert kind == ("openvino" if OPENVINO else "torch")
    assert level == "INFO"
    assert "openvino bf16 is left out because " in said
    if OPENVINO:
        assert said == (
            "the network tiny runs with openvino "
            "(openvino bf16 is left out because this processor has no bf16)"
        )


@pytest.mark.parametrize(("able", "kind"), [(True, "torch bf16"), (False, "torch")])
def test_without_openvino_it_runs_with_torch(
    tiny: tuple[net.Classifier, ModelSpec],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    able: bool,
    kind: str,
) -> None:
    monkeypatch.setattr(runtime, "has_bf16", lambda device: able)
    monkeypatch.setattr(runtime, "find_spec", lambda name: None)
    found, level, said = chosen(tiny, caplog)
    assert (found, level) == (kind, "INFO")
    assert f"runs with {kind} (" in said
    assert "openvino is left out because the package openvino is not installed" in said


def test_a_conversion_that_fails_is_said_and_the_next_way_taken(
    tiny: tuple[net.Classifier, ModelSpec],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(network: net.Classifier, spec: ModelSpec) -> runtime.Runtime:
        raise RuntimeError("No rule for aten::purr\nand a long story")

    def ways(threads: int) -> Iterator[tuple[str, runtime.Maker, str]]:
        yield "openvino", broken, ""
        yield "torch", runtime.plain, ""

    monkeypatch.setattr(runtime, "ways", ways)
    assert chosen(tiny, caplog) == (
        "torch",
        "WARNING",
        "the network tiny runs with torch (openvino does not work: No rule for aten::purr)",
    )


@pytest.mark.parametrize(("wrong", "off"), [(0.5, "0."), (torch.nan, "nan")])
def test_a_way_that_disagrees_is_refused(
    tiny: tuple[net.Classifier, ModelSpec],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    wrong: float,
    off: str,
) -> None:
    def liar(network: net.Classifier, spec: ModelSpec) -> runtime.Runtime:
        def features(pictures: Tensor) -> Tensor:
            moved: Tensor = network.backbone.classifier.weight[0] * wrong * 100
            return network.features(pictures) + moved

        return runtime.Runtime("quick and wrong", network, spec, features)

    def ways(threads: int) -> Iterator[tuple[str, runtime.Maker, str]]:
        yield "quick and wrong", liar, ""

    monkeypatch.setattr(runtime, "ways", ways)
    kind, level, said = chosen(tiny, caplog)
    assert (kind, level) == ("torch eager", "WARNING")
    assert f"quick and wrong does not work: its chances are off by {off}" in said
    assert said.endswith("and 0.02 is allowed)")


def test_another_view_of_what_is_neither_is_refused(
    tiny: tuple[net.Classifier, ModelSpec],
) -> None:
    right = torch.tensor([[3.0, 0.0, -1.0]])
    runtime.check(right, right, tiny[1])
    with pytest.raises(runtime.Disagrees, match='calls other pictures "neither"'):
        runtime.check(torch.tensor([[3.0, 0.0, 1.0]]), right, tiny[1])


# --- OpenVINO --------------------------------------------------------------------------------


# Not pytest.importorskip: importing it bare reports to its makers.
needs_openvino = pytest.mark.skipif(not OPENVINO, reason="openvino is not installed")


@needs_openvino
def test_threads_may_share_openvino(tiny: tuple[net.Classifier, ModelSpec]) -> None:
    network, spec = tiny
    run = runtime.openvino(network, spec)
    batches = [torch.rand(7, 3, 64, 64) for _ in range(6)]
    expected = [runtime.eager(network, spec)(batch) for batch in batches]
    found: dict[int, Tensor] = {}

    def look(number: int) -> None:
        found[number] = run(batches[number])

    threads = [threading.Thread(target=look, args=[number]) for number in range(len(batches))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, right in enumerate(expected):
        assert torch.allclose(found[number], right, atol=1e-3)


@needs_openvino
def test_openvino_reports_to_nobody_and_leaves_nothing(tmp_path: Path) -> None:
    code = (
        "import socket, sys\n"
        "def no(*a, **k): raise SystemExit('it wants to talk')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = no\n"
        "from classifier.cnn import net, openvino_queue\n"
        "network = net.Classifier(net.create('pawnet', 2, pretrained=False)).eval()\n"
        "model = openvino_queue.convert(network, 64)\n"
        "openvino_queue.Queue(model, 'f32', 1)\n"
        "print([n for n, m in sys.modules.items() if m and n.startswith('openvino_tele')])"
    )
    home = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=home, capture_output=True, text=True
    )
    assert (done.stdout.strip(), done.returncode) == ("[]", 0), done.stderr
    assert list(tmp_path.iterdir()) == []
