"""The commands about sets of digits: fetch, info, show."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping

import numpy as np

from toolkit.cli.inputs import digits_for
from toolkit.cli.output import (
    STANDARD,
    check_writable,
    duration,
    kind_of,
    plain,
    print_json,
    print_line,
    say,
    write_output,
)
from toolkit.digits import (
    DigitSet,
    contact_sheet,
    default_source,
    fetch_mnist,
    find_mnist,
    parted,
)

_LARGE = 400  # digits on a sheet, from which on they are not enlarged


def fetch(arguments: argparse.Namespace) -> int:
    """Download MNIST."""
    line = _ProgressLine()
    try:
        folder = fetch_mnist(mirrors=arguments.mirrors, progress=line)
    finally:
        line.end()
    print_line(f"{folder}: MNIST, 60,000 digits to train and 10,000 to test")
    source = default_source()
    if source == "mnist":
        print_line("MNIST is now what the commands and the workbench use by default")
    else:
        print_line(f"TOOLKIT_DIGITS={source} still comes first; MNIST is used with --digits mnist")
    return 0


class _ProgressLine:
    """Says how far a fetch is: on a terminal in one line, else in a line for every file."""

    def __init__(self) -> None:
        self._rewrites = sys.stderr.isatty()
        self._shown = ""

    def __call__(self, done: int, total: int, seconds_left: float | None, file: str) -> None:
        left = "" if seconds_left is None else f"  {duration(seconds_left)} left"
        text = f"{plain(file)}  {done / 1e6:.1f} of {total / 1e6:.1f} MB{left}"
        if self._rewrites:
            if text != self._shown:
                sys.stderr.write(f"\r{text.ljust(len(self._shown))}")
                sys.stderr.flush()
            self._shown = text
        elif file != self._shown:
            say(text)
            self._shown = file

    def end(self) -> None:
        if self._rewrites and self._shown:
            sys.stderr.write("\n")
            sys.stderr.flush()


def info(arguments: argparse.Namespace) -> int:
    """Print what a digit set is."""
    digits = digits_for(arguments.source, arguments.split)
    counts = np.bincount(digits.labels, minlength=digits.classes)
    inks = digits.pixels.mean(axis=1, dtype=np.float64) / 255
    ink = np.bincount(digits.labels, inks, minlength=digits.classes) / np.where(
        counts, counts, np.nan
    )
    mean_ink = float(inks.mean()) if len(digits) else float("nan")
    if arguments.json:
        print_json(
            {
                "name": digits.name,
                "split": parted(digits.source)[1],
                "where": _where(digits),
                "images": len(digits),
                "shape": list(digits.grid),
                "classes": [digits.called(each) for each in range(digits.classes)],
                "counts": counts.tolist(),
                "ink": ink.tolist(),
                "mean_ink": mean_ink,
                "checksum": digits.checksum,
            }
        )
        return 0
    print_line(
        f"{digits.name}: {len(digits):,} images of {digits.grid} pixels, mean ink {mean_ink:.3f}"
    )
    print_line(f"where: {_where(digits)}")
    print_line(f"checksum {digits.checksum}")
    print_line("digit  images    ink")
    for digit, (count, its_ink) in enumerate(zip(counts.tolist(), ink.tolist(), strict=True)):
        print_line(f"{digits.called(digit):>5}{count:>8,}  {f'{its_ink:.3f}' if count else '–':>5}")
    return 0


def _where(digits: DigitSet) -> str:
    source, _ = parted(digits.source)
    if source == "mnist":
        return str(find_mnist())
    return "drawn by the toolkit" if source == "drawn" else source


def show(arguments: argparse.Namespace) -> int:
    """Draw digits on a sheet."""
    from toolkit.pictures import to_png

    kind = kind_of(arguments.output, arguments.to, (".png",))
    check_writable(arguments.output, kind)
    digits = digits_for(arguments.source, arguments.split)
    which = np.arange(len(digits))
    if arguments.label is not None:
        which = np.flatnonzero(digits.labels == arguments.label)
    which = which[: arguments.count]
    if not len(which):
        what = "digits" if arguments.label is None else f"{arguments.label}s"
        raise ValueError(f"{digits.name}: has no {what} to show")
    sheet = contact_sheet(digits.subset(which), pixels_per_cell=1 if len(which) > _LARGE else 2)
    write_output(arguments.output, to_png(sheet))
    tell = say if str(arguments.output) == STANDARD else print_line
    tell(f"{arguments.output}: {len(which):,} of {digits.name}")
    return 0


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "digits fetch": fetch,
    "digits info": info,
    "digits show": show,
}
