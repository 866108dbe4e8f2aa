"""Where weights come from, by the steps that are in force."""

from __future__ import annotations

import pickle
import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.experiments.strategies import NETWORK, SIZES, an_edit
from toolkit.edits import (
    PROVENANCES,
    Combine,
    Edit,
    Marks,
    Move,
    PutStamp,
    ReplaceLayers,
    SetActivation,
    SetBias,
    SetColumn,
    SetNeurons,
    SetWeights,
    Smooth,
    Stroke,
    replace_map,
    reset,
)
from toolkit.experiments import Experiment, provenance, read_recipe, write_recipe
from toolkit.network import Network
from toolkit.stamps import Stamp


def named(experiment: Experiment, layer: int, neuron: int) -> list[str]:
    """The provenance of a neuron's weights and of its bias."""
    marks = experiment.provenance()
    codes = [*marks.weights[layer - 1][neuron], marks.biases[layer - 1][neuron]]
    return [PROVENANCES[code] for code in codes]


def test_each_step_marks_what_it_touches_and_nothing_else() -> None:
    experiment = Experiment(Network.blank(SIZES))
    assert experiment.provenance().counts()["blank"] == experiment.network.parameters == 43
    experiment.apply(Stroke(1, 2, (0, 3), (1, 1), (0.5, 0.5)))
    experiment.apply(Stroke(1, 2, (3, 4), (1, 1), (-0.25, 0.25), "coach"))
    experiment.apply(SetBias(1, 2, -1))
    experiment.apply(SetActivation(1, "relu"))
    assert named(experiment, 1, 2) == [
        "painted", "blank", "blank", "coached", "coached", "blank", "painted",
    ]  # fmt: skip
    assert experiment.provenance().counts() == {
        "blank": 39, "loaded": 0, "painted": 2, "stamped": 0, "clause": 0, "coached": 2,
        "fitted": 0, "mixed": 0,
    }  # fmt: skip
    assert experiment.provenance().counts(layer=2)["blank"] == 15


def test_a_start_of_anything_but_zeros_is_loaded() -> None:
    assert set(named(Experiment(NETWORK), 1, 0)) == {"loaded"}


def test_undo_takes_the_mark_back_and_reset_brings_back_the_starts() -> None:
    experiment = Experiment(NETWORK)
    experiment.apply(SetWeights(1, 0, (1, 2), (5, 6)))
    experiment.undo()
    assert set(named(experiment, 1, 0)) == {"loaded"}
    experiment.redo()
    assert named(experiment, 1, 0).count("painted") == 2
    experiment.apply(SetWeights(1, 1, (1,), (5,)))
    experiment.apply(reset(experiment.network, experiment.start, 1, 0))
    assert set(named(experiment, 1, 0)) == {"loaded"}
    assert named(experiment, 1, 1).count("painted") == 1


def test_a_save_point_brings_back_what_was_there() -> None:
    experiment = Experiment(Network.blank(SIZES))
    experiment.apply(Stroke(1, 0, (0,), (1,), (1,), "coach"))
    experiment.add_save_point("early")
    experiment.apply(SetWeights(1, 0, (0, 1), (2, 3)))
    experiment.restore("early")
    assert named(experiment, 1, 0)[:3] == ["coached", "blank", "blank"]


def test_going_back_takes_the_marks_of_the_point_of_that_very_name() -> None:
    experiment = Experiment(Network.blank(SIZES))
    experiment.add_save_point("a")
    experiment.apply(Stroke(1, 0, (0, 1), (1, 1), (1, 1), "coach"))
    experiment.add_save_point("ab")
    experiment.apply(SetWeights(1, 0, (0, 1), (2, 3)))
    experiment.restore("ab")
    assert named(experiment, 1, 0)[:3] == ["coached", "coached", "blank"]


