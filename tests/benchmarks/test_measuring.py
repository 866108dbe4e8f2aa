"""How things are timed, and what they are measured against."""

from __future__ import annotations

import math

import numpy as np
import pytest

from toolkit.benchmarks import PARTS, Machine, Setting, in_turn, spread_of, this_machine, timed
from toolkit.benchmarks.clock import ratios
from toolkit.benchmarks.limits import Needs, limit_of, shared
from toolkit.benchmarks.machine import threads_set
from toolkit.benchmarks.parts import rescoring
from toolkit.benchmarks.peers import forward_passes
from toolkit.benchmarks.setting import open_setting
from toolkit.digits import DigitSet
from toolkit.network import Network
from toolkit.scoring import score
from toolkit.shipped import open_network


def some_digits(n: int = 40, pixels: int = 784) -> DigitSet:
    rng = np.random.default_rng(0)
    labels = np.arange(n) % 10
    return DigitSet(rng.integers(0, 256, (n, pixels), dtype=np.uint8), labels)


def test_ways_are_timed_in_turn_and_every_second_round_backwards() -> None:
    calls: list[str] = []

    def way(name: str) -> float:
        calls.append(name)
        return float(len(calls))

    found = in_turn([lambda: way("a"), lambda: way("b"), lambda: way("c")], 2)
    assert "".join(calls) == "abc" + "abc" + "cba"  # the first round warms up
    assert found == [[4, 9], [5, 8], [6, 7]]


def test_what_takes_long_has_fewer_rounds_but_never_less_than_three() -> None:
    assert [len(each) for each in in_turn([lambda: 1.0], 15, seconds=0)] == [3]


def test_what_is_prepared_is_not_timed() -> None:
    order: list[str] = []

    def prepare() -> object:
        order.append("prepared")
        return lambda: order.append("worked")

    seconds = timed(prepare)  # type: ignore[arg-type]
    assert order == []
    assert seconds() >= 0
    assert order == ["prepared", "worked"]


def test_ratios_are_of_the_same_round() -> None:
    # A machine that halves its speed from the second round on: the ratio stays.
    ours, theirs = [1.0, 2.0, 2.0], [10.0, 20.0, 20.0]
    assert spread_of(ratios(ours, theirs)).low == spread_of(ratios(ours, theirs)).high == 10


def test_a_spread_has_quartiles_as_numpy_has_them() -> None:
    values = [0.3, 2.5, 0.7, 9.0, 1.1, 4.2]
    found = spread_of(values)
    expected = np.quantile(values, [0.5, 0.25, 0.75, 0.95])
    assert (found.median, found.low, found.high, found.p95) == pytest.approx(expected)
    assert (found.most, found.runs) == (9.0, 6)
    for wrong in ([], [math.nan]):
        with pytest.raises(ValueError, match="expected one finite number or more"):
            spread_of(wrong)


def test_a_limit_is_the_largest_of_what_has_to_be_done_by_the_cheapest_way() -> None:
    a_copy, a_product = Needs(1e7), Needs(1e3, multiply_adds=1e5)
    dear, cheap = limit_of([a_copy]), limit_of([a_product])
    assert dear.seconds == dear.memory > cheap.seconds == cheap.multiply_adds > cheap.memory
    both = limit_of([a_copy, a_product])
    assert both.seconds < dear.seconds
    assert shared(cheap, spread_of([4 * cheap.seconds])).share == pytest.approx(0.25)


def test_what_a_stroke_needs_by_hand() -> None:
    # 21 pixels, 8 + 8 bytes of sums, an activation of 4, answer and label; 21 products, 16 for the
    # change of layer 2, 160 for the outputs; a sigmoid in layer 1, 16 in layer 2.
    by_change, in_full = rescoring.needs_after(open_network("mnist-sigmoid"), 100)
    assert by_change.bytes == 100 * (21 + 16 + 4 + 2 + 8 * 16)
    assert by_change.multiply_adds == 100 * (21 + 16 + 160)
    assert by_change.exponentials == 100 * 17
    assert in_full.multiply_adds == 100 * (21 + 256 + 160)
    assert rescoring.needs_after(open_network("mnist-relu"), 100)[0].exponentials == 0
    (full,) = rescoring.needs_in_full(open_network("mnist-sigmoid"), 100)
    assert full.multiply_adds == 100 * (784 * 16 + 256 + 160)


@pytest.mark.parametrize("name", ["mnist-sigmoid", "mnist-relu"])
def test_each_peer_that_is_installed_reads_digits_as_the_toolkit_does(name: str) -> None:
    pytest.importorskip("onnxruntime")
    network, digits = open_network(name), some_digits()
    found = forward_passes(network, digits, 1)
    ran = {peer: run() for peer, run in found.items() if not isinstance(run, str)}
    assert {peer.split()[0] for peer in ran} >= {"NumPy", "onnxruntime", "scikit-learn"}
    for answers in ran.values():
        assert np.array_equal(answers, score(network, digits).predictions)


def test_digits_of_another_form_are_refused() -> None:
    with pytest.raises(ValueError, match="expected 28×28 pixels in 10 classes"):
        open_setting(lambda split: some_digits(pixels=64))


def test_two_machines_are_of_a_kind_where_all_that_decides_speed_is_equal() -> None:
    here = this_machine(1)
    assert here.kind == this_machine(1).kind != this_machine(2).kind
    assert isinstance(here, Machine)
    assert all(f"{each}" in here.kind for each in (here.processor, here.cores, here.blas))


@pytest.mark.parametrize(
    ("openblas", "omp", "expected"),
    [("1", "1", 1), ("2", "2", 2), ("1", "2", None), ("", "", None), ("x", "x", None)],
)
def test_threads_are_known_where_both_variables_say_the_same(
    monkeypatch: pytest.MonkeyPatch, openblas: str, omp: str, expected: int | None
) -> None:
    monkeypatch.setenv("OPENBLAS_NUM_THREADS", openblas)
    monkeypatch.setenv("OMP_NUM_THREADS", omp)
    assert threads_set() == expected


def test_each_figure_has_one_key_that_begins_with_its_part() -> None:
    setting = Setting(some_digits(), some_digits)
    for name, part in PARTS.items():
        keys = [key for job in part.jobs(setting) for key in job.figures]
        assert part.name == name
        assert keys and len(keys) == len(set(keys))
        assert all(key.startswith(f"{name}.") for key in keys)


def test_a_stroke_changes_as_many_cells_of_one_neuron_as_it_says() -> None:
    network = Network.blank()
    changed = rescoring.stroke(network, np.random.default_rng(0)).layer(1).weights != 0
    assert np.count_nonzero(changed) == np.count_nonzero(changed.any(axis=1)) * 21 == 21
