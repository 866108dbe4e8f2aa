"""What the commands accept, and their help."""

from __future__ import annotations

import argparse
from functools import partial
from pathlib import Path

from toolkit import __version__
from toolkit.cli import options
from toolkit.cli.analyse import add_analyse, add_output
from toolkit.cli.bench import add_bench
from toolkit.cli.lessons import add_ceilings, add_fit
from toolkit.cli.options import add_form, add_to
from toolkit.cli.parsing import DIGITS_HELP, FILE_HELP, Commands, add_app, parser_of_commands
from toolkit.cli.parsing import add as _add
from toolkit.formats import WRITABLE
from toolkit.network import ACTIVATIONS
from toolkit.palette import DEFAULT_PALETTE, PALETTES, Scale

_NETWORK_HELP = f"{FILE_HELP}; - for standard input"
PICTURE_KINDS = (".png", ".svg", ".pdf")


def build_parser() -> argparse.ArgumentParser:
    """Return the parser; ``command`` of what it returns names the command."""
    parser, commands = parser_of_commands()
    parser.add_argument("--version", action="version", version=f"toolkit {__version__}")
    for add in (
        add_app,
        _add_evaluate,
        _add_classes,
        _add_analyse,
        _add_compare,
        _add_train,
        _add_lessons,
        _add_render,
        _add_info,
        _add_convert,
        _add_replay,
        _add_provenance,
        _add_check,
        _add_digits,
        _add_bench,
    ):
        add(commands)
    return parser


def _add_evaluate(commands: Commands) -> None:
    parser = _add(
        commands, "evaluate", "measure how well a network reads digits", "",
        "toolkit evaluate mnist-sigmoid --digits drawn",
        "toolkit evaluate mine.npz --digits mnist --split train --json",
    )  # fmt: skip
    parser.add_argument("network", metavar="NETWORK", help=_NETWORK_HELP)
    parser.add_argument("--digits", metavar="SOURCE", help=DIGITS_HELP)
    parser.add_argument("--split", choices=("test", "train"), default="test", help="default: test")
    parser.add_argument(
        "--json", action="store_true",
        help="print JSON: network, digits, split, accuracy, unscored (why there is "
        "none), correct, images, per_digit, confusion (row: label, column: answer)",
    )  # fmt: skip
    options.add_understanding(parser)


def _add_classes(commands: Commands) -> None:
    parser = _add(
        commands, "classes", "tell how often each neuron fires for each class",
        "A neuron fires on a\ndigit where its weighted sum plus bias are above zero: a sigmoid's "
        "activation is above one\nhalf then, and that of relu, tanh and identity above 0.",
        "toolkit classes mnist-sigmoid --layer 2",
        "toolkit classes mine.npz --digits mnist --split train -o classes.csv",
    )  # fmt: skip
    parser.add_argument("network", metavar="NETWORK", help=_NETWORK_HELP)
    parser.add_argument("--digits", metavar="SOURCE", help=DIGITS_HELP)
    parser.add_argument("--split", choices=("test", "train"), default="test", help="default: test")
    parser.add_argument("--layer", type=options.count, metavar="N", help="by default all layers")
    parser.add_argument(
        "-o", "--output", type=Path, metavar="FILE",
        help="a .csv with a line for each neuron and class: digits, share on which it fires, mean "
        "activation; - for standard output",
    )  # fmt: skip
    parser.add_argument(
        "--json", action="store_true",
        help="print JSON: network, digits, per_class, layers (fires and means; row: class)",
    )  # fmt: skip
    options.add_understanding(parser)


def _add_compare(commands: Commands) -> None:
    parser = _add(
        commands, "compare", "put two networks side by side",
        "What each reads, the digits that\none alone reads right, whose neuron is whose (by "
        "weights and by activations), and how alike\nthe layers are (CKA).",
        "toolkit compare mnist-sigmoid drawn-sigmoid --digits drawn",
        "toolkit compare before.npz after.npz -o compare.html",
    )  # fmt: skip
    parser.add_argument("network", metavar="NETWORK", help=_NETWORK_HELP)
    parser.add_argument("other", metavar="OTHER", help="the other, named in the same way")
    parser.add_argument("--digits", metavar="SOURCE", help=DIGITS_HELP)
    parser.add_argument("--split", choices=("test", "train"), default="test", help="default: test")
    add_output(parser)
    parser.add_argument(
        "--json", action="store_true",
        help="print JSON: digits, images, networks (name, accuracy, per_digit, right_alone: "
        "digits' numbers), neurons (matches, similarities, distance), cka",
    )  # fmt: skip
    options.add_understanding(parser)


def _add_analyse(commands: Commands) -> None:
    add_analyse(partial(_add, commands), _NETWORK_HELP, DIGITS_HELP)


