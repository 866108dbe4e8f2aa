"""The commands: a thin skin over the library.

Results go to stdout, progress and errors to stderr.  Exit status: 0 done, 2
bad usage or input (one line says what), 130 interrupted, 141 nobody reads the
output any more.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from argparse import Namespace
from collections.abc import Sequence

from toolkit.cli.output import say

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit status.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments; by default those of the process.
    """
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a sign it has no bytes for is no reason to fail
            stream.reconfigure(errors="backslashreplace")
    words = sys.argv[1:] if argv is None else list(argv)
    try:
        arguments = _read(words)
        status = _run(arguments)
        sys.stdout.flush()
    except SystemExit as leaving:  # help, version and bad usage
        return leaving.code if isinstance(leaving.code, int) else 0
    except KeyboardInterrupt:
        say("toolkit: interrupted")
        return 130
    except BrokenPipeError:
        # What is still buffered would raise once more when the interpreter flushes at its end.
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 141
    except (ValueError, OSError) as error:
        say(f"toolkit {arguments.command}: error: {_in_one_line(error)}")
        return 2
    return status


def _read(words: list[str]) -> Namespace:
    if words[:1] == ["app"]:
        # It does little itself: what the other commands need would take it longer than that.
        from toolkit.cli.parsing import app_parser

        return app_parser().parse_args(words)
    from toolkit.cli.parser import build_parser

    return build_parser().parse_args(words)


def _run(arguments: Namespace) -> int:
    if arguments.command == "app":
        from toolkit.cli.server import app

        return app(arguments)
    from toolkit.cli.commands import COMMANDS

    return COMMANDS[arguments.command](arguments)


def _in_one_line(error: Exception) -> str:
    text = str(error)
    if isinstance(error, OSError) and error.strerror and error.filename is not None:
        text = f"{error.filename}: {error.strerror}"
    return " ".join(text.split()) or type(error).__name__
