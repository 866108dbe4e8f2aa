"""What stands between fully connected layers in a state_dict: normalisations, and weights in parts.

A state_dict names tensors and their order, and says neither what they do nor where.  What is
taken here does the same whatever the module's code is: a batch normalisation at rest is one
multiplication and one sum for each neuron.  One whose place is not plain is refused.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import quoted
from toolkit.formats.meaning.pairing import Part
from toolkit.formats.meaning.tensors import Tensor
from toolkit.origin import Affine

EPSILON = 1e-5
"""What PyTorch's batch normalisations add to the variance unless told otherwise."""

NOTHING_SAID: Mapping[str, Any] = MappingProxyType({})
_BATCH_NORM = {"running_mean", "running_var", "num_batches_tracked", "weight", "bias"}
_INPUT = re.compile(
    r"(?P<stem>(?:.*[._])?(?<!running_)(?<!moving_))(?P<what>mean|mu|std|stdev|sigma)",
    re.DOTALL | re.IGNORECASE,
)
_OF_OUTPUTS = re.compile(r"(?:^|[._])(?:y|outputs?|targets?|labels?)[._]?$", re.IGNORECASE)
_WEIGHT_NORM = (
    ("weight_g", "weight_v"),
    ("parametrizations.weight.original0", "parametrizations.weight.original1"),
)
_NUMBERED = re.compile(r"(?P<parent>(?:.*\.)?)(?P<stem>[^.]*?)(?P<number>[0-9]{1,9})", re.DOTALL)
_COUNTS = re.compile(
    r"epoch|step|iter|count|loss|criterion|optim|acc|score|metric|num_|tracked|averaged|version|seed"
    r"|(?:^|[._])lr$|learning_rate|momentum|decay|best|time",
    re.IGNORECASE,
)
"""Names of numbers that record how a network was trained."""
_MOST_WAYS = 1000
_FOLD_IT = "fold it into the layer before it and save again, or export the network as ONNX"


@dataclass(eq=False)
class Norm:
    """An affine step for each neuron.

    Attributes
    ----------
    name : str
        What the file calls it.
    scale, shift : ndarray of float64, shape (n,)
    at : int
        Where its first tensor stands in the file.
    spare : str
        The name of what it adds, which can take a bias that its layer has no place for.
    """

    name: str
    scale: NDArray[np.float64]
    shift: NDArray[np.float64]
    at: int
    spare: str = ""


@dataclass(eq=False)
class Sorted:
    """A state_dict's tensors by what they are.

    Attributes
    ----------
    layers : list of (int, Tensor)
        What may be weights and biases, each with its place in the file.
    norms : list of Norm
    pixels : (scale, shift) or None
        What is done to the input, by buffers named mean and std; arrays of one dimension.
    mean : float
        The largest number of its mean: it says which range pixels had.
    weight_norms : list of (str, str, int or None)
        Names of lengths and directions, and the axis that a length is of.
    """

    layers: list[tuple[int, Tensor]] = field(default_factory=list)
    norms: list[Norm] = field(default_factory=list)
    pixels: Affine | None = None
    mean: float = 0.0
    weight_norms: list[tuple[str, str, int | None]] = field(default_factory=list)


def sort(
    tensors: Sequence[Tensor],
    where: str,
    notes: list[str],
    epsilons: Mapping[str, float] = NOTHING_SAID,
) -> Sorted:
    """Tell layers' tensors from those of normalisations.

    Parameters
    ----------
    tensors : sequence of Tensor
    where : str
    notes : list of str
        What was understood is added.
    epsilons : mapping of str to float
        What batch normalisations add to the variance, by name, where the file says it.

    Raises
    ------
    NetworkFileError
        If a normalisation's tensors contradict one another.
    """
    found, taken = Sorted(), set[str]()
    open_epsilons = 0
    places = {tensor.name: (at, tensor) for at, tensor in enumerate(tensors)}
    for name in places:
        prefix, dot, leaf = name.rpartition(".")
        if leaf == "running_mean" and f"{prefix}{dot}running_var" in places:
            group = {
                part: places[f"{prefix}{dot}{part}"]
                for part in _BATCH_NORM
                if f"{prefix}{dot}{part}" in places
            }
            epsilon = epsilons.get(prefix, EPSILON)
            found.norms.append(_batch_norm(prefix or "batch normalisation", group, epsilon, where))
            open_epsilons += prefix not in epsilons
            taken |= {tensor.name for _, tensor in group.values()}
    if found.norms:
        shown = ", ".join(quoted(norm.name) for norm in found.norms[:6])
        taken_for = f"; its epsilon, which the file does not say, is taken as PyTorch's {EPSILON:g}"
        notes.append(
            f"Batch normalisation ({shown}) is folded into the weights, at rest"
            f"{taken_for if open_epsilons else ''}."
        )
    _sort_pixels(places, taken, found, where, notes)
    for length_leaf, direction_leaf in _WEIGHT_NORM:
        for name in places:
            prefix = name.removesuffix(length_leaf)
            direction = prefix + direction_leaf
            if name == prefix or direction not in places or prefix[-1:] not in ("", "."):
                continue
            at, v = places[direction]
            weights, axis = _weight_of(places[name][1], v, where)
            found.layers.append((at, Tensor(f"{prefix}weight", weights, v.dtype)))
            found.weight_norms.append((name, direction, axis))
            taken |= {name, direction}
    if found.weight_norms:
        notes.append("Weights that are kept as lengths and directions were multiplied.")
    found.layers += [place for name, place in places.items() if name not in taken]
    found.layers.sort(key=lambda place: place[0])
    return found


