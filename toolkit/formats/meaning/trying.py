"""Ways to understand a file, tried on digits; and which of them is taken.

What decides was chosen on networks trained for it (``tests/formats/openings.py``): by accuracy
alone one misread digit in a thousand prefers pixels from 0 to 255 for a network of ReLU.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from toolkit.activations import ACTIVATIONS, Float, winner
from toolkit.digits.digitset import DigitSet
from toolkit.formats.meaning.affine import SAME, Affine, folded
from toolkit.formats.meaning.pixels import PIXELS
from toolkit.formats.meaning.reading import Reading
from toolkit.formats.meaning.ways import CHANNELS, Way
from toolkit.grid import Grid
from toolkit.network import Layer
from toolkit.origin import Origin

TRIED_ON = 2000
"""Digits: enough to tell the ways apart, few enough not to wait."""

_FEWEST_TRIED = 100
_ENOUGH_TRIED = 700  # below it rarer and mixed functions are left out
_TRIAL_WORK = 6_000_000_000  # multiplications over all ways: a second or so
_FUNCTION_WORK = 200  # multiplications that one value of an activation function costs
_READS_ANYTHING = 0.2  # of digits: twice as many as a guess
_AS_SURE = 1.025  # times the least log loss
_MISREADS = 1.5  # times as many digits as the best: what misreads more is never taken
_BY_CHANCE = 0.01  # of digits: so many more may be misread however few the best misreads
_MOST_MORE = 0.1  # of digits, however many the best misreads
_OUTLYING = 5.0  # times as large as for half of the digits
_UNUSUAL_FUNCTIONS = 1.2  # by which log loss must be less, here and below
_FREELY = 100.0  # such a factor changes little in a network of ReLU, which scales nearly freely
_FREELY_SCALED = 1.08
_DARK = 1.02
_AGAINST_CORNERS = 1.05
_TEMPERATURES = (0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0)
_NEARLY = 2.0  # times the squared error
_CORNER = 4  # steps along the edges: within them MNIST has no ink
_MOVED = 3.0
_MNIST_GRID = Grid(28, 28)


@dataclass(frozen=True)
class Tried:
    """What one way came to on digits.

    Attributes
    ----------
    way : Way
        With the output function that fits its outputs best.
    rank : int
        How usual its functions are: 0 the usual ones, 1 rarer ones, 2 mixed.
    accuracy : float
        In [0, 1].
    loss : float
        Mean log loss, in nats, once its outputs are made as sure as fits best (temperature scaling,
        Guo et al. 2017): what they say of which digit it is, however large they are.
    """

    way: Way
    rank: int
    accuracy: float
    loss: float


def parts(reading: Reading, way: Way) -> list[Layer]:
    """Return the layers that a file holds when understood in a way, fed pixels in [0, 1]."""
    layers: list[Layer] = []
    before = Affine.of(way.pixels.scale, way.pixels.shift)
    normed_after = way.normed_after(reading.layers)
    for number, (raw, activation) in enumerate(
        zip(reading.layers, way.activations, strict=True), 1
    ):
        weights = raw.weights.T if way.inputs_first else raw.weights
        if number == 1 and way.channels_last:
            rows = weights.reshape(len(weights), -1, CHANNELS)
            weights = rows.swapaxes(1, 2).reshape(len(weights), -1)
        biases = np.zeros(len(weights), np.float32) if raw.biases is None else raw.biases
        norm = SAME if raw.norm is None else Affine.of(*raw.norm)
        after = SAME if normed_after[number - 1] else norm
        if not (before.trivial and after.trivial):
            weights, moved = folded(weights, biases, before, after)
            biases = biases if moved is None else moved
        grid = raw.grid if layers else way.grid
        layers.append(Layer(weights, biases, activation, grid))  # type: ignore[arg-type]
        before = norm if normed_after[number - 1] else SAME
    return layers


def returning(origin: Origin, reading: Reading, way: Way) -> Origin:
    """Return a file's form for the network that it was understood as: what folds were made here."""
    places = list(origin.fed(way.pixels.scale, way.pixels.shift).places)
    normed_after = way.normed_after(reading.layers)
    for number, raw in enumerate(reading.layers):
        if raw.norm is None:
            continue
        norm, place = Affine.of(*raw.norm), places[number]
        if normed_after[number]:
            above = places[number + 1]
            before = norm.then(Affine.of(*above.before)).parts
            places[number + 1] = replace(above, before=before)
            # What it adds comes behind the activation function, where no bias of the layer's is.
            places[number] = replace(place, spare="")
        else:
            places[number] = replace(place, after=Affine.of(*place.after).then(norm).parts)
    return replace(origin, places=tuple(places))


