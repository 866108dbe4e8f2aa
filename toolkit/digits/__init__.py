"""Digits: drawn by the toolkit, MNIST, and sets in files; pictures brought to MNIST's form."""

from .byclass import load_pictures
from .cache import mnist_folder
from .digitset import DigitSet
from .drawn import generate
from .drawn import load as load_drawn
from .fetch import FetchCancelled, FetchError, fetch_mnist
from .fetch_job import FetchJob, FetchState
from .idx import load_folder, read_idx, write_idx
from .npz import load_npz
from .picture import ink_of, read_picture, to_mnist_form
from .sheet import contact_sheet
from .sources import default_source, find_mnist, kind_of, open_digits

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
    "ink_of",
    "kind_of",
    "load_drawn",
    "load_folder",
    "load_npz",
    "load_pictures",
    "mnist_folder",
    "open_digits",
    "read_idx",
    "read_picture",
    "to_mnist_form",
    "write_idx",
]
