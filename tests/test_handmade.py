"""The network that nobody trained: its recipe makes it, and every weight of it is a person's."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

from toolkit.cli import main
from toolkit.digits import DigitSet, generate, open_digits
from toolkit.experiments import Experiment, read_recipe
from toolkit.scoring import score
from toolkit.shipped import open_network
from toolkit.training import fitted_above, templates

WEIGHTS = Path(__file__).parents[1] / "weights"
RECIPE = WEIGHTS / "handmade.toml"
BY_HAND = {"stamped", "clause", "painted"}


@pytest.fixture(scope="module")
def made() -> Experiment:
    return read_recipe(RECIPE.read_bytes())


def members(path: Path) -> list[tuple[str, bytes]]:
    """What an archive holds; the headers around it differ between releases of Python."""
    with zipfile.ZipFile(path) as archive:
        return [(each, archive.read(each)) for each in archive.namelist()]


def test_the_recipe_makes_the_network_that_ships_bit_for_bit(tmp_path: Path) -> None:
    there = tmp_path / "handmade.npz"
    assert main(["replay", str(RECIPE), "-o", str(there)]) == 0
    assert members(there) == members(WEIGHTS / "handmade.npz")


def test_every_weight_and_bias_is_stamped_a_clause_or_painted(made: Experiment) -> None:
    assert set(made.network.activations) == {"sigmoid"}
    marks = made.provenance()
    counts = {name: count for name, count in marks.counts().items() if count}
    assert set(counts) <= BY_HAND
    assert sum(counts.values()) == made.network.parameters == 13_002
    first = {name: count for name, count in marks.counts(1).items() if count}
    assert first == {"stamped": 16 * 784, "painted": 16}
    kinds = {step.edit.kind for step in made.steps}
    assert kinds == {"stamp", "clause", "bias", "name"}
    # No stamp shows a picture: those would be means of labelled digits.
    assert all(getattr(step.edit, "stamp", None) is None or step.edit.stamp.shape != "picture"  # type: ignore[attr-defined]
               for step in made.steps)  # fmt: skip


def test_every_line_says_what_it_is_for_and_every_neuron_has_a_name(made: Experiment) -> None:
    assert all(len(step.why.split()) >= 5 for step in made.steps)
    sizes = made.network.sizes[1:]
    assert set(made.network.names) == {
        (layer, index) for layer, size in enumerate(sizes, 1) for index in range(size)
    }


def test_what_is_fitted_above_it_has_its_first_layer() -> None:
    handmade, fitted = open_network("handmade"), open_network("handmade-fitted")
    for held, there in ((handmade.layer(1), fitted.layer(1)),):
        assert held.weights.tobytes() == there.weights.tobytes()
        assert held.biases.tobytes() == there.biases.tobytes()
    assert {layer for layer, _ in fitted.names} == {1}
    assert "held" in fitted.provenance["origin"] and "trained" in fitted.provenance["origin"]


@pytest.fixture(scope="module")
def digits() -> DigitSet:
    return generate(400, seed=5)


def test_fitting_above_leaves_the_first_layer_as_it_was(digits: DigitSet) -> None:
    handmade = open_network("handmade")
    result = fitted_above(handmade, digits, epochs=1)
    first = result.network.layer(1)
    assert first.weights.tobytes() == handmade.layer(1).weights.tobytes()
    assert first.biases.tobytes() == handmade.layer(1).biases.tobytes()
    assert result.network.layer(3) != handmade.layer(3)
    assert result.held == 16 * 785


def test_templates_name_the_nearest_mean(digits: DigitSet) -> None:
    images = digits.images.astype(np.float64)
    means = np.array([images[digits.labels == c].mean(0) for c in range(10)])
    nearest = ((images[:, None] - means) ** 2).sum(2).argmin(1)
    network = templates(digits)
    assert network.sizes == (784, 16, 16, 10)
    assert (network.forward(digits.images).predictions == nearest).mean() >= 0.995
    with pytest.raises(ValueError, match="digits: expected some of every class; got none of 7"):
        templates(digits.subset(digits.labels != 7))


@pytest.mark.mnist
def test_the_templates_that_ship_are_those_of_mnist(mnist_folder: Path) -> None:
    assert templates(open_digits(mnist_folder, "train")) == open_network("templates")


@pytest.mark.mnist
def test_nobody_trained_it_and_it_reads_three_digits_of_four(mnist_folder: Path) -> None:
    assert score(open_network("handmade"), open_digits(mnist_folder, "test")).accuracy >= 0.75
