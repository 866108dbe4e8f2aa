"""How the networks that ship were made: teachers, deformed digits, distillation.

Larger networks learn the digits, strongly deformed; the small one then learns
their answers to mildly deformed ones (Hinton, Vinyals & Dean 2015, "Distilling the
knowledge in a neural network").

Sigmoid neurons are trained as tanh neurons, whose outputs lie around zero and
so learn better (LeCun, Bottou, Orr & Müller 1998, "Efficient backprop", section
4.4), and rewritten as sigmoids in the end: the outputs are the same.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from toolkit.digits.digitset import DigitSet
from toolkit.network import ACTIVATIONS, Float, Layer, Network
from toolkit.training.augmentation import Augmentation
from toolkit.training.descent import Epoch, TrainingResult, train

_FAR = Augmentation(shift=1, rotation=10, scale=0.1, slant=0.1, bend=0.7)
_NEAR = Augmentation(shift=0.5, rotation=4, scale=0.04, slant=0.05, bend=0.3)
_PART = 1000  # digits deformed or answered at a time, so that all stays in the processor's cache


@dataclass(frozen=True)
class Plan:
    """What :func:`train_plan` does, in numbers.

    Attributes
    ----------
    summary : str
        In one sentence.
    hidden : {"sigmoid", "relu"}
        Activation of the two hidden layers.
    output : {"sigmoid", "softmax"}
        Activation of the output layer.
    sizes : tuple of int
        Neurons of the hidden layers.
    weight_decay : tuple of float, one a layer
        A strong one on the first layer takes the noise out of its weight maps.
    held_out : float
        Share of the digits set aside to choose epoch and start by.
    teachers, teacher_epochs : int
        How many, and passes over the digits, deformed anew each time.
    teacher_sizes : tuple of int
        Neurons of a teacher's hidden layers.
    copies : int
        The digits themselves and this number less one of deformed copies make the pool that
        the teachers answer, averaged, and the small network learns.
    temperature : float
        What the teachers' logits are divided by before their softmax.  A small network with a
        softmax gets its output layer multiplied by it in the end, so that it is as sure of its
        answers as its teachers were of theirs.
    starts, epochs : int
        Random starts of which the best on the held-out digits is kept, and passes over the
        pool for each.
    """

    summary: str
    hidden: str
    output: str
    sizes: tuple[int, ...] = (16, 16)
    weight_decay: tuple[float, ...] = (0.3, 0.02, 0.02)
    held_out: float = 1 / 12
    teachers: int = 2
    teacher_epochs: int = 25
    teacher_sizes: tuple[int, ...] = (512, 256)
    copies: int = 10
    temperature: float = 1
    starts: int = 4
    epochs: int = 60


PLANS: Mapping[str, Plan] = MappingProxyType(
    {
        "mnist-sigmoid": Plan(
            "sigmoid neurons, distilled from two larger networks on deformed MNIST",
            "sigmoid",
            "sigmoid",
        ),
        "mnist-relu": Plan(
            "ReLU neurons and a softmax, distilled from two larger networks on deformed MNIST",
            "relu",
            "softmax",
            temperature=2,
        ),
        "drawn-sigmoid": Plan(
            "sigmoid neurons, distilled from two larger networks on deformed drawn digits",
            "sigmoid",
            "sigmoid",
        ),
    }
)
"""The plans of the networks that ship, by the network's name."""


def train_plan(
    plan: str | Plan,
    digits: DigitSet,
    *,
    seed: int = 0,
    on_epoch: Callable[[Epoch], bool | None] | None = None,
) -> TrainingResult:
    """Train a network as one that ships was trained.

    Takes some ten minutes on one core for MNIST's 60,000 digits.

    Parameters
    ----------
    plan : str or Plan
        A key of :data:`PLANS`, or a plan of one's own.
    digits : DigitSet
        Training digits alone; those to choose by are set aside from them.
    seed : int
        The same seed gives the same bits (on the same machine and libraries).
    on_epoch : callable, optional
        As in :func:`~toolkit.training.train`; the records of all stages come one after the
        other, each with its stage's name (``"teacher 1 of 2"``) and the seconds left of that
        stage.

    Returns
    -------
    TrainingResult
        Interrupted, with the best small network so far, or a random one, whose provenance tells
        of no ``"validation"``, if no epoch of one was completed.

    Raises
    ------
    ValueError
        If there is no such plan, or an argument does not fit.
    """
    plan, name = _look_up(plan)
    # Weights of pixels that are never lit would keep whatever they start with.
    unlit = digits.pixels.max(axis=0, initial=0) == 0
    order = np.random.default_rng(seed).permutation(len(digits))
    aside = round(plan.held_out * len(digits))
    if not 0 < aside < len(digits):
        raise ValueError(f"digits: expected enough to set some aside; got {len(digits)}")
    learned, validation = digits.subset(order[aside:]), digits.subset(order[:aside])

    best, best_accuracy = _random(plan, unlit, digits.classes, seed), -1.0
    records: list[Epoch] = []
    finished, stopped = True, "all stages done"
    try:
        for small, result in _stages(plan, learned, validation, unlit, seed, on_epoch):
            records += result.records
            accuracy = max((record.accuracy or 0 for record in result.records), default=-1)
            if small and accuracy > best_accuracy:
                best, best_accuracy = result.network, accuracy
            if not result.finished:
                finished, stopped = False, result.stopped_because
                break
    except KeyboardInterrupt:
        finished, stopped = False, "interrupted between two stages"
    said = {
        "origin": f"trained, by the toolkit's plan {name}",
        "method": plan.summary,
        "data": f"{digits.name}: {len(learned):,} images learned, {aside:,} to choose by",
        "seed": str(seed),
    }
    if best_accuracy >= 0:
        said["validation"] = f"{best_accuracy:.2%} of the images set aside"
    network = with_sigmoid(best) if plan.hidden == "sigmoid" else best
    network = network.with_layer(1, grid=digits.grid)
    if plan.output == "softmax":
        network = sharpened(network, plan.temperature)
    return TrainingResult(network.renamed(name, **said), tuple(records), stopped, finished)


