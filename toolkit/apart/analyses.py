"""A network looked into from all sides, in a child process."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.apart.lessons import described, digits_of, received, sent
from toolkit.apart.parent import Bounds, Lane, Leash, run
from toolkit.apart.wire import Array, Message, tell

if TYPE_CHECKING:
    from toolkit.digits.digitset import DigitSet
    from toolkit.network import Network

ANALYSES = Lane("analyse", "analysing", "analysed", BoundedSemaphore(1))
_BOUNDS = Bounds(seconds=180.0, waiting_seconds=600.0, answer_bytes=16 << 20)


def analyse_apart(
    network: Network,
    digits: DigitSet,
    numbers: Sequence[int] | None = None,
    leash: Leash | None = None,
    told: Callable[[dict[str, Any]], None] | None = None,
    *,
    unlit: NDArray[np.bool_] | None = None,
) -> bytes:
    """Analyse a network in a child process.

    Parameters
    ----------
    network : Network
    digits : DigitSet
        What to measure on, on the grid that the network takes.
    numbers : sequence of int, optional
        By which the digits are known where these are part of more; their positions without.
    leash : Leash, optional
    told : callable, optional
        Called with ``done``, 0 to 1, and ``doing``, what is being done then.
    unlit : ndarray of bool, shape (pixels,), optional
        The pixels that no digit lights, if not none of `digits`.

    Returns
    -------
    bytes
        What :meth:`toolkit.report.Report.to_json` says, as compact JSON, and ``needed``, the score
        from which on a verdict names a shape.

    Raises
    ------
    ValueError
        If the digits do not fit, or there are none.
    ApartError
        If it takes too much memory or time, could not be done at all, or was stopped.
    """
    arrays, said = sent(network)
    said["digits"] = [described(digits)]
    said["numbers"] = None if numbers is None else list(map(int, numbers))
    said["names"] = [[*at, name] for at, name in network.names.items()]
    arrays += [digits.pixels, digits.labels]
    said["unlit"] = unlit is not None
    if unlit is not None:
        arrays.append(unlit.astype(np.uint8))
    answer = run(
        "analysis", network.name, said, arrays, bounds=_BOUNDS, lane=ANALYSES, leash=leash,
        told=told,
    )  # fmt: skip
    return answer.arrays[0].tobytes()


def analysis(message: Message) -> tuple[dict[str, Any], list[Array]]:
    """Do it: the child's side of :func:`analyse_apart`."""
    from toolkit.analysis.shapes import ALIKE
    from toolkit.report import analyse

    network, rest = received(message)
    names = {(layer, index): name for layer, index, name in message.said["names"]}
    if names:
        network = type(network)(network.layers, network.name, names=names)
    unlit = rest.pop().astype(bool) if message.said["unlit"] else None
    (digits,) = digits_of(message.said["digits"], rest)

    def told(done: float, doing: str) -> None:
        tell({"done": done, "doing": doing})

    report = analyse(network, digits, unlit=unlit, progress=told)
    found = json.loads(report.to_json())
    numbers = message.said["numbers"]
    if numbers is not None:
        for each in found["network"].get("mistakes", []):
            each["digit"] = numbers[each["digit"]]
    found["needed"] = ALIKE
    text = json.dumps(found, allow_nan=False, separators=(",", ":"))
    return {}, [np.frombuffer(text.encode(), np.uint8)]
