"""What a neuron is called, where it is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit import Network, open_digits
from toolkit.analysis import class_means
from toolkit.analysis.shapes import match_maps, orientation_tuning, verdicts
from toolkit.analysis.shapes.drawing import SHAPES, as_stamp, draw
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


@given(
    st.sampled_from(["edge", "line", "arc", "ring", "blob", "stripes", "steps"]),
    st.tuples(*[st.floats(9, 19)] * 2, st.floats(0, 359), st.floats(8, 18), st.floats(2, 4)),
    st.floats(0.08, 0.25),
)
def test_shapes_drawn_at_once_are_those_that_are_stamped(
    shape: str, numbers: tuple[float, ...], bent: float
) -> None:
    row = np.array([*numbers, bent if shape == "arc" else 0.0, 0.5])
    if shape == "blob" or shape == "ring":
        row[2] = 0
    (drawn,) = draw(shape, row[None], MNIST)
    stamped = as_stamp(shape, row).render(MNIST).ravel()
    # The angle is rounded to thousandths, levels to 4096ths.
    np.testing.assert_allclose(drawn, stamped, atol=0.02)
    assert shape in SHAPES


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
        assert f"an edge at {each.angle % 180:.0f}°" in each.text


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


def test_a_bar_s_neuron_prefers_its_angle_and_place_through_any_activation() -> None:
    for angle in (0, 45, 100, 160):
        stamped = line((12, 16), angle, 14, 3, surround=1).render()
        found = orientation_tuning(network_of(stamped, -stamped, activation="sigmoid"))[0]
        assert abs((found[0].preferred_angle - angle + 90) % 180 - 90) < 4
        assert np.hypot(found[0].place[0] - 12, found[0].place[1] - 16) < 4
        assert found[0].selectivity > 0.3
    # What answers to every angle alike has no preference to speak of.
    (spot,) = orientation_tuning(network_of(blob((14, 14), length=5).render()))[0]
    assert spot.selectivity < 0.05


def test_tuning_is_measured_through_all_layers() -> None:
    stamped = line((14, 14), 60, 14, 3, surround=1).render().ravel()
    below = Layer(np.stack([stamped, -stamped]), [0, 0], "relu")
    above = Layer([[1.0, 0.0], [-1.0, 0.0]], [0, 0], "identity")
    (up, down) = orientation_tuning(Network((below, above)))[1]
    (alone, _) = orientation_tuning(network_of(stamped, stamped))[0]
    np.testing.assert_allclose(up.bars, alone.bars, rtol=1e-5)
    assert not down.bars.any() and np.isnan(down.preferred_angle)


def test_made_networks_are_told_right(digits: DigitSet) -> None:
    lit, means = digits.pixels.any(axis=0), class_means(digits.pixels, digits.labels)
    right: list[bool] = []
    off: list[float] = []
    for seed in range(900_000, 900_004):
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
    assert np.mean(np.array(off) <= 10) >= 0.95 and len(off) > 10


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


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="maps: expected 784 cells"):
        match_maps(np.zeros((2, 5)), MNIST)
    with pytest.raises(ValueError, match="images: expected 784 pixels"):
        verdicts(Network.blank(), images=np.ones((3, 10)))
