"""Activation functions that a graph spells out in several nodes, told by what they give.

Exporters write GELU as Div, Erf, Add and two Mul, or by a tanh, SiLU as Sigmoid and Mul, softplus
with a comparison.  Which nodes they use differs; what comes out for a number that goes in does
not.  So such a part of a graph, elementwise and closed, is worked out at many numbers and
compared with the functions known here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.activations import ACTIVATIONS, activation_named
from toolkit.formats.frameworks.onnx.constants import FLOATS

Real = NDArray[Any]
Parts = tuple[float, float]

_MOST_NODES = 24
_CLOSE = 1e-6  # of what goes in, where that is larger than 1
_STEP = 0.025
_FAR = np.geomspace(12, 1e4, 60)
AT: Real = np.concatenate([-_FAR[::-1], np.round(np.linspace(-12, 12, 961), 3), _FAR])
"""The numbers at which a part of a graph is worked out."""


def _clip(z: Real, low: Any = None, high: Any = None) -> Real:
    return np.clip(z, -np.inf if low is None else low, np.inf if high is None else high)


def _logistic(z: Real) -> Real:
    return 0.5 * np.tanh(0.5 * z) + 0.5


AT.setflags(write=False)

_OPERATORS: Mapping[str, Callable[..., Real]] = {
    "Add": np.add, "Sub": np.subtract, "Mul": np.multiply, "Div": np.divide, "Pow": np.power,
    "Neg": np.negative, "Abs": np.abs, "Exp": np.exp, "Log": np.log, "Sqrt": np.sqrt,
    "Reciprocal": lambda z: 1 / z, "Erf": np.vectorize(math.erf, [float]), "Tanh": np.tanh,
    "Sigmoid": _logistic, "Softplus": lambda z: np.logaddexp(0, z),
    "Relu": lambda z: np.maximum(z, 0), "Sign": np.sign,
    "Max": lambda *parts: np.maximum.reduce(np.broadcast_arrays(*parts)),
    "Min": lambda *parts: np.minimum.reduce(np.broadcast_arrays(*parts)),
    "Greater": np.greater, "GreaterOrEqual": np.greater_equal, "Less": np.less,
    "LessOrEqual": np.less_equal, "Not": np.logical_not, "Where": np.where, "Clip": _clip,
    "Identity": lambda z: z, "Cast": lambda z: z,
}  # fmt: skip
"""What a node of each kind makes of numbers; those without attributes that change it."""
_INPUTS = {
    **dict.fromkeys(("Add", "Sub", "Mul", "Div", "Pow", "Greater", "GreaterOrEqual", "Less",
                     "LessOrEqual"), (2, 2)),
    **dict.fromkeys(("Max", "Min"), (1, 4)), "Where": (3, 3), "Clip": (1, 3),
}  # fmt: skip
"""How many each takes, where it is not one: NumPy would take one more for where to write."""
FORMS = {"Neg", "Pow", "Exp", "Erf", "Abs", "Max", "Min", "Clip"}
"""Nodes that a function spelt out may begin with, and no step of another kind does."""


@dataclass(frozen=True)
class Function:
    """A part of a graph that is an activation function.

    Attributes
    ----------
    nodes : tuple of int
        Of the graph, by index.
    output : str
        The value that it ends in.
    name : str
        A name that :data:`toolkit.network.ACTIVATIONS` knows.
    before, after : (scale, shift)
        It is ``after(f(before(z)))``.
    """

    nodes: tuple[int, ...]
    output: str
    name: str
    before: Parts = (1.0, 0.0)
    after: Parts = (1.0, 0.0)


def function_from(
    start: str,
    nodes: list[tuple[Any, Any]],
    consumers: Mapping[str, list[int]],
    constant: Callable[[str], Real | None],
    ends: set[str],
) -> Function | None:
    """Return the function that a graph makes of a value, if one that is known.

    Parameters
    ----------
    start : str
        The value's name.
    nodes : list of (Step, onnx.NodeProto)
    consumers : mapping of str to list of int
        Which nodes take a value.
    constant : callable
        Returns the one number of a constant of that name, or None.
    ends : set of str
        Values that the graph gives.
    """
    values: dict[str, Real] = {start: AT}
    taken: list[int] = []
    while len(taken) < _MOST_NODES:
        ready = _ready(values, taken, nodes, consumers, constant)
        if ready is None:
            return None
        index, inputs = ready
        node = nodes[index][1]
        with np.errstate(all="ignore"):
            result = _OPERATORS[node.op_type](*inputs)
        output = node.output[0]
        values[output] = np.broadcast_to(np.asarray(result), AT.shape)
        taken.append(index)
        open_values = {name for name in values if set(consumers.get(name, ())) - set(taken)}
        if open_values <= {output} and not (set(values) - {output}) & ends:
            for name, before, after in _known(values[output]):
                return Function(tuple(taken), output, name, before, after)
    return None


def _ready(
    values: Mapping[str, Real],
    taken: list[int],
    nodes: list[tuple[Any, Any]],
    consumers: Mapping[str, list[int]],
    constant: Callable[[str], Real | None],
) -> tuple[int, list[Any]] | None:
    """Return a node whose inputs are all known, and those."""
    for name in values:
        for index in consumers.get(name, ()):
            node = nodes[index][1]
            if index in taken or node.op_type not in _OPERATORS or node.domain == "ai.onnx.ml":
                continue
            least, most = _INPUTS.get(node.op_type, (1, 1))
            if len(node.output) != 1 or not least <= len(node.input) <= most:
                continue
            if not all(node.input[:least]):
                continue
            if len(node.attribute) and node.op_type != "Cast":
                continue
            if any(each.name == "to" and each.i not in FLOATS for each in node.attribute):
                continue
            inputs = [
                None if not each else values[each] if each in values else constant(each)
                for each in node.input
            ]
            if all(value is not None or not each
                   for value, each in zip(inputs, node.input, strict=True)):  # fmt: skip
                return index, inputs
    return None


def _known(found: Real) -> Iterator[tuple[str, Parts, Parts]]:
    """Yield which function gave these answers at :data:`AT`, with what stands around it."""
    if found.dtype.kind != "f" or not np.isfinite(found).all():
        return
    at = dict(zip(AT.tolist(), found.tolist(), strict=True))
    middle = at[0.0]
    plain = ("gelu", "gelu_tanh", "silu", "softplus", "hard_sigmoid", "sigmoid", "tanh", "relu",
             "elu")  # fmt: skip
    ways: list[tuple[str, Parts, Parts]] = [(name, (1.0, 0.0), (1.0, 0.0)) for name in plain]
    for kind, parameter in (("leaky_relu", -at[-1.0]), ("elu", at[-12.0] / math.expm1(-12.0))):
        ways.append((activation_named(kind, parameter), (1.0, 0.0), (1.0, 0.0)))
    share = at[1.0]
    if 0 < share < 1:  # z sigmoid(bz), as silu(bz) / b
        steep = _usual(math.log(share / (1 - share)))
        ways.append(("silu", (steep, 0.0), (1 / steep, 0.0)) if steep > 0 else ways[0])
    if middle > 0:  # log(1 + exp(bz)) / b
        steep = _usual(math.log(2) / middle)
        ways.append(("softplus", (steep, 0.0), (1 / steep, 0.0)))
    if rise := at[_STEP] / _STEP:  # from 0 on, up to 1
        ways.append(("hard_sigmoid", (_usual(6 * rise), -3.0), (1.0, 0.0)))
    for name, before, after in ways:
        with np.errstate(all="ignore"):
            function: Callable[[Real], Real] = ACTIVATIONS[name]
            wanted = after[0] * function(before[0] * AT + before[1]) + after[1]
        if (np.abs(found - wanted) <= _CLOSE * np.maximum(1, np.abs(AT))).all():
            yield name, before, after


def _usual(value: float) -> float:
    """Return a number as it was written, where what was worked out misses its last digits."""
    return float(f"{value:.6g}")
