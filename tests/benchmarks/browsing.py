"""What the parts that drive a browser share."""

from __future__ import annotations

from collections.abc import Sequence

from tests.browser.server import browser_path
from toolkit.benchmarks import Result, spread_of
from toolkit.benchmarks.running import UnmeasuredError


def browser() -> str:
    """Return the browser's path.

    Raises
    ------
    UnmeasuredError
        If there is none.
    """
    path = browser_path()
    if not path:
        raise UnmeasuredError("no browser; install Chromium, or name one in TOOLKIT_TEST_BROWSER")
    return path


def from_ms(values: Sequence[float], note: str = "") -> Result:
    """Return what milliseconds, as a page tells them, come to."""
    return Result(spread_of([each / 1000 for each in values]), note=note)
