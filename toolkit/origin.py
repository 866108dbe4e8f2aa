"""How the file looked that a network came from, so that it can go back in the same form.

Reading a file turns weights round, makes them single precision and folds whatever scaling stands
before or behind a layer into it.  An :class:`Origin` remembers what was done, and what else the
file held; :meth:`Origin.arrays` undoes it for whatever the network has become since.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Affine = tuple[Any, Any]
"""``(scale, shift)``: numbers, or float64 arrays of one number for each input or neuron."""

BFLOAT16 = "bfloat16"
MOST_BYTES = 1 << 18
"""What is remembered besides names: a larger file's form is not kept, and not undone."""
_DTYPES = {"<f4", ">f4", "<f8", ">f8", "<f2", ">f2", BFLOAT16}
_CODES = re.compile(r"[<>|](?:[fiu][1248]|b1|V2)")
_LONGEST_NAME = 400
_MOST_DIMENSIONS = 8
_MOST_FOLDERS = 20_000
_PATHS = {".npz", ".keras", ".h5", ".weights.h5"}
KINDS = {*_PATHS, ".pt", ".safetensors", ".onnx"}
"""Kinds of files that go back as they came."""
_UNREADABLE = (LookupError, TypeError, AttributeError, RecursionError, OverflowError, ValueError)
_MOST_NAMES = 10_000
_NONE = np.zeros(0)
_LOST = float(np.finfo(np.float32).eps)  # of a sum, by each number that was rounded on its way
_UNCHANGED: Affine = (1.0, 0.0)


class UnsoundError(ValueError):
    """What is said of a file's form cannot be."""


@dataclass(frozen=True)
class Slot:
    """Where a file keeps one part of a layer.

    Attributes
    ----------
    name : str
        The array's name in the file.
    shape : tuple of int
        There.
    dtype : str
        NumPy's code, or ``"bfloat16"``.
    turned : bool
        Whether weights lie (in, out) there.
    """

    name: str
    shape: tuple[int, ...]
    dtype: str = "<f4"
    turned: bool = False


@dataclass(frozen=True, eq=False)
class Place:
    """One layer in its file.

    Attributes
    ----------
    weights : Slot
    biases : Slot or None
        None where the file has no biases for it.
    before : (scale, shift)
        The file's layer is fed ``scale * x + shift`` where ours is fed ``x``: numbers, or arrays of
        shape (in,).
    after : (scale, shift)
        Our pre-activation is ``scale * z + shift`` of the file's: numbers, or arrays of shape
        (out,).
    spare : str
        The kept array, of shape (out,), that is added to what `after` scales, as a batch
        normalisation's shift: it takes the bias where the layer has none of its own.
    """

    weights: Slot
    biases: Slot | None = None
    before: Affine = _UNCHANGED
    after: Affine = _UNCHANGED
    spare: str = ""


