"""Score a network on a digit set, and keep the score current as edits arrive."""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.activations import fires_above
from toolkit.digits.digitset import DigitSet
from toolkit.fits import SHELL, check_laid, classes_for, fits
from toolkit.network import Float, Network, Responses
from toolkit.scored import Score
from toolkit.scoring.leads import Leads
from toolkit.scoring.passing import Pass
from toolkit.scoring.winners import winners

__all__ = ["Score", "Scorer", "score"]


def score(network: Network, digits: DigitSet) -> Score:
    """Score `network` on `digits` by a full forward pass.

    Where it takes pictures of another size they are laid on its grid first, and of a very wide
    network some are used, as in the shell.

    Raises
    ------
    ValueError
        If the network takes no pictures, or has more than 256 outputs.
    """
    if network.sizes[0] != digits.pixels.shape[1]:
        digits = fits(network, digits, SHELL).lay(digits)
    return Scorer(digits).update(network)


class Scorer:
    """Keeps the score of one changing network current.

    Parameters
    ----------
    digits : DigitSet
        Its transposed pixels are shared by all scorers of the set.

    Attributes
    ----------
    score : Score or None
        Of the network last given to :meth:`update`.

    Notes
    -----
    What an update costs is what the change touched.  Which output wins is, for each digit, what
    :mod:`toolkit.scoring.resolving` says, on every machine, and whatever the network was before;
    but of a network with weights that are no numbers, or whose sums leave float64's range, it is
    what a full pass in float32 says.  Pre-activations and activations are those of a full pass,
    bit for bit: the first layer's are always, and others are made so where they are asked for.
    They are turned to (digits, neurons), as in a :class:`~toolkit.network.Trace`.
    """

    def __init__(self, digits: DigitSet) -> None:
        self.digits = digits
        self.score: Score | None = None
        self._network: Network | None = None
        self._responses: Responses | None = None
        self._origin: Scorer | None = None
        self._pass: Pass | None = None
        self._leads = Leads()

    def fork(self) -> Scorer:
        """Return a scorer of the same network that shares all it holds with this one.

        Each goes on by itself: what one changes the other keeps as it was.
        """
        twin = Scorer(self.digits)
        twin.score, twin._network, twin._origin = self.score, self._network, self
        twin._pass, twin._leads = self._pass and self._pass.fork(), copy(self._leads)
        return twin

    def part(self) -> None:
        """Let go of the one it was forked from, where it holds as much itself as it shares."""
        if self._origin is not None and 2 * self.bytes > self._origin.bytes:
            self._origin = None

    @property
    def bytes(self) -> int:
        """How much memory it takes, without what it shares with the one it was forked from."""
        held = {id(each): each.nbytes for each in self._arrays()}
        if self._origin is not None:
            for each in self._origin._arrays():
                held.pop(id(each), None)
        return sum(held.values())

    def _arrays(self) -> Iterator[NDArray[Any]]:
        if self._pass is not None:
            yield from self._pass.arrays()
            yield from self._leads.arrays

    def update(self, network: Network) -> Score:
        """Return the score of `network`, recomputing what differs from the last one seen.

        Raises
        ------
        ValueError
            If the network does not take the digits' pixels or has more than 256 outputs.
        """
        check_laid(network, self.digits)
        known, kept = self._network, self._pass
        if known is None or kept is None or known.sizes != network.sizes:
            self._origin, known = None, None
            kept = self._pass = Pass(self.digits, network.sizes)
            self._leads = Leads()
        # Until all of it is done what is kept belongs to no network.
        self._network = None
        with _quiet():
            change = kept.update(network.layers, known.layers if known else None)
            if change is None:
                assert self.score is not None
                self._network = network
                return self.score
            self._responses = None
            predictions = winners(kept, self._leads, network.layers, change)
        self._network = network
        outputs = network.sizes[-1]
        classes = classes_for(outputs, self.digits)
        self.score = Score(predictions, self.digits.labels, outputs, classes)
        return self.score

    def pre_activation(self, layer: int, index: int) -> Float:
        """Return one neuron's pre-activations, shape (n,), but for the last bit of some of them.

        Raises
        ------
        ValueError
            If no network was scored yet.
        """
        network, kept = self._scored()
        found = network.layer(layer)
        with _quiet():
            z: Float
            if layer == 1:
                z = kept.first.z(found, np.array([index]))[0].astype(np.float32)
            elif layer == len(network.layers):
                z = kept.z(network.layers, layer - 1)[index].copy()
            else:
                z = found.weights[index] @ kept.a(network.layers, layer - 2) + found.biases[index]
            return z

    def weighted_sum(self, layer: int, index: int) -> Float:
        """Return one neuron's weighted sums, shape (n,), without the bias, however large that is.

        Raises
        ------
        ValueError
            If no network was scored yet.
        """
        network, kept = self._scored()
        found = network.layer(layer)
        if layer == 1:
            return kept.first.of(index).astype(np.float32)
        with _quiet():
            sums: Float = found.weights[index] @ kept.a(network.layers, layer - 2)
            return sums

    def activations(self, layer: int, of: slice = slice(None)) -> tuple[NDArray[np.bool_], Float]:
        """Return which of some neurons of a layer fire, and their activations, each (n, size).

        A neuron fires where its pre-activation is above zero.

        Raises
        ------
        ValueError
            If no network was scored yet.
        """
        network, kept = self._scored()
        found = network.layer(layer)
        above = fires_above(found.activation)
        if layer < len(network.layers) and above is not None:
            with _quiet():
                a = kept.a(network.layers, layer - 1)[of].T
            return a > np.float32(above), a
        z = self.responses.pre_activations[layer - 1]
        with _quiet():
            return z[:, of] > 0, found.activate(z)[:, of]

    @property
    def responses(self) -> Responses:
        """The last network's responses to all digits, read-only; an update changes them.

        Raises
        ------
        ValueError
            If no network was scored yet.
        """
        network, kept = self._scored()
        if self._responses is None:
            assert self.score is not None
            layers, last = network.layers, len(network.layers) - 1
            # Nothing in a score asks for these, so they are made here.
            with _quiet():
                z = [kept.z(layers, at) for at in range(last + 1)]
                a = [kept.a(layers, at) for at in range(last)]
                a.append(layers[last].activate(z[last].T).T)
            self._responses = Responses(
                tuple(map(_turned, z)), tuple(map(_turned, a)),
                function=network.activations[-1], won=self.score.predictions,
            )  # fmt: skip
        return self._responses

    def _scored(self) -> tuple[Network, Pass]:
        if self._network is None or self._pass is None:
            raise ValueError("scorer: expected a network first; update it with one")
        return self._network, self._pass


def _quiet() -> np.errstate:
    """Let weights of any size be weights."""
    return np.errstate(over="ignore", under="ignore", invalid="ignore")


def _turned(array: Float) -> Float:
    """Return a read-only view of (neurons, digits) as (digits, neurons)."""
    view = array.T
    view.setflags(write=False)
    return view