def _add_train(commands: Commands) -> None:
    parser = _add(
        commands, "train", "train a network by gradient descent",
        "A tenth of the digits is set\naside to choose the best epoch by. Ctrl+C stops and saves "
        "the best so far.\nThe file appears whole or not at all; one that is there is replaced.",
        "toolkit train -o mine.npz",
        "toolkit train --hidden 32 --activation relu --digits drawn --epochs 10 --seed 1 -o r.npz",
        "toolkit train --plan mnist-sigmoid --digits mnist -o mnist-sigmoid.npz",
        "toolkit train -o mine.npz --film learning.gif",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE", help="where to save, an .npz"
    )
    parser.add_argument("--digits", metavar="SOURCE", help=DIGITS_HELP)
    parser.add_argument(
        "--hidden", type=options.sizes, metavar="N,N",
        help="neurons of each hidden layer; default: 16,16",
    )  # fmt: skip
    parser.add_argument(
        "--activation", type=options.activation, metavar="NAME",
        help=f"of the hidden layers: {', '.join(ACTIVATIONS)}; a slope or α of one's own in "
        "brackets, leaky_relu(0.2), elu(0.5); default: sigmoid. The outputs are sigmoid for "
        "sigmoid, else softmax",
    )  # fmt: skip
    parser.add_argument(
        "--epochs", type=options.count, metavar="N", help="passes over the digits; default: 30"
    )
    parser.add_argument("--seed", type=options.seed, default=0, metavar="N", help="default: 0")
    parser.add_argument(
        "--film", type=Path, metavar="GIF",
        help="write how it learned too: layer 1's maps, a frame an epoch, with the accuracy. A GIF "
        "of less than 2 MB; there is no MP4, which takes another program",
    )  # fmt: skip
    parser.add_argument(
        "--plan", metavar="NAME",
        help="make a network that ships as it was made, in some minutes; a name that is not "
        "known lists those there are",
    )  # fmt: skip


def _add_lessons(commands: Commands) -> None:
    add = partial(_add, commands)
    add_ceilings(add, _NETWORK_HELP, DIGITS_HELP)
    add_fit(add, _NETWORK_HELP, DIGITS_HELP, options.count, options.seed)


def _add_render(commands: Commands) -> None:
    parser = _add(
        commands, "render", "draw a network's weight maps into a file",
        "All layers, one layer, or one\nneuron. Later layers are drawn as composed maps, "
        "a linear approximation.",
        "toolkit render mnist-sigmoid -o atlas.png",
        "toolkit render mine.npz --layer 1 --palette blue-orange --scale shared -o layer.svg",
        "toolkit render mine.npz --neuron 2.3 --scale 0.5 -o neuron.pdf",
        "toolkit render mine.npz --bare -o maps.png",
    )  # fmt: skip
    parser.add_argument("network", metavar="NETWORK", help=_NETWORK_HELP)
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE",
        help="ends in .png, .svg or .pdf; one that is there is replaced; - for standard output",
    )  # fmt: skip
    add_to(parser, PICTURE_KINDS)
    what = parser.add_mutually_exclusive_group()
    what.add_argument(
        "--layer", type=options.count, metavar="N", help="1 is the first hidden layer"
    )
    what.add_argument(
        "--neuron", type=options.neuron, metavar="L.I", help="layer and index, as in 1.3"
    )
    parser.add_argument(
        "--palette", choices=tuple(PALETTES), default=DEFAULT_PALETTE, metavar="NAME",
        help=f"positive-negative: {', '.join(PALETTES)}",
    )  # fmt: skip
    parser.add_argument(
        "--scale", type=options.scale, default=Scale(), metavar="SCALE",
        help="neuron (each map its own; the default), shared within a layer, or the weight that "
        "is brightest",
    )  # fmt: skip
    parser.add_argument(
        "--bare", action="store_true",
        help="the maps alone, without names and scale: a PNG of 4 pixels a weight, made at once",
    )  # fmt: skip
    options.add_understanding(parser)


def _add_info(commands: Commands) -> None:
    parser = _add(
        commands, "info", "tell what a network is",
        "Without one, list those that ship.",
        "toolkit info", "toolkit info mnist-sigmoid --json",
    )  # fmt: skip
    parser.add_argument("network", metavar="NETWORK", nargs="?", help=_NETWORK_HELP)
    parser.add_argument("--digits", metavar="SOURCE", help=DIGITS_HELP)
    parser.add_argument("--json", action="store_true", help="print JSON")
    options.add_understanding(parser)


def _add_convert(commands: Commands) -> None:
    parser = _add(
        commands, "convert", "write a network in another format",
        "What the file leaves open (orientation, activation functions, scaling of pixels) is\n"
        "tried on digits; what was understood is said. The file appears whole or not at all.",
        "toolkit convert mnist-relu mine.onnx", "toolkit convert model.pt mine.npz --digits mnist",
        "toolkit convert - - --to json < mine.npz > mine.json",
    )  # fmt: skip
    parser.add_argument("network", metavar="IN", help=_NETWORK_HELP)
    parser.add_argument(
        "output", metavar="OUT", type=Path, help="where to save; - for standard output"
    )
    add_to(parser, WRITABLE)
    add_form(parser)
    parser.add_argument("--digits", metavar="SOURCE", help=DIGITS_HELP)
    options.add_understanding(parser)


