"""Fit the rest: hold what was made by hand, train what is left, tell what the hand was worth."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

import numpy as np

from toolkit.digits.digitset import DigitSet
from toolkit.edits import ReplaceLayers, same_layer
from toolkit.network import Network
from toolkit.training.arguments import check_choice, check_digits, split
from toolkit.training.backpropagation import CROSS_ENTROPY_OUTPUTS, wanted_outputs
from toolkit.training.descent import Epoch, TrainingResult, train
from toolkit.training.parts import Mask, Parts, masks_of
from toolkit.training.tops import Top, features

EPOCHS = 20
COMPARISONS = ("blank", "free")
"""What a fit can be compared with: the held part blank, or nothing held."""

_FIRST_DIGITS = 10_000  # for layers above that are blank
_Masks = dict[int, tuple[Mask, Mask]]


@dataclass(frozen=True)
class Fitted:
    """A network of which a part was held and the rest trained.

    Attributes
    ----------
    network : Network
        The fitted one; the network that came in, if no epoch read more digits right than it did.
    before, after : float
        Accuracy on the digits set aside to choose the epoch by, 0 to 1.
    compared : dict of str to float
        On the same digits, trained as long: ``"blank"`` with the held part at zero, ``"free"``
        with nothing held, the held part starting at random.
    held, trained : int
        How many weights and biases.
    started : int
        How many neurons that were blank began with small random weights, since from zero nothing
        is learned.
    learned, chosen_on : int
        How many digits were learned, and how many set aside.
    result : TrainingResult
        How the training went.
    """

    network: Network
    before: float
    after: float
    compared: dict[str, float]
    held: int
    trained: int
    started: int
    learned: int
    chosen_on: int
    result: TrainingResult

    def edit(self, network: Network, label: str = "fit the rest") -> ReplaceLayers:
        """Describe the fit as one edit of the network that it began with."""
        layers = {
            number: layer
            for number, layer in enumerate(self.network.layers, 1)
            if not same_layer(layer, network.layer(number))
        }
        return ReplaceLayers(layers, label, "fit")


def fit_rest(
    network: Network,
    digits: DigitSet,
    *,
    hold: Parts = (),
    only: Parts | None = None,
    anew: bool = False,
    epochs: int = EPOCHS,
    batch_size: int = 100,
    rate: float = 0.01,
    weight_decay: float = 0.01,
    validation: DigitSet | float = 0.1,
    compare: Iterable[str] = (),
    seed: int = 0,
    on_epoch: Callable[[Epoch], bool | None] | None = None,
) -> Fitted:
    """Hold parts of a network bit for bit and train the rest by gradient descent.

    What is trained goes on from where it is, but for neurons without any weight: those begin at
    random, by the seed, or where all layers above some are blank, at what :func:`ceilings` finds
    for them.  Weights of pixels that no digit lights begin at zero.

    Parameters
    ----------
    network : Network
    digits : DigitSet
        What to learn.
    hold : parts
        What is held, as ``frozen`` of :func:`~toolkit.training.train`: layers (``"1"``), neurons
        (``"1.3"``), cells of one (``"1.3:4-10x6-20"``), biases (``"biases"``), or masks.
    only : parts, optional
        What alone is trained, spelled likewise; `hold` is taken from it.  By default everything.
    anew : bool
        Whether what is trained is made blank first.
    epochs, batch_size, rate, weight_decay, seed, on_epoch
        As in :func:`~toolkit.training.train`.  The stage of an epoch's record is ``""`` for the
        fit, and the comparison's name after that.
    validation : DigitSet or float
        To choose the best epoch by, away from `digits`; a fraction takes as many from them.
    compare : iterable of {"blank", "free"}
        What to train besides, for as long: see :attr:`Fitted.compared`.

    Raises
    ------
    ValueError
        If an argument does not fit, or nothing is left to train; the message says which.

    Examples
    --------
    >>> digits = DigitSet(np.repeat(np.eye(10, dtype=np.uint8) * 255, 20, 0), np.arange(200) % 10)
    >>> network = Network.random((10, 8, 10))
    >>> fitted = fit_rest(network, digits, hold="1", epochs=2)
    >>> sorted(fitted.edit(network).layers)
    [2]
    """
    check_digits("digits", digits, network)
    compare = tuple(compare)
    for each in compare:
        check_choice("compare", each, COMPARISONS)
    held = by_hand = _named("hold", hold, network)
    if only is not None:
        trained = _named("only", only, network)
        held = {n: (w | ~trained[n][0], b | ~trained[n][1]) for n, (w, b) in held.items()}
    count = sum(int(w.sum() + b.sum()) for w, b in held.values())
    if count == network.parameters:
        raise ValueError("hold: expected something left to train; all weights and biases are held")
    rng = np.random.default_rng(seed)
    if not isinstance(validation, DigitSet):
        keep, aside = split(validation, len(digits), rng)
        digits, validation = digits.subset(keep), digits.subset(aside, f"{digits.name}, set aside")

    def run(start: Network, masks: _Masks, stage: str) -> TrainingResult:
        return train(
            start, digits, epochs=epochs, batch_size=batch_size, rate=rate,
            weight_decay=weight_decay, frozen=masks, loss=_loss(network), validation=validation,
            seed=seed, on_epoch=on_epoch, stage=stage,
        )  # fmt: skip

    free = {n: (~w, ~b) for n, (w, b) in held.items()}
    given = _without(network, free) if anew else network
    start, started = _begun(given, held, digits, seed)
    result = run(start, held, "")
    before = _accuracy(network, validation)
    # What it began with counts too: blank layers above began well, and no epoch may better that.
    fitted, after = network, before
    for reached in (start, result.network):
        accuracy = _accuracy(reached, validation)
        if result.records and accuracy >= after:
            fitted, after = reached, accuracy
    fitted = replace(fitted, name=network.name, provenance=network.provenance)
    compared: dict[str, float] = {}
    blanked = _without(given, by_hand)
    for each in compare if result.finished else ():
        masks = held if each == "blank" else masks_of((), network)
        other, _ = _begun(blanked, masks, digits, seed)
        beside = run(other, masks, each)
        if not beside.finished:
            result = replace(result, finished=False, stopped_because=beside.stopped_because)
            break
        compared[each] = max(_accuracy(ran, validation) for ran in (other, beside.network))
    return Fitted(
        fitted, before, after, compared, count, network.parameters - count, started,
        len(digits), len(validation), result,
    )  # fmt: skip


def _named(what: str, parts: Parts, network: Network) -> _Masks:
    try:
        return masks_of(parts, network)
    except ValueError as error:
        raise ValueError(str(error).replace("frozen", what, 1)) from error


def _loss(network: Network) -> str:
    return "cross-entropy" if network.activations[-1] in CROSS_ENTROPY_OUTPUTS else "mse"


def _begun(network: Network, held: _Masks, digits: DigitSet, seed: int) -> tuple[Network, int]:
    """Return the network to start from, and how many blank neurons were given weights."""
    lit = digits.pixels.max(axis=0) > 0
    above = next(
        (n for n in range(len(network.layers), 0, -1)
         if network.layer(n).weights.any() or held[n][0].any() or held[n][1].any()),
        1,
    )  # fmt: skip
    noise = Network.random(network.sizes, network.activations, seed=seed)
    started = 0
    for number, layer in enumerate(network.layers, 1):
        blank = np.logical_not(layer.weights.any(axis=1) | held[number][0].all(axis=1))
        if not blank.any():
            continue
        mine = ~held[number][0] & blank.reshape(-1, 1)
        if number == 1:
            mine &= lit
        weights = np.where(mine, noise.layer(number).weights, layer.weights)
        network = network.with_layer(number, weights=weights)
        started += int(blank.sum())
    if above < len(network.layers):
        network = _topped(network, above, digits.subset(slice(_FIRST_DIGITS)), seed)
    return network, started


def _topped(network: Network, held: int, digits: DigitSet, seed: int) -> Network:
    """Return the network with the layers above some trained on what those give."""
    learned = list(features(network, digits))[held - 1]
    top = Top(network, held, network.activations[-1], seed, learned)
    top.learn(
        top.scaled(learned),
        wanted_outputs(digits.labels, len(digits), network.sizes[-1]),
    )
    for number, layer in enumerate(top.layers(), held + 1):
        network = network.with_layer(number, weights=layer.weights, biases=layer.biases)
    return network


def _without(network: Network, held: _Masks) -> Network:
    """Return the network with the held part at zero."""
    for number, (weights, biases) in held.items():
        layer = network.layer(number)
        network = network.with_layer(
            number,
            weights=np.where(weights, np.float32(0), layer.weights),
            biases=np.where(biases, np.float32(0), layer.biases),
        )
    return network


def _accuracy(network: Network, digits: DigitSet) -> float:
    found = [
        network.forward(digits.subset(slice(at, at + 1000)).images).predictions
        for at in range(0, len(digits), 1000)
    ]
    return float(np.mean(np.concatenate(found) == digits.labels))
