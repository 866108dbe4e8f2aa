"""Tuning as measured, and verdicts."""

from __future__ import annotations

import dataclasses
import math
import sys

import numpy as np
import pytest

from toolkit.analysis.neuron import health
from toolkit.analysis.shapes import (
    VERDICTS,
    Match,
    Matches,
    Verdict,
    orientation_tuning,
    verdicts,
)
from toolkit.network import ACTIVATIONS, Layer, Network
from toolkit.stamps import Stamp

# The package names its function as its module is called.
deciding = sys.modules[verdicts.__module__]


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


@pytest.mark.parametrize("activation", sorted(set(ACTIVATIONS) - {"softmax"}))
def test_what_says_nothing_is_dead_here_and_in_health_and_the_sentence_is_true(
    activation: str,
) -> None:
    rng = np.random.default_rng(0)
    images = rng.uniform(0, 1, (20, 16)).astype(np.float32)
    images[:, 0] = 0  # no digit lights it
    weights = np.zeros((6, 16), np.float32)
    weights[1] = weights[4] = weights[5] = rng.normal(size=16)
    weights[2, 0], weights[3], weights[5, 1:] = 1, np.nan, 0
    net = Network((Layer(weights, [5, 0, 5, 0, -500, -5], activation),))
    responses = net.forward(images)
    for layer_kinds in verdicts(net, images=images):
        texts = [each.text for each in layer_kinds]
        kinds = [each.kind == "dead" for each in layer_kinds]
    lively = activation in ("identity", "leaky_relu")  # which tell digits apart below 0 too
    assert kinds == [True, False, True, False, not lively, True]
    assert kinds == [each.dead for each in health(net, responses, 1)]
    answer = float(responses.activations[0][0, 0])
    assert texts[0] == f"dead: it has no weights and always answers {answer:.3g}"
    assert verdicts(net)[0][0].text == texts[0], "without digits too"
    assert texts[2] == "dead: it answers the same to every digit"
    if not lively:
        assert texts[4] == texts[5] == "dead: it never fires"


def by_hand(monkeypatch: pytest.MonkeyPatch, template: float = 0.0, **shapes: float) -> Verdict:
    """The verdict on a map whose correlations are these, and which has no noise."""
    stamps = {"edge": Stamp("edge", (14, 14), 0), "line": Stamp("line", (14, 14), 0),
              "arc": Stamp("arc", (14, 14), 0, curvature=0.2),
              "blob": Stamp("blob", (14, 14), length=7)}  # fmt: skip
    found = {kind: Match(kind, stamps[kind], r) for kind, r in shapes.items()}
    best = max(found.values(), key=lambda each: each.correlation)
    made = Matches(best, found, 3, template, 0.0, 784)
    with monkeypatch.context() as patch:
        patch.setattr(deciding, "match_maps", lambda *_, **__: (made,))
        return verdicts(network(stamps["edge"]), layers=[1])[0][0]


def test_of_two_that_are_near_the_simpler_is_what_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    assert by_hand(monkeypatch, line=0.90, arc=0.915).kind == "line"
    assert by_hand(monkeypatch, line=0.90, arc=0.925).kind == "arc"
    assert by_hand(monkeypatch, edge=0.90, blob=0.895).kind == "blob"
    assert by_hand(monkeypatch, line=0.90, blob=0.895).kind == "blob"
    assert by_hand(monkeypatch, line=0.90, blob=0.88).kind == "line"
    assert by_hand(monkeypatch, template=0.90, blob=0.905).kind == "template"


def test_a_diffuse_one_names_the_shape_that_is_drawn_and_what_it_is_short_of(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    far = by_hand(monkeypatch, edge=0.48, arc=0.49)
    assert far.match is not None
    assert far.match.shape == "edge"
    assert far.text == "diffuse: nothing explains it, the nearest is an edge with correlation 0.48"
    near = by_hand(monkeypatch, line=0.7499, edge=0.5)
    assert near.text == (
        "diffuse: the nearest is a line with correlation 0.75, "
        "0.74 with its noise taken out, short of 0.75"
    )
    digit = by_hand(monkeypatch, template=0.6, line=0.5, arc=0.51)
    assert digit.text.endswith("digit 3's mean with correlation 0.60, of shapes a line with "
                               "correlation 0.50")  # fmt: skip
    assert digit.match is not None
    assert digit.match.shape == "line"


@pytest.mark.parametrize(("turned", "kind"), [(25, "edge"), (35, "diffuse"), (-35, "diffuse")])
def test_a_later_layers_edge_is_one_only_if_what_is_shown_to_it_agrees(
    monkeypatch: pytest.MonkeyPatch, turned: float, kind: str
) -> None:
    net = network(Stamp("edge", (14, 14), 90))
    (real,) = orientation_tuning(net, 2)
    other = dataclasses.replace(real, preferred_edge=90.0 + turned)
    assert verdicts(net, layers=[2])[0][0].kind == "edge"
    monkeypatch.setattr(deciding, "tunings", lambda *_: [(other,)])
    assert verdicts(net, layers=[2])[0][0].kind == kind


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