@dataclass(frozen=True, eq=False)
class Origin:
    """What a file said around its layers.

    Attributes
    ----------
    kind : str
        The ending that such files have: ``".pt"``.
    form : str
        For people: ``"PyTorch state_dict"``.
    places : tuple of Place
        One a layer.
    activations : tuple of (str or None)
        One a layer, as the file says it; None where it does not.  Empty: it says none.
    order : tuple of str
        The names of all arrays, in the file's order.
    kept : mapping of str to ndarray
        Arrays that are no layer's weights or biases, as they are in the file.  One of bfloat16 is
        of type ``V2``.
    skeleton : bytes
        What else the kind's writer needs.

    Examples
    --------
    >>> from toolkit.network import Network
    >>> place = Place(Slot("fc.weight", (10, 784)), Slot("fc.bias", (10,)), before=(2.0, -1.0))
    >>> origin = Origin(".pt", "PyTorch state_dict", (place,), order=("fc.weight", "fc.bias"))
    >>> {name: array.shape for name, array in origin.arrays(Network.blank((784, 10))).items()}
    {'fc.weight': (10, 784), 'fc.bias': (10,)}
    """

    kind: str
    form: str
    places: tuple[Place, ...]
    activations: tuple[str | None, ...] = ()
    order: tuple[str, ...] = ()
    kept: Mapping[str, Array] = field(default_factory=dict)
    skeleton: bytes = b""

    @property
    def size(self) -> int:
        """Bytes of what is kept besides names."""
        vectors = [np.size(part) for place in self.places for part in (*place.before, *place.after)]
        return (
            len(self.skeleton)
            + sum(array.nbytes for array in self.kept.values())
            + 8 * sum(count for count in vectors if count > 1)
        )

    def fed(self, scale: float, shift: float) -> Origin:
        """Return it for a network that takes x where this one's took ``scale * x + shift``."""
        if (scale, shift) == _UNCHANGED:
            return self
        first = self.places[0]
        own_scale, own_shift = first.before
        before = (own_scale * scale, own_scale * shift + own_shift)
        return replace(self, places=(replace(first, before=before), *self.places[1:]))

    def lying(self, turned: bool) -> Origin:
        """Return it for a file whose weights lie (in, out) with `turned`, else (out, in)."""
        return replace(
            self,
            places=tuple(
                replace(place, weights=replace(place.weights, turned=turned))
                for place in self.places
            ),
        )

    def arrays(self, network: Any) -> dict[str, Array]:
        """Return every array of the file as it is for a network, in the file's order.

        Whatever was folded into a layer is taken out again, in double precision.

        Parameters
        ----------
        network : Network
            What became of the one that was read: of the same sizes.

        Raises
        ------
        ValueError
            If the file's form has no place for what the network is; says what, and what to do.
        """
        if len(network.layers) != len(self.places):
            raise ValueError(
                f"expected {len(self.places)} layers, as the file had; got {len(network.layers)}"
            )
        found = dict(self.kept)
        for number, (place, layer) in enumerate(zip(self.places, network.layers, strict=True), 1):
            said = self.activations[number - 1] if self.activations else None
            if said is not None and said != layer.activation:
                raise ValueError(
                    f"layer {number} is {layer.activation}; its file says {said}, which its form "
                    "keeps; save it in another format"
                )
            weights, biases, lost = _undone(place, layer, number)
            found[place.weights.name] = _as_in_file(place.weights, weights, number)
            if place.biases is not None:
                found[place.biases.name] = _as_in_file(place.biases, biases, number)
            elif (np.abs(biases) > lost).any():
                if not place.spare:
                    raise ValueError(
                        f"layer {number} has biases now; its file has none, so there is no place "
                        "for them; save it in another format"
                    )
                kept = self.kept[place.spare]
                scale = np.broadcast_to(place.after[0], biases.shape)
                added = np.asarray(kept, np.float64).reshape(-1) + scale * biases
                found[place.spare] = added.astype(kept.dtype).reshape(kept.shape)
        order = self.order or tuple(found)
        return {name: found[name] for name in order}

    def to_bytes(self) -> bytes:
        """Return it as bytes: what JSON can say, and the arrays' own behind it."""
        arrays: list[Array] = []

        def put(part: Any) -> float | list[int]:
            if not np.ndim(part):
                return float(part)
            arrays.append(np.ascontiguousarray(part, "<f8"))
            return [len(arrays) - 1]

        def slot(part: Slot | None) -> list[Any] | None:
            return None if part is None else [part.name, list(part.shape), part.dtype, part.turned]

        places = [
            [slot(place.weights), slot(place.biases), [*map(put, place.before)],
             [*map(put, place.after)], place.spare]
            for place in self.places
        ]  # fmt: skip
        kept = {}
        for name, array in self.kept.items():
            kept[name] = len(arrays)
            arrays.append(np.asarray(array, order="C"))
        said = {
            "kind": self.kind, "form": self.form, "places": places,
            "activations": list(self.activations), "order": list(self.order), "kept": kept,
            "skeleton": len(self.skeleton),
            "arrays": [[array.dtype.str, list(array.shape)] for array in arrays],
        }  # fmt: skip
        text = json.dumps(said, ensure_ascii=False, allow_nan=True).encode()
        head = len(text).to_bytes(8, "little")
        return b"".join([head, text, self.skeleton, *(array.tobytes() for array in arrays)])

    @classmethod
    def from_bytes(cls, data: bytes, sizes: Sequence[int]) -> Origin:
        """Return what :meth:`to_bytes` said, checked part by part.

        Parameters
        ----------
        data : bytes
        sizes : sequence of int
            Neurons per layer, the input first, of the network that it is of.

        Raises
        ------
        UnsoundError
            If the bytes are damaged, or say what does not fit the network.
        """
        try:
            found = _read(data)
            found.check(sizes)
        except UnsoundError:
            raise
        except _UNREADABLE as error:
            raise UnsoundError(f"not of the form expected ({type(error).__name__})") from error
        return found

    def sound(self, sizes: Sequence[int]) -> Origin | None:
        """Return it if it can be kept with a network of these sizes, else None."""
        try:
            self.check(sizes)
        except ValueError:
            return None
        return self

    def check(self, sizes: Sequence[int]) -> None:
        """Raise UnsoundError unless it fits a network of these sizes and is not too much."""
        if len(self.places) != len(sizes) - 1:
            raise UnsoundError(f"{len(self.places)} places for {len(sizes) - 1} layers")
        if self.kind not in KINDS:
            raise UnsoundError("it is of no kind of file that goes back as it came")
        self._check_names()
        if self.size > MOST_BYTES or len(self.order) > _MOST_NAMES:
            raise UnsoundError("larger than any is kept")
        if self.activations and len(self.activations) != len(self.places):
            raise UnsoundError("not as many activations as layers")
        slots: set[str] = set()
        if any(array.ndim > _MOST_DIMENSIONS for array in self.kept.values()):
            raise UnsoundError("an array has too many dimensions")
        for place, into, out in zip(self.places, sizes, sizes[1:], strict=False):
            for slot, count in ((place.weights, out * into), (place.biases, out)):
                if slot is not None:
                    slots.add(slot.name)
                    fits = math.prod(slot.shape) == count and len(slot.shape) <= _MOST_DIMENSIONS
                    if not fits or slot.dtype not in _DTYPES:
                        raise UnsoundError(f"{slot.name[:80]!r} does not fit its layer")
            parts = zip((*place.before, *place.after), (into, into, out, out), strict=True)
            if any(np.shape(part) not in ((), (count,)) for part, count in parts):
                raise UnsoundError("a scaling does not fit its layer")
            if not all(np.isfinite(part).all() for part in (*place.before, *place.after)):
                raise UnsoundError("a scaling is not finite")
            if place.spare and self.kept.get(place.spare, _NONE).size != out:
                raise UnsoundError(f"{place.spare[:80]!r} does not fit its layer")
        if set(self.order) - slots - set(self.kept):
            raise UnsoundError("an array is named that is not there")

    def _check_names(self) -> None:
        """Names come from a file, and go into another: in archives and HDF5 they are paths."""
        slots = [slot for place in self.places for slot in (place.weights, place.biases) if slot]
        names = [*(slot.name for slot in slots), *self.kept, *self.order]
        said = [self.form, *(name for name in self.activations if name)]
        if not all(len(text) <= _LONGEST_NAME and text.isprintable() for text in (*names, *said)):
            raise UnsoundError("a name is no short text that can be printed")
        if sum(name.count("/") for name in names) > _MOST_FOLDERS:
            raise UnsoundError("its arrays stand in too many folders")
        if self.kind in _PATHS and any(
            name.startswith("/") or ".." in name.split("/") for name in names
        ):
            raise UnsoundError("an array's name leads out of its file")