def test_going_back_to_where_undone_steps_lead_does_them_again() -> None:
    experiment = Experiment(Network.blank(SIZES))
    for value in (1, 2, 3):
        experiment.apply(Stroke(1, 0, (value,), (0,), (value,)))
    experiment.add_save_point("here")
    there = experiment.network
    experiment.apply(SetBias(1, 0, 1))
    experiment.jump(1)
    assert experiment.restore("here") == there
    assert named(experiment, 1, 0)[1:4] == ["painted"] * 3
    assert (experiment.cursor, len(experiment.steps)) == (3, 4), "nothing is lost"
    experiment.jump(1)
    experiment.apply(SetBias(1, 1, 1))
    experiment.restore("here")
    assert named(experiment, 1, 0)[1:4] == ["painted", "loaded", "loaded"], "only kept whole"


def test_what_is_pasted_is_a_persons_own_where_all_in_the_experiment_is() -> None:
    experiment = Experiment(Network.blank(SIZES))
    experiment.apply(Stamp("blob", (0, 0), length=2).on(1, 0, "replace"))
    copied = experiment.network.layer(1).weights[0].tolist()
    experiment.apply(Stroke(1, 0, (0, 5), (0, 0), (-1, -1)))
    experiment.apply(SetWeights(1, 0, ALL, copied, "paste here"))
    assert named(experiment, 1, 0)[:6] == ["painted", *["stamped"] * 4, "painted"]
    experiment.apply(SetWeights(1, 1, ALL, copied, "paste"))
    assert {"loaded"} <= set(named(experiment, 1, 1)[:6]) <= {"loaded", "blank"}
    experiment.apply(SetWeights(1, 2, ALL, [1] * 6, "paste here"))
    assert named(experiment, 1, 2)[:6] == ["loaded"] * 6, "nobody knows which they were"


def test_what_only_says_that_it_goes_back_brings_loaded_weights() -> None:
    experiment = Experiment(Network.blank(SIZES))
    for number, layer in enumerate(experiment.network.layers, 1):
        for neuron in range(layer.size):
            experiment.apply(replace_map(experiment.network, number, neuron, [1] * layer.inputs))
    experiment.add_save_point("p")
    layers = dict(enumerate(NETWORK.layers, 1))
    experiment.apply(ReplaceLayers(layers, "back to p", "restore"))
    again = read_recipe(write_recipe(experiment))
    assert again.network.checksum == NETWORK.checksum
    assert again.provenance().counts()["painted"] == 0


ALL = tuple(range(6))
LEVELS = [1.0, 0.5, 0.0, 0.0, 0.0, -1.0]
LINE = Stamp("picture", levels=LEVELS)


def fitted() -> Experiment:
    """An experiment whose weights in 1.0 are fitted, but for the last, which is a blank zero."""
    experiment = Experiment(Network.blank(SIZES))
    weights = np.zeros((4, 6), np.float32)
    weights[0, :5] = 1
    layer = experiment.network.with_layer(1, weights=weights).layer(1)
    experiment.apply(ReplaceLayers({1: layer}, "fit", "fit"))
    return experiment


@pytest.mark.parametrize(
    ("edit", "is_then"),
    [
        # What changes no bit changes no mark.
        (PutStamp(1, 0, LINE, "blend", 0), "fffffb"),
        (PutStamp(1, 0, Stamp("picture", levels=LEVELS, strength=1e-30), "add"), "fffffs"),
        (Stroke(1, 0, ALL, (1,) * 6, (0,) * 6), "fffffb"),
        (SetWeights(1, 0, ALL, (1,) * 5 + (0,)), "fffffp"),
        # Mixtures with what was fitted are that, and of zeros the tool's.
        (PutStamp(1, 0, LINE, "blend", 0.01), "fmmmms"),
        (PutStamp(1, 0, LINE, "add"), "mmfffs"),
        (PutStamp(1, 0, LINE, "replace"), "fsssss"),
        (PutStamp(1, 0, LINE, "blend", 1), "fsssss"),
        (Stroke(1, 0, ALL, (1, 0.5, 0, 0, 1e-30, 1), (2,) * 6), "mmppmp"),
        (Stroke(1, 0, ALL, (1,) * 6, (1,) * 6, "coach"), "cccccc"),
        (Smooth(1, 0, (0, 5), (1, 1), 6), "fffffm"),  # into the zero its neighbour flows
        (SetWeights(1, 0, ALL, (7,) * 6, "paste"), "llllll"),
        (SetColumn(1, 0, (0, 1), (7, 7), "paste"), "lffffb"),
        (SetNeurons.of(NETWORK, 1, (0,), "rows"), "llllll"),
        # Moves let weights keep what they are.
        (Move(1, 0, "scale", factor=3), "fffffb"),
        (Move(1, 0, "rotate", angle=180), "bfffff"),
    ],
)  # fmt: skip
def test_a_mixture_is_never_more_a_persons_own_than_its_parts(edit: Edit, is_then: str) -> None:
    experiment = fitted()
    experiment.apply(edit)
    found = "".join(name[0] for name in named(experiment, 1, 0)[:6])
    assert found == is_then
    experiment.apply(Stroke(1, 0, ALL, (0,) * 6, (9,) * 6))
    assert named(experiment, 1, 0)[:6] == ["painted"] * 6, "until it is replaced"


