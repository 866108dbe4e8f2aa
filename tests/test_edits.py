from __future__ import annotations

import copy
import json
import math
import pickle
import random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.experiments.strategies import an_edit
from toolkit.edits import (
    Combine,
    Edit,
    EditError,
    NameNeuron,
    ReplaceLayers,
    SetActivation,
    SetBias,
    SetWeights,
    Several,
    Smooth,
    Stroke,
    from_dict,
    replace_map,
    reset,
)
from toolkit.network import ACTIVATIONS, Layer, Network

SIZES = (6, 4, 3)
NETWORK = Network.random(SIZES, seed=1)
finite = st.floats(-(2.0**100), 2.0**100, width=32)
doubles = st.floats(allow_nan=False, allow_infinity=False)
WILD = NETWORK.with_layer(
    1, weights=[[np.nan, np.inf, -np.inf, 3e38, -0.0, 1e-45]] * 3 + [[1, 2, 3, 4, 5, 6]]
)


@st.composite
def edits(draw: st.DrawFn) -> Edit:
    layer = draw(st.integers(1, 2))
    neuron = draw(st.integers(0, SIZES[layer] - 1))
    kinds = ["weights", "stroke", "smooth", "bias", "activation", "reset", "other"]
    cells = draw(st.lists(st.integers(0, SIZES[layer - 1] - 1), unique=True))
    each = st.lists(doubles, min_size=len(cells), max_size=len(cells))
    match draw(st.sampled_from(kinds)):
        case "other":  # of every kind
            return an_edit(random.Random(draw(st.integers(0, 1 << 30))), NETWORK)
        case "stroke":
            same = draw(st.booleans())
            keep, put = ([draw(doubles)] * len(cells) if same else draw(each) for _ in range(2))
            return Stroke(layer, neuron, tuple(cells), tuple(keep), tuple(put), "line")
        case "smooth":
            columns = draw(st.integers(1, SIZES[layer - 1]))
            return Smooth(layer, neuron, tuple(cells), tuple(draw(each)), columns)
        case "weights":
            values = draw(st.lists(finite, min_size=len(cells), max_size=len(cells)))
            return SetWeights(layer, neuron, tuple(cells), tuple(values))
        case "bias":
            return SetBias(layer, neuron, draw(finite))
        case "activation":
            return SetActivation(
                layer, draw(st.sampled_from([*ACTIVATIONS, "elu(0.5)", "elu(0.50)"]))
            )
        case _:
            return reset(NETWORK, Network.random(SIZES, seed=2), layer, neuron)


def layers_record(weights: object) -> dict[str, Any]:
    part = {"weights": weights, "biases": [1], "activation": "relu"}
    return {"kind": "layers", "layers": {"1": part}}


@given(edits(), st.sampled_from([NETWORK, WILD]))
def test_an_edit_and_its_inverse_give_the_same_bits(edit: Edit, network: Network) -> None:
    assert edit.inverse(network).apply(edit.apply(network)).checksum == network.checksum


@given(edits(), st.sampled_from([NETWORK, WILD]))
def test_an_edit_and_its_inverse_survive_as_json(edit: Edit, network: Network) -> None:
    for each in (edit, edit.inverse(network)):
        text = json.dumps(each.to_dict(), allow_nan=False)
        again = from_dict(json.loads(text))
        assert again == each
        assert json.dumps(again.to_dict()) == text
        assert again.apply(network).checksum == each.apply(network).checksum
        assert again.name == each.name


@given(edits())
def test_an_edit_can_be_pickled_and_copied(edit: Edit) -> None:
    for again in (pickle.loads(pickle.dumps(edit)), copy.deepcopy(edit)):
        assert again == edit
        assert again.apply(NETWORK) == edit.apply(NETWORK)


@given(edits(), st.sampled_from([NETWORK, WILD]))
def test_brushes_do_the_arithmetic_one_step_after_another(edit: Edit, network: Network) -> None:
    """The same sums in plain Python, whose every operation is rounded by itself."""
    if not isinstance(edit, Stroke | Smooth):
        return
    row = network.layer(edit.layer).weights[edit.neuron]
    after = edit.apply(network).layer(edit.layer).weights[edit.neuron]
    expected = row.copy()
    with np.errstate(all="ignore"):
        for number, cell in enumerate(edit.cells):
            old = float(row[cell])
            old = old if math.isfinite(old) else 0.0
            if isinstance(edit, Stroke):
                new = np.float32(edit.keep[number] * old + edit.put[number])
            else:
                r, c = divmod(cell, edit.columns)
                total, count = 0.0, 0
                for y in (r - 1, r, r + 1):
                    for x in (c - 1, c, c + 1):
                        at = y * edit.columns + x
                        if y >= 0 and 0 <= x < edit.columns and at < len(row):
                            total, count = total + float(row[at]), count + 1
                new = np.float32(old + edit.amounts[number] * (total / count - old))
            expected[cell] = new if np.isfinite(new) else np.float32(old)
    assert after.tobytes() == expected.tobytes()


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from([10**400, -(10**400), 2**53 + 1, "\ud800", b"x", {1, 2}, object()]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)  # fmt: skip