def _add_replay(commands: Commands) -> None:
    parser = _add(
        commands, "replay", "make the network that a recipe's edits come to",
        "A recipe is an experiment as\ntext, downloaded from the workbench or written by hand: "
        "where it starts, and its steps.",
        "toolkit replay mine.recipe.toml -o mine.npz",
        "toolkit replay mine.recipe.toml -o mine.onnx",
    )  # fmt: skip
    parser.add_argument(
        "recipe", metavar="RECIPE", type=Path,
        help="the recipe's file, TOML or JSON; - for standard input",
    )  # fmt: skip
    parser.add_argument(
        "-o", "--output", type=Path, required=True, metavar="NETWORK",
        help=f"ends in {', '.join(WRITABLE)}; one that is there is replaced; - for standard output",
    )  # fmt: skip
    add_to(parser, WRITABLE)
    add_form(parser)


def _add_provenance(commands: Commands) -> None:
    parser = _add(
        commands, "provenance", "count where a recipe's weights come from",
        "Each weight and bias is blank,\nloaded, painted, stamped, a clause's, coached or fitted, "
        "by the recipe's start and\nthe steps in force; or mixed, where something was added to a "
        "loaded or fitted one.",
        "toolkit provenance mine.recipe.toml", "toolkit provenance mine.recipe.toml --json",
    )  # fmt: skip
    parser.add_argument(
        "recipe", metavar="RECIPE", type=Path, help="the recipe's file; - for standard input"
    )
    parser.add_argument(
        "--json", action="store_true",
        help="print JSON: network, checksum, counts, layers (counts by layer)",
    )  # fmt: skip


def _add_check(commands: Commands) -> None:
    parser = _add(
        commands, "check", "mark networks by an exercise",
        "An exercise's checks measure what\na network does; each submission is a line of a table. "
        "Without an exercise, those that\nship are listed; a teacher's own is a TOML file like "
        "theirs. A submission that cannot be\nread stops no other, and the exit status is 1 then.",
        "toolkit check", "toolkit check one-or-zero mine.npz",
        "toolkit check eight-stamps submissions --csv",
    )  # fmt: skip
    parser.add_argument(
        "exercise", metavar="EXERCISE", nargs="?", help="a name from the list, or a file"
    )
    parser.add_argument(
        "networks", metavar="NETWORK", nargs="*",
        help="networks' files, recipes, or a folder of them; of a recipe the steps count too",
    )  # fmt: skip
    parser.add_argument("--csv", action="store_true", help="print the table as CSV")


def _add_bench(commands: Commands) -> None:
    add_bench(partial(_add, commands), DIGITS_HELP, options.count)


def _add_digits(commands: Commands) -> None:
    parser = _add(
        commands, "digits", "fetch MNIST, or look into a set of digits", "",
        "toolkit digits fetch", "toolkit digits info mnist", "toolkit digits show -o digits.png",
    )  # fmt: skip
    actions = parser.add_subparsers(dest="command", metavar="ACTION", required=True)

    fetch = _add(
        actions, "fetch", "download MNIST",
        "11.6 MB, from the first of several mirrors that has it,\nchecked by SHA-256. "
        "Ctrl+C stops; what is complete is kept for the next time.",
        "toolkit digits fetch", "toolkit digits fetch --mirror http://192.168.1.5:8000/mnist",
    )  # fmt: skip
    fetch.add_argument(
        "--mirror", action="append", metavar="URL", dest="mirrors",
        help="folder on the web that holds the four files, in place of the usual ones; may be "
        "given several times",
    )  # fmt: skip

    info = _add(
        actions, "info", "tell what a set of digits is", "",
        "toolkit digits info", "toolkit digits info drawn --split train --json",
    )  # fmt: skip
    show = _add(
        actions, "show", "draw digits on a sheet", "",
        "toolkit digits show -o digits.png",
        "toolkit digits show drawn --class 7 --count 25 -o sevens.png",
    )  # fmt: skip
    for action in (info, show):
        action.add_argument("source", metavar="SOURCE", nargs="?", help=DIGITS_HELP)
        action.add_argument(
            "--split", choices=("test", "train"), default="test", help="default: test"
        )
    info.add_argument(
        "--json", action="store_true",
        help="print JSON: name, split, where, images, shape (rows, columns), counts and ink (mean "
        "pixel, 0 to 1) by digit, mean_ink, checksum",
    )  # fmt: skip
    show.add_argument(
        "-o", "--output", type=Path, required=True, metavar="FILE",
        help="ends in .png; one that is there is replaced; - for standard output",
    )  # fmt: skip
    add_to(show, (".png",))
    show.add_argument(
        "--count", type=options.sheet_count, default=100, metavar="N",
        help="the first so many; default: 100",
    )  # fmt: skip
    show.add_argument(
        "--class", type=options.digit, dest="label", metavar="D",
        help="one class alone, by its number",
    )  # fmt: skip
    # What the command is called where it is looked up and where an error is said.
    for name, action in (("fetch", fetch), ("info", info), ("show", show)):
        action.set_defaults(command=f"digits {name}")
