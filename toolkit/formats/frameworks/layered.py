"""A list of layers, each a dict of its own: ``{"weights": ..., "biases": ..., "activation": ...}``.

Programs that write JSON by hand keep networks so, each with its own words; the usual ones are
known.  A layer may also be a list of neurons, ``{"weights": [...], "bias": ...}`` each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.activations import ACTIVATIONS, activation_named, check_activation
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.values import array_of, depth_of
from toolkit.formats.guard import BYTES_A_PART, Budget, quoted
from toolkit.formats.limits import Limits
from toolkit.formats.meaning.pairing import from_lists
from toolkit.formats.meaning.reading import Reading

_WEIGHTS = ("weights", "weight", "w", "kernel", "coefs", "coef", "matrix")
_BIASES = ("biases", "bias", "b", "intercepts", "intercept")
_ACTIVATION = ("activation", "activation_function", "activationfunction", "act", "nonlinearity",
               "transfer")  # fmt: skip
_KIND = ("type", "class_name", "kind", "class")
_WITHOUT = ("input", "inputlayer", "flatten", "dropout", "data")
_NORMALISED = ("gamma", "beta", "running_mean", "running_var", "moving_mean", "moving_variance",
               "mean", "var", "std", "scale", "mask")  # fmt: skip
_ALIASES = {"linear": "identity", "none": "identity", "logistic": "sigmoid", "swish": "silu",
            "logsoftmax": "softmax", "log_softmax": "softmax", "purelin": "identity",
            "logsig": "sigmoid", "tansig": "tanh"}  # fmt: skip
_SHOWN = 6
_BYTES_A_KEY = 512
_SLOPES = {"leaky_relu": ("negative_slope", "alpha", "slope", "leak"), "elu": ("alpha",)}
_STEEPER = {"silu": ("beta",), "softplus": ("beta",), "relu": ("negative_slope",)}
_ONLY_FULL = "only fully connected layers have weight maps"


@dataclass(eq=False)
class _Entry:
    weights: NDArray[Any]
    biases: NDArray[Any] | None
    activation: str | None
    by_neuron: bool


def looks_like(value: object) -> bool:
    """Tell whether a value is a list or a dict of layers, or a list of lists of neurons."""
    if isinstance(value, dict):
        return bool(value) and all(
            isinstance(each, dict) and _first(_lowered(each), _WEIGHTS) is not None
            for each in _once(value.values())
        )
    return isinstance(value, list) and bool(value) and all(
        isinstance(each, dict)
        or (isinstance(each, list) and bool(each) and all(isinstance(one, dict) for one in each))
        for each in _once(value)
    )  # fmt: skip


def says_activations(value: Mapping[str, Any]) -> bool:
    """Tell whether one of a dict's layers says its activation function."""
    return any(_first(_lowered(each), _ACTIVATION) is not None for each in _once(value.values()))


def _once(values: Iterable[Any]) -> list[Any]:
    """Return values without those that stand there again: a pickle's parts may all be one."""
    return list({id(each): each for each in values}.values())


def read(value: Any, said: Mapping[str, Any], form: str, budget: Budget, limits: Limits) -> Reading:
    """Read a network from a list or dict of layers.

    Parameters
    ----------
    value : list or dict
        One that :func:`looks_like` knows.
    said : mapping
        What stands beside it, by name in small letters: ``activation``, ``activations`` and such.
    form : str
        What people call the format.
    budget, limits
        ``budget.where`` names the file.

    Raises
    ------
    NetworkFileError
        If a layer is not fully connected, says an activation function that is none here, or does
        not fit its neighbours.
    """
    where = budget.where
    entries: list[_Entry] = []
    notes: list[str] = []
    layers = list(value.values() if isinstance(value, dict) else value)
    if len(layers) > limits.tensors:
        raise NetworkFileError(f"{where}: {len(layers)} layers; at most {limits.tensors} are read")
    for number, layer in enumerate(layers, 1):
        budget.spend(_BYTES_A_KEY * len(layer))  # one layer may stand in many places
        _take(layer, f"layer {number}", entries, notes, budget, first=number == 1)
    if not entries:
        raise NetworkFileError(f"{where}: 'layers' holds none that has weights")
    by_neuron = all(entry.by_neuron for entry in entries)
    reading = from_lists(
        form,
        [entry.weights for entry in entries],
        [entry.biases for entry in entries],
        where,
        limits,
        inputs_first=False if by_neuron else None,
    )
    names = _activations([entry.activation for entry in entries], said, where)
    # They may have been put in another order, and keep their names.
    numbers = [int(raw.name.rpartition(" ")[2]) - 1 for raw in reading.layers]
    found = tuple(
        replace(raw, activation=names[number])
        for raw, number in zip(reading.layers, numbers, strict=True)
    )
    return replace(reading, layers=found, notes=(*reading.notes, *notes))


def activation_of(name: object, what: str = "", where: str = "") -> str | None:
    """Return an activation function's name here for what a file calls it; None if it says none.

    Raises
    ------
    NetworkFileError
        If it names one that is not known.
    """
    if isinstance(name, dict):
        name = name.get("name", name.get("class_name"))
    if name is None:
        return None
    plain = str(name).strip().lower()
    try:
        return check_activation(_ALIASES.get(plain, plain))
    except ValueError as error:
        raise NetworkFileError(
            f"{where}: {what}: activation {quoted(name)} is none that is known here; expected one "
            f"of {', '.join(ACTIVATIONS)}"
        ) from error