@given(edits(), junk, st.randoms(use_true_random=False))
def test_an_edit_with_a_part_of_junk_is_an_edit_or_refused(
    edit: Edit, part: object, rng: Any
) -> None:
    """Nothing that may come from outside ends in another error."""
    record = json.loads(json.dumps(edit.to_dict()))
    where: Any = record
    while True:
        key = rng.choice(list(where) if isinstance(where, dict) else range(len(where)))
        if isinstance(where[key], dict | list) and where[key] and rng.random() < 0.6:
            where = where[key]
            continue
        where[key] = part
        break
    try:
        read = from_dict(record)
        after = read.apply(NETWORK)
        assert read.inverse(NETWORK).apply(after).checksum == NETWORK.checksum
        assert isinstance(read.name, str)
        json.dumps(read.to_dict(), allow_nan=False)
    except EditError as error:
        assert 0 < len(str(error)) < 500


def test_a_stroke_on_numbers_worked_by_hand() -> None:
    network = Network.blank((4, 1)).with_layer(1, weights=[[2, -1, 0.5, np.nan]])
    stroke = Stroke(1, 0, (0, 1, 2, 3), (1, 0.5, 0, 7), (0.25, 1, -3, 4))
    np.testing.assert_array_equal(stroke.apply(network).layer(1).weights, [[2.25, 0.5, -3, 4]])
    # 3e38 twice is beyond float32: the cell stays; a NaN that would become infinite becomes 0.
    huge = network.with_layer(1, weights=[[3e38, 1, np.nan, np.inf]])
    after = Stroke(1, 0, (0, 2, 3), (2, 1, 1), (0, 1e300, 1)).apply(huge)
    np.testing.assert_array_equal(after.layer(1).weights, np.float32([[3e38, 1, 0, 1]]))


def test_smoothing_on_numbers_worked_by_hand() -> None:
    """A grid of 3 columns whose last row has one cell: 1 2 3 / 4 5 6 / 7."""
    network = Network.blank((7, 1)).with_layer(1, weights=[[1, 2, 3, 4, 5, 6, 7]])
    after = Smooth(1, 0, (0, 4, 6), (1, 0.5, 1), 3).apply(network)
    # Cell 0: (1+2+4+5)/4; cell 4: 5 + ((1+...+7)/7 - 5)/2; cell 6: (4+5+7)/3, all from before.
    expected = np.float32([[3, 2, 3, 4, 4.5, 6, 16 / 3]])
    np.testing.assert_array_equal(after.layer(1).weights, expected)
    broken = network.with_layer(1, weights=[[np.nan, 2, 3, 4, 5, 6, 7]])
    after = Smooth(1, 0, (0, 1, 5), (1, 1, 1), 3).apply(broken)
    # A NaN spreads nowhere: where the mean is none, the cell stays, itself counted as 0.
    np.testing.assert_array_equal(after.layer(1).weights, np.float32([[0, 2, 3, 4, 5, 4, 7]]))


def test_one_number_stands_for_all() -> None:
    record = {"kind": "stroke", "layer": 1, "neuron": 0, "cells": [0, 5], "keep": 1, "put": 0.1}
    edit = from_dict(record)
    assert edit == Stroke(1, 0, (0, 5), (1, 1), (0.1, 0.1))
    assert edit.to_dict() == {**record, "tool": "brush"}
    assert Stroke(1, 0, (0, 5), (1, 1), (0.0, -0.0)).to_dict()["put"] == [0.0, -0.0]
    smooth = {"kind": "smooth", "layer": 1, "neuron": 0, "cells": [2], "amounts": 1, "columns": 3}
    assert from_dict(smooth).to_dict() == {**smooth, "tool": "smooth"}


def test_layers_are_read_from_lists_too_and_keep_every_bit_of_a_nan() -> None:
    part = {"weights": [[1, 2], [3, 4]], "biases": [0.5, 1], "activation": "relu"}
    edit = from_dict({"kind": "layers", "layers": {"1": part}})
    after = edit.apply(Network.blank((2, 2))).layer(1)
    np.testing.assert_array_equal(after.weights, [[1, 2], [3, 4]])
    strange = np.array([[0x7FC12345, 0xFFC00001]], np.uint32).view(np.float32)
    edit = ReplaceLayers({1: Layer(strange, [0.0])}, "x")
    again = from_dict(json.loads(json.dumps(edit.to_dict())))
    assert isinstance(again, ReplaceLayers)
    assert again.layers[1].weights.tobytes() == strange.tobytes()


