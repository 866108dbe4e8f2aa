"""``toolkit analyse``: a network looked into from all sides; ``toolkit compare``: two of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from toolkit.cli.inputs import digits_for, open_network
from toolkit.cli.options import add_understanding
from toolkit.cli.output import (
    STANDARD,
    Bar,
    check_writable,
    images_of,
    kind_of,
    print_json,
    print_line,
    say,
    write_output,
)
from toolkit.fits import SHELL, fits

if TYPE_CHECKING:
    from toolkit.report import PairReport, Report

_SHOWN_PAIRS = 5
KINDS = (".html", ".json", ".csv")


def add_analyse(add: Callable[..., argparse.ArgumentParser], network: str, digits: str) -> None:
    """Let the parser know ``analyse``."""
    parser = add(
        "analyse", "tell what each neuron of a network does",
        "Which are edges, which digits\nexcite them, what accuracy falls by without them, how the "
        "network errs and what it makes\nof noise: a page to send, or the same as data.",
        "toolkit analyse mnist-sigmoid", "toolkit analyse mine.npz --digits mnist -o report.html",
        "toolkit analyse mine.npz --json > report.json", "toolkit analyse mine.npz -o neurons.csv",
    )  # fmt: skip
    parser.add_argument("network", metavar="NETWORK", help=network)
    add_understanding(parser)
    parser.add_argument("--digits", metavar="SOURCE", help=digits)
    parser.add_argument("--split", choices=("test", "train"), default="test", help="default: test")
    add_output(parser)
    parser.add_argument(
        "--json", action="store_true",
        help="print JSON: network (accuracy, confusion, kinds, hope, calibration, nonsense, "
        "robustness, ...), neurons (verdict, edge_score, orientation_selectivity, "
        "preferred_angle, ablation_drop, dead, saturated, ...), details",
    )  # fmt: skip


def add_output(parser: argparse.ArgumentParser) -> None:
    """Let a command write its report."""
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE",
        help="a page (.html), all data (.json) or the table of neurons (.csv); one that is there "
        "is replaced; - for standard output",
    )  # fmt: skip
    parser.add_argument(
        "--to", metavar="KIND",
        help=f"{', '.join(KINDS)}: what is written, where the name does not say it",
    )  # fmt: skip


def analyse(arguments: argparse.Namespace) -> int:
    """Print what a network's neurons do, or write it to a file."""
    from toolkit.report import analyse as looked_into

    def made() -> Report:
        digits = digits_for(arguments.digits, arguments.split)
        network = open_network(arguments.network, digits, arguments)
        fit = fits(network, digits, SHELL)
        fit.check()
        if fit.share:
            say(fit.share)
        bar = Bar()
        found = looked_into(network, digits, progress=bar)
        bar.end()
        return found

    report = write_report(arguments, made)
    if report is not None:
        _print(report)
    return 0


_Made = TypeVar("_Made", "Report", "PairReport")


def write_report(arguments: argparse.Namespace, make: Callable[[], _Made]) -> _Made | None:
    """Make a report and write or print it as data; return it where it is to be printed as text."""
    output, kind = arguments.output, None
    if output is not None:
        kind = kind_of(output, arguments.to, KINDS)
        check_writable(output, kind)
    elif arguments.to is not None:
        raise ValueError("--to: expected with -o, which names the file")
    report = make()
    if kind is not None:
        written = {".html": report.to_html, ".json": report.to_json, ".csv": report.to_csv}[kind]()
        write_output(output, written.encode())
        if str(output) != STANDARD:
            say(f"{output}: {len(written.encode()) / 1e6:.1f} MB")
        return None
    if arguments.json:
        print_json(report.to_dict())
        return None
    return report


def _print(report: Report) -> None:
    found = report.network
    images = images_of(found["images"], found["of"])
    read = found["unscored"] or f"{found['accuracy']:.2%} of {images}"
    print_line(f"{found['name']} on {found['digits']}: {read}")
    print_line("")
    print_line("neuron  verdict    edge  select.  angle  tells     fires  fall  what it is")
    for row, more in zip(report.neurons, report.details, strict=True):
        angle = "–" if row["preferred_angle"] is None else f"{row['preferred_angle']:.0f}°"
        print_line(
            f"{row['neuron']:<7} {row['verdict']:<9} {row['edge_score']:5.2f} "
            f"{_two(row['orientation_selectivity'])}   {angle:>5}  {_class(row['best_class'])} "
            f"{_two(row['best_auc'])}  {row['fires']:6.1%} {_points(row['ablation_drop'])}  "
            f"{more['text']}"
        )
    hope = found["hope"]
    print_line("")
    for pair in found["pairs"][:_SHOWN_PAIRS]:
        needed = ", ".join(
            f"{each['neuron']} ({100 * each['fall']:.1f})" for each in pair["neurons"][:3]
        )
        print_line(
            f"{pair['one']} read as {pair['other']} {pair['one_as_other']} times, "
            f"{pair['other']} as {pair['one']} {pair['other_as_one']} times; "
            f"most needed to tell them apart: {needed}"
        )
    for kind, words in (("dead", "dead"), ("redundant_with", "says the same as another")):
        which = ", ".join(row["neuron"] for row in report.neurons if row[kind])
        print_line(f"{words}: {which or 'none'}")
    for name, each in ((found["name"], hope), *hope["others"].items()):
        print_line(
            f"first layer of {name}: {each['edges']} edges and {each['lines']} lines "
            f"of {each['of']}"
        )
    for each in found["nonsense"]:
        print_line(
            f"{each['kind']}: called a {each['answer']} {each['answer_share']:.0%} of the time, "
            f"median confidence {each['median']:.0%}"
        )
    print_line(
        "fall: points of accuracy with the neuron held at its mean; -o report.html shows all"
    )


def _class(value: int | None) -> str:
    return "–" if value is None else str(value)


def _points(fall: float | None) -> str:
    return "    –" if fall is None else f"{100 * fall:5.1f}"


def _two(value: float | None) -> str:
    return "   – " if value is None else f"{value:5.2f}"
