"""What a framework's file does to its input, step by step, as layers of ours or a refusal.

Formats that hold a graph (Keras's config, ONNX's nodes) walk it and say each step here; what
makes a step impossible is decided in this one place, in the same words for all.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import Budget, as_float32, quoted
from toolkit.formats.limits import Limits
from toolkit.formats.meaning.affine import SAME, Affine
from toolkit.formats.meaning.reading import Reading
from toolkit.formats.meaning.taken import Taken
from toolkit.origin import MOST_BYTES, Origin, Slot

_EIGHT_BY_EIGHT = 64
_BYTES = 1 / 64
"""A first scaling below this makes sense only of pixels from 0 to 255."""


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


@dataclass(frozen=True, eq=False)
class Back:
    """What a file holds besides its layers; see :class:`toolkit.origin.Origin`."""

    kind: str
    skeleton: bytes = b""
    kept: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    order: tuple[str, ...] = ()


class Chain:
    """The steps taken so far, from the input on.

    What is affine is folded into a fully connected layer: into the one it follows, where no
    activation function stands between, else into the one that follows.

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
        self._layers: list[Taken] = []
        self._fed = SAME  # what the next layer is given, of what the one before gives
        self._scaled: Step | None = None  # what scaled it last
        self._input_map: tuple[float, float] | None = None
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
        slots: tuple[Slot | None, Slot | None] = (None, None),
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
        slots : (Slot or None, Slot or None)
            Where the file keeps weights and biases, for the way back.

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
            given = self._layers[-1].outputs
            if given != inputs:
                raise self.refuse(step, f"takes {inputs} inputs; the layer before gives {given}")
        self._budget.tensor((int(out), int(inputs) + 1), 4, str(step))
        if self._fed.size not in (1, inputs):
            raise self.refuse(step, f"takes {inputs} inputs; the scaling has {self._fed.size}")
        before, self._fed = self._fed, SAME
        if not self._layers:
            before = self._first(before, int(inputs))
        wide = None if biases is None else np.asarray(biases, np.float64)
        self._layers.append(
            Taken(
                step.name[:80], as_float32(weights), wide, activation, inputs_first, before, slots
            )
        )

    def add(self, step: Step, values: NDArray[Any], slot: Slot | None = None) -> None:
        """Take a sum with a constant: biases after a layer without any, else a shift.

        Parameters
        ----------
        step : Step
        values : ndarray, one number, or one for each neuron or input
        slot : Slot, optional
            Where the file keeps them, for the way back.
        """
        if not self.takes_biases:
            self.affine(step, 1.0, values, slot.name if slot is not None else "")
            return
        self._check_open(step)
        last = self._layers[-1]
        self._budget.take(8 * last.outputs)
        if values.size not in (1, last.outputs) or not _is_row(values):
            raise self.refuse(
                step, f"expected {last.outputs} biases; got a constant of shape {values.shape}"
            )
        biases = np.broadcast_to(np.asarray(values, np.float64).reshape(-1), (last.outputs,))
        last.biases, last.slots = np.array(biases), (last.slots[0], slot)

    def affine(
        self,
        step: Step,
        scale: NDArray[Any] | float,
        shift: NDArray[Any] | float,
        spare: str = "",
    ) -> None:
        """Take ``scale * x + shift``: of the input, or of what a layer gives.

        After a layer without activation function it is folded into that layer, after one with
        one into the next, and before the first as :meth:`scale` says.  After a layer of which the
        file does not say it, it is the :class:`RawLayer`'s `norm`.

        Parameters
        ----------
        step : Step
        scale, shift : float or ndarray, one value, or one for each input or neuron
        spare : str
            The array, one number for each neuron, that the file adds last: it takes the biases of
            a layer that has none.  To be among those kept.

        Raises
        ------
        NetworkFileError
            If there are more or fewer numbers than neurons, or one is not finite.
        """
        if not self._layers:
            self.scale(step, scale, shift)
            return
        self._check_open(step)
        last = self._layers[-1]
        whole = self._checked(step, scale, shift, f"each of the {last.outputs} neurons")
        if whole.size not in (1, last.outputs):
            raise self.refuse(
                step, f"expected one number, or one for each of the {last.outputs} neurons; got "
                f"{whole.size}"
            )  # fmt: skip
        self._budget.take(16 * last.outputs)
        if last.activation is None:
            last.norm = self._composed(step, last.norm or SAME, whole)
            last.spare = spare
        elif last.activation == "identity":
            last.after = self._composed(step, last.after, whole)
            last.spare = spare or (last.spare if (whole.scale == 1).all() else "")
        else:
            self._fed, self._scaled = self._composed(step, self._fed, whole), step

    def scale(self, step: Step, scale: NDArray[Any] | float, shift: NDArray[Any] | float) -> None:
        """Take ``scale * x + shift`` of the input, before the first layer.

        One number for all inputs becomes the reading's input map; one for each is folded.

        Parameters
        ----------
        step : Step
        scale, shift : float or ndarray, one value or one for each input
        """
        if self._layers:
            raise self.refuse(step, "scales a layer's activations; only an input is expected here")
        whole = self._checked(step, scale, shift, "each input")
        self._budget.take(8 * (self._fed.scale.size + self._fed.shift.size))
        sizes = {whole.scale.size, whole.shift.size, self._fed.scale.size, self._fed.shift.size}
        if len(sizes - {1}) > 1:
            raise self.refuse(step, "scales another number of inputs than the step before it")
        self._fed, self._scaled = self._composed(step, self._fed, whole), step

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
        last.activation = activation
        if only_last:
            self.end(step, only_last)

    def end(self, step: Step, why: str) -> None:
        """Let nothing follow that step; why becomes a note."""
        self._end = step
        self.notes.append(why)

    def log_softmax(self, step: Step) -> None:
        """Take a log-softmax, which is shown as the softmax it is the logarithm of."""
        why = "The file ends in log-softmax; it is shown as softmax, whose logarithm that is."
        self.activate(step, "softmax", why)

    def spread(self, step: Step, values: NDArray[Any], shape: Sequence[int]) -> NDArray[Any]:
        """Return a constant as one number for each of a picture's pixels, in a row.

        Raises
        ------
        ValueError
            If it does not broadcast to that shape.
        """
        self._budget.check(shape, values.itemsize, str(step))
        self._budget.take(math.prod(shape) * values.itemsize)
        return np.broadcast_to(values, tuple(shape)).reshape(-1)

    @property
    def started(self) -> bool:
        """Whether a layer was taken."""
        return bool(self._layers)

    @property
    def outputs(self) -> int:
        """How many numbers the last layer gives."""
        return self._layers[-1].outputs

    @property
    def function(self) -> str | None:
        """The last layer's activation function, as far as the file said it."""
        return self._layers[-1].activation if self._layers else None

    @property
    def takes_biases(self) -> bool:
        """Whether a sum with a constant would be the last layer's biases."""
        last = self._layers[-1] if self._layers else None
        return (
            last is not None
            and last.biases is None
            and last.activation == "identity"
            and last.after.trivial
        )

    def done(
        self,
        form: str,
        name: str = "network",
        provenance: Mapping[str, str] | None = None,
        back: Back | None = None,
    ) -> Reading:
        """Return what the file says.

        Parameters
        ----------
        form : str
            The format, for people.
        name : str
        provenance : mapping of str to str, optional
        back : Back, optional
            What the file holds besides its layers, where it can be written back as it came: each
            layer's slots were said.

        Raises
        ------
        NetworkFileError
            If there was no layer, or what the last gives is scaled after its activation function.
        """
        if not self._layers:
            raise NetworkFileError(
                f"{self._where}: {form}: expected at least one fully connected layer; got none"
            )
        if not self._fed.trivial and self._scaled is not None:
            raise self.refuse(
                self._scaled, "scales what the last layer gives after its activation function; "
                "only a next layer could take that in. Leave it out of the file",
            )  # fmt: skip
        last = self._layers[-1]
        if last.norm is not None:
            last.after, last.norm = last.norm, None  # no activation function would follow it
        layers = tuple(layer.raw for layer in self._layers)
        origin = None if back is None else self._origin(form, back)
        notes = tuple(self.notes)
        return Reading(
            form, layers, name, dict(provenance or {}), notes, self._input_map, origin=origin
        )  # fmt: skip

    def _origin(self, form: str, back: Back) -> Origin | None:
        places = [layer.place for layer in self._layers]
        activations = tuple(layer.activation for layer in self._layers)
        known = tuple(place for place in places if place is not None)
        if len(known) < len(places):
            return None
        origin = Origin(
            back.kind, form, known, activations, back.order, back.kept, back.skeleton
        )  # fmt: skip
        if origin.size > MOST_BYTES:
            self.notes.append(
                "What the file holds besides its layers is large and was not kept: the network "
                "is saved in a form of its own, not in that of this file."
            )
            return None
        return origin

    def _first(self, fed: Affine, inputs: int) -> Affine:
        """Return what of the input's scaling no input map can say: one number for each."""
        if fed.size > 1:
            self.notes.append(
                "The file scales each input by a number of its own; that was folded into layer 1."
            )
            return fed
        if self._scaled is not None:
            self._input_map = _as_input_map(fed, inputs, self.notes)
        return SAME

    def _checked(self, step: Step, scale: Any, shift: Any, each: str) -> Affine:
        """Return numbers from a file as what they do, if they are a row of finite ones."""
        for part in (scale, shift):
            self._budget.take(8 * np.size(part))
            if not _is_row(part):
                raise self.refuse(
                    step, f"expected one number, or one for {each}; got a constant of shape "
                    f"{np.shape(part)}",
                )  # fmt: skip
        whole = Affine.of(scale, shift)
        if len({whole.scale.size, whole.shift.size} - {1}) > 1:
            raise self.refuse(
                step, f"scales {whole.scale.size} numbers and shifts {whole.shift.size}"
            )
        return self._finite(step, whole)

    def _composed(self, step: Step, first: Affine, then: Affine) -> Affine:
        return self._finite(step, first.then(then))

    def _finite(self, step: Step, whole: Affine) -> Affine:
        if not whole.finite:
            what = "a layer's outputs" if self._layers else "the input"
            raise self.refuse(step, f"scales {what} by a number that is not finite")
        return whole

    def _check_open(self, step: Step) -> None:
        if self._end is not None:
            raise self.refuse(step, f"comes after {self._end}, which is understood only at the end")


