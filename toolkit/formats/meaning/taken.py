"""One layer as its file has it, and what stands around it; as the toolkit has it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.guard import as_float32
from toolkit.formats.meaning.affine import SAME, Affine, folded
from toolkit.formats.meaning.reading import RawLayer
from toolkit.origin import Place, Slot


@dataclass(eq=False)
class Taken:
    """A layer while its file is walked.

    Attributes
    ----------
    name : str
    weights : ndarray of float32, 2-D
        As in the file, as `biases` are.
    biases : ndarray of float64, shape (out,), or None
    activation : str or None
        None where the file does not say.
    inputs_first : bool
    before : Affine
        What the layer is fed, of what the one before gives.
    slots : (Slot or None, Slot or None)
        Where the file keeps weights and biases.
    after : Affine
        What follows its sums, before the activation function.
    spare : str
        The file's array that is added last in `after`.
    norm : Affine or None
        What follows where the file does not say whether before or after the function.
    """

    name: str
    weights: NDArray[np.float32]
    biases: NDArray[np.float64] | None
    activation: str | None
    inputs_first: bool
    before: Affine
    slots: tuple[Slot | None, Slot | None]
    after: Affine = SAME
    spare: str = ""
    norm: Affine | None = None

    @property
    def outputs(self) -> int:
        """How many numbers it gives."""
        return int(self.weights.shape[1 if self.inputs_first else 0])

    @property
    def raw(self) -> RawLayer:
        """The layer with what stands around it folded into it."""
        weights = self.weights
        biases = None if self.biases is None else as_float32(self.biases)
        if not (self.before.trivial and self.after.trivial):
            weights, biases = folded(
                weights, self.biases, self.before, self.after, self.inputs_first
            )
        norm = None
        if self.norm is not None:
            scale, shift = (np.broadcast_to(part, self.outputs).copy() for part in
                            (self.norm.scale, self.norm.shift))  # fmt: skip
            norm = scale, shift
        return RawLayer(
            weights, biases, self.activation, self.inputs_first, self.name, norm=norm
        )  # fmt: skip

    @property
    def place(self) -> Place | None:
        """Where its file has it; None where that was not said."""
        weights, biases = self.slots
        if weights is None:
            return None
        after = self.after
        if biases is None and self.biases is not None:
            after = Affine.of(1.0, self.biases).then(after)  # nothing of the file's to change
        return Place(weights, biases, self.before.parts, after.parts, self.spare)
