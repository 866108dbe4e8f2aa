"""Modules of PyTorch as objects: what they answer, and what an edit does to the module itself.

Each is followed, answers as the network does, and takes the edited network's own state strictly;
or is refused, or has no way back, in words.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F  # noqa: N812  # as everybody has it
from torch import nn
from torch.nn.utils import parametrizations, prune, weight_norm

from tests.formats.zoo.back import edited
from toolkit import Network

EQUAL = 2e-5
BACK, NO_WAY_BACK = "back", "no way back"
Case = tuple[str, Any, str]
Forward = Callable[[Any, torch.Tensor], torch.Tensor]


class Own(nn.Module):
    """Three layers and parameters of its own; what it does with them is said."""

    def __init__(self, forward: Forward) -> None:
        super().__init__()
        self.does = forward
        self.a, self.b, self.c = nn.Linear(784, 16), nn.Linear(16, 16), nn.Linear(16, 10)
        self.free = nn.Linear(784, 16, bias=False)
        self.W, self.V, self.U = (nn.Parameter(torch.randn(*shape) / 4)
                                  for shape in ((16, 16), (16,), (16,)))  # fmt: skip

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.does(self, x)


class Doubling(nn.Linear):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return super().forward(x) * 2


def _row() -> nn.Sequential:
    return nn.Sequential(nn.Linear(784, 16), nn.ReLU(), nn.Linear(16, 10))


def _hooked(hook: Callable[[nn.Sequential], Any]) -> nn.Sequential:
    row = _row()
    hook(row)
    return row


def _stale_norm() -> nn.Sequential:
    row = nn.Sequential(weight_norm(nn.Linear(784, 16)), nn.ReLU(), nn.Linear(16, 10))
    row.load_state_dict({name: value * 2 for name, value in row.state_dict().items()})
    return row


def _stale_mask() -> nn.Sequential:
    row = _row()
    prune.l1_unstructured(row[0], "weight", 0.5)
    row[0].weight_orig.data.mul_(2)
    return row


def _shared() -> nn.Sequential:
    one = nn.Linear(16, 16)
    return nn.Sequential(nn.Linear(784, 16), nn.ReLU(), one, nn.ReLU(), one, nn.Linear(16, 10))


def _tied() -> nn.Sequential:
    row = nn.Sequential(nn.Linear(784, 16), nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 16),
                        nn.ReLU(), nn.Linear(16, 10))  # fmt: skip
    row[3].weight = row[1].weight
    return row


def _alias() -> nn.Sequential:
    row = _row()
    row[0].other = row[2]
    return row


def cases() -> Iterator[Case]:
    """Yield a name, a module, and what is expected: one of the words above, or of the refusal."""
    owns: dict[str, tuple[Forward, str]] = {
        "square, W": (lambda m, x: m.c(F.relu(F.relu(m.a(x)) @ m.W + m.V)), BACK),
        "square, W.t": (lambda m, x: m.c(F.relu(F.relu(m.a(x)) @ m.W.t())), BACK),
        "square, W.T": (lambda m, x: m.c(F.relu(F.linear(F.relu(m.a(x)), m.W.T, m.V))), BACK),
        "added after biases": (lambda m, x: m.c(F.relu(m.a(x) + m.V)), BACK),
        "added twice": (lambda m, x: m.c(F.relu(m.free(x) + m.V + m.U)), BACK),
        "gain": (lambda m, x: m.c(F.relu(m.a(x) * m.V + m.U)), BACK),
        "gain without biases": (lambda m, x: m.c(F.relu(m.free(x) * m.V + m.U)), BACK),
        "added after its function": (lambda m, x: m.c(F.relu(m.a(x)) + m.V), BACK),
        "added in two layers": (
            lambda m, x: m.c(F.relu(m.b(F.relu(m.free(x) + m.V)) + m.V)), NO_WAY_BACK),
        "alpha": (lambda m, x: m.c(F.relu(torch.add(m.a(x), m.V, alpha=3))), "alpha=3"),
        "rounded": (
            lambda m, x: m.c(torch.div(m.a(x), 0.1, rounding_mode="floor")), "rounding_mode"),
        "softplus of 2": (lambda m, x: m.c(F.softplus(m.a(x), 2)), "another beta"),
        "softplus": (lambda m, x: m.c(F.softplus(m.a(x), 1, 20)), BACK),
        "relu6": (lambda m, x: m.c(F.relu6(m.a(x) * 9)), BACK),
        "elu by place": (lambda m, x: m.c(F.elu(m.a(x), 0.5)), BACK),
        "twice": (lambda m, x: m.c(F.relu(m.b(F.relu(m.b(m.a(x)))))), NO_WAY_BACK),
    }  # fmt: skip
    for name, (forward, expected) in owns.items():
        yield name, Own(forward), expected
    yield "doubling", nn.Sequential(Doubling(784, 16), nn.ReLU(), nn.Linear(16, 10)), BACK
    yield "parallel", nn.DataParallel(_row()), BACK
    yield "compiled", torch.compile(_row(), backend="eager"), BACK
    yield "shared", _shared(), BACK
    yield "two names", _alias(), BACK
    yield "tied", _tied(), BACK
    yield "stale weight norm", _stale_norm(), NO_WAY_BACK
    yield "stale mask", _stale_mask(), NO_WAY_BACK
    for make in (parametrizations.weight_norm, parametrizations.spectral_norm):
        yield make.__name__, _hooked(lambda row, make=make: make(row[0])), NO_WAY_BACK
    yield "hook", _hooked(lambda row: row[0].register_forward_hook(lambda *_: None)), "hooks"
    yield "hook of all", _hooked(lambda row: row.register_forward_pre_hook(print)), "hooks"
    yield "lazy", nn.Sequential(nn.LazyLinear(16), nn.LazyLinear(10)), "no weights yet"
    yield "meta", _row().to("meta"), "meta device"


def found(module: Any, expected: str) -> str:
    """Return what is wrong of a module; nothing if it is as expected."""
    pixels = torch.rand(50, 784)
    modes = [part.training for part in module.modules()]
    try:
        network = Network.from_torch(module, pixels="unit")
    except ValueError as error:
        return "" if expected in str(error) else f"refused: {error}"
    if modes != [part.training for part in module.modules()]:
        return "is left in another mode"
    module.eval()

    def miss(one: Any, other: Network) -> float:
        with torch.no_grad():
            return float(np.abs(one(pixels).numpy() - other.forward(pixels.numpy()).outputs).max())

    if miss(module, network) > EQUAL:
        return f"{miss(module, network):.2g} off"
    changed = edited(network)
    try:
        state = changed.to_torch(state_dict=True)
    except ValueError as error:
        return "" if expected == NO_WAY_BACK else f"has no way back: {error}"
    other = copy.deepcopy(module)
    other.load_state_dict(state, strict=True)
    if expected != BACK or miss(other, changed) > EQUAL:
        return f"back: {miss(other, changed):.2g} off; expected: {expected}"
    return ""


def of_state_dicts() -> Iterator[tuple[str, str]]:
    """Yield what is wrong of state dicts whose tensors are tied, or made of others."""
    tied, normed = _tied(), nn.Sequential(parametrizations.weight_norm(nn.Linear(784, 10)))
    for name, module in (("tied", tied), ("weight norm", normed)):
        changed = edited(Network.from_torch(module.state_dict(), pixels="unit", activations=[
            *["relu"] * (len(module) // 2), "identity"]))  # fmt: skip
        module.load_state_dict(changed.to_torch(state_dict=True), strict=True)
        again = Network.from_torch(module.state_dict(), pixels="unit",
                                   activations=list(changed.activations))  # fmt: skip
        pixels = np.random.default_rng(0).random((9, 784), np.float32)
        miss = np.abs(again.forward(pixels).logits - changed.forward(pixels).logits).max()
        yield f"state_dict, {name}", "" if miss < EQUAL else f"{miss:.2g} off"
    for source in (tied, tied.state_dict()):
        network = Network.from_torch(source, pixels="unit")
        apart = network.with_layer(2, weights=network.layers[1].weights + 1)
        try:
            apart.to_torch(state_dict=True)
        except ValueError as error:
            yield (
                "tied, then apart",
                "" if "one of both would be lost" in str(error) else str(error),
            )
        else:
            yield "tied, then apart", "one is lost"


def main() -> int:
    """Try all; say what is wrong."""
    torch.manual_seed(0)
    wrong = 0
    for name, module, expected in cases():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            said = found(module, expected)
        wrong += bool(said)
        print(f"{name}: {said or 'as expected'}")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, said in of_state_dicts():
            wrong += bool(said)
            print(f"{name}: {said or 'as expected'}")
    return min(wrong, 1)
