"""Whole pickled modules: their tensors by name, and what the classes of a Sequential say."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from toolkit.activations import activation_named
from toolkit.formats.containers.opaque import Opaque
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import BYTES_A_PART, Budget, quoted
from toolkit.formats.meaning.reading import Reading

_OWN = "torch.nn.modules."
_SEQUENTIAL = "Sequential"
_ACTIVATIONS: Mapping[str, tuple[str, str]] = {
    "ReLU": ("relu", ""), "Sigmoid": ("sigmoid", ""), "Tanh": ("tanh", ""),
    "Softmax": ("softmax", ""), "LogSoftmax": ("softmax", ""), "SiLU": ("silu", ""),
    "Hardsigmoid": ("hard_sigmoid", ""), "LeakyReLU": ("leaky_relu", "negative_slope"),
    "ELU": ("elu", "alpha"),
}  # fmt: skip
"""Names here, and the attribute that holds the parameter."""
_PASSES = {"Identity", "Dropout", "AlphaDropout", "Flatten", "Unflatten"}
_OPEN = {"activation", "container", "linear", "batchnorm", "dropout", "flatten", "loss", "module"}
"""Modules of PyTorch's whose classes are layers of ours, or change nothing that has no tensor."""
_NO_LAYER = {"Bilinear", "SyncBatchNorm", "BatchNorm2d", "BatchNorm3d"}
_BATCHES = ("running_mean", "running_var")
_MOST_MODULES = 4096
_MOST_DEPTH = 32


@dataclass(eq=False)
class Flat:
    """A module's tensors as its ``state_dict`` would name them.

    Attributes
    ----------
    name : str
        Of its class.
    entries : list of (str, object)
        Tensors by name, in the order of ``state_dict``.
    classes : list of (str, Opaque)
        Each part that holds no other, by its path.
    ordered : bool
        Whether they are applied one after another: nothing but Sequential holds them.
    epsilons : dict of str to float
        What each batch normalisation adds to the variance, by its path, where it says so.
    """

    name: str
    entries: list[tuple[str, Any]] = field(default_factory=list)
    classes: list[tuple[str, Opaque]] = field(default_factory=list)
    ordered: bool = True
    epsilons: dict[str, float] = field(default_factory=dict)

    def check(self, where: str) -> None:
        """Raise if a part of PyTorch's own does what no layer of ours does.

        Raises
        ------
        NetworkFileError
            Names the part.
        """
        for path, part in self.classes:
            module, name = part.name.module, part.name.name
            if module == f"{_OWN}activation" and not _activation(part):
                raise NetworkFileError(
                    f"{where}: {quoted(path)} is {name}: an activation function that has no equal "
                    "here"
                )
            if module.startswith(_OWN) and (
                module.removeprefix(_OWN) not in _OPEN or name in _NO_LAYER
            ):
                raise NetworkFileError(
                    f"{where}: {quoted(path)} is {name}, which has no equal here; only fully "
                    "connected layers have weight maps"
                )
            buffers = (part.state or {}).get("_buffers")
            if isinstance(buffers, dict) and any(
                buffer in buffers and buffers[buffer] is None for buffer in _BATCHES
            ):
                raise NetworkFileError(
                    f"{where}: {quoted(path)} is {name} without running statistics: what it gives "
                    "depends on the batch that it is given, which has no equal here; train with "
                    "track_running_stats=True"
                )

    def said_of(self, reading: Reading) -> Reading:
        """Return a reading with the activations that a Sequential's classes say.

        What follows the last layer may stand in the loss: none there leaves it open.
        """
        names = [raw.name for raw in reading.layers]
        found: list[str | None] = []
        if not self.ordered:
            return reading
        for path, part in self.classes:
            name = part.name.name
            if name == "Linear" and len(found) < len(names) and names[len(found)] == path:
                found.append(None)
            elif (activation := _activation(part)) and found:
                if found[-1] is not None:
                    return reading
                found[-1] = activation
            elif not part.name.module.startswith(_OWN) or name not in (*_PASSES, "BatchNorm1d"):
                return reading
        if len(found) != len(names):
            return reading
        said = [*(name or "identity" for name in found[:-1]), found[-1]]
        layers = tuple(
            replace(raw, activation=name) for raw, name in zip(reading.layers, said, strict=True)
        )
        return replace(reading, layers=layers)


def flat(module: Opaque, budget: Budget) -> Flat | None:
    """Return a module's tensors by name; None where an object is no module.

    Raises
    ------
    NetworkFileError
        If it is nested beyond what any network is.
    """
    where = budget.where
    if not _is_module(module):
        return None
    found = Flat(str(module.name))
    open_parts: list[tuple[str, Opaque, int]] = [("", module, 0)]
    for _ in range(_MOST_MODULES):
        if not open_parts:
            return found
        path, part, depth = open_parts.pop()
        state = part.state or {}
        prefix = f"{path}." if path else ""
        for kind in ("_parameters", "_buffers"):
            held = state.get(kind)
            items = held.items() if isinstance(held, dict) else ()
            _count(budget, prefix, held)
            found.entries += [(prefix + name, value) for name, value in items if value is not None]
        held = state.get("_modules")
        _count(budget, prefix, held)
        inside = [
            (prefix + name, each, depth + 1)
            for name, each in (held.items() if isinstance(held, dict) else ())
            if isinstance(each, Opaque)
        ]
        if (depth >= _MOST_DEPTH and inside) or len(found.entries) > _MOST_MODULES:
            break
        if not inside:
            found.classes.append((path, part))
            buffers = state.get("_buffers")
            if isinstance(buffers, dict) and _BATCHES[0] in buffers and "eps" in state:
                found.epsilons[path] = _epsilon(state["eps"], path, where)
        elif part.name.name != _SEQUENTIAL:
            found.ordered = False
        open_parts += reversed(inside)
    raise NetworkFileError(f"{where}: a module of too many parts, or of itself")


def _count(budget: Budget, prefix: str, held: object) -> None:
    """Count the names that parts get, however many and long they are."""
    if isinstance(held, dict):
        budget.take(sum(len(prefix) + len(name) + BYTES_A_PART for name in held))


def _epsilon(value: object, path: str, where: str) -> float:
    if not isinstance(value, int | float) or not 0 <= value < math.inf:
        raise NetworkFileError(f"{where}: {quoted(path)} has an epsilon that is none")
    return float(value)


def _activation(part: Opaque) -> str:
    """Return which function a module of PyTorch's is; ``""`` where it is none, or of another kind.

    What is not in the module's attributes is as PyTorch's older versions had it.
    """
    state, name = part.state or {}, part.name.name
    if not part.name.module.startswith(_OWN):
        return ""
    if name == "GELU":
        kind = {"none": "gelu", "tanh": "gelu_tanh"}
        approximate = state.get("approximate", "none")
        return kind.get(approximate, "") if isinstance(approximate, str) else ""
    if name == "Softplus":
        return "softplus" if state.get("beta", 1) == 1 else ""
    if name not in _ACTIVATIONS:
        return ""
    kind_name, attribute = _ACTIVATIONS[name]
    value = state.get(attribute) if attribute else None
    if value is not None and not isinstance(value, int | float):
        return ""
    try:
        return activation_named(kind_name, value)
    except ValueError:
        return ""


def _is_module(value: Opaque) -> bool:
    state = value.state
    return state is not None and isinstance(state.get("_modules"), dict) and "_parameters" in state