def _is_row(values: Any) -> bool:
    """Tell whether an array is one row of numbers, however many axes of length 1 it has."""
    shape = np.shape(values)
    return len(shape) < 2 or all(length == 1 for length in shape[:-1])


def _as_input_map(fed: Affine, inputs: int, notes: list[str]) -> tuple[float, float]:
    scale, shift = float(fed.scale), float(fed.shift)
    most = _brightest(scale, shift, inputs)
    if most != 1:
        # The network takes other numbers and scales them by itself; pixels here are in [0, 1].
        scale *= most
        notes.append(f"The file's network takes pixels from 0 to {most} and scales them.")
    # Constants in single precision miss 1 and 0 by their last digit.
    if math.isclose(scale, 1, rel_tol=1e-6) and abs(shift) < 1e-6:
        scale, shift = 1.0, 0.0
    return scale, shift


def _brightest(scale: float, shift: float, inputs: int) -> int:
    """Return the largest pixel that a scaling makes sense of: 1, 255, or 16 of 8 by 8 pixels."""
    mean = -shift / scale if scale else 0.0  # what becomes zero, where a mean is taken off
    if inputs == _EIGHT_BY_EIGHT and (1 < mean <= 16 or 1 / 20 < abs(scale) < 1 / 12):
        return 16
    return 255 if 0 < abs(scale) < _BYTES else 1
