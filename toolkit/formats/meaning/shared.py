"""Tensors that are one in their file, as tied layers' weights are: what goes back must be equal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.guard import bfloat16, quoted
from toolkit.formats.meaning.tensors import Tensor
from toolkit.origin import Origin

Pair = tuple[str, str, bool]
"""A tensor's name, that of the earlier one that it is, and whether it is its transpose."""

_LEAST = float(np.finfo(np.float32).eps)
_BFLOAT16 = 2.0**-7
_UNCHANGED = (1.0, 0.0, 1.0, 0.0)


def pairs_of(tensors: Sequence[Tensor]) -> tuple[list[Pair], bool]:
    """Return which tensors are one, and whether others have some of their numbers in common.

    Parameters
    ----------
    tensors : sequence of Tensor
        In the file's order.
    """
    pairs: list[Pair] = []
    firsts: dict[str, list[tuple[Tensor, int, tuple[int, ...]]]] = {}
    for tensor in tensors:
        if tensor.place is None or not tensor.array.size:
            continue
        key, offset, strides = tensor.place
        shape = tensor.array.shape
        steps = tuple(s if n > 1 else 0 for n, s in zip(shape, strides, strict=True))
        others = firsts.setdefault(key, [])
        for first, start, taken in others:
            first_shape = first.array.shape
            if start == offset and (first_shape, taken) == (shape, steps):
                pairs.append((tensor.name, first.name, False))
                break
            if start == offset and (first_shape[::-1], taken[::-1]) == (shape, steps):
                pairs.append((tensor.name, first.name, True))
                break
        else:
            others.append((tensor, offset, steps))
    return pairs, any(len(views) > 1 and _overlap(views) for views in firsts.values())


def _overlap(views: Sequence[tuple[Tensor, int, tuple[int, ...]]]) -> bool:
    ends = [
        offset + sum((n - 1) * s for n, s in zip(tensor.array.shape, steps, strict=True))
        for tensor, offset, steps in views
    ]
    taken = np.zeros(max(ends) + 1, bool)
    for tensor, offset, steps in views:
        view = np.ndarray(tensor.array.shape, bool, taken, offset, steps)
        if view.any():
            return True
        view[...] = True
    return False


def settle(arrays: dict[str, NDArray[Any]], pairs: Sequence[Pair], origin: Origin) -> None:
    """Make tensors equal that are one: what is no layer's becomes what the layer's is.

    Parameters
    ----------
    arrays : dict of str to ndarray
        By their names in the file; changed.
    pairs : sequence of Pair
    origin : Origin

    Raises
    ------
    ValueError
        If two layers share one, and are not equal any more; names both.
    """
    decided: set[str] = set()
    folded = False
    for place in origin.places:
        decided |= {place.weights.name, place.spare}
        decided |= {place.biases.name} if place.biases is not None else set()
        folded = folded or any(
            np.ndim(part) or part != unchanged
            for part, unchanged in zip((*place.before, *place.after), _UNCHANGED, strict=True)
        )
    for later, first, turned in pairs:
        ours, other = arrays[first], arrays[later]
        other = other.T if turned else other
        if later in decided and first not in decided:
            ours = np.ascontiguousarray(other)
            decided.add(first)
        elif later in decided and not _alike(ours, other, folded):
            raise ValueError(
                f"{quoted(first)} and {quoted(later)} are one tensor in the file (two layers share "
                "it), and they differ now, so that one of both would be lost; change both alike, "
                "or save it in another format"
            )
        arrays[first] = ours
        arrays[later] = np.ascontiguousarray(ours.T if turned else ours)


def _alike(a: NDArray[Any], b: NDArray[Any], folded: bool) -> bool:
    """Tell whether arrays are equal; where folds were undone, as nearly as they are rounded."""
    if a.shape != b.shape or a.dtype != b.dtype:
        return False
    if np.ascontiguousarray(a).tobytes() == np.ascontiguousarray(b).tobytes():
        return True
    if not folded:
        return False
    narrow = a.dtype.kind == "V"
    step = _BFLOAT16 if narrow else max(_LEAST, float(np.finfo(a.dtype).eps))
    wide = [
        np.asarray(bfloat16(part.view("<u2")) if narrow else part, np.float64)
        for part in map(np.ascontiguousarray, (a, b))
    ]
    with np.errstate(all="ignore"):
        return bool((np.abs(wide[0] - wide[1]) <= 2 * step * np.abs(wide[0])).all())


def note_of(pairs: Sequence[Pair], of_layers: Set[str]) -> str:
    """Say which layers share a tensor; ``""`` where none do."""
    tied = [(first, later) for later, first, _ in pairs if {first, later} <= of_layers]
    if not tied:
        return ""
    shown = ", ".join(f"{quoted(first)} and {quoted(later)}" for first, later in tied[:4])
    return (
        f"One tensor under two names ({shown}{', …' if len(tied) > 4 else ''}): taken for layers "
        "that share it; they can go back only while they are equal."
    )


def same(pairs: Sequence[Pair], arrays: Mapping[str, NDArray[Any]]) -> dict[str, str]:
    """Return, by name, which earlier array a file's array is, as it lies there."""
    return {later: first for later, first, turned in pairs if not turned and later in arrays}