def test_averages_and_copies_tell_what_they_are_of() -> None:
    experiment = fitted()
    experiment.apply(PutStamp(1, 1, LINE, "replace"))
    experiment.apply(SetBias(1, 1, 3))
    experiment.apply(Combine("copy", 1, 1, 2, with_bias=False))
    assert named(experiment, 1, 2) == ["stamped"] * 6 + ["blank"]
    assert experiment.network.layer(1).biases[2] == 0
    experiment.apply(Combine("average", 1, 0, 1))
    assert [name[0] for name in named(experiment, 1, 1)] == list("mmfffsp")
    experiment.apply(Combine("average", 1, 3, 0))
    assert [name[0] for name in named(experiment, 1, 0)] == list("fffffbb")
    experiment.apply(Combine("copy", 1, 1, 3))
    assert named(experiment, 1, 3) == named(experiment, 1, 1)


def test_a_shifted_map_takes_its_marks_along_and_a_blurred_one_mixes_them() -> None:
    blank = Network.blank((36, 1))
    experiment = Experiment(blank)
    weights = np.zeros((1, 36), np.float32)
    weights[0, :18] = 1  # the upper three rows
    experiment.apply(ReplaceLayers({1: blank.with_layer(1, weights=weights).layer(1)}, "", "fit"))
    experiment.apply(SetWeights(1, 0, tuple(range(18, 36)), (2,) * 18))

    def rows() -> list[str]:
        codes = experiment.provenance().weights[0].reshape(6, 6)
        assert (codes == codes[:, :1]).all()
        return [PROVENANCES[code][0] for code in codes[:, 0]]

    assert rows() == list("fffppp")
    experiment.apply(Move(1, 0, "shift", rows=1))
    assert rows()[1:] == list("fffpp")
    experiment.apply(Move(1, 0, "rotate", angle=180))
    assert rows()[:5] == list("ppfff")
    experiment.apply(Move(1, 0, "blur", radius=0.3))
    assert rows()[:5] == list("pmmff")


def test_of_a_save_point_whose_steps_are_gone_it_is_said_that_it_was_kept() -> None:
    experiment = Experiment(Network.blank(SIZES))
    experiment.apply(Stroke(1, 0, (0, 1), (1, 1), (1, 1)))
    experiment.add_save_point("lost")
    experiment.undo()
    experiment.apply(SetWeights(1, 0, (1, 2), (3, 4)))
    experiment.restore("lost")
    assert named(experiment, 1, 0)[:4] == ["loaded", "loaded", "blank", "blank"]


