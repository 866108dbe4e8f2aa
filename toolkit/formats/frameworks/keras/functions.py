"""Keras's activation functions: what those of a name, and layers of a class, are called here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from toolkit.activations import activation_named, check_activation
from toolkit.formats.guard import quoted

_FUNCTIONS: Mapping[str, tuple[str, float | None]] = {
    "linear": ("identity", None),
    "sigmoid": ("sigmoid", None),
    "relu": ("relu", None),
    "tanh": ("tanh", None),
    "softmax": ("softmax", None),
    "gelu": ("gelu", None),
    "elu": ("elu", None),
    "leaky_relu": ("leaky_relu", 0.2),
    "silu": ("silu", None),
    "swish": ("silu", None),
    "softplus": ("softplus", None),
    "hard_sigmoid": ("hard_sigmoid", None),
}
LOG_SOFTMAX = "log_softmax"
RELU6 = "relu6"
"""A ReLU that ends at 6 is 6 times a hard sigmoid of z less 3."""
STEEPER = 1.2
"""Keras 2's hard sigmoid, clip(0.2 z + 0.5), is Keras 3's, clip(z / 6 + 0.5), of 1.2 z."""

Settings = Mapping[str, Any]


def function_named(said: Any) -> str:
    """Return what an activation function that a layer names is called here.

    Parameters
    ----------
    said : str, dict or None
        As a configuration has it: a name, or a layer or registered function spelt out.

    Returns
    -------
    str
        A key of :data:`toolkit.activations.ACTIVATIONS`, :data:`LOG_SOFTMAX` or :data:`RELU6`.

    Raises
    ------
    ValueError
        If it has no equal here; says which and why.
    """
    if said is None:
        return "identity"
    if isinstance(said, dict):
        kind, settings = said.get("class_name"), said.get("config")
        if isinstance(kind, str) and kind in LAYERS and isinstance(settings, dict):
            return LAYERS[kind](settings)
        if kind == "__lambda__":
            raise ValueError(
                "activation is a lambda, whose code is not run; name a function of Keras"
            )
        said = settings if isinstance(settings, str) else kind
    if said in (LOG_SOFTMAX, RELU6):
        return str(said)
    if not isinstance(said, str) or said not in _FUNCTIONS:
        if isinstance(said, str) and said.isidentifier():
            try:
                check_activation(said)
            except ValueError as error:
                if "no equal" in str(error):
                    raise
        raise ValueError(
            f"activation {quoted(str(said))} is not among {', '.join(sorted(_FUNCTIONS))}"
        )
    name, parameter = _FUNCTIONS[said]
    return name if parameter is None else activation_named(name, parameter)


def _relu(settings: Settings) -> str:
    if settings.get("threshold") not in (0, None):
        raise ValueError("its threshold is not the usual one")
    if settings.get("max_value") is not None:
        if settings["max_value"] != 6 or settings.get("negative_slope") not in (0, None):
            raise ValueError("its max_value is not the usual one")
        return RELU6
    return activation_named("leaky_relu", _number(settings, ("negative_slope",), 0.0))


def _leaky_relu(settings: Settings) -> str:
    return activation_named("leaky_relu", _number(settings, ("negative_slope", "alpha"), 0.3))


def _elu(settings: Settings) -> str:
    return activation_named("elu", _number(settings, ("alpha",), 1.0))


def _softmax(settings: Settings) -> str:
    if settings.get("axis", -1) not in (-1, 1, [-1], [1]):
        raise ValueError("its axis is not the usual one")
    return "softmax"


def _number(settings: Settings, keys: tuple[str, ...], usual: float) -> float:
    for key in keys:
        if settings.get(key) is not None:
            said = settings[key]
            if type(said) not in (int, float) or abs(said) > 1e30:
                raise ValueError(f"its {key} should be a number")
            return float(said)
    return usual


def _none(said: str) -> Callable[[Settings], str]:
    def refuse(settings: Settings) -> str:
        raise ValueError(said)

    return refuse


LAYERS: Mapping[str, Callable[[Settings], str]] = {
    "ReLU": _relu,
    "LeakyReLU": _leaky_relu,
    "ELU": _elu,
    "Softmax": _softmax,
    "PReLU": _none("PReLU (a slope for each neuron) has no equal here; use LeakyReLU, one for all"),
    "ThresholdedReLU": _none("a thresholded ReLU has no equal here; use ReLU"),
}
"""Activation functions that are layers, by class; each is asked with the layer's settings."""
