"""An array of a file under its name there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Tensor:
    """One array of a file.

    Attributes
    ----------
    name : str
    array : ndarray
        bfloat16 widened to float32.
    dtype : str
        As it is in the file: NumPy's code with its byte order, or ``"bfloat16"``.
    place : (str, int, tuple of int) or None
        Its storage, where it begins there and its strides, in numbers; None where no other array
        can be the same.
    """

    name: str
    array: NDArray[Any]
    dtype: str
    place: tuple[str, int, tuple[int, ...]] | None = None