def test_replaced_layers_say_what_did_it_and_recipes_of_before_do_not_miss_it() -> None:
    edit = ReplaceLayers({1: NETWORK.layer(1)}, "fit all but 1.3", "fit")
    record = json.loads(json.dumps(edit.to_dict()))
    assert record["by"] == "fit"
    assert from_dict(record) == edit
    del record["by"]
    again = from_dict(record)
    assert again == ReplaceLayers({1: NETWORK.layer(1)}, "fit all but 1.3")
    assert again != edit
    assert "by" not in again.to_dict()
    assert isinstance(reset(NETWORK, NETWORK, 1, None), ReplaceLayers)
    assert reset(NETWORK, NETWORK, 1, None).to_dict()["by"] == "reset"
    with pytest.raises(EditError, match="by: expected text; got 3"):
        ReplaceLayers({1: NETWORK.layer(1)}, "x", 3)  # type: ignore[arg-type]


def test_an_edit_shares_what_it_did_not_touch_and_leaves_the_old_network_alone() -> None:
    before = NETWORK.layer(1).weights.copy()
    after = SetWeights(1, 2, (0, 5), (7, -7)).apply(NETWORK)
    np.testing.assert_array_equal(NETWORK.layer(1).weights, before)
    np.testing.assert_array_equal(after.layer(1).weights[2, [0, 5]], [7, -7])
    assert after.layer(2) is NETWORK.layer(2)
    assert after.layer(1).biases is NETWORK.layer(1).biases
    with pytest.raises(ValueError, match="read-only"):
        after.layer(1).weights[0, 0] = 1


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
        (lambda: Stroke(1, 0, (0, 1), (1,), (1, 1)), "keep: expected 2, one for each cell; got 1"),
        (lambda: Stroke(1, 0, (0,), (math.nan,), (1,)), "keep: expected a finite number; got nan"),
        (lambda: Stroke(1, 0, (0,), (1,), (10**400,)), "put: expected a finite number; got"),
        (lambda: Stroke(1, 0, (6,), (1,), (1,)).apply(NETWORK), "cells: expected 0 to 5; got 6"),
        (lambda: Stroke(1, 0, (-1,), (1,), (1,)).apply(NETWORK), "cells: expected 0 to 5; got -1"),
        (lambda: Smooth(1, 0, (0,), (1,), 0).apply(NETWORK), "columns: expected 1 to 6; got 0"),
        (lambda: Smooth(1, 0, (0,), (1,), 7).apply(NETWORK), "columns: expected 1 to 6; got 7"),
        (lambda: SetBias(10**5000, 0, 1), "layer: expected a whole number within"),
        (lambda: SetWeights(1, 0, (10**5000,), (1,)), "cells: expected a whole number within"),
        (lambda: SetBias(1, 0, 10**5000), "bias: .* a whole number of 16,610"),
        (lambda: reset(NETWORK, Network.blank((6, 5, 3)), None, None), "expected sizes"),
        (
            lambda: ReplaceLayers({1: Layer(np.zeros((1, 1)), [0])}, "x").apply(NETWORK),
            "layer 1: expected weights of shape",
        ),
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
        {"kind": ["bias"]},
        {"kind": "weights", "layer": 1, "neuron": 0, "cells": [0], "values": 1},
        {"kind": "weights", "layer": 1, "neuron": 0, "cells": [0], "values": [1], "tool": 7},
        {"kind": "weights", "layer": 10**5000, "neuron": 0, "cells": [0], "values": [1]},
        {"kind": "stroke", "layer": 1, "neuron": 0, "cells": [0], "keep": [1]},
        {"kind": "stroke", "layer": 1, "neuron": 0, "cells": [0], "keep": True, "put": 1},
        {"kind": "stroke", "layer": 1, "neuron": 0, "cells": [0], "keep": "1", "put": 1},
        {"kind": "stroke", "layer": 1, "neuron": 0, "cells": [0, 0], "keep": 1, "put": 1},
        {"kind": "stroke", "layer": 1, "neuron": 0, "cells": [0.0], "keep": 1, "put": 1},
        {"kind": "stroke", "layer": 1, "neuron": 0, "cells": {"0": 1}, "keep": 1, "put": 1},
        {"kind": "stroke", "layer": 1, "neuron": 0, "cells": 3, "keep": 1, "put": 1},
        {"kind": "stroke", "layer": 1, "neuron": 0, "cells": [0], "keep": [[1]], "put": 1},
        {"kind": "smooth", "layer": 1, "neuron": 0, "cells": [0], "amounts": 1, "columns": 2.0},
        {"kind": "smooth", "layer": 1, "neuron": 0, "cells": [0], "amounts": 1},
        layers_record([["1"]]),
        layers_record([[1e300]]),
        layers_record([[1], [1, 2]]),
        layers_record([[10**5000]]),
        layers_record({"float32": "AAAA", "shape": [1, 1]}),
        layers_record({"float32": "é", "shape": [1, 1]}),
        layers_record({"float32": "", "shape": [-1, 0]}),
        layers_record({"float32": "", "shape": [0, 1 << 60]}),
        layers_record({"float32": "", "shape": 3}),
        layers_record({"float32": b"", "shape": [1, 1]}),
    ],
)  # fmt: skip
def test_a_record_that_is_no_edit_is_refused(record: object) -> None:
    with pytest.raises(EditError):
        from_dict(record)


