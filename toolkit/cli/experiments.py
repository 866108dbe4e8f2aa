"""``toolkit replay``: what comes of a recipe."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping

from toolkit.cli.output import check_writable, say
from toolkit.files import write_whole
from toolkit.formats import WRITABLE, dumps

_MOST_BYTES = 64 << 20


def replay(arguments: argparse.Namespace) -> int:
    """Replay a recipe and write the network it comes to."""
    from toolkit.experiments import read_recipe

    recipe, output = arguments.recipe, arguments.output
    kind = output.suffix.lower()
    if kind not in WRITABLE:
        raise ValueError(f"{output}: expected a name that ends in {', '.join(WRITABLE)}")
    check_writable(output)
    if recipe.is_dir():
        raise ValueError(f"{recipe}: a folder; expected a recipe's file")
    size = recipe.stat().st_size
    if size > _MOST_BYTES:
        raise ValueError(f"{recipe}: expected at most {_MOST_BYTES >> 20} MiB; got {size:,} bytes")
    try:
        experiment = read_recipe(recipe.read_bytes())
    except ValueError as error:
        raise ValueError(f"{recipe}: {error}") from error
    network = experiment.network
    steps = f"{experiment.cursor:,} of {len(experiment.steps):,} steps"
    if experiment.cursor:
        made = f"replayed {experiment.cursor} steps from {experiment.start.checksum}"
        network = network.renamed(network.name, edited=made)
    write_whole(output, dumps(network, kind))
    say(f"{output}: {network!r}; {steps}; checksum {network.checksum}")
    return 0


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"replay": replay}
