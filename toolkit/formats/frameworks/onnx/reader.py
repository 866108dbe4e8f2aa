"""Reading an ONNX file: measured, parsed, walked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from toolkit.formats.beside import Beside, nothing
from toolkit.formats.containers.protobuf import damaged
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.onnx.graph import Graph
from toolkit.formats.frameworks.onnx.measure import measure
from toolkit.formats.frameworks.onnx.package import onnx_package
from toolkit.formats.guard import check_size, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning.reading import Reading


def _texts(model: Any) -> Iterator[Any]:
    """Yield what should be text; the parser hands on as bytes what is none."""
    graph = model.graph
    yield from (model.producer_name, model.producer_version, graph.name)
    for entry in model.metadata_props:
        yield from (entry.key, entry.value)
    for node in graph.node:
        yield from (node.name, node.op_type, node.domain, *node.input, *node.output)
        for attribute in node.attribute:
            yield from (attribute.name, attribute.t.name)
    for value in (*graph.input, *graph.output, *graph.initializer):
        yield value.name
    for tensor in graph.initializer:
        for entry in tensor.external_data:
            yield from (entry.key, entry.value)
    for each in (*model.opset_import, *model.functions):
        yield each.domain


def read(
    data: bytes, where: str = "file", limits: Limits = LIMITS, beside: Beside = nothing
) -> Reading:
    """Read a network from the bytes of an ONNX file.

    Parameters
    ----------
    data : bytes
    where : str
    limits : Limits
    beside : callable
        Returns the content of the file of a plain name that stands beside the model, or None.

    Returns
    -------
    Reading
        Weights are (out, in), activations as the graph has them.

    Raises
    ------
    NetworkFileError
        Also if it keeps data in files that are not beside it, if its layers do not stand in one
        row, or if the ``onnx`` package is not installed.
    """
    check_size(len(data), where, limits)
    measure(data, where, limits)
    onnx = onnx_package(where)
    try:
        model = onnx.load_model_from_string(data)
        if not all(isinstance(text, str) for text in _texts(model)):
            raise damaged(where, "a name in it is no text")
        reading = Graph(model, where, limits, beside).reading()
    except NetworkFileError:
        raise
    except Exception as error:  # protobuf's errors have no common kind
        raise damaged(where, f"{type(error).__name__}: {quoted(str(error))[1:-1]}") from error
    return reading
