"""``toolkit replay``: what comes of a recipe."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from toolkit.cli.output import STANDARD, check_writable, kind_of, read_input, say, write_output
from toolkit.files import read_whole
from toolkit.formats import WRITABLE, dumps

_MOST_BYTES = 64 << 20


def replay(arguments: argparse.Namespace) -> int:
    """Replay a recipe and write the network it comes to."""
    from toolkit.experiments import read_recipe

    recipe, output = arguments.recipe, arguments.output
    kind = kind_of(output, arguments.to, WRITABLE)
    check_writable(output, kind)
    piped = str(recipe) == STANDARD
    text = read_input(_MOST_BYTES) if piped else read_whole(recipe, _MOST_BYTES)
    try:
        experiment = read_recipe(text)
    except ValueError as error:
        raise ValueError(f"{recipe}: {error}") from error
    network = experiment.network
    steps = f"{experiment.cursor:,} of {len(experiment.steps):,} steps"
    if experiment.cursor:
        made = f"replayed {experiment.cursor} steps from {experiment.start.checksum}"
        network = network.renamed(network.name, edited=made)
    write_output(output, dumps(network, kind))
    say(f"{output}: {network!r}; {steps}; checksum {network.checksum}")
    return 0


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"replay": replay}
