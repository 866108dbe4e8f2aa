"""Recipes as text: written by hand, exact, short, and with the line of what is wrong."""

from __future__ import annotations

import contextlib
import json
import math
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.experiments.strategies import an_edit
from toolkit.edits import EditError, SetBias, Smooth, Stroke
from toolkit.experiments import Experiment, RecipeError, read_recipe, write_recipe
from toolkit.experiments.recipes import record
from toolkit.formats import save
from toolkit.network import Network

BY_HAND = """\
format = "weight-map-toolkit recipe"
start = "blank"

[[step]]
neuron = "1.3"
weights = 1.5
cells = "3-5:4-20"
bias = -2.5
why = "the top bar"

[[step]]
neuron = "1.4"
paint = '''
rectangle set 2 0:0-1
brush add -0.5 0:1 1:0 @f/8   # softly, and whole
erase erase 0:0
'''

[[step]]
neuron = "2.8"
paint = 'brush set 4 3'

[[save_point]]
name = "the bar"
after = 2
"""


def test_a_person_writes_a_recipe_and_each_line_is_done() -> None:
    experiment = read_recipe(BY_HAND)
    network = experiment.network
    bar = np.zeros((28, 28), np.float32)
    bar[3:6, 4:21] = 1.5
    np.testing.assert_array_equal(network.layer(1).weights[3].reshape(28, 28), bar)
    assert network.layer(1).biases[3] == -2.5
    painted = network.layer(1).weights[4]
    np.testing.assert_array_equal(painted[[0, 1, 28]], [0, 1.75, -0.5])
    assert np.count_nonzero(painted) == 2
    assert network.layer(2).weights[8, 3] == 4
    assert [step.why for step in experiment.steps] == [
        "the top bar", "the top bar", "", "softly, and whole", "", "",
    ]  # fmt: skip
    (point,) = experiment.save_points
    assert point.network == experiment.network_at(2)
    assert read_recipe(write_recipe(experiment)).network == network


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("-2.5", '"x"', "line 8: step 1: bias: expected a number; got 'x'"),
        ("3-5:4-20", "3-28:4-20", "line 7: step 1: cells: rows: expected .* 0 to 27; got 3-28"),
        ("why =", "wy =", "line 9: step 1: wy: there is no such part of weights; it has cells"),
        ('"1.3"', "1.3", "line 5: step 1: neuron: expected layer.index in quotes"),
        ('"1.4"', '"1.99"', "line 12: step 2: neuron: expected 1.0 to 1.15; got 1.99"),
        ("set 2", "sat 2", "line 14: step 2: paint: expected set, add, .* after the tool; got 'sa"),
        ("add -0.5", "add much", "line 15: step 2: paint: expected a strength"),
        ("@f/8", "@f", "line 15: step 2: paint: expected bytes as base64 after @"),
        ("0:0\n'", "0:0 0:0\n'", "line 16: step 2: paint: expected each cell once"),
        ("set 4 3", "set 4 16", "line 21: step 3: paint: weights: expected .* 0 to 15; got 16"),
        ("after = 2", "after = 99", "line 25: save point 1 after: expected 0 to 6, the edits"),
        ('"blank"', '"blanc"', "line 2: start: expected a 'network', or an 'origin' of .*blanc"),
        ("start =", "begin =", "line 2: begin: there is no such part of a recipe; it has format"),
        ('start = "blank"', "", "start: expected a network to start from, such as .* got nothing"),
        ("weights = 1.5\n", "", "line 6: step 1: cells: there is no such part of bias"),
        ("weights = 1.5", "weights = 1.5\nactivation = 'relu'", "line 7: step 1: activation: a st"),
        ('"1.4"', '"9.4"', "line 12: step 2: layer: expected 1 to 3; got 9"),
        ("-2.5", "-2.5\nsomewhere = 1", "line 9: step 1: somewhere: there is no such part"),
        ("-2.5", "-2.5\nkind = []", "line 9: step 1: kind: there is no such part of weights"),
        ("-2.5", "-2.5\nvalues = [3]", "line 9: step 1: values: there is no such part of weights"),
        ("[[step]]\nneuron = \"2", "[[stop]]\nneuron = \"2", "line 19: stop: there is no such"),
        ("bias = -2.5", "bias = -2.5.6", r"at line 8, column 12"),
        ("bias = -2.5", "bias = " + "[" * 9999, "lists in lists without end"),
    ],
)  # fmt: skip
def test_an_error_names_the_line_and_what_is_wrong(old: str, new: str, message: str) -> None:
    assert old in BY_HAND
    with pytest.raises(RecipeError, match=message):
        read_recipe(BY_HAND.replace(old, new, 1))


