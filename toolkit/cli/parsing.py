"""What all commands' parsers are made of, and the parser of ``toolkit app``.

That one is here, and nothing else of the library: who starts the dashboard waits for it.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NoReturn, TypeAlias

from toolkit.cli.output import say

FILE_HELP = "a network's file, or the name of one that ships (see: toolkit info)"
DIGITS_HELP = (
    "drawn, mnist, a folder of IDX files or of pictures by class, or an .npz; mnist:train and "
    "mnist:all take the training digits, alone or with those to test, and so behind any; by "
    "default what the environment variable TOOLKIT_DIGITS names, else mnist if it is there, else "
    "drawn"
)


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage."""

    def error(self, message: str) -> NoReturn:
        """Say it, and leave."""
        say(f"{self.prog}: error: {message} (see {self.prog} --help)")
        self.exit(2)


# argparse has no public name for what it returns.
Commands: TypeAlias = "argparse._SubParsersAction[Parser]"


def parser_of_commands() -> tuple[Parser, Commands]:
    """Return a parser, and where commands are added to it."""
    parser = Parser(
        prog="toolkit",
        description="Weight maps of small digit networks: paint them, run them, look into them.",
        epilog="toolkit COMMAND --help tells more of each, with an example.",
    )
    return parser, parser.add_subparsers(dest="command", metavar="COMMAND", required=True)


def add(commands: Commands, name: str, what: str, more: str, *examples: str) -> Parser:
    """Add a command, and return its parser."""
    return commands.add_parser(
        name,
        help=what,
        description=f"{what[0].upper()}{what[1:]}. {more}".strip(),
        epilog="examples:\n" + "\n".join(f"  {example}" for example in examples),
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


def add_app(commands: Commands) -> None:
    """Add ``app``."""
    parser = add(
        commands, "app", "start the workbench in the browser",
        "It listens on this machine alone;\nCtrl+C ends it. Where one with the same settings runs, "
        "it says at which address.",
        "toolkit app", "toolkit app mine.npz --digits drawn --port 8601 --no-browser",
    )  # fmt: skip
    parser.add_argument("network", metavar="NETWORK", nargs="?", help=FILE_HELP)
    parser.add_argument("--digits", metavar="SOURCE", help=DIGITS_HELP)
    parser.add_argument(
        "--port", type=_port, metavar="N", help="by default 8501, or the next one that is free"
    )
    parser.add_argument(
        "--workspace", type=Path, metavar="FILE",
        help="where your experiments are kept; by default what TOOLKIT_WORKSPACE names, else a "
        "file in your data folder",
    )  # fmt: skip
    parser.add_argument("--no-browser", action="store_true", help="do not open a browser")


def app_parser() -> Parser:
    """Return a parser that knows ``app`` alone."""
    parser, commands = parser_of_commands()
    add_app(commands)
    return parser


def whole(text: str, what: str, least: int, most: int) -> int:
    """Read a whole number, or say what was expected."""
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise argparse.ArgumentTypeError(
            f"expected {what}, {least} to {most}; got {text!r}"
            if most < 1 << 31
            else f"expected {what}, {least} or more; got {text!r}"
        )
    return number


def _port(text: str) -> int:
    return whole(text, "a port", 1, 65535)
