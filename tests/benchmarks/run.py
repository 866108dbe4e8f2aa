"""All that can be measured in a checkout with a browser: ``make bench``.

What an installed toolkit can measure is in ``toolkit.benchmarks``; the parts here need a browser,
the server's tests or files of other frameworks.  Nothing asserts a time.
"""

from __future__ import annotations

import argparse
import os
import sys
from importlib.util import find_spec

from tests.benchmarks import (
    analysing,
    clicks,
    looking,
    memory,
    page,
    painting,
    reading,
    starting,
    traffic,
    wide,
)
from tests.benchmarks.checkout import ROOT
from toolkit.benchmarks import PARTS, Part
from toolkit.benchmarks.machine import threads_set
from toolkit.cli.bench import add_options, measure, start_again
from toolkit.cli.options import count
from toolkit.cli.output import say
from toolkit.cli.parser import DIGITS_HELP

ALL: dict[str, Part] = PARTS | {
    each.PART.name: each.PART
    for each in (
        painting,
        page,
        wide,
        starting,
        traffic,
        looking,
        clicks,
        reading,
        analysing,
        memory,
    )
}


def main() -> int:
    """Run all, or those named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add_options(parser, DIGITS_HELP, count)
    arguments = parser.parse_args()
    if threads_set() is None:
        path = [str(ROOT), os.environ.get("PYTHONPATH", "")]  # -P keeps this folder off it
        os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, path))
        return start_again("tests.benchmarks.run", sys.argv[1:])
    arguments.digits = arguments.digits or os.environ.get("TOOLKIT_TEST_MNIST")
    try:
        status = measure(arguments, ALL)
    except (ValueError, OSError) as error:
        say(f"error: {error}")
        return 2
    except KeyboardInterrupt:
        say("interrupted")
        return 130
    if find_spec("torch") is None:
        say("PyTorch is not there to be measured beside; make bench PEERS=1 installs it")
    return status


if __name__ == "__main__":
    sys.exit(main())
