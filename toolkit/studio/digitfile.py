"""A digit set as one file, for the page that scores a network while it is painted.

Sixteen bytes say how many digits there are, how many pixels each has, how many the whole set has,
and which layout this is; then come, as little-endian numbers of four bytes, the digits' numbers in
the whole set, where these are not all; then the labels, a byte each; then the pixels, a byte each,
one digit after another, as they compress best.
"""

from __future__ import annotations

import gzip
import threading
from weakref import WeakKeyDictionary

import numpy as np

from toolkit.fits import sample
from toolkit.studio.library import Laid

LAYOUT = 1
FEWER = (2_000, 10_000)
"""How many digits a page may ask for that has no room for all, or a slow line."""
_LEVEL = 6  # of MNIST's 10,000 in 0.14 s 1.63 MB of 7.84; 9 takes 2.1 s for 1.60 MB


def pack(laid: Laid, most: int | None = None) -> bytes:
    """Return a set's bytes, or those of a sample where it has more than `most` digits."""
    digits, numbers = laid.digits, laid.numbers
    if most is not None and most < len(digits):
        which = sample(len(digits), most)
        digits, numbers = digits.subset(which), numbers[which]
    count, pixels = digits.pixels.shape
    parts = [np.array([count, pixels, laid.of, LAYOUT], "<u4").tobytes()]
    if count < laid.of:
        parts.append(numbers.astype("<u4").tobytes())
    return b"".join([*parts, digits.labels.tobytes(), digits.pixels.tobytes()])


class DigitFiles:
    """Compressed files of the sets in use: each made once, and no longer kept than the set is."""

    def __init__(self) -> None:
        self._made: WeakKeyDictionary[Laid, dict[int | None, bytes]] = WeakKeyDictionary()
        self._making = threading.Lock()

    def of(self, laid: Laid, most: int | None = None) -> bytes:
        """Return :func:`pack`'s bytes as gzip has them."""
        if most is not None and most >= len(laid.digits):
            most = None
        # A class that comes at once asks for one file: it is made once, and the others wait.
        with self._making:
            known = self._made.setdefault(laid, {})
            if most not in known:
                known[most] = gzip.compress(pack(laid, most), _LEVEL, mtime=0)
            return known[most]
