"""What is no digit, and what networks say of it."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.analysis import nonsense, unlit_weights
from toolkit.analysis.whole import KINDS
from toolkit.digits import DigitSet, open_digits
from toolkit.grid import Grid
from toolkit.network import ACTIVATIONS, Layer, Network
from toolkit.shipped import open_network
from toolkit.training import train

IMAGES = np.random.default_rng(1).random((50, 12)).astype(np.float32)


def counter(grid: Grid, threshold: float = 0.0) -> Network:
    """Make a network that says 1 where the ink is more than a threshold, and else 0."""
    weights = np.vstack([np.zeros(grid.cells), np.ones(grid.cells)])
    return Network((Layer(weights, [0, -threshold], "softmax", grid),))


def test_each_kind_is_what_it_is_called() -> None:
    images = np.repeat(IMAGES, 3, axis=0)
    found = {each.kind: each for each in nonsense(counter(Grid(3, 4)), images, count=100)}
    assert tuple(found) == KINDS
    assert [each.count for each in found.values()] == [100, 1, 100, 100, 100]
    shown = {kind: each.examples / 255 for kind, each in found.items()}
    assert [len(each) for each in shown.values()] == [4, 1, 4, 4, 4]
    assert not shown["blank"].any()
    plain = 1 - shown["inverted"]
    for digit in plain:
        assert np.abs(IMAGES - digit).max(axis=1).min() < 0.004
    # Left, right, up, down in turn; an odd side is moved by the larger half.
    pictures, moved = plain.reshape(-1, 3, 4), shown["shifted"].reshape(-1, 3, 4)
    np.testing.assert_allclose(moved[0][:, :2], pictures[0][:, 2:], atol=0.004)
    np.testing.assert_allclose(moved[1][:, 2:], pictures[1][:, :2], atol=0.004)
    np.testing.assert_allclose(moved[2][:1], pictures[2][2:], atol=0.004)
    np.testing.assert_allclose(moved[3][2:], pictures[3][:1], atol=0.004)
    for each in (moved[0][:, 2:], moved[1][:, :2], moved[2][1:], moved[3][:2]):
        assert not each.any()
    np.testing.assert_allclose(np.sort(shown["scrambled"]), np.sort(plain), atol=0.004)
    assert (np.abs(shown["scrambled"] - plain).max(axis=1) > 0.1).all()


def test_answers_and_how_sure_are_counted() -> None:
    # Noise of 400 pixels has 200 of ink, but for some: 0 and 1 are as likely.
    network = counter(Grid(20, 20), 200)
    noise, blank = nonsense(network, np.empty((0, 400)), count=500)
    assert noise.answers.sum() == noise.histogram.sum() == 500
    assert 0.4 < noise.answers[0] / 500 < 0.6
    assert blank.answers.tolist() == [1, 0]
    assert blank.histogram.tolist() == [0] * 19 + [1]
    assert blank.sure == blank.mean == 1
    assert (np.diff(noise.quantiles) > 0).all()
    assert noise.quantiles[0] < noise.mean < noise.quantiles[-1]
    assert noise.histogram[16:].sum() / 500 == pytest.approx(noise.sure)
    assert noise.read.tolist() == [int(each.sum() > 200 * 255) for each in noise.examples]


def test_the_same_seed_shows_the_same_and_another_seed_others() -> None:
    network = Network.random((12, 5, 10), seed=0)
    one, same, other = (nonsense(network, IMAGES, seed=seed) for seed in (0, 0, 1))
    assert all(np.array_equal(a.examples, b.examples) for a, b in zip(one, same, strict=True))
    differ = [a.kind for a, b in zip(one, other, strict=True) if (a.examples != b.examples).any()]
    assert differ == ["noise", "inverted", "shifted", "scrambled"]
    bytes_ = nonsense(network, np.rint(IMAGES * 255).astype(np.uint8))
    np.testing.assert_allclose(bytes_[2].quantiles, one[2].quantiles, atol=1e-3)


def test_of_very_large_pictures_fewer_are_shown() -> None:
    network = Network((Layer(np.ones((2, 100_000), np.float32), [0, 0]),))
    assert [each.count for each in nonsense(network, np.empty((0, 100_000)))] == [160, 1]


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_broken_networks_and_single_rows_of_pixels_are_looked_at_too(activation: str) -> None:
    for weight in (np.nan, np.inf, 3e38):
        layer = Layer(np.full((3, 5), weight), np.zeros(3), activation)
        network = Network((layer, Layer(np.ones((2, 3)), np.zeros(2), activation)))
        for each in nonsense(network, IMAGES[:, :5]):
            assert each.answers.sum() == each.count
            assert each.histogram.sum() <= each.count
        assert len(unlit_weights(network, np.arange(5) < 2).share) == 3
    with pytest.raises(ValueError, match=r"images: expected shape \(n, 5\)"):
        nonsense(network, IMAGES)
    with pytest.raises(ValueError, match="count, seed: expected 1 or more"):
        nonsense(network, IMAGES[:, :5], count=0)


def test_the_share_of_weights_on_pixels_that_are_never_lit_by_hand() -> None:
    layer = Layer([[1, -3, 2, 2], [0, 0, 0, 0], [0, 0, 1, -1], [np.nan, 0, 0, 0]], np.zeros(4))
    found = unlit_weights(Network((layer,)), [True, True, False, False])
    assert (found.pixels, found.of, found.expected) == (2, 4, 0.5)
    np.testing.assert_array_equal(found.share, [0.5, 0, 0, np.nan])
    assert found.inside == pytest.approx(np.std([1, -3, 0, 0, 0, 0, 0]))
    assert found.outside == pytest.approx(np.std([2, 2, 0, 0, 1, -1, 0, 0]))
    with pytest.raises(ValueError, match="never_lit: expected 4 of true or false"):
        unlit_weights(Network((layer,)), [True, False])
    with pytest.raises(ValueError, match="never_lit: expected 4 of true or false"):
        unlit_weights(Network((layer,)), [0, 1, 0, 1])


@pytest.mark.parametrize("optimizer", ["adamw", "sgd"])
def test_without_decay_nothing_moves_a_weight_whose_pixel_is_never_lit(optimizer: str) -> None:
    rng, dark = np.random.default_rng(0), np.arange(100) % 5 == 0
    digits = DigitSet((255 * rng.random((300, 100)) * ~dark).astype(np.uint8), np.arange(300) % 10)
    start = Network.random((100, 8, 10), seed=4)
    rate = 0.01 if optimizer == "adamw" else 0.5
    kept, faded = (
        train(start, digits, epochs=2, rate=rate, weight_decay=decay, optimizer=optimizer).network
        for decay in (0, 1)
    )  # fmt: skip
    first = [each.layer(1).weights for each in (start, kept, faded)]
    assert np.array_equal(first[1][:, dark], first[0][:, dark])
    assert (first[1][:, ~dark] != first[0][:, ~dark]).all(axis=0).any()
    assert unlit_weights(kept, dark).inside == unlit_weights(start, dark).inside
    assert unlit_weights(faded, dark).inside < 0.99 * unlit_weights(start, dark).inside


@pytest.mark.mnist
def test_what_mnist_never_lights_and_what_a_network_trained_on_it_says_of_noise(
    mnist_folder: object,
) -> None:
    digits = open_digits(str(mnist_folder), "train")
    dark = ~digits.pixels.any(axis=0)
    few = digits.subset(slice(0, 60_000, 6))
    for seed in range(3):
        start = Network.random((784, 16, 16, 10), ("relu", "relu", "softmax"), seed=seed)
        trained = train(start, few, epochs=5, weight_decay=0, seed=seed).network
        told = unlit_weights(trained, dark)
        assert (told.pixels, told.of) == (67, 784)
        assert told.inside == unlit_weights(start, dark).inside > 0.04
        noise = nonsense(trained, few.images)[0]
        assert noise.mean > 0.65
        assert noise.answers.max() > 500
        # What is left on pixels that are never lit is not why.
        weights = np.where(dark, 0, trained.layer(1).weights)
        without = nonsense(trained.with_layer(1, weights=weights), few.images)[0]
        assert without.mean == pytest.approx(noise.mean, abs=0.03)
    for name in ("mnist-sigmoid", "mnist-relu"):
        assert unlit_weights(open_network(name), dark).share.max() < 1e-6
