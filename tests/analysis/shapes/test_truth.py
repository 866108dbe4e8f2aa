"""What a neuron is called on networks where it is known."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit import Network, open_digits
from toolkit.analysis import class_means
from toolkit.analysis.shapes import match_maps, verdicts
from toolkit.analysis.shapes.truth import truth_network
from toolkit.digits import DigitSet
from toolkit.grid import Grid
from toolkit.network import Layer
from toolkit.stamps import blob, edge, line

MNIST = Grid(28, 28)


@pytest.fixture(scope="module")
def digits() -> DigitSet:
    return open_digits("drawn").subset(slice(0, 10_000, 20))


def network_of(*maps: object, activation: str = "identity") -> Network:
    rows = np.stack([np.asarray(each, np.float32).ravel() for each in maps])
    return Network((Layer(rows, np.zeros(len(rows)), activation),))


@pytest.mark.parametrize("angle", [0, 30, 75, 120, 200, 310])
def test_an_edge_is_found_where_it_is_at_its_angle(angle: float) -> None:
    noise = np.random.default_rng(angle).normal(0, 0.3, (28, 28))
    stamped = edge((12, 15), angle, 12, 3)
    network = network_of(stamped.render() + noise, 5 - 2 * stamped.render())
    found = verdicts(network)[0]
    assert [each.kind for each in found] == ["edge", "edge"]
    for each, turned in zip(found, (0, 180), strict=True):
        assert abs((each.angle - angle - turned + 180) % 360 - 180) < 5
        match = each.match
        assert match is not None and match.stamp.at is not None
        assert np.hypot(match.stamp.at[0] - 12, match.stamp.at[1] - 15) < 2.5
        assert f"an edge at {round(each.angle) % 360}°" in each.text


def test_the_stamp_of_a_match_has_the_correlation_that_is_said() -> None:
    rng = np.random.default_rng(0)
    lit = rng.random(784) < 0.8
    maps = np.stack([
        (line((10, 12), 40, 14, 3).render() + rng.normal(0, 0.2, (28, 28))).ravel(),
        -blob((15, 14), length=8).render().ravel() + 3,
    ]).astype(np.float32)  # fmt: skip
    for values, found in zip(maps, match_maps(maps, MNIST, lit), strict=True):
        for match in found.by_shape.values():
            drawn = match.stamp.render(MNIST).ravel()
            alike = np.corrcoef(values[lit], drawn[lit])[0, 1]
            assert alike == pytest.approx(match.correlation, abs=0.02)


def test_made_networks_are_told_right(digits: DigitSet) -> None:
    lit, means = digits.pixels.any(axis=0), class_means(digits.pixels, digits.labels)
    right: list[bool] = []
    off: list[float] = []
    for seed in range(900_000, 900_003):
        truth = truth_network(seed, 2, lit, means)
        found = verdicts(
            truth.network, images=digits.pixels, labels=digits.labels, layers=(1,),
            responses=truth.network.forward(digits.images),
        )[0]  # fmt: skip
        for kind, stamp, each in zip(truth.kinds, truth.stamps, found, strict=True):
            right.append(each.kind == kind)
            if kind == each.kind == "edge" and stamp is not None:
                true = (stamp.angle or 0) + (180 if stamp.strength < 0 else 0)
                off.append(abs((each.angle - true + 180) % 360 - 180))
    assert np.mean(right) >= 0.93
    assert np.mean(np.array(off) <= 10) >= 0.95 and len(off) > 5


def test_what_says_nothing_is_dead_and_noise_is_noise(digits: DigitSet) -> None:
    rng = np.random.default_rng(3)
    weights = np.stack([np.zeros(784), rng.normal(0, 1, 784), rng.normal(0, 1, 784)])
    network = Network((Layer(weights, [1, 0, -1e4], "relu"),))
    kinds = [
        each.kind
        for each in verdicts(
            network, images=digits.pixels, responses=network.forward(digits.images)
        )[0]
    ]
    assert kinds == ["dead", "noise", "dead"]


def test_every_template_is_told_by_its_class(digits: DigitSet) -> None:
    means = class_means(digits.pixels, digits.labels)
    found = verdicts(network_of(*means, -means[3]), images=digits.pixels, labels=digits.labels)[0]
    assert [each.kind for each in found] == ["template"] * 11
    assert [each.matches.template for each in found] == [*range(10), 3]
    assert found[-1].matches.template_correlation < 0 and "dark where" in found[-1].text


@pytest.mark.parametrize(
    "grid", [Grid(56, 56), Grid(14, 14), Grid(20, 32), Grid(1, 40), Grid(3, 3)]
)
def test_any_grid_has_verdicts(grid: Grid) -> None:
    unit = max(grid) / 28
    middle = grid.rows / 2, grid.columns / 2
    stamped = edge(middle, 30, 14 * unit, 4 * unit).render(grid).ravel()
    noise = np.random.default_rng(0).normal(0, 1, grid.cells)
    layer = Layer(np.stack([stamped, noise]), [0, 0], "tanh", grid)
    found = verdicts(Network((layer,)))[0]
    if min(grid) >= 14:
        assert found[0].kind == "edge" and abs(found[0].angle - 30) < 8
        assert found[1].kind == "noise"
    else:
        assert all(each.text for each in found)


def test_weights_that_are_not_finite_are_no_obstacle(recwarn: pytest.WarningsRecorder) -> None:
    weights = np.random.default_rng(0).normal(0, 1, (4, 784)).astype(np.float32)
    weights[0, 5], weights[1, 7], weights[2] = np.nan, np.inf, np.nan
    weights[3] *= 1e37
    found = verdicts(network_of(*weights, activation="relu"))[0]
    assert len(found) == 4 and not recwarn.list
