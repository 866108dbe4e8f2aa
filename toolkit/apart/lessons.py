"""Training in a child process: what first layers could reach, and the rest fitted.

Nobody who paints waits for it: the child yields to everybody, and takes none
of this process's turns.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.apart.parent import Bounds, Lane, Leash, run
from toolkit.apart.wire import Array, Message, tell
from toolkit.digits.digitset import DigitSet
from toolkit.grid import Grid
from toolkit.network import Layer, Network

if TYPE_CHECKING:
    from toolkit.analysis import Remark
    from toolkit.training import Ceilings, Fitted

CEILINGS = Lane("look ahead of", "looking ahead", "looked ahead of", BoundedSemaphore(1))
FITTING = Lane("fit", "fitting", "fitted", BoundedSemaphore(1))
_CEILINGS = Bounds(seconds=90.0, waiting_seconds=600.0)
_FITTING = Bounds(seconds=1800.0, waiting_seconds=1800.0)
_WIDEST_TRIED = 64
"""Neurons of a layer: with more of them it takes too long to do without each in turn."""


@dataclass(frozen=True)
class Outlook:
    """What was found about a network as it is.

    Attributes
    ----------
    ceilings : Ceilings
    remarks : tuple of Remark
    """

    ceilings: Ceilings
    remarks: tuple[Remark, ...]


def look_ahead(
    network: Network, learned: DigitSet, measured: DigitSet | None, leash: Leash | None = None
) -> Outlook:
    """Work out a network's ceilings and what stands out in it, in a child process.

    Parameters
    ----------
    network : Network
    learned : DigitSet
        What upper layers learn.
    measured : DigitSet or None
        Others to measure on; None where there are none, and half of the first is set aside.
    leash : Leash, optional

    Raises
    ------
    ValueError
        If the digits are too few.
    ApartError
        If it takes too much memory or time, could not be done at all, or was stopped.
    """
    from toolkit.analysis import Remark
    from toolkit.training import Ceiling, Ceilings

    arrays, said = sent(network)
    sets = [learned] if measured is None else [learned, measured]
    said["digits"] = [described(digits) for digits in sets]
    for digits in sets:
        arrays += [digits.pixels, digits.labels]
    answer = run(
        "ceilings", network.name, said, arrays, bounds=_CEILINGS, lane=CEILINGS, leash=leash
    ).said
    found = [
        Ceiling(layers, accuracy, None if falls is None else np.array(falls))
        for layers, accuracy, falls in answer.pop("ceilings")
    ]
    told = tuple(Remark(**each) for each in answer.pop("remarks"))
    return Outlook(Ceilings(ceilings=tuple(found), **answer), told)


def ceilings(message: Message) -> tuple[dict[str, Any], list[Array]]:
    """Do it: the child's side of :func:`look_ahead`."""
    from toolkit.analysis import remarks
    from toolkit.scoring import Scorer
    from toolkit.training import ceilings as work_out

    network, rest = received(message)
    sets = digits_of(message.said["digits"], rest)
    measured = sets[-1]
    found = work_out(
        network, sets[0], measure_on=measured if len(sets) > 1 else 0.5,
        without=max(network.sizes[1:-1], default=0) <= _WIDEST_TRIED,
    )  # fmt: skip
    falls = {each.layers: each.falls for each in found.ceilings if each.falls is not None}
    scorer = Scorer(measured)
    scorer.update(network)
    said = {field.name: getattr(found, field.name) for field in fields(found)}
    said["ceilings"] = [
        [each.layers, each.accuracy, None if each.falls is None else each.falls.tolist()]
        for each in found.ceilings
    ]
    return {**said, "remarks": list(map(asdict, remarks(network, scorer.responses, falls)))}, []


