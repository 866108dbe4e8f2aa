"""The trainer."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from toolkit.digits import DigitSet, load_folder
from toolkit.network import Layer, Network
from toolkit.training import Augmentation, Epoch, gradients, train


def blobs(count: int = 400, seed: int = 0) -> DigitSet:
    """Ten easy classes of 36 pixels: a random picture each, and noise."""
    means = np.random.default_rng(99).random((10, 36))
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 10, count)
    pixels = np.clip(means[labels] + rng.normal(0, 0.15, (count, 36)), 0, 1)
    return DigitSet(pixels.astype(np.float32), labels)


SIZES = (36, 8, 10)


def start(activations: str | tuple[str, ...] = ("sigmoid", "softmax"), seed: int = 0) -> Network:
    return Network.random(SIZES, activations, seed=seed, name="start")


def accuracy(network: Network, digits: DigitSet) -> float:
    return float((network.forward(digits.images).predictions == digits.labels).mean())


@pytest.mark.parametrize("loss", ["cross-entropy", "mse"])
@pytest.mark.parametrize("output", ["softmax", "sigmoid", "identity"])
@pytest.mark.parametrize(("optimizer", "rate"), [("adamw", 0.02), ("sgd", 0.3)])
def test_every_loss_and_optimizer_learns(
    loss: str, output: str, optimizer: str, rate: float
) -> None:
    result = train(
        start(("tanh", output)), blobs(), epochs=25, batch_size=20, rate=rate,
        weight_decay=0, loss=loss, optimizer=optimizer,
    )  # fmt: skip
    losses = [record.loss for record in result.records]
    assert losses[-1] < 0.7 * losses[0]
    assert accuracy(result.network, blobs(seed=1)) > 0.8


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_one_small_step_decreases_the_loss(optimizer: str) -> None:
    network, digits = start(), blobs()
    before, _ = gradients(network, digits.images, digits.labels)
    result = train(
        network, digits, epochs=1, batch_size=len(digits), rate=1e-3, weight_decay=0,
        optimizer=optimizer, schedule="constant",
    )  # fmt: skip
    after, _ = gradients(result.network, digits.images, digits.labels)
    assert result.records[0].loss == pytest.approx(before, rel=1e-5)
    assert after < before


def test_a_step_of_plain_descent_is_rate_times_gradient_and_decay_is_apart_from_it() -> None:
    network, digits = start(), blobs()
    _, per_layer = gradients(network, digits.images, digits.labels)
    result = train(
        network, digits, epochs=1, batch_size=len(digits), rate=0.5, weight_decay=(0.1, 0),
        optimizer="sgd", schedule="constant",
    )  # fmt: skip
    for old, new, (dW, db), kept in zip(
        network.layers, result.network.layers, per_layer, (1 - 0.5 * 0.1, 1), strict=True
    ):
        np.testing.assert_allclose(new.weights, kept * old.weights - 0.5 * dW, atol=1e-6)
        np.testing.assert_allclose(new.biases, old.biases - 0.5 * db, atol=1e-6)


def test_adams_first_step_is_the_rate_against_the_gradients_sign() -> None:
    network, digits = start(), blobs()
    _, per_layer = gradients(network, digits.images, digits.labels)
    result = train(
        network, digits, epochs=1, batch_size=len(digits), rate=0.01, weight_decay=0,
        schedule="constant",
    )  # fmt: skip
    for old, new, (dW, _) in zip(network.layers, result.network.layers, per_layer, strict=True):
        clear = np.abs(dW) > 1e-5
        moved = (new.weights - old.weights)[clear]
        np.testing.assert_allclose(moved, -0.01 * np.sign(dW[clear]), rtol=2e-3)


def test_adam_is_kingma_and_bas_algorithm() -> None:
    """Algorithm 1 of the paper in float64, its moments as they stand there."""
    digits, weights = blobs(), [layer.weights.astype(np.float64) for layer in start().layers]
    biases = [layer.biases.astype(np.float64) for layer in start().layers]
    moving = [*weights, *biases]
    first, second = ([np.zeros_like(part) for part in moving] for _ in range(2))
    for step in range(1, 21):
        network = Network(
            Layer(w, b, a) for w, b, a in zip(weights, biases, start().activations, strict=True)
        )
        _, per_layer = gradients(network, digits.images, digits.labels)
        slopes = [w for w, _ in per_layer] + [b for _, b in per_layer]
        for part, slope, m, v in zip(moving, slopes, first, second, strict=True):
            m += 0.1 * (slope - m)
            v += 0.001 * (slope.astype(np.float64) ** 2 - v)
            corrected = m / (1 - 0.9**step), v / (1 - 0.999**step)
            part -= 0.01 * corrected[0] / (np.sqrt(corrected[1]) + 1e-8)
    result = train(
        start(), digits, epochs=20, batch_size=len(digits), rate=0.01, weight_decay=0,
        schedule="constant",
    )  # fmt: skip
    for layer, w, b in zip(result.network.layers, weights, biases, strict=True):
        np.testing.assert_allclose(layer.weights, w, atol=1e-4)
        np.testing.assert_allclose(layer.biases, b, atol=1e-4)


def test_the_last_batch_may_be_a_smaller_one() -> None:
    digits, network = blobs(25), start()
    both = train(
        network, digits, epochs=1, batch_size=20, optimizer="sgd", schedule="constant", rate=0.5,
        weight_decay=0, seed=3,
    ).network  # fmt: skip
    order = np.random.default_rng(3).permutation(25)
    for chosen in (order[:20], order[20:]):
        network = train(
            network, digits.subset(chosen), epochs=1, batch_size=20, optimizer="sgd",
            schedule="constant", rate=0.5, weight_decay=0,
        ).network  # fmt: skip
    for got, wanted in zip(both.layers, network.layers, strict=True):
        np.testing.assert_allclose(got.weights, wanted.weights, atol=1e-6)


def test_the_network_that_comes_in_stays_as_it_was() -> None:
    network = start()
    before = network.checksum
    result = train(network, blobs(), epochs=2)
    assert Network(network.layers).checksum == before
    assert result.network != network
    assert result.network.name == "start"
    assert result.network.activations == network.activations


@pytest.mark.parametrize(
    "extra",
    [
        {},
        {"optimizer": "sgd", "average": 0.9, "validation": 0.2},
        {"validation": blobs(seed=5), "patience": 2},
    ],
)
def test_the_same_seed_gives_the_same_bits(extra: dict[str, object]) -> None:
    first, again, other = (
        train(start(), blobs(), epochs=3, batch_size=30, seed=seed, **extra)  # type: ignore[arg-type]
        for seed in (7, 7, 8)
    )
    assert first.network.checksum == again.network.checksum != other.network.checksum
    assert [r.loss for r in first.records] == [r.loss for r in again.records]


def test_augmented_training_repeats_too_and_leaves_the_global_generator_alone() -> None:
    np.random.seed(0)  # noqa: NPY002
    state = np.random.get_state()[1].tobytes()  # type: ignore[union-attr, index] # noqa: NPY002
    augment = Augmentation(bend=0.5)
    first, again, plain = (
        train(start(), blobs(), epochs=2, seed=1, augment=a).network.checksum
        for a in (augment, augment, None)
    )
    assert first == again != plain
    assert np.random.get_state()[1].tobytes() == state  # type: ignore[union-attr, index] # noqa: NPY002


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
@pytest.mark.parametrize("average", [None, 0.9])
@pytest.mark.parametrize(
    "frozen",
    [{"1"}, {"2"}, {(1, 3)}, ("1.3", (2, 9)), "1.3", ("1", "2")],
    ids=repr,
)
def test_held_parts_keep_their_bits_and_the_rest_learns(
    frozen: set[str | tuple[int, int]], average: float | None, optimizer: str
) -> None:
    network = start()
    result = train(network, blobs(), epochs=3, frozen=frozen, average=average, optimizer=optimizer)
    parts = {frozen} if isinstance(frozen, str) else frozen
    spelled = {".".join(map(str, part)) if isinstance(part, tuple) else str(part) for part in parts}
    for number, (old, new) in enumerate(zip(network.layers, result.network.layers, strict=True), 1):
        for j in range(old.size):
            same = (
                old.weights[j].tobytes() == new.weights[j].tobytes()
                and old.biases[j].tobytes() == new.biases[j].tobytes()
            )
            assert same == (f"{number}" in spelled or f"{number}.{j}" in spelled), f"{number}.{j}"


def test_held_broken_weights_keep_their_bits() -> None:
    weights = np.array(start().layers[0].weights)
    weights[2, 0] = -0.0
    weights[3, 1] = math.inf
    # Nothing listens to neuron 1.3: its rows of the next layer are zero.
    network = start(("relu", "softmax")).with_layer(1, weights=weights)
    deaf = np.array(network.layers[1].weights)
    deaf[:, 3] = 0
    network = network.with_layer(2, weights=deaf)
    dark = DigitSet(
        np.where(np.arange(36) == 1, 0, blobs().pixels).astype(np.uint8), blobs().labels
    )
    result = train(network, dark, epochs=2, frozen={"1"})
    assert result.network.layers[0].weights.tobytes() == weights.tobytes()


def test_weights_of_pixels_that_are_never_lit_only_decay() -> None:
    digits = DigitSet(
        np.where(np.arange(36) < 5, 0, blobs().pixels).astype(np.uint8), blobs().labels
    )
    network = start()
    result = train(network, digits, epochs=2, weight_decay=0)
    dark = [net.layers[0].weights[:, :5] for net in (network, result.network)]
    assert dark[0].tobytes() == dark[1].tobytes()
    decayed = train(network, digits, epochs=2, weight_decay=5).network.layers[0].weights[:, :5]
    assert (np.abs(decayed) < np.abs(dark[0])).all()
    assert (np.sign(decayed) == np.sign(dark[0])).all()


def test_validation_decides_which_epoch_is_returned() -> None:
    validation = blobs(100, seed=3)
    seen: list[Epoch] = []
    result = train(
        start(), blobs(60), epochs=30, batch_size=10, rate=0.05, validation=validation,
        on_epoch=seen.append,
    )  # fmt: skip
    assert tuple(seen) == result.records
    accuracies = [record.accuracy for record in result.records]
    assert accuracy(result.network, validation) == max(a for a in accuracies if a is not None)


def test_a_fraction_is_held_out_of_training() -> None:
    digits = blobs(100)
    result = train(start(), digits, epochs=1, batch_size=1000, validation=0.3, seed=4)
    held_out = np.random.default_rng(4).permutation(100)[:30]
    kept = digits.subset(np.setdiff1d(np.arange(100), held_out))
    value, _ = gradients(start(), kept.images, kept.labels)
    assert result.records[0].loss == pytest.approx(value, rel=1e-5)
    assert accuracy(result.network, digits.subset(held_out)) == result.records[0].accuracy


def test_training_stops_early_when_validation_no_longer_gains() -> None:
    result = train(
        start(), blobs(), epochs=500, validation=blobs(100, seed=3), patience=4,
        schedule="constant",
    )  # fmt: skip
    assert len(result.records) < 500
    assert result.stopped_because == "no higher validation accuracy for 4 epochs"
    accuracies = [record.accuracy or 0 for record in result.records]
    assert len(accuracies) - 1 - int(np.argmax(accuracies)) == 4
    assert accuracy(result.network, blobs(100, seed=3)) == max(accuracies)


def test_on_epoch_may_stop_and_what_was_learned_is_kept() -> None:
    result = train(start(), blobs(), epochs=9, on_epoch=lambda epoch: epoch.number < 3)
    assert result.stopped_because == "stopped by on_epoch after epoch 3"
    assert len(result.records) == 3
    assert result.network != start()


def test_an_interrupt_keeps_the_best_so_far() -> None:
    snapshots: list[Epoch] = []

    def press_control_c(epoch: Epoch) -> None:
        snapshots.append(epoch)
        if epoch.number == 4:
            raise KeyboardInterrupt

    validation = blobs(100, seed=3)
    result = train(start(), blobs(), epochs=50, validation=validation, on_epoch=press_control_c)
    assert result.stopped_because == "interrupted after 4 of 50 epochs"
    assert accuracy(result.network, validation) == max(e.accuracy or 0 for e in snapshots)


def test_an_interrupt_within_the_first_epoch_returns_the_start(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("toolkit.training.steps.backpropagate", interrupted)
    result = train(start(), blobs(), epochs=5)
    assert result.network == start()
    assert result.records == ()
    assert result.stopped_because == "interrupted after 0 of 5 epochs"


def test_a_loss_that_is_no_longer_finite_stops_with_the_last_good_weights() -> None:
    digits = blobs()
    result = train(
        start(("relu", "identity")), digits, epochs=50, rate=1e3, weight_decay=0, loss="mse",
        optimizer="sgd", schedule="constant",
    )  # fmt: skip
    assert "no longer finite in epoch" in result.stopped_because
    assert "lower rate" in result.stopped_because
    assert len(result.records) < 50
    assert all(np.isfinite(layer.weights).all() for layer in result.network.layers)


def test_a_network_that_starts_with_nan_stops_at_once() -> None:
    broken = start().with_layer(1, biases=np.full(8, np.nan))
    result = train(broken, blobs(), epochs=3)
    assert "no longer finite in epoch 1" in result.stopped_because
    assert result.network == broken


def test_soft_targets_replace_the_labels() -> None:
    digits = blobs()
    # A teacher that is sure each digit is the next one.
    wrong = np.eye(10)[(digits.labels + 1) % 10]
    result = train(start(), digits, epochs=20, batch_size=20, targets=wrong)
    got = result.network.forward(digits.images).predictions
    assert (got == (digits.labels + 1) % 10).mean() > 0.9


def test_an_average_lies_on_the_way() -> None:
    plain = train(start(), blobs(), epochs=3, weight_decay=0)
    averaged = train(start(), blobs(), epochs=3, weight_decay=0, average=0.99)
    weights = [net.layers[0].weights for net in (start(), averaged.network, plain.network)]
    lengths = [np.linalg.norm(w - weights[0]) for w in weights]
    assert 0 < lengths[1] < lengths[2]


def test_records_count_and_time_the_epochs() -> None:
    result = train(start(), blobs(), epochs=4, stage="teacher")
    assert [(r.number, r.epochs, r.stage) for r in result.records] == [
        (number, 4, "teacher") for number in (1, 2, 3, 4)
    ]
    assert result.stopped_because == "all 4 epochs done"
    assert all(r.accuracy is None for r in result.records)
    assert result.records[-1].seconds_left == 0
    assert 0 < result.records[0].seconds < result.records[-1].seconds


def test_the_one_cycle_rate_rises_and_falls() -> None:
    # A lone bias b under (b - 1)^2 goes b - 1 -> (1 - 2 rate)(b - 1): losses tell the rates.
    network = Network((Layer([[0.0]], [0.0], "identity"),))
    digits = DigitSet(np.zeros((1, 1), np.uint8), np.zeros(1, np.uint8))
    result = train(network, digits, epochs=100, rate=0.01, optimizer="sgd", loss="mse")
    distances = np.sqrt([record.loss for record in result.records])
    rates = (1 - distances[1:] / distances[:-1]) / 2
    assert rates[0] == pytest.approx(0.01 / 25, rel=0.1)
    assert rates.max() == pytest.approx(0.01, rel=0.01)
    assert int(rates.argmax()) in range(28, 32)
    assert (np.diff(rates[:29]) > 0).all()
    assert (np.diff(rates[31:]) < 1e-6).all()
    assert rates[-1] < 0.01 / 100


@pytest.mark.mnist
def test_five_epochs_of_mnist_read_most_of_the_test_digits(mnist_folder: Path) -> None:
    digits = load_folder(mnist_folder, "train")
    network = Network.random(activations=("relu", "relu", "softmax"))
    result = train(network, digits, epochs=5)
    assert accuracy(result.network, load_folder(mnist_folder, "test")) > 0.94


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"epochs": 0}, "epochs: expected a whole number, 1 or more; got 0"),
        ({"epochs": 2.0}, "epochs: expected a whole number, 1 or more; got 2.0"),
        ({"batch_size": -1}, "batch_size: expected a whole number, 1 or more; got -1"),
        ({"rate": 0}, "rate: expected a number greater than 0; got 0"),
        ({"rate": math.nan}, "rate: expected a number greater than 0; got nan"),
        ({"rate": "fast"}, "rate: expected a number greater than 0; got 'fast'"),
        ({"weight_decay": -1}, "weight_decay: expected a number, 0 or more, or 2 of them"),
        ({"weight_decay": (1, 2, 3)}, r"weight_decay: .*got \(1, 2, 3\)"),
        ({"weight_decay": "0.1"}, "weight_decay: .*got '0.1'"),
        ({"weight_decay": None}, "weight_decay: .*got None"),
        ({"loss": "hinge"}, "loss: expected one of cross-entropy, mse; got 'hinge'"),
        ({"optimizer": "lion"}, "optimizer: expected one of adamw, sgd; got 'lion'"),
        ({"schedule": "cosine"}, "schedule: expected one of one-cycle, constant; got 'cosine'"),
        ({"validation": 1.5}, "validation: expected a DigitSet or a fraction .*got 1.5"),
        ({"validation": 0.001}, "validation: expected a fraction that leaves digits"),
        ({"validation": "test"}, "validation: expected a DigitSet or a fraction .*got 'test'"),
        ({"patience": 3}, "patience: expected validation digits"),
        ({"patience": 0, "validation": 0.1}, "patience: expected a whole number, 1 or more"),
        ({"frozen": {"3"}}, "frozen: layer: expected 1 to 2; got 3"),
        ({"frozen": {(1, 8)}}, "frozen: neuron: expected 1.0 to 1.7; got 1.8"),
        ({"frozen": {"1.x"}}, "frozen: expected layers such as '1' .*got '1.x'"),
        ({"frozen": {1.3}}, "frozen: expected layers such as '1' .*got 1.3"),
        ({"frozen": (1, 3)}, "frozen: expected layers such as '1' .*got 1"),
        ({"frozen": [(1, True)]}, r"frozen: expected layers such as '1' .*got \(1, True\)"),
        ({"frozen": 1}, "frozen: expected a collection of layers and neurons; got 1"),
        ({"average": 1}, "average: expected a number between 0 and 1; got 1"),
        ({"targets": np.zeros((3, 10))}, r"targets: expected 400 .*got float32 of shape \(3, 10\)"),
        ({"targets": np.full((400, 10), 2)}, "targets: expected values from 0 to 1"),
        ({"seed": -1}, "seed: expected a whole number, 0 or more; got -1"),
        ({"augment": 3}, "augment: expected an Augmentation; got 3"),
    ],
)
def test_arguments_are_checked(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        train(start(), blobs(), **arguments)  # type: ignore[arg-type]


def test_digits_must_fit_the_network() -> None:
    with pytest.raises(ValueError, match=r"digits: expected images of 36 pixels, .*; got 784"):
        train(start(), DigitSet(np.zeros((1, 784), np.uint8), np.zeros(1, np.uint8)))
    with pytest.raises(ValueError, match="digits: expected at least one digit; got none"):
        train(start(), blobs(0))
    with pytest.raises(ValueError, match="digits: expected a DigitSet; got ndarray"):
        train(start(), blobs().pixels)  # type: ignore[arg-type]
    small = Network.random((36, 5))
    with pytest.raises(ValueError, match="digits: expected 0 to 4"):
        train(small, blobs())
