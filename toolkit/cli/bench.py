"""``toolkit bench``: how fast the toolkit is on this machine, beside its peers."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.inputs import digits_for
from toolkit.cli.output import Bar, print_json, print_line, say

if TYPE_CHECKING:
    from toolkit.benchmarks import Figure, Part

_HELP = "parts to measure, by default all that can be here; a name that is not known lists them"


def add_bench(
    add: Callable[..., argparse.ArgumentParser], digits: str, count: Callable[[str], int]
) -> None:
    """Let the parser know ``bench``.

    Parameters
    ----------
    add : callable
        Makes a command's parser of its name, what it does, more of it, and examples.
    digits : str
        Help for ``--digits``.
    count : callable
        Reads a whole number of 1 or more.
    """
    parser = add(
        "bench", "measure how fast the toolkit is here, beside its peers",
        "Each figure is timed in\nturn with PyTorch, scikit-learn, onnxruntime, plain NumPy and "
        "matplotlib, those that\nare installed, with one BLAS thread unless OPENBLAS_NUM_THREADS "
        "says otherwise; medians\nwith quartiles, ratios within each round, and the share reached "
        "of what memory and\narithmetic allow. What is slower than last recorded on the same kind "
        "of machine is said.",
        "toolkit bench", "toolkit bench rescoring training --json",
        'toolkit bench rescoring --record "sigmoid from a table"',
    )  # fmt: skip
    add_options(parser, digits, count)


def add_options(parser: argparse.ArgumentParser, digits: str, count: Callable[[str], int]) -> None:
    """Add what ``bench`` accepts; as for :func:`add_bench`."""
    parser.add_argument("parts", metavar="PART", nargs="*", help=_HELP)
    parser.add_argument("--digits", metavar="SOURCE", help=digits)
    parser.add_argument(
        "--rounds", type=count, metavar="N", default=15,
        help="how often each figure is measured, fewer where it takes long; default: 15",
    )  # fmt: skip
    parser.add_argument(
        "--json", action="store_true",
        help="print JSON: schema, date, version, commit, machine, load, digits, rates, figures "
        "(key, says, unit, better, ours, beside, accuracy, limit, note), unmeasured",
    )  # fmt: skip
    parser.add_argument(
        "--record", metavar="CHANGE",
        help="keep the figures in the history, as those of a change that this says in a line",
    )  # fmt: skip
    parser.add_argument(
        "--history", type=Path, metavar="FILE",
        help="compare with, and record in, this file; by default the toolkit's own, and where it "
        "is installed one in your data folder",
    )  # fmt: skip


def bench(arguments: argparse.Namespace) -> int:
    """Measure the parts that an installed toolkit can."""
    from toolkit.benchmarks.machine import threads_set

    if threads_set() is None:
        return start_again("toolkit", _words(arguments))
    from toolkit.benchmarks import PARTS

    return measure(arguments, PARTS)


def measure(arguments: argparse.Namespace, parts: Mapping[str, Part]) -> int:
    """Measure parts by name, print their figures, compare and record them.

    Parameters
    ----------
    arguments : Namespace
        Of :func:`add_options`.
    parts : mapping of str to Part
        Those that there are.

    Raises
    ------
    ValueError
        If a part is not known, the digits do not fit, or nothing says what changed.
    """
    from toolkit.benchmarks import History, open_setting, run_parts
    from toolkit.benchmarks.history import line_of, own_file, places, record
    from toolkit.benchmarks.machine import threads_set
    from toolkit.benchmarks.telling import about, figure_lines, history_lines

    for name in arguments.parts:
        if name not in parts:
            listed = "; ".join(f"{each.name}, {each.says}" for each in parts.values())
            raise ValueError(f"PART: expected some of these: {listed}; got {name!r}")
    if arguments.record is not None and not arguments.record.strip():
        raise ValueError("--record: expected a line that says what changed; got nothing")
    chosen = [parts[name] for name in arguments.parts or parts]
    history = History.read(*([arguments.history] if arguments.history else places()))
    setting = open_setting(
        lambda split: digits_for(arguments.digits, split), rounds=arguments.rounds,
        threads=threads_set() or 1,
    )  # fmt: skip
    bar, tell = Bar(), say if arguments.json else print_line

    def show(figure: Figure) -> None:
        bar.clear()
        for line in figure_lines(figure):
            tell(line)

    run = run_parts(chosen, setting, told=bar, on_figure=show)
    bar.end()
    for line in (*about(run), *history_lines(run, history)):
        tell(line)
    if arguments.json:
        print_json(run.as_json())
    if arguments.record is not None:
        path = arguments.history or own_file()
        record(path, line_of(run, arguments.record))
        say(f"recorded in {path}")
    return 0


def _words(arguments: argparse.Namespace) -> list[str]:
    """Return the command line that gives these arguments."""
    words = ["bench", *arguments.parts, f"--rounds={arguments.rounds}"]
    for name in ("digits", "record", "history"):
        value = getattr(arguments, name)
        words += [] if value is None else [f"--{name}={value}"]
    return words + (["--json"] if arguments.json else [])


def start_again(module: str, words: Sequence[str]) -> int:
    """Run a module with one thread said: BLAS reads how many it has when it is loaded.

    Where the system lets it, this process becomes that one.

    Returns
    -------
    int
        The exit status.
    """
    from toolkit.benchmarks.machine import THREAD_VARIABLES

    told = (os.environ.get(name, "") for name in THREAD_VARIABLES)
    threads = next((each for each in told if each.isascii() and each.isdigit() and int(each)), "1")
    command = [sys.executable, "-P", "-m", module, *words]
    environment = {**os.environ, **dict.fromkeys(THREAD_VARIABLES, threads)}
    sys.stdout.flush()
    if os.name == "posix":
        os.execve(sys.executable, command, environment)
    return subprocess.run(command, env=environment).returncode


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"bench": bench}
