"""Which weights and biases are held: parts of a network as people name them, and as masks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.grid import Grid
from toolkit.network import Network
from toolkit.training.arguments import views

Mask = NDArray[np.bool_]
Masks = Mapping[int, tuple[Any, Any]]
"""By the number of a layer: a mask of its weights, shape (out, in), and one of its biases, (out,).
"""
Parts = Iterable[str | tuple[Any, ...]] | Masks

_NEURON = re.compile(r"(\d{1,9})(?:\.(\d{1,9}))?", re.ASCII)
_REGION = re.compile(r"(\d{1,6})(?:-(\d{1,6}))?x(\d{1,6})(?:-(\d{1,6}))?", re.ASCII)
_EXPECTED = (
    "layers such as '1' or neurons such as '1.3' or (1, 3), cells of one such as '1.3:4-10x6-20' "
    "(rows x columns) or (1, 3, cells), 'biases' or '2.biases'"
)


def held_parts(frozen: Parts, network: Network, size: int) -> Mask:
    """Return which elements of the flat vector are held.

    Raises
    ------
    ValueError
        If a part is not one, or the network does not have it.
    """
    mask = np.zeros(size, np.float32)
    marks = views(mask, network)
    if isinstance(frozen, Mapping):
        for number, (weights, biases) in frozen.items():
            _mark_masks(marks, network, number, weights, biases)
        return mask > 0
    if isinstance(frozen, str):
        frozen = (frozen,)
    if not isinstance(frozen, Iterable):
        raise ValueError(f"frozen: expected a collection of layers and neurons; got {frozen!r}")
    for part in frozen:
        try:
            _mark(marks, network, part)
        except ValueError as error:
            raise ValueError(f"frozen: {error}") from error
    return mask > 0


def masks_of(frozen: Parts, network: Network) -> dict[int, tuple[Mask, Mask]]:
    """Return for every layer which of its weights and which of its biases are held."""
    pairs = views(held_parts(frozen, network, network.parameters).astype(np.float32), network)
    return {number: (w > 0, b > 0) for number, (w, b) in enumerate(pairs, 1)}


def region(text: str, grid: Grid) -> NDArray[np.intp]:
    """Return the cells of some rows and columns of a map, such as ``"4-10x6-20"``, row by row.

    Both ends belong to it; one number is a single row or column.

    Raises
    ------
    ValueError
        If it is not one, or reaches past the map.
    """
    found = _REGION.fullmatch(text)
    if found is None:
        raise ValueError(f"cells: expected rows x columns such as 4-10x6-20; got {text!r:.60}")
    top, bottom, left, right = found.groups()
    rows = range(int(top), int(bottom or top) + 1)
    columns = range(int(left), int(right or left) + 1)
    for what, chosen, most in (("rows", rows, grid.rows), ("columns", columns, grid.columns)):
        if not chosen or chosen[-1] >= most:
            raise ValueError(
                f"cells: expected {what} from 0 to {most - 1}, the lower first; got {text!r}"
            )
    cells: NDArray[np.intp] = np.add.outer(np.array(rows) * grid.columns, np.array(columns))
    return cells.ravel()


def _mark(marks: Sequence[tuple[Any, Any]], network: Network, part: object) -> None:
    if isinstance(part, str):
        name, colon, cells = part.partition(":")
        if name == "biases" and not colon:
            for _, biases in marks:
                biases[:] = 1
            return
        layer, dot, rest = name.partition(".")
        if rest == "biases" and not colon and _NEURON.fullmatch(layer) and dot:
            network.layer(int(layer))
            marks[int(layer) - 1][1][:] = 1
            return
        found = _NEURON.fullmatch(name)
        if found is None or (colon and found[2] is None):
            raise ValueError(f"expected {_EXPECTED}; got {part!r:.60}")
        number, index = int(found[1]), None if found[2] is None else int(found[2])
        chosen: object = region(cells, network.layer(number).grid) if colon else None
    elif isinstance(part, tuple) and len(part) in (2, 3) and all(map(_is_whole, part[:2])):
        number, index = int(part[0]), int(part[1])
        chosen = part[2] if len(part) == 3 else None
    else:
        # A bare number is refused: (1, 3) would be two layers, where a neuron may be meant.
        raise ValueError(f"expected {_EXPECTED}; got {part!r:.60}")
    layer_ = network.layer(number)
    weights, biases = marks[number - 1]
    if index is None:
        weights[:], biases[:] = 1, 1
        return
    network.check_neuron(number, index)
    if chosen is None:
        weights[index], biases[index] = 1, 1
    else:
        weights[index, _cells(chosen, layer_.inputs)] = 1


def _cells(given: object, inputs: int) -> NDArray[np.intp]:
    cells = np.asarray(given)
    if cells.ndim != 1 or (cells.size and cells.dtype.kind not in "iu"):
        raise ValueError(f"cells: expected whole numbers; got {given!r:.60}")
    if cells.size and not (cells.min() >= 0 and cells.max() < inputs):
        raise ValueError(f"cells: expected 0 to {inputs - 1}; got {cells.min()} to {cells.max()}")
    return cells.astype(np.intp)


def _mark_masks(
    marks: Sequence[tuple[Any, Any]], network: Network, number: object, weights: Any, biases: Any
) -> None:
    layer = network.layer(number)  # type: ignore[arg-type]  # it checks
    for what, mark, given, shape in (
        ("weights", marks[int(number) - 1][0], weights, layer.weights.shape),  # type: ignore[call-overload]
        ("biases", marks[int(number) - 1][1], biases, layer.biases.shape),  # type: ignore[call-overload]
    ):
        mask = np.asarray(given)
        if mask.dtype != bool or mask.shape != shape:
            raise ValueError(
                f"frozen: expected a mask of layer {number}'s {what}, bool of shape {shape}; "
                f"got {mask.dtype} of shape {mask.shape}"
            )
        mark[mask] = 1


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)
