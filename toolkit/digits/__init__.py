"""Digits: drawn by the toolkit, MNIST, and sets in files; pictures brought to MNIST's form."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from toolkit.digits.cache import mnist_folder
    from toolkit.digits.digitset import DigitSet
    from toolkit.digits.drawn.drawing import generate
    from toolkit.digits.drawn.drawing import load as load_drawn
    from toolkit.digits.fetching.fetch import FetchCancelled, FetchError, fetch_mnist
    from toolkit.digits.fetching.job import FetchJob, FetchState
    from toolkit.digits.parts import part_of, parted
    from toolkit.digits.pictures.picture import ink_of, read_picture, to_mnist_form
    from toolkit.digits.sets.byclass import load_pictures
    from toolkit.digits.sets.idx import load_folder, read_idx, write_idx
    from toolkit.digits.sets.npz import load_npz
    from toolkit.digits.sheet import contact_sheet
    from toolkit.digits.sources import (
        default_source,
        find_mnist,
        has_training,
        kind_of,
        open_digits,
    )

__all__ = [
    "DigitSet",
    "FetchCancelled",
    "FetchError",
    "FetchJob",
    "FetchState",
    "contact_sheet",
    "default_source",
    "fetch_mnist",
    "find_mnist",
    "generate",
    "has_training",
    "ink_of",
    "kind_of",
    "load_drawn",
    "load_folder",
    "load_npz",
    "load_pictures",
    "mnist_folder",
    "open_digits",
    "part_of",
    "parted",
    "read_idx",
    "read_picture",
    "to_mnist_form",
    "write_idx",
]

# Looked up when first asked for: who asks where the cache is needs neither Pillow nor the pen.
_HOMES = {
    "DigitSet": "digitset",
    "FetchCancelled": "fetching.fetch",
    "FetchError": "fetching.fetch",
    "FetchJob": "fetching.job",
    "FetchState": "fetching.job",
    "contact_sheet": "sheet",
    "default_source": "sources",
    "fetch_mnist": "fetching.fetch",
    "find_mnist": "sources",
    "generate": "drawn.drawing",
    "has_training": "sources",
    "ink_of": "pictures.picture",
    "kind_of": "sources",
    "load_drawn": "drawn.drawing",
    "load_folder": "sets.idx",
    "load_npz": "sets.npz",
    "load_pictures": "sets.byclass",
    "mnist_folder": "cache",
    "open_digits": "sources",
    "part_of": "parts",
    "parted": "parts",
    "read_idx": "sets.idx",
    "read_picture": "pictures.picture",
    "to_mnist_form": "pictures.picture",
    "write_idx": "sets.idx",
}


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    home = import_module(f"{__name__}.{_HOMES[name]}")
    globals()[name] = value = getattr(home, "load" if name == "load_drawn" else name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
