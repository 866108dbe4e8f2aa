"""How much alike layers of two networks tell digits apart, whatever neuron does it."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from toolkit.network import Float, Responses


def cka(one: Responses, other: Responses) -> NDArray[np.float64]:
    """Compare each layer of one network with each of another by linear CKA.

    Centred kernel alignment with a linear kernel, in the form for features: with activations X
    and Y, each neuron's mean over the digits taken off, ``||Y'X||² / (||X'X|| ||Y'Y||)`` in
    Frobenius norms (Kornblith, Norouzi, Lee & Hinton, "Similarity of neural network
    representations revisited", 2019, sec. 3 and table 1).  The order of neurons, any rotation of
    their activations and one scale for all of them do not count.

    Parameters
    ----------
    one, other : Responses
        Of two networks, of any shapes, to the same digits.

    Returns
    -------
    ndarray of float64, shape (layers, layers), 0..1
        Row: layer of `one`; column: layer of `other`.  1 where they tell the same apart, 0 where
        they share nothing; nan for a layer that says the same of every digit, or something that
        is not finite.

    Raises
    ------
    ValueError
        If they are not of equally many digits.
    """
    check_same_digits(one, other)
    first, second = ([_centred(a) for a in each.activations] for each in (one, other))
    found = np.empty((len(first), len(second)))
    with np.errstate(all="ignore"):
        norms = [[np.linalg.norm(a.T @ a) for a in side] for side in (first, second)]
        for row, a in enumerate(first):
            for column, b in enumerate(second):
                both = norms[0][row] * norms[1][column]
                found[row, column] = np.linalg.norm(b.T @ a) ** 2 / both if both else np.nan
    return np.minimum(found, 1)


def check_same_digits(one: Responses, other: Responses) -> None:
    """Check that responses of two networks are of the same digits, as far as their number tells.

    Raises
    ------
    ValueError
        If they are of a single digit each, or not of equally many.
    """
    shapes = [each.logits.shape for each in (one, other)]
    if any(len(shape) != 2 for shape in shapes) or shapes[0][0] != shapes[1][0]:
        raise ValueError(
            f"responses: expected those of two networks to the same digits, shapes (n, size); "
            f"got {shapes[0]} and {shapes[1]}"
        )


def _centred(activations: Float) -> NDArray[np.float64]:
    """Take the means off, and scale to 1 at most, so that products stay finite."""
    values = activations.astype(np.float64)
    if not len(values) or not np.isfinite(values).all():
        return np.full((max(1, len(values)), values.shape[1]), np.nan)
    values -= values.mean(axis=0)
    values[:, np.ptp(activations, axis=0) == 0] = 0
    largest = np.abs(values).max()
    return values / largest if largest else values
