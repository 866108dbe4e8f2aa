"""Exercises: what they measure, what solves them, and what is wrong with a file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from toolkit import shipped
from toolkit.edits import PutStamp, ReplaceLayers, SetBias, SetWeights, Several, Stroke, replace_map
from toolkit.exercises import (
    Exercise,
    ExerciseError,
    list_exercises,
    mark,
    names,
    open_exercise,
    read_exercise,
)
from toolkit.exercises import exercise as reading
from toolkit.exercises.pictures import drawn, pictures
from toolkit.experiments import Experiment, read_recipe, write_recipe
from toolkit.grid import Grid
from toolkit.network import Network
from toolkit.stamps import Stamp

GRID = Grid(28, 28)
HUGE = f"0x{'f' * 5000}"
BY_TEACHER = """\
format = "weight-map-toolkit exercise"
title = "Mine"
goal = "Make 1.2 fire for bars."
notice = "It did."
start = "blank"
hints = ["one", "two"]

[[step]]
neuron = "1.2"
bias = -1

[[check]]
measure = "fires"
neuron = "1.2"
of = { bar = "across" }
at_least = 0.5

[[check]]
measure = "steps"
kind = "bias"
at_most = 2
"""


def box(rows: tuple[int, int], columns: tuple[int, int], value: float, neuron: int = 0) -> Stroke:
    """Paint a rectangle, both ends of each span in it, as the page's tool does."""
    cells = [
        28 * r + c for r in range(rows[0], rows[1] + 1) for c in range(columns[0], columns[1] + 1)
    ]
    return Stroke(1, neuron, tuple(cells), (0.0,) * len(cells), (value,) * len(cells), "rectangle")


def solved_by(exercise: Exercise, *edits: object) -> bool:
    experiment = Experiment(exercise.start, origin="x")
    for edit in edits:
        experiment.apply(edit)  # type: ignore[arg-type]
    return mark(exercise, experiment).solved


def row(layer: int, neuron: int, weights: dict[int, float]) -> SetWeights:
    return SetWeights(layer, neuron, tuple(weights), tuple(weights.values()))


def by_class_means() -> Network:
    """Ten class means as templates, passed on one by one."""
    digits, edits = drawn(), []
    for digit in range(10):
        mean = digits.images[digits.labels == digit].mean(axis=0) / 4
        edits += [SetWeights(1, digit, tuple(range(784)), tuple(mean.tolist())),
                  SetBias(1, digit, float(-(mean @ mean) * 2)),
                  row(2, digit, {digit: 8.0}), SetBias(2, digit, -4.0),
                  row(3, digit, {digit: 8.0})]  # fmt: skip
    network = Network.blank()
    for edit in edits:
        network = edit.apply(network)
    return network


SOLUTIONS = {
    "edge": (box((8, 10), (5, 22), 1), box((3, 6), (5, 22), -1), SetBias(1, 0, -9)),
    "one-or-zero": (
        box((5, 23), (12, 16), 1), box((8, 20), (7, 9), -1), box((8, 20), (18, 20), -1),
        SetBias(1, 0, -10),
    ),
    "bias": (SetBias(1, 0, -38),),
    "loop": (row(2, 0, {0: 4, 1: 4, 2: 4, 3: 4, 4: -4}), SetBias(2, 0, -14)),
    "repair": (box((0, 27), (0, 27), 0, neuron=9), SetBias(1, 9, -10)),
    "reader": tuple(
        edit
        for network in (by_class_means(),)
        for number, layer in enumerate(network.layers, 1)
        for neuron in range(10)
        for edit in (
            replace_map(network, number, neuron, layer.weights[neuron].tolist()),
            SetBias(number, neuron, float(layer.biases[neuron])),
        )
    ),
}  # fmt: skip


def test_seven_ship_and_each_says_what_it_is() -> None:
    assert len(names()) == 7
    for exercise in map(open_exercise, names()):
        assert exercise.goal.endswith(".") and exercise.notice.endswith(".")
        assert len(exercise.hints) == 2
        exercise.start.check_neuron(*exercise.select)


@pytest.mark.parametrize("name", names())
def test_neither_a_blank_network_nor_the_start_solves_one(name: str) -> None:
    exercise = open_exercise(name)
    assert not mark(exercise, Experiment(Network.blank(), origin="blank")).solved
    assert not mark(exercise, Network.blank()).solved
    assert not mark(exercise, exercise.begun).solved


@pytest.mark.parametrize("name", SOLUTIONS)
def test_a_solution_by_hand_solves_it(name: str) -> None:
    assert solved_by(open_exercise(name), *SOLUTIONS[name])


