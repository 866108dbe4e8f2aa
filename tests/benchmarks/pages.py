"""README's table, the benchmark's own page and its pictures, from a run: ``make figures``."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tests.benchmarks.checkout import ROOT
from toolkit.benchmarks import Beside, Figure, Run, Spread
from toolkit.benchmarks.records import run_from_json
from toolkit.benchmarks.telling import MANY, about, amount, amounts, share_of
from toolkit.plots import figure_bytes, figure_costs, figure_times_as_long

RUN = ROOT / "tests" / "benchmarks" / "figures.json"
README = ROOT / "README.md"
PAGE = ROOT / "toolkit" / "benchmarks" / "README.md"
PICTURES = ROOT / ".github" / "pictures"
_HEAD = "| what | median | beside it, in the same run |\n|---|---|---|\n"
_MADE = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->\n)", re.DOTALL)
_NONE = (float("nan"),) * 3
_CURVES = {"digits": "digits", "neurons": "neurons of layer 1", "brush": "cells of the stroke"}


@dataclass(frozen=True)
class Row:
    """One of README's rows.

    Attributes
    ----------
    what : str
    keys : tuple of str
        Of the figures that it gives, with slashes between.
    beside : mapping of str to str
        What is found in a peer's name, and how it is called there.
    beyond : {"", "p95", "most"}
        Whether the 95th percentile or the largest stands beside the median.
    """

    what: str
    keys: tuple[str, ...]
    beside: Mapping[str, str] = field(default_factory=dict)
    beyond: str = ""


_BEYOND = {"p95": "95th percentile", "most": "longest"}
_FULL = {"PyTorch": "PyTorch, full forward pass", "NumPy": "NumPy"}
ROWS = (
    Row("pointer up → the step saved on disk, the exact accuracy on 10,000 digits in the page",
        ("page.accuracy.one",), beyond="p95"),
    Row("the same, 29 others painting", ("page.accuracy.thirty",), beyond="p95"),
    Row("pointer event → painted frame, 10,000 digits scored live",
        ("painting.painted.test",), beyond="p95"),
    Row("frames within 17 ms over 10 s of painting, 10,000 / 70,000 digits scored live",
        ("painting.frames.test", "painting.frames.all")),
    Row("new accuracies meanwhile, 10,000 / 70,000 digits",
        ("painting.accuracies.test", "painting.accuracies.all")),
    Row("from frame to frame while painting, 784-2000-10", ("wide.frames.2000",), beyond="most"),
    Row("re-score 10,000 / 60,000 digits after a stroke",
        ("rescoring.stroke.sigmoid.test", "rescoring.stroke.sigmoid.train"), _FULL),
    Row("the same, 784-512-512-10, 10,000 digits", ("rescoring.stroke.wide-relu.test",), _FULL),
    Row("one epoch of 60,000 digits, batch 100", ("training.epoch",),
        {"PyTorch": "PyTorch", "scikit-learn": "scikit-learn"}),
    Row("16 / 512 / 4,096 maps as one PNG",
        ("pictures.16", "pictures.512", "pictures.4096"), {"matplotlib": "matplotlib, 16 axes"}),
    Row("`import toolkit`", ("importing.toolkit",), {"numpy": "`import numpy`"}),
    Row("`toolkit app` → a page that can be used", ("starting.app",),
        {"Streamlit": "a Streamlit page of one line"}),
    Row("bytes to open it for the first time / again", ("traffic.first", "traffic.again")),
    Row("bytes sent / received for a stroke", ("traffic.sent", "traffic.received")),
    Row("another neuron → all that it does, in the page", ("looking.neuron",), beyond="p95"),
    Row("accuracy without each of 42 neurons", ("analysing.ablations",),
        {"full pass": "a full pass for each"}),
    Row("`toolkit analyse`, the whole report as a page", ("report.html",)),
    Row("draw 10,000 digits", ("drawing.digits",)),
)  # fmt: skip


def readme_rows(run: Run) -> list[str]:
    """Return README's rows, as Markdown."""
    figures = {each.key: each for each in run.figures}
    return [_row(each, figures) for each in ROWS]


def _row(row: Row, figures: Mapping[str, Figure]) -> str:
    found = [figures[key] for key in row.keys if key in figures]
    if not found:
        return f"| {row.what} | not measured | |"
    unit = found[0].result.unit
    said = _slashes([each.result.ours.median for each in found], unit)
    if row.beyond:
        said += f", {_BEYOND[row.beyond]} {amount(getattr(found[0].result.ours, row.beyond), unit)}"
    beside = []
    for name, words in row.beside.items():
        theirs = [peer.theirs.median for each in found if (peer := _named(each, name))
                  and peer.theirs]  # fmt: skip
        beside.append(f"{words}: {_slashes(theirs, unit) if theirs else 'not measured'}")
    return f"| {row.what} | {said} | {'; '.join(beside)} |".replace("|  |", "| |")


def _named(figure: Figure, name: str) -> Beside | None:
    return next((each for each in figure.result.beside if name in each.peer), None)


def _slashes(values: list[float], unit: str) -> str:
    """Return values with slashes between, the unit once where it is one for all."""
    *first, last = [amount(each, unit).rpartition(" ") for each in values]
    if unit != "%" and all(each[2] == last[2] for each in first):
        return " / ".join([*(each[0] for each in first), "".join(last)])
    return " / ".join("".join(each) for each in (*first, last))


def page_parts(run: Run) -> dict[str, str]:
    """Return what is made of the benchmark's own page, by the name that its mark has."""
    return {
        "machine": "\n".join(f"- {line}" for line in _machine(run)),
        "peers": "\n".join(_peers(run)),
        "limits": "\n".join(_limits(run)),
        "alone": "\n".join(_alone(run)),
    }


