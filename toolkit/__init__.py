"""Weight maps of small digit networks: paint them, run them, look into them.

Examples
--------
>>> import toolkit
>>> net = toolkit.Network.random(seed=0)
>>> net.forward([0] * 784).outputs.shape
(10,)
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit import analysis, plots, report, stamps
    from toolkit.digits import DigitSet, open_digits
    from toolkit.formats import NetworkFileError, load, save
    from toolkit.network import Layer, Network, Trace
    from toolkit.palette import Scale, compose
    from toolkit.scoring import Score, score
    from toolkit.shipped import open_network
    from toolkit.training import train

    __version__: str

__all__ = [
    "DigitSet",
    "Layer",
    "Network",
    "NetworkFileError",
    "Scale",
    "Score",
    "Trace",
    "analysis",
    "compose",
    "load",
    "open_digits",
    "open_network",
    "plots",
    "report",
    "save",
    "score",
    "stamps",
    "train",
]

# Looked up when first asked for, so that importing the package, as a command does that only starts
# another process, stays quick, and each library is loaded by those who need it.
_HOMES = {
    "DigitSet": "digits",
    "Layer": "network",
    "Network": "network",
    "NetworkFileError": "formats",
    "Scale": "palette",
    "Score": "scoring",
    "Trace": "network",
    "analysis": "",
    "compose": "palette",
    "load": "formats",
    "open_digits": "digits",
    "open_network": "shipped",
    "plots": "",
    "report": "",
    "save": "formats",
    "score": "scoring",
    "stamps": "",
    "train": "training",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        return _version()
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = _HOMES[name]
    value = (
        getattr(import_module(f"{__name__}.{home}"), name)
        if home
        else import_module(f"{__name__}.{name}")
    )
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__, "__version__"})


@cache
def _version() -> str:
    # A fifth of the import's time, for what hardly anybody asks.
    from importlib import metadata

    try:
        return metadata.version("weight-map-toolkit")
    except metadata.PackageNotFoundError:  # a source tree on the path, not installed
        return "0+unknown"


def picture_of(network: Network) -> bytes:
    """Return the PNG that a notebook shows for a network, whose own module knows no pictures."""
    from toolkit.palette import as_maps, compose
    from toolkit.pictures import to_png

    maps = as_maps(network.layers[0].weights, network.grid)
    return to_png(compose(maps, pixels_per_cell=3))


def bridge_to(name: str) -> Any:
    """Load one of the bridges to other libraries; a network's own modules know none."""
    return import_module(f"{__name__}.bridges.{name}")
