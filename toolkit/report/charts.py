"""The charts of a report's page: each a figure, what it shows, and how to read it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from toolkit.plots import Axes, Figure
    from toolkit.report.pair import PairReport
    from toolkit.report.record import Report

Chart = tuple["Figure", str, str]


def scores(report: Report) -> Chart:
    """Draw the edge scores of this network's first layer beside those of others."""
    from toolkit.plots import score_distribution

    hope = report.network["hope"]
    # Under a name of its own: an edited network may be called as one that ships.
    by_name = {f"{report.network['name']}, this one": hope["scores"]}
    by_name |= {name: each["scores"] for name, each in hope["others"].items()}
    return (
        _figure(score_distribution(by_name)),
        "edge scores by network",
        "Each point is a neuron of a first layer: the further right, the more its map is an edge "
        "or a line. The dashed line is where the verdict begins.",
    )


def confusion(report: Report) -> Chart:
    """Draw what is read as what."""
    from toolkit.plots import confusion as draw

    return (
        _figure(draw(report.network["confusion"])),
        "confusion",
        "Row: what the digit is; column: what it is read as. The diagonal is right.",
    )


def calibration(report: Report) -> Chart:
    """Draw how often it is right against how sure it is."""
    from toolkit.plots import reliability

    return (
        _figure(reliability(report.found.calibration)),
        "calibration",
        "Of the answers of one confidence, the share that is right: on the dashed line it is as "
        "often right as it is sure; below, it is too sure.",
    )


def robustness(report: Report) -> list[Chart]:
    """Draw accuracy on changed digits, a chart a kind."""
    from toolkit.plots import robustness_curve

    return [
        (
            _figure(robustness_curve(list(curves))),
            f"accuracy by {kind}",
            f"Accuracy as every digit is changed by so much {kind}; at 0 they are as they are.",
        )
        for kind, curves in groupby(report.found.curves, lambda each: each.kind)
    ]


def alike(report: PairReport) -> Chart:
    """Draw how alike the layers of two networks are."""
    from toolkit.plots import cka_matrix

    return (
        _figure(cka_matrix(np.array(report.pair["cka"]))),
        "similarity of layers",
        "Linear CKA of the activations over the same digits: 1 where two layers say the same up to "
        "turning and scale. Row: a layer of the first network; column: of the second.",
    )


def _figure(ax: Axes) -> Figure:
    figure = ax.get_figure(root=True)
    assert figure is not None
    return figure
