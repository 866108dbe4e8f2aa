"""The ``onnx`` package, which an extra installs, and what reader and writer agree on."""

from __future__ import annotations

from typing import Any

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import INSTALL

PRODUCER = "weight-map-toolkit"
OPSET = 13
"""The first whose softmax works on the last axis; old enough for any runtime in use."""


def onnx_package(what: str) -> Any:
    """Return the package.

    Raises
    ------
    NetworkFileError
        If it is not installed; `what` needs it.
    """
    try:
        import onnx
        import onnx.helper
    except ImportError as error:
        raise NetworkFileError(
            f"{what}: an ONNX file is read and written by the onnx package: {INSTALL}"
        ) from error
    return onnx
