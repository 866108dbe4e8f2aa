"""What each command does; heavy rooms of the library are entered by the command that needs them."""

from __future__ import annotations

import argparse
import contextlib
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from toolkit import shipped
from toolkit.cli import bench, check, experiments, lessons, networks
from toolkit.cli import digits as digit_sets
from toolkit.cli.analyse import analyse
from toolkit.cli.classes import classes
from toolkit.cli.compare import compare
from toolkit.cli.inputs import digits_for, open_network
from toolkit.cli.output import (
    check_writable,
    duration,
    images_of,
    kind_by_name,
    kind_of,
    print_json,
    print_line,
    say,
    write_output,
)
from toolkit.cli.parser import PICTURE_KINDS
from toolkit.cli.server import app
from toolkit.digits import DigitSet, parted
from toolkit.fits import SHELL, fits
from toolkit.network import Network

if TYPE_CHECKING:
    from toolkit.scoring import Score
    from toolkit.training import Epoch, TrainingResult


def evaluate(arguments: argparse.Namespace) -> int:
    """Print the score of a network on a digit set."""
    from toolkit.scoring import score

    digits = digits_for(arguments.digits, arguments.split)
    network = open_network(arguments.network, digits, arguments)
    fit = fits(network, digits, SHELL)
    result = score(network, fit.lay(digits))
    if fit.share:
        say(fit.share)
    if arguments.json:
        print_json(
            {
                "network": network.name,
                "digits": digits.name,
                "split": parted(digits.source)[1],
                "accuracy": result.known_accuracy,
                "unscored": result.unscored,
                "correct": result.correct,
                "images": result.images,
                "of": len(digits),
                "per_digit": result.per_digit.tolist(),
                "confusion": result.confusion.tolist(),
            }
        )
    else:
        images = images_of(result.images, len(digits))
        read = result.unscored or f"{result.accuracy:.2%} of {images}"
        print_line(f"{network.name} on {digits.name}: {read}")
        for line in _confusion_table(result, digits):
            print_line(line)
    return 0


def _confusion_table(score: Score, digits: DigitSet) -> list[str]:
    answers = map(str if score.unscored else digits.called, range(score.outputs))
    header = "label  read as " + "".join(f"{name:>6}" for name in answers) + "    right"
    rows = [
        f"{digits.called(digit):>5}          "
        + "".join(f"{count or '·':>6}" for count in row)
        + (f"{share:>9.1%}" if math.isfinite(share) else "        –")
        for digit, (row, share) in enumerate(
            zip(score.confusion.tolist(), score.per_digit.tolist(), strict=True)
        )
    ]
    return [header, *rows]


def train(arguments: argparse.Namespace) -> int:
    """Train a network and save it; interrupted, save the best so far."""
    from toolkit.formats import save

    kind_of(arguments.output, None, (".npz",))
    check_writable(arguments.output)
    if arguments.film:
        check_writable(arguments.film, kind_by_name(arguments.film, (".gif",)))
    digits = digits_for(arguments.digits, "train")
    if arguments.plan is not None:
        result, learned = _train_by_plan(arguments, digits)
    else:
        result, learned = _train_plainly(arguments, digits)
    interrupted = result.stopped_because.startswith("interrupted")
    say(result.stopped_because)
    if not learned:
        say("nothing learned, nothing saved")
        return 130 if interrupted else 2
    save(result.network, arguments.output)
    said = result.network.provenance
    print_line(f"{arguments.output}: {said.get('validation', said.get('origin', ''))}")
    return 130 if interrupted else 0


def _train_plainly(arguments: argparse.Namespace, digits: DigitSet) -> tuple[TrainingResult, bool]:
    from toolkit.training import watch

    activation, seed = arguments.activation or "sigmoid", arguments.seed
    hidden = arguments.hidden or (16, 16)
    outputs = "sigmoid" if activation == "sigmoid" else "softmax"
    network = Network.random(
        (digits.pixels.shape[1], *hidden, digits.classes),
        (*(activation for _ in hidden), outputs),
        seed=seed,
        name=arguments.output.stem,
    ).with_layer(1, grid=digits.grid)
    say(f"{network!r}, on {len(digits):,} images of {digits.name}")
    learning = watch(
        network, digits, epochs=arguments.epochs or 30, validation=0.1, seed=seed, told=_report,
        **({} if arguments.film else {"most_bytes": 0}),
    )  # fmt: skip
    result = learning.result
    if not result.records:
        return result, False
    if arguments.film:
        from toolkit.plots import film

        write_output(arguments.film, film(learning))
    best = max(epoch.accuracy or 0 for epoch in result.records)
    said = result.network.renamed(
        network.name,
        origin=f"trained on {digits.name}, seed {seed}, {len(result.records)} epochs",
        validation=f"{best:.2%} of the images set aside",
    )
    return replace(result, network=said), True