def test_layers_put_in_from_elsewhere_are_loaded_where_their_bits_differ() -> None:
    experiment = Experiment(Network.blank(SIZES))
    weights = np.zeros((4, 6), np.float32)
    weights[1, 2] = 1
    other = experiment.network.with_layer(1, weights=weights)
    # What calls itself a reset, or is labelled as one, and brings other weights is none.
    for label, by in (("other", ""), ("reset layer 1", ""), ("other", "reset")):
        experiment.apply(ReplaceLayers({1: other.layer(1)}, label, by))
        assert experiment.provenance().counts()["loaded"] == 1
        assert named(experiment, 1, 1)[2] == "loaded"
        experiment.undo()
    experiment.apply(ReplaceLayers({1: other.layer(1)}, "fit", "fit"))
    assert named(experiment, 1, 1)[2] == "fitted"


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1 << 30))
def test_marks_do_not_depend_on_the_way_to_the_cursor(seed: int) -> None:
    rng = random.Random(seed)
    experiment = Experiment(NETWORK)
    for _ in range(rng.randint(1, 60)):
        if rng.random() < 0.25:
            experiment.jump(rng.randint(0, len(experiment.steps)))
        else:
            experiment.apply(an_edit(rng, experiment.network))
        fresh = Experiment(NETWORK)
        for step in experiment.steps[: experiment.cursor]:
            fresh.apply(step.edit)
        if rng.random() < 0.3:
            kept: Marks = experiment.provenance()
            assert kept == fresh.provenance()
    assert experiment.provenance() == fresh.provenance()
    assert sum(experiment.provenance().counts().values()) == NETWORK.parameters


def test_marks_are_worked_out_a_piece_at_a_time_while_nobody_else_is_at_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng, experiment = random.Random(5), Experiment(NETWORK)
    for _ in range(40):
        experiment.apply(an_edit(rng, experiment.network))
    whole = experiment.provenance()
    monkeypatch.setattr(provenance, "KEPT_EFFORT", 6)
    monkeypatch.setattr(provenance, "_KEPT_BYTES", 3 * NETWORK.parameters)
    again = experiment.copy("again")
    tracker, pieces = again.tracker, 1
    assert not tracker.is_near(again, 39) and tracker.is_near(again, 999)
    while not tracker.go_on(again):
        pieces += 1
    assert pieces > 3 and tracker.is_near(again, 0)
    assert again.provenance() == whole
    with tracker._lock, ThreadPoolExecutor(1) as other:
        assert not other.submit(tracker.is_near, again, 0).result(), "who is at it is not awaited"
    assert sum(effort > 0 for *_, effort in tracker._known.values()) <= 3


@settings(max_examples=8, deadline=None)
@given(st.integers(0, 1 << 30))
def test_a_recipe_brings_the_marks_along(seed: int) -> None:
    rng = random.Random(seed)
    experiment = Experiment(Network.blank(SIZES))
    for number in range(rng.randint(1, 25)):
        match rng.randrange(6):
            case 0:
                experiment.add_save_point(f"point {number}")
            case 1 if experiment.save_points:
                experiment.restore(rng.choice(experiment.save_points).name)
            case 2:
                experiment.apply(reset(experiment.network, experiment.start, 1, rng.randrange(4)))
            case 3:
                experiment.apply(Stroke(1, rng.randrange(4), (0, 5), (1, 1), (0.1, -0.2), "coach"))
            case 4:
                experiment.jump(rng.randint(0, len(experiment.steps)))
            case _:
                experiment.apply(an_edit(rng, experiment.network))
    again = read_recipe(write_recipe(experiment))
    assert again.network == experiment.network
    assert again.provenance() == experiment.provenance()


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 1 << 30))
def test_what_an_edit_touches_holds_all_that_it_changes(seed: int) -> None:
    edit = an_edit(random.Random(seed), NETWORK)
    after = edit.apply(NETWORK)
    marks = Marks.uniform(NETWORK, "blank")
    marks.set(edit.touched(NETWORK), "painted")
    for at, (old, new) in enumerate(zip(NETWORK.layers, after.layers, strict=True)):
        assert marks.weights[at][old.weights != new.weights].all()
        assert marks.biases[at][old.biases != new.biases].all()


def test_an_experiment_that_was_asked_can_still_be_pickled() -> None:
    experiment = Experiment(Network.blank(SIZES))
    experiment.apply(SetBias(1, 0, 1))
    experiment.provenance()
    again = pickle.loads(pickle.dumps(experiment))
    assert again.provenance() == experiment.provenance()


def test_every_kind_of_edit_says_what_it_touches() -> None:
    kinds, found = [Edit], []
    while kinds:
        below = [kind for kind in kinds.pop().__subclasses__() if kind.__module__[:7] == "toolkit"]
        kinds += below
        found += below
    assert len(found) > 10
    for kind in found:
        assert kind.touched is not Edit.touched, kind