def tried(
    reading: Reading, ways: Sequence[tuple[int, Way]], digits: DigitSet, *, ends_open: bool
) -> list[Tried]:
    """Try ways on digits; the rarer and mixed are left out where the network is large.

    Parameters
    ----------
    reading : Reading
    ways : sequence of (int, Way)
        With each its rank; all of one orientation and of the digits' grid.
    digits : DigitSet
    ends_open : bool
        Whether the output's function is to be found too.

    Returns
    -------
    list of Tried
        In the ways' order.
    """
    count = 0
    for most_unusual in (2, 1, 0):
        ways = [(rank, way) for rank, way in ways if rank <= most_unusual]
        count = _affordable(reading, [way for _, way in ways])
        if count >= _ENOUGH_TRIED:
            break
    some = digits.subset(slice(max(_FEWEST_TRIED, count)))
    alike: dict[tuple[bool, str], list[int]] = {}
    for number, (_, way) in enumerate(ways):
        alike.setdefault((way.channels_last, way.norm), []).append(number)
    found: dict[int, Tried] = {}
    with np.errstate(all="ignore"):
        for numbers in alike.values():
            logits = _logits(reading, [ways[number][1] for number in numbers], some)
            for number, outputs in zip(numbers, logits, strict=True):
                found[number] = _measured(*ways[number], outputs, some.labels, ends_open)
    return [found[number] for number in range(len(ways))]


