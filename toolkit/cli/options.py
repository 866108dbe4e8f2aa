"""Options that several commands share, and how their values are read."""

from __future__ import annotations

import argparse
from collections.abc import Iterable

from toolkit.cli.parsing import whole
from toolkit.digits.digitset import MOST_CLASSES
from toolkit.formats.meaning.choices import chosen
from toolkit.formats.meaning.pixels import Pixels
from toolkit.network import check_activation
from toolkit.palette import Scale


def add_to(parser: argparse.ArgumentParser, kinds: Iterable[str]) -> None:
    """Add ``--to``, by which a file's format is asked for."""
    listed = ", ".join(kind.lstrip(".") for kind in kinds)
    parser.add_argument(
        "--to", metavar="FORMAT", help=f"{listed}; by default what the file's name ends in"
    )


def add_form(parser: argparse.ArgumentParser) -> None:
    """Add what says in which form a network is written."""
    form = parser.add_mutually_exclusive_group()
    form.add_argument(
        "--as-it-came", dest="plain", action="store_const", const=False,
        help="under the names, shapes and types of the file that the network came from, for the "
        "model it came from; so .pt, .safetensors, .h5, .keras and .onnx are written anyway",
    )  # fmt: skip
    form.add_argument(
        "--plain", action="store_const", const=True, help="in the format's plain form instead"
    )


def add_understanding(parser: argparse.ArgumentParser) -> None:
    """Add what says how a network's file is understood where it does not say it itself."""
    group = parser.add_argument_group("where the network's file leaves it open")
    group.add_argument(
        "--activation",
        type=_functions,
        metavar="NAMES",
        help="function of the hidden layers, or one for each layer, with commas between",
    )  # fmt: skip
    group.add_argument(
        "--pixels",
        type=_pixels,
        metavar="SCALING",
        help="what it was fed: unit (0 to 1), mnist (less 0.1307, over 0.3081), signed (-1 to 1), "
        "bytes (0 to 255), sixteen (0 to 16), each also as unit-dark where ink is dark, or a mean "
        "and a standard deviation, as in 0.5,0.5",
    )  # fmt: skip
    group.add_argument(
        "--way", type=count, metavar="N",
        help="the way of this number, as 'toolkit info' lists them",
    )  # fmt: skip


def _functions(text: str) -> tuple[str, ...]:
    try:
        return chosen(activations=text).hidden or ()
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def _pixels(text: str) -> Pixels | None:
    try:
        return chosen(pixels=text).pixels
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def count(text: str) -> int:
    """Read a whole number of 1 or more."""
    return whole(text, "a whole number", 1, 1 << 31)


def sheet_count(text: str) -> int:
    """Read how many digits a sheet shows."""
    return whole(text, "a whole number", 1, 10_000)


def activation(text: str) -> str:
    """Read an activation function's name."""
    try:
        return check_activation(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from error


def digit(text: str) -> int:
    """Read a class's number."""
    return whole(text, "a class's number", 0, MOST_CLASSES - 1)


def seed(text: str) -> int:
    """Read a seed."""
    return whole(text, "a whole number", 0, 1 << 63)


def sizes(text: str) -> tuple[int, ...]:
    """Read neurons per layer."""
    try:
        return tuple(count(part) for part in text.split(","))
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"expected whole numbers with commas between, such as 16,16; got {text!r}"
        ) from None


def neuron(text: str) -> tuple[int, int]:
    """Read ``layer.index``."""
    layer, _, index = text.partition(".")
    if not (layer.isascii() and layer.isdigit() and index.isascii() and index.isdigit()):
        raise argparse.ArgumentTypeError(f"expected layer.index, such as 1.3; got {text!r}")
    return int(layer), int(index)


def scale(text: str) -> Scale:
    """Read how maps are scaled."""
    try:
        if text in ("neuron", "shared"):
            return Scale(text)  # type: ignore[arg-type]
        return Scale("fixed", float(text))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"expected neuron, shared or a number above 0; got {text!r}"
        ) from None
