from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.edits import (
    Edit,
    EditError,
    ReplaceLayers,
    SetActivation,
    SetBias,
    SetWeights,
    from_dict,
    replace_map,
    reset,
)
from toolkit.history import History, replay
from toolkit.network import ACTIVATIONS, Layer, Network

SIZES = (6, 4, 3)
NETWORK = Network.random(SIZES, seed=1)
finite = st.floats(-(2.0**100), 2.0**100, width=32)


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    layer = draw(st.integers(1, 2))
    neuron = draw(st.integers(0, SIZES[layer] - 1))
    match draw(st.sampled_from(["weights", "bias", "activation", "reset"])):
        case "weights":
            cells = draw(st.lists(st.integers(0, SIZES[layer - 1] - 1), unique=True))
            values = draw(st.lists(finite, min_size=len(cells), max_size=len(cells)))
            return SetWeights(layer, neuron, tuple(cells), tuple(values))
        case "bias":
            return SetBias(layer, neuron, draw(finite))
        case "activation":
            return SetActivation(layer, draw(st.sampled_from(list(ACTIVATIONS))))
        case _:
            return reset(NETWORK, Network.random(SIZES, seed=2), layer, neuron)


@given(edits())
def test_an_edit_and_its_inverse_give_the_same_bits(edit: Edit) -> None:
    assert edit.inverse(NETWORK).apply(edit.apply(NETWORK)) == NETWORK


@given(edits())
def test_an_edit_survives_as_json(edit: Edit) -> None:
    again = from_dict(json.loads(json.dumps(edit.to_dict())))
    assert again.apply(NETWORK) == edit.apply(NETWORK)


@given(st.lists(edits(), max_size=8), st.data())
def test_history_is_the_same_network_however_one_gets_there(
    steps: list[Edit], data: st.DataObject
) -> None:
    history, seen = History(NETWORK), [NETWORK]
    seen.extend(history.apply(step) for step in steps)
    for cursor in data.draw(st.lists(st.integers(0, len(steps)), max_size=6)):
        assert history.jump(cursor) == seen[cursor]
        assert replay(NETWORK, history.recipe()["edits"]).network == seen[cursor]


def test_an_edit_shares_what_it_did_not_touch_and_leaves_the_old_network_alone() -> None:
    before = NETWORK.layer(1).weights.copy()
    after = SetWeights(1, 2, (0, 5), (7, -7)).apply(NETWORK)
    np.testing.assert_array_equal(NETWORK.layer(1).weights, before)
    np.testing.assert_array_equal(after.layer(1).weights[2, [0, 5]], [7, -7])
    assert after.layer(2) is NETWORK.layer(2)
    assert after.layer(1).biases is NETWORK.layer(1).biases
    with pytest.raises(ValueError, match="read-only"):
        after.layer(1).weights[0, 0] = 1


def test_a_new_edit_after_undo_drops_what_was_undone() -> None:
    history = History(NETWORK)
    for value in (1, 2, 3):
        history.apply(SetBias(1, 0, value))
    history.undo()
    history.undo()
    history.apply(SetBias(1, 0, 9))
    assert [step.name for step in history.steps] == ["bias of 1.0 to 1", "bias of 1.0 to 9"]
    assert not history.can_redo
    assert history.redo().layer(1).biases[0] == 9


def test_undo_restores_weights_that_no_edit_may_set() -> None:
    broken = NETWORK.with_layer(1, weights=np.full((4, 6), np.nan))
    history = History(broken)
    history.apply(SetWeights(1, 0, (0,), (1.0,)))
    assert history.undo().checksum == broken.checksum


@pytest.mark.parametrize(
    ("edit", "message"),
    [
        (lambda: SetWeights(1, 0, (0, 0), (1, 2)), "cells: expected each once"),
        (lambda: SetWeights(1, 0, (0,), (1, 2)), "values: expected 1"),
        (lambda: SetWeights(1, 0, (0,), (float("nan"),)), "finite"),
        (lambda: SetWeights(1, 0, (0,), (1e300,)), "finite number of float32"),
        (lambda: SetWeights(1, 0, (6,), (1,)).apply(NETWORK), "cells: expected 0 to 5; got 6"),
        (lambda: SetWeights(1, 4, (0,), (1,)).apply(NETWORK), "expected 1.0 to 1.3; got 1.4"),
        (lambda: SetBias(3, 0, 1).apply(NETWORK), "layer: expected 1 to 2; got 3"),
        (lambda: SetBias(1, 0, "x"), "bias: expected a number; got 'x'"),
        (lambda: SetActivation(1, "swish"), "expected one of sigmoid"),
        (lambda: replace_map(NETWORK, 1, 0, [1, 2]), "values: expected 6"),
        (lambda: History(NETWORK).jump(1), "step: expected 0 to 0; got 1"),
        (lambda: reset(NETWORK, Network.blank((6, 5, 3)), None, None), "expected sizes"),
        (
            lambda: ReplaceLayers({1: Layer(np.zeros((1, 1)), [0])}, "x").apply(NETWORK),
            "layer 1: expected weights of shape",
        ),
        (lambda: replay(NETWORK, [SetBias(1, 0, 1), SetBias(1, 9, 1)]), "edit 2: neuron"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_by_name(edit: object, message: str) -> None:
    with pytest.raises(EditError, match=message):
        edit()  # type: ignore[operator]


@pytest.mark.parametrize(
    "record",
    [
        None,
        [],
        {},
        {"kind": "weights"},
        {"kind": "weights", "layer": 1, "neuron": 0, "cells": "12", "values": [1, 2]},
        {"kind": "weights", "layer": 1, "neuron": 0, "cells": [True], "values": [1]},
        {"kind": "weights", "layer": "1", "neuron": 0, "cells": [], "values": []},
        {"kind": "bias", "layer": 1, "neuron": 0, "value": None},
        {"kind": "bias", "layer": 1, "neuron": 0, "value": 10**400},
        {"kind": "activation", "layer": 1, "activation": ["relu"]},
        {"kind": "layers", "layers": [1]},
        {"kind": "layers", "layers": {"x": {}}},
        {"kind": "layers", "layers": {"1": {"weights": [[1]], "biases": [1, 2]}}},
        {"kind": "__class__"},
    ],
)  # fmt: skip
def test_a_record_that_is_no_edit_is_refused(record: object) -> None:
    with pytest.raises(EditError):
        from_dict(record)
