"""The report on one network: what was found, as plain data, and as text of several kinds."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis.shapes import Verdict
from toolkit.analysis.whole import Calibration, Curve, Nonsense, Unlit
from toolkit.network import Network

COLUMNS: Mapping[str, str] = {
    "neuron": "layer and index",
    "name": "what it is called, where it has a name",
    "verdict": "what its map is: edge, line, arc, blob, template, diffuse, noise or dead",
    "score": "how sure the verdict is, 0 to 1",
    "edge_score": "how much its map is an edge or a line, 0 to 1",
    "orientation_selectivity": "how much it prefers bars of one angle, measured, 0 to 1",
    "preferred_angle": "the angle of bars it answers to most, degrees counter-clockwise from lying",
    "row": "where it prefers them: row",
    "column": "... and column",
    "ablation_drop": "fall of accuracy with its activation held at its mean, 0.01 being a point",
    "ablation_drop_zero": "... held at zero",
    "best_class": "the class that it tells best from the rest",
    "best_auc": "how well: area under the ROC curve, 0.5 being chance",
    "selectivity": "class selectivity index of its mean activations, 0 to 1",
    "fires": "share of the digits on which its pre-activation is above 0",
    "dead": "whether it never fires and says the same of each digit",
    "always_on": "whether it is at its upper end on nine digits of ten; a ReLU: fires on all",
    "saturated": "whether it is at either end on nine digits of ten; a ReLU never is",
    "redundant_with": "the neuron of its layer that says the same or the opposite",
    "never_lit_share": "share of its weights' size on pixels that no training digit lights",
    "smoothness": "of its map: 0 for white noise, 1 for one flat tone",
    "symmetry": "correlation of its map with its mirror image, left to right",
    "norm": "length of its incoming weights",
    "bias": "its bias",
    "layer": "number of its layer, 1 being the first hidden one",
    "index": "its number in the layer",
}
"""What each column of :attr:`Report.neurons` says; later layers' maps are composed maps."""


@dataclass(frozen=True, eq=False)
class Found:
    """What the analyses found, as they give it.

    Attributes
    ----------
    verdicts : tuple of tuple of Verdict
        One tuple a layer.
    calibration : Calibration
    nonsense : tuple of Nonsense
    curves : tuple of Curve
    unlit : Unlit
    pictures : ndarray of uint8, shape (n, pixels)
        The digits of ``Report.network["mistakes"]``.
    liked : tuple of ndarray of uint8, each (n, pixels)
        Of each neuron, in the order of ``Report.neurons``, the digits that it answers to most.
    """

    verdicts: tuple[tuple[Verdict, ...], ...]
    calibration: Calibration
    nonsense: tuple[Nonsense, ...]
    curves: tuple[Curve, ...]
    unlit: Unlit
    pictures: NDArray[np.uint8]
    liked: tuple[NDArray[np.uint8], ...]


@dataclass(frozen=True, eq=False)
class Report:
    """What was found about a network.

    Attributes
    ----------
    subject : Network
        The network itself.
    neurons : list of dict
        A row a neuron, layer by layer, plain values under the keys of :data:`COLUMNS`; None
        where something is not known.  ``pandas.DataFrame(report.neurons)`` is a table.
    network : dict
        What is found about the whole: plain values, lists and dicts.
    details : list of dict
        More of each neuron, in the order of `neurons`: the verdict as a sentence, its best match,
        its tuning curve, how well it tells each class, its falls for each digit, the digits that it
        answers to most, least and at its threshold, the neurons that answer alike.
    found : Found
        The analyses' own records, for whoever goes on from them; views take them.
    """

    subject: Network
    neurons: list[dict[str, Any]]
    network: dict[str, Any]
    details: list[dict[str, Any]]
    found: Found

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain data; numbers that are not finite are None."""
        return {
            "network": plain(self.network),
            "neurons": plain(self.neurons),
            "details": plain(self.details),
        }

    def to_json(self) -> str:
        """Return all of it as JSON."""
        return json.dumps(self.to_dict(), indent=1, allow_nan=False)

    def to_csv(self) -> str:
        """Return the neurons' table as CSV, a line a neuron; what is not known is left empty."""
        return table_as_csv(self.neurons)

    def to_html(self) -> str:
        """Return a page of its own: nothing in it is fetched from elsewhere."""
        from toolkit.report.page import page_of

        return page_of(self)

    def _repr_html_(self) -> str:
        from toolkit.report.page import summary_of

        return summary_of(self)

    def __repr__(self) -> str:
        kinds = self.network["kinds"][0]
        said = ", ".join(f"{count} {kind}" for kind, count in kinds.items() if count)
        network = self.network
        read = network["unscored"] or (
            f"{network['accuracy']:.2%} of {network['images']:,} {network['digits']}"
        )
        return f"Report on {self.subject!r}: {read}; layer 1: {said}"


def table_as_csv(rows: Sequence[Mapping[str, Any]]) -> str:
    """Return rows of one kind as CSV."""
    text = io.StringIO()
    if rows:
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(rows[0])
        for row in rows:
            writer.writerow(_cell(each) for each in plain(list(row.values())))
    return text.getvalue()


def _cell(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"  # a name that a spreadsheet would take for a formula
    return value


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: six digits of a number, None where it is not finite."""
    if isinstance(value, Mapping):
        return {str(key): plain(each) for key, each in value.items()}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return float(f"{value:.6g}") if math.isfinite(value) else None
    return value