def _train_by_plan(arguments: argparse.Namespace, digits: DigitSet) -> tuple[TrainingResult, bool]:
    from toolkit.training.beside import BESIDE
    from toolkit.training.plans import PLANS, train_plan

    for name in ("hidden", "activation", "epochs", "film"):
        if getattr(arguments, name) is not None:
            raise ValueError(f"--{name}: the plan says that; leave out one of the two")
    if arguments.plan in BESIDE:
        return _train_beside(arguments, digits)
    if arguments.plan not in PLANS:
        known = ", ".join((*PLANS, *BESIDE))
        raise ValueError(f"--plan: expected one of {known}; got {arguments.plan!r}")
    say(f"{PLANS[arguments.plan].summary}; on {len(digits):,} images of {digits.name}")
    result = train_plan(arguments.plan, digits, seed=arguments.seed, on_epoch=_report)
    return result, "validation" in result.network.provenance


def _train_beside(arguments: argparse.Namespace, digits: DigitSet) -> tuple[TrainingResult, bool]:
    from toolkit.training import TrainingResult
    from toolkit.training.beside import BESIDE, fitted_above, templates

    name = arguments.plan
    say(f"{BESIDE[name]}; on {len(digits):,} images of {digits.name}")
    if name == "templates":
        return TrainingResult(templates(digits), (), "made", True), True
    handmade = shipped.open_network("handmade")
    fitted = fitted_above(handmade, digits, seed=arguments.seed, on_epoch=_report)
    return replace(fitted.result, network=fitted.network), bool(fitted.result.records)


def _report(epoch: Epoch) -> None:
    accuracy = "" if epoch.accuracy is None else f"  right {epoch.accuracy:.2%}"
    stage = f"{epoch.stage}: " if epoch.stage else ""
    say(
        f"{stage}epoch {epoch.number}/{epoch.epochs}  loss {epoch.loss:.4f}{accuracy}"
        f"  {duration(epoch.seconds_left)} left"
    )


def render(arguments: argparse.Namespace) -> int:
    """Draw weight maps into a file."""
    kind = kind_of(arguments.output, arguments.to, (".png",) if arguments.bare else PICTURE_KINDS)
    check_writable(arguments.output, kind)
    network = open_network(arguments.network, None, arguments)
    layers = None if arguments.layer is None else [arguments.layer]
    if layers is not None:
        network.layer(layers[0])
    if arguments.neuron is not None:
        network.check_neuron(*arguments.neuron)
    if arguments.bare:
        write_output(arguments.output, _bare(network, layers, arguments))
        return 0

    # Matplotlib obeys the settings of the current folder, whoever put them there: LaTeX too.
    with contextlib.chdir(shipped.app_script().parent):
        from toolkit import plots

    if arguments.neuron is not None:
        figure = plots.figure_neuron(
            network, *arguments.neuron, scale=arguments.scale, palette=arguments.palette
        )
    else:
        figure = plots.figure_atlas(
            network, layers=layers, scale=arguments.scale, palette=arguments.palette
        )
    write_output(arguments.output, plots.figure_bytes(figure, kind.lstrip(".")))
    return 0


def _bare(network: Network, layers: list[int] | None, arguments: argparse.Namespace) -> bytes:
    from toolkit.pictures import maps_png

    order = None
    if arguments.neuron is not None:
        layer, index = arguments.neuron
        layers, order = [layer], {layer: [index]}
    return maps_png(
        network, layers=layers, order=order, scale=arguments.scale, palette=arguments.palette
    )


COMMANDS: Mapping[str, Callable[[argparse.Namespace], int]] = {
    "app": app,
    "evaluate": evaluate,
    "classes": classes,
    "analyse": analyse,
    "compare": compare,
    "train": train,
    "render": render,
    **networks.COMMANDS,
    **lessons.COMMANDS,
    **experiments.COMMANDS,
    **check.COMMANDS,
    **bench.COMMANDS,
    **digit_sets.COMMANDS,
}
