"""A few networks trained with PyTorch, which most files of the zoo share."""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tests.formats.zoo.pictures import TRANSFORMS, inputs

MODULES: dict[str, Any] = {
    "relu": nn.ReLU,
    "sigmoid": nn.Sigmoid,
    "tanh": nn.Tanh,
    "gelu": nn.GELU,
    "gelu_tanh": lambda: nn.GELU("tanh"),
    "elu": nn.ELU,
    "leaky_relu": nn.LeakyReLU,
    "leaky_relu(0.2)": lambda: nn.LeakyReLU(0.2),
    "elu(0.5)": lambda: nn.ELU(0.5),
    "silu": nn.SiLU,
    "softplus": nn.Softplus,
    "hard_sigmoid": nn.Hardsigmoid,
    "identity": nn.Identity,
}


@dataclass(frozen=True)
class Trained:
    """A network as PyTorch trained it, and what it was fed."""

    sizes: tuple[int, ...]
    activation: str
    transform: str
    model: nn.Sequential
    inputs: str = "mnist"

    @property
    def state(self) -> dict[str, torch.Tensor]:
        return self.model.state_dict()

    @property
    def linears(self) -> list[nn.Linear]:
        return [each for each in self.model if isinstance(each, nn.Linear)]

    @property
    def weights(self) -> list[NDArray[np.float32]]:
        """Weights (out, in) of each layer."""
        return [each.weight.detach().numpy() for each in self.linears]

    @property
    def biases(self) -> list[NDArray[np.float32]]:
        return [each.bias.detach().numpy() for each in self.linears if each.bias is not None]

    @property
    def fed(self) -> NDArray[np.float32]:
        """What it is fed for the zoo's digits."""
        scale, shift = TRANSFORMS[self.transform]
        fed: NDArray[np.float32] = (inputs(self.inputs)[0] * scale + shift).astype(np.float32)
        return fed

    @property
    def logits(self) -> NDArray[np.float64]:
        """What PyTorch gives for the zoo's digits."""
        return run(self.model, self.fed)


def run(model: nn.Module, fed: Any) -> NDArray[np.float64]:
    """Return a model's outputs at rest, in double precision whatever it is kept in."""
    model = model.eval()
    kept = next(iter(model.parameters())).dtype
    with torch.no_grad():
        out = model.double()(torch.from_numpy(np.asarray(fed, np.float64))).numpy()
    model.to(kept)
    return out


def sequential(sizes: tuple[int, ...], activation: str, bias: bool = True) -> nn.Sequential:
    """Return linear layers with an activation module between each two."""
    modules: list[nn.Module] = []
    for into, out in itertools.pairwise(sizes):
        modules += [nn.Linear(into, out, bias=bias), MODULES[activation]()]
    return nn.Sequential(*modules[:-1])


def fit(
    model: nn.Module, images: Any, labels: Any, *, epochs: int = 3, seed: int = 0, loss: Any = None
) -> None:
    """Train a little with Adam."""
    images, labels = torch.from_numpy(np.asarray(images, np.float32)), torch.from_numpy(labels)
    generator = torch.Generator().manual_seed(seed)
    adam, loss = torch.optim.Adam(model.parameters(), 0.003), loss or nn.CrossEntropyLoss()
    model.train()
    for _ in range(epochs):
        for some in torch.randperm(len(images), generator=generator).split(100):
            adam.zero_grad()
            loss(model(images[some]), labels[some]).backward()
            adam.step()
    model.eval()


def _squares(outputs: Any, labels: Any) -> Any:
    return ((torch.sigmoid(outputs) - nn.functional.one_hot(labels, outputs.shape[1])) ** 2).mean()


@cache
def trained(
    sizes: tuple[int, ...] = (784, 16, 16, 10),
    activation: str = "relu",
    transform: str = "unit",
    seed: int = 0,
    kind: str = "mnist",
    bias: bool = True,
    squares: bool = False,
) -> Trained:
    """Return a network, trained the first time that it is asked for and kept in the zoo."""
    torch.manual_seed(seed)
    model = sequential(sizes, activation, bias)
    name = f"{'-'.join(map(str, sizes))} {activation} {transform} {seed} {kind} {bias} {squares}"
    kept = Path(os.environ["ZOO"]) / "trained" / f"{name}.pt"
    if kept.exists():
        model.load_state_dict(torch.load(kept))
    else:
        scale, shift = TRANSFORMS[transform]
        images, labels = inputs(kind, "train")
        some = labels < sizes[-1]
        epochs = 30 if kind == "eight" else 20 if squares else 3
        fit(model, images[some] * scale + shift, labels[some], epochs=epochs, seed=seed,
            loss=_squares if squares else None)  # fmt: skip
        kept.parent.mkdir(parents=True, exist_ok=True)
        torch.save(model.state_dict(), kept)
    net = Trained(sizes, activation, transform, model.eval(), kind)
    if not kept.with_suffix(".npz").exists():
        np.savez(kept.with_suffix(".npz"), net.logits, *net.weights, *net.biases)
    return net