def test_several_edits_are_one_step_and_none_is_made_if_one_does_not_fit() -> None:
    first, second = SetBias(1, 0, 2.5), SetWeights(1, 0, (0, 1), (3.0, 4.0))
    both = Several((first, second), "a start")
    after = both.apply(WILD)
    assert after == second.apply(first.apply(WILD))
    assert both.inverse(WILD).apply(after) == WILD
    assert from_dict(json.loads(json.dumps(both.to_dict()))) == both
    with pytest.raises(EditError, match="edit 2 of 2: neuron"):
        Several((first, SetBias(1, 99, 1.0))).apply(NETWORK)
    with pytest.raises(EditError, match="single"):
        Several((both,))
    with pytest.raises(EditError, match="several in several"):
        from_dict({"kind": "several", "edits": [both.to_dict()]})
    with pytest.raises(EditError, match="1 to 2,048"):
        Several((first,) * 2049)


def test_what_undoes_several_edits_holds_each_neuron_once_however_often_it_was_changed() -> None:
    copies = Several(tuple(Combine("copy", 1, k % 3, 3, True) for k in range(200)), "copies")
    undo = copies.inverse(WILD)
    assert undo.apply(copies.apply(WILD)) == WILD
    assert len(json.dumps(undo.to_dict())) < 2000
    nothing = Several((SetBias(1, 0, float(NETWORK.layer(1).biases[0])),))
    assert nothing.inverse(NETWORK).apply(NETWORK) == NETWORK
    named = Several((NameNeuron(1, 0, "a"), NameNeuron(1, 1, "b"), Combine("swap", 1, 0, 1)))
    before = NameNeuron(1, 2, "c").apply(NETWORK)
    after = Several((NameNeuron(1, 2, ""), NameNeuron(1, 0, "c"), SetActivation(2, "relu")))
    for edit in (named, after):
        back = edit.inverse(before).apply(edit.apply(before))
        assert back == before
        assert back.names == before.names
        assert from_dict(json.loads(json.dumps(edit.inverse(before).to_dict()))).apply(
            edit.apply(before)
        ) == before  # fmt: skip


def test_so_many_neurons_as_one_step_may_rename_may_be_called_what_they_were_again() -> None:
    wide = Network.blank((4, 1200, 10))
    first, then = (Several(tuple(NameNeuron(1, k, f"{what}{k}") for k in range(1200)))
                   for what in "ab")  # fmt: skip
    before = first.apply(wide)
    after, back = then.made(before)
    assert after.names[1, 7] == "b7"
    assert from_dict(json.loads(json.dumps(back.to_dict()))).apply(after).names == before.names


def test_so_many_edits_on_a_wide_network_that_others_would_wait_are_refused() -> None:
    wide = Network.blank((784, 512, 512, 10))
    many = Several((Combine("copy", 1, 0, 1, True),) * 200)
    with pytest.raises(EditError, match="fewer at once"):
        many.apply(wide)
    light = Several(tuple(SetBias(1, k, 1.0) for k in range(512)))
    assert light.apply(wide).layer(1).biases.tolist() == [1.0] * 512


def test_a_step_s_name_tells_which_weights_and_what_they_became() -> None:
    names = [
        SetWeights(2, 3, (5,), (-0.4,), "matrix").name,
        SetWeights(1, 0, (1, 2), (0.5, 0.5)).name,
        SetWeights(1, 0, (1, 2), (0.5, 0.25)).name,
        Stroke(3, 9, (15,), (1,), (0.1,), "key").name,
        Stroke(1, 3, (406,), (0,), (1.25,)).name,
        Stroke(1, 3, (1, 2, 3), (1,) * 3, (-0.9,) * 3, "line").name,
        Stroke(1, 3, (1, 2), (0.5, 1), (0, 0.5)).name,
    ]
    assert names == [
        "matrix on 2.3, from 1.5 to −0.4",
        "set on 1.0, 2 weights to 0.5",
        "set on 1.0, 2 weights",
        "key on 3.9, from 2.15 +0.1",
        "brush on 1.3, pixel 406 to 1.25",
        "line on 1.3, 3 weights −0.9",
        "brush on 1.3, 2 weights",
    ]
