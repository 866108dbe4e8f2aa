"""The edit that lays a stamp on a neuron's weights.

The page's ``core/stamps.js`` does the same arithmetic in the same order, so that its preview and
what is kept are equal bit for bit.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from toolkit.edits.base import Edit, EditError, neurons_layer, whole
from toolkit.edits.brushes import finite, rounded
from toolkit.edits.marks import Touched, cells_of
from toolkit.edits.neurons import SetNeurons
from toolkit.edits.weights import with_cells
from toolkit.network import Layer, Network
from toolkit.shown import shown
from toolkit.stamps import Stamp
from toolkit.stamps.stamp import number, plain

MODES = ("add", "replace", "blend")


@dataclass(frozen=True)
class PutStamp(Edit):
    """Lay a stamp on the map of one neuron of the first layer.

    Parameters
    ----------
    layer : int
        1: the weights of later layers make no picture.
    neuron : int
    stamp : Stamp
    mode : str
        ``add``: where the stamp is not zero, ``new = old + stamp``.  ``replace``: the whole map
        is the stamp.  ``blend``: ``new = old + amount * (stamp - old)``, on the whole map.
    amount : float, 0 to 1
        Of a blend; 1 otherwise.

    Notes
    -----
    An old weight that is not finite counts as 0.  Where the result, rounded to float32, is not
    finite, the cell keeps its old weight, or that 0.
    """

    layer: int
    neuron: int
    stamp: Stamp
    mode: str = "add"
    amount: float = 1.0
    kind: ClassVar[str] = "stamp"

    def __post_init__(self) -> None:
        object.__setattr__(self, "layer", whole(self.layer, "layer"))
        object.__setattr__(self, "neuron", whole(self.neuron, "neuron"))
        if not isinstance(self.stamp, Stamp):
            raise EditError(f"stamp: expected a Stamp; got {type(self.stamp).__name__}")
        if not isinstance(self.mode, str) or self.mode not in MODES:
            raise EditError(f"mode: expected one of {', '.join(MODES)}; got {shown(self.mode)}")
        try:
            amount = number(self.amount, "amount")
        except ValueError as error:
            raise EditError(str(error)) from error
        # Where it counts for nothing it is the usual one, so that equal edits are equal.
        object.__setattr__(self, "amount", amount if self.mode == "blend" else 1.0)

    @property
    def name(self) -> str:
        """For example ``edge on 1.3 at 5, 14, angle 30°, strength 2``."""
        stamp, where = self.stamp, f"{self.layer}.{self.neuron}"
        verb = {"add": "on", "replace": "in place of", "blend": "blended into"}[self.mode]
        parts = [f"{stamp.shape} {verb} {where}"]
        if stamp.at is not None:
            parts[0] += f" at {stamp.at[0]:.3g}, {stamp.at[1]:.3g}"
            parts.append(f"angle {stamp.angle:.3g}°")
        parts.append(f"strength {stamp.strength:.3g}")
        if self.mode == "blend":
            parts.append(f"{self.amount:.0%}")
        if stamp.zero_sum:
            parts.append("zero sum")
        return ", ".join(parts).replace("-", "−")

    def apply(self, network: Network) -> Network:
        """Return the network with the stamp laid on."""
        layer, put = self._layer(network), self._put(network)
        cells = self._cells(put)
        old, put = finite(layer.weights[self.neuron, cells]), put[cells]
        if self.mode == "add":
            new = old + put
        elif self.mode == "replace":
            new = put
        else:
            new = old + self.amount * (put - old)
        return with_cells(network, self.layer, self.neuron, cells, rounded(new, old))

    def inverse(self, network: Network) -> Edit:
        """Return the edit that puts the neuron back as it is today."""
        self._put(network)
        return SetNeurons.of(network, self.layer, (self.neuron,), f"undo {self.name}")

    def touched(self, network: Network) -> Touched:
        """Return the cells: all of the map, or those where what is added is not zero."""
        return cells_of(self.layer, self.neuron, tuple(self._cells(self._put(network)).tolist()))

    @property
    def leaves(self) -> str:
        """What the cells are then: stamped."""
        return "stamped"

    @property
    def mixed(self) -> bool:
        """Whether old weights go into the new ones: in all but what replaces them whole."""
        return self.mode == "add" or (self.mode == "blend" and self.amount < 1)

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as a dict."""
        record = {
            "kind": self.kind,
            "layer": self.layer,
            "neuron": self.neuron,
            **self.stamp.to_dict(),
            "mode": self.mode,
        }
        return {**record, "amount": plain(self.amount)} if self.mode == "blend" else record

    def _layer(self, network: Network) -> Layer:
        layer = neurons_layer(network, self.layer, self.neuron)
        if self.layer != 1:
            raise EditError(
                f"layer: expected 1, whose weights make a picture for a stamp; got {self.layer}"
            )
        return layer

    def _put(self, network: Network) -> NDArray[np.float64]:
        try:
            return self.stamp.weights(self._layer(network).grid)
        except ValueError as error:
            raise EditError(str(error)) from error

    def _cells(self, put: NDArray[np.float64]) -> NDArray[np.intp]:
        return np.flatnonzero(put) if self.mode == "add" else np.arange(len(put))


def stamping_of(record: Mapping[Any, Any]) -> PutStamp:
    """Read a :class:`PutStamp` from its dict form."""
    try:
        stamp = Stamp.from_dict(record)
    except ValueError as error:  # it names the part that is wrong
        raise EditError(str(error)) from error
    return PutStamp(
        record["layer"], record["neuron"], stamp,
        record.get("mode", "add"), record.get("amount", 1.0),
    )  # fmt: skip
