"""``toolkit info`` and ``toolkit convert``: what a file is, and the same network in another."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from toolkit import shipped
from toolkit.analysis import layer_statistics
from toolkit.cli.inputs import check_open, digits_if_any, read_network, understood
from toolkit.cli.output import (
    check_writable,
    images_of,
    kind_of,
    print_json,
    print_line,
    say,
    write_output,
)
from toolkit.digits import DigitSet
from toolkit.fits import SHELL, fits
from toolkit.formats import WRITABLE, dumps
from toolkit.formats.meaning.interpretation import TRIED_ON, Interpretation
from toolkit.formats.meaning.reading import Reading
from toolkit.formats.writing import described
from toolkit.network import Network

if TYPE_CHECKING:
    from toolkit.scoring import Score

_SHOWN_WAYS = 12


def info(arguments: argparse.Namespace) -> int:
    """Print what a network is, or which ones ship."""
    if arguments.network is None:
        if arguments.json:
            print_json({"networks": shipped.names()})
        else:
            for name in shipped.names():
                print_line(name)
        return 0
    digits = digits_if_any(
        arguments.digits,
        "what the file leaves open is decided by convention, and no accuracy shown",
    )
    reading, ways, taken, network = _opened(arguments, digits)
    found = None if digits is None else _score(network, digits)
    if arguments.json:
        print_json(_as_data(network, reading, ways, taken, found, digits))
    else:
        _print(network, reading, ways, taken, found, digits)
    return 0


def convert(arguments: argparse.Namespace) -> int:
    """Write a network in another format."""
    kind = kind_of(arguments.output, arguments.to, WRITABLE)
    check_writable(arguments.output, kind)
    digits = digits_if_any(arguments.digits, "what the file leaves open is decided by convention")
    reading, ways, taken, network = _opened(arguments, digits)
    if reading is not None and len(ways) > 1:
        _say_understood(reading, ways[taken])
    write_output(arguments.output, dumps(network, kind, plain=arguments.plain))
    say(f"{arguments.output}: {network!r}; {described(network, kind, arguments.plain)}")
    return 0


def _opened(
    arguments: argparse.Namespace, digits: DigitSet | None
) -> tuple[Reading | None, list[Interpretation], int, Network]:
    found = read_network(arguments.network)
    if isinstance(found, Network):
        check_open(arguments.network, arguments)
        return None, [], 0, found
    ways, taken = understood(found, digits, arguments)
    return found, ways, taken, ways[taken].network


def _score(network: Network, digits: DigitSet) -> Score | None:
    from toolkit.scoring import score

    fit = fits(network, digits, SHELL)
    if not fit:
        say(f"not scored: {fit.why}")
        return None
    if fit.share:
        say(fit.share)
    return score(network, fit.lay(digits))


def _say_understood(reading: Reading, way: Interpretation) -> None:
    for note in (*reading.notes, *way.notes):
        say(note)
    say(f"{reading.format}; understood as {_way(way)}")
    if way.guess:
        say(f"that is a guess: {way.guess}; --way, --activation and --pixels choose")


def _way(way: Interpretation) -> str:
    share = "" if way.accuracy is None else f": {way.accuracy:.1%} of the digits tried"
    return f"{way.summary}{share}"


def _print(
    network: Network,
    reading: Reading | None,
    ways: list[Interpretation],
    taken: int,
    found: Score | None,
    digits: DigitSet | None,
) -> None:
    print_line(repr(network))
    print_line(f"checksum {network.checksum}")
    if reading is not None:
        print_line(f"format: {reading.format}")
        way = ways[taken]
        for note in (*reading.notes, *way.notes):
            print_line(f"note: {note}")
        if way.guess:
            print_line(f"a guess: {way.guess}; --way, --activation and --pixels choose")
        print_line(f"understood as: {_way(way)}")
        if len(ways) > 1:
            print_line(
                f"ways to understand it, of {len(ways)} (--way takes one of them; right of the "
                f"first {TRIED_ON:,} digits at most):"
            )
            for number, each in enumerate(ways[:_SHOWN_WAYS], 1):
                print_line(f"{number:3}. {_way(each)}")
            if len(ways) > _SHOWN_WAYS:
                print_line(
                    f"  … and {len(ways) - _SHOWN_WAYS} more: --json lists them all, --activation "
                    "and --pixels leave fewer"
                )
    for key, value in network.provenance.items():
        print_line(f"{key}: {value}")
    for layer in layer_statistics(network):
        bad = f", {layer.not_finite} not finite" if layer.not_finite else ""
        print_line(
            f"layer {layer.layer}: {layer.neurons} × {layer.inputs}, {layer.activation}; weights "
            f"{layer.least:.3g} to {layer.largest:.3g}, spread {layer.spread:.3g}; biases "
            f"{layer.bias_least:.3g} to {layer.bias_largest:.3g}{bad}"
        )
    if found is not None and digits is not None:
        images = images_of(found.images, len(digits))
        if found.unscored:
            print_line(f"{found.unscored}: {digits.name}, {images}")
        else:
            print_line(f"accuracy: {found.accuracy:.2%} on {digits.name}, {images}")


def _as_data(
    network: Network,
    reading: Reading | None,
    ways: list[Interpretation],
    taken: int,
    found: Score | None,
    digits: DigitSet | None,
) -> dict[str, Any]:
    return {
        "name": network.name,
        "sizes": list(network.sizes),
        "activations": list(network.activations),
        "parameters": network.parameters,
        "checksum": network.checksum,
        "provenance": dict(network.provenance),
        "layers": [vars(layer) for layer in layer_statistics(network)],
        "accuracy": None if found is None else found.known_accuracy,
        "unscored": "" if found is None else found.unscored,
        "images": None if found is None else found.images,
        "of": None if digits is None else len(digits),
        "digits": None if digits is None else digits.name,
        "format": None if reading is None else reading.format,
        "notes": [] if reading is None else [*reading.notes, *ways[taken].notes],
        "way": taken + 1 if ways else None,
        "guess": ways[taken].guess if ways else "",
        "understood": [
            {
                "activations": list(way.activations),
                "input": way.input,
                "inputs_first": way.inputs_first,
                "accuracy": way.accuracy,
                "summary": way.summary,
            }
            for way in ways
        ],
    }


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"info": info, "convert": convert}
