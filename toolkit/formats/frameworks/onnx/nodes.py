"""What each kind of node in an ONNX graph's row does, as a step of a chain."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.activations import activation_named
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.onnx.constants import FLOATS, Constants
from toolkit.formats.frameworks.onnx.package import OPSET
from toolkit.formats.frameworks.onnx.way_back import WayBack
from toolkit.formats.guard import quoted
from toolkit.formats.meaning.affine import at_rest
from toolkit.formats.meaning.chain import Chain, Step
from toolkit.origin import Slot

_ACTIVATIONS = {"Relu": "relu", "Sigmoid": "sigmoid", "Tanh": "tanh", "Softplus": "softplus"}
_PASSED = {"Identity", "Dropout"}
_TWO_SIDED = {"Add", "Sub", "Mul", "Div", "MatMul"}
_CELU_USUAL, _SELU_ALPHA, _SELU_GAMMA = 1.0, 1.6732632423543772, 1.0507009873554805
_NO_EQUAL = {
    "Clip": "a function that ends at two values, as ReLU6 and hard tanh do,",
    "HardSwish": "hard swish", "Mish": "Mish", "Softsign": "softsign",
    "ThresholdedRelu": "a ReLU with a threshold", "Exp": "an exponential",
    "Shrink": "a shrinking function", "Hardmax": "hardmax", "Binarizer": "rounding to 0 and 1",
    "LogSoftmax": "log-softmax",
}  # fmt: skip
_NORMALISATIONS = {"LayerNormalization", "InstanceNormalization", "GroupNormalization",
                   "RMSNormalization", "LpNormalization", "MeanVarianceNormalization",
                   "Normalizer"}  # fmt: skip


class Row:
    """Takes the nodes of a row, one after the other.

    Parameters
    ----------
    chain : Chain
    constants : Constants
    opset : int
    way_back : WayBack
    dims : tuple of int
        Of one picture, where the graph takes it as more than one row of numbers; 0 where it does
        not say.
    is_shape : callable
        Tells whether a value is computed from shapes and constants alone.
    """

    def __init__(
        self,
        chain: Chain,
        constants: Constants,
        opset: int,
        way_back: WayBack,
        dims: tuple[int, ...],
        is_shape: Callable[[str], bool],
    ) -> None:
        self._chain, self._constants, self._opset = chain, constants, opset
        self._way_back, self._is_shape = way_back, is_shape
        self._flat, self._dims = len(dims) <= 1, dims
        self._takers: dict[str, Callable[[Step, Any, int, str], None]] = {
            "Gemm": self._take_gemm, "MatMul": self._take_matmul, "Add": self._take_sum,
            "Sub": self._take_sum, "Mul": self._take_product, "Div": self._take_product,
            "BatchNormalization": self._take_normalisation, "Scaler": self._take_scaler,
            "Flatten": self._take_flatten, "Reshape": self._take_reshape, "Cast": self._take_cast,
            "Softmax": self._take_softmax, "LogSoftmax": self._take_softmax,
            "Gelu": self._take_gelu, "HardSigmoid": self._take_hard_sigmoid,
            "Elu": self._take_elu, "Celu": self._take_elu, "Selu": self._take_elu,
            "LeakyRelu": self._take_leaky, "PRelu": self._take_leaky, "Swish": self._take_swish,
            "Clip": self._take_clip, "Dropout": self._take_dropout,
            "Squeeze": self._take_squeeze, "Unsqueeze": self._take_squeeze,
        }  # fmt: skip

    def take(self, step: Step, node: Any, index: int, current: str) -> None:
        """Take a node.

        Parameters
        ----------
        step : Step
        node : onnx.NodeProto
        index : int
            Its place in the graph.
        current : str
            The value that the row has come to.
        """
        if node.domain == "ai.onnx.ml" and step.kind != "Scaler":
            raise self._refuse_kind(step)
        if node.input[0] != current and step.kind not in _TWO_SIDED:
            raise self._chain.refuse(step, "takes the row's value elsewhere than first")
        if step.kind in self._takers:
            self._takers[step.kind](step, node, index, current)
        elif step.kind in _ACTIVATIONS:
            self._chain.activate(step, _ACTIVATIONS[step.kind])
        elif step.kind not in _PASSED:
            raise self._refuse_kind(step)

    def _refuse_kind(self, step: Step) -> NetworkFileError:
        if step.kind in _NO_EQUAL:
            return self._chain.refuse(
                step, f"{_NO_EQUAL[step.kind]} has no equal among the activation functions here"
            )
        if step.kind in _NORMALISATIONS:
            return self._chain.refuse(
                step, "divides each picture by what its own numbers come to, which no fully "
                "connected layer does",
            )  # fmt: skip
        return self._chain.refuse(
            step, "is not understood; only fully connected layers in a row are (Gemm, or MatMul "
            "and Add), with activation functions, BatchNormalization, Flatten, Reshape and "
            "constant scaling",
        )  # fmt: skip

    # Fully connected layers.

    def _take_gemm(self, step: Step, node: Any, index: int, current: str) -> None:
        said = self.attributes(step, node, alpha=1.0, beta=1.0, transA=0, transB=0)
        if said["transA"]:
            raise self._chain.refuse(step, "transposes its input")
        if len(node.input) < 2:
            raise self._chain.refuse(step, "has no weights")
        self._check_flat(step)
        parts = {}
        biased = len(node.input) > 2 and node.input[2] and said["beta"]
        for at, factor in ((1, "alpha"), *([(2, "beta")] if biased else [])):
            parts[at] = self._constants.floats(step, node.input[at])
            if said[factor] != 1:
                with np.errstate(all="ignore"):
                    parts[at] = parts[at] * np.float32(said[factor])
                self._way_back.change(index, factor, 1.0)
        turned = not said["transB"]
        slot = self._way_back.slot(index, 1, parts[1], turned)
        self._chain.dense(step, parts[1].T if turned else parts[1], None, slots=(slot, None))
        if biased:
            self._chain.add(step, parts[2], self._slot_of_biases(index, 2, parts[2]))

    def _take_matmul(self, step: Step, node: Any, index: int, current: str) -> None:
        if len(node.input) != 2 or node.input[0] != current or node.input[1] == current:
            raise self._chain.refuse(step, "should multiply what comes in by a constant, in order")
        self._check_flat(step)
        weights = self._constants.floats(step, node.input[1])
        slot = self._way_back.slot(index, 1, weights, True)
        self._chain.dense(step, weights.T, None, slots=(slot, None))

    def _slot_of_biases(self, index: int, at: int, values: NDArray[Any]) -> Slot:
        outputs = self._chain.outputs
        if values.size == 1 != outputs:  # the same for all, until one is edited
            values = np.broadcast_to(values.reshape(-1), (outputs,))
        return self._way_back.slot(index, at, values)

    # Sums, products and what is made of them.

    def _other(self, step: Step, node: Any, current: str) -> tuple[NDArray[Any], int]:
        """Return the constant that a node of two inputs takes, and at which place."""
        if len(node.input) != 2 or node.input[0] == node.input[1]:
            raise self._chain.refuse(step, "expected the row's value and a constant")
        at = 0 if node.input[1] == current else 1
        return self._spread(step, self._constants.floats(step, node.input[at])), at

    def _spread(self, step: Step, values: NDArray[Any]) -> NDArray[Any]:
        """Return a constant that stands beside a picture as one number for each pixel."""
        if values.ndim > max(2, len(self._dims) + 1 if not self._flat else 0):
            raise self._chain.refuse(
                step, f"makes more of each picture by a constant of shape {values.shape}"
            )
        if self._flat or values.size == 1:
            return values
        try:
            if not all(self._dims):
                raise ValueError
            return self._chain.spread(step, values.reshape(values.shape[-len(self._dims) :]),
                                      self._dims)  # fmt: skip
        except ValueError as error:
            raise self._chain.refuse(
                step, f"a constant of shape {values.shape} does not fit pictures of {self._dims}"
            ) from error

    def _take_sum(self, step: Step, node: Any, index: int, current: str) -> None:
        values, at = self._other(step, node, current)
        if step.kind == "Sub" and at == 0:
            self._chain.affine(step, -1.0, values)  # before a first layer: ink and paper exchanged
        elif self._chain.takes_biases:
            if step.kind == "Sub":
                self._way_back.change(index, "op_type", 0.0)
            self._chain.add(
                step, values if step.kind == "Add" else -values,
                self._slot_of_biases(index, at, values),
            )  # fmt: skip
        else:
            fits = self._chain.started and values.size == self._chain.outputs
            spare = self._way_back.spare(index, at) if fits and step.kind == "Add" else ""
            self._chain.affine(step, 1.0, values if step.kind == "Add" else -values, spare)

    def _take_product(self, step: Step, node: Any, index: int, current: str) -> None:
        values, at = self._other(step, node, current)
        if step.kind == "Div":
            if at == 0:
                raise self._chain.refuse(step, "divides a constant by what comes in")
            with np.errstate(all="ignore"):
                values = 1 / values.astype(np.float64)
        self._chain.affine(step, values, 0.0)

    def _take_normalisation(self, step: Step, node: Any, index: int, current: str) -> None:
        said = self.attributes(step, node, epsilon=1e-5, training_mode=0, spatial=1)
        if said["training_mode"]:
            raise self._chain.refuse(step, "is set to training; export the model for inference")
        if len(node.input) != 5:
            raise self._chain.refuse(step, "expected a scale, a shift, a mean and a variance")
        parts = [self._constants.floats(step, name) for name in node.input[1:]]
        if len({part.shape for part in parts}) > 1 or parts[0].ndim != 1:
            raise self._chain.refuse(step, "its scale, shift, mean and variance are of other sizes")
        if not self._flat and parts[0].size > 1:
            raise self._chain.refuse(step, "acts on a picture's channels; put a Flatten before it")
        gamma, beta, mean, variance = parts
        fits = self._chain.started and beta.size == self._chain.outputs
        spare = self._way_back.spare(index, 2) if fits else ""
        scale, shift = at_rest(mean, variance, said["epsilon"], gamma, beta)
        self._chain.affine(step, scale, shift, spare)

    def _take_scaler(self, step: Step, node: Any, index: int, current: str) -> None:
        said = self.attributes(step, node, offset=[0.0], scale=[1.0])
        offset, scale = (np.array(said[key], np.float64) for key in ("offset", "scale"))
        if not offset.size or not scale.size or (offset.size != scale.size and scale.size != 1):
            raise self._chain.refuse(step, "expected as many offsets as scales")
        with np.errstate(all="ignore"):
            self._chain.affine(step, scale, -offset * scale)

    # Activation functions.

    def _take_gelu(self, step: Step, node: Any, index: int, current: str) -> None:
        said = self.attributes(step, node, approximate=b"none")["approximate"]
        if said not in (b"none", b"tanh"):
            raise self._chain.refuse(step, f"approximates as {quoted(said.decode('latin-1'))}")
        self._chain.activate(step, "gelu_tanh" if said == b"tanh" else "gelu")

    def _take_hard_sigmoid(self, step: Step, node: Any, index: int, current: str) -> None:
        said = self.attributes(step, node, alpha=0.2, beta=0.5)
        self._hard_sigmoid(step, said["alpha"], said["beta"])

    def _hard_sigmoid(self, step: Step, slope: float, at_zero: float) -> None:
        """Take a slope within 0 and 1, of which ours is a sixth, one half at zero."""
        self._started(step)
        if not (math.isclose(slope, 1 / 6, rel_tol=1e-6) and at_zero == 0.5):
            self._chain.affine(step, 6 * slope, 6 * (at_zero - 0.5))
        self._chain.activate(step, "hard_sigmoid")

    def _take_elu(self, step: Step, node: Any, index: int, current: str) -> None:
        usual = _SELU_ALPHA if step.kind == "Selu" else 1.0
        said = self.attributes(step, node, alpha=usual, gamma=_SELU_GAMMA)
        alpha, outer = said["alpha"], 1.0
        self._started(step)
        if step.kind == "Selu":
            outer = said["gamma"]
        elif step.kind == "Celu" and alpha != _CELU_USUAL:
            if not alpha > 0:
                raise self._chain.refuse(step, f"expected an alpha above 0; got {alpha:g}")
            self._chain.affine(step, 1 / alpha, 0.0)
            alpha, outer = 1.0, alpha
        self._named(step, "elu", alpha)
        self._chain.affine(step, outer, 0.0)

    def _take_leaky(self, step: Step, node: Any, index: int, current: str) -> None:
        if step.kind == "LeakyRelu":
            self._named(step, "leaky_relu", self.attributes(step, node, alpha=0.01)["alpha"])
            return
        slopes = self._constants.floats(step, node.input[1] if len(node.input) > 1 else "")
        if slopes.size != 1:
            raise self._chain.refuse(
                step, "PReLU (a slope for each neuron) has no equal among the activation functions "
                "here",
            )  # fmt: skip
        self._named(step, "leaky_relu", float(slopes.reshape(())))

    def _named(self, step: Step, kind: str, parameter: float) -> None:
        try:
            self._chain.activate(step, activation_named(kind, parameter))
        except ValueError as error:
            if isinstance(error, NetworkFileError):
                raise
            raise self._chain.refuse(step, str(error)) from error

    def _take_swish(self, step: Step, node: Any, index: int, current: str) -> None:
        steep = self.attributes(step, node, alpha=1.0)["alpha"]
        self._started(step)
        if not steep:
            raise self._chain.refuse(step, "halves what comes in")
        self._chain.affine(step, steep, 0.0)
        self._chain.activate(step, "silu")
        self._chain.affine(step, 1 / steep, 0.0)

    def _take_clip(self, step: Step, node: Any, index: int, current: str) -> None:
        said = self.attributes(step, node, min=-math.inf, max=math.inf)
        ends = [said["min"], said["max"]]
        for at, name in enumerate(node.input[1:3]):
            if name:
                end = self._constants.floats(step, name)
                ends[at] = float(end.reshape(())) if end.size == 1 else math.nan
        if ends == [0.0, math.inf]:
            self._chain.activate(step, "relu")
        elif ends == [0.0, 1.0]:
            self._hard_sigmoid(step, 1.0, 0.0)
        else:
            raise self._refuse_kind(step)

    def _started(self, step: Step) -> None:
        if not self._chain.started:
            raise self._chain.refuse(step, "an activation function before the first layer")

    def _take_softmax(self, step: Step, node: Any, index: int, current: str) -> None:
        self._check_flat(step)
        axis = self.attributes(step, node, axis=1 if self._opset < OPSET else -1)["axis"]
        if axis not in (1, -1):
            raise self._chain.refuse(step, f"works along axis {axis}; expected the last")
        if step.kind == "LogSoftmax":
            self._chain.log_softmax(step)
        else:
            self._chain.activate(step, "softmax")

    # What changes no number.

    def _take_dropout(self, step: Step, node: Any, index: int, current: str) -> None:
        if len(node.input) > 2 and node.input[2]:
            training = self._constants.of(step, node.input[2])
            if training.size > 1 or training.any():
                raise self._chain.refuse(step, "is set to training; export the model for inference")

    def _take_flatten(self, step: Step, node: Any, index: int, current: str) -> None:
        if self.attributes(step, node, axis=1)["axis"] != 1:
            raise self._chain.refuse(step, "flattens along an axis other than 1")
        self._flat = True

    def _take_reshape(self, step: Step, node: Any, index: int, current: str) -> None:
        name = node.input[1] if len(node.input) > 1 else ""
        if name in self._constants:
            self._flat = self._constants.of(step, name).size == 2
        elif self._is_shape(name):
            self._flat = True  # as wide as the next layer's inputs, or that is refused
        else:
            raise self._chain.refuse(step, "reshapes to what is neither constant nor the batch's")
        if not self._flat:
            self._dims = (0,)  # which these are now, nothing asks

    def _take_squeeze(self, step: Step, node: Any, index: int, current: str) -> None:
        if step.kind == "Unsqueeze":
            self._flat, self._dims = False, (0,)
        elif not self._chain.started:
            self._dims = tuple(length for length in self._dims if length != 1)
            self._flat = self._flat or (len(self._dims) <= 1 and 0 not in self._dims)

    def _take_cast(self, step: Step, node: Any, index: int, current: str) -> None:
        if self.attributes(step, node, to=0)["to"] not in FLOATS:
            raise self._chain.refuse(step, "rounds to something other than floats")

    def _check_flat(self, step: Step) -> None:
        if not self._flat:
            raise self._chain.refuse(step, "acts on each row of a picture; put a Flatten before it")

    def attributes(self, step: Step, node: Any, **usual: Any) -> dict[str, Any]:
        """Return a node's attributes, each of the type that its usual value has."""
        found = dict(usual)
        for attribute in node.attribute:
            if attribute.name not in usual:
                continue
            # ONNX's numbers for an attribute's type: float, whole number, text, floats.
            wanted = {float: 1, int: 2, bytes: 3, list: 6}[type(usual[attribute.name])]
            if attribute.type != wanted:
                raise self._chain.refuse(
                    step, f"its attribute {quoted(attribute.name)} is of the wrong type"
                )
            values = {1: attribute.f, 2: attribute.i, 3: attribute.s, 6: attribute.floats}[wanted]
            found[attribute.name] = list(values) if wanted == 6 else values
        return found
