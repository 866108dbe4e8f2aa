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
    """

    name: str
    array: NDArray[Any]
    dtype: str
