"""Two networks' neurons and layers matched; in a child process where they are wide."""

from __future__ import annotations

import json
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.apart.lessons import received, sent
from toolkit.apart.parent import Bounds, Lane, run
from toolkit.apart.wire import Array, Message
from toolkit.network import Network, Responses

if TYPE_CHECKING:
    from collections.abc import Sequence

WAYS = ("weights", "activations")
COMPARING = Lane("compare", "comparing", "compared", BoundedSemaphore(1))
_BOUNDS = Bounds(seconds=60.0, waiting_seconds=60.0)


def matched_apart(
    networks: tuple[Network, Network], pixels: tuple[NDArray[np.uint8], NDArray[np.uint8]]
) -> dict[str, Any]:
    """Do what :func:`matched` does in a child process.

    Parameters
    ----------
    networks, pixels
        As :func:`matched` takes them.

    Raises
    ------
    ApartError
        If it takes too much memory or time, or could not be done at all.
    """
    (first, one), (second, other) = map(sent, networks)
    where = f"{networks[0].name} and {networks[1].name}"
    said = {**one, "other": other}
    arrays = [*first, *second, *pixels]
    answer = run("pair", where, said, arrays, bounds=_BOUNDS, lane=COMPARING)
    found: dict[str, Any] = json.loads(answer.arrays[0].tobytes())
    return found


def pair(message: Message) -> tuple[dict[str, Any], list[Array]]:
    """Do it: the child's side of :func:`matched_apart`."""
    one, rest = received(message)
    other, (first, second) = received(message, message.said["other"], rest)
    found = matched((one, other), (first, second))
    return {}, [np.frombuffer(json.dumps(found, allow_nan=False).encode(), np.uint8)]


def matched(
    networks: tuple[Network, Network], pixels: tuple[NDArray[np.uint8], NDArray[np.uint8]]
) -> dict[str, Any]:
    """Match two networks' neurons, both ways, and compare their layers.

    Parameters
    ----------
    networks : tuple of two Network
    pixels : tuple of two ndarray of uint8, shape (n, inputs)
        The same digits on either's grid.

    Returns
    -------
    dict
        Plain data, None for a number that is none.  ``matches``: for each of :data:`WAYS` its
        ``layers``, or an ``error``.  ``cka``: a row for each of the first one's layers.
    """
    # With scipy, which the server's memory at rest is not to hold.
    from toolkit.analysis.whole import cka, match_neurons, matched_distances

    one, other = networks
    over = _responses(one, pixels[0]), _responses(other, pixels[1])
    matches: dict[str, Any] = {}
    for by in WAYS:
        try:
            found = match_neurons(one, other, by=by, responses=over)
        except ValueError as error:
            matches[by] = {"error": str(error)}
            continue
        apart = matched_distances(one, other, found) if one.sizes[0] == other.sizes[0] else ()
        matches[by] = {
            "layers": [
                {
                    "order": each.order.tolist(),
                    "similarity": _plain(each.similarity),
                    "sign": each.sign.tolist(),
                    "distance": _plain(apart[at]) if apart else [None] * len(each.order),
                }
                for at, each in enumerate(found)
            ]
        }
    return {"matches": matches, "cka": [_plain(row) for row in cka(*over)]}


def unmatched(networks: tuple[Network, Network], why: str) -> dict[str, Any]:
    """Return what :func:`matched` does, with nothing found, and why."""
    rows, columns = (len(each.layers) for each in networks)
    return {
        "matches": {by: {"error": why} for by in WAYS},
        "cka": [[None] * columns for _ in range(rows)],
    }


def _responses(network: Network, pixels: NDArray[np.uint8]) -> Responses:
    with np.errstate(all="ignore"):
        return network.forward(pixels.astype(np.float32) / np.float32(255))


def _plain(values: Sequence[float] | NDArray[np.float64]) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
