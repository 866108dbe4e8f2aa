"""How sure networks are of noise, with and without weight decay: a table of the README.

``python -m tests.benchmarks.noise``; with ``TOOLKIT_TEST_MNIST`` on MNIST, else on drawn digits.
"""

from __future__ import annotations

import os

import numpy as np

from toolkit import open_digits
from toolkit.analysis.whole import nonsense, unlit_weights
from toolkit.network import Network
from toolkit.training import train

EPOCHS = 10


def main() -> None:
    """Print how often each is at least 80% sure of noise, as trained and without unlit weights."""
    source = os.environ.get("TOOLKIT_TEST_MNIST", "drawn")
    learned, shown = open_digits(source, "train"), open_digits(source)
    dark = learned.brightest == 0
    print("activation  decay  read right  80% sure of noise  ... unlit weights at 0  unlit share")
    for activation, output in (("sigmoid", "sigmoid"), ("relu", "softmax")):
        for decay in (0.0, 0.05):
            start = Network.random((784, 16, 16, 10), (activation, activation, output), seed=0)
            network = train(
                start, learned, epochs=EPOCHS, weight_decay=decay, validation=None
            ).network
            right = np.mean(network.forward(shown.images).predictions == shown.labels)
            blank = np.where(dark, 0, network.layer(1).weights)
            sure = [
                nonsense(each, shown.images)[0].sure
                for each in (network, network.with_layer(1, weights=blank))
            ]
            share = float(np.mean(unlit_weights(network, dark).share))
            print(f"{activation:<10}  {decay:5}  {right:10.2%}  {sure[0]:17.1%}  {sure[1]:21.1%}  "
                  f"{share:11.1%}", flush=True)  # fmt: skip


if __name__ == "__main__":
    main()