def fed(found: Sorted, inputs: int, notes: list[str]) -> tuple[float, float] | None:
    """Return ``(scale, shift)`` of pixels where the mean of the input says which range they have.

    Parameters
    ----------
    found : Sorted
    inputs : int
        Of the first layer: 64 are scikit-learn's digits, of 0 to 16.
    notes : list of str
        What was understood is added.
    """
    if found.pixels is None or found.mean == 0 or 0.5 <= found.mean <= 1:
        return None  # as much for dark ink as for bright
    most = 1 if found.mean < 1 else 16 if inputs == 64 and found.mean <= 16 else 255
    notes.append(f"Its mean says that it takes pixels from 0 to {most}.")
    return float(most), 0.0


def check_numbers(found: Sorted, where: str) -> None:
    """Raise if one number stands among the layers that may be a part of what they do.

    Raises
    ------
    NetworkFileError
        Names it: it may be learned, as a scaling or a slope is.
    """
    for _, tensor in found.layers:
        if tensor.array.ndim == 0 and tensor.array.dtype.kind == "f" and not _COUNTS.search(
            tensor.name
        ):  # fmt: skip
            raise NetworkFileError(
                f"{where}: {quoted(tensor.name)} is one number that may be learned (a scaling, the "
                "slope of a function), and the file does not say what it does; save the layers' "
                "tensors alone if it does nothing, or export the network as ONNX"
            )


def epsilons_of(said: object) -> dict[str, float]:
    """Return what JSON says of batch normalisations' epsilons, by name; what is none is left."""
    return {
        name: float(value)
        for name, value in (said.items() if isinstance(said, dict) else ())
        if type(value) in (int, float) and 0 <= value < math.inf
    }


def _batch_norm(
    name: str, group: dict[str, tuple[int, Tensor]], epsilon: float, where: str
) -> Norm:
    arrays = {
        part: np.asarray(tensor.array, np.float64)
        for part, (_, tensor) in group.items()
        if part != "num_batches_tracked"
    }
    mean, variance = arrays["running_mean"], arrays["running_var"]
    if mean.ndim != 1 or any(array.shape != mean.shape for array in arrays.values()):
        raise NetworkFileError(
            f"{where}: the batch normalisation {quoted(name)} has arrays of different shapes"
        )
    with np.errstate(all="ignore"):
        scale = arrays.get("weight", np.ones_like(mean)) / np.sqrt(variance + epsilon)
        shift = arrays.get("bias", np.zeros_like(mean)) - mean * scale
    if not (np.isfinite(scale).all() and np.isfinite(shift).all()):
        raise NetworkFileError(
            f"{where}: the batch normalisation {quoted(name)} holds numbers that are not finite, "
            "or a variance below zero"
        )
    spare = group["bias"][1].name if "bias" in group else ""
    return Norm(name, scale, shift, min(at for at, _ in group.values()), spare)


def _sort_pixels(
    places: dict[str, tuple[int, Tensor]],
    taken: set[str],
    found: Sorted,
    where: str,
    notes: list[str],
) -> None:
    halves: dict[str, dict[str, Tensor]] = {}
    for name, (_, tensor) in places.items():
        match = _INPUT.fullmatch(name)
        if match is not None and name not in taken:
            half = "mean" if match["what"][0].lower() == "m" else "std"
            halves.setdefault(match["stem"].lower(), {})[half] = tensor
    for stem, pair in halves.items():
        shown = " and ".join(quoted(tensor.name) for tensor in pair.values())
        if len(pair) != 2 or found.pixels is not None or _OF_OUTPUTS.search(stem):
            raise NetworkFileError(
                f"{where}: {shown}: expected one mean and one standard deviation, of the input; "
                "save the layers alone, or export the network as ONNX"
            )
        mean, deviation = (np.asarray(pair[half].array, np.float64) for half in ("mean", "std"))
        with np.errstate(all="ignore"):
            scale = np.atleast_1d((1 / deviation).ravel())
            shift = np.atleast_1d((-mean / deviation).ravel())
        if not (
            scale.size and shift.size and np.isfinite(scale).all() and np.isfinite(shift).all()
        ):
            raise NetworkFileError(f"{where}: {shown} scale the input by what is not finite")
        found.pixels, found.mean = (scale, shift), float(np.abs(mean).max())
        taken |= {tensor.name for tensor in pair.values()}
        notes.append(f"The input is scaled by {shown}; that was folded into layer 1.")


