"""Weight maps as one picture, beside a matplotlib figure with an axes for each."""

from __future__ import annotations

from functools import partial

from toolkit.benchmarks.clock import alone
from toolkit.benchmarks.limits import Needs
from toolkit.benchmarks.parts.measuring import Way, beside
from toolkit.benchmarks.peers import matplotlib_grid, matplotlib_version
from toolkit.benchmarks.records import Job, Part, Result, job
from toolkit.benchmarks.setting import Setting
from toolkit.network import Network
from toolkit.palette import as_maps, compose
from toolkit.pictures import to_png

_COUNTS = (16, 512, 4096)
_COLUMNS = {16: 4, 512: 32, 4096: 64}
_MOST_AXES = 16


def _measure(setting: Setting, count: int) -> Result:
    maps = as_maps(Network.random((784, count, 10)).layer(1).weights)
    columns = _COLUMNS[count]
    peer: Way | str = f"not tried: {count:,} axes take minutes"
    if count <= _MOST_AXES:
        grid = matplotlib_grid(maps, columns)
        peer = alone(grid)
    pixels = compose(maps, columns=columns).shape
    return beside(
        setting, alone(lambda: to_png(compose(maps, columns=columns))),
        {matplotlib_version(): peer},
        # Each weight is read, and a byte of each pixel at least goes into the file's compression.
        needs=[Needs(4 * maps.size + pixels[0] * pixels[1])],
    )  # fmt: skip


def _jobs(setting: Setting) -> list[Job]:
    return [
        job(f"pictures.{count}", f"{count:,} maps as one PNG", partial(_measure, setting, count))
        for count in _COUNTS
    ]


PART = Part("pictures", "weight maps as one picture", _jobs)