def fit_apart(
    network: Network,
    digits: DigitSet,
    plan: Mapping[str, Any],
    masks: Sequence[tuple[NDArray[np.bool_], NDArray[np.bool_]]],
    leash: Leash | None = None,
    told: Callable[[dict[str, Any]], None] | None = None,
) -> tuple[Network, dict[str, Any]]:
    """Fit a network beside what is held, in a child process.

    Parameters
    ----------
    network : Network
    digits : DigitSet
        What to learn.
    plan : mapping
        ``epochs``, ``anew``, ``compare`` and ``seed`` as :func:`toolkit.training.fit_rest` takes
        them.
    masks : sequence of (mask, mask)
        Of each layer, which weights and biases are held.
    leash : Leash, optional
    told : callable, optional
        Called with ``begun`` once a process has it, and after each epoch with its record.

    Returns
    -------
    network : Network
    said : dict
        ``before``, ``after``, ``compared``, ``held``, ``trained``, ``started``, ``learned``,
        ``chosen_on`` as :class:`toolkit.training.Fitted` has them, and ``because``.

    Raises
    ------
    ValueError
        If there is nothing to train, or the digits are too few.
    ApartError
        If it takes too much memory or time, could not be done at all, or was stopped.
    """
    arrays, said = sent(network)
    said |= {"digits": [described(digits)], "plan": dict(plan)}
    arrays += [part.astype(np.uint8) for pair in masks for part in pair]
    arrays += [digits.pixels, digits.labels]
    answer = run(
        "fit", network.name, said, arrays, bounds=_FITTING, lane=FITTING, leash=leash, told=told
    )
    fitted = network
    for number in range(1, len(network.layers) + 1):
        weights, biases = answer.arrays[2 * number - 2 : 2 * number]
        fitted = fitted.with_layer(number, weights=weights, biases=biases)
    return fitted, answer.said


def fit(message: Message) -> tuple[dict[str, Any], list[Array]]:
    """Do it: the child's side of :func:`fit_apart`."""
    from toolkit.training import fit_rest

    network, rest = received(message)
    count = 2 * len(network.layers)
    masks = {at // 2 + 1: (rest[at] > 0, rest[at + 1] > 0) for at in range(0, count, 2)}
    (digits,) = digits_of(message.said["digits"], rest[count:])
    tell({"begun": True})
    found: Fitted = fit_rest(
        network, digits, hold=masks, **message.said["plan"],
        on_epoch=lambda epoch: tell(asdict(epoch)),
    )  # fmt: skip
    said = {
        name: getattr(found, name)
        for name in (
            "before",
            "after",
            "compared",
            "held",
            "trained",
            "started",
            "learned",
            "chosen_on",
        )
    }
    return {**said, "because": found.result.stopped_because}, sent(found.network)[0]


def sent(network: Network) -> tuple[list[Array], dict[str, Any]]:
    """Return how a network travels: its arrays, and what is said of it."""
    arrays: list[Array] = []
    for layer in network.layers:
        arrays += [layer.weights, layer.biases]
    return arrays, {
        "name": network.name,
        "layers": [[layer.activation, list(layer.grid)] for layer in network.layers],
    }


def received(
    message: Message, said: Mapping[str, Any] | None = None, arrays: Sequence[Array] | None = None
) -> tuple[Network, list[Array]]:
    """Return the network that was sent, and the arrays that follow it.

    Parameters
    ----------
    message : Message
    said, arrays : optional
        What is said of it, and from which array on; the message's own without.
    """
    said = message.said if said is None else said
    rest = list(message.arrays if arrays is None else arrays)
    layers = []
    for activation, grid in said["layers"]:
        layers.append(Layer(rest[0], rest[1], activation, Grid(*grid)))
        del rest[:2]
    return Network(tuple(layers), said["name"]), rest


def described(digits: DigitSet) -> list[Any]:
    """Return what is said of a digit set that is sent, beside its pixels and labels."""
    return [digits.name, list(digits.grid), digits.classes, list(digits.class_names)]


def digits_of(listed: Sequence[Sequence[Any]], arrays: Sequence[Array]) -> list[DigitSet]:
    """Return the digit sets that were sent, by what was :func:`described` of each."""
    return [
        DigitSet(pixels, labels, name, grid=Grid(*grid), classes=classes, class_names=tuple(names))
        for (name, grid, classes, names), pixels, labels in zip(
            listed, arrays[::2], arrays[1::2], strict=True
        )
    ]
