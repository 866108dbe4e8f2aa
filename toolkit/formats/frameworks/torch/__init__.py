"""PyTorch's files, read and written without PyTorch: the zip form, and the one before version 1.6.

``files`` tells the forms apart, ``storages`` cuts tensors out of them, ``checkpoint`` finds the
tensors of a network among whatever else was saved, ``modules`` does so in a whole pickled one, and
``writer`` writes.
"""

from toolkit.formats.frameworks.torch.files import (
    is_legacy,
    is_legacy_tar,
    is_torch,
    read,
    read_legacy,
    refuse_tar,
)
from toolkit.formats.frameworks.torch.writer import dumps, dumps_back

__all__ = [
    "dumps",
    "dumps_back",
    "is_legacy",
    "is_legacy_tar",
    "is_torch",
    "read",
    "read_legacy",
    "refuse_tar",
]
