"""Digits: drawn by the toolkit, MNIST, and sets in files; pictures brought to MNIST's form."""

from toolkit.digits.cache import mnist_folder
from toolkit.digits.digitset import DigitSet
from toolkit.digits.drawn.drawing import generate
from toolkit.digits.drawn.drawing import load as load_drawn
from toolkit.digits.fetching.fetch import FetchCancelled, FetchError, fetch_mnist
from toolkit.digits.fetching.job import FetchJob, FetchState
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
    part_of,
    parted,
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
