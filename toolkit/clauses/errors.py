"""What is wrong with a clause, and where."""

from __future__ import annotations


class ClauseError(ValueError):
    """A clause cannot be read, or one neuron cannot decide it.

    Attributes
    ----------
    start, end : int
        The characters of its text that this is about, from 0; equal where something is missing.
    """

    def __init__(self, message: str, start: int = 0, end: int = 0) -> None:
        super().__init__(message)
        self.start, self.end = start, end