@pytest.mark.parametrize("bias", [0, -4, -8, -12])
@pytest.mark.parametrize("columns", [(5, 22), (0, 27)])
def test_who_follows_the_hints_to_an_edge_solves_it(bias: int, columns: tuple[int, int]) -> None:
    edge = open_exercise("edge")
    assert "green band over rows 8 to 10, and a red band over rows 4 to 6" in edge.hints[0]
    assert solved_by(edge, box((8, 10), columns, 1), box((4, 6), columns, -1), SetBias(1, 0, bias))


@pytest.mark.parametrize("name", names())
def test_no_trained_network_that_ships_solves_what_asks_how_it_was_made(name: str) -> None:
    exercise = open_exercise(name)
    asked = {check.measure for check in exercise.checks} & {"steps", "made-of"}
    for source in ("drawn-sigmoid", "mnist-sigmoid"):
        network = shipped.open_network(source)
        found = mark(exercise, network)
        assert not found.solved
        assert not asked or any("hand in its recipe" in each.error for each in found.marks)


@cache
def relabelled() -> Experiment:
    """A trained network as it ships, under strokes, biases and stamps that change no bit of it."""
    trained = shipped.open_network("drawn-sigmoid")
    experiment = Experiment(trained, origin="drawn-sigmoid")
    for number, layer in enumerate(trained.layers, 1):
        cells, one, none = (
            tuple(range(layer.inputs)),
            (1.0,) * layer.inputs,
            (0.0,) * layer.inputs,
        )
        for neuron in range(layer.size):
            experiment.apply(Stroke(number, neuron, cells, one, none))
            experiment.apply(SetBias(number, neuron, float(layer.biases[neuron])))
    for neuron in range(8):
        experiment.apply(PutStamp(1, neuron, Stamp("edge", at=(9.0, 9.0)), "blend", 0))
    return experiment


@pytest.mark.parametrize("name", ["reader", "eight-stamps", "repair"])
def test_steps_on_another_start_show_nothing(name: str) -> None:
    assert relabelled().network == relabelled().start
    assert relabelled().provenance().counts()["loaded"] == relabelled().network.parameters
    found = mark(open_exercise(name), relabelled())
    assert not found.solved
    said = [each.error for each in found.marks if each.error]
    assert said and all("begin with another network" in each for each in said)


def test_what_was_trained_is_not_made_by_hand_by_a_step_of_the_coach() -> None:
    exercise, trained = open_exercise("reader"), shipped.open_network("drawn-sigmoid")
    blank = Experiment(shipped.open_network("blank"))
    for experiment in (blank, Experiment(shipped.open_network("blank"))):
        if experiment is not blank:
            layers = dict(enumerate(trained.layers, 1))
            experiment.apply(ReplaceLayers(layers, "fit the rest", "fit"))
        for number, layer in enumerate(trained.layers, 1):
            cells = tuple(range(layer.inputs))
            for neuron in range(layer.size):
                put = tuple(np.where(layer.weights[neuron] > 0, 0.001, -0.001).tolist())
                experiment.apply(Stroke(number, neuron, cells, (1,) * len(cells), put, "coach"))
                experiment.apply(SetBias(number, neuron, float(layer.biases[neuron]) + 0.001))
        by_hand = next(
            each for each in mark(exercise, experiment).marks if each.check.measure == "made-of"
        )
        assert by_hand.met == (experiment is blank)


def test_steps_may_also_go_on_from_where_the_exercise_itself_begins() -> None:
    exercise = open_exercise("repair")
    whole = exercise.begun.copy("mine")
    assert mark(exercise, whole).marks[1].value == 0, "the spoiling is the exercise's"
    for edit in SOLUTIONS["repair"]:
        whole.apply(edit)
    found = mark(exercise, read_recipe(write_recipe(whole)))
    assert found.solved and found.marks[1].value == 2
    whole.jump(0)
    whole.apply(SetBias(1, 0, 0.1))
    assert "begin with another" in mark(exercise, whole).marks[1].error, "never spoiled"


def test_eight_stamps_are_counted_and_a_brush_on_the_first_layer_is_found() -> None:
    exercise = open_exercise("eight-stamps")
    network = by_class_means()
    experiment = Experiment(Network.blank(), origin="blank")
    stamps = [
        PutStamp(1, digit, Stamp("picture", levels=network.layer(1).weights[digit].tolist()))
        for digit in range(8)
    ]
    experiment.apply(Several(tuple(stamps)))
    for digit in range(8):
        for number, layer in enumerate(network.layers, 1):
            experiment.apply(SetBias(number, digit, float(layer.biases[digit])))
            if number > 1:
                experiment.apply(row(number, digit, {digit: 8.0}))
    for digit in (8, 9):
        experiment.apply(SetBias(3, digit, -20))
    assert mark(exercise, experiment).solved
    assert not mark(exercise, experiment.network).solved, "a file does not tell its stamps"
    experiment.apply(stamps[0])
    assert [each.met for each in mark(exercise, experiment).marks][1:] == [False, True]
    experiment.undo()
    experiment.apply(box((0, 0), (0, 0), 0.1))
    assert [each.met for each in mark(exercise, experiment).marks] == [True, True, False]


