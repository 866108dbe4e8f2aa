"""Whether a network can be shown digits is decided in one place, and everybody asks there."""

from __future__ import annotations

import itertools
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.digits import DigitSet, generate
from toolkit.fits import FEWEST_DIGITS, SHELL, WORKBENCH, bytes_a_digit, fits
from toolkit.formats import save
from toolkit.grid import Grid
from toolkit.network import Network
from toolkit.scoring import score
from toolkit.studio.library import Library

TEN_THOUSAND = DigitSet(
    np.zeros((10_000, 784), np.uint8), np.arange(10_000) % 10, grid=Grid(28, 28)
)


def test_a_wide_network_is_scored_on_fewer_digits_spread_over_the_set() -> None:
    assert fits((784, 16, 16, 10), TEN_THOUSAND).count == 10_000
    assert fits((784, 512, 512, 10), TEN_THOUSAND).share == ""
    wide = fits((784, 3000, 10), TEN_THOUSAND)
    # 16 bytes a digit for each of 3,000 hidden neurons, 4 for each of 10 outputs.
    assert bytes_a_digit((784, 3000, 10)) == 48_040
    assert wide.count == 104_000_000 // 48_040 // 50 * 50 == 2150
    assert wide.share == "scored on 2,150 of 10,000 digits, since the network is wide"
    laid = wide.lay(TEN_THOUSAND)
    counts = np.bincount(laid.labels, minlength=10)
    assert counts.sum() == 2150
    assert counts.min() > 100


def test_of_a_set_in_order_all_classes_are_among_the_fewer() -> None:
    sorted_set = DigitSet(np.zeros((10_000, 784), np.uint8), np.repeat(np.arange(10), 1000))
    wide = fits((784, 3000, 10), sorted_set)
    laid, again = wide.lay(sorted_set), wide.lay(sorted_set)
    assert np.bincount(laid.labels, minlength=10).min() > 100
    assert np.array_equal(laid.labels, again.labels), "the same ones each time"
    assert np.array_equal(laid.labels, sorted_set.labels[wide.numbers])
    assert np.array_equal(fits((784, 16, 10), sorted_set).numbers, np.arange(10_000))


@pytest.mark.parametrize(
    ("sizes", "why"),
    [
        ((61, 10), "expected inputs that fill a grid; got 61-10"),
        ((784, 257), "expected at most 256 outputs, one a class; got 784-257"),
        ((160_000, 10), "expected a network that 1,000 digits can be shown to; got 160000-10"),
        ((784, 20_000, 10), "expected at most 3,072 neurons; got 784-20000-10, with 20,010"),
        ((784, *[10] * 2002), "at most 64 layers; got 784-10-10-10-10-10-…-10, with 2,002"),
        ((784, 1200, 1300, 10), "expected at most 2,500,000 weights and biases"),
        ((7921, 400, 10), "expected at most 2,500,000 weights and biases"),
    ],
)  # fmt: skip
def test_what_does_not_fit_is_said_in_one_sentence(sizes: tuple[int, ...], why: str) -> None:
    found = fits(sizes, TEN_THOUSAND)
    assert not found
    assert why in found.why
    with pytest.raises(ValueError, match="expected"):
        found.lay(TEN_THOUSAND)


@given(st.lists(st.integers(1, 5000), min_size=1, max_size=70))
def test_what_fits_costs_no_more_than_the_budget(sizes: list[int]) -> None:
    whole = (*sizes, 10)
    found = fits(whole, TEN_THOUSAND)
    if not found:
        return
    assert FEWEST_DIGITS <= found.count <= 10_000
    assert whole[0] * found.count <= WORKBENCH.pixels
    assert bytes_a_digit(whole) * found.count <= WORKBENCH.response_bytes
    assert sum((i + 1) * o for i, o in itertools.pairwise(whole)) <= WORKBENCH.parameters
    assert fits(whole, TEN_THOUSAND, SHELL).count >= found.count


def test_digits_as_they_come_are_never_too_many() -> None:
    many = DigitSet(np.zeros((60_000, 784), np.uint8), np.zeros(60_000, int))
    assert fits((784, 16, 16, 10), many).count == 60_000


def test_all_who_ask_are_told_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from toolkit.cli import main

    odd, small = tmp_path / "odd.npz", tmp_path / "small.npz"
    save(Network.random((61, 10), name="odd"), odd)
    save(Network.random((64, 8, 10), name="small"), small)
    why = fits(Network.random((61, 10), name="odd"), generate(10)).why
    for command in (["evaluate"], ["app", "--no-browser"]):
        assert main([*command, str(odd), "--digits", "drawn"]) == 2
        assert why in capsys.readouterr().err
    assert main(["info", str(odd), "--digits", "drawn"]) == 0
    assert why in capsys.readouterr().err
    with pytest.raises(ValueError, match="got 61-10"):
        Library().laid("drawn", Network.random((61, 10), name="odd"))
    assert main(["evaluate", str(small), "--digits", "drawn"]) == 0
    assert "small on" in capsys.readouterr().out
    assert Library().laid("drawn", Network.random((64, 8, 10))).digits.grid == Grid(8, 8)
    with pytest.raises(ValueError, match="inputs that fill a grid; got 61-10"):
        score(Network.random((61, 10)), generate(10))
