"""From arrays with names, or only an order, to a reading of fully connected layers."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, as_float32, natural, quoted, shown_shape
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning import orders
from toolkit.formats.meaning.reading import RawLayer, Reading
from toolkit.formats.meaning.strangers import layers_only

Array = NDArray[Any]

_ROLE = re.compile(
    r"(?P<prefix>(?:.{0,199}(?:[._/ ]|(?<=[0-9])))?)"
    r"(?P<role>weights?|kernel|w|coefs?|bias|biases|b|intercepts?)"
    r"(?P<number>[._ ]?[0-9]{0,6})(?::0)?",
    re.IGNORECASE | re.DOTALL,
)
_BIAS_ROLES = ("b", "i")
_NORMALISATION = ("running_mean", "running_var", "moving_mean", "moving_variance", "num_batches")
_RECURRENT = re.compile(r"weight_(?:ih|hh)_l[0-9]|recurrent_kernel")
_REPARAMETRISED = re.compile(r"weight_[gv]$|weight_orig$|parametrizations\.")
_LOSSES = re.compile(r"(?:^|\.)(?:criterion|loss|loss_fn|loss_function|optimizer)\.")
_NORMALISES = re.compile(r"norm|(?:^|[._])(?:ln|bn|gn|rms)")
_SLOPES = re.compile(r"relu|(?:^|[._])(?:act|slope|alpha)")
_ONLY_FULL = "only fully connected layers have weight maps"
LONGEST_NAME = 200
"""Characters of a name that are kept from a file."""
_MOST_LAYERS_REORDERED = 64


@dataclass(eq=False)
class Part:
    """A layer as its weights and biases are found, before its neighbours are known.

    Attributes
    ----------
    name : str
        What the file calls the layer.
    weights : ndarray, 2-D
    biases : ndarray, 1-D, or None
    names : (str, str or None)
        What the file calls its weights' array, and its biases'.
    """

    name: str
    weights: Array
    biases: Array | None = None
    names: tuple[str, str | None] = ("", None)

    def ends(self, inputs_first: bool) -> tuple[int, int] | None:
        """Return (in, out) if weights lie so and the biases fit, else None."""
        into, out = self.weights.shape if inputs_first else self.weights.shape[::-1]
        if self.biases is not None and self.biases.size != out:
            return None
        return into, out


def from_arrays(
    form: str,
    arrays: Sequence[tuple[str, Array]],
    where: str,
    limits: Limits = LIMITS,
    *,
    inputs_first: bool | None = None,
    notes: Sequence[str] = (),
) -> Reading:
    """Pair weights with biases and put the layers in order.

    Names decide where they tell weights from biases (``fc1.weight``, ``b2``, ``layer/kernel:0``),
    otherwise the order: a matrix, then its biases.

    Parameters
    ----------
    form : str
        What people call the format.
    arrays : sequence of (str, ndarray)
        In the file's order.
    where : str
        What to call the file in an error.
    limits : Limits
        ``decoded_bytes`` bounds all layers together, as the float32 that they become.
    inputs_first : bool, optional
        How weights lie, where the format says: (in, out) or (out, in).
    notes : sequence of str
        What there was to say before; what is changed or left out follows it.

    Raises
    ------
    NetworkFileError
        If a layer is not fully connected, an array belongs to none, the layers do not chain, or
        they would be too large.
    """
    said = list(notes)
    parts = paired(layers_only(arrays, where, said), where, said)
    ways = (False, True) if inputs_first is None else (inputs_first,)
    parts, known, several = chained(parts, where, limits, ways=ways, notes=said)
    return Reading(form, raw_layers(parts, known), notes=tuple(said), orders=several)


def paired(arrays: Sequence[tuple[str, Array]], where: str, notes: list[str]) -> list[Part]:
    """Return layers as pairs of weights and biases, in the file's order.

    Parameters
    ----------
    arrays : sequence of (str, ndarray)
    where : str
    notes : list of str
        What is left out is added.

    Raises
    ------
    NetworkFileError
        If a layer is not fully connected, or an array belongs to none.
    """
    kept = [(name, array) for name, array in arrays if _is_kept(name, array, where, notes)]
    if not kept:
        raise NetworkFileError(f"{where}: holds no array that could be a layer's weights")
    matches = [_ROLE.fullmatch(name) for name, _ in kept]
    named = [match for match in matches if match is not None]
    if len(named) == len(kept):
        return _paired_by_name(kept, named, where)
    return _paired_by_order(kept, where)


def is_part_of_a_layer(name: str) -> bool:
    """Tell whether a name is one that weights or biases have."""
    return _ROLE.fullmatch(name) is not None


def raw_layers(parts: Sequence[Part], inputs_first: bool | None) -> tuple[RawLayer, ...]:
    """Return parts as layers of which the activation is open."""
    return tuple(
        RawLayer(
            as_float32(part.weights),
            None if part.biases is None else as_float32(part.biases),
            None,
            inputs_first,
            part.name[:LONGEST_NAME],
        )
        for part in parts
    )


def from_lists(
    form: str,
    weights: Sequence[Array],
    biases: Sequence[Array | None],
    where: str,
    limits: Limits = LIMITS,
    *,
    inputs_first: bool | None = None,
) -> Reading:
    """Make layers of a list of weights and one of biases.

    Raises
    ------
    NetworkFileError
        If they are not as many, do not fit one another, or would be too large.
    """
    if len(weights) != len(biases):
        raise NetworkFileError(
            f"{where}: expected biases for each of {len(weights)} layers; got {len(biases)}"
        )
    parts = []
    for number, (matrix, vector) in enumerate(zip(weights, biases, strict=True), 1):
        name = f"layer {number}"
        if matrix.ndim != 2:
            raise NetworkFileError(
                f"{where}: {name}: expected weights of 2 dimensions; got shape {matrix.shape}"
            )
        parts.append(Part(name, matrix, None if vector is None else _flat(vector, name, where)))
    said: list[str] = []
    ways = (False, True) if inputs_first is None else (inputs_first,)
    parts, known, several = chained(parts, where, limits, ways=ways, notes=said)
    return Reading(form, raw_layers(parts, known), notes=tuple(said), orders=several)


def _is_kept(name: str, array: Array, where: str, notes: list[str]) -> bool:
    shown = quoted(name)
    lowered = name.lower()
    if any(mark in lowered for mark in _NORMALISATION):
        raise NetworkFileError(
            f"{where}: {shown} belongs to a batch normalisation layer; {_ONLY_FULL}; fold it into "
            "the layer before it and save again"
        )
    if _RECURRENT.search(lowered):
        raise NetworkFileError(f"{where}: {shown} belongs to a recurrent layer; {_ONLY_FULL}")
    if _REPARAMETRISED.search(lowered):
        raise NetworkFileError(
            f"{where}: {shown} is one part of a parametrised weight; remove the parametrisation "
            "(weight norm, pruning) and save again"
        )
    if array.dtype.kind not in "fiub":
        raise NetworkFileError(f"{where}: {shown} holds {array.dtype}; expected numbers")
    if _LOSSES.search(lowered):
        notes.append(f"Left out {shown}: it belongs to the loss or the optimiser.")
        return False
    if array.ndim == 0:
        notes.append(f"Left out {shown}: a single number.")
        return False
    if array.size == 0:
        raise NetworkFileError(f"{where}: {shown} is empty, shape {array.shape}")
    return True


def _paired_by_name(
    arrays: Sequence[tuple[str, Array]], matches: Sequence[re.Match[str]], where: str
) -> list[Part]:
    weights: dict[tuple[str, str], tuple[str, Array]] = {}
    biases: dict[tuple[str, str], tuple[str, Array]] = {}
    for (name, array), match in zip(arrays, matches, strict=True):
        key = match["prefix"], match["number"].strip("._ ")
        found = biases if match["role"][0].lower() in _BIAS_ROLES else weights
        if key in found:
            raise NetworkFileError(f"{where}: {quoted(name)} names a layer's part twice")
        found[key] = name, array
    parts = []
    for key, (name, matrix) in weights.items():
        layer = (key[0].rstrip("._/ ") + key[1]) or name
        bias = biases.pop(key, None)
        _check_matrix(layer, matrix, where, biased=bias is not None)
        if bias is None and "emb" in layer.lower():
            raise NetworkFileError(f"{where}: layer {quoted(layer)} is an embedding; {_ONLY_FULL}")
        flat = None if bias is None else _flat(bias[1], layer, where)
        parts.append(Part(layer, matrix, flat, (name, None if bias is None else bias[0])))
    if biases:
        name = next(iter(biases.values()))[0]
        raise NetworkFileError(f"{where}: {quoted(name)} has no weights that go with it")
    return parts


def _check_matrix(layer: str, matrix: Array, where: str, biased: bool = False) -> None:
    if matrix.ndim == 2:
        return
    shape = f"weights of shape {shown_shape(matrix.shape)}"
    if matrix.ndim == 1 and not biased and not _NORMALISES.search(layer.lower()):
        # Layers that normalise have a shift as well, unless told otherwise.
        kind = "looks like PReLU (slopes that are learned; or a normalisation without a shift)"
        if matrix.size == 1 or _SLOPES.search(layer.lower()):
            kind = "is PReLU (slopes that are learned)"
        raise NetworkFileError(
            f"{where}: layer {quoted(layer)} {kind}, {shape}: it has no equal here; train with a "
            "ReLU or leaky ReLU instead"
        )
    kinds = {
        1: "a normalisation layer (one weight a neuron)",
        3: "convolutional",
        4: "convolutional",
        5: "convolutional",
    }
    kind = kinds.get(matrix.ndim, "not fully connected")
    raise NetworkFileError(f"{where}: layer {quoted(layer)} is {kind}, {shape}; {_ONLY_FULL}")


def _paired_by_order(arrays: Sequence[tuple[str, Array]], where: str) -> list[Part]:
    """Take matrices as weights, and vectors as biases: behind each matrix, or all behind all."""
    parts: list[Part] = []
    vectors: list[tuple[str, Array]] = []
    adjacent = True
    # Where some are vectors, all biases are, and a column is the weights into one output.
    flat = any(array.ndim == 1 for _, array in arrays)
    for name, array in arrays:
        if array.ndim > 2:
            _check_matrix(name, array, where)
        # A bias of shape (n, 1) is told from a matrix by the matrix before it.
        column = not flat and array.ndim == 2 and 1 in array.shape
        column = column and bool(parts) and parts[-1].biases is None
        if array.ndim == 2 and not (column and array.size in parts[-1].weights.shape):
            parts.append(Part(name, array, names=(name, None)))
            continue
        vectors.append((name, array.ravel()))
        if parts and parts[-1].biases is None:
            parts[-1].biases, parts[-1].names = array.ravel(), (parts[-1].names[0], name)
        else:
            adjacent = False
    if not parts:
        raise NetworkFileError(f"{where}: holds no matrix that could be a layer's weights")
    if not adjacent:
        if len(vectors) != len(parts):
            raise NetworkFileError(
                f"{where}: {len(parts)} matrices and {len(vectors)} vectors; expected one vector "
                "of biases for each, or none"
            )
        for part, (name, vector) in zip(parts, vectors, strict=True):
            part.biases, part.names = vector, (part.names[0], name)
    return parts


def _flat(vector: Array, layer: str, where: str) -> Array:
    if vector.size != max(vector.shape, default=0):
        raise NetworkFileError(
            f"{where}: layer {quoted(layer)}: expected biases in a row or a column; got shape "
            f"{shown_shape(vector.shape)}"
        )
    return vector.ravel()


def chained(
    parts: Sequence[Part],
    where: str,
    limits: Limits,
    *,
    ways: Sequence[bool],
    notes: list[str],
    usual: bool = False,
    in_order: bool = True,
) -> tuple[list[Part], bool | None, tuple[tuple[int, ...], ...]]:
    """Order layers so that each takes what the one before gives.

    Parameters
    ----------
    parts : sequence of Part
    where : str
    limits : Limits
        ``decoded_bytes`` bounds all layers together, as the float32 that they become.
    ways : sequence of bool
        How weights may lie, the more usual first: whether (in, out).
    notes : list of str
        What is changed is added.
    usual : bool
        Whether the first way that fits is the one; otherwise it stays open where several fit.
    in_order : bool
        Whether the order of `parts` is that of the layers, where it chains.

    Returns
    -------
    parts : list of Part
    inputs_first : bool or None
        None where it is open.
    orders : tuple of tuple of int
        In which orders, by index, the parts may follow one another instead, their own among them;
        empty where only one does.

    Raises
    ------
    NetworkFileError
        If no order chains, if too many do, or if the layers would be too large.
    """
    budget = Budget(limits, where)
    for part in parts:
        # A file's array may stand in many places, or have numbers of one byte.
        budget.tensor(part.weights.shape, 4, quoted(part.name))
        if part.biases is not None:
            budget.take(4 * part.biases.size)
    fitting = [way for way in ways if _follows(parts, way)]
    several: list[tuple[int, ...]] = []
    one_way = fitting[:1] if usual else fitting
    if len(parts) <= _MOST_LAYERS_REORDERED and (
        not fitting or (not in_order and len(one_way) == 1)
    ):
        for way in fitting[:1] or ways:
            several = _orders(parts, way)
            if several:
                break
        if len(several) > orders.MOST_TRIED:
            names = ", ".join(quoted(part.name) for part in parts[:6])
            raise NetworkFileError(
                f"{where}: does not say in which order its layers follow ({names}), and their "
                f"shapes fit in many; {orders.ADVICE}"
            )
        if several and several[0] != tuple(range(len(parts))):
            parts, fitting = [parts[n] for n in several[0]], [way]
            names = ", ".join(quoted(part.name) for part in parts[:6])
            if len(several) == 1:
                notes.append(f"Layers put in order by their shapes: {names}.")
            places = {n: at for at, n in enumerate(several[0])}
            several = [tuple(places[n] for n in order) for order in several]
    if not fitting:
        raise NetworkFileError(f"{where}: {_why_not(parts, ways)}")
    known = fitting[0] if usual or len(fitting) == 1 else None
    return list(parts), known, tuple(several) if len(several) > 1 else ()


def _orders(parts: Sequence[Part], inputs_first: bool) -> list[tuple[int, ...]]:
    ends = [end for part in parts if (end := part.ends(inputs_first)) is not None]
    if len(ends) < len(parts):
        return []
    names = [part.name for part in parts]
    return orders.fitting(ends, names) or orders.fitting(ends, [""] * len(parts))


def _follows(parts: Sequence[Part], inputs_first: bool) -> bool:
    ends = [part.ends(inputs_first) for part in parts]
    return all(end is not None for end in ends) and all(
        below is not None and above is not None and below[1] == above[0]
        for below, above in pairwise(ends)
    )


def _why_not(parts: Sequence[Part], ways: Sequence[bool]) -> str:
    for part in parts:
        if all(part.ends(way) is None for way in ways):
            assert part.biases is not None
            return (
                f"layer {quoted(part.name)}: {part.biases.size} biases do not fit weights of "
                f"shape {shown_shape(part.weights.shape)}"
            )
    shapes = ", ".join(f"{quoted(p.name)} {shown_shape(p.weights.shape)}" for p in parts[:6])
    return f"the layers do not chain: {shapes}{', ...' if len(parts) > 6 else ''}"


def in_natural_order(arrays: Sequence[tuple[str, Array]]) -> list[tuple[str, Array]]:
    """Sort by name, numbers by value: where a file keeps its arrays in no order that means any."""
    return sorted(arrays, key=lambda pair: natural(pair[0]))
