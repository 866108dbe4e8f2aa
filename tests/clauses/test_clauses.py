"""A clause decides as logic does: over all combinations, for each activation, as edits."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from itertools import product

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from toolkit.clauses import (
    Clause,
    ClauseError,
    compile_clause,
    describe,
    measured_ranges,
    read_clause,
    sentence,
    usual_ranges,
    written,
)
from toolkit.clauses.compiling import decide
from toolkit.clauses.expressions import AtLeast, Not, Ref, holds, inputs_of, table
from toolkit.clauses.voting import ballot_of, steadier_of
from toolkit.edits import EditError, NameNeuron, SetClause, SetColumn, from_dict
from toolkit.experiments import Experiment, read_recipe, write_recipe
from toolkit.network import Layer, Network

NAMES = {0: "top arc", 1: "left side", 2: "right side", 3: "middle bar", 4: "loop", 5: "tail"}
SIX = Network(
    (
        Layer(np.eye(6), np.zeros(6), "identity"),
        Layer(np.zeros((2, 6)), np.zeros(2), "sigmoid"),
        Layer(np.zeros((2, 2)), np.zeros(2), "sigmoid"),
    ),
    names={(1, index): name for index, name in NAMES.items()},
)
On = Sequence[bool]


def called(index: int) -> str:
    return NAMES.get(index, f"1.{index}")


def read(text: str) -> Clause:
    return read_clause(text, 2, 8, NAMES)


def operators() -> list[tuple[str, Callable[[On], bool]]]:
    """Each operator over one to six inputs, and what it means in Python."""
    names = list(NAMES.values())
    found: list[tuple[str, Callable[[On], bool]]] = [
        ("not top arc", lambda on: not on[0]),
        ("top arc", lambda on: on[0]),
        ("top arc and (left side or right side)", lambda on: on[0] and (on[1] or on[2])),
        ("tail or (loop and not middle bar)", lambda on: on[5] or (on[4] and not on[3])),
        ("2*loop + tail - middle bar > 1.5", lambda on: 2 * on[4] + on[5] - on[3] > 1.5),
        ("0.1*top arc + 0.2*left side >= 0.3", lambda on: on[0] and on[1]),
        ("0.1*top arc + 0.2*left side > 0.3", lambda on: False),
        ("loop + tail < 2", lambda on: not (on[4] and on[5])),
        (
            "top arc and left side and right side, not the middle bar",
            lambda on: all(on[:3]) and not on[3],
        ),
        (
            "at most 2 of (top arc, left side, loop, tail)",
            lambda on: on[0] + on[1] + on[4] + on[5] <= 2,
        ),
    ]
    for count in range(2, 7):
        some = names[:count]
        found += [
            (" and ".join(some), lambda on, n=count: all(on[:n])),  # type: ignore[misc]
            (" or ".join(some), lambda on, n=count: any(on[:n])),  # type: ignore[misc]
            (f"none of ({', '.join(some)})", lambda on, n=count: not any(on[:n])),  # type: ignore[misc]
            (
                " and ".join(f"not {name}" if at % 2 else name for at, name in enumerate(some)),
                lambda on, n=count: all(on[at] != bool(at % 2) for at in range(n)),  # type: ignore[misc]
            ),
        ]
        found += [
            (f"at least {k} of ({', '.join(some)})", lambda on, n=count, k=k: sum(on[:n]) >= k)  # type: ignore[misc]
            for k in range(1, count + 1)
        ]
    return found


@pytest.mark.parametrize("activation", ["sigmoid", "relu", "tanh", "identity"])
def test_each_operator_decides_as_logic_does_for_all_combinations(activation: str) -> None:
    network = SIX.with_layer(2, activation=activation)
    above = {"sigmoid": 0.5}.get(activation, 0.0)
    combinations = np.array(list(product((False, True), repeat=6)))
    tried = 0
    for text, means in operators():
        wanted = np.array([bool(means(tuple(map(bool, on)))) for on in combinations])
        if not wanted.any():
            with pytest.raises(EditError, match="never so"):
                SetClause(2, 1, text).apply(network)
            continue
        made = SetClause(2, 1, text, 4.0).apply(network)
        for off, on in ((0.0, 1.0), (0.1, 0.9), (0.0, 0.9), (0.1, 1.0)):
            decided = made.forward(np.where(combinations, on, off)).activations[1][:, 1] > above
            assert (decided == wanted).all(), (text, off, on)
        z = made.forward(combinations.astype(np.float32)).pre_activations[1][:, 1]
        assert z[wanted].min() >= 4 - 1e-3, text
        assert z[~wanted].max() <= -4 + 1e-3, text
        tried += 1
    assert tried > 40


@pytest.mark.parametrize("activation", ["sigmoid", "relu"])
def test_ranges_stand_for_off_and_on(activation: str) -> None:
    network = SIX.with_layer(2, activation=activation)
    ranges = [(0.2, 0.7), (-1, 1), (0, 30), (0.02, 0.05), (0, 1), (0.5, 0.9)]
    low, high = np.array(ranges).T
    text = "at least 2 of (top arc, not left side, right side) and middle bar"
    made = SetClause(2, 0, text, 3.0, tuple(ranges)).apply(network)
    for on in product((False, True), repeat=6):
        wanted = on[0] + (not on[1]) + on[2] >= 2 and on[3]
        for short in (0.0, 0.1):
            inputs = np.where(on, high - short * (high - low), low + short * (high - low))
            fires = made.forward(inputs).activations[1][0] > (0.5 if activation == "sigmoid" else 0)
            assert fires == wanted


def test_worked_numbers() -> None:
    # Both: on at 2, at most 1 elsewhere.  A tenth short these are 1.8 and 1.1, whose middle is
    # 1.45; 0.45 below it a half is left, so 4.5 is ten times the sum.
    made = SetClause(2, 0, "loop and tail", 4.5).compiled(SIX)
    assert made.weights.tolist() == [0, 0, 0, 0, 10, 10]
    assert made.bias == -14.5
    # Inputs of 2 when off and 4 when on: half the weight, and 5 · 2 more each to overcome.
    ranges = ((2.0, 4.0),) * 6
    made = SetClause(2, 0, "loop and tail", 4.5, ranges).compiled(SIX)
    assert made.weights.tolist() == [0, 0, 0, 0, 5, 5]
    assert made.bias == -14.5 - 20
    assert decide(read("top arc and (loop or tail)")).weights == {0: 2, 4: 1, 5: 1}
    assert decide(read("top arc or (loop and tail and 1.6)")).weights == {0: 3, 4: 1, 5: 1, 6: 1}


literals = st.integers(0, 5).map(Ref) | st.integers(0, 5).map(lambda at: Not(Ref(at)))


def _counted(parts: list[Clause], count: int) -> Clause:
    return AtLeast(1 + count % len(parts), tuple(parts))


expressions = st.recursive(
    literals,
    lambda inner: (
        inner.map(Not)
        | st.builds(_counted, st.lists(inner, min_size=2, max_size=3), st.integers(0, 5))
    ),
    max_leaves=7,
)


def separable(given: np.ndarray, truth: np.ndarray) -> bool:
    """Whether some weights part the combinations, by all small whole weights and thresholds.

    Weights up to 5 are enough for five inputs (Muroga's tables); negative ones by turning.
    """
    spans = [range(-5, 6)] * given.shape[1]
    weights = np.array(list(product(*spans)))
    sums = given.astype(int) @ weights.T
    on = np.where(truth[:, None], sums, 999).min(axis=0)
    off = np.where(truth[:, None], -999, sums).max(axis=0)
    return bool((on > off).any())


@settings(max_examples=60, deadline=None)
@given(expressions)
@example(AtLeast(1, (AtLeast(2, (Ref(0), Ref(1))), AtLeast(2, (Ref(2), Ref(3))))))
@example(AtLeast(2, (AtLeast(1, (Ref(0), Ref(1))), AtLeast(1, (Ref(2), Not(Ref(0)))))))
def test_what_one_neuron_can_decide_is_decided_exactly_and_the_rest_is_refused(
    clause: Clause,
) -> None:
    inputs = inputs_of(clause)
    given_, truth = table(clause, inputs)
    try:
        ballot = decide(clause, called)
    except ClauseError as error:
        if truth.all() or not truth.any():
            assert "always" in str(error) or "never" in str(error)
            return
        assert "make neurons of (" in str(error)
        if len(inputs) <= 4:
            assert not separable(given_, truth)
        return
    weights = np.array([float(ballot.weights[index]) for index in inputs])
    sums = given_ @ weights
    assert np.isclose(sums[truth].min(), float(ballot.on))
    assert np.isclose(sums[~truth].max(), float(ballot.off))
    made = compile_clause(clause, [(0, 1)] * 6)
    z = given_.astype(float) @ made.weights[list(inputs)] + made.bias
    assert ((z > 0) == truth).all()


_TWO = AtLeast(2, (Ref(0), Ref(1), Ref(2)))


@settings(max_examples=60, deadline=None)
@given(expressions)
@example(AtLeast(2, (AtLeast(1, (_TWO, Ref(3))), Ref(5))))
@example(AtLeast(2, (AtLeast(1, (Not(_TWO), Ref(3))), Not(_TWO))))
@example(AtLeast(2, (AtLeast(1, (Not(AtLeast(1, (Ref(0), Ref(1)))), Ref(3))), Ref(5))))
@example(Not(Not(AtLeast(2, (_TWO, AtLeast(1, (_TWO, Ref(5))))))))
def test_a_clause_written_down_reads_as_the_same_truth(clause: Clause) -> None:
    again = read(written(clause, called))
    inputs = tuple(range(6))
    assert (table(again, inputs)[1] == table(clause, inputs)[1]).all()
    assert sentence(clause, called)


def test_a_name_that_begins_like_a_list_is_none() -> None:
    names = {0: "nonesuch", 1: "at leastways", 2: "tail"}
    clause = AtLeast(2, (AtLeast(1, (Ref(0), Ref(1))), Ref(2)))
    text = written(clause, names.__getitem__)
    assert text == "(nonesuch or at leastways) and tail" or '"at leastways"' in text
    assert read_clause(text, 2, 3, names) == clause


@pytest.mark.parametrize(
    ("text", "better"),
    [
        ("2.57*1.0 - 1.66*1.1 - 0.84*1.2 - 2.07*1.3 > -1.81", "2*1.0 - 1.1 - 1.2 - 2*1.3 > -1.5"),
        ("100*1.0 + 99*1.1 + 98*1.2 > 197.5", "2*1.0 + 1.1 + 1.2 > 2.5"),
        ("not (100*1.0 + 99*1.1 + 98*1.2 > 197.5)", "-2*1.0 - 1.1 - 1.2 > -2.5"),
        ("2*1.0 + 1.1 - 1.2 > 1.5", None),
        ("1.0 and 1.1", None),
        ("5*1.0 + 4*1.1 + 3*1.2 + 2*1.3 + 1.4 > 7.5", None),
    ],
)
def test_a_vote_keeps_its_weights_and_steadier_ones_are_known(
    text: str, better: str | None
) -> None:
    """Of all that decide the same, those that bear inputs a tenth short of off and on."""
    clause = read_clause(text, 2, 6, {})
    found = steadier_of(clause)
    if better is None:
        assert found is None
        return
    assert found is not None
    assert written(found, lambda at: f"1.{at}") == better
    given_, truth = table(clause, inputs_of(clause))
    assert (table(found, inputs_of(clause))[1] == truth).all()
    wrong = []
    for each in (clause, found):
        made = compile_clause(each, [(0, 1)] * 6)
        inputs = np.where(given_, 0.9, 0.1)
        z = inputs @ made.weights[list(inputs_of(clause))] + made.bias
        wrong.append(int(((z > 0) != truth).sum()))
        assert (made.tolerance == 0.1) == (each is found)
    assert wrong[0] > 0 == wrong[1]


@pytest.mark.parametrize(
    ("text", "weights"),
    [
        ("2.5*1.0 + 1.1 - 0.25*1.2 > 1.5", [5, 2, -0.5]),
        ("2*1.0 + 1.1 > 1.5", [4, 2, 0]),
        ("3*1.0 + 0.7*1.1 + 0.5*1.2 > 1.5", [6, 1.4, 1]),
        ("30*1.0 + 10*1.1 - 20*1.2 > 15", [4, 4 / 3, -8 / 3]),
        ("3*1.3 + 1.4 > 1.5", None),
        ("1.0 and 1.1", None),
        ("0*1.0 + 0*1.1 + 0*1.2 > 1", None),
        ("1.0 + nobody > 1", None),
    ],
)
def test_a_vote_is_made_as_strong_as_the_one_before_it(
    text: str, weights: list[float] | None
) -> None:
    network = Network.blank((4, 5, 2))
    before = SetClause(2, 0, "2*1.0 + 1.1 - 0.5*1.2 > 1.5", 1.0)
    scale = 2 / before.compiled(network).weights[1]
    made = before.apply(network).with_layer(
        2, weights=scale * before.apply(network).layer(2).weights
    )
    found = SetClause(2, 0, text, 7.0).as_strong_as(before, made)
    if weights is None:
        assert found.sharpness == 7
    else:
        np.testing.assert_allclose(found.compiled(made).weights[:3], weights, atol=1e-3)


def test_a_clause_of_very_many_parts_is_refused_within_a_breath() -> None:
    """What is tried for it does not grow with its parts."""
    weights = (735, 211, 964, 402, 87, 655, 310, 529, 846, 173, 598)
    vote = " + ".join(f"{weight}*1.{at}" for at, weight in enumerate(weights, 1))
    text = f"({vote} + {sum(weights)}*1.0 > {sum(weights) // 2})"
    text += " or 1.0" * 50 + "".join(f" or (1.0 and 1.{at})" for at in range(1, 12))
    text += " or (1.1 and not 1.2) or (1.2 and not 1.1)"
    decisions = []

    def counted(clause: Clause) -> object:
        decisions.append(clause)
        return ballot_of(clause)

    with pytest.MonkeyPatch.context() as meanwhile:
        meanwhile.setattr("toolkit.clauses.compiling.ballot_of", counted)
        with pytest.raises(ClauseError, match="make neurons of"):
            decide(read_clause(text, 2, 12, {}))
    assert len(decisions) <= 17


def test_a_sentence_says_it_in_words() -> None:
    said = {
        "top arc and left side, not the middle bar":
            "top arc and left side are on and middle bar is off",
        "loop or tail": "loop or tail is on",
        "none of (loop, tail)": "loop and tail are off",
        "at least 2 of (loop, tail, 1.7)": "at least 2 of loop, tail and 1.7 are on",
        "2*loop - tail > 0.5": "2·loop − tail comes to more than 0.5",
        "2*loop - tail > -0.5": "2·loop − tail comes to more than −0.5",
        "top arc and (loop or tail)": "top arc is on and (loop or tail is on)",
    }  # fmt: skip
    assert {text: sentence(read(text), called) for text in said} == said


@pytest.mark.parametrize(
    ("text", "said", "place"),
    [
        ("", "character 1: expected a neuron; it ends there", (0, 0)),
        ("loop and", "character 9: expected a neuron; it ends there", (8, 8)),
        ("middel bar or loop", "'middel bar': no neuron of layer 1 is called that; did you mean "
         "'middle bar'?", (0, 10)),
        ("loop and bar", "did you mean 'middle bar'?", (9, 12)),
        ("loop and xyz", "there are top arc, left side,", (9, 12)),
        ('loop and "xyz or y"', "'xyz or y': no neuron", (9, 19)),
        ("loop tail", 'character 6: expected "and", "or" or the end; got \'tail\'', (5, 9)),
        ("(loop or tail", 'or ")" for the "(" at character 1; it ends there', (13, 13)),
        ("loop and 1.8", "1.8: expected a neuron of the layer below, 1.0 to 1.7", (9, 12)),
        ("2.0", "2.0: expected a neuron of the layer below", (0, 3)),
        ("at least 4 of (loop, tail)", "expected 1 to 2 of 2; got 4", (9, 26)),
        ("at least two of (loop, tail)", "expected a whole number; got 'two'", (9, 12)),
        ("at least 2 (loop, tail)", 'expected "of"; got \'(\'', (11, 12)),
        ("2*loop + tail", 'expected "+", "-", or ">" and a number; it ends there', (13, 13)),
        ("2*loop > tail", "expected a number; got 'tail'", (9, 13)),
        ("9999999*loop > 1", "at most six decimals and a million", (0, 7)),
        ("(" * 30 + "loop", "nested deeper than 20", (20, 34)),
        ("loop, " * 200, "at most 1000 characters; got 1,200", (1000, 1200)),
    ],
)  # fmt: skip
def test_an_error_points_at_the_word_and_says_what_was_expected(
    text: str, said: str, place: tuple[int, int]
) -> None:
    with pytest.raises(ClauseError) as caught:
        read(text)
    assert said in str(caught.value)
    assert (caught.value.start, caught.value.end) == place


def test_a_refusal_names_the_neurons_to_make_first_and_with_them_it_goes() -> None:
    with pytest.raises(EditError) as caught:
        SetClause(2, 0, "(top arc and left side) or (loop and tail)").apply(SIX)
    assert str(caught.value) == (
        "clause: one neuron cannot decide this, whatever its weights; make neurons of "
        "(top arc and left side) and (loop and tail) first, in one layer; then one of the next "
        "says N1 or N2 of them"
    )
    network = SetClause(2, 0, "top arc and left side").apply(SIX)
    network = SetClause(2, 1, "loop and tail").apply(network)
    network = SetClause(3, 1, "2.0 or 2.1").apply(network)
    for on in product((0, 1), repeat=6):
        fires = network.forward(np.array(on)).outputs[1] > 0.5
        assert fires == bool((on[0] and on[1]) or (on[4] and on[5]))


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("not (none of (top arc and left side, loop and tail))", "says N1 or N2 of them"),
        ("not (not (not ((1.0 and 1.1) or (loop and tail))))", "says not (N1 or N2) of them"),
        (
            "not (at most 1 of (top arc and left side, loop and tail, 1.2))",
            "says at least 2 of (N1, N2, N3) of them",
        ),
    ],
)
def test_a_denial_denied_is_refused_as_what_it_denies(text: str, rest: str) -> None:
    with pytest.raises(EditError, match="make neurons of") as caught:
        SetClause(2, 0, text).apply(SIX)
    assert str(caught.value).endswith(rest)


@pytest.mark.parametrize(
    "text", ["(loop or tail) and top arc and not 1.2", "tail", "loop - tail > -0.5"]
)
def test_as_an_edit_it_undoes_to_the_same_bits_and_goes_through_json_and_a_recipe(
    text: str,
) -> None:
    start = Network.random((9, 6, 3), seed=3)
    experiment = Experiment(start)
    for index, name in NAMES.items():
        experiment.apply(NameNeuron(1, index, name))
    before = experiment.network
    edit = SetClause(2, 1, text, 2.5, ((0.1, 0.8),) * 6)
    experiment.apply(edit, why="a test")
    assert from_dict(json.loads(json.dumps(edit.to_dict()))) == edit
    assert edit.inverse(before).apply(experiment.network).checksum == start.checksum
    experiment.apply(SetColumn(2, 4, (2, 0), (0.5, -0.25)))
    assert experiment.network.layer(2).weights[:, 4].tolist()[::2] == [-0.25, 0.5]
    marks = experiment.provenance().counts(layer=2)
    assert (marks["clause"], marks["painted"]) == (7, 2)
    again = read_recipe(write_recipe(experiment).encode())
    assert again.network.checksum == experiment.network.checksum
    assert again.network.names == experiment.network.names
    for _ in range(3):
        experiment.undo()
    assert experiment.network.checksum == start.checksum
    assert (1, 5) not in experiment.network.names


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"layer": 1}, "layer 1, which sees pixels"),
        ({"neuron": 9}, "expected 2.0 to 2.1; got 2.9"),
        ({"text": 3}, "text: expected a clause; got 3"),
        ({"sharpness": 0}, "sharpness: expected 0.001 to 100; got 0"),
        ({"ranges": [[0, 1]]}, "ranges: expected 6, one for each input; got 1"),
        ({"ranges": [[0, 1, 2]]}, "pairs of off and on"),
        ({"ranges": [[1, 0]] * 6}, "loop: expected an activation when on that is above"),
        ({"ranges": [["a", 0]] * 6}, "ranges: expected a number; got 'a'"),
    ],
)
def test_an_edit_that_does_not_fit_is_refused(record: dict[str, object], said: str) -> None:
    with pytest.raises(EditError, match=said):
        from_dict({"kind": "clause", "layer": 2, "neuron": 0, "text": "loop", **record}).apply(SIX)


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"input": 6}, "input: expected 0 to 5; got 6"),
        ({"neurons": [0, 2]}, "neurons: expected 0 to 1; got 0 to 2"),
        ({"neurons": [0, 0]}, "each once"),
        ({"values": [1]}, "expected 2, one for each"),
    ],
)
def test_a_column_that_does_not_fit_is_refused(record: dict[str, object], said: str) -> None:
    column = {"kind": "column", "layer": 2, "input": 0, "neurons": [0, 1], "values": [1, 2]}
    with pytest.raises(EditError, match=said):
        from_dict({**column, **record}).apply(SIX)


def test_measured_ranges_are_what_a_neuron_does_when_off_and_when_on() -> None:
    network = Network.blank((4, 4, 2), "sigmoid")
    rare = [0.05] * 46 + [0.15] * 2 + [0.85, 0.95]
    activations = np.column_stack(
        [rare, [0.5] * 50, [0, 1] * 25, [0.001 * at for at in range(50)]]
    ).astype(np.float32)
    assert measured_ranges(network, 2, activations) == (
        (0.054, 0.9), (0, 1), (0, 1), (0.012, 0.037),
    )  # fmt: skip
    assert usual_ranges(network.with_layer(1, activation="tanh"), 2) == ((-1.0, 1.0),) * 4


def test_weights_are_described_as_the_clause_that_made_them() -> None:
    ranges = ((0.1, 0.8),) * 6
    for text in ("loop", "loop and not tail", "at least 2 of (top arc, loop, tail)", "loop or tail",
                 "none of (loop, tail)"):  # fmt: skip
        made = SetClause(2, 0, text, 3, ranges).apply(SIX)
        found = describe(made, 2, 0, ranges)
        assert found is not None
        inputs = tuple(range(6))
        assert (table(found, inputs)[1] == table(read(text), inputs)[1]).all(), text
    weighed = SIX.with_layer(2, weights=[[0, 0, 0, -1, 4, 2.0], [0] * 6], biases=[-3, 0])
    found = describe(weighed, 2, 0, ((0, 1),) * 6)
    assert found is not None
    assert written(found, called) == "-0.25*middle bar + loop + 0.5*tail > 0.75"
    assert describe(weighed, 2, 1, ranges) is None


def test_many_nested_inputs_are_decided_or_refused_within_a_breath() -> None:
    rng = random.Random(1)
    for _ in range(3):
        parts = [Ref(index) for index in range(12)]
        rng.shuffle(parts)
        clause: Clause = parts[0]
        for part in parts[1:]:
            clause = AtLeast(rng.choice((1, 2)), (clause, part))
        ballot = decide(clause)
        given_, truth = table(clause, tuple(range(12)))
        sums = given_ @ np.array([float(ballot.weights[at]) for at in range(12)])
        assert ((sums >= float(ballot.on)) == truth).all()
    wide = AtLeast(1, (AtLeast(5, tuple(map(Ref, range(9)))), AtLeast(2, (Ref(9), Ref(13)))))
    with pytest.raises(ClauseError, match="make neurons of"):
        decide(wide)
    deep = AtLeast(2, (wide, *map(Ref, range(10, 16))))
    with pytest.raises(ClauseError, match="at most 12 neurons where and, or and not are nested"):
        decide(deep)
    assert holds(Ref(0), lambda _: np.array([True])).all()
