"""What can be done apart, as one calls it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from toolkit.apart import jobs
from toolkit.apart.parent import ApartError, RefusedError, run
from toolkit.digits.digitset import DigitSet
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.limits import LIMITS
from toolkit.formats.meaning.interpretation import Interpretation

if TYPE_CHECKING:
    from toolkit.experiments import Experiment

_SHOWN_TO_CHILD = 2000  # digits: what the interpretation tries on

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


def read_recipe(file: File, where: str, digits: DigitSet) -> Experiment:
    """Replay a recipe in a child process.

    Parameters
    ----------
    file : bytes or binary file
    where : str
        What to call it in an error.
    digits : DigitSet
        What its network must fit.

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
    try:
        message = run("recipe", where, _said_of(digits), _sample(digits), _opened(file, where))
    except ApartError as error:
        if error.code not in ("time", "memory", "answer"):
            raise
        advice = "; 'toolkit replay' makes its network in as much as it needs"
        raise ApartError(error.code, f"{error}{advice}") from error
    return jobs.experiment_of(message)


def read_picture(file: File, where: str) -> NDArray[np.uint8]:
    """Read a picture of a digit, in a child process, and bring it to MNIST's form.

    Parameters
    ----------
    file : bytes or binary file
    where : str
        What to call it in an error.

    Returns
    -------
    ndarray of uint8, shape (784,)

    Raises
    ------
    ValueError
        If it is no picture, or a blank one.
    ApartError
        If reading takes too much memory or time, or could not be done at all.
    """
    (pixels,) = run("picture", where, file=_opened(file, where)).arrays
    return pixels


def _said_of(digits: DigitSet) -> dict[str, Any]:
    return {"grid": list(digits.grid), "digits": digits.name}


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
