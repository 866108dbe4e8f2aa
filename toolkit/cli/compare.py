"""``toolkit compare``: two networks side by side."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from toolkit.cli.analyse import write_report
from toolkit.cli.inputs import digits_for, open_network
from toolkit.cli.output import Bar, images_of, print_line

if TYPE_CHECKING:
    from toolkit.report import PairReport


def compare(arguments: argparse.Namespace) -> int:
    """Print what each of two networks reads and whose neuron is whose, or write it to a file."""
    from toolkit.report import compare as compared

    def made() -> PairReport:
        digits = digits_for(arguments.digits, arguments.split)
        one, other = (
            open_network(name, digits, arguments, one_of_two=True)
            for name in (arguments.network, arguments.other)
        )
        bar = Bar()
        found = compared(one, other, digits, progress=bar)
        bar.end()
        return found

    report = write_report(arguments, made)
    if report is not None:
        _print(report, (arguments.network, arguments.other))
    return 0


def _print(report: PairReport, names: tuple[str, str]) -> None:
    pair = report.pair
    print_line(f"on {pair['digits']}, {images_of(pair['images'], pair['of'])}")
    for name, found in zip(names, report.networks, strict=True):
        each = " ".join(f"{share:4.0%}" for share in found["per_digit"])
        print_line(
            f"{name}: {found['accuracy']:.2%}; of 0 to {len(found['per_digit']) - 1}: {each}; "
            f"alone right on {len(found['right_alone']):,}"
        )
    hidden = [row for row in report.neurons if row["layer"] < len(report.one.layers)]
    if hidden:
        print_line("neuron  by weights (cosine)  by activations (correlation)")
    for row in hidden:
        print_line(f"{row['neuron']:<7} {_said(row, 'weights'):<19}  {_said(row, 'activations')}")
    for number, alike in enumerate(pair["cka"], 1):
        print_line(f"CKA of layer {number} with the other's: " + " ".join(map(_two, alike)))


def _said(row: dict[str, object], kind: str) -> str:
    other, alike = row[f"match_{kind}"], row[f"similarity_{kind}"]
    return "–" if other is None else f"{other} ({_two(alike)})"


def _two(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, float) and value == value else "–"