STAMPS = """\
format = "weight-map-toolkit recipe"
start = "blank"

[[step]]
neuron = "1.3"
stamp = "edge"
at = [8, 14]
length = 12
mode = "blend"
amount = 0.5
bias = -3

[[step]]
several = "two, and what rides along"
edits = [
  { neuron = "1.4", stamp = "line", at = [5, 14], bias = -2, name = "top" },
  { neuron = "1.5", stamp = "ring", at = [9, 14] }, { neuron = "1.6", stamp = "blob" },
]

[[step]]
layer = 2
column = 3
neurons = [1]
values = [2.5]

[[step]]
neuron = "2.1"
stroke = "brush"
cells = "3"
keep = 1
put = 1
"""


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("edge", "egde", "line 6: step 1: stamp: expected one of edge, .*, picture; got 'egde'"),
        ('"edge"', "7", "line 6: step 1: stamp: expected one of"),
        ("[8, 14]", "[8]", "line 7: step 1: at: expected row and column; got 1"),
        ("[8, 14]", '[8, "x"]', "line 7: step 1: at: expected a number from -1000 to 1000; got 'x"),
        ("12", "1e9", "line 8: step 1: length: expected a number from 0.1 to 1000"),
        ("length", "height", "line 8: step 1: height: a stamp of shape edge has none"),
        ("blend", "mix", "line 9: step 1: mode: expected one of add, replace, blend"),
        ("0.5", "2", "line 10: step 1: amount: expected a number from 0 to 1; got 2"),
        ("-3", '"x"', "line 11: step 1: bias: expected a number"),
        ("bias", 'move = "flip"\nbias', "line 11: step 1: move: a step does one thing; .* stamp"),
        ('"1.3"', '"2.3"', "line 5: step 1: layer: expected 1, .*; got 2"),
        ('"line"', '"lien"', "line 16: step 2: edits: 1 of 3: stamp: expected .*; got 'lien'"),
        ("-2", '"x"', "line 16: step 2: edits: 1 of 3: bias: expected a number"),
        ('"top"', '"1.2"', "line 16: step 2: edits: 1 of 3: name: 1.2 is how"),
        ("[9, 14]", "[9]", "line 17: step 2: edits: 2 of 3: at: expected row and column"),
        ("1.5", "1.55", "line 17: step 2: edits: 2 of 3: neuron: expected 1.0 to 1.15"),
        ("1.6", "1.66", "line 17: step 2: edits: 3 of 3: neuron: expected 1.0 to 1.15"),
        ("column = 3", "column = 33", "line 22: step 3: column: expected 0 to 15; got 33"),
        ("column = 3", "column = 'x'", "line 22: step 3: column: expected a whole number"),
        ('"brush"', "7", "line 28: step 4: stroke: expected"),
        ("put = 1", "put = 'x'", "line 31: step 4: put: expected"),
    ],
)  # fmt: skip
def test_an_error_inside_a_stamp_and_among_several_names_its_line(
    old: str, new: str, message: str
) -> None:
    assert old in STAMPS and len(read_recipe(STAMPS).steps) == 5
    with pytest.raises(RecipeError, match=message):
        read_recipe(STAMPS.replace(old, new, 1))


