"""What the trainer accepts: its arguments, checked and made plain."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.digits.digitset import DigitSet
from toolkit.network import Float, Network


def views(flat: Float, network: Network) -> list[tuple[Float, Float]]:
    """Return each layer's weights and biases as views of one vector."""
    pairs, at = [], 0
    for layer in network.layers:
        middle = at + layer.weights.size
        end = middle + layer.size
        pairs.append((flat[at:middle].reshape(layer.weights.shape), flat[middle:end]))
        at = end
    return pairs


def split(
    fraction: float, count: int, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the positions kept and those set aside, a fraction of `count`, at random."""
    if not (_is_number(fraction) and 0 < fraction < 1):
        raise ValueError(f"validation: expected a DigitSet or a fraction between 0 and 1; "
                         f"got {fraction!r}")  # fmt: skip
    size = round(fraction * count)
    if not 0 < size < count:
        raise ValueError(
            f"validation: expected a fraction that leaves digits on both sides; "
            f"got {fraction!r} of {count} digits"
        )
    order = rng.permutation(count)
    return np.sort(order[size:]), np.sort(order[:size])


def check_digits(what: str, digits: DigitSet, network: Network) -> None:
    """Raise ValueError unless there are digits and they fit the network's inputs."""
    if not isinstance(digits, DigitSet):
        raise ValueError(f"{what}: expected a DigitSet; got {type(digits).__name__}")
    if not len(digits):
        raise ValueError(f"{what}: expected at least one digit; got none")
    if digits.pixels.shape[1] != network.sizes[0]:
        raise ValueError(
            f"{what}: expected images of {network.sizes[0]} pixels, the network's inputs; "
            f"got {digits.pixels.shape[1]}"
        )


def check_choice(what: str, value: object, choices: Sequence[str]) -> None:
    """Raise ValueError unless the value is among the choices."""
    if value not in choices:
        raise ValueError(f"{what}: expected one of {', '.join(choices)}; got {value!r}")


def check_decay(weight_decay: float | Sequence[float], layers: int) -> tuple[float, ...]:
    """Return one weight decay a layer."""
    decays: tuple[Any, ...] = (weight_decay,)
    if _is_number(weight_decay):
        decays *= layers
    elif isinstance(weight_decay, Sequence):
        decays = tuple(weight_decay)
    if len(decays) != layers or not all(_is_number(d) and 0 <= d < math.inf for d in decays):
        raise ValueError(
            f"weight_decay: expected a number, 0 or more, or {layers} of them, one a layer; "
            f"got {weight_decay!r}"
        )
    return tuple(float(decay) for decay in decays)


def check_numbers(
    epochs: int, batch_size: int, rate: float, patience: int | None, average: float | None,
    seed: int,
) -> None:  # fmt: skip
    """Raise ValueError, naming the argument, unless every number is in its range."""
    for what, value in (("epochs", epochs), ("batch_size", batch_size), ("patience", patience)):
        if what == "patience" and value is None:
            continue
        if not _is_whole(value) or value < 1:  # type: ignore[operator]
            raise ValueError(f"{what}: expected a whole number, 1 or more; got {value!r}")
    if not _is_whole(seed) or seed < 0:
        raise ValueError(f"seed: expected a whole number, 0 or more; got {seed!r}")
    if not (_is_number(rate) and 0 < rate < math.inf):
        raise ValueError(f"rate: expected a number greater than 0; got {rate!r}")
    if average is not None and not (_is_number(average) and 0 < average < 1):
        raise ValueError(f"average: expected a number between 0 and 1; got {average!r}")


def _is_whole(value: object) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, float | int | np.floating | np.integer) and not isinstance(value, bool)
