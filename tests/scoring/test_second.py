"""A wide network's second layer: corrected stroke after stroke, summed anew before it is worn."""

from __future__ import annotations

import numpy as np

from toolkit.digits import generate
from toolkit.edits import SetWeights
from toolkit.network import Layer, Network
from toolkit.scoring import Scorer, resolving
from toolkit.scoring.bounds import Sizes
from toolkit.scoring.second import Second
from toolkit.scoring.sums import ExactSums

DIGITS = generate(60, seed=3)


def stroke(network: Network, rng: np.random.Generator) -> Network:
    cells = tuple(rng.choice(784, 21, replace=False).tolist())
    row = int(rng.integers(network.sizes[1]))
    return SetWeights(1, row, cells, tuple(rng.normal(size=21).tolist())).apply(network)


def test_a_correction_worked_by_hand() -> None:
    layer = Layer(np.ones((1, 64), np.float32), [2.0], "identity")
    second, below = Second(64, 1, 1), np.ones((64, 1), np.float32)
    space, most = np.empty((1, 1), np.float32), np.ones(64)
    second.all_anew(Sizes(layer), most)
    with second:
        assert second.brought_up(layer, slice(0, 1), below, space).tolist() == [[66]]
    fresh = second.off[0]
    below[3] = 5
    delta = np.full((1, 1), 4, np.float32)
    second.follow(Sizes(layer), np.empty(0, int), np.array([3]), delta, (most, below[:, 0] + 0.0))
    assert second.loose
    # Its own rounding is at most that of a sum of 70, and of a change of at most 6.
    assert 70 * 2**-24 < second.off[0] - fresh < 120 * 2**-24
    with second:
        assert second.brought_up(layer, slice(0, 1), below, space).tolist() == [[70]]


def test_after_very_many_strokes_as_after_none() -> None:
    network, rng = Network.random((784, 66, 12, 10), "relu", seed=2), np.random.default_rng(0)
    scorer, offs = Scorer(DIGITS), []
    for _ in range(400):
        network = stroke(network, rng)
        scorer.update(network)
        assert scorer._pass is not None
        second = scorer._pass.second
        assert second is not None
        offs.append(second.off.max())
        exact = network.layer(2).weights.astype(float) @ scorer._pass.a(network.layers, 0)
        exact += network.layer(2).biases[:, None]
        if len(offs) % 50 == 0:
            assert (np.abs(second.z - exact) <= second.off[:, None]).all()
            assert np.abs(second.z - exact).max() > 0
    anew = np.flatnonzero(np.diff(offs) < 0)
    assert 1 <= len(anew) < 8
    assert scorer.score is not None
    sums, rows = ExactSums(DIGITS, 66), np.arange(66)
    sums.update(network.layers[0], rows)
    won = resolving.resolve(network.layers, sums.z(network.layers[0], rows))
    np.testing.assert_array_equal(scorer.score.predictions, won)
    # What is handed out is that of a full pass.
    fresh = Scorer(DIGITS)
    fresh.update(network)
    for ours, theirs in zip(scorer.responses.activations, fresh.responses.activations, strict=True):
        np.testing.assert_array_equal(ours.view(np.uint32), theirs.view(np.uint32))