def test_lines_are_counted_through_texts_and_lists_of_many_lines() -> None:
    text = BY_HAND + (
        '\n[[step]]\nwhy = """\n[[step]]\nbias = "no" \\"""\n"""\nlayer = 2\ncolumn = [ # [\n'
        "  '''\n]''', \"]\",\n]\n[[ 'step' ]]\n\"neuron\" = '1.1'\nbias = 'x'\n"
    )
    line = text.split("\n").index("bias = 'x'") + 1
    text = text.replace("column = [", "activation = 'relu'\nwhat = [")
    with pytest.raises(RecipeError, match="step 4: what: there is no such part of activation"):
        read_recipe(text)
    text = text.replace(
        "activation = 'relu'\nwhat = [ # [\n  '''\n]''', \"]\",\n]\n", "activation = 'relu'\n"
    )
    with pytest.raises(RecipeError, match=f"line {line - 3}: step 5: bias: expected a number"):
        read_recipe(text)


def test_a_start_may_be_a_file_beside_the_recipe_and_nowhere_else(tmp_path: Path) -> None:
    network = Network.random((784, 5, 10), seed=3)
    save(network, tmp_path / "mine.npz")
    (tmp_path / "inner").mkdir()
    text = BY_HAND.split("\n[[step]]")[0].replace('"blank"', '"mine.npz"')
    assert read_recipe(text, beside=tmp_path).network == network
    elsewhere = str(tmp_path / "mine.npz")
    for start, folder in (
        ("mine.npz", None), ("../mine.npz", tmp_path / "inner"), (elsewhere, tmp_path),
    ):  # fmt: skip
        with pytest.raises(RecipeError, match="start: expected a 'network'"):
            read_recipe(text.replace("mine.npz", start), beside=folder)


def _covered(rng: random.Random) -> np.ndarray:
    """Cover what a brush of the page would: a rectangle, or a soft line, in 256ths."""
    cover = np.zeros((28, 28), np.float32)
    (top, left), (bottom, right) = ((rng.uniform(2, 26), rng.uniform(2, 26)) for _ in range(2))
    if rng.random() < 0.6:
        rows, columns = sorted((int(top), int(bottom))), sorted((int(left), int(right)))
        cover[rows[0] : rows[1] + 1, columns[0] : columns[1] + 1] = 1
        return cover
    row, column = np.mgrid[:28, :28] + 0.5
    for t in np.linspace(0, 1, 30):
        away = np.hypot(row - top - t * (bottom - top), column - left - t * (right - left))
        soft = np.where(away < 1.5, 0.5 + 0.5 * np.cos(math.pi * away / 1.5), 0)
        cover = np.maximum(cover, (np.round(soft * 256) / 256).astype(np.float32))
    return cover


def session(steps: int = 460) -> Experiment:
    """Return what somebody paints who makes a reader of digits with rectangles and brushes."""
    rng = random.Random(8)
    experiment = Experiment(Network.blank(), origin="blank", name="mine", digits="mnist")
    while len(experiment.steps) < steps:
        strength = rng.choice((-1, 1)) * rng.choice((0.1, 0.25, 0.35, 1.0, 1.5))
        match rng.randrange(8):
            case 0:
                experiment.apply(SetBias(rng.choice((1, 2)), rng.randrange(10), strength * 3))
            case 1:
                one = ((rng.randrange(16),), (0.0,), (strength * 2,))
                experiment.apply(Stroke(2, rng.randrange(10), *one))
            case kind:
                cover = _covered(rng).ravel().astype(float)
                cells = np.flatnonzero(cover)
                share = cover[cells]
                where = (1, rng.randrange(16), tuple(cells.tolist()))
                if kind == 2:
                    experiment.apply(Smooth(*where, tuple(share.tolist()), 28))
                    continue
                keep = 1 - share if kind < 5 else 1 + 0 * share
                put = share * strength + 0
                if kind == 7:
                    keep, put = 1 + share * (abs(strength) - 1), 0 * share
                experiment.apply(Stroke(*where, tuple(keep.tolist()), tuple(put.tolist())))
    return experiment


def test_a_painted_session_is_short_and_exact() -> None:
    experiment = session()
    text = write_recipe(experiment)
    again = read_recipe(text)
    assert [step.edit for step in again.steps] == [step.edit for step in experiment.steps]
    assert again.network.checksum == experiment.network.checksum
    assert "\nstroke = " not in text, "every stroke is a line"
    assert len(text) < 50_000 < 300_000 < len(json.dumps(experiment.recipe(), indent=1))