def _machine(run: Run) -> Iterator[str]:
    yield f"{run.date[:10]}, commit {run.commit or 'unknown'}"
    yield from about(run)


def _peers(run: Run) -> Iterator[str]:
    yield "| what | toolkit | beside it |"
    yield "|---|---|---|"
    for each in run.figures:
        measured = [peer for peer in each.result.beside if peer.theirs]
        if measured and not each.key.startswith("cost."):
            others = "<br>".join(_peer(peer, each.result.unit) for peer in measured)
            ours = amounts(each.result.ours, each.result.unit) + _right(each.result.accuracy)
            yield f"| {each.says} | {ours} | {others} |"


def _peer(peer: Beside, unit: str) -> str:
    assert peer.theirs is not None
    assert peer.ratio is not None
    low, middle, high = (f"{each:.3g}" for each in _three(peer.ratio))
    theirs = amount(peer.theirs.median, unit)
    return f"{peer.peer}: {theirs}, **×{middle}** ({low}–{high}){_right(peer.accuracy)}"


def _right(accuracy: float | None) -> str:
    return "" if accuracy is None else f", {accuracy:.2%}"


def _limits(run: Run) -> Iterator[str]:
    yield "| what | taken | at the least: bytes | multiply-adds | exponentials | reached |"
    yield "|---|---|---|---|---|---|"
    for each in run.figures:
        limit = each.result.limit
        if limit is not None and not each.key.startswith("cost."):
            kinds = (limit.memory, limit.multiply_adds, limit.exponentials)
            cells = " | ".join(
                (f"**{amount(kind, 's')}**" if kind == limit.seconds else amount(kind, "s"))
                if kind else "" for kind in kinds
            )  # fmt: skip
            yield (f"| {each.says} | {amount(each.result.ours.median, 's')} | {cells} | "
                   f"{share_of(limit)} |")  # fmt: skip


def _alone(run: Run) -> Iterator[str]:
    yield "| what | median (quartiles) | 95th percentile | longest |"
    yield "|---|---|---|---|"
    for each in run.figures:
        if any(peer.theirs for peer in each.result.beside) or each.key.startswith("cost."):
            continue
        ours, unit = each.result.ours, each.result.unit
        many = (amount(ours.p95, unit), amount(ours.most, unit)) if ours.runs >= MANY else ("", "")
        said = amounts(ours, unit).partition(", 95th")[0]
        yield f"| {each.says} | {said} | {many[0]} | {many[1]} |"


def pictures(run: Run) -> dict[str, bytes]:
    """Return the page's pictures as SVG, by their files' names."""
    curves = [_curve(run, f"cost.{kind}.", along) for kind, along in _CURVES.items()]
    chosen = [each for each in run.figures
              if each.key.startswith(("rescoring.", "training.", "pictures.16"))]  # fmt: skip
    # One name a library, so that its marks have one colour; of PyTorch's two Adams its best.
    libraries = ("NumPy", "PyTorch", "onnxruntime", "scikit-learn", "matplotlib")
    peers = {
        name: [_three(peer.ratio) if (peer := _library(each, name)) and peer.ratio else _NONE
               for each in chosen]
        for name in libraries
    }  # fmt: skip
    return {
        "costs.svg": figure_bytes(figure_costs(curves), "svg"),
        "peers.svg": figure_bytes(
            figure_times_as_long([each.says for each in chosen], peers), "svg"
        ),
    }


def _library(figure: Figure, name: str) -> Beside | None:
    found = [each for each in figure.result.beside if name in each.peer and each.ratio]
    return min(found, key=lambda each: _three(each.ratio)[1] if each.ratio else 0, default=None)


def _three(spread: Spread) -> tuple[float, float, float]:
    return spread.low, spread.median, spread.high


def _curve(run: Run, prefix: str, along: str):  # type: ignore[no-untyped-def]
    """Return what :func:`toolkit.plots.figure_costs` takes of a cost curve."""
    found = [each for each in run.figures if each.key.startswith(prefix)]
    at = [int(each.key.removeprefix(prefix)) for each in found]
    peers = {
        peer.peer: [
            _three(one.theirs) if (one := _named(each, peer.peer)) and one.theirs else _NONE
            for each in found
        ]
        for peer in found[0].result.beside
        if peer.theirs
    }
    least = [each.result.limit.seconds for each in found if each.result.limit]
    return along, at, [_three(each.result.ours) for each in found], peers, least


def with_rows(text: str, rows: list[str]) -> str:
    """Return README with other rows in its table of times.

    Raises
    ------
    ValueError
        If the table is not there.
    """
    before, head, after = text.partition(_HEAD)
    if not head:
        raise ValueError("README.md has no table of times")
    table, _, rest = after.partition("\n\n")
    del table
    return before + head + "\n".join(rows) + "\n\n" + rest


def with_parts(text: str, parts: Mapping[str, str]) -> str:
    """Return the page with what is made of it made anew."""
    return _MADE.sub(lambda mark: f"{mark[1]}\n{parts[mark[2]]}\n\n{mark[3]}", text)


def main() -> None:
    """Write README's rows, the page and its pictures from the run that is named, or was kept."""
    path = Path(sys.argv[1]) if len(sys.argv) > 1 else RUN
    run = run_from_json(json.loads(path.read_text(encoding="utf-8")))
    if path != RUN:
        RUN.write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    README.write_text(with_rows(README.read_text(encoding="utf-8"), readme_rows(run)))
    PAGE.write_text(with_parts(PAGE.read_text(encoding="utf-8"), page_parts(run)))
    for name, data in pictures(run).items():
        (PICTURES / name).write_bytes(data)


if __name__ == "__main__":
    main()
