"""The report on two networks side by side: whose neuron is whose, and what each alone reads."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis.whole import cka, match_neurons, matched_distances
from toolkit.digits.digitset import DigitSet
from toolkit.fits import SHELL, check_scored, fits
from toolkit.network import Network
from toolkit.report.record import plain, table_as_csv
from toolkit.scoring import Scorer

_KEPT_PICTURES = 40
_WIDEST = 4096


@dataclass(frozen=True, eq=False)
class PairReport:
    """Two networks on the same digits.

    Attributes
    ----------
    one, other : Network
    neurons : list of dict
        A row a neuron of the first: ``neuron``, ``layer``, ``index``, ``match_weights`` and
        ``match_activations`` (the other's neuron, or None), ``similarity_weights`` (cosine of the
        incoming weights), ``similarity_activations`` (correlation over the digits), ``distance``
        (Euclidean, of the weights, to its match by weights; None where their inputs differ).
    networks : list of dict
        Of each: ``name``, ``sizes``, ``accuracy``, ``per_digit``, ``right_alone`` (numbers of the
        digits that it alone reads right) and ``read`` (what the other one reads them as).
    pair : dict
        ``digits``, ``images``, ``of``, ``cka`` (rows: layers of the first).
    pictures : tuple of two ndarray of uint8, each (n, pixels)
        The first few of the digits that each alone reads right.
    """

    one: Network
    other: Network
    neurons: list[dict[str, Any]]
    networks: list[dict[str, Any]]
    pair: dict[str, Any]
    pictures: tuple[NDArray[np.uint8], NDArray[np.uint8]]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it as plain data; numbers that are not finite are None."""
        found: dict[str, Any] = plain(
            {**self.pair, "networks": self.networks, "neurons": self.neurons}
        )
        return found

    def to_json(self) -> str:
        """Return all of it as JSON."""
        return json.dumps(self.to_dict(), indent=1, allow_nan=False)

    def to_csv(self) -> str:
        """Return the table of neurons as CSV."""
        return table_as_csv(self.neurons)

    def to_html(self) -> str:
        """Return a page of its own: nothing in it is fetched from elsewhere."""
        from toolkit.report.pairpage import page_of

        return page_of(self)

    def _repr_html_(self) -> str:
        from toolkit.report.pairpage import summary_of

        return summary_of(self)


def compare(
    one: Network,
    other: Network,
    digits: DigitSet,
    *,
    progress: Callable[[float, str], None] | None = None,
) -> PairReport:
    """Put two networks side by side: neurons matched, digits that one alone reads, CKA by layer.

    Their hidden layers may be of different sizes and number; layers that both have are matched.

    Parameters
    ----------
    one, other : Network
        Of as many inputs.
    digits : DigitSet
    progress : callable, optional
        Told how much is done, 0 to 1, and what comes.

    Raises
    ------
    UnfitError
        If either cannot be shown these digits.
    ValueError
        If they take pictures of different sizes, or a layer has more than 4,096 neurons.
    """
    told = progress or (lambda done, doing: None)
    if one.sizes[0] != other.sizes[0]:
        raise ValueError(
            f"other: expected a network of {one.sizes[0]} inputs; got {other.sizes[0]}"
        )
    fit, others = fits(one, digits, SHELL), fits(other, digits, SHELL)
    fit.check()
    others.check()
    if fit.classes != others.classes:
        raise ValueError(
            f"other: expected a network of as many outputs as the first, {one.sizes[-1]}; got "
            f"{other.sizes[-1]}"
        )
    for network in (one, other):
        check_scored(network, digits)
    for name, network in (("one", one), ("other", other)):
        if max(network.sizes[1:]) > _WIDEST:
            raise ValueError(
                f"{name}: expected layers of at most {_WIDEST:,} neurons, since each is compared "
                f"with each; got {max(network.sizes[1:]):,}"
            )
    fit = fit if fit.count <= others.count else others
    laid = fit.lay(digits)
    told(0.0, "reading the digits")
    scorers = Scorer(laid), Scorer(laid)
    first, second = (
        scorer.update(each) for scorer, each in zip(scorers, (one, other), strict=True)
    )
    answers = scorers[0].responses, scorers[1].responses
    told(0.4, "matching neurons")
    by = {
        "weights": match_neurons(one, other, by="weights"),
        "activations": match_neurons(one, other, by="activations", responses=answers),
    }
    told(0.7, "comparing layers")
    alike = cka(*answers)
    numbers, networks, pictures = fit.numbers, [], []
    for network, its, theirs in ((one, first, second), (other, second, first)):
        alone = its.gained_since(theirs)
        networks.append(
            {
                "name": network.name,
                "sizes": list(network.sizes),
                "activations": list(network.activations),
                "parameters": network.parameters,
                "checksum": network.checksum,
                "accuracy": its.accuracy,
                "per_digit": its.per_digit.tolist(),
                "right_alone": numbers[alone].tolist(),
                "labels": laid.labels[alone].tolist(),
                "read": theirs.predictions[alone].tolist(),
            }
        )
        pictures.append(laid.pixels[alone[:_KEPT_PICTURES]])
    pair = {"digits": laid.name, "images": len(laid), "of": len(digits), "cka": alike.tolist()}
    told(1.0, "comparing layers")
    return PairReport(one, other, _rows(one, other, by), networks, pair, (pictures[0], pictures[1]))


def _rows(one: Network, other: Network, by: dict[str, Any]) -> list[dict[str, Any]]:
    rows = []
    found = matched_distances(one, other, by["weights"])
    apart = [found[at] if at < len(found) else None for at in range(len(one.layers))]
    for at, layer in enumerate(one.layers):
        matched = {kind: found[at] for kind, found in by.items() if at < len(found)}
        for index in range(layer.size):
            row: dict[str, Any] = {"neuron": f"{at + 1}.{index}", "layer": at + 1, "index": index}
            for kind in by:
                place = int(matched[kind].order[index]) if kind in matched else -1
                row[f"match_{kind}"] = f"{at + 1}.{place}" if place >= 0 else None
                alike = float(matched[kind].similarity[index]) if place >= 0 else None
                row[f"similarity_{kind}"] = alike
            row["distance"] = _known(apart[at], index)
            rows.append(row)
    return rows


def _known(layer: NDArray[np.float64] | None, index: int) -> float | None:
    return None if layer is None or not np.isfinite(layer[index]) else float(layer[index])