def _weight_of(
    length: Tensor, direction: Tensor, where: str
) -> tuple[NDArray[np.float64], int | None]:
    """Return lengths times directions, and the axis that the directions are normalised along."""
    g, v = (np.asarray(tensor.array, np.float64) for tensor in (length, direction))
    axes: dict[tuple[int, ...], int | None] = {(): None}
    if v.ndim == 2:
        axes |= {(1, v.shape[1]): 0, (v.shape[0], 1): 1}
    if g.shape not in axes or v.ndim != 2:
        raise NetworkFileError(
            f"{where}: {quoted(direction.name)} of shape {v.shape} has lengths of shape {g.shape}; "
            "only those of a fully connected layer are understood"
        )
    axis = axes[g.shape]
    with np.errstate(all="ignore"):
        return g * v / np.sqrt((v * v).sum(axis=axis, keepdims=axis is not None)), axis


def places_of(
    norms: Sequence[Norm],
    parts: Sequence[Part],
    sizes: Sequence[int],
    order: dict[str, int] | None,
    where: str,
) -> list[int]:
    """Return behind which layer each normalisation stands; 0 is before the first.

    The file's order says it (where it is that of the module), or numbers that names share, or
    that no other place fits.

    Parameters
    ----------
    norms : sequence of Norm
    parts : sequence of Part
        From the input to the output.
    sizes : sequence of int
        Neurons per layer, the input first.
    order : dict of str to int, optional
        Where each layer's weights stand in the file, by name; None where that means nothing.
    where : str

    Raises
    ------
    NetworkFileError
        If that leaves it open, or two ways say different things.
    """
    ways = []
    if order is not None:
        ways.append([sum(order[part.names[0]] < norm.at for part in parts) for norm in norms])
    ways.append([_by_number(norm, parts) for norm in norms])
    fitting = [
        way for way in ways
        if len(set(way)) == len(way)
        and all(
            0 <= place < len(sizes) and sizes[place] == norm.scale.size
            for place, norm in zip(way, norms, strict=True)
        )
    ]  # fmt: skip
    if not fitting and (order is None or set(ways[0]) <= {0} or set(ways[0]) <= {len(parts)}):
        # Declared apart from the layers; among them, two in one place would be two in a row.
        only = _only_way(norms, sizes)
        fitting = [only] if only else []
    if not fitting or any(way != fitting[0] for way in fitting):
        shown = ", ".join(quoted(norm.name) for norm in norms[:6])
        raise NetworkFileError(
            f"{where}: does not say behind which layers the batch normalisation stands ({shown}); "
            f"{_FOLD_IT}"
        )
    return fitting[0]


def _by_number(norm: Norm, parts: Sequence[Part]) -> int:
    """Return which layer shares a normalisation's number (``fc2``, ``bn2``), from 1; -1 if none."""
    own = _NUMBERED.fullmatch(norm.name)
    matches = [_NUMBERED.fullmatch(part.name) for part in parts]
    if own is None:
        return -1
    found = [
        place for place, match in enumerate(matches, 1)
        if match is not None and int(match["number"]) == int(own["number"])
        and (match["parent"] == own["parent"]) == bool(match["stem"] and own["stem"])
    ]  # fmt: skip
    # Numbers of one list count what it holds, normalisations too; they pair nothing.
    shared = any(
        match is not None and match["parent"] == own["parent"] and not match["stem"]
        for match in matches
    )
    return found[0] if len(found) == 1 and not shared else -1


def _only_way(norms: Sequence[Norm], sizes: Sequence[int]) -> list[int]:
    """Return the one way to place normalisations in their order by their widths, else nothing."""
    ways: list[list[int]] = [[]]
    for norm in norms:
        ways = [
            [*way, place]
            for way in ways
            for place in range(way[-1] + 1 if way else 0, len(sizes))
            if sizes[place] == norm.scale.size
        ]
        if len(ways) > _MOST_WAYS:
            return []
    return ways[0] if len(ways) == 1 else []


def folded(part: Any, before: Affine, after: Affine) -> Any:
    """Return a layer's weights (out, in) and biases with what stands before and behind it.

    Parameters
    ----------
    part : (weights, biases)
        float64, of shapes (out, in) and (out,).
    before, after : (scale, shift)
    """
    weights, biases = part
    with np.errstate(all="ignore"):
        biases = (
            after[0] * (biases + weights @ np.broadcast_to(before[1], weights.shape[1]))
            + (after[1])
        )
        weights = np.reshape(after[0], (-1, 1)) * weights * np.reshape(before[0], (1, -1))
    return weights, biases
