"""Layers out of tensors by name, as ``nn.Module.state_dict`` names them, and their way back."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import as_float32, bfloat16, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning import mark, norms, orders, shared
from toolkit.formats.meaning.norms import Sorted
from toolkit.formats.meaning.pairing import Part, chained, is_part_of_a_layer, paired, raw_layers
from toolkit.formats.meaning.reading import RawLayer, Reading
from toolkit.formats.meaning.tensors import Tensor
from toolkit.origin import BFLOAT16, MOST_BYTES, Affine, Origin, Place, Slot

if TYPE_CHECKING:
    from toolkit.network import Network

_LINEAR = re.compile(r"(?:.*\.)?weight", re.DOTALL)
_NUMBERED = re.compile(r"(?:.*\.)?[0-9]{1,6}", re.DOTALL)
_AVERAGED = re.compile(r"ema|averag|swa|shadow|target|teacher", re.IGNORECASE)
_SEVERAL = re.compile(
    r"(?:net_?)?(?:generator|discriminator|critic|actor|policy|value|student|[gd])(?:_?net)?",
    re.IGNORECASE,
)
_FLOATS = {"<f2", "<f4", "<f8", ">f2", ">f4", ">f8", BFLOAT16}
_LONGEST_NAME = 200
_NEAR = 1e-9
_UNCHANGED: Affine = (1.0, 0.0)


def reading_of_tensors(
    form: str,
    kind: str,
    tensors: Sequence[Tensor],
    where: str,
    limits: Limits,
    *,
    linear: bool | None = None,
    in_order: bool = True,
    notes: Sequence[str] = (),
    told: Mapping[str, Any] = norms.NOTHING_SAID,
) -> Reading:
    """Read a network from its tensors.

    Batch normalisations at rest and a scaling of the input are folded into the layers they stand
    beside; a batch normalisation behind a hidden layer is said of it, since the file does not
    say whether it stands before the activation.

    Parameters
    ----------
    form : str
        What people call the format.
    kind : str
        ``".pt"`` or ``".safetensors"``, which the network can go back to.
    tensors : sequence of Tensor
        In the file's order.
    where : str
    limits : Limits
    linear : bool, optional
        Whether weights lie as ``nn.Linear`` has them where that fits; by default their names say.
    in_order : bool
        Whether the file's order is the module's.
    notes : sequence of str
        What there was to say before.
    told : mapping of str to object
        What is known besides: ``"epsilons"``, what batch normalisations add to the variance, by
        name; ``"order"``, the names of the layers' weights from the input to the output.

    Raises
    ------
    NetworkFileError
        If a layer is not fully connected, a tensor belongs to none, the layers do not chain, or
        they would be too large.
    """
    said = list(notes)
    epsilons = norms.epsilons_of(told.get("epsilons"))
    used = _without_averages(tensors, where, said)
    found = norms.sort(used, where, said, epsilons)
    norms.check_numbers(found, where)
    arrays = [(tensor.name, tensor.array) for _, tensor in found.layers]
    parts = paired(arrays, where, said)
    _check_names(parts, where)
    parts, known_order = _as_told(parts, found, told.get("order"))
    if linear is None:
        linear = all(_LINEAR.fullmatch(part.names[0]) for part in parts)
    parts, turned, several = chained(
        parts,
        where,
        limits,
        ways=(False, True),
        notes=said,
        usual=bool(linear),
        in_order=in_order or known_order,
    )
    if turned and linear:
        said.append("Weights lie as (in, out), as for x @ W + b.")
    layers = list(raw_layers(parts, turned))
    sizes = _sizes(parts, turned)
    affine = [(_UNCHANGED, _UNCHANGED, "")] * len(layers)
    input_map = None
    if found.norms or found.pixels:
        if several:
            raise NetworkFileError(
                f"{where}: does not say in which order its layers follow, nor so where the "
                f"normalisation stands; {orders.ADVICE}"
            )
        if turned is None:
            raise NetworkFileError(
                f"{where}: does not say which way round its weights lie, nor so where the "
                "normalisation stands; export the network as ONNX"
            )
        order = _order(found, parts, in_order)
        affine = _affine(found, parts, sizes, order, layers, where)
        input_map = norms.fed(found, sizes[0], said)
    gap = orders.gap([*(part.name for part in parts), *(norm.name for norm in found.norms)])
    said += [gap] if gap else []
    origin = _origin(form, kind, tensors, found, parts, turned, affine, epsilons, said)
    return Reading(
        form, tuple(layers), notes=tuple(said), input_map=input_map, origin=origin, orders=several
    )


def _check_names(parts: Sequence[Part], where: str) -> None:
    """Raise if one tensor is called as layers' are and another not.

    A vector of somebody's own that multiplies what a layer without biases gives would be taken for
    its biases, since it stands behind it.
    """
    names = [name for part in parts for name in part.names if name]
    strange = [name for name in names if not is_part_of_a_layer(name)]
    if strange and len(strange) < len(names):
        raise NetworkFileError(
            f"{where}: {quoted(strange[0])} is no layer's weights or biases by its name; save the "
            "layers' tensors alone, or export the network as ONNX"
        )


def _as_told(parts: list[Part], found: Sorted, names: object) -> tuple[list[Part], bool]:
    """Return layers in the order that is told, and whether one is."""
    own = {_direction_of(found).get(part.names[0], part.names[0]): part for part in parts}
    if not isinstance(names, list) or len(own) != len(parts) or len(names) != len(parts):
        return parts, False
    ordered = [own[name] for name in names if isinstance(name, str) and name in own]
    known = len({id(part) for part in ordered}) == len(parts)
    return (ordered, True) if known else (parts, False)


def _direction_of(found: Sorted) -> dict[str, str]:
    """Return the array that stands for weights that are kept as lengths and directions."""
    return {
        length.removesuffix("weight_g").removesuffix("parametrizations.weight.original0")
        + "weight": direction
        for length, direction, _ in found.weight_norms
    }


def _without_averages(tensors: Sequence[Tensor], where: str, notes: list[str]) -> Sequence[Tensor]:
    """Leave out a running average that stands beside the network that it is of."""
    groups: dict[str, dict[str, tuple[int, ...]]] = {}
    for tensor in tensors:
        top, dot, rest = tensor.name.partition(".")
        if dot:
            groups.setdefault(top, {})[rest] = tensor.array.shape
    several = [top for top in groups if _SEVERAL.fullmatch(top)]
    if len(several) > 1:
        raise NetworkFileError(
            f"{where}: holds several networks ({', '.join(map(quoted, several[:6]))}); save one "
            f"alone, as torch.save(model.{several[0][:40]}.state_dict(), ...)"
        )
    twins = {
        top: next(
            (other for other, parts in groups.items()
             if not _AVERAGED.search(other) and parts == groups[top]),
            None,
        )
        for top in groups
        if _AVERAGED.search(top)
    }  # fmt: skip
    left_out = {top for top, twin in twins.items() if twin is not None}
    notes += [
        f"Left out {quoted(top)}: the same once more, beside {quoted(twins[top])}."
        for top in sorted(left_out)
    ]
    return [tensor for tensor in tensors if tensor.name.partition(".")[0] not in left_out]


def _sizes(parts: Sequence[Part], turned: bool | None) -> list[int]:
    shapes = [part.weights.shape[:: -1 if turned else 1] for part in parts]
    return [shapes[0][1], *(out for out, _ in shapes)]


def _order(found: Sorted, parts: Sequence[Part], in_order: bool) -> dict[str, int] | None:
    """Return where weights stand in the file if that says in which order they are used."""
    names = [*(part.name for part in parts), *(norm.name for norm in found.norms)]
    counted = all(_NUMBERED.fullmatch(name) for name in names)
    if not in_order and not (counted and len({name.rpartition(".")[0] for name in names}) == 1):
        return None
    return {tensor.name: at for at, tensor in found.layers}


def _affine(
    found: Sorted,
    parts: Sequence[Part],
    sizes: Sequence[int],
    order: dict[str, int] | None,
    layers: list[RawLayer],
    where: str,
) -> list[tuple[Affine, Affine, str]]:
    """Fold what stands at the ends, say of hidden layers what follows them."""
    before: list[Affine] = [_UNCHANGED] * len(layers)
    after: list[Affine] = [_UNCHANGED] * len(layers)
    spare = [""] * len(layers)
    if found.pixels is not None:
        if any(part.size not in (1, sizes[0]) for part in found.pixels):
            raise NetworkFileError(
                f"{where}: scales the input by {max(part.size for part in found.pixels)} numbers; "
                f"it has {sizes[0]} pixels"
            )
        before[0] = found.pixels
    places = norms.places_of(found.norms, parts, sizes, order, where) if found.norms else []
    for norm, place in zip(found.norms, places, strict=True):
        if place == 0:
            scale, shift = before[0]
            before[0] = (norm.scale * scale, norm.scale * shift + norm.shift)
            continue
        spare[place - 1] = norm.spare
        if place < len(layers):
            layers[place - 1] = replace(layers[place - 1], norm=(norm.scale, norm.shift))
        else:
            after[-1] = (norm.scale, norm.shift)
    for index, layer in enumerate(layers):
        if before[index] is not _UNCHANGED or after[index] is not _UNCHANGED:
            layers[index] = _folded(layer, parts[index], before[index], after[index], where)
    return list(zip(map(_plain, before), after, spare, strict=True))


def _plain(affine: Affine) -> Affine:
    """Return one number for an array of one."""
    scale, shift = (np.asarray(part).item() if np.size(part) == 1 else part for part in affine)
    return scale, shift


def _folded(layer: RawLayer, part: Part, before: Affine, after: Affine, where: str) -> RawLayer:
    matrix = np.asarray(part.weights.T if layer.inputs_first else part.weights, np.float64)
    biases: NDArray[Any] = np.zeros(len(matrix))
    if part.biases is not None:
        biases = np.asarray(part.biases, np.float64)
    weights, biases = norms.folded((matrix, biases), before, after)
    return replace(
        layer,
        weights=as_float32(weights.T if layer.inputs_first else weights),
        biases=as_float32(biases),
    )


def _origin(
    form: str,
    kind: str,
    tensors: Sequence[Tensor],
    found: Sorted,
    parts: Sequence[Part],
    turned: bool | None,
    affine: Sequence[tuple[Affine, Affine, str]],
    epsilons: Mapping[str, float],
    notes: list[str],
) -> Origin | None:
    """Return how the file looks; None, with a word, where it is not kept."""
    by_name = {tensor.name: tensor for tensor in tensors}
    stands_for = _direction_of(found)

    def slot(name: str, is_turned: bool = False) -> Slot:
        tensor = by_name[stands_for.get(name, name)]
        return Slot(tensor.name, tensor.array.shape, tensor.dtype, is_turned)

    places = tuple(
        Place(
            slot(part.names[0], bool(turned)),
            None if part.names[1] is None else slot(part.names[1]),
            before, after, spare,
        )
        for part, (before, after, spare) in zip(parts, affine, strict=True)
    )  # fmt: skip
    slots = [each for place in places for each in (place.weights, place.biases) if each]
    of_layers = {each.name for each in slots}
    kept = {tensor.name: _as_in_file(tensor) for tensor in tensors if tensor.name not in of_layers}
    pairs, overlap = shared.pairs_of(tensors)
    tied = shared.note_of(pairs, of_layers)
    notes += [tied] if tied else []
    besides = {
        "weight_norms": found.weight_norms, "shared": pairs,
        "epsilons": {norm.name: epsilons[norm.name] for norm in found.norms
                     if norm.name in epsilons},
    }  # fmt: skip
    skeleton = json.dumps(besides) if any(besides.values()) else ""
    origin = Origin(kind, form, places, order=tuple(by_name), kept=kept, skeleton=skeleton.encode())
    why = ""
    if origin.size > MOST_BYTES:
        why = f"what else it holds is more than {MOST_BYTES >> 10} KiB"
    elif any(each.dtype not in _FLOATS for each in slots):
        why = "its weights are whole numbers"
    elif len(by_name) != len(tensors) or any(len(name) > _LONGEST_NAME for name in by_name):
        why = "its names are too long"
    elif overlap:
        why = "some of its tensors have numbers in common"
    if why:
        notes.append(f"It cannot be saved as it came: {why}.")
        return None
    return origin


def _as_in_file(tensor: Tensor) -> NDArray[Any]:
    if tensor.dtype != BFLOAT16:
        return np.array(tensor.array, order="C")  # what else its storage holds is let go
    upper = np.ascontiguousarray(tensor.array, "<f4").view("<u4") >> 16
    return upper.astype("<u2").view("V2").reshape(tensor.array.shape)


def arrays_back(network: Network) -> dict[str, NDArray[Any]]:
    """Return the tensors of the state_dict that a network came from, in its order.

    Parameters
    ----------
    network : Network

    Returns
    -------
    dict of str to ndarray
        Of the shapes and types that they had; bfloat16 as ``V2``.

    Raises
    ------
    NetworkFileError, ValueError
        As for :func:`toolkit.formats.frameworks.torch.dumps_back`.
    """
    origin = network.origin
    if origin is None:
        raise NetworkFileError("expected a network that was read from a state_dict")
    arrays = origin.arrays(network)
    besides = _besides(origin)
    for length, direction, axis in besides["weight_norms"]:
        _split(arrays, length, direction, axis)
    shared.settle(arrays, besides["shared"], origin)
    return arrays


def same_back(network: Network, arrays: Mapping[str, NDArray[Any]]) -> dict[str, str]:
    """Return which of a state_dict's tensors are one, by name the earlier one's name."""
    assert network.origin is not None
    return shared.same(_besides(network.origin)["shared"], arrays)


def _besides(origin: Origin) -> dict[str, Any]:
    """Return what an origin says besides; a file of ours may have been changed since.

    Raises
    ------
    NetworkFileError
        If it is no state_dict's.
    """
    found: dict[str, Any] = {"weight_norms": [], "shared": [], "epsilons": {}}
    if not origin.skeleton:
        return found
    names = set(origin.order)
    try:
        said = json.loads(origin.skeleton)
        for length, direction, axis in said.get("weight_norms", ()):
            if {length, direction} <= names and axis in (None, 0, 1):
                found["weight_norms"].append((length, direction, axis))
                continue
            raise ValueError
        for later, first, turned in said.get("shared", ()):
            if not {later, first} <= names:
                raise ValueError
            found["shared"].append((later, first, turned is True))
        if {first for _, first, _ in found["shared"]} & {pair[0] for pair in found["shared"]}:
            raise ValueError
        found["epsilons"] = norms.epsilons_of(said.get("epsilons"))
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        raise NetworkFileError(
            "how its file looked is not of the form expected, so that it cannot go back as it came"
        ) from error
    return found


def mark_back(network: Network, arrays: Mapping[str, NDArray[Any]]) -> str:
    """Return the mark of a state_dict that goes back, so that it is not guessed at again.

    Parameters
    ----------
    network : Network
    arrays : mapping of str to ndarray
        What :func:`arrays_back` returned for it.

    Returns
    -------
    str
        See :mod:`toolkit.formats.meaning.mark`; ``""`` where more than that would be open still.
    """
    assert network.origin is not None
    tensors = [
        Tensor(name, _widened(array), BFLOAT16 if array.dtype.kind == "V" else array.dtype.str)
        for name, array in arrays.items()
    ]
    besides = {
        "epsilons": _besides(network.origin)["epsilons"],
        "order": [place.weights.name for place in network.origin.places],
    }
    try:
        again = reading_of_tensors("", network.origin.kind, tensors, "", LIMITS, told=besides)
    except NetworkFileError:  # the mark is a help alone: the tensors are right without it
        return ""
    if again.origin is None or any(raw.inputs_first is None for raw in again.layers):
        return ""
    # The file's layer is fed `scale * x + shift` in all; part of that is told by the file itself.
    whole, own = network.origin.places[0].before, again.origin.places[0].before
    with np.errstate(all="ignore"):
        scale = np.atleast_1d(np.divide(whole[0], own[0]))
        shift = np.atleast_1d(np.divide(np.subtract(whole[1], own[1]), own[0]))
    fed = None
    if np.ptp(scale) <= _NEAR * abs(scale[0]) and np.ptp(shift) <= _NEAR * max(1, abs(shift[0])):
        fed = (float(scale[0]), float(shift[0]))
        if abs(fed[0] - 1) < _NEAR and abs(fed[1]) < _NEAR:
            fed = (1.0, 0.0)
    more = {name: part for name, part in besides.items() if part}
    return json.dumps(mark.told(network, fed) | more)


def _widened(array: NDArray[Any]) -> NDArray[Any]:
    return bfloat16(array.view("<u2")) if array.dtype.kind == "V" else array


def _split(arrays: dict[str, NDArray[Any]], length: str, direction: str, axis: int | None) -> None:
    """Keep weights as their length and direction; the direction of none is arbitrary."""
    weights, was = arrays[direction], arrays[length]
    if "V" in (weights.dtype.kind, was.dtype.kind):
        raise ValueError("weights of bfloat16 that are kept as lengths and directions")
    wide = weights.astype(np.float64)
    lengths = np.sqrt((wide * wide).sum(axis=axis, keepdims=True))
    arrays[direction] = np.where(lengths == 0, 1, wide).astype(weights.dtype)
    arrays[length] = lengths.astype(was.dtype).reshape(was.shape)
