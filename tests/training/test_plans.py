"""The plans of the networks that ship."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from toolkit.digits import DigitSet, generate, load_folder, open_digits
from toolkit.formats import load
from toolkit.network import Network
from toolkit.training import PLANS, Epoch, Plan, train_plan
from toolkit.training.plans import sharpened, with_sigmoid

WEIGHTS = Path(__file__).parents[2] / "weights"

SMALL = Plan(
    "a little of everything", "sigmoid", "sigmoid", sizes=(8, 6), teachers=2, teacher_epochs=2,
    teacher_sizes=(20,), copies=2, starts=2, epochs=2,
)  # fmt: skip


@pytest.fixture(scope="module")
def digits() -> DigitSet:
    return generate(600, seed=3)


def test_every_shipped_network_has_a_plan_of_its_shape() -> None:
    assert set(PLANS) == {"mnist-sigmoid", "mnist-relu", "drawn-sigmoid"}
    for plan in PLANS.values():
        assert plan.sizes == (16, 16)


@pytest.mark.parametrize("hidden", ["sigmoid", "relu"])
def test_a_plan_gives_the_network_it_promises(digits: DigitSet, hidden: str) -> None:
    result = train_plan(replace(SMALL, hidden=hidden), digits)
    assert result.network.sizes == (784, 8, 6, 10)
    assert result.network.activations == (hidden, hidden, "sigmoid")
    assert result.finished
    assert result.stopped_because == "all stages done"
    assert [record.stage for record in result.records] == [
        stage
        for stage in ("teacher 1 of 2", "teacher 2 of 2", "start 1 of 2", "start 2 of 2")
        for _ in range(2)
    ]
    assert result.network.provenance["seed"] == "0"
    assert "550 images learned, 50 to choose by" in result.network.provenance["data"]
    best = max(r.accuracy or 0 for r in result.records if r.stage.startswith("start"))
    assert result.network.provenance["validation"] == f"{best:.2%} of the images set aside"


def test_weights_of_pixels_that_are_never_lit_are_exactly_zero(digits: DigitSet) -> None:
    unlit = digits.pixels.max(axis=0) == 0
    assert unlit.any()
    weights = train_plan(SMALL, digits).network.layers[0].weights
    assert (weights[:, unlit] == 0).all()
    assert (weights[:, ~unlit] != 0).any(axis=0).mean() > 0.9


def test_the_same_seed_gives_the_same_bits(digits: DigitSet) -> None:
    first, again, other = (train_plan(SMALL, digits, seed=s).network for s in (2, 2, 3))
    assert first.checksum == again.checksum != other.checksum


def test_interrupted_it_returns_the_best_small_network_so_far(digits: DigitSet) -> None:
    def press_control_c(epoch: Epoch) -> None:
        if epoch.stage == "start 1 of 2":
            raise KeyboardInterrupt

    result = train_plan(SMALL, digits, on_epoch=press_control_c)
    assert not result.finished
    assert result.stopped_because == "interrupted after 1 of 2 epochs"
    assert result.network.sizes == (784, 8, 6, 10)
    assert "validation" in result.network.provenance


def test_stopped_among_the_teachers_it_says_that_nothing_was_trained(digits: DigitSet) -> None:
    result = train_plan(SMALL, digits, on_epoch=lambda _: False)
    assert result.stopped_because == "stopped by on_epoch after epoch 1"
    assert len(result.records) == 1
    assert result.network.sizes == (784, 8, 6, 10)
    assert "validation" not in result.network.provenance


def test_an_interrupt_between_two_stages_is_kept_too(
    digits: DigitSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("toolkit.training.plans._pool", interrupted)
    result = train_plan(SMALL, digits)
    assert not result.finished
    assert result.stopped_because == "interrupted between two stages"


def test_sigmoid_in_place_of_tanh_gives_the_same_outputs() -> None:
    network = Network.random((30, 7, 6, 5), ("tanh", "tanh", "softmax"), seed=4)
    network = network.with_layer(2, biases=np.linspace(-1, 1, 6))
    images = np.random.default_rng(0).random((20, 30)).astype(np.float32)
    same = with_sigmoid(network)
    assert same.activations == ("sigmoid", "sigmoid", "softmax")
    np.testing.assert_allclose(
        same.forward(images).outputs, network.forward(images).outputs, atol=1e-6
    )


def test_sharpening_undoes_a_temperature() -> None:
    network = Network.random((30, 7, 5), ("relu", "softmax"), seed=4)
    images = np.random.default_rng(0).random((20, 30)).astype(np.float32)
    powers = np.exp(2 * network.forward(images).logits)
    np.testing.assert_allclose(
        sharpened(network, 2).forward(images).outputs,
        powers / powers.sum(axis=1, keepdims=True),
        atol=1e-6,
    )


def test_what_does_not_fit_is_named(digits: DigitSet) -> None:
    with pytest.raises(ValueError, match=r"plan: expected one of mnist-sigmoid, .*; got 'bread'"):
        train_plan("bread", digits)
    with pytest.raises(ValueError, match="digits: expected enough to set some aside; got 3"):
        train_plan(SMALL, digits.subset(slice(3)))


@pytest.mark.parametrize("name", PLANS)
def test_the_shipped_networks_read_drawn_digits(name: str) -> None:
    network = load(WEIGHTS / f"{name}.npz")
    assert network.provenance["method"] == PLANS[name].summary
    drawn = open_digits("drawn", "test")
    assert (network.forward(drawn.images).predictions == drawn.labels).mean() >= 0.9


@pytest.mark.mnist
def test_what_learned_from_drawn_digits_alone_reads_mnist(mnist_folder: Path) -> None:
    network = load(WEIGHTS / "drawn-sigmoid.npz")
    test = load_folder(mnist_folder, "test")
    assert (network.forward(test.images).predictions == test.labels).mean() >= 0.75


@pytest.mark.mnist
@pytest.mark.parametrize(("name", "least"), [("mnist-sigmoid", 0.963), ("mnist-relu", 0.968)])
def test_the_shipped_networks_read_what_their_card_says(
    name: str, least: float, mnist_folder: Path
) -> None:
    network = load(WEIGHTS / f"{name}.npz")
    assert network.sizes == (784, 16, 16, 10)
    test = load_folder(mnist_folder, "test")
    right = (network.forward(test.images).predictions == test.labels).mean()
    assert len(test) == 10_000
    assert right >= least
    never_lit = load_folder(mnist_folder, "train").pixels.max(axis=0) == 0
    assert never_lit.sum() == 67
    assert (network.layers[0].weights[:, never_lit] == 0).all()
