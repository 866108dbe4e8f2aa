"""ONNX, read and written with the ``onnx`` package, nothing executed.

A fully connected network is a row of nodes: Gemm, or MatMul and Add, an activation function, the
next.  Around it stand what exporters put there: flattening, scaling of the input by constants, a
choice of the winning class at the end.  Those are understood; any other node is refused by name.

The message is measured before it is parsed: weights may be large, but all that describes them
must fit the header's limit, since a parsed message takes many times its bytes.
"""

from __future__ import annotations

from toolkit.formats.frameworks.onnx.reader import read
from toolkit.formats.frameworks.onnx.way_back import dumps_back
from toolkit.formats.frameworks.onnx.writer import dumps

__all__ = ["dumps", "dumps_back", "read"]