def _look_up(plan: str | Plan) -> tuple[Plan, str]:
    if isinstance(plan, Plan):
        return plan, "network"
    if plan not in PLANS:
        raise ValueError(f"plan: expected one of {', '.join(PLANS)}; got {plan!r}")
    return PLANS[plan], plan


def _stages(
    plan: Plan,
    learned: DigitSet,
    validation: DigitSet,
    unlit: NDArray[np.bool_],
    seed: int,
    on_epoch: Callable[[Epoch], bool | None] | None,
) -> Iterator[tuple[bool, TrainingResult]]:
    """Train the teachers, then the small network from each of its starts; tell which it is."""
    teachers = []
    for number in range(1, plan.teachers + 1):
        start = Network.random(
            (learned.pixels.shape[1], *plan.teacher_sizes, learned.classes),
            (*("relu" for _ in plan.teacher_sizes), "softmax"),
            seed=_seed(seed, number),
        )
        result = train(
            start, learned, epochs=plan.teacher_epochs, batch_size=250, rate=0.002,
            weight_decay=0.1, augment=_FAR, validation=validation, seed=_seed(seed, number),
            on_epoch=on_epoch, stage=f"teacher {number} of {plan.teachers}",
        )  # fmt: skip
        yield False, result
        teachers.append(result.network)
    pool = _pool(learned, plan.copies, unlit, np.random.default_rng(_seed(seed, 0)))
    answers = _answers(teachers, pool, plan.temperature)
    for number in range(1, plan.starts + 1):
        start = _random(plan, unlit, learned.classes, _seed(seed, 100 + number))
        yield True, train(
            start, pool, epochs=plan.epochs, weight_decay=plan.weight_decay, targets=answers,
            validation=validation, seed=_seed(seed, 100 + number), on_epoch=on_epoch,
            stage=f"start {number} of {plan.starts}",
        )  # fmt: skip


def _seed(seed: int, stage: int) -> int:
    """Return a seed of a stage's own, unlike that of any stage of any other seed."""
    return seed * 1000 + stage


def _random(plan: Plan, unlit: NDArray[np.bool_], classes: int, seed: int) -> Network:
    """Return a small network to start from, its weights of unlit pixels zero."""
    hidden = "tanh" if plan.hidden == "sigmoid" else plan.hidden
    network = Network.random(
        (len(unlit), *plan.sizes, classes),
        (*(hidden for _ in plan.sizes), plan.output),
        seed=seed,
    )
    return network.with_layer(1, weights=np.where(unlit, 0, network.layer(1).weights))


def _pool(
    digits: DigitSet, copies: int, unlit: NDArray[np.bool_], rng: np.random.Generator
) -> DigitSet:
    """Return the digits and deformed copies of them, dark wherever none of the digits is lit."""
    count = len(digits)
    pixels = np.empty((copies * count, len(unlit)), np.uint8)
    pixels[:count] = digits.pixels
    for copy in range(1, copies):
        for at in range(0, count, _PART):
            part = digits.pixels[at : at + _PART]
            deformed = np.rint(_NEAR.deform(part, rng) * 255)
            pixels[copy * count + at : copy * count + at + len(part)] = deformed
    pixels[:, unlit] = 0
    labels = np.tile(digits.labels, copies)
    return replace(digits, pixels=pixels, labels=labels)


def _answers(teachers: list[Network], digits: DigitSet, temperature: float) -> Float:
    """Return the softmax of the teachers' mean logits over the temperature, shape (n, classes)."""
    answers = np.empty((len(digits), teachers[0].sizes[-1]), np.float32)
    for at in range(0, len(digits), _PART):
        images = np.divide(digits.pixels[at : at + _PART], 255, dtype=np.float32)
        logits = np.mean([teacher.forward(images).logits for teacher in teachers], axis=0)
        answers[at : at + _PART] = ACTIVATIONS["softmax"](logits / np.float32(temperature))
    return answers


def sharpened(network: Network, factor: float) -> Network:
    """Return the network with the output layer's pre-activations multiplied by a factor."""
    last = network.layers[-1]
    return network.with_layer(
        len(network.layers), weights=last.weights * factor, biases=last.biases * factor
    )


def with_sigmoid(network: Network, which: Container[int] | None = None) -> Network:
    """Return the network with sigmoid in place of tanh, and the same outputs.

    ``tanh(z) = 2 sigmoid(2 z) - 1``, so the neuron's own weights and bias double, and those that
    listen to it double their weights and lower their biases by the sums of the old ones.

    Parameters
    ----------
    network : Network
    which : container of int, optional
        Numbers of the layers that are rewritten where they are tanh; by default all.  The last
        layer never is.
    """
    layers = []
    listens = False
    for number, layer in enumerate(network.layers, 1):
        weights, biases = layer.weights.astype(float), layer.biases.astype(float)
        if listens:
            biases -= weights.sum(axis=1)
            weights *= 2
        listens = (
            layer.activation == "tanh"
            and layer is not network.layers[-1]
            and (which is None or number in which)
        )
        if listens:
            layers.append(Layer(2 * weights, 2 * biases, "sigmoid", layer.grid))
        else:
            layers.append(Layer(weights, biases, layer.activation, layer.grid))
    return replace(network, layers=tuple(layers))
