"""Edits between two neurons of a layer: copy, swap, average."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from toolkit.edits.base import Edit, EditError, neurons_layer, whole
from toolkit.edits.brushes import finite, rounded
from toolkit.edits.column import SetColumn
from toolkit.edits.layers import ReplaceLayers
from toolkit.edits.marks import Marks, Touched, counting, united
from toolkit.edits.neurons import SetNeurons, with_rows
from toolkit.edits.several import Several
from toolkit.network import Float, Network
from toolkit.shown import shown

HOWS = ("copy", "swap", "average")


@dataclass(frozen=True)
class Combine(Edit):
    """Make one neuron of another, or exchange the two.

    Parameters
    ----------
    how : str
        ``copy``: `target` becomes as `source` is.  ``swap``: each becomes as the other is, and
        takes its name along.
        ``average``: `target` becomes the mean of both.  Weights and bias alike.
    layer, source, target : int
        Two different neurons of a layer; as a dict they are ``from`` and ``to``.
    outgoing : bool
        The same for what they feed, the weights that the next layer has for them.  Two neurons
        that are swapped so leave what the network answers as it was.
    with_bias : bool
        False leaves the biases as they are.

    Notes
    -----
    In an average a weight that is not finite counts as 0; copies and swaps keep every bit.

    Examples
    --------
    >>> net = Network.random((4, 3, 2), seed=0)
    >>> swapped = Combine("swap", 1, 0, 2, outgoing=True).apply(net)
    >>> bool((swapped.layer(1).weights[0] == net.layer(1).weights[2]).all())
    True
    """

    how: str
    layer: int
    source: int
    target: int
    outgoing: bool = False
    with_bias: bool = True
    kind: ClassVar[str] = "combine"

    def __post_init__(self) -> None:
        if not isinstance(self.how, str) or self.how not in HOWS:
            raise EditError(f"how: expected one of {', '.join(HOWS)}; got {shown(self.how)}")
        object.__setattr__(self, "layer", whole(self.layer, "layer"))
        object.__setattr__(self, "source", whole(self.source, "from"))
        object.__setattr__(self, "target", whole(self.target, "to"))
        if self.source == self.target:
            raise EditError(f"to: expected another neuron than {self.source}; got the same")
        for what in ("outgoing", "with_bias"):
            flag = getattr(self, what)
            if not isinstance(flag, bool | np.bool_):
                raise EditError(f"{what}: expected true or false; got {shown(flag)}")
            object.__setattr__(self, what, bool(flag))

    @property
    def name(self) -> str:
        """For example ``swap 1.3 and 1.5, with what they feed``."""
        one, other = f"{self.layer}.{self.source}", f"{self.layer}.{self.target}"
        text = {
            "copy": f"copy {one} to {other}",
            "swap": f"swap {one} and {other}",
            "average": f"average of {one} and {other} in {other}",
        }[self.how]
        bias = "" if self.with_bias else ", without the bias"
        return f"{text}{bias}{', with what they feed' if self.outgoing else ''}"

    def apply(self, network: Network) -> Network:
        """Return the network with the neurons combined."""
        self._fit(network)
        layer = network.layer(self.layer)
        weights, biases = layer.weights.copy(), layer.biases.copy()
        self._combine(weights)
        if self.with_bias:
            self._combine(biases)
        network = with_rows(network, self.layer, weights, biases)
        if self.outgoing:
            above = network.layer(self.layer + 1)
            weights = above.weights.copy()
            self._combine(weights.T)
            network = with_rows(network, self.layer + 1, weights, above.biases.copy())
        return self._renamed(network) if self.how == "swap" else network

    def inverse(self, network: Network) -> Edit:
        """Return the edit that undoes it: the same swap, or the neuron as it is today."""
        self._fit(network)
        if self.how == "swap":
            return self
        label = f"undo {self.name}"
        own = SetNeurons.of(network, self.layer, (self.target,), label)
        if not self.outgoing:
            return own
        above = network.layer(self.layer + 1)
        fed = above.weights[:, self.target]
        if not np.isfinite(fed).all():
            return Several((own, ReplaceLayers({self.layer + 1: above}, label)), label)
        column = SetColumn(
            self.layer + 1, self.target, tuple(range(above.size)), tuple(fed.tolist())
        )
        return Several((own, column), label)

    def touched(self, network: Network) -> Touched:
        """Return the weights and biases of the neurons that become others."""
        self._fit(network)
        neurons = [self.source, self.target] if self.how == "swap" else [self.target]
        layer = network.layer(self.layer)
        masks = np.zeros(layer.weights.shape, bool), np.zeros(layer.biases.shape, bool)
        masks[0][neurons], masks[1][neurons] = True, self.with_bias
        found: dict[int, tuple[Any, Any]] = {self.layer: masks}
        if self.outgoing:
            above = network.layer(self.layer + 1)
            weights = np.zeros(above.weights.shape, bool)
            weights[:, neurons] = True
            found[self.layer + 1] = weights, np.zeros(above.biases.shape, bool)
        return found

    def mark(self, marks: Marks, network: Network) -> None:
        """Let weights keep where they come from; a mean of two is a mixture."""
        self._fit(network)
        at, layer = self.layer - 1, network.layer(self.layer)
        parts = [(marks.weights[at], layer.weights)]
        if self.with_bias:
            parts.append((marks.biases[at], layer.biases))
        if self.outgoing:
            parts.append((marks.weights[at + 1].T, network.layer(self.layer + 1).weights.T))
        for part, values in parts:
            if self.how == "swap":
                part[[self.source, self.target]] = part[[self.target, self.source]]
            elif self.how == "copy":
                part[self.target] = part[self.source]
            else:
                one, other = self.source, self.target
                counts = counting(values)
                part[other] = united(part[other], counts[other], part[one], counts[one])

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as a dict."""
        return {
            "kind": self.kind,
            "how": self.how,
            "layer": self.layer,
            "from": self.source,
            "to": self.target,
            "outgoing": self.outgoing,
            **({} if self.with_bias else {"with_bias": False}),
        }

    def _combine(self, rows: Float) -> None:
        one, other = rows[self.source].copy(), rows[self.target].copy()
        if self.how == "swap":
            rows[self.source], rows[self.target] = other, one
        elif self.how == "copy":
            rows[self.target] = one
        else:
            old = finite(np.atleast_1d(other))
            mean = (finite(np.atleast_1d(one)) + old) / 2.0
            rows[self.target] = rounded(mean, old).reshape(np.shape(other))

    def _renamed(self, network: Network) -> Network:
        one, other = (self.layer, self.source), (self.layer, self.target)
        places = {one: other, other: one}
        names = {places.get(key, key): name for key, name in network.names.items()}
        return replace(network, names=names) if names != network.names else network

    def _fit(self, network: Network) -> None:
        neurons_layer(network, self.layer, self.source)
        neurons_layer(network, self.layer, self.target)
        if self.outgoing and self.layer == len(network.layers):
            raise EditError(f"outgoing: layer {self.layer} is the last, which feeds none")


def combine_of(record: Mapping[Any, Any]) -> Combine:
    """Read a :class:`Combine` from its dict form."""
    return Combine(
        record["how"], record["layer"], record["from"], record["to"],
        record.get("outgoing", False), record.get("with_bias", True),
    )  # fmt: skip
