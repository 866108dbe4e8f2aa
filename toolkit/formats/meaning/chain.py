"""What a framework's file does to its input, step by step, as layers of ours or a refusal.

Formats that hold a graph (Keras's config, ONNX's nodes) walk it and say each step here; what
makes a step impossible is decided in this one place, in the same words for all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, as_float32, quoted
from toolkit.formats.limits import Limits
from toolkit.formats.meaning.reading import RawLayer, Reading

_BYTES = 1 / 64
"""A first scaling below this makes sense only of pixels from 0 to 255."""

_FOLDED_AT_ONCE = 1 << 20  # weights, in double precision


@dataclass(frozen=True)
class Step:
    """One step of a file's graph, for messages.

    Attributes
    ----------
    name : str
        What the file calls it.
    kind : str
        Of which sort it is: ``"Dense"``, ``"Gemm"``.
    """

    name: str
    kind: str

    def __str__(self) -> str:
        return f"{quoted(self.name)} ({quoted(self.kind)[1:-1]})"

    def refused(self, where: str, why: str) -> NetworkFileError:
        """Return the error that names the step of a file and says why it cannot be taken."""
        return NetworkFileError(f"{where}: {self}: {why}")


class Chain:
    """The steps taken so far, from the input on.

    Parameters
    ----------
    where : str
        What to call the file in an error.
    limits : Limits
        ``decoded_bytes`` bounds all layers together, ``tensors`` their number.
    """

    def __init__(self, where: str, limits: Limits) -> None:
        self.notes: list[str] = []
        self._where = where
        self._layers: list[RawLayer] = []
        self._scale: Any = 1.0
        self._shift: Any = 0.0
        self._scaled = False
        self._end: Step | None = None
        self._budget = Budget(limits, where)

    def refuse(self, step: Step, why: str) -> NetworkFileError:
        """Return the error that names a step and says why it cannot be taken."""
        return step.refused(self._where, why)

    def dense(
        self,
        step: Step,
        weights: NDArray[Any],
        biases: NDArray[Any] | None,
        activation: str | None = "identity",
        inputs_first: bool = False,
    ) -> None:
        """Take a fully connected layer.

        Parameters
        ----------
        step : Step
        weights : ndarray, shape (out, in), or (in, out) with `inputs_first`
        biases : ndarray, shape (out,), or None
        activation : str or None
            A key of :data:`toolkit.network.ACTIVATIONS`; None where the file does not say.
        inputs_first : bool

        Raises
        ------
        NetworkFileError
            If its shapes fit neither each other nor the layer before, or all would be too large.
        """
        self._check_open(step)
        if weights.ndim != 2 or 0 in weights.shape:
            raise self.refuse(step, f"expected a matrix of weights; got shape {weights.shape}")
        inputs, out = weights.shape if inputs_first else weights.shape[::-1]
        if biases is not None and biases.shape != (out,):
            raise self.refuse(step, f"expected {out} biases; got shape {biases.shape}")
        if self._layers:
            given = self._outputs
            if given != inputs:
                raise self.refuse(step, f"takes {inputs} inputs; the layer before gives {given}")
        self._budget.tensor((int(out), int(inputs) + 1), 4, str(step))
        if not self._layers:
            weights, biases = self._fold(step, weights, biases, inputs_first)
        biases = None if biases is None else as_float32(biases)
        self._layers.append(
            RawLayer(as_float32(weights), biases, activation, inputs_first, step.name[:80])
        )

    def add(self, step: Step, values: NDArray[Any]) -> None:
        """Take a sum with a constant: biases after a layer, a shift before the first."""
        self._check_open(step)
        if not self._layers:
            self.scale(step, 1.0, values)
            return
        last = self._layers[-1]
        if last.activation != "identity":
            raise self.refuse(step, "adds a constant to a layer's activations")
        self._budget.take(4 * self._outputs)  # each sum is an array of its own
        if values.size not in (1, self._outputs) or values.size != math.prod(values.shape[-1:]):
            raise self.refuse(
                step, f"expected {self._outputs} biases; got a constant of shape {values.shape}"
            )
        biases = np.broadcast_to(np.asarray(values, np.float32).reshape(-1), (self._outputs,))
        if last.biases is not None:
            with np.errstate(all="ignore"):
                biases = last.biases + biases
        self._layers[-1] = replace(last, biases=np.array(biases, np.float32))

    def scale(self, step: Step, scale: NDArray[Any] | float, shift: NDArray[Any] | float) -> None:
        """Take ``scale * x + shift`` of the input, before the first layer.

        Parameters
        ----------
        step : Step
        scale, shift : float or ndarray, one value or one for each input
        """
        if self._layers:
            raise self.refuse(
                step, "scales a layer's activations; only the input's scaling is understood"
            )
        parts = []
        for part in (scale, shift):
            self._budget.take(8 * np.size(part))
            wide = np.asarray(part, np.float64)
            if wide.size != 1 and wide.size != wide.shape[-1]:
                raise self.refuse(
                    step,
                    f"expected one number, or one for each input; got a constant of shape "
                    f"{wide.shape}",
                )
            if not np.isfinite(wide).all():
                raise self.refuse(step, "scales the input by a number that is not finite")
            parts.append(wide.reshape(()) if wide.size == 1 else wide.reshape(-1))
        self._budget.take(8 * (np.size(self._scale) + np.size(self._shift)))
        sizes = {part.size for part in (*parts, np.asarray(self._scale), np.asarray(self._shift))}
        if len(sizes - {1}) > 1:
            raise self.refuse(step, "scales another number of inputs than the step before it")
        with np.errstate(all="ignore"):
            self._shift = parts[0] * self._shift + parts[1]
            self._scale = parts[0] * self._scale
        if not (np.isfinite(self._scale).all() and np.isfinite(self._shift).all()):
            raise self.refuse(step, "scales the input by a number that is not finite")
        self._scaled = True

    def activate(self, step: Step, activation: str, only_last: str = "") -> None:
        """Take an activation function.

        Parameters
        ----------
        step : Step
        activation : str
            A key of :data:`toolkit.network.ACTIVATIONS`.
        only_last : str
            Why nothing may follow, where that is so; becomes a note.
        """
        self._check_open(step)
        if activation == "identity":
            return
        if not self._layers:
            raise self.refuse(step, "an activation function before the first layer")
        last = self._layers[-1]
        if last.activation not in (None, "identity"):
            raise self.refuse(step, f"a second activation function, after {last.activation}")
        self._layers[-1] = replace(last, activation=activation)
        if only_last:
            self._end = step
            self.notes.append(only_last)

    def log_softmax(self, step: Step) -> None:
        """Take a log-softmax, which is shown as the softmax it is the logarithm of."""
        why = "The file ends in log-softmax; it is shown as softmax, whose logarithm that is."
        self.activate(step, "softmax", why)

    @property
    def started(self) -> bool:
        """Whether a layer was taken."""
        return bool(self._layers)

    @property
    def _outputs(self) -> int:
        last = self._layers[-1]
        return int(last.weights.shape[1 if last.inputs_first else 0])

    def done(
        self, form: str, name: str = "network", provenance: Mapping[str, str] | None = None
    ) -> Reading:
        """Return what the file says.

        Parameters
        ----------
        form : str
            The format, for people.
        name : str
        provenance : mapping of str to str, optional

        Raises
        ------
        NetworkFileError
            If there was no layer.
        """
        if not self._layers:
            raise NetworkFileError(
                f"{self._where}: {form}: expected at least one fully connected layer; got none"
            )
        input_map = self._input_map() if self._scaled and np.ndim(self._scale) == 0 else None
        return Reading(
            form, tuple(self._layers), name, dict(provenance or {}), tuple(self.notes), input_map
        )

    def _check_open(self, step: Step) -> None:
        if self._end is not None:
            raise self.refuse(step, f"comes after {self._end}, which is understood only at the end")

    def _fold(
        self, step: Step, weights: NDArray[Any], biases: NDArray[Any] | None, inputs_first: bool
    ) -> tuple[NDArray[Any], NDArray[Any] | None]:
        """Fold a scaling with one number for each input, which no input map can say."""
        if not np.ndim(self._scale) and not np.ndim(self._shift):
            return weights, biases
        matrix = weights.T if inputs_first else weights
        size = max(np.size(self._scale), np.size(self._shift))
        if size != matrix.shape[1]:
            raise self.refuse(step, f"takes {matrix.shape[1]} inputs; the scaling has {size}")
        folded, sums = np.empty(matrix.shape, np.float32), np.empty(len(matrix))
        shift, some = np.broadcast_to(self._shift, size), max(1, _FOLDED_AT_ONCE // size)
        with np.errstate(all="ignore"):
            for start in range(0, len(matrix), some):
                rows = slice(start, start + some)
                wide = np.asarray(matrix[rows], np.float64)
                sums[rows] = wide @ shift
                folded[rows] = wide * self._scale
        self._scaled = False
        self.notes.append(
            "The file scales each input by a number of its own; that was folded into layer 1."
        )
        return (folded.T if inputs_first else folded), (0 if biases is None else biases) + sums

    def _input_map(self) -> tuple[float, float]:
        scale, shift = float(self._scale), float(self._shift)
        if 0 < abs(scale) < _BYTES:
            # The network takes 0 to 255 and scales by itself; pixels here are in [0, 1].
            scale *= 255
            self.notes.append("The file's network takes pixels from 0 to 255 and scales them.")
        # Constants in single precision miss 1 and 0 by their last digit.
        if math.isclose(scale, 1, rel_tol=1e-6) and abs(shift) < 1e-6:
            scale, shift = 1.0, 0.0
        return scale, shift
