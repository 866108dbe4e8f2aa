"""Tuning as measured, and verdicts."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

from toolkit.analysis.shapes import VERDICTS, orientation_tuning, verdicts
from toolkit.network import ACTIVATIONS, Layer, Network
from toolkit.stamps import Stamp


def network(*stamps: Stamp, bias: float = 0.0) -> Network:
    weights = np.stack([stamp.render().ravel() for stamp in stamps])
    size = len(stamps)
    return Network(
        (Layer(weights, np.full(size, bias)), Layer(np.eye(size), np.zeros(size), "identity"))
    )


def test_a_bar_detector_prefers_its_own_angle_and_place() -> None:
    net = network(Stamp("line", (10, 18), 60, 12), Stamp("blob", (14, 14), length=6))
    bar, spot = orientation_tuning(net, 1)
    assert bar.preferred_angle == pytest.approx(60, abs=5)
    assert bar.selectivity > 0.3 > 0.15 > spot.selectivity
    assert np.hypot(bar.place[0] - 10, bar.place[1] - 18) < 3
    assert bar.angles[bar.bars.argmax()] == 60
    assert len(bar.edges) == len(bar.edge_angles) == 24


def test_selectivity_is_one_less_the_circular_variance() -> None:
    tuned = orientation_tuning(network(Stamp("line", (14, 14), 30)), 1)[0]
    vector = sum(r * np.exp(2j * math.radians(a)) for a, r in zip(tuned.angles, tuned.bars,
                                                                  strict=True))  # fmt: skip
    assert tuned.selectivity == pytest.approx(abs(vector) / tuned.bars.sum())


@pytest.mark.parametrize("angle", [0, 100, 215, 300])
def test_an_edge_says_which_side_is_bright(angle: int) -> None:
    found = verdicts(network(Stamp("edge", (14, 14), angle)))
    for verdict in (found[0][0], found[1][0]):  # the second layer looks at it through a sigmoid
        assert verdict.kind == "edge"
        assert abs((verdict.angle - angle + 180) % 360 - 180) < 4
        assert abs((verdict.tuning.preferred_edge - angle + 180) % 360 - 180) < 8
    side = {0: "above", 100: "on the left", 215: "below", 300: "on the right"}[angle]
    assert f"bright {side}" in found[0][0].text or angle in (215, 300)
    assert found[0][0].edge_score == pytest.approx(found[0][0].matches.best.correlation)


def test_each_kind_is_told_and_says_so() -> None:
    rng = np.random.default_rng(3)
    stamps = [Stamp("line", (14, 14), 45, strength=-1), Stamp("arc", (12, 14), 0, curvature=0.2),
              Stamp("blob", (14, 14), length=7), Stamp("ring", (14, 14), length=10)]  # fmt: skip
    net = network(*stamps)
    weights = np.vstack([net.layer(1).weights, rng.normal(size=(1, 784)), np.zeros((1, 784))])
    found = verdicts(Network((Layer(weights, np.zeros(6)),)))[0]
    assert [v.kind for v in found] == ["line", "arc", "blob", "arc", "noise", "dead"]
    assert "a dark line at 45°" in found[0].text
    assert "an arc at" in found[1].text
    assert "a ring around row 14, column 14" in found[3].text
    assert all(v.kind in VERDICTS and 0 <= v.score <= 1 and 0 <= v.edge_score <= 1 for v in found)


def test_what_fires_on_no_digit_is_dead_if_digits_are_given() -> None:
    net = network(Stamp("edge", (14, 14), 0), bias=-50)
    images = np.random.default_rng(0).uniform(0, 1, (20, 784)).astype(np.float32)
    assert verdicts(net)[0][0].kind == "edge"
    for given in ({"images": images}, {"responses": net.forward(images)}):
        dead = verdicts(net, **given)[0][0]
        assert dead.kind == "dead"
        assert math.isnan(dead.angle)


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_broken_and_odd_networks_get_verdicts_too(activation: str) -> None:
    rng = np.random.default_rng(0)
    weights = rng.normal(size=(3, 30)).astype(np.float32)
    weights[0, 3], weights[1] = np.nan, np.inf
    above = Layer(rng.normal(size=(2, 3)), [0, 0], activation)
    net = Network((Layer(weights, [0, 0, np.nan], activation), above))
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        found = verdicts(net, images=np.ones((2, 30), np.uint8), labels=[0, 1])
    assert [len(layer) for layer in found] == [3, 2]


def test_progress_is_told_and_layers_are_chosen() -> None:
    told: list[tuple[int, int]] = []
    net = Network.random((30, 4, 3))
    found = verdicts(net, layers=[2], progress=lambda done, of: told.append((done, of)))
    assert [(v.layer, v.index) for v in found[0]] == [(2, 0), (2, 1), (2, 2)]
    assert told == [(3, 3)]
    again = verdicts(net, layers=[2])
    assert [dataclasses.replace(v, tuning=None, angle=0) for v in again[0]] == [
        dataclasses.replace(v, tuning=None, angle=0) for v in found[0]
    ]


def test_errors_say_what_was_expected() -> None:
    net = Network.random((30, 4, 3))
    with pytest.raises(ValueError, match=r"images: expected shape \(n, 30\)"):
        verdicts(net, images=np.zeros((2, 3)))
    with pytest.raises(ValueError, match="labels: expected images with them"):
        verdicts(net, labels=[1])
    with pytest.raises(ValueError, match=r"responses: expected those of \(4, 3\)"):
        verdicts(net, responses=Network.random((30, 5, 3)).forward(np.zeros((2, 30))))
    with pytest.raises(ValueError, match="layer: expected 1 to 2"):
        orientation_tuning(net, 3)
