"""Layers out of lists and dicts of arrays, as pickles and JSON hold them, in the usual forms.

Two lists, ``[weights, biases]``; pairs, one a layer; dicts with such lists (``weights`` and
``biases``, scikit-learn's ``coefs_`` and ``intercepts_``); a list of layers that are dicts
(``{"weights": ..., "biases": ..., "activation": ...}``); and arrays by name in dicts within dicts,
as Flax keeps them.  An array may itself be a list of lists of numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks import layered
from toolkit.formats.frameworks.values import EXPECTED, array_of, depth_of, kind_of
from toolkit.formats.guard import Budget, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning.pairing import from_arrays, from_lists, in_natural_order
from toolkit.formats.meaning.reading import Reading
from toolkit.formats.meaning.strangers import is_record

_WRAPPINGS = ("params", "state_dict", "model_state_dict", "model", "net", "network", "weights")
_LISTS = (("weights", "biases"), ("coefs_", "intercepts_"), ("coefs", "intercepts"))
_SKLEARN = {"logistic": "sigmoid"}
_DEEPEST = 16
_SHOWN = 6


def read(value: Any, what: str, where: str, limits: Limits = LIMITS) -> Reading:
    """Read a network from what a pickle or a JSON text holds.

    Parameters
    ----------
    value : list, tuple, dict
        Of these, arrays and numbers; it may share parts, or hold itself.
    what : str
        What people call the format: ``"a pickle"``.
    where : str
        What to call the file in an error.
    limits : Limits

    Raises
    ------
    NetworkFileError
        If it is in none of the forms, or would be too large.
    """
    budget = Budget(limits, where)
    if isinstance(value, dict):
        return _of_dict(value, what, where, limits, budget)
    if layered.looks_like(value):
        return layered.read(value, {}, f"{what} of layers", budget, limits)
    weights, biases = _halves(value, what, where, budget)
    inputs_first = None
    if all(bias is not None and bias.ndim == 2 and bias.shape[1] == 1 for bias in biases):
        inputs_first = False  # Nielsen's columns: w·a + b
    form = f"{what} of weights and biases"
    return from_lists(form, weights, biases, where, limits, inputs_first=inputs_first)


def _of_dict(
    value: dict[str, Any], what: str, where: str, limits: Limits, budget: Budget
) -> Reading:
    lowered = {key.lower(): part for key, part in value.items()}
    for weights, biases in _LISTS:
        if isinstance(lowered.get(weights), list | tuple) and biases in lowered:
            found = read([lowered[weights], lowered[biases]], what, where, limits)
            return _as_sklearn(found, lowered) if weights != "weights" else found
    layers = lowered.get("layers")
    if not layered.looks_like(layers) and layered.looks_like(value):
        layers = value if layered.says_activations(value) else None
    if layered.looks_like(layers):
        return layered.read(layers, lowered, f"{what} of layers", budget, limits)
    notes: list[str] = []
    for _ in range(2):
        inside = next((key for key in _WRAPPINGS if _is_filled(value.get(key))), None)
        if inside is None or any(_is_array(part) for part in value.values()):
            break
        if any(_is_filled(part) for key, part in value.items() if key == "batch_stats"):
            raise NetworkFileError(
                f"{where}: holds batch normalisation ('batch_stats', as Flax keeps it), which is "
                "not read; fold it into the layer before it, or train without"
            )
        if len(value) > 1:
            notes.append(f"Took the arrays under {quoted(inside)}.")
        value = value[inside]
    arrays, rest = _flat(value, budget)
    if [name for name, _ in arrays] == sorted(name for name, _ in arrays):
        # Sorted as text, as JAX does, ten stands before two.
        arrays = in_natural_order(arrays)
    if rest:
        notes.append(f"Left out what are no arrays: {', '.join(map(quoted, rest[:_SHOWN]))}.")
    reading = from_arrays(f"{what} of arrays by name", arrays, where, limits, notes=notes)
    kernels = [name.rpartition("/")[2] == "kernel" for name, part in arrays if part.ndim == 2]
    if all(kernels) and all(raw.inputs_first is None for raw in reading.layers):
        layers = tuple(replace(raw, inputs_first=True) for raw in reading.layers)
        reading = replace(reading, layers=layers)
    return reading


def _as_sklearn(reading: Reading, said: Mapping[str, Any]) -> Reading:
    """Return the reading of an MLP with what scikit-learn's own names say of it."""
    hidden, last = (said.get(key) for key in ("activation", "out_activation_"))
    names = [*[hidden] * (len(reading.layers) - 1), last]
    layers = [
        replace(raw, inputs_first=True if raw.inputs_first is None else raw.inputs_first,
                activation=layered.activation_of(_SKLEARN.get(str(name), name)))
        for raw, name in zip(reading.layers, names, strict=True)
    ]  # fmt: skip
    return replace(reading, layers=tuple(layers))


