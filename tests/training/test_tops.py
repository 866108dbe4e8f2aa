"""The layers above some that are held."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from toolkit.network import Network
from toolkit.training.tops import Top


@pytest.mark.parametrize("hidden", [*product(("sigmoid", "tanh", "relu"), repeat=2)])
def test_the_layers_handed_out_compute_what_was_trained(hidden: tuple[str, str]) -> None:
    rng = np.random.default_rng(3)
    features = rng.normal(2, 3, (60, 5)).astype(np.float32)
    wanted = np.eye(4, dtype=np.float32)[np.arange(60) % 4]
    whole = Network.random((9, 5, 7, 6, 4), ("sigmoid", *hidden, "softmax"), seed=1)
    top = Top(whole, 1, "softmax", 0, features)
    top.learn(top.scaled(features), wanted, epochs=30)
    layers = top.layers()
    assert [each.activation for each in layers] == [*hidden, "softmax"]
    trained = top.trained.forward(top.scaled(features)).outputs
    assert trained.std() > 0.05
    np.testing.assert_allclose(Network(layers).forward(features).outputs, trained, atol=1e-4)
