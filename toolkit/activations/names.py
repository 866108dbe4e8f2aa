"""Activation functions by name: what there is, and the one form of each name."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

import numpy as np

from toolkit.activations import functions
from toolkit.activations.functions import Float

_LONGEST = 40  # characters of a name: a parameter has no more digits than float32 tells apart
_BRACKETED = re.compile(r"([a-z_]+) ?\( ?([-+.0-9eE]+) ?\)")

_PLAIN: Mapping[str, Callable[[Float], Float]] = {
    "sigmoid": functions.sigmoid,
    "relu": functions.relu,
    "tanh": np.tanh,
    "identity": lambda z: z,
    "softmax": functions.softmax,
    "gelu": functions.gelu,
    "gelu_tanh": functions.gelu_tanh,
    "silu": functions.silu,
    "softplus": functions.softplus,
    "hard_sigmoid": functions.hard_sigmoid,
}
_WITH_PARAMETER: Mapping[str, tuple[Callable[[float], Callable[[Float], Float]], float]] = {
    "leaky_relu": (functions.leaky_relu, 0.01),
    "elu": (functions.elu, 1.0),
}
_NAMES = ("sigmoid", "relu", "tanh", "identity", "softmax", "leaky_relu", "elu", "gelu",
          "gelu_tanh", "silu", "softplus", "hard_sigmoid")  # fmt: skip
_STRANGERS = {
    "prelu": "PReLU (a slope for each neuron)",
    "selu": "SELU",
    "celu": "CELU",
    "mish": "Mish",
    "relu6": "ReLU6",
    "rrelu": "RReLU (random slopes)",
    "softsign": "softsign",
    "hardswish": "hard swish",
    "hard_swish": "hard swish",
    "hard_tanh": "hard tanh",
    "hardtanh": "hard tanh",
    "log_softmax": "log-softmax",
    "exponential": "exponential",
}


class _Activations(Mapping[str, Callable[[Float], Float]]):
    """Those of :data:`_NAMES`, and with other parameters any that is asked for."""

    def __getitem__(self, name: str) -> Callable[[Float], Float]:
        try:
            return _function(name)
        except ValueError as error:
            raise KeyError(name) from error

    def __iter__(self) -> Iterator[str]:
        return iter(_NAMES)

    def __len__(self) -> int:
        return len(_NAMES)

    def __contains__(self, name: object) -> bool:
        try:
            check_activation(name)
        except ValueError:
            return False
        return True


ACTIVATIONS: Mapping[str, Callable[[Float], Float]] = _Activations()
"""Activation functions by name; each maps an array of pre-activations, last axis the neurons.

``sigmoid``, ``relu``, ``tanh``, ``identity`` and ``softmax``; ``leaky_relu``, slope 0.01 below
zero (Maas et al. 2013); ``elu``, α (exp(z) - 1) below zero, α 1 (Clevert et al. 2015); ``gelu``,
z Φ(z), and ``gelu_tanh``, its form by tanh (Hendrycks & Gimpel 2016); ``silu``, z sigmoid(z)
(Elfwing et al. 2017); ``softplus``, log(1 + exp(z)); ``hard_sigmoid``, z / 6 + 1/2 within 0 and 1.
Another slope or α stands in brackets, ``leaky_relu(0.2)``: such names are keys too, but are not
listed.  Not-a-number stays that, infinity has its limit, and nothing overflows that need not.
"""


def activation_named(kind: str, parameter: float | None = None) -> str:
    """Return the name of an activation function, once it is seen to be one.

    Parameters
    ----------
    kind : str
        A key of :data:`ACTIVATIONS`, without brackets.
    parameter : float, optional
        The slope of ``leaky_relu``, the α of ``elu``; rounded to float32, in which activations
        are computed.

    Raises
    ------
    ValueError
        If there is no such function, it takes no parameter, or the parameter is not finite.

    Examples
    --------
    >>> activation_named("leaky_relu", 0.2), activation_named("leaky_relu", 0.01)
    ('leaky_relu(0.2)', 'leaky_relu')
    """
    if parameter is None:
        return check_activation(kind)
    if kind not in _WITH_PARAMETER:
        check_activation(kind)
        raise ValueError(f"activation: expected no parameter for {kind}; got {parameter!r:.60}")
    with np.errstate(over="ignore"):
        value = np.float32(parameter)
    if not np.isfinite(value):
        what = "slope" if kind == "leaky_relu" else "α"
        raise ValueError(f"activation {kind}: expected a finite {what}; got {parameter!r:.60}")
    if value == np.float32(_WITH_PARAMETER[kind][1]):
        return kind
    if value == 0:
        return "relu"
    if value == 1:
        return "identity"  # of leaky_relu alone: elu's usual one is 1
    return f"{kind}({str(value).removesuffix('.0')})"


def check_activation(name: object) -> str:
    """Return the canonical name of an activation function, if `name` is one.

    Raises
    ------
    ValueError
        If it is none; the message lists those that are.

    Examples
    --------
    >>> check_activation("elu(0.50)")
    'elu(0.5)'
    """
    if isinstance(name, str):
        if name in _PLAIN or name in _WITH_PARAMETER:
            return name
        kind, parameter = _parts(name)
        if kind is not None:
            return activation_named(kind, parameter)
        stranger = _STRANGERS.get(name.lower())
        if stranger is not None:
            raise ValueError(
                f"activation {stranger} has no equal here: expected one of {', '.join(_NAMES)}"
            )
    raise ValueError(f"activation: expected one of {', '.join(_NAMES)}; got {name!r:.60}")


def _parts(name: str) -> tuple[str | None, float]:
    found = _BRACKETED.fullmatch(name) if len(name) <= _LONGEST else None
    if found is None or found[1] not in _WITH_PARAMETER:
        return None, math.nan
    try:
        return found[1], float(found[2])
    except ValueError:
        return None, math.nan


@lru_cache(maxsize=256)
def _function(name: str) -> Callable[[Float], Float]:
    known = check_activation(name)
    if known in _PLAIN:
        return _PLAIN[known]
    kind, parameter = family(known)
    return _WITH_PARAMETER[kind][0](parameter)


@lru_cache(maxsize=256)
def family(name: str) -> tuple[str, float]:
    """Return the name without its brackets, and its parameter: nan for those that have none.

    Examples
    --------
    >>> family("elu(0.5)"), family("leaky_relu")
    (('elu', 0.5), ('leaky_relu', 0.01))
    """
    if name in _WITH_PARAMETER:
        return name, _WITH_PARAMETER[name][1]
    kind, parameter = _parts(name)
    return (name, math.nan) if kind is None else (kind, parameter)