def _is_filled(value: object) -> bool:
    return isinstance(value, dict) and bool(value)


def _is_array(value: object) -> bool:
    return isinstance(value, np.ndarray) or (isinstance(value, list) and depth_of(value) > 0)


def _is_texts(value: object) -> bool:
    """Tell whether a value is a list of texts, as classes may be called."""
    return isinstance(value, list) and isinstance(value[0], str)


def _flat(
    value: dict[str, Any], budget: Budget
) -> tuple[list[tuple[str, NDArray[Any]]], list[str]]:
    """Return the arrays of dicts within dicts, by path and in order, and what else there is."""
    arrays: list[tuple[str, NDArray[Any]]] = []
    rest: list[str] = []
    waiting = [(path, part, 1) for path, part in reversed(value.items())]
    for _ in range(budget.limits.tensors):
        if not waiting:
            break
        path, part, depth = waiting.pop()
        if isinstance(part, dict):
            if depth >= _DEEPEST or len(part) > budget.limits.tensors:
                raise NetworkFileError(
                    f"{budget.where}: dicts nested more than {_DEEPEST} deep, or of more than "
                    f"{budget.limits.tensors} entries"
                )
            _check_normalisation(path, part, budget.where)
            budget.take(sum(len(path) + len(key) for key in part))
            waiting += [
                (f"{path}/{key}", inner, depth + 1) for key, inner in reversed(part.items())
            ]
        elif _is_array(part) and not (is_record(path) and _is_texts(part)):
            arrays.append((path, array_of(part, quoted(path), budget)))
        else:
            rest.append(path)
    else:
        raise NetworkFileError(f"{budget.where}: more than {budget.limits.tensors} entries")
    return arrays, rest


def _check_normalisation(path: str, part: dict[str, Any], where: str) -> None:
    if "scale" in part and "kernel" not in part:
        raise NetworkFileError(
            f"{where}: layer {quoted(path)} is a normalisation layer; only fully connected layers "
            "have weight maps"
        )


def _halves(
    value: Any, what: str, where: str, budget: Budget
) -> tuple[list[NDArray[Any]], list[NDArray[Any] | None]]:
    """Split what a file holds into weights and biases, whichever of the usual ways it goes."""
    if not isinstance(value, list | tuple) or not value:
        raise NetworkFileError(
            f"{where}: not a network this version reads: {what} of {kind_of(value)}; {EXPECTED}"
        )
    items = list(value)
    if len(items) > budget.limits.tensors:
        raise NetworkFileError(f"{where}: more than {budget.limits.tensors} arrays; {EXPECTED}")
    depth = depth_of(items[0])
    if depth == 2:
        first, second = items[::2], items[1::2]
    elif depth == 3 and all(_is_pair(item) for item in items):
        first, second = [item[0] for item in items], [item[1] for item in items]
    elif depth == 3 and len(items) == 2 and isinstance(items[1], list | tuple):
        first, second = list(items[0]), list(items[1])
    else:
        raise NetworkFileError(f"{where}: lists that are no layers; {EXPECTED}")
    if len(first) != len(second):
        raise NetworkFileError(
            f"{where}: {len(first)} weights and {len(second)} biases; expected as many"
        )
    if max(len(first), len(second)) > budget.limits.tensors:
        raise NetworkFileError(f"{where}: more than {budget.limits.tensors} arrays; {EXPECTED}")
    return (
        [array_of(item, f"weights {n}", budget) for n, item in enumerate(first, 1)],
        [
            None if item is None else array_of(item, f"biases {n}", budget)
            for n, item in enumerate(second, 1)
        ],
    )


def _is_pair(item: Any) -> bool:
    """Tell (weights, biases) of one layer from the weights of two."""
    if not isinstance(item, list | tuple) or len(item) != 2 or depth_of(item[0]) != 2:
        return False
    weights, biases = item
    if depth_of(biases) == 2:
        return 0 < len(biases) == len(weights) and len(biases[0]) == 1
    return depth_of(biases) == 1
