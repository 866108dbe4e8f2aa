"""``toolkit replay`` and ``toolkit provenance``: what comes of a recipe, and what it is made of."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.output import (
    STANDARD,
    check_writable,
    kind_of,
    print_json,
    print_line,
    read_input,
    say,
    write_output,
)
from toolkit.files import read_whole
from toolkit.formats import WRITABLE, dumps

if TYPE_CHECKING:
    from toolkit.experiments import Experiment

_MOST_BYTES = 64 << 20


def replay(arguments: argparse.Namespace) -> int:
    """Replay a recipe and write the network it comes to."""
    recipe, output = arguments.recipe, arguments.output
    kind = kind_of(output, arguments.to, WRITABLE)
    check_writable(output, kind)
    experiment = _read(recipe)
    network = experiment.network
    steps = f"{experiment.cursor:,} of {len(experiment.steps):,} steps"
    if experiment.cursor:
        made = f"replayed {experiment.cursor} steps from {experiment.start.checksum}"
        network = network.renamed(network.name, edited=made)
    write_output(output, dumps(network, kind, plain=arguments.plain))
    say(f"{output}: {network!r}; {steps}; checksum {network.checksum}")
    return 0


def provenance(arguments: argparse.Namespace) -> int:
    """Print how many weights and biases a recipe's network has of each provenance."""
    experiment = _read(arguments.recipe)
    marks, network = experiment.provenance(), experiment.network
    numbers = range(1, len(network.layers) + 1)
    if arguments.json:
        print_json(
            {
                "network": network.name,
                "checksum": network.checksum,
                "counts": marks.counts(),
                "layers": {str(number): marks.counts(number) for number in numbers},
            }
        )
        return 0
    print_line(f"{network.name}: {network.parameters:,} weights and biases")
    print_line("".join([" " * 9, *(f"{f'layer {n}':>10}" for n in numbers), f"{'all':>10}"]))
    for name, count in marks.counts().items():
        cells = [*(marks.counts(number)[name] for number in numbers), count]
        shown = "".join(f"{f'{cell:,}' if cell else '·':>10}" for cell in cells)
        print_line(f"{name:<9}{shown}")
    return 0


def _read(recipe: Path) -> Experiment:
    from toolkit.experiments import read_recipe

    piped = str(recipe) == STANDARD
    text = read_input(_MOST_BYTES) if piped else read_whole(recipe, _MOST_BYTES)
    try:
        return read_recipe(text, beside=None if piped else recipe.absolute().parent)
    except ValueError as error:
        raise ValueError(f"{recipe}: {error}") from error


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "replay": replay,
    "provenance": provenance,
}
