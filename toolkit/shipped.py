"""What comes with the project: networks by name, and the script that starts the dashboard."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from toolkit.digits import DigitSet
    from toolkit.network import Network

_PACKAGE = Path(__file__).resolve().parent


def _home() -> Path:
    # In a wheel these files travel inside the package, in a checkout they stand beside it.
    inside = _PACKAGE / "_shipped"
    return inside if inside.is_dir() else _PACKAGE.parent


def app_script() -> Path:
    """Return the script that ``streamlit run`` starts."""
    return _home() / "app.py"


def names() -> list[str]:
    """Return the names of the networks that ship, trained ones first."""
    return [*sorted(path.stem for path in (_home() / "weights").glob("*.npz")), "blank", "random"]


def recipe(name: str) -> bytes | None:
    """Return the recipe of a network that ships, as its file has it; None where there is none."""
    path = _home() / "weights" / f"{name}.toml"
    return path.read_bytes() if name in names() and path.is_file() else None


def open_network(source: str | Path, digits: DigitSet | None = None) -> Network:
    """Open a shipped network by name, or any network by its file's path.

    Parameters
    ----------
    source : str or Path
        One of :func:`names`, or a path.
    digits : DigitSet, optional
        What to try on where a file leaves something open.

    Raises
    ------
    NetworkFileError
        If there is no such network, or its file cannot be read as one.
    OSError
        If the file cannot be read.
    """
    from toolkit.formats import NetworkFileError, load
    from toolkit.network import Network

    name = str(source)
    if name == "blank":
        return Network.blank()
    if name == "random":
        return Network.random()
    if name in names():
        return load(_home() / "weights" / f"{name}.npz")
    path = Path(source)
    if not path.exists():
        raise NetworkFileError(
            f"network {name!r}: neither a file nor one that ships ({', '.join(names())})"
        )
    return load(path, where=str(path), digits=digits)
