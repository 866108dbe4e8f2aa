"""A value as an error shows it."""

from __future__ import annotations

from numbers import Integral

_LONGEST = 60


def shown(value: object) -> str:
    """Return a value in few characters, whatever it is.

    Examples
    --------
    >>> shown("edge"), shown(3), shown(10**100)
    ("'edge'", '3', 'a whole number of 333 bits')
    """
    if isinstance(value, bool):
        return repr(value)
    if isinstance(value, Integral):
        number = int(value)
        bits = number.bit_length()
        return str(number) if bits <= 64 else f"a whole number of {bits:,} bits"
    try:
        text = repr(float(value) if isinstance(value, float) else value)
    except Exception:  # a list may hold what Python refuses to print
        return type(value).__name__
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"
