"""Leads: no winner of the shared arithmetic leads by less, however a network came to be so."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from toolkit.digits import DigitSet, generate
from toolkit.edits import Edit, SetBias, SetWeights
from toolkit.network import ACTIVATIONS, Layer, Network
from toolkit.scoring import Scorer, resolving
from toolkit.scoring.sums import ExactSums

DIGITS = generate(150, seed=7)
NAMES = [*ACTIVATIONS, "leaky_relu(-0.5)", "leaky_relu(3)", "elu(-2)", "elu(4)"]
RISING = ["sigmoid", "softmax", "identity", "relu"]


def outputs(network: Network, digits: DigitSet = DIGITS) -> NDArray[Any]:
    sums, rows = ExactSums(digits, network.sizes[1]), np.arange(network.sizes[1])
    sums.update(network.layers[0], rows)
    return resolving.outputs(network.layers, sums.z(network.layers[0], rows))


def check_leads(scorer: Scorer, network: Network) -> None:
    """Assert that each winner leads all that are not the same output by what is kept of it."""
    exact, (won, lead) = outputs(network), scorer._leads.arrays
    mine = np.take_along_axis(exact, won[None].astype(int), axis=0)[0]
    others = exact.copy()
    others[won, np.arange(len(won))] = -np.inf
    assert (mine - others.max(axis=0) >= np.where(lead > 0, lead, -np.inf)).all()
    np.testing.assert_array_equal(won, exact.argmax(axis=0))


def an_edit(data: st.DataObject, network: Network) -> Edit:
    layer = data.draw(st.sampled_from([1, 1, 1, *range(2, len(network.layers) + 1)]))
    into, size = network.sizes[layer - 1 : layer + 1]
    neuron = data.draw(st.integers(0, size - 1))
    rng = np.random.default_rng(data.draw(st.integers(0, 99)))
    much = data.draw(st.sampled_from([0.01, 0.3, 3.0]))
    if data.draw(st.booleans()):
        return SetBias(
            layer, neuron, float(network.layer(layer).biases[neuron] + rng.normal(0, much))
        )
    cells = rng.choice(into, min(into, 15), replace=False)
    values = network.layer(layer).weights[neuron, cells] + rng.normal(0, much, len(cells))
    return SetWeights(layer, neuron, tuple(cells.tolist()), tuple(values.tolist()))


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_no_winner_leads_by_less_than_is_kept(data: st.DataObject) -> None:
    sizes = data.draw(st.sampled_from([(784, 8, 10), (784, 7, 6, 10), (784, 6, 5, 4, 7)]))
    count = len(sizes) - 2
    names = data.draw(st.lists(st.sampled_from(NAMES), min_size=count, max_size=count))
    names.append(data.draw(st.sampled_from(RISING)))
    network = Network.random(sizes, names, seed=data.draw(st.integers(0, 5)))
    scorer, seen = Scorer(DIGITS), [network]
    for _ in range(data.draw(st.integers(2, 8))):
        scorer.update(network)
        check_leads(scorer, network)
        if data.draw(st.integers(0, 4)) == 0:
            network = data.draw(st.sampled_from(seen))
        else:
            network = an_edit(data, network).apply(network)
        seen.append(network)


def decided(monkeypatch: pytest.MonkeyPatch, scorer: Scorer, network: Network) -> int:
    """Update, and return how many digits were decided anew."""
    kept, seen = scorer._pass, []
    assert kept is not None
    run = type(kept).run

    def counted(self: Any, *given: Any) -> Any:
        for part, z, off in run(self, *given):
            seen.append(z.shape[1])
            yield part, z, off

    with monkeypatch.context() as patched:
        patched.setattr(type(kept), "run", counted)
        scorer.update(network)
    return sum(seen)


def test_a_gentle_edit_decides_few_digits_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    first = np.zeros((2, 784), np.float32)
    first[0, 300:500] = first[1, 100:300] = 1
    layers = [Layer(first, np.float32([0, 0]), "relu"), Layer(np.eye(2), [0, 0], "identity")]
    network = Network(tuple(layers))
    scorer = Scorer(DIGITS)
    scorer.update(network)
    apart = np.abs(np.subtract(*outputs(network)))
    # A bias of the last layer: those that lead by less than that.
    nudged = SetBias(2, 1, 0.5).apply(network)
    assert decided(monkeypatch, scorer, nudged) == (apart < 0.5001).sum()
    scorer = Scorer(DIGITS)
    scorer.update(network)
    # On one cell: those with ink there, of which enough.
    stroke = SetWeights(1, 0, (350,), (3.0,)).apply(network)
    moved = 2.0 * DIGITS.images[:, 350]
    lost = np.where(outputs(network)[0] > outputs(network)[1], 0, moved)
    assert decided(monkeypatch, scorer, stroke) == (lost >= apart - 1e-4).sum() > 0
    same = SetWeights(1, 0, (0,), (9.0,)).apply(stroke)
    assert DIGITS.images[:, 0].max() == 0
    assert (
        decided(monkeypatch, scorer, same) <= (np.abs(np.subtract(*outputs(stroke))) < 1e-4).sum()
    )


def test_twins_keep_leads_of_their_own() -> None:
    network = Network.random((784, 8, 6, 10), seed=1)
    scorer = Scorer(DIGITS)
    scorer.update(network)
    twin = scorer.fork()
    one, two = (SetBias(1, k, 2.0).apply(network) for k in (0, 1))
    twin.update(one)
    scorer.update(two)
    check_leads(twin, one)
    check_leads(scorer, two)
