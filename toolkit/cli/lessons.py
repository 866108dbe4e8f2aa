"""``toolkit ceilings`` and ``toolkit fit``: how far first layers carry, and the rest fitted."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from toolkit.cli.inputs import digits_for, open_network
from toolkit.cli.options import add_understanding
from toolkit.cli.output import (
    check_writable,
    duration,
    kind_of,
    print_json,
    print_line,
    say,
    write_output,
)
from toolkit.digits import DigitSet, open_digits, parted
from toolkit.fits import SHELL, fits
from toolkit.formats import WRITABLE, dumps
from toolkit.network import Network

if TYPE_CHECKING:
    from toolkit.training import Epoch

_LEARNED = 10_000


def add_ceilings(add: Callable[..., argparse.ArgumentParser], network: str, digits: str) -> None:
    """Let the parser know ``ceilings``.

    Parameters
    ----------
    add : callable
        Makes a command's parser of its name, what it does, more of it, and examples.
    network, digits : str
        Help for what both commands take.
    """
    parser = add(
        "ceilings", "tell how far a network's first layers could carry it",
        "The best layers of\nits shape above layer 1, above layers 1-2 and so on are trained on "
        "training digits\nand read the test digits; and what stands out in its neurons is said.",
        "toolkit ceilings drawn-sigmoid --digits drawn", "toolkit ceilings mine.npz --json",
    )  # fmt: skip
    parser.add_argument("network", metavar="NETWORK", help=network)
    add_understanding(parser)
    parser.add_argument("--digits", metavar="SOURCE", help=digits)
    parser.add_argument(
        "--json", action="store_true",
        help="print JSON: network, accuracy, ceilings (layers, accuracy, falls without each "
        "neuron), learned, measured, learned_from, measured_on, remarks",
    )  # fmt: skip


def add_fit(
    add: Callable[..., argparse.ArgumentParser], network: str, digits: str,
    count: Callable[[str], int], seed: Callable[[str], int],
) -> None:  # fmt: skip
    """Let the parser know ``fit``; `count` and `seed` read whole numbers."""
    parser = add(
        "fit", "hold parts of a network and train the rest",
        "What is held keeps its bits. A tenth of\nthe digits is set aside to choose the best pass "
        "by. Ctrl+C stops and saves the best\nso far. A part is a layer (1), a neuron (1.3), cells "
        "of its map (1.3:4-10x6-20, rows x\ncolumns from 0), all biases (biases) or a layer's "
        "(2.biases).",
        "toolkit fit mine.npz --hold 1 -o fitted.npz",
        "toolkit fit drawn-sigmoid --hold 1.3 1.5:4-10x6-20 --digits drawn --compare -o f.npz",
        "toolkit fit mine.npz --only biases --epochs 5 -o f.npz",
    )  # fmt: skip
    parser.add_argument("network", metavar="NETWORK", help=network)
    add_understanding(parser)
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE",
        help=f"ends in {', '.join(WRITABLE)}; one that is there is replaced",
    )  # fmt: skip
    parser.add_argument("--hold", nargs="+", default=[], metavar="PART", help="what is held")
    parser.add_argument(
        "--only", nargs="+", metavar="PART", help="what alone is trained; default: all the rest"
    )
    parser.add_argument(
        "--anew", action="store_true", help="what is trained starts blank and not from what it is"
    )
    parser.add_argument(
        "--compare", action="store_true",
        help="train twice more, to tell what the held part is worth: with it blank, and with "
        "nothing held",
    )  # fmt: skip
    parser.add_argument("--digits", metavar="SOURCE", help=digits)
    parser.add_argument(
        "--epochs", type=count, default=20, metavar="N", help="passes over the digits; default: 20"
    )
    parser.add_argument("--seed", type=seed, default=0, metavar="N", help="default: 0")


def ceilings(arguments: argparse.Namespace) -> int:
    """Print the ceilings of a network and what stands out in it."""
    from toolkit.analysis import remarks
    from toolkit.scoring import Scorer
    from toolkit.training import ceilings as work_out

    measured = digits_for(arguments.digits)
    network = open_network(arguments.network, measured, arguments)
    fit = fits(network, measured, SHELL)
    fit.check_scored()
    measured = fit.lay(measured)
    learned = _training(arguments.digits, network, measured)
    if learned is None:
        say(f"{measured.name}: no other digits to learn from; half of these are set aside")
    found = work_out(
        network, learned or measured, measure_on=measured if learned else 0.5, without=True
    )
    scorer = Scorer(measured)
    scorer.update(network)
    falls = {each.layers: each.falls for each in found.ceilings if each.falls is not None}
    said = remarks(network, scorer.responses, falls)
    if arguments.json:
        listed = [
            {"layers": each.layers, "accuracy": each.accuracy, "falls": each.falls.tolist()}
            for each in found.ceilings
            if each.falls is not None
        ]
        print_json(
            {
                "network": network.name,
                **{name: getattr(found, name) for name in _FIGURES},
                "ceilings": listed,
                "remarks": [{**asdict(each), "text": each.text} for each in said],
            }
        )
        return 0
    print_line(
        f"{network.name} on {found.measured_on}: {found.accuracy:.2%} of {found.measured:,} images"
    )
    for each in found.ceilings:
        print_line(f"ceiling {each.accuracy:.2%} from {each.name}")
    print_line(f"the layers above learned {found.learned:,} images of {found.learned_from}")
    for remark in said:
        print_line(remark.text)
    return 0


_FIGURES = ("accuracy", "learned", "measured", "learned_from", "measured_on")


def _training(source: str | None, network: Network, measured: DigitSet) -> DigitSet | None:
    """Return some training digits of a source, None where it has none."""
    try:
        # Of the drawn ones no more are drawn than are used.
        drawn = parted(measured.source)[0] == "drawn"
        few = _LEARNED if drawn else None
        digits = open_digits("drawn", "train", few) if few else digits_for(source, "train")
    except (ValueError, OSError):
        return None
    # Those that it is measured on are not learned from; then a part of these is held out.
    if digits.name == measured.name or parted(measured.source)[1] != "test":
        return None
    digits = digits.subset(slice(_LEARNED)) if len(digits) > _LEARNED else digits
    return fits(network, digits, SHELL).lay(digits)


def fit(arguments: argparse.Namespace) -> int:
    """Hold parts of a network, train the rest, and save it."""
    from toolkit.training import COMPARISONS, fit_rest

    kind = kind_of(arguments.output, None, WRITABLE)
    check_writable(arguments.output, kind)
    digits = digits_for(arguments.digits, "train")
    network = open_network(arguments.network, digits, arguments)
    shown = fits(network, digits, SHELL)
    shown.check_scored()
    digits = shown.lay(digits)
    found = fit_rest(
        network, digits, hold=arguments.hold, only=arguments.only, anew=arguments.anew,
        epochs=arguments.epochs, seed=arguments.seed,
        compare=COMPARISONS if arguments.compare else (), on_epoch=_report,
    )  # fmt: skip
    say(found.result.stopped_because)
    interrupted = found.result.stopped_because.startswith("interrupted")
    if not found.result.records:
        say("nothing learned, nothing saved")
        return 130 if interrupted else 2
    held = " ".join(arguments.hold) or "nothing"
    fitted = found.network.renamed(
        network.name,
        fitted=f"{found.trained:,} weights and biases on {digits.name}, seed {arguments.seed}; "
        f"held: {held}, {found.held:,} weights and biases",
    )
    write_output(arguments.output, dumps(fitted, kind))
    print_line(
        f"{arguments.output}: {found.before:.2%} before, {found.after:.2%} after, "
        f"of {found.chosen_on:,} images set aside"
    )
    for name, accuracy in found.compared.items():
        what = "the held part blank" if name == "blank" else "nothing held"
        print_line(f"{accuracy:.2%} with {what}")
    return 130 if interrupted else 0


def _report(epoch: Epoch) -> None:
    stage = f"{epoch.stage}: " if epoch.stage else ""
    say(
        f"{stage}pass {epoch.number}/{epoch.epochs}  right {epoch.accuracy or 0:.2%}"
        f"  {duration(epoch.seconds_left)} left"
    )


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {"ceilings": ceilings, "fit": fit}