def _undone(place: Place, layer: Any, number: int) -> tuple[Array, Array, Array]:
    """Return a layer's weights (out, in) and biases as its file has them, in float64.

    And by how much each bias may miss zero by rounding alone.
    """
    weights, biases = layer.weights.astype(np.float64), layer.biases.astype(np.float64)
    with np.errstate(all="ignore"):
        (scale, shift), lost = place.after, np.abs(biases) + np.abs(place.after[1])
        if np.ndim(scale) or scale != 1:
            scale = np.broadcast_to(scale, biases.shape)
            dead = scale == 0
            changed = dead & (weights.any(axis=1) | (biases != np.asarray(shift, np.float32)))
            if changed.any():
                raise ValueError(
                    f"neuron {number}.{int(np.argmax(changed))}: its file multiplies it by zero, "
                    "so what was painted there has no place; save it in another format"
                )
            safe = np.where(dead, 1.0, scale)
            weights = weights / safe[:, None]
            biases, lost = np.where(dead, 0.0, (biases - shift) / safe), lost / np.abs(safe)
        else:
            biases = biases - shift
        scale, shift = place.before
        if np.ndim(scale) or scale != 1:
            scale = np.broadcast_to(scale, weights.shape[1:])
            dead = scale == 0
            if weights[:, dead].any():
                raise ValueError(
                    f"layer {number}: its file multiplies input {int(np.argmax(dead))} by zero, so "
                    "what was painted there has no place; save it in another format"
                )
            weights = np.where(dead, 0.0, weights / np.where(dead, 1.0, scale))
        if np.any(shift):
            shift = np.broadcast_to(shift, weights.shape[1:])
            # NaN and infinity stay where they are in the weights, and say nothing of a bias.
            biases = biases - weights @ shift
            lost = lost + np.abs(weights) @ np.abs(shift)
    return weights, biases, 8 * _LOST * lost