@given(st.integers(0, 1 << 30))
@settings(deadline=None, max_examples=6)
def test_fifty_edits_of_every_kind_undo_and_come_back_from_a_recipe_bit_for_bit(seed: int) -> None:
    rng = random.Random(seed)
    experiment = Experiment(Network.random((784, 5, 4, 10), seed=seed % 7), origin="file")
    seen = [experiment.network.checksum]
    while len(experiment.steps) < 50:
        edit = an_edit(rng, experiment.network)
        with contextlib.suppress(EditError):  # a name may be another's by then
            seen.append(experiment.apply(edit, why=rng.choice(("", "a try"))).checksum)
    again = read_recipe(write_recipe(experiment))
    assert [step.edit for step in again.steps] == [step.edit for step in experiment.steps]
    assert [step.why for step in again.steps] == [step.why for step in experiment.steps]
    assert again.network.names == experiment.network.names
    for known in reversed(seen):
        assert again.network.checksum == known
        again.undo()


def test_a_stroke_that_no_brush_paints_is_kept_to_the_last_bit() -> None:
    experiment = Experiment(Network.blank(), origin="blank")
    odd = [
        Stroke(1, 3, (5, 2), (0.1, math.pi), (1e-300, -0.0)),
        Stroke(1, 3, (2,), (1.0,), (1 / 3,)),
        Stroke(1, 3, (2, 3), (1 - 1 / 256, 0.0), (0.7 / 256, 0.7), "ünlike \\ brush"),
        Stroke(1, 3, (), (), ()),
        Smooth(1, 3, (2, 3), (0.123, 1.0), 14),
    ]
    for edit in odd:
        experiment.apply(edit)
    again = read_recipe(write_recipe(experiment))
    assert [repr(step.edit) for step in again.steps] == [repr(edit) for edit in odd]


@pytest.mark.parametrize(
    ("bound", "most", "message"),
    [
        ("MOST_EDITS", 3, "step: expected at most 3 edits; got 4"),
        ("_MOST_CELLS", 9, "line 7: step 1: expected strokes of at most 9 weights in all"),
        ("_MOST_POINTS", 1, "save_point: expected at most 1 save points; got 2"),
    ],
)
def test_what_would_take_for_ever_is_refused_in_words(
    monkeypatch: pytest.MonkeyPatch, bound: str, most: int, message: str
) -> None:
    text = (
        'format = "weight-map-toolkit recipe"\nstart = "blank"\n'
        "[[step]]\nneuron = '1.0'\npaint = '''\nb set 1 0-4\nb set 1 0-4\n'''\n"
        "[[step]]\nneuron = '1.0'\nbias = 1\nname = 'c'\n"
        "[[save_point]]\nname = 'a'\nafter = 1\n[[save_point]]\nname = 'b'\nafter = 1\n"
    )
    whole = read_recipe(text)
    assert len(whole.steps) == 4
    monkeypatch.setattr(record, bound, most)
    with pytest.raises(RecipeError, match=message):
        read_recipe(text)
    if bound != "MOST_EDITS":
        with pytest.raises(RecipeError, match=message.removeprefix("line 7: step 1: ")):
            read_recipe(json.dumps(whole.recipe()))
    monkeypatch.undo()
    again = read_recipe(json.dumps(whole.recipe()))
    assert [point.name for point in again.save_points] == ["a", "b"]


def test_a_key_of_parts_without_end_is_refused_with_its_line() -> None:
    text = 'format = "weight-map-toolkit recipe"\nstart = "blank"\n[[step]]\n'
    for key in (".".join("a" * 60_000), " . ".join(["'b'", '""'] * 50), f"[{'a.' * 70}b]"):
        with pytest.raises(RecipeError, match="line 4: recipe: expected names of at most 64 parts"):
            read_recipe(f"{text}{key} = 1\n")
    why = "Up. Down. Left. Right. 1.0 and 1.1, ..., 1.15"
    assert read_recipe(f"{text}neuron = '1.0'\nbias = 1\nwhy = '{why}'\n").steps[0].why == why
