"""Sets of other classes than ten, and networks of other outputs: scored, or said not to be."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from toolkit.analysis import class_table, histogram_by_class, shares_of_classes, subset_score
from toolkit.analysis.ablation import ablation
from toolkit.digits import DigitSet
from toolkit.fits import UnfitError, check_scored, fits, unscored
from toolkit.formats.meaning.interpretation import possibilities
from toolkit.formats.meaning.reading import RawLayer, Reading
from toolkit.network import Layer, Network
from toolkit.report import compare
from toolkit.scoring import Score, Scorer, score

CLASSES = 47
LABELS = np.arange(2 * CLASSES) % CLASSES
IMAGES = (np.arange(CLASSES) == LABELS[:, None]).astype(np.uint8) * np.uint8(255)
DIGITS = DigitSet(np.pad(IMAGES, ((0, 0), (0, 2))), LABELS)  # a pixel a class, 7×7
READER = Network((Layer(np.eye(CLASSES, 49, dtype=np.float32), np.zeros(CLASSES), "softmax"),))


def test_as_many_classes_as_labels_reach_and_never_fewer_than_ten() -> None:
    assert DIGITS.classes == CLASSES
    assert DigitSet(np.zeros((2, 4)), [0, 3]).classes == 10
    assert DigitSet(np.zeros((2, 4)), [0, 3], classes=4).classes == 4
    with pytest.raises(ValueError, match="labels: expected 0 to 2; got 0 to 3"):
        DigitSet(np.zeros((2, 4)), [0, 3], classes=3)
    with pytest.raises(ValueError, match="class_names: expected one for each of 4 classes; got 1"):
        DigitSet(np.zeros((2, 4)), [0, 3], classes=4, class_names=("A",))


def test_a_part_of_a_set_has_the_classes_of_the_whole() -> None:
    named = replace(DIGITS, class_names=tuple(f"c{each}" for each in range(CLASSES)))
    for part in (
        named.subset([0, 1]),
        named.resized(14, 14),
        pickle.loads(pickle.dumps(named)),
    ):
        assert part.classes == CLASSES and part.called(46) == "c46"


def test_a_network_of_forty_seven_outputs_is_scored() -> None:
    found = score(READER, DIGITS)
    assert found.unscored == "" and found.accuracy == found.known_accuracy == 1
    assert found.confusion.tolist() == (2 * np.eye(CLASSES, dtype=int)).tolist()
    assert found.per_digit.tolist() == [1.0] * CLASSES
    # Output 46 never wins: what it should read is read as the first.
    weights = READER.layer(1).weights.copy()
    weights[46] = 0
    lost = Scorer(DIGITS).update(READER.with_layer(1, weights=weights))
    assert lost.confusion[46].tolist() == [2, *[0] * 46]
    assert lost.wrong.tolist() == found.gained_since(lost).tolist() == [46, 93]


@pytest.mark.parametrize(("outputs", "said"), [(1, "1 output"), (2, "2 outputs")])
def test_other_outputs_than_classes_answer_and_are_not_scored(outputs: int, said: str) -> None:
    network = Network.random((49, 5, outputs), seed=1)
    scorer = Scorer(DIGITS)
    found = scorer.update(network)
    assert found.unscored == f"not scored: {said}, the digits have 47 classes"
    assert found.known_accuracy is None and np.isnan(found.accuracy) and not found.correct
    assert not len(found.wrong) and np.isnan(found.per_digit).all()
    answers = network.forward(DIGITS.images).predictions
    assert found.predictions.tolist() == answers.tolist()
    assert found.confusion.shape == (47, outputs) and found.confusion.sum() == len(DIGITS)
    # Nothing is gained or lost beside it, whichever way round.
    right = score(READER, DIGITS)
    assert not len(right.gained_since(found)) and not len(right.lost_since(found))
    with pytest.raises(UnfitError, match="not scored"):
        found.check_scored()


def test_what_fits_says_whether_it_is_scored() -> None:
    fit = fits((49, 16, 2), DIGITS)
    assert fit and fit.lay(DIGITS) is DIGITS
    assert fit.unscored == "not scored: 2 outputs, the digits have 47 classes"
    with pytest.raises(UnfitError, match="not scored: 2 outputs"):
        fit.check_scored()
    fits((49, 16, 47), DIGITS).check_scored()
    check_scored(READER, DIGITS)
    assert "at most 256 outputs" in fits((49, 257), DIGITS).why


def test_digits_of_the_first_classes_alone_score_a_network_of_these() -> None:
    # Zeros and ones, in a set that does not say of how many classes it is.
    two = replace(DIGITS.subset([0, 1, 47]), classes=10)
    network = Network((Layer(np.eye(2, 49, dtype=np.float32), np.zeros(2), "softmax"),))
    fit = fits(network, two)
    assert fit.unscored == "" and fit.lay(two).classes == 2
    for found in (score(network, two), score(network, fit.lay(two))):
        assert found.known_accuracy == 1 and found.confusion.tolist() == [[2, 0], [0, 1]]
    check_scored(network, two)
    with pytest.raises(ValueError, match="as many outputs as the first, 2; got 47"):
        compare(network, READER, two)
    with pytest.raises(ValueError, match="labels: expected 0 to 0; got 0 to 1"):
        two.of_classes(1)
    said = "not scored: 1 output, the digits have 10 classes"
    assert fits((49, 1), two).unscored == said and "have 1 class" in unscored(2, 1)
    # Of a set in order the first are zeros, which do not make it one of a single class.
    reading = Reading("a file", (RawLayer(network.layer(1).weights, np.zeros(2, np.float32)),))
    zeros = two.subset([0])
    assert possibilities(reading, zeros)[0].accuracy == 1
    found = possibilities(reading, zeros, reach=10)[0]
    assert found.accuracy is None and "2 outputs, the digits have 10 classes" in found.guess


def test_an_update_of_an_unscored_network_equals_a_full_pass() -> None:
    network = Network.random((49, 5, 2), seed=2)
    scorer = Scorer(DIGITS)
    scorer.update(network)
    weights = network.layer(1).weights.copy()
    weights[3, 7] += 2
    changed = network.with_layer(1, weights=weights)
    assert (
        scorer.update(changed).predictions.tolist() == score(changed, DIGITS).predictions.tolist()
    )


def test_tables_by_class_have_a_column_for_each() -> None:
    scorer = Scorer(DIGITS)
    scorer.update(READER)
    shares = shares_of_classes(DIGITS.labels, DIGITS.classes)
    table = class_table(*scorer.activations(1), DIGITS.labels, shares)
    np.testing.assert_array_equal(table.fires, np.eye(CLASSES))
    assert table.counts.tolist() == [2] * CLASSES
    spread = histogram_by_class([0.0, 1.0], [0, 1], bins=2, many=CLASSES)
    assert spread.counts.shape == (CLASSES, 2) and spread.counts[1].tolist() == [0, 1]
    # Of few digits as many columns as the set has classes, and ten where nothing is said.
    assert shares_of_classes([0, 1], CLASSES).shape == (2, CLASSES)
    assert shares_of_classes([0, 1]).shape == (2, 10)


def test_without_the_neuron_that_reads_a_class_that_class_is_lost() -> None:
    responses = READER.forward(DIGITS.images)
    found = ablation(READER, responses, DIGITS.labels, [(1, 46)], "zero")
    assert found.per_digit.tolist() == [*[0.0] * 46, 1.0]
    assert found.pairs[46, 0] == 2 and found.pairs[46, 46] == -2


def test_some_classes_of_many_are_scored() -> None:
    z = READER.forward(DIGITS.images).logits.T
    found = subset_score(z, DIGITS.labels, [17, 46])
    assert found.score.images == 4 and found.among.accuracy == 1
    with pytest.raises(ValueError, match="classes: expected some of 0 to 46"):
        subset_score(z, DIGITS.labels, [47])


def test_a_score_of_ten_classes_is_made_of_answers_and_labels_alone() -> None:
    assert Score(np.uint8([1, 2]), np.uint8([1, 1])).accuracy == 0.5
