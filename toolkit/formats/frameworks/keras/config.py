"""What the layers of a Keras configuration that have no weights do."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.guard import quoted
from toolkit.formats.meaning.chain import Chain, Step

_ACTIVATIONS = {
    None: "identity",
    "linear": "identity",
    "sigmoid": "sigmoid",
    "relu": "relu",
    "tanh": "tanh",
    "softmax": "softmax",
}
_ACTIVATION_LAYERS = {"ReLU": "relu", "Softmax": "softmax", "Sigmoid": "sigmoid", "Tanh": "tanh"}
_PASSED = {
    "InputLayer", "Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise",
    "ActivityRegularization", "Identity",
}  # fmt: skip
"""Layers that change nothing once training is over."""


def is_flat(layer: dict[str, Any]) -> bool:
    """Tell whether a layer says of its input that each digit is one row of numbers."""
    shape = layer.get("batch_shape", layer.get("batch_input_shape"))
    return not isinstance(shape, list) or len(shape) <= 2


def activate(chain: Chain, step: Step, said: Any, before: Any = lambda: None) -> None:
    """Take an activation function by its name, and `before` it what it follows."""
    if isinstance(said, dict):  # a registered function, spelt out
        said = said.get("config") if isinstance(said.get("config"), str) else said.get("class_name")
    if said == "log_softmax":
        before()
        chain.log_softmax(step)
        return
    if not (said is None or isinstance(said, str)) or said not in _ACTIVATIONS:
        known = ", ".join(sorted(filter(None, _ACTIVATIONS)))
        raise chain.refuse(step, f"activation {quoted(str(said))} is not among {known}")
    before()
    chain.activate(step, _ACTIVATIONS[said])


def take_other(chain: Chain, step: Step, layer: dict[str, Any]) -> bool:
    """Take a layer without weights; return whether the picture is flat behind it."""
    kind = step.kind
    if kind in _PASSED:
        return False
    if kind == "Flatten":
        if layer.get("data_format") == "channels_first":
            raise chain.refuse(step, "flattens channels first, which reorders the pixels")
        return True
    if kind == "Reshape":
        shape = layer.get("target_shape")
        return isinstance(shape, list) and len(shape) == 1
    if kind == "Activation":
        activate(chain, step, layer.get("activation"))
        return False
    if kind in _ACTIVATION_LAYERS:
        unusual = {
            key: layer[key]
            for key, usual in (("max_value", (None,)), ("negative_slope", (0, None)),
                               ("threshold", (0, None)), ("axis", (-1, 1, [-1])))
            if key in layer and layer[key] not in usual
        }  # fmt: skip
        if unusual:
            raise chain.refuse(step, f"its {', '.join(unusual)} is not the usual one")
        chain.activate(step, _ACTIVATION_LAYERS[kind])
        return False
    if kind == "Rescaling":
        chain.scale(step, *(_number(chain, step, layer, key) for key in ("scale", "offset")))
        return False
    raise chain.refuse(
        step, "is not understood; only fully connected (Dense) layers in a row are, with Flatten, "
        "Rescaling, Dropout and the activation functions " + ", ".join(sorted(_ACTIVATION_LAYERS)),
    )  # fmt: skip


def _number(chain: Chain, step: Step, layer: dict[str, Any], key: str) -> NDArray[np.float64]:
    said = layer.get(key, 0.0 if key == "offset" else None)
    values = said if isinstance(said, list) else [said]
    if not values or not set(map(type, values)) <= {int, float}:
        raise chain.refuse(step, f"its {key} should be a number")
    try:
        return np.array(said, np.float64)
    except OverflowError as error:
        raise chain.refuse(step, f"its {key} is too large a number") from error