def _affordable(reading: Reading, ways: Sequence[Way]) -> int:
    """Return on how many digits so many ways can be tried."""
    first, *rest = (layer.weights.size for layer in reading.layers)
    neurons = sum(min(layer.weights.shape) for layer in reading.layers)
    groups = len({(way.channels_last, way.norm) for way in ways})
    work = groups * first + len(ways) * (sum(rest) + _FUNCTION_WORK * neurons)
    return int(min(TRIED_ON, _TRIAL_WORK // work))


def _logits(reading: Reading, ways: Sequence[Way], digits: DigitSet) -> Iterator[Float]:
    """Yield the output layer's pre-activations for ways that differ in functions and pixels.

    The first layer's product with the pixels is made once for all of them.
    """
    unnamed = ("identity",) * len(reading.layers)
    layers = parts(reading, replace(ways[0], pixels=PIXELS["unit"], activations=unnamed))
    products = digits.images @ layers[0].weights.T
    sums = layers[0].weights.sum(axis=1, dtype=np.float64)
    for way in ways:
        scale, shift = way.pixels.scale, way.pixels.shift
        biases = (layers[0].biases + shift * sums).astype(np.float32)
        z = np.float32(scale) * products + biases
        for layer, activation in zip(layers[1:], way.activations, strict=False):
            z = ACTIVATIONS[activation](z) @ layer.weights.T + layer.biases
        yield z


def _measured(
    rank: int, way: Way, logits: Float, labels: NDArray[np.uint8], ends_open: bool
) -> Tried:
    accuracy = float(np.mean(winner(logits) == labels))
    wide = logits.astype(np.float64)
    if ends_open:
        way = way.ending_in(_output(wide, labels, way.activations[-1]))
    return Tried(way, rank, accuracy, _loss(wide, labels))


def _output(logits: NDArray[np.float64], labels: NDArray[np.uint8], convention: str) -> str:
    """Return the function under which outputs say best how likely each digit is.

    Of what was learned as a softmax only differences count, and as sigmoids it says nothing; what
    was learned as sigmoids says nearly as much as a softmax.
    """
    if logits.shape[1] == 1:
        return convention
    right = np.eye(logits.shape[1])[labels]
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    ways = (logits, 0.5 * np.tanh(0.5 * logits) + 0.5, powers / powers.sum(axis=1, keepdims=True))
    plain, sigmoids, softmax = (float(np.square(values - right).mean()) for values in ways)
    if not min(plain, sigmoids, softmax) < np.square(right.mean(axis=0) - right).mean():
        return convention
    if plain < min(sigmoids, softmax):
        return "identity"
    return "sigmoid" if sigmoids < _NEARLY * softmax else "softmax"


def _loss(logits: NDArray[np.float64], labels: NDArray[np.uint8]) -> float:
    centred = logits - logits.mean(axis=1, keepdims=True)
    # Ink where there was none in training, over the deviation of nearly nothing, makes a few
    # digits' outputs so large that they alone would decide.
    sizes = centred.std(axis=1)
    usual = sizes <= _OUTLYING * np.median(sizes)
    centred, labels = centred[usual], labels[usual]
    if not len(labels):
        return float("inf")
    spread = float(centred.std())
    if not (np.isfinite(spread) and spread > 0):
        return float("inf")
    centred /= spread
    right = centred[np.arange(len(labels)), labels]
    losses = []
    for temperature in _TEMPERATURES:
        sums = np.exp(temperature * centred).sum(axis=1)  # centred and scaled: far from overflow
        losses.append(float(np.mean(np.log(sums) - temperature * right)))
    return min(losses)


def best(found: Sequence[Tried], reading: Reading) -> int:
    """Return which of the ways tried is taken.

    Of those that read nearly as many digits as any the surest of the right digits, and of those
    about as sure the most usual.  What is rarer must be surer by so much more; where none reads
    anything, the most usual of all is taken.

    Parameters
    ----------
    found : sequence of Tried
        From the most usual on.
    reading : Reading
    """
    most = max(each.accuracy for each in found)
    if most < _READS_ANYTHING:
        return 0
    enough = max(1 - _MISREADS * (1 - most) - _BY_CHANCE, most - _MOST_MORE)
    losses = {
        number: each.loss * _handicap(reading, each)
        for number, each in enumerate(found)
        if each.accuracy >= enough
    }
    least = min(losses.values())
    return next(number for number, loss in losses.items() if loss <= least * _AS_SURE)


def _handicap(reading: Reading, each: Tried) -> float:
    pixels = each.way.pixels
    unlikely = (
        (each.rank > 0, _UNUSUAL_FUNCTIONS),
        (abs(pixels.scale) > _FREELY, _FREELY_SCALED),
        (pixels.scale < 0, _DARK),
        (_contradicts_corners(reading, each.way), _AGAINST_CORNERS),
    )
    return math.prod(handicap for so, handicap in unlikely if so)


def _contradicts_corners(reading: Reading, way: Way) -> bool:
    """Tell whether the weights of MNIST's corners speak against how pixels were scaled.

    There is no ink in any digit.  Where paper is 0 their weights stay what they began as, the
    same noise for all neurons; where it is another number they move as the biases do, and
    neurons differ in their means by more than noise (the F ratio of an analysis of variance).
    """
    if way.grid != _MNIST_GRID:
        return False
    weights = reading.layers[0].weights
    weights = weights.T if way.inputs_first else weights
    corners = np.asarray(weights[:, _corners()], np.float64)
    with np.errstate(all="ignore"):
        within = corners.var(axis=1, ddof=1).mean()
        ratio = corners.shape[1] * np.square(corners.mean(axis=1)).mean() / within
    return bool(np.isfinite(ratio)) and (ratio > _MOVED) == (way.pixels.shift == 0)


def _corners() -> NDArray[np.intp]:
    steps = np.minimum(np.arange(28), np.arange(28)[::-1])
    return np.flatnonzero((steps[:, None] + steps < _CORNER).ravel())
