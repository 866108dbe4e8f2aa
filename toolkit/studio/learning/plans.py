"""How a training that is watched is to run, as a page asks for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from toolkit.network import Network
from toolkit.training.backpropagation import CROSS_ENTROPY_OUTPUTS

VALIDATION = 0.1
"""Of the training digits, set aside to see by how well it reads; no test digit is used."""
MOST_EPOCHS, FEWEST_DIGITS, MOST_DIGITS = 100, 100, 60_000
MOST_BATCH = 10_000
MOST_WORK = 400_000_000_000
"""Weights × digits × epochs, some minutes of computing."""
MOST_SEED = 1 << 53
ACTIVATIONS = ("as it is", "sigmoid", "relu", "tanh", "leaky_relu", "elu", "gelu", "silu",
               "softplus", "hard_sigmoid")  # fmt: skip
STARTS = ("fresh", "now")
_RANGES = {"rate": (1e-6, 10.0), "decay": (0.0, 10.0)}


@dataclass(frozen=True)
class Plan:
    """What a person chose.

    Attributes
    ----------
    begin : {"fresh", "now"}
        Random weights of the network's shape, or the network as it is.
    seed, epochs, batch, count : int
        Of the random weights and the order; passes; digits to a step; training digits.
    rate, decay : float
        As :func:`toolkit.training.train` takes them.
    activation : str
        One of :data:`ACTIVATIONS`, of the hidden layers.
    verdicts : bool
        Whether these are worked out too.
    work : float
        Weights × digits × epochs.
    """

    begin: str
    seed: int
    epochs: int
    batch: int
    count: int
    rate: float
    decay: float
    activation: str
    verdicts: bool
    work: float

    @property
    def label(self) -> str:
        """What it is called in a history."""
        return f"trained, rate {self.rate:g}, decay {self.decay:g}"

    def said(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    def start(self, network: Network) -> Network:
        """Return the network that it begins with."""
        activations = list(network.activations)
        if self.activation != "as it is":
            activations[:-1] = [self.activation] * (len(activations) - 1)
        if self.begin == "now":
            for number, activation in enumerate(activations, 1):
                network = network.with_layer(number, activation=activation)
            return network
        if self.activation != "as it is":
            activations[-1] = "sigmoid" if self.activation == "sigmoid" else "softmax"
        fresh = Network.random(network.sizes, activations, self.seed, f"random {self.seed}")
        for number, layer in enumerate(network.layers, 1):
            fresh = fresh.with_layer(number, grid=layer.grid)
        return fresh

    def told(self, start: Network) -> dict[str, Any]:
        """Return what :func:`toolkit.training.watch` takes."""
        known = start.activations[-1] in CROSS_ENTROPY_OUTPUTS
        return {
            "epochs": self.epochs,
            "batch_size": self.batch,
            "rate": self.rate,
            "weight_decay": self.decay,
            "loss": "cross-entropy" if known else "mse",
            "validation": VALIDATION,
            "seed": self.seed,
        }


def plan_of(asked: Mapping[str, Any], network: Network) -> Plan:
    """Return what a page asks for, checked.

    Parameters
    ----------
    asked : mapping
        The fields of a :class:`Plan` but for its work; each may be left out.
    network : Network

    Raises
    ------
    ValueError
        If a value does not fit, or so much would take too long.
    """
    epochs = _whole(asked, "epochs", 20, 1, MOST_EPOCHS)
    count = _whole(asked, "count", MOST_DIGITS, FEWEST_DIGITS, MOST_DIGITS)
    work = float(network.parameters) * count * epochs
    if work > MOST_WORK:
        raise ValueError("epochs: expected fewer, or fewer digits; this network takes too long")
    return Plan(
        _choice(asked, "begin", STARTS),
        _whole(asked, "seed", 1, 0, MOST_SEED),
        epochs,
        _whole(asked, "batch", 100, 1, MOST_BATCH),
        count,
        _number(asked, "rate", 0.01),
        _number(asked, "decay", 0.05),
        _choice(asked, "activation", ACTIVATIONS),
        asked.get("verdicts", True) is True,
        work,
    )


def _choice(asked: Mapping[str, Any], what: str, choices: tuple[str, ...]) -> str:
    value = asked.get(what, choices[0])
    if value not in choices:
        raise ValueError(f"{what}: expected one of {', '.join(choices)}; got {value!r:.40}")
    return str(value)


def _whole(asked: Mapping[str, Any], what: str, usual: int, least: int, most: int) -> int:
    value = asked.get(what, usual)
    if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
        raise ValueError(
            f"{what}: expected a whole number from {least:,} to {most:,}; got {value!r:.40}"
        )
    return value


def _number(asked: Mapping[str, Any], what: str, usual: float) -> float:
    value, (least, most) = asked.get(what, usual), _RANGES[what]
    # No whole number is too large to be compared, though many are to be a float.
    if isinstance(value, bool) or not isinstance(value, int | float) or value != value:
        raise ValueError(f"{what}: expected a number; got {value!r:.40}")
    if not least <= value <= most:
        raise ValueError(f"{what}: expected {least:g} to {most:g}; got {value!r:.40}")
    return float(value)
