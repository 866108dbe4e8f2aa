"""An experiment by itself: steps with a cursor, save points, forks, recipes."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.experiments.strategies import (
    BROKEN,
    NETWORK,
    ODD_NAMES,
    SIZES,
    alike,
    an_edit,
    edits,
)
from toolkit.edits import (
    Combine,
    Edit,
    EditError,
    NameNeuron,
    SetBias,
    SetWeights,
    Several,
    from_dict,
    reset,
)
from toolkit.experiments import (
    Experiment,
    RecipeError,
    Step,
    check_id,
    read_recipe,
    replay,
    write_recipe,
)
from toolkit.network import Network
from toolkit.shipped import open_network


@given(st.lists(edits, max_size=8), st.data())
def test_the_network_is_the_same_however_one_gets_there(
    steps: list[Edit], data: st.DataObject
) -> None:
    experiment, seen = Experiment(NETWORK), [NETWORK]
    seen.extend(experiment.apply(step) for step in steps)
    for cursor in data.draw(st.lists(st.integers(0, len(steps)), max_size=6)):
        assert experiment.jump(cursor) == seen[cursor]
        assert experiment.can_undo == (cursor > 0)
        assert experiment.can_redo == (cursor < len(steps))
        again = replay(NETWORK, [step.edit.to_dict() for step in experiment.steps[:cursor]])
        assert again.network == seen[cursor]


def test_a_new_edit_after_undo_drops_what_was_undone() -> None:
    experiment = Experiment(NETWORK)
    for value in (1, 2, 3):
        experiment.apply(SetBias(1, 0, value))
    experiment.undo()
    experiment.undo()
    experiment.apply(SetBias(1, 0, 9))
    assert [step.name for step in experiment.steps] == ["bias of 1.0 to 1", "bias of 1.0 to 9"]
    assert not experiment.can_redo
    assert experiment.redo().layer(1).biases[0] == 9


def test_undo_restores_weights_that_no_edit_may_set() -> None:
    experiment = Experiment(BROKEN)
    experiment.apply(SetWeights(1, 0, (0,), (1.0,)))
    assert experiment.undo().checksum == BROKEN.checksum


def test_a_jump_over_a_thousand_steps_is_the_same_network() -> None:
    rng, experiment, seen = random.Random(4), Experiment(NETWORK), [NETWORK.checksum]
    seen += [experiment.apply(an_edit(rng, experiment.network)).checksum for _ in range(1000)]
    assert sorted(experiment.landmarks) == [0, 200, 400, 600, 800, 1000]
    for cursor in (0, 999, 1, 201, 200, 199, 550, 1000):
        assert experiment.jump(cursor).checksum == seen[cursor]
    experiment.jump(450)
    experiment.apply(SetBias(1, 0, 7))
    assert sorted(experiment.landmarks) == [0, 200, 400]
    assert experiment.network_at(300).checksum == seen[300]


def test_names_come_back_with_the_weights_that_they_were_given_to() -> None:
    start = replace(Network.random(SIZES, seed=1), names={(1, 0): "start", (2, 1): "above"})
    experiment = Experiment(start, origin="file")
    experiment.apply(NameNeuron(1, 2, "top"))
    point = experiment.add_save_point("p").network
    experiment.apply(Combine("swap", 1, 0, 2, True))
    assert experiment.network.names == {(1, 2): "start", (1, 0): "top", (2, 1): "above"}
    swapped = experiment.network
    for back in (lambda: experiment.restore("p"), lambda: experiment.restore("p")):
        back()
        assert experiment.network == point and experiment.network.names == point.names
    assert len(experiment.steps) == 3, "what is there already is no step"
    experiment.apply(NameNeuron(1, 0, ""))
    experiment.restore("p")
    assert experiment.network.names == point.names, "names alone come back, too"
    again = read_recipe(write_recipe(experiment))
    assert [step.edit for step in again.steps] == [step.edit for step in experiment.steps]
    assert again.network.names == point.names
    experiment.jump(2)
    assert experiment.network.names == swapped.names and experiment.network == swapped
    for layer, neuron, names in (
        (1, 2, {(1, 0): "top", (2, 1): "above"}),
        (1, None, start.names),
        (None, None, start.names),
    ):
        edit = reset(swapped, start, layer, neuron)
        after = edit.apply(swapped)
        assert after.names == names
        before = edit.inverse(swapped).apply(after)
        assert before == swapped and before.names == swapped.names
    named = NameNeuron(2, 1, "").apply(start)
    assert reset(named, start, 2, 1).apply(named).names == start.names
    assert "names" not in reset(start, start, 1, 0).to_dict(), "as it always was"


def test_a_save_point_whose_names_no_step_gives_any_more_keeps_them_in_a_recipe() -> None:
    experiment = Experiment(Network.blank(SIZES), origin="file")
    experiment.apply(NameNeuron(1, 0, "top"))
    experiment.add_save_point("p")
    experiment.undo()
    experiment.apply(NameNeuron(1, 0, "bottom"))
    (point,) = read_recipe(write_recipe(experiment)).save_points
    assert point.network.names == {(1, 0): "top"}


@pytest.mark.parametrize("names", [7, ["1.0"], {"x": "top"}, {"1.99": "top"}, {"1.0": 7}])
def test_names_that_are_none_are_refused(names: object) -> None:
    record = {"kind": "layers", "layers": {}, "label": "back", "names": names}
    with pytest.raises(EditError, match="name"):
        from_dict(record).apply(Network.blank(SIZES))


def test_restoring_a_save_point_is_an_edit_that_can_be_undone() -> None:
    experiment = Experiment(NETWORK)
    then = experiment.apply(SetBias(1, 0, 1))
    experiment.add_save_point("here")
    now = experiment.apply(SetBias(2, 0, 2))
    assert experiment.restore("here", "me") == then
    assert (experiment.steps[-1].name, experiment.steps[-1].client) == ("back to here", "me")
    assert experiment.undo() == now
    experiment.redo()
    count = len(experiment.steps)
    assert experiment.restore("here") == then
    assert len(experiment.steps) == count, "nothing to bring back, no step"


def test_a_fork_leaves_the_old_one_as_it_was() -> None:
    experiment = Experiment(NETWORK, name="a")
    experiment.apply(SetBias(1, 0, 1))
    before = experiment.network, experiment.revision, experiment.changed
    fork = experiment.fork()
    fork.undo()
    fork.apply(SetBias(1, 0, 2))
    fork.rename("b")
    fork.add_save_point("x")
    assert (experiment.network, experiment.revision, experiment.changed) == before
    assert (experiment.name, experiment.save_points, len(experiment.steps)) == ("a", [], 1)
    assert experiment.steps[0].edit == SetBias(1, 0, 1)
    assert fork.id == experiment.id
    assert experiment.copy("c").id != experiment.id


def test_each_change_is_a_revision_and_what_changes_nothing_is_none() -> None:
    experiment = Experiment(NETWORK, name="a", digits="drawn")
    changes = [
        lambda: experiment.apply(SetBias(1, 0, 1)), experiment.undo, experiment.redo,
        lambda: experiment.jump(0), lambda: experiment.rename("b"),
        lambda: experiment.add_save_point("x"), lambda: setattr(experiment, "digits", "mnist"),
    ]  # fmt: skip
    for number, change in enumerate(changes, 1):
        change()
        assert experiment.revision == number
    for nothing in (
        experiment.undo, lambda: experiment.jump(0), lambda: experiment.rename("b"),
        lambda: setattr(experiment, "digits", "mnist"),
    ):  # fmt: skip
        nothing()
        assert experiment.revision == len(changes)


@pytest.mark.parametrize(
    ("action", "message"),
    [
        (lambda e: e.jump(2), "step: expected 0 to 1; got 2"),
        (lambda e: e.jump(-1), "step: expected 0 to 1; got -1"),
        (lambda e: e.jump(10**5000), "step: expected 0 to 1; got a whole number of 16,610 bits"),
        (lambda e: e.jump(True), "step: expected a whole number"),
        (lambda e: e.jump("1"), "step: expected a whole number; got str"),
        (lambda e: e.restore("nowhere"), "there is none called 'nowhere'"),
        (lambda e: e.add_save_point("x"), "expected a name of its own; there is 'x'"),
        (lambda e: e.apply(SetBias(9, 0, 1)), "layer: expected 1 to 2; got 9"),
        (lambda e: replay(NETWORK, [SetBias(1, 0, 1), SetBias(1, 9, 1)]), "edit 2: neuron"),
    ],
)
def test_what_does_not_fit_is_refused_and_changes_nothing(action: Any, message: str) -> None:
    experiment = Experiment(NETWORK)
    experiment.apply(SetBias(1, 0, 1))
    experiment.add_save_point("x")
    before = experiment.revision, experiment.network
    with pytest.raises(EditError, match=message):
        action(experiment)
    assert (experiment.revision, experiment.network) == before


@pytest.mark.parametrize(
    "id", ["", "x" * 32, "A" * 32, "0" * 31, "0" * 32 + "\n", None, 7, "é" * 32]
)
def test_an_id_is_32_hex_digits(id: object) -> None:
    with pytest.raises(ValueError, match="experiment: expected an id of 32 hex digits"):
        check_id(id)
    assert check_id(Experiment(NETWORK).id)


@st.composite
def experiments(draw: st.DrawFn) -> Experiment:
    start = draw(st.sampled_from([NETWORK, BROKEN, Network.blank((64, 8, 10))]))
    rng = random.Random(draw(st.integers(0, 1 << 30)))
    experiment = Experiment(
        start, name=draw(st.sampled_from(ODD_NAMES)), origin="file", digits="drawn"
    )
    for _ in range(draw(st.integers(0, 12))):
        match rng.randrange(6):
            case 0:
                experiment.jump(rng.randint(0, len(experiment.steps)))
            case 1:
                experiment.add_save_point(f"{len(experiment.save_points)} {rng.choice(ODD_NAMES)}")
            case _:
                experiment.apply(an_edit(rng, experiment.network))
                if rng.random() < 0.3:
                    on = rng.choice(["", "drawn", *ODD_NAMES])
                    number = len(experiment.steps)
                    experiment.measured(number, rng.random(), rng.random(), on)
    return experiment


@given(experiments())
@settings(deadline=None, max_examples=50)
def test_a_recipe_brings_the_experiment_back(experiment: Experiment) -> None:
    again = Experiment.from_recipe(json.loads(json.dumps(experiment.recipe(), allow_nan=False)))
    assert alike(again, experiment)
    assert again.id != experiment.id
    assert [step.made for step in again.steps] == [step.made for step in experiment.steps]
    assert [step.on for step in again.steps] == [step.on for step in experiment.steps]
    text = write_recipe(experiment, everything=True)
    assert alike(read_recipe(text), experiment)
    assert alike(read_recipe(text.encode()), experiment)
    assert write_recipe(read_recipe(text), everything=True) == text
    short = write_recipe(experiment)
    in_force = read_recipe(short)
    assert in_force.network == experiment.network
    done = [step.edit for step in experiment.steps[: experiment.cursor]]
    assert [step.edit for step in in_force.steps] == done
    assert write_recipe(in_force) == short


@pytest.mark.parametrize("origin", ["mnist-sigmoid", "blank", "random:7", "random"])
def test_a_start_that_every_toolkit_has_is_named_and_not_copied(origin: str) -> None:
    start = Network.random(seed=7) if origin == "random:7" else open_network(origin)
    experiment = Experiment(start, origin=origin)
    experiment.apply(SetBias(1, 0, 1))
    assert "network" not in experiment.recipe()["start"]
    assert len(write_recipe(experiment)) < 600
    assert alike(Experiment.from_recipe(experiment.recipe()), experiment)


def test_a_start_that_only_calls_itself_so_is_copied() -> None:
    experiment = Experiment(NETWORK, origin="blank")
    assert "network" in experiment.recipe()["start"]
    assert alike(Experiment.from_recipe(experiment.recipe()), experiment)


def test_a_person_writes_a_recipe() -> None:
    text = """{
      "format": "weight-map-toolkit recipe", "version": 1, "start": {"origin": "blank"},
      "edits": [
        {"kind": "bias", "layer": 1, "neuron": 3, "value": -2.5},
        {"kind": "stroke", "layer": 1, "neuron": 3, "cells": [0, 28], "keep": 0, "put": 1}
      ]
    }"""
    network = read_recipe(text).network
    assert network.layer(1).biases[3] == -2.5
    np.testing.assert_array_equal(network.layer(1).weights[3, [0, 1, 28]], [1, 0, 1])


def test_a_start_may_be_given_and_must_be_the_one() -> None:
    experiment = Experiment(NETWORK, origin="mine.npz")
    experiment.apply(SetBias(1, 0, 1))
    record = experiment.recipe()
    del record["start"]["network"]
    with pytest.raises(RecipeError, match="start: expected a 'network', or an 'origin' of"):
        Experiment.from_recipe(record)
    assert Experiment.from_recipe(record, NETWORK).network == experiment.network
    with pytest.raises(RecipeError, match="start: expected the network of checksum"):
        Experiment.from_recipe(record, Network.blank(SIZES))


BARE: dict[str, Any] = {
    "format": "weight-map-toolkit recipe", "version": 1, "start": {"origin": "blank"}, "edits": [],
}  # fmt: skip


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (None, "recipe: expected a JSON object; got NoneType"),
        ([], "recipe: expected a JSON object; got list"),
        ({}, "format: expected 'weight-map-toolkit recipe'; got None"),
        ({**BARE, "format": 7}, "format: expected .*; got 7"),
        ({**BARE, "version": 2}, "version: expected 1; got 2; a newer toolkit may read it"),
        ({**BARE, "version": True}, "version: expected 1; got True"),
        ({**BARE, "version": 10**5000}, "version: expected 1; got a whole number of 16,610 bits"),
        ({**BARE, "start": None}, "start: expected an object"),
        ({**BARE, "start": {}}, "start: expected a 'network', or an 'origin' of"),
        ({**BARE, "start": {"origin": "/etc/passwd"}}, "start: expected a 'network'"),
        ({**BARE, "start": {"origin": "random:-1"}}, "start: expected a 'network'"),
        ({**BARE, "start": {"origin": "random:" + "9" * 5000}}, "start.origin: expected text of"),
        ({**BARE, "start": {"origin": 7}}, "start.origin: expected text"),
        ({**BARE, "start": {"origin": "blank", "checksum": "0"}}, "start: expected the network of"),
        ({**BARE, "start": {"network": "no base64!"}}, "start.network: expected base64"),
        ({**BARE, "start": {"network": "é"}}, "start.network: expected base64"),
        ({**BARE, "start": {"network": "AAAA"}}, "start.network"),
        ({**BARE, "start": {"network": 7}}, "start.network: expected a network's .npz as base64"),
        ({**BARE, "name": 7}, "name: expected text"),
        ({**BARE, "name": "x" * 201}, "name: expected text of at most 200"),
        ({**BARE, "edits": {}}, r"edits: expected a list; got \{\}"),
        ({**BARE, "edits": [7]}, "edit 1 of 1: edit: expected a dict; got int"),
        (
            {**BARE, "edits": [{"kind": "bias", "layer": 1, "neuron": 99, "value": 1}]},
            "edit 1 of 1: neuron: expected 1.0 to 1.15; got 1.99",
        ),
        ({**BARE, "cursor": 1}, "cursor: expected 0 to 0, the edits; got 1"),
        ({**BARE, "cursor": -1}, "cursor: expected a whole number from 0; got -1"),
        ({**BARE, "cursor": 10**5000}, "cursor: expected a whole number"),
        ({**BARE, "save_points": 7}, "save_points: expected a list"),
        ({**BARE, "save_points": [7]}, "save point 1: expected an object"),
        ({**BARE, "save_points": [{"name": "x"}]}, "save point 1: expected a network's .npz"),
    ],
)
def test_what_is_no_recipe_is_refused_in_words(record: object, message: str) -> None:
    with pytest.raises(RecipeError, match=message):
        Experiment.from_recipe(record)


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5)
    | st.sampled_from([10**400, -1, 2**53, "\ud800", b"x", object()]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)  # fmt: skip


@given(junk, st.randoms(use_true_random=False))
@settings(deadline=None)
def test_a_recipe_with_a_part_of_junk_is_a_recipe_or_refused(part: object, rng: Any) -> None:
    experiment = Experiment(NETWORK, name="x", origin="file")
    experiment.apply(SetBias(1, 0, 1))
    experiment.steps[-1].accuracy_before = experiment.steps[-1].accuracy_after = 0.5
    experiment.add_save_point("x")
    where: Any = experiment.recipe()
    record = where
    while True:
        key = rng.choice(list(where) if isinstance(where, dict) else range(len(where)))
        if isinstance(where[key], dict | list) and where[key] and rng.random() < 0.7:
            where = where[key]
            continue
        where[key] = part
        break
    try:
        read = Experiment.from_recipe(record)
        assert alike(read_recipe(write_recipe(read, everything=True)), read)
    except RecipeError as error:
        assert 0 < len(str(error)) < 600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 100_000,
        "a = " + "[" * 100_000,
        "{" + "[" * 100_000,
        "nan",
        b"\xff\xfe\x00",
        "\x00",
        "1" * 9000,
    ],
)
def test_what_is_no_recipe_s_text_is_refused_in_words(text: str | bytes) -> None:
    with pytest.raises(RecipeError):
        read_recipe(text)


@pytest.mark.parametrize("name", ODD_NAMES)
def test_a_name_of_any_letters_is_kept_as_far_as_text_can_be(name: str) -> None:
    experiment = Experiment(NETWORK, name=name)
    expected = name.replace("\ud800", "?").replace("\0", "\ufffd")[:200]
    assert experiment.name == experiment.network.name == expected
    experiment.rename("x")
    experiment.rename(name)
    assert experiment.name == experiment.network.name == expected


@settings(deadline=None, max_examples=6)
@given(st.integers(0, 1 << 30))
def test_fifty_edits_of_every_kind_are_undone_to_the_same_bits_and_survive_a_recipe(
    seed: int,
) -> None:
    rng = random.Random(seed)
    start = rng.choice((NETWORK, BROKEN))
    experiment, seen = Experiment(start), [start.checksum]
    edits = (an_edit(rng, NETWORK) for _ in range(50))
    seen.extend(experiment.apply(edit).checksum for edit in edits)
    as_json = Experiment.from_recipe(json.loads(json.dumps(experiment.recipe())))
    as_text = read_recipe(write_recipe(experiment))
    for again in (as_json, as_text):
        assert [step.edit for step in again.steps] == [step.edit for step in experiment.steps]
        assert again.network.checksum == seen[-1]
    for expected in reversed(seen[:-1]):
        assert experiment.undo().checksum == expected
    for expected in seen[1:]:
        assert experiment.redo().checksum == expected


def test_many_edits_are_written_one_after_another_as_they_would_be_in_one_piece() -> None:
    edit = Several((SetBias(1, 0, 1.5), SetBias(1, 1, -2)), 'two "edits"')
    text, _ = Step(edit, edit, why="to see", on="drawn").texts()
    said = {"why": "to see", "on": "drawn", **edit.to_dict()}
    assert text == json.dumps(said, separators=(",", ":"))
    again = Step(text, text)
    assert (again.edit, again.why, again.on) == (edit, "to see", "drawn")