def test_bars_and_rings_are_where_they_are_said_to_be() -> None:
    bars = pictures({"bar": "across", "rows": [7, 9], "columns": [5, 6], "thick": [2, 3]}, GRID)
    assert bars.shape == (6, 784)
    lit = [sorted(set(np.flatnonzero(bar) // 28)) for bar in bars]
    assert lit == [[7, 8], [7, 8, 9], [8, 9], [8, 9, 10], [9, 10], [9, 10, 11]]
    assert {cell % 28 for cell in np.flatnonzero(bars.sum(axis=0))} == {5, 6}
    (ring,) = pictures({"ring": True}, GRID)
    (gap,) = pictures({"ring": True, "gap": "right"}, GRID)
    whole, opened = ring.reshape(28, 28), gap.reshape(28, 28)
    np.testing.assert_array_equal(whole, whole[::-1, ::-1])
    assert whole[13:15, 6:8].min() > 0.5 and whole[13:15, 13:15].max() == 0
    assert opened[13:15, 20:].max() == 0 and (opened[:, :14] == whole[:, :14]).all()


def test_separating_is_the_share_of_pairs_in_order() -> None:
    text = BY_TEACHER.replace('measure = "fires"', 'measure = "separates"').replace(
        'of = { bar = "across" }', "of = { digits = [1] }\nover = { blank = true }"
    )
    exercise = read_exercise(text, "x")
    assert mark(exercise, Network.blank()).marks[0].value == 0.5, "all the same"
    one = box((0, 27), (0, 27), 1, neuron=2).apply(Network.blank())
    assert mark(exercise, one).marks[0].value == 1
    none = box((0, 27), (0, 27), -1, neuron=2).apply(Network.blank())
    assert mark(exercise, none).marks[0].value == 0


def test_a_teacher_writes_one_and_what_cannot_be_measured_says_why() -> None:
    exercise = read_exercise(BY_TEACHER, "mine")
    assert exercise.start.layer(1).biases[2] == -1
    bars = exercise.begun.copy("mine")
    bars.apply(box((0, 27), (0, 27), 1, neuron=2))
    assert mark(exercise, bars).solved
    fires, steps = mark(exercise, bars.network).marks
    assert fires.met and fires.figure == "100.0%" and fires.check.wanted == "at least 50%"
    assert not steps.met and "hand in its recipe" in steps.error
    small, wide = Network.random((784, 2, 10)), Network.random((49, 5, 10))
    assert "neuron" in mark(exercise, small).marks[0].error
    assert "28×28" in mark(exercise, wide).marks[0].error


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("weight-map-toolkit exercise", "x", "line 1: format: expected a first line format ="),
        ('goal = "Make', 'gaol = "Make', "line 3: gaol: there is no such part of an exercise"),
        ('"It did."', '""', "line 4: notice: expected a text"),
        ('"blank"', '"nothing"', "line 5: start: expected a 'network', or an 'origin' of"),
        ("bias = -1", "bias = true", "line 10: step 1: bias: expected a finite number|got True"),
        ('["one", "two"]', "7", "line 6: hints: expected a list of sentences"),
        ('"fires"', '"burns"', "line 13: check 1: measure: expected one of separates, fires"),
        ('neuron = "1.2"\nof', 'neuron = "9.2"\nof', "line 12: check 1: layer: expected 1 to 3"),
        ('"across"', '"along"', 'line 15: check 1: of: expected bar = "across" or "upright"'),
        ('bar = "across"', 'bar = "across", row = 3', "check 1: of: there is no 'row' of bar"),
        ('bar = "across"', 'bar = "across", rows = [9, 7]', "rows: expected .first, last. within"),
        ("at_least = 0.5\n", "", "line 13: check 1: measure: expected at_least or at_most"),
        ("at_least = 0.5", "at_least = 'x'", "line 16: check 1: at_least: expected a share"),
        ("at_least = 0.5", "at_least = 50", "line 16: check 1: at_least: expected a share, .*50%"),
        ("at_least = 0.5", "at_most = -0.1", "line 16: check 1: at_most: expected a share"),
        ("at_least = 0.5", "at_least = 0.6\nat_most = 0.4", "16: check 1: at_least: expected no m"),
        ("at_most = 2", "at_most = inf", "line 21: check 2: at_most: expected a number from 0"),
        ('"bias"', '"biases"', "line 20: check 2: kind: expected one of weights, bias"),
        ('bar = "across"', "digits = [true]", "line 15: check 1: of: expected digits from 0 to 9"),
        ('bar = "across"', 'bar = "across", rows = [24, 27]',
         "of: rows: expected .first, last. within 0 to 24, so that bars 4 thick lie on the pic"),
        ('bar = "across"', 'bar = "across", columns = [28, 28]', "columns: expected .* 0 to 27;"),
        ('bar = "across"', 'bar = "upright", columns = 25', "columns: expected .* within 0 to 24"),
        ('bar = "across"', "ring = true, rows = [8, 14]", "rows: expected .* within 9 to 19, so"),
        ('bar = "across"', "ring = true, gap = ['top']", "expected a gap at top, bottom"),
        ('bar = "across"', "ring = true, rows = [10, 18], columns = [10, 18], height = [1, 20], "
         "width = [1, 20]", "of: expected at most 5,000 rings"),
        ("at_most = 2", "at_most = 2\nof = {}", "line 22: check 2: of: there is no such"),
        ("at_most = 2", "at_most = = 2", "at line 21"),
        ("at_most = 2", f"at_most = {HUGE}", "line 21: check 2: at_most: .* of 20,000 bits"),
        ("hints =", f"minutes = {HUGE}\nhints =", "line 6: minutes: .* of 20,000 bits"),
        ('bar = "across"', f"digits = [{HUGE}]", "line 15: check 1: of: expected digits from 0"),
        ('bar = "across"', f'bar = "across", thick = {HUGE}', "line 15: check 1: of: thick:"),
        ('measure = "steps"\nkind = "bias"\nat_most = 2',
         f'measure = "made-of"\nonly = ["painted"]\nlayer = {HUGE}\nat_most = 1',
         "line 21: check 2: layer: expected a whole number within"),
        ('measure = "steps"\nkind = "bias"\nat_most = 2',
         f'measure = "made-of"\nonly = [{HUGE}]\nat_most = 1', "20: check 2: only: expected some"),
        ("at_most = 2", f"at_most{'.a' * 60_000} = 2", "line 21: expected names of at most"),
        ("at_most = 2", f"[{'a.' * 60_000}b]", "line 21: expected names of at most 64 parts"),
    ],
)  # fmt: skip
def test_an_error_in_a_file_names_the_line(old: str, new: str, message: str) -> None:
    assert old in BY_TEACHER
    with pytest.raises(ExerciseError, match=message):
        read_exercise(BY_TEACHER.replace(old, new, 1), "mine")


def test_a_teachers_folder_comes_after_the_seven(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine-1.toml").write_text(BY_TEACHER)
    (tmp_path / "edge.toml").write_text(BY_TEACHER)
    (tmp_path / "Not a name.toml").write_text(BY_TEACHER)
    assert len(names()) == 7
    monkeypatch.setenv("TOOLKIT_EXERCISES", str(tmp_path))
    assert names()[7:] == ("mine-1",)
    assert open_exercise("mine-1").title == "Mine"
    assert open_exercise("edge").title != "Mine"
    monkeypatch.setenv("TOOLKIT_EXERCISES", str(tmp_path / "nowhere"))
    assert len(names()) == 7


def test_a_file_that_is_wrong_takes_no_other_away(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ring = 'ring = true, gap = ["top"]'
    (tmp_path / "gap.toml").write_text(BY_TEACHER.replace('bar = "across"', ring))
    (tmp_path / "mine.toml").write_text(BY_TEACHER)
    (tmp_path / "nothing.toml").mkdir()
    (tmp_path / "huge.toml").write_text(BY_TEACHER + "#" * (1 << 20))
    (tmp_path / "odd.toml").write_text(BY_TEACHER.replace('"Mine"', '"Odd"'))
    monkeypatch.setenv("TOOLKIT_EXERCISES", str(tmp_path))
    read = reading.read_exercise

    def faulty(text: bytes, name: str, *more: Any) -> Exercise:
        if name == "odd":
            raise TypeError("unhashable")
        return read(text, name, *more)

    monkeypatch.setattr(reading, "read_exercise", faulty)
    found, wrong = list_exercises()
    assert [each.name for each in found[7:]] == ["mine"]
    gap, huge, nothing, odd = wrong
    assert gap.startswith("gap.toml: line 15: check 1: of: expected a gap at top, bottom")
    assert huge.startswith("huge.toml: 1 MiB; at most") and nothing.startswith("nothing.toml: ")
    assert odd == "odd.toml: through a fault of this program: TypeError"


def test_an_exercise_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(ExerciseError, match="neither a file nor one that ships"):
        open_exercise("nowhere")
    (tmp_path / "mine.toml").write_text(BY_TEACHER)
    assert open_exercise(tmp_path / "mine.toml").name == "mine"
