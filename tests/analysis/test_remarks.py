"""What stands out in neurons, on networks made to stand out."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.analysis import remarks
from toolkit.network import Layer, Network

X = np.random.default_rng(0).random((500, 4)).astype(np.float32)


def network(weights: object, biases: object, activation: str = "sigmoid") -> Network:
    first = Layer(np.array(weights, float), np.array(biases, float), activation)
    second = Layer(np.ones((3, first.size)) * [[1], [2], [-1]], np.zeros(3))
    return Network((first, second))


def codes(found: Network, **more: object) -> dict[str, str]:
    said = remarks(found, found.forward(X), **more)  # type: ignore[arg-type]
    return {each.name: each.code for each in said}


def test_each_remark_is_made_where_it_holds_and_nowhere_else() -> None:
    made = network(
        [
            [2, 0, 0, 0],  # good
            [0, 0, 0, 0],  # blank
            [0.1, 0, 0, 0],  # far below its threshold
            [0, 1, 0, 0],  # far above
            [0, 0, 900, 0],  # a switch
            [3, 0, 0, 0],  # the first again, in much the same range
            [-2, 0, 0, 0],  # and its opposite
            [0, 0, 0, 2],  # nothing listens to it
        ],
        [-1, 0, -9, 9, -450, -1.5, 1, -1],
    )
    deaf = made.layer(2).weights.copy()
    deaf[:, 7] = 0
    made = made.with_layer(2, weights=deaf)
    assert codes(made) == {
        "1.1": "blank", "1.2": "silent", "1.3": "always", "1.4": "saturated", "1.5": "same",
        "1.6": "opposite", "1.7": "unheard",
    }  # fmt: skip
    assert codes(made, falls={1: [0.0] * 8})["1.0"] == "useless"
    assert "1.0" not in codes(made, falls={1: [0.01] * 8})
    texts = [each.text for each in remarks(made, made.forward(X))]
    assert texts[1] == "1.2 never fires: raise its bias, or its weights where there is ink"
    assert texts[2].startswith("1.3 is at its upper end on 100% of the digits; its strength × 0.3")
    assert texts[4].startswith("1.5 says the same as 1.0 (correlation ")
    assert texts[6].endswith("nothing listens to it: give layer 2 weights from it")


def test_the_factor_takes_a_neuron_off_its_ends_and_it_fires_on_the_same_digits() -> None:
    made = network([[900, 0, 0, 0], [0, 40, 40, 0]], [-450, -20])
    for before in remarks(made, made.forward(X)):
        assert before.factor is not None
        layer, index = made.layer(1), before.neuron
        weights, biases = layer.weights.copy(), layer.biases.copy()
        weights[index] *= before.factor
        biases[index] *= before.factor
        after = made.with_layer(1, weights=weights, biases=biases)
        assert f"1.{index}" not in codes(after)
        fired = [each.forward(X).activations[0][:, index] > 0.5 for each in (made, after)]
        assert np.array_equal(*fired)


def test_a_relu_has_no_upper_end_and_is_silent_only_at_zero() -> None:
    made = network([[50, 0, 0, 0], [1, 0, 0, 0], [0, 1, 0, 0]], [0, -1, -0.5], "relu")
    assert codes(made) == {"1.1": "silent"}


def test_what_is_not_finite_is_passed_over_and_responses_of_others_are_refused() -> None:
    made = network([[np.nan, 0, 0, 0], [0, 1, 0, 0]], [0, 0])
    assert codes(made) == {}
    with pytest.raises(ValueError, match="responses: expected those of"):
        remarks(made, Network.random((4, 3, 3)).forward(X))
    with pytest.raises(ValueError, match="responses: expected those of"):
        remarks(made, made.forward(X[0]))
