"""What the layers of a Keras configuration do besides fully connected ones."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers.hdf5 import Tree
from toolkit.formats.frameworks.keras.functions import (
    LAYERS,
    LOG_SOFTMAX,
    RELU6,
    STEEPER,
    function_named,
)
from toolkit.formats.frameworks.keras.held import Held, slots_of
from toolkit.formats.frameworks.keras.norms import batch_normalisation, measured
from toolkit.formats.guard import quoted
from toolkit.formats.meaning.chain import Chain, Step

_PASSED = {
    "InputLayer", "Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise", "SpatialDropout1D",
    "SpatialDropout2D", "ActivityRegularization", "Identity", "RandomFlip", "RandomRotation",
    "RandomTranslation", "RandomZoom", "RandomContrast", "RandomBrightness",
}  # fmt: skip
"""Layers that change nothing once training is over."""

_EACH_DIGIT = "measures each digit anew, which no weights can say"
_WHY = {
    "LayerNormalization": _EACH_DIGIT,
    "GroupNormalization": _EACH_DIGIT,
    "UnitNormalization": _EACH_DIGIT,
    "RMSNormalization": _EACH_DIGIT,
    "Lambda": "what its code does is not in the file; say it with layers of Keras (Rescaling, "
    "Activation, Flatten) and save the model again",
    "Permute": "changes the order of the pixels",
    "Conv2D": "is a convolution; only fully connected layers have weight maps",
}


class Rows:
    """Takes a configuration's layers, one after another.

    Parameters
    ----------
    chain : Chain
    tree : Tree
        Where their arrays are.
    older : bool or None
        Whether Keras 2 wrote the file; None where it does not say.

    Attributes
    ----------
    used : set of str
        Paths of the weights and biases taken.
    """

    def __init__(self, chain: Chain, tree: Tree, older: bool | None) -> None:
        self._chain, self._tree, self._older = chain, tree, older
        self._flat = True
        self.used: set[str] = set()

    def take(self, step: Step, settings: dict[str, Any], held: Held | None) -> None:
        """Take one layer.

        Parameters
        ----------
        step : Step
        settings : dict
        held : Held or None
            Its arrays.

        Raises
        ------
        NetworkFileError
            If it is not understood.
        """
        chain, kind = self._chain, step.kind
        if kind == "InputLayer" or "batch_input_shape" in settings:
            self._flat = _is_flat(settings)
        if kind == "Dense":
            self._dense(step, settings, held)
        elif kind in _PASSED:
            return
        elif kind == "Flatten":
            if settings.get("data_format") == "channels_first":
                raise chain.refuse(step, "flattens channels first, which reorders the pixels")
            self._flat = True
        elif kind == "Reshape":
            shape = settings.get("target_shape")
            self._flat = isinstance(shape, list) and len(shape) == 1
        elif kind == "Activation":
            self._activate(step, settings.get("activation"))
        elif kind in LAYERS:
            self._activate(step, {"class_name": kind, "config": settings})
        elif kind == "Rescaling":
            scale, shift = (numbers_of(chain, step, settings, key) for key in ("scale", "offset"))
            chain.affine(step, scale, shift)
        elif kind == "BatchNormalization":
            batch_normalisation(chain, step, settings, held, self._tree)
        elif kind == "Normalization":
            measured(chain, step, settings, held, self._tree)
        elif kind in _WHY:
            raise chain.refuse(step, _WHY[kind])
        else:
            raise chain.refuse(
                step, "is not understood; only fully connected (Dense) layers in a row are, with "
                "Flatten, Rescaling, Normalization, BatchNormalization, Dropout and activation "
                "functions. If it is a layer of your own with Dense layers in it, save "
                "model.save_weights('name.weights.h5')",
            )  # fmt: skip

    def _dense(self, step: Step, settings: dict[str, Any], held: Held | None) -> None:
        chain, tree = self._chain, self._tree
        if not self._flat:
            raise chain.refuse(step, "acts on each row of a picture; put a Flatten layer before it")
        if settings.get("lora_rank") or settings.get("quantization_config"):
            raise chain.refuse(step, "is quantised or adapted (LoRA); save it with plain weights")
        if held is None:
            raise chain.refuse(step, "its arrays are missing from the file")
        kernel, bias = _kernel_and_bias(chain, step, held, tree)
        units = settings.get("units")
        if units != tree.shape(kernel)[1]:
            raise chain.refuse(
                step, f"its configuration says {quoted(str(units))[1:-1]} neurons; its weights are "
                f"for {tree.shape(kernel)[1]}",
            )  # fmt: skip
        said = settings.get("activation")
        self._named(step, said)  # before anything is unpacked
        chain.dense(
            step, tree.read(kernel), None if bias is None else tree.read(bias), "identity",
            inputs_first=True, slots=slots_of(tree, kernel, bias),
        )  # fmt: skip
        self.used |= {kernel, bias or kernel}
        self._activate(step, said)

    def _activate(self, step: Step, said: Any) -> None:
        name = self._named(step, said)
        if name == LOG_SOFTMAX:
            self._chain.log_softmax(step)
            return
        if name == RELU6:
            self._chain.affine(step, 1.0, -3.0)
            self._chain.activate(step, "hard_sigmoid")
            self._chain.affine(step, 6.0, 0.0)
            return
        if name == "hard_sigmoid" and self._older:
            self._chain.affine(step, STEEPER, 0.0)
        self._chain.activate(step, name)

    def _named(self, step: Step, said: Any) -> str:
        try:
            name = function_named(said)
        except ValueError as error:
            raise self._chain.refuse(step, str(error)) from error
        if name == "hard_sigmoid" and self._older is None:
            raise self._chain.refuse(
                step, "Keras 2 and 3 mean different functions by hard_sigmoid, and the file does "
                "not say which wrote it; save it as .keras",
            )  # fmt: skip
        return name


def _is_flat(layer: dict[str, Any]) -> bool:
    """Tell whether a layer says of its input that each digit is one row of numbers."""
    shape = layer.get("batch_shape", layer.get("batch_input_shape"))
    return not isinstance(shape, list) or len(shape) <= 2


def _kernel_and_bias(chain: Chain, step: Step, held: Held, tree: Tree) -> tuple[str, str | None]:
    paths = held.arrays
    if len(paths) > 2:
        raise chain.refuse(
            step, f"holds {len(paths)} arrays; a fully connected layer has a kernel and biases"
        )
    shapes = [tree.shape(path) for path in paths]
    if [len(shape) for shape in shapes] not in ([2], [2, 1]):
        raise chain.refuse(
            step, f"holds arrays of shape {', '.join(map(str, shapes))}; expected a matrix and "
            "biases",
        )  # fmt: skip
    return paths[0], paths[1] if len(paths) == 2 else None


def numbers_of(chain: Chain, step: Step, settings: dict[str, Any], key: str) -> NDArray[np.float64]:
    """Return a setting that is a number, or a list of numbers."""
    said = settings.get(key, 0.0 if key == "offset" else None)
    values = said if isinstance(said, list) else [said]
    if not values or not set(map(type, values)) <= {int, float}:
        raise chain.refuse(step, f"its {key} should be a number")
    try:
        return np.array(said, np.float64)
    except OverflowError as error:
        raise chain.refuse(step, f"its {key} is too large a number") from error