def _with_slope(
    name: str | None, parts: Mapping[str, Any], given: object, what: str, where: str
) -> str | None:
    """Return an activation with the slope that stands beside its name, or in a dict with it."""
    if name is None:
        return None
    beside = {**parts, **(_lowered(given) if isinstance(given, dict) else {})}
    found = _first(beside, _SLOPES.get(name, ()))
    if found is not None:
        try:
            return activation_named(name, found)
        except (ValueError, TypeError) as error:
            raise NetworkFileError(f"{where}: {what}: {error}") from error
    for key in _STEEPER.get(name, ()):
        if _is_number(beside.get(key)) and beside[key] != (0 if name == "relu" else 1):
            raise NetworkFileError(
                f"{where}: {what}: activation {name} with a {quoted(key)} of its own has no equal "
                "here"
            )
    return name


def _activations(
    own: Sequence[str | None], said: Mapping[str, Any], where: str
) -> list[str | None]:
    """Return each layer's activation: its own word, else what the file says of all."""
    count = len(own)
    listed = said.get("activations")
    if isinstance(listed, list) and len(listed) == count:
        general = list(listed)
    else:
        hidden = said.get("hidden_activation", said.get("activation"))
        last = said.get("output_activation", said.get("out_activation_"))
        general = [*[hidden if isinstance(hidden, str) else None] * (count - 1),
                   last if isinstance(last, str) else None]  # fmt: skip
    found = []
    for number, (name, each) in enumerate(zip(own, general, strict=True), 1):
        what = f"layer {number}"
        other = _with_slope(activation_of(each, what, where), said, each, what, where)
        found.append(name or other)
    return found


def _take(
    layer: Any, what: str, entries: list[_Entry], notes: list[str], budget: Budget, *, first: bool
) -> None:
    where = budget.where
    if isinstance(layer, list):
        layer = {"neurons": layer}
    budget.spend(BYTES_A_PART * len(layer))
    parts = _lowered(layer)
    given = _first(parts, _ACTIVATION)
    activation = _with_slope(activation_of(given, what, where), parts, given, what, where)
    neurons = parts.get("neurons")
    if isinstance(neurons, list) and neurons and all(isinstance(one, dict) for one in neurons):
        weights, biases = _of_neurons(neurons, what, budget)
        entries.append(_Entry(weights, biases, activation, by_neuron=True))
        return
    matrix, vector = _first(parts, _WEIGHTS), _first(parts, _BIASES)
    if matrix is None or (isinstance(matrix, list) and not matrix):
        _take_without(parts, what, entries, where, first=first)
        return
    # A number that belongs to the activation is not a normalisation's.
    own = {key for key in _STEEPER.get(str(activation), ()) if _is_number(parts.get(key))}
    wrong = sorted(set(parts) & set(_NORMALISED) - own)
    if wrong:
        raise NetworkFileError(
            f"{where}: {what} holds {quoted(wrong[0])} beside its weights, as a normalisation "
            f"does; {_ONLY_FULL}"
        )
    known = {*_WEIGHTS, *_BIASES, *_ACTIVATION, *_KIND}
    rest = [key for key, part in parts.items() if key not in known and depth_of(part) > 0]
    if rest:
        notes.append(f"Left out of {what}: {', '.join(map(quoted, rest[:_SHOWN]))}.")
    if depth_of(matrix) > 2:
        raise NetworkFileError(f"{where}: {what} is not fully connected; {_ONLY_FULL}")
    weights = array_of(matrix, f"weights of {what}", budget)
    if _is_number(vector):
        vector = [vector]
    biases = None if vector is None else array_of(vector, f"biases of {what}", budget)
    entries.append(_Entry(weights, biases, activation, by_neuron=False))


def _take_without(
    parts: Mapping[str, Any], what: str, entries: list[_Entry], where: str, *, first: bool
) -> None:
    """Take an entry without weights: an input, or the activation of the layer before."""
    kind = _first(parts, _KIND)
    named = kind.lower() if isinstance(kind, str) else ""
    if (first and not named) or named in _WITHOUT:
        return
    name = _first(parts, _ACTIVATION)
    if name is None and _ALIASES.get(named, named) in ACTIVATIONS:
        name = named
    if name is None or not entries or entries[-1].activation not in (None, "identity"):
        shown = f"of type {quoted(kind)} " if named else ""
        raise NetworkFileError(f"{where}: {what} {shown}has no weights; {_ONLY_FULL}")
    entries[-1].activation = _with_slope(activation_of(name, what, where), parts, name, what, where)


def _of_neurons(
    neurons: list[dict[str, Any]], what: str, budget: Budget
) -> tuple[NDArray[Any], NDArray[Any] | None]:
    budget.spend(_BYTES_A_KEY * sum(map(len, neurons)))
    lowered = [_lowered(one) for one in neurons]
    rows = [_first(one, _WEIGHTS) for one in lowered]
    weights = array_of(rows, f"weights of {what}", budget)
    values = [_first(one, _BIASES) for one in lowered]
    if weights.ndim != 2 or (any(value is None for value in values) and any(
        value is not None for value in values
    )):  # fmt: skip
        raise NetworkFileError(
            f"{budget.where}: {what}: expected neurons with weights and a bias each"
        )
    if values[0] is None:
        return weights, None
    return weights, np.ravel(array_of(values, f"biases of {what}", budget))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _lowered(layer: Mapping[str, Any]) -> dict[str, Any]:
    return {key.lower(): part for key, part in layer.items()}


def _first(parts: Mapping[str, Any], names: Sequence[str]) -> Any:
    return next((parts[name] for name in names if parts.get(name) is not None), None)
