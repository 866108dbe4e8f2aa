"""The edit that makes a neuron of a later layer decide a clause."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from toolkit.clauses import (
    Clause,
    ClauseError,
    Compiled,
    compile_clause,
    read_clause,
    sentence,
    usual_ranges,
    written,
)
from toolkit.clauses.compiling import LEAST_SHARP, MOST_SHARP, SHARPNESS, as_strong, with_bias
from toolkit.clauses.expressions import Vote, inputs_of
from toolkit.clauses.reading import with_threshold
from toolkit.clauses.voting import steadier_of
from toolkit.edits.base import Edit, EditError, double, neurons_layer, sequence, whole
from toolkit.edits.marks import Touched
from toolkit.edits.neurons import SetNeurons, rows_of, with_rows
from toolkit.network import Network
from toolkit.shown import shown

_MOST_RANGES = 1 << 16
_LONGEST_NAME = 100
_HARD = re.compile(r"[(*><]")
_HARD_EFFORT = 32


@dataclass(frozen=True)
class SetClause(Edit):
    """Set all incoming weights and the bias of a neuron so that it decides a clause.

    Parameters
    ----------
    layer, neuron : int
        Of a layer from 2 on.
    text : str
        For example ``top arc and left side and not middle bar``; see
        :func:`toolkit.clauses.read_clause`.  Names are those that the neurons have when the edit
        is made.
    sharpness : float, 0.001 to 100
        How far from the threshold the weighted sum stays; see
        :func:`toolkit.clauses.compile_clause`.
    ranges : sequence of (float, float)
        Activation of each input when off and when on; without any the usual ones, 0 and 1.
    """

    layer: int
    neuron: int
    text: str
    sharpness: float = SHARPNESS
    ranges: tuple[tuple[float, float], ...] = ()
    kind: ClassVar[str] = "clause"

    def __post_init__(self) -> None:
        object.__setattr__(self, "layer", whole(self.layer, "layer"))
        object.__setattr__(self, "neuron", whole(self.neuron, "neuron"))
        if not isinstance(self.text, str):
            raise EditError(f"text: expected a clause; got {shown(self.text)}")
        sharpness = double(self.sharpness, "sharpness")
        if not LEAST_SHARP <= sharpness <= MOST_SHARP:
            raise EditError(
                f"sharpness: expected {LEAST_SHARP:g} to {MOST_SHARP:g}; got {sharpness:g}"
            )
        object.__setattr__(self, "sharpness", sharpness)
        given = sequence(self.ranges, "ranges")
        if len(given) > _MOST_RANGES:
            raise EditError(f"ranges: expected at most {_MOST_RANGES:,}; got {len(given):,}")
        ranges = []
        for each in given:
            pair = sequence(each, "ranges")
            if len(pair) != 2:
                raise EditError(f"ranges: expected pairs of off and on; got {shown(each)}")
            ranges.append((double(pair[0], "ranges"), double(pair[1], "ranges")))
        object.__setattr__(self, "ranges", tuple(ranges))

    @property
    def effort(self) -> int:
        """More where clauses are nested or weighed: all combinations are gone through."""
        return _HARD_EFFORT if _HARD.search(self.text) else 1

    @property
    def name(self) -> str:
        """For example ``2.4: top arc and left side``."""
        text = " ".join(self.text.split())
        short = text if len(text) <= _LONGEST_NAME else f"{text[: _LONGEST_NAME - 1]}…"
        return f"{self.layer}.{self.neuron}: {short}"

    def compiled(self, network: Network) -> Compiled:
        """Return the weights and the bias that it sets.

        Raises
        ------
        EditError
            If the clause cannot be read or decided; its cause is the ClauseError with the place.
        """
        inputs = neurons_layer(network, self.layer, self.neuron).inputs
        names = names_below(network, self.layer)
        try:
            clause = read_clause(self.text, self.layer, inputs, names)
            ranges = self.ranges or usual_ranges(network, self.layer)
            if len(ranges) != inputs:
                raise EditError(f"ranges: expected {inputs}, one for each input; got {len(ranges)}")
            return compile_clause(clause, ranges, self.sharpness, self._called(network))
        except ClauseError as error:
            raise EditError(str(error)) from error

    def with_bias(self, network: Network, bias: float) -> SetClause:
        """Return the clause of the neuron once its bias was set to another.

        That of a weighted sentence has the threshold that the bias means, and the sharpness with
        which it makes the same weights; any other is as it was.
        """
        vote, made = self.clause(network), self.compiled(network)
        if not isinstance(vote, Vote) or made.bias == bias:
            return self
        ranges = self.ranges or usual_ranges(network, self.layer)
        meant, sharpness = with_bias(vote, ranges, self.sharpness, made.weights, bias)
        if meant == vote:
            return self
        text = with_threshold(self.text, meant.threshold)
        found = replace(self, text=text, sharpness=sharpness)
        return found if found.clause(network) == meant else self

    def as_strong_as(self, other: SetClause, network: Network) -> SetClause:
        """Return the clause with the sharpness that keeps how strong another is.

        Parameters
        ----------
        other : SetClause
            What the neuron decides now, or comes close to.
        network : Network

        Returns
        -------
        SetClause
            Itself, unless both are weighted sentences of the same neurons, or with a term in
            common.
        """
        try:
            vote, like = self.clause(network), other.clause(network)
            if vote == like:
                return replace(self, sharpness=other.sharpness)
            if not (isinstance(vote, Vote) and isinstance(like, Vote)):
                return self
            of_the_same = {*inputs_of(vote)} == {*inputs_of(like)}
            if not (of_the_same or {*vote.terms} & {*like.terms}):
                return self
            ranges = other.ranges or usual_ranges(network, self.layer)
            own = network.layer(self.layer).weights[self.neuron]
            return replace(self, sharpness=as_strong(vote, like, ranges, own))
        except ClauseError:  # it says what is wrong where it is made
            return self

    def clause(self, network: Network) -> Clause:
        """Return the clause as it is read; a ClauseError says what is wrong with it."""
        inputs = neurons_layer(network, self.layer, self.neuron).inputs
        return read_clause(self.text, self.layer, inputs, names_below(network, self.layer))

    def sentence(self, network: Network) -> str:
        """Return what the clause says, in words."""
        return sentence(self.clause(network), self._called(network))

    def steadier(self, network: Network) -> str:
        """Return the vote that decides the same and bears inputs further from on and off.

        Empty where it is no vote, or there is none such; it is not made of itself: a vote has the
        weights that its maker wrote.
        """
        found = steadier_of(self.clause(network))
        return "" if found is None else written(found, self._called(network))

    def _called(self, network: Network) -> Any:
        return lambda index: network.called(self.layer - 1, index)

    def apply(self, network: Network) -> Network:
        """Return the network in which the neuron decides the clause."""
        found, made = neurons_layer(network, self.layer, self.neuron), self.compiled(network)
        weights, biases = found.weights.copy(), found.biases.copy()
        weights[self.neuron], biases[self.neuron] = made.weights, made.bias
        return with_rows(network, self.layer, weights, biases)

    def inverse(self, network: Network) -> Edit:
        """Return the edit that puts the neuron back as it is today."""
        neurons_layer(network, self.layer, self.neuron)
        return SetNeurons.of(network, self.layer, (self.neuron,), f"undo {self.name}"[:80])

    def touched(self, network: Network) -> Touched:
        """Return all weights and the bias of the neuron."""
        inputs = neurons_layer(network, self.layer, self.neuron).inputs
        return rows_of(self.layer, (self.neuron,), inputs)

    @property
    def leaves(self) -> str:
        """What the weights are then: a clause's."""
        return "clause"

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as a dict."""
        return {
            "kind": self.kind,
            "layer": self.layer,
            "neuron": self.neuron,
            "text": self.text,
            "sharpness": self.sharpness,
            "ranges": [list(pair) for pair in self.ranges],
        }


def names_below(network: Network, layer: int) -> dict[int, str]:
    """Return what the inputs of a layer are called, by index."""
    return {index: name for (number, index), name in network.names.items() if number == layer - 1}


def clause_of(record: Mapping[Any, Any]) -> SetClause:
    """Read a :class:`SetClause` from its dict form."""
    return SetClause(
        record["layer"], record["neuron"], record["text"],
        record.get("sharpness", SHARPNESS), record.get("ranges", ()),
    )  # fmt: skip
