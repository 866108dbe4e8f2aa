"""Weight maps as one picture, beside a matplotlib figure with an axes for each."""

from __future__ import annotations

import struct
from functools import partial

from toolkit.benchmarks.clock import alone
from toolkit.benchmarks.limits import Needs
from toolkit.benchmarks.parts.measuring import Way, beside
from toolkit.benchmarks.peers import matplotlib_grid, matplotlib_version
from toolkit.benchmarks.records import Job, Part, Result, job
from toolkit.benchmarks.setting import Setting
from toolkit.network import Network
from toolkit.palette import as_maps
from toolkit.pictures import maps_png

_COUNTS = (16, 512, 4096)
_COLUMNS = 4  # of matplotlib's grid
_MOST_AXES = 16


def _measure(setting: Setting, count: int) -> Result:
    network = Network.random((784, count, 10))
    maps = as_maps(network.layer(1).weights)
    peer: Way | str = f"not tried: {count:,} axes take minutes"
    if count <= _MOST_AXES:
        grid = matplotlib_grid(maps, _COLUMNS)
        peer = alone(grid)
    work = partial(maps_png, network, layers=[1])
    # A PNG's width and height stand in its first chunk.
    width, height = struct.unpack(">II", work()[16:24])
    return beside(
        setting, alone(work),
        {matplotlib_version(): peer},
        # Each weight is read, and a byte of each pixel at least goes into the file's compression.
        needs=[Needs(4 * maps.size + width * height)],
    )  # fmt: skip


def _jobs(setting: Setting) -> list[Job]:
    return [
        job(f"pictures.{count}", f"{count:,} maps as one PNG", partial(_measure, setting, count))
        for count in _COUNTS
    ]


PART = Part("pictures", "weight maps as one picture", _jobs)
