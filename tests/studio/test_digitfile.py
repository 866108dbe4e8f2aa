"""Digits as one file for the page: all that is in a set, or a sample that keeps its numbers."""

from __future__ import annotations

import gc
import gzip

import numpy as np
import pytest

from toolkit.digits import DigitSet
from toolkit.fits import sample
from toolkit.network import Layer, Network
from toolkit.studio.digitfile import FEWER, DigitFiles, pack
from toolkit.studio.library import Laid, Library

WHOLE = DigitSet(
    np.random.default_rng(0).integers(0, 256, (2500, 6), np.uint8),
    np.random.default_rng(1).integers(0, 10, 2500),
)
NUMBERS = sample(2500, 2200)
LAID = {
    "all": Laid("noise", WHOLE, WHOLE, np.arange(2500)),
    "a sample": Laid("noise", WHOLE.subset(NUMBERS), WHOLE, NUMBERS),
}


@pytest.mark.parametrize("most", [None, *FEWER])
@pytest.mark.parametrize("which", LAID)
def test_what_is_in_a_file_is_what_is_in_the_set(which: str, most: int | None) -> None:
    laid = LAID[which]
    data = pack(laid, most)
    count, pixels, of, layout = np.frombuffer(data, "<u4", 4).tolist()
    assert (count, pixels, of, layout) == (min(most or 2500, len(laid.digits)), 6, 2500, 1)
    at = 16
    numbers = np.arange(2500)
    if count < of:
        numbers = np.frombuffer(data, "<u4", count, at)
        at += 4 * count
    assert (np.diff(numbers) > 0).all()
    assert data[at : at + count] == WHOLE.labels[numbers].tobytes()
    assert data[at + count :] == WHOLE.pixels[numbers].tobytes()


def test_a_file_is_made_once_and_forgotten_with_its_set() -> None:
    files, laid = DigitFiles(), Laid("noise", WHOLE, WHOLE, np.arange(2500))
    first = files.of(laid)
    assert gzip.decompress(first) == pack(laid)
    assert files.of(laid) is first
    assert files.of(laid, 10_000) is first
    assert files.of(laid, 2000) is files.of(laid, 2000)
    del laid
    gc.collect()
    assert not files._made


class Noise(Library):
    def open(self, name: str | None = None) -> DigitSet:
        return WHOLE


def test_a_set_is_known_by_its_file_s_name_as_long_as_it_is_in_use() -> None:
    library = Noise()
    network = Network((Layer(np.zeros((10, 6)), np.zeros(10), "sigmoid"),))
    laid = library.laid(None, network)
    assert library.in_use(laid.file) is laid
    assert library.in_use(WHOLE.checksum) is None
    again = Noise().laid(None, network)
    assert again.file == laid.file
    assert library.in_use(again.file) is laid