def _as_in_file(slot: Slot, values: Array, number: int) -> Array:
    values = (values.T if slot.turned else values).reshape(slot.shape)
    with np.errstate(all="ignore"):
        if slot.dtype == BFLOAT16:
            return _bfloat16(values.astype(np.float32))
        narrow = np.ascontiguousarray(values, np.dtype(slot.dtype))
    if (np.isinf(narrow) & np.isfinite(values)).any():
        raise ValueError(
            f"layer {number}: {slot.name[:80]!r} is {np.dtype(slot.dtype)} in its file, too narrow "
            "for a number of it now; save it in another format"
        )
    return narrow


def _bfloat16(values: NDArray[np.float32]) -> Array:
    """Round to the upper halves, ties to even; NumPy has no type for them but two bytes."""
    wide = np.ascontiguousarray(values, "<f4").view("<u4")
    rounded = (wide + (np.uint32(0x7FFF) + ((wide >> 16) & 1))) >> 16
    rounded = np.where(np.isnan(values), (wide >> 16) | 0x40, rounded)
    return rounded.astype("<u2").view("V2")


def _read(data: bytes) -> Origin:
    end = 8 + int.from_bytes(data[:8], "little")
    if len(data) < 8 or end > len(data):
        raise UnsoundError("breaks off")
    said = json.loads(data[8:end])
    skeleton = data[end : end + _index(said["skeleton"])]
    at, arrays = end + len(skeleton), []
    for code, shape in said["arrays"]:
        if not isinstance(code, str) or not _CODES.fullmatch(code):
            raise UnsoundError("an array is of no type that is kept")
        dtype, shape = np.dtype(code), tuple(map(_index, shape))
        count = math.prod(shape)
        if count * dtype.itemsize > len(data) - at:
            raise UnsoundError("breaks off")
        arrays.append(np.frombuffer(data, dtype, count, at).reshape(shape))
        at += count * dtype.itemsize

    def text(value: Any) -> str:
        if not isinstance(value, str) or len(value) > _LONGEST_NAME:
            raise UnsoundError("a name is no short text")
        return value

    def part(value: Any) -> Any:
        if isinstance(value, list):
            array = arrays[_index(value[0])]
            if array.dtype != np.float64:
                raise UnsoundError("a scaling is not of double precision")
            return array
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise UnsoundError("a scaling is no number")
        return float(value)

    def slot(value: Any) -> Slot:
        name, shape, dtype, turned = value
        return Slot(text(name), tuple(map(_index, shape)), text(dtype), turned is True)

    def pair(value: Any) -> Affine:
        scale, shift = value
        return part(scale), part(shift)

    places = tuple(
        Place(
            slot(weights), None if biases is None else slot(biases), pair(before), pair(after),
            text(spare),
        )
        for weights, biases, before, after, spare in said["places"]
    )  # fmt: skip
    return Origin(
        text(said["kind"]),
        text(said["form"]),
        places,
        tuple(None if name is None else text(name) for name in said["activations"]),
        tuple(map(text, said["order"])),
        {text(name): arrays[_index(index)] for name, index in said["kept"].items()},
        skeleton,
    )


def _index(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value < 1 << 40:
        raise UnsoundError("a whole number is none")
    return value
