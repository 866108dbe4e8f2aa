"""What every edit is, and how its parts are checked."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from toolkit.edits.marks import Marks, Touched
from toolkit.network import Layer, Network
from toolkit.shown import shown

COACH = "coach"
"""The tool of strokes that are steps along the loss's gradient."""
PASTE, PASTE_HERE = "paste", "paste here"
"""The tools of what comes from elsewhere, and of what was copied within the experiment."""

LONGEST_TOOL = 40

_LARGEST_WHOLE = 1 << 53  # what a browser's numbers hold exactly


class EditError(ValueError):
    """An edit does not fit: its message says which part, what was expected and what came."""


class Edit:
    """What all edits share: :meth:`apply`, :meth:`inverse`, :attr:`name` and a form as a dict."""

    kind: ClassVar[str]

    def apply(self, network: Network) -> Network:
        """Return the edited network.

        Raises
        ------
        EditError
            If the edit does not fit the network.
        """
        raise NotImplementedError

    def inverse(self, network: Network) -> Edit:
        """Return the edit that undoes this one, made for the network as it is before it."""
        raise NotImplementedError

    def made(self, network: Network) -> tuple[Network, Edit]:
        """Return the edited network and what undoes it."""
        return self.apply(network), self.inverse(network)

    @property
    def singles(self) -> tuple[Edit, ...]:
        """The edits that it is made of: itself, unless it is several."""
        return (self,)

    @property
    def effort(self) -> int:
        """How much work it is, near enough: 1 for what takes a tenth of a millisecond."""
        return 1

    @property
    def name(self) -> str:
        """A few words for a list of steps."""
        raise NotImplementedError

    def to_dict(self) -> dict[str, Any]:
        """Return the edit as plain numbers, text, lists and dicts (JSON)."""
        raise NotImplementedError

    def touched(self, network: Network) -> Touched:
        """Return which weights and biases the edit sets, of the network as it is before it."""
        raise NotImplementedError

    @property
    def leaves(self) -> str:
        """What the weights that it touches are then: one of ``PROVENANCES``."""
        return "painted"

    @property
    def mixed(self) -> bool | NDArray[np.bool_]:
        """Which of the weights that it touches have something left of what they were."""
        return False

    def mark(self, marks: Marks, network: Network) -> None:
        """Note what becomes of the weights that it touches, of the network as it is before it."""
        leaves, mixed = self.leaves, self.mixed
        if getattr(self, "tool", "") == PASTE_HERE:
            # Nobody knows any more of which of these it was; what is there again stays what it is.
            leaves, mixed = "loaded" if marks.has_trained else leaves, True
        after = cache(lambda: self.apply(network))
        marks.lay(self.touched(network), leaves, network, after, mixed)


def whole(value: object, what: str) -> int:
    """Return a whole number, of whatever integer type it came as."""
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        raise EditError(f"{what}: expected a whole number; got {shown(value)}")
    if abs(int(value)) > _LARGEST_WHOLE:
        raise EditError(f"{what}: expected a whole number within 2^53; got {shown(value)}")
    return int(value)


def double(value: object, what: str) -> float:
    """Return a finite number, in double precision."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating | np.integer):
        raise EditError(f"{what}: expected a number; got {shown(value)}")
    try:
        number = float(value)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise EditError(f"{what}: expected a finite number; got {shown(value)}")
    return number


def single(value: object, what: str) -> float:
    """Return a finite number, rounded to float32."""
    if isinstance(value, bool) or not isinstance(value, int | float | np.floating | np.integer):
        raise EditError(f"{what}: expected a number; got {shown(value)}")
    with np.errstate(over="ignore"):
        try:
            rounded = float(np.float32(value))
        except OverflowError:
            rounded = math.inf
    if not math.isfinite(rounded):
        raise EditError(f"{what}: expected a finite number of float32's range; got {shown(value)}")
    return rounded


def sequence(value: object, what: str) -> tuple[Any, ...]:
    """Return a list, as JSON has it or as Python code gives it, as a tuple."""
    if isinstance(value, str | bytes | dict) or not isinstance(value, Iterable):
        raise EditError(f"{what}: expected a list; got {type(value).__name__}")
    return tuple(value)


def storable(text: str, most: int) -> str:
    """Return text as every store can hold it: not too long, no lone surrogates, no NUL."""
    shortened = text[:most].encode("utf-8", "replace").decode()
    return shortened.replace("\0", "\N{REPLACEMENT CHARACTER}")


def text(value: object, what: str, most: int) -> str:
    """Return some text, shortened to `most` characters; half a character is put as a mark."""
    if not isinstance(value, str):
        raise EditError(f"{what}: expected text; got {shown(value)}")
    return storable(value, most)


def cells_once(value: object) -> tuple[int, ...]:
    """Return indices of weights, each there once."""
    cells = tuple(whole(cell, "cells") for cell in sequence(value, "cells"))
    if len(set(cells)) != len(cells):
        raise EditError("cells: expected each once; got one twice")
    return cells


def one_each(value: object, what: str, cells: tuple[int, ...]) -> tuple[Any, ...]:
    """Return a list that has as many parts as there are cells."""
    values = sequence(value, what)
    if len(values) != len(cells):
        raise EditError(f"{what}: expected {len(cells)}, one for each cell; got {len(values)}")
    return values


def layer_of(network: Network, number: int) -> Layer:
    """Return a layer by number."""
    try:
        return network.layer(number)
    except ValueError as error:
        raise EditError(str(error)) from error


def neurons_layer(network: Network, layer: int, neuron: int) -> Layer:
    """Return the layer of a neuron."""
    try:
        network.check_neuron(layer, neuron)
    except ValueError as error:
        raise EditError(str(error)) from error
    return network.layer(layer)


def layer_with_cells(network: Network, layer: int, neuron: int, cells: tuple[int, ...]) -> Layer:
    """Return the layer of a neuron that has weights of these indices."""
    found = neurons_layer(network, layer, neuron)
    if cells and not 0 <= min(cells) <= max(cells) < found.inputs:
        raise EditError(
            f"cells: expected 0 to {found.inputs - 1}; got {min(cells)} to {max(cells)}"
        )
    return found


def left_by(tool: str) -> str:
    """Return what weights are that a tool has set: neither the coach's nor pasted ones are painted.

    What is copied within a layer is a :class:`Combine`, and stays what it is.  What was copied
    within an experiment is painted as long as nothing in it is loaded or fitted.
    """
    return {COACH: "coached", PASTE: "loaded"}.get(tool, "painted")


def counted(
    tool: str, layer: int, neuron: int, cells: Sequence[int], done: tuple[str, float] | None = None
) -> str:
    """Return for example ``brush on 1.3, 24 weights set to 1.2``, or ``key on 2.3, from 1.5 +0.1``.

    Parameters
    ----------
    tool : str
    layer, neuron : int
    cells : sequence of int
        Which weights; one alone is told, by the pixel or the neuron that it comes from.
    done : (str, float), optional
        ``"set"`` or ``"add"``, and the number, where that is one for all of them.
    """
    if len(cells) == 1:
        what = f"pixel {cells[0]}" if layer == 1 else f"from {layer - 1}.{cells[0]}"
    else:
        what = f"{len(cells)} weights"
    how = "" if done is None else f" to {done[1]:.3g}" if done[0] == "set" else f" {done[1]:+.3g}"
    return f"{tool} on {layer}.{neuron}, {what}{how.replace('-', '−')}"
