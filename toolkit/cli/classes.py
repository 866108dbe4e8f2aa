"""``toolkit classes``: how often each neuron fires for each class."""

from __future__ import annotations

import argparse
import csv
import io
import math
from typing import TYPE_CHECKING

import numpy as np

from toolkit.activations import fires_above
from toolkit.cli.inputs import digits_for, open_network
from toolkit.cli.output import (
    STANDARD,
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
    from toolkit.analysis import ClassTable

_COLUMNS = 16  # neurons a block of the printed table
_HEAD = ("layer", "neuron", "class", "digits", "fires", "mean")


def classes(arguments: argparse.Namespace) -> int:
    """Print or save, for each layer, how often each neuron fires for each class."""
    from toolkit.analysis import class_table, shares_of_classes
    from toolkit.scoring import Scorer

    output = arguments.output
    if output is not None:
        kind_of(output, ".csv" if str(output) == STANDARD else None, (".csv",))
        check_writable(output, ".csv")
    digits = digits_for(arguments.digits, arguments.split)
    network = open_network(arguments.network, digits, arguments)
    fit = fits(network, digits, SHELL)
    if fit.share:
        say(fit.share)
    laid = fit.lay(digits)
    numbers = range(1, len(network.layers) + 1)
    if arguments.layer is not None:
        network.layer(arguments.layer)
        numbers = range(arguments.layer, arguments.layer + 1)
    scorer = Scorer(laid)
    scorer.update(network)
    shares = shares_of_classes(laid.labels, laid.classes)
    tables = {
        layer: class_table(*scorer.activations(layer), laid.labels, shares) for layer in numbers
    }
    if output is not None:
        write_output(output, _as_csv(tables).encode())
    elif arguments.json:
        print_json(
            {
                "network": network.name,
                "digits": digits.name,
                "per_class": np.bincount(laid.labels, minlength=laid.classes).tolist(),
                "layers": {
                    str(layer): {"fires": table.fires.T.tolist(), "means": table.means.T.tolist()}
                    for layer, table in tables.items()
                },
            }
        )
    else:
        images = images_of(len(laid), len(digits))
        print_line(f"{network.name} on {digits.name}, {images}")
        for layer, table in tables.items():
            for line in _printed(layer, network.layer(layer).activation, table):
                print_line(line)
    return 0


def _printed(layer: int, activation: str, table: ClassTable) -> list[str]:
    """Return one layer's table as text: percentages, a column a neuron."""
    above = fires_above(activation)
    fires = (
        "its weighted sum and bias above 0" if above is None
        else "above one half" if above == 0.5
        else f"above {above:.2g}"
    )  # fmt: skip
    lines = ["", f"layer {layer}, {activation}: fires ({fires}) on % of each class's digits"]
    count = len(table.fires)
    for start in range(0, count, _COLUMNS):
        shown = range(start, min(start + _COLUMNS, count))
        lines.append("class  " + "".join(f"{f'{layer}.{each}':>7}" for each in shown))
        for digit, row in enumerate(table.fires.T.tolist()):
            cells = (
                f"{row[each]:7.1%}" if math.isfinite(row[each]) else "      –" for each in shown
            )
            lines.append(f"{digit:>5}  " + "".join(cells))
    return lines


def _as_csv(tables: dict[int, ClassTable]) -> str:
    """Return a line for each layer, neuron and class; what cannot be known is left empty."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEAD)
    for layer, table in tables.items():
        for neuron, (fires, means) in enumerate(zip(table.fires, table.means, strict=True)):
            for digit in range(len(table.counts)):
                shown = (f"{each:.6g}" if math.isfinite(each) else "" for each in
                         (fires[digit], means[digit]))  # fmt: skip
                writer.writerow([layer, neuron, digit, int(table.counts[digit]), *shown])
    return text.getvalue()
