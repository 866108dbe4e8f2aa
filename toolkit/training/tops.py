"""The layers above some that are held, trained on what those give.

Each feature is brought to mean 0 and spread 1, which the weights above could do as
well, so that few epochs suffice; sigmoid neurons are trained as tanh, which computes
the same (see :mod:`toolkit.training.plans`).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from toolkit.digits.digitset import DigitSet
from toolkit.network import Float, Layer, Network
from toolkit.training.backpropagation import CROSS_ENTROPY_OUTPUTS
from toolkit.training.batches import Batches
from toolkit.training.plans import with_sigmoid
from toolkit.training.steps import Descent, flatten, rates, rebuild

BATCH, RATE = 100, 0.03
_DECAY = 0.02
_EPOCHS, _STEPS = 20, 2000  # by default at least so many
_FEW_EPOCHS, _FEW_RATE, _FEW_DIGITS = 2, 0.01, 5000  # to get used to one feature less
_CHUNK = 1000  # digits at a time: float32 pixels of them all would be four times as large
_STILL = 1e-5  # spread of a feature that says the same of every digit


def features(network: Network, digits: DigitSet) -> Iterator[Float]:
    """Give each hidden layer's activations over the digits, shape (n, size), and the logits."""
    sizes = network.sizes[1:]
    found = [np.empty((len(digits), size), np.float32) for size in sizes]
    for at in range(0, len(digits), _CHUNK):
        part = slice(at, at + _CHUNK)
        trace = network.forward(np.divide(digits.pixels[part], 255, dtype=np.float32))
        for into, values in zip(found, (*trace.activations[:-1], trace.logits), strict=True):
            into[part] = values
    yield from found


class Top:
    """The layers above some that are held, on their way.

    Parameters
    ----------
    network : Network
        Whose shape and activation functions they have.
    held : int
        How many layers are held, from the first.
    output : str
        The last one's activation function, in place of the network's own.
    seed : int
        For where they start, and for the order of the digits.
    learned : ndarray of float32, shape (n, inputs)
        Features that mean and spread are taken from.
    """

    def __init__(self, network: Network, held: int, output: str, seed: int, learned: Float) -> None:
        self.names = network.activations[held:]
        hidden = ["tanh" if each == "sigmoid" else each for each in self.names[:-1]]
        self.network = Network.random(network.sizes[held:], (*hidden, output), seed=seed)
        self.flat = flatten(self.network)
        self.seed = seed
        self.loss = "cross-entropy" if output in CROSS_ENTROPY_OUTPUTS else "mse"
        with np.errstate(all="ignore"):
            mean, spread = (f(learned, axis=0, dtype=np.float64) for f in (np.mean, np.std))
            still = ~(np.isfinite(spread) & (spread > _STILL * np.maximum(1, np.abs(mean))))
        # One that says the same of every digit says nothing: zero.
        self.shift = np.where(still, 0, mean)
        self.factor = np.where(still, 0, 1 / np.where(still, 1, spread))

    def scaled(self, values: Float) -> Float:
        """Return features as these layers take them; what is not finite is 0."""
        with np.errstate(all="ignore"):
            found = (values - self.shift) * self.factor
        return np.nan_to_num(found, posinf=0, neginf=0).astype(np.float32)

    @property
    def trained(self) -> Network:
        """The layers as they are trained: on scaled features, tanh in place of sigmoid."""
        return rebuild(self.network, self.flat)

    def layers(self) -> tuple[Layer, ...]:
        """Return the layers that take the features as they are, of the network's own functions."""
        first, *later = self.trained.layers
        weights = first.weights * self.factor
        unscaled = Layer(weights, first.biases - weights @ self.shift, first.activation)
        # Only those that stand in for sigmoids are rewritten: others are tanh by themselves.
        sigmoids = [number for number, name in enumerate(self.names, 1) if name == "sigmoid"]
        made = with_sigmoid(Network((unscaled, *later)), sigmoids)
        return tuple(
            Layer(layer.weights, layer.biases, name)
            for layer, name in zip(made.layers, self.names, strict=True)
        )

    def learn(self, x: Float, wanted: Float, epochs: int | None = None, rate: float = RATE) -> None:
        """Go on from where it is; digits come in the order that the seed says."""
        held = np.zeros(len(self.flat), np.bool_)
        decays = [_DECAY] * len(self.network.layers)
        descent = Descent(self.network, self.flat, held, decays, self.loss, "adamw", None)
        batches = Batches(x, wanted, BATCH)
        if epochs is None:
            epochs = max(_EPOCHS, -(-_STEPS // len(batches)))
        pace = rates("one-cycle", rate, epochs * len(batches))
        rng = np.random.default_rng(self.seed)
        for _ in range(epochs):
            descent.epoch(batches, rng, pace)
        self.flat = descent.current()

    def accuracy(self, y: Float, labels: NDArray[np.uint8]) -> float:
        """Return the share of digits read right."""
        return float(np.mean(self.trained.forward(y).predictions == labels))

    def falls(
        self, x: Float, wanted: Float, y: Float, labels: NDArray[np.uint8]
    ) -> NDArray[np.float64]:
        """Return by how much the accuracy falls without each feature, after a few more epochs."""
        start = self.flat

        def reached(missing: int | None) -> float:
            self.flat = start
            inputs = x[:_FEW_DIGITS].copy(), y.copy()
            if missing is not None:
                for each in inputs:
                    each[:, missing] = 0  # its mean
            self.learn(inputs[0], wanted[:_FEW_DIGITS], _FEW_EPOCHS, _FEW_RATE)
            return self.accuracy(inputs[1], labels)

        with_all = reached(None)
        found = np.array([with_all - reached(each) for each in range(x.shape[1])])
        self.flat = start
        return found
