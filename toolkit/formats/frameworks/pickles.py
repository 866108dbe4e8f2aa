"""Pickled lists of NumPy arrays, as Nielsen's code and its descendants save them."""

from __future__ import annotations

from toolkit.formats.containers import inert_pickle
from toolkit.formats.frameworks import nested, nielsen
from toolkit.formats.guard import Budget
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning.reading import Reading

_OLD_STARTS = (b"(lp", b"(dp", b"((l", b"(i__", b"cnumpy", b"ccopy_reg", b"c__main__")


def looks_like(data: bytes) -> bool:
    """Tell whether bytes begin as a pickle does, of whatever protocol; or begin and end so."""
    if data[:1] == b"\x80" and len(data) > 1 and data[1] <= 5:
        return True
    if data.startswith(_OLD_STARTS):
        return True
    return data[:1] in (b"(", b"]", b"}", b"c", b"l", b"d") and data[-1:] == b"."


def read(data: bytes, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read a pickle of ``[weights, biases]``, or of arrays by name.

    Nothing in it is executed: see :mod:`toolkit.formats.containers.inert_pickle`.

    Parameters
    ----------
    data : bytes
        Any protocol, Python 2's included.

    Raises
    ------
    NetworkFileError
        Also if it holds anything else.
    """
    value = inert_pickle.loads(data, Budget(limits, where))
    reading = nested.read(value, "a pickle", where, limits)
    cost = value.get("cost") if isinstance(value, dict) else None
    return nielsen.all_sigmoid(reading) if isinstance(cost, str) else reading
