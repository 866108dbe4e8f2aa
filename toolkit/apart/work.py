"""What can be done apart, as one calls it."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from toolkit.apart import jobs
from toolkit.apart.parent import ApartError, Bounds, Lane, RefusedError, run
from toolkit.digits.digitset import DigitSet
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.limits import LIMITS
from toolkit.formats.meaning.interpretation import Interpretation

if TYPE_CHECKING:
    from toolkit.experiments import Experiment
    from toolkit.network import Network
    from toolkit.palette import Scale

_SHOWN_TO_CHILD = 2000  # digits: what the interpretation tries on
# Matplotlib asks another program for the fonts that there are, and keeps a list of them.  Nothing
# of what it draws is a stranger's but numbers and names.
_DRAWING = Bounds(seconds=60.0, waiting_seconds=20.0, alone=False)
# A history comes back whole: its steps, which the job itself keeps in bounds, and networks.
_REPLAYING = Bounds(answer_bytes=80 << 20)
_DRAW = Lane("draw", "drawing", "drawn")

File = bytes | BinaryIO


def read_network(file: File, where: str, digits: DigitSet) -> list[Interpretation]:
    """Read a network's file, and try what it leaves open, in a child process.

    Parameters
    ----------
    file : bytes or binary file
    where : str
        What to call it in an error.
    digits : DigitSet
        What to try on, on the grid they come in.

    Returns
    -------
    list of Interpretation
        As :func:`toolkit.formats.meaning.interpretation.possibilities` gives them: what the file
        says was read once, and what they make of it is made when asked for.

    Raises
    ------
    NetworkFileError
        If it cannot be read as a network, or the network does not fit digits.
    ApartError
        If reading takes too much memory or time, or could not be done at all.
    """
    file = _opened(file, where)
    try:
        message = run("network", where, _said_of(digits), _sample(digits), file)
    except RefusedError as error:
        raise NetworkFileError(str(error)) from error
    return jobs.ways_of(message)


def read_recipe(file: File, where: str, digits: DigitSet, beside: Path | None = None) -> Experiment:
    """Replay a recipe in a child process.

    Parameters
    ----------
    file : bytes or binary file
    where : str
        What to call it in an error.
    digits : DigitSet
        What its network must fit.
    beside : Path, optional
        The recipe's folder, where a network to start from may lie; else it must hold its own.

    Returns
    -------
    Experiment
        Under a new id; its steps are read when first asked for.

    Raises
    ------
    ValueError
        If it is no recipe, or its network does not fit digits.
    ApartError
        If replaying takes too much memory or time, or could not be done at all.
    """
    said = {**_said_of(digits), "beside": None if beside is None else str(beside.absolute())}
    try:
        message = run("recipe", where, said, _sample(digits), _opened(file, where), _REPLAYING)
    except ApartError as error:
        if error.code not in ("time", "memory", "answer"):
            raise
        advice = "; 'toolkit replay' makes its network in as much as it needs"
        raise ApartError(error.code, f"{error}{advice}") from error
    return jobs.experiment_of(message)


def read_picture(file: File, where: str) -> tuple[NDArray[np.uint8], bool]:
    """Read a picture of a digit, in a child process, and bring it to MNIST's form.

    Parameters
    ----------
    file : bytes or binary file
    where : str
        What to call it in an error.

    Returns
    -------
    pixels : ndarray of uint8, shape (784,)
    another : bool
        Whether there may be another digit on the picture, which was left out.

    Raises
    ------
    ValueError
        If it is no picture, or a blank one.
    ApartError
        If reading takes too much memory or time, or could not be done at all.
    """
    message = run("picture", where, file=_opened(file, where))
    (pixels,) = message.arrays
    return pixels, bool(message.said["another"])


def draw_atlas(
    network: Network,
    kind: str,
    where: str,
    *,
    order: Mapping[int, Sequence[int]],
    captions: Mapping[tuple[int, int], str],
    scale: Scale,
    palette: str,
    never_lit: NDArray[np.bool_] | None,
) -> bytes:
    """Draw a network's atlas in a child process: the figure's libraries and memory go with it.

    Parameters
    ----------
    network : Network
    kind : str
        As :func:`toolkit.plots.figure_bytes` takes it.
    where : str
        What to call the figure in an error.
    order : mapping of int to sequence of int
        For each layer, the neurons that are shown.
    captions, scale, palette, never_lit
        As :func:`toolkit.plots.figure_atlas` takes them.

    Raises
    ------
    ApartError
        If drawing takes too much memory or time, or could not be done at all.
    """
    arrays = [array for layer in network.layers for array in (layer.weights, layer.biases)]
    if never_lit is not None:
        arrays.append(never_lit.astype(np.uint8))
    said = {
        "name": network.name,
        "layers": [[layer.activation, list(layer.grid)] for layer in network.layers],
        "order": [list(order[number]) for number in range(1, len(network.layers) + 1)],
        "captions": [
            [layer, index, captions[layer, index]] for layer in order for index in order[layer]
        ],
        "scale": [scale.kind, scale.limit, scale.gamma],
        "palette": palette,
        "kind": kind,
    }
    (data,) = run("atlas", where, said, arrays, bounds=_DRAWING, lane=_DRAW).arrays
    return data.tobytes()


def _said_of(digits: DigitSet) -> dict[str, Any]:
    return {
        "grid": list(digits.grid), "digits": digits.name, "classes": digits.classes,
        "reach": digits.reach(),
    }  # fmt: skip


def _sample(digits: DigitSet) -> list[NDArray[np.uint8]]:
    some = digits.subset(slice(_SHOWN_TO_CHILD))
    return [some.pixels, some.labels]


def _opened(file: File, where: str) -> BinaryIO:
    if isinstance(file, bytes):
        file = io.BytesIO(file)
    size = file.seek(0, io.SEEK_END)
    if size > LIMITS.file_bytes:
        raise NetworkFileError(
            f"{where}: {size >> 20} MiB; at most {LIMITS.file_bytes >> 20} MiB are read"
        )
    return file
