"""Digits: drawn by the toolkit, MNIST, IDX folders, and pictures brought to MNIST's form."""

from .digitset import DigitSet
from .drawn import generate
from .drawn import load as load_drawn
from .idx import load_folder, read_idx, write_idx
from .picture import ink_of, read_picture, to_mnist_form
from .sources import default_source, find_mnist, open_digits

__all__ = [
    "DigitSet",
    "default_source",
    "find_mnist",
    "generate",
    "ink_of",
    "load_drawn",
    "load_folder",
    "open_digits",
    "read_idx",
    "read_picture",
    "to_mnist_form",
    "write_idx",
]
