"""README's table and the benchmark's own page, made of a run that was written by hand."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from tests.benchmarks.pages import (
    PAGE,
    ROWS,
    Row,
    page_parts,
    pictures,
    readme_rows,
    with_parts,
    with_rows,
)
from tests.benchmarks.run import ALL
from tests.benchmarks.test_history import MACHINE, spread
from tests.benchmarks.test_measuring import some_digits
from toolkit.benchmarks import Beside, Figure, Limit, Result, Run, Setting, Spread
from toolkit.benchmarks.running import UnmeasuredError

RATES = {"bytes": 2e10, "multiply_adds": 4e10, "exponentials": 2e9}


def times(milliseconds: float) -> Spread:
    return spread(*(each * milliseconds / 1000 for each in (0.9, 1, 1.1)))


def result(ours: float, torch: float | None = None) -> Result:
    peer = Beside("PyTorch 2.14", absent="not installed; pip install torch")
    if torch is not None:
        ratio = spread(0.9 * torch / ours, torch / ours, 1.1 * torch / ours)
        peer = Beside("PyTorch 2.14", times(torch), ratio, 0.97)
    limit = Limit(1e-4, 2e-4, 3e-4, 3e-4, 3e-4 / (ours / 1000))
    return Result(times(ours), beside=(peer,), accuracy=0.97, limit=limit)


def run(**figures: Result) -> Run:
    found = {key.replace("_", "."): each for key, each in figures.items()}
    curves = {f"cost.{name}.{at}": result(at / 9, at) for name in ("digits", "neurons", "brush")
              for at in (1, 10)}  # fmt: skip
    return Run(
        "2026-01-02T03:04:05+00:00", "0.1.0", "0ce1d45", MACHINE, 0.1, "MNIST, 0123", RATES,
        tuple(Figure(key, f"about {key}", each) for key, each in (found | curves).items()), {},
    )  # fmt: skip


def test_a_row_has_medians_and_peers_of_the_same_run() -> None:
    found = run(
        rescoring_stroke_sigmoid_test=result(1.25, 8),
        rescoring_stroke_sigmoid_train=result(4.5, 54),
    )
    at = [row.what for row in ROWS].index("re-score 10,000 / 60,000 digits after a stroke")
    assert readme_rows(found)[at] == (
        "| re-score 10,000 / 60,000 digits after a stroke | 1.25 / 4.5 ms | "
        "PyTorch, full forward pass: 8 / 54 ms; NumPy: not measured |"
    )
    assert readme_rows(run())[at].endswith("| not measured | |")


def test_each_row_is_of_figures_that_there_are() -> None:
    keys = set()
    for part in ALL.values():
        try:
            jobs = part.jobs(Setting(some_digits(), some_digits))
        except UnmeasuredError:  # no browser here
            keys |= {key for row in ROWS for key in row.keys if key.startswith(f"{part.name}.")}
            continue
        keys |= {key for job in jobs for key in job.figures}
    assert {key for row in ROWS for key in row.keys} <= keys


def test_a_row_is_put_into_the_table_and_the_rest_stays() -> None:
    head = "| what | median | beside it, in the same run |\n|---|---|---|\n"
    text = f"# Title\n\n{head}| old | 1 ms | |\n| older | | |\n\nAfter.\n"
    assert with_rows(text, ["| new | 2 ms | |"]) == f"# Title\n\n{head}| new | 2 ms | |\n\nAfter.\n"
    with pytest.raises(ValueError, match="no table"):
        with_rows("# Title\n", [])


def test_the_page_has_a_place_for_all_that_is_made_and_making_it_twice_is_making_it_once() -> None:
    parts = page_parts(run(rescoring_stroke=result(2, 40), looking_neuron=result(8)))
    text = PAGE.read_text(encoding="utf-8")
    made = with_parts(text, parts)
    assert all(part in made for part in parts.values())
    assert with_parts(made, parts) == made
    assert "| about rescoring.stroke | 2 ms (1.8–2.2), 97.00% | PyTorch 2.14: 40 ms, **×20** (18–22)" in made  # fmt: skip # noqa: E501
    assert "| about rescoring.stroke | 2 ms | 0.1 ms | 0.2 ms | **0.3 ms** | 15% |" in made
    assert "| about looking.neuron | 8 ms (7.2–8.8) |" in parts["alone"]
    assert "about rescoring" not in parts["alone"]


def test_the_pictures_are_small_svg_that_say_what_is_what() -> None:
    for name, data in pictures(run(rescoring_stroke=result(2, 40))).items():
        assert ElementTree.fromstring(data).tag.endswith("svg"), name
        assert len(data) < 200_000


def test_a_row_may_have_its_95th_percentile() -> None:
    (found,) = (row for row in ROWS if row.keys == ("looking.neuron",))
    assert isinstance(found, Row)
    (said,) = (each for each in readme_rows(run(looking_neuron=result(8))) if found.what in each)
    assert "| 8 ms, 95th percentile 8.8 ms |" in said
