"""Small files that would take much: numbers used over and over, or said in few bytes."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np

Build = Callable[[], bytes]


def _hdf5(change: Callable[[Any], None]) -> bytes:
    import h5py

    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        change(file)
    return buffer.getvalue()


def linked_arrays(links: int, size: int) -> bytes:
    """One array of zeros, linked as the weights of so many layers."""

    def change(file: Any) -> None:
        zeros = file.create_dataset(
            "zeros", (size, size), "f4", chunks=(size, size), compression="gzip"
        )
        zeros[:] = 0
        for number in range(links):
            file.create_group(f"layers/dense_{number}/vars")["0"] = zeros

    return _hdf5(change)


def large_chunks() -> bytes:
    """Arrays of one number each, cut from a chunk of sixteen million."""

    def change(file: Any) -> None:
        one = file.create_dataset(
            "one", (1, 1), "f4", chunks=(4096, 4096), maxshape=(None, None), compression="gzip"
        )
        one[0, 0] = 1
        for number in range(200):
            file.create_group(f"layers/dense_{number}/vars")["0"] = one

    return _hdf5(change)


def long_paths() -> bytes:
    """Thousands of groups below sixty whose names are long."""

    def change(file: Any) -> None:
        group = file
        for _ in range(60):
            group = group.create_group("g" * 4000)
        for number in range(3000):
            group.create_group(str(number))

    return _hdf5(change)


def one_text(times: int, letters: int) -> bytes:
    """A layer that is listed so often, whose array has a name of so many letters."""
    import h5py

    def change(file: Any) -> None:
        file.attrs["layer_names"] = np.array(["a"] * times, "S")
        kind = h5py.string_dtype()
        file.create_group("a").attrs.create("weight_names", ["y" * letters], dtype=kind)

    return _hdf5(change)


def onnx_row(kind: str, count: int, constant: Any, first: Any = None, at: int = 1) -> bytes:
    """Nodes of one kind in a row, which all take one constant, behind a layer or before any."""
    from onnx import helper, numpy_helper

    nodes, last = [], "x"
    tensors = [numpy_helper.from_array(constant, "c")]
    if first is not None:
        tensors.append(numpy_helper.from_array(first, "w"))
        nodes, last = [helper.make_node("MatMul", ["x", "w"], ["s"])], "s"
    for number in range(count):
        inputs = [last, *[""] * (at - 1), "c"]
        nodes.append(helper.make_node(kind, inputs, [f"v{number}"]))
        last = f"v{number}"
    return _onnx(nodes, tensors, last)


def computed_reshapes() -> bytes:
    """Reshapes to a shape that is computed in a thousand steps, asked about by each."""
    from onnx import helper

    nodes = [helper.make_node("Shape", ["x"], ["s0"])]
    nodes += [helper.make_node("Identity", [f"s{n}"], [f"s{n + 1}"]) for n in range(1500)]
    last = "x"
    for number in range(2400):
        nodes.append(helper.make_node("Reshape", [last, "s1500"], [f"r{number}"]))
        last = f"r{number}"
    return _onnx(nodes, [], last)


def _onnx(nodes: list[Any], tensors: list[Any], output: str) -> bytes:
    from onnx import helper

    ends = [[helper.make_tensor_value_info(name, 1, None)] for name in ("x", output)]
    graph = helper.make_graph(nodes, "graph", *ends, tensors)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    return bytes(model.SerializeToString())


def _array(descr: str, shape: tuple[int, ...], content: bytes) -> bytes:
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\1\0" + struct.pack("<H", len(header)) + header + content


def packed_npz(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return buffer.getvalue()


def _ours(**members: bytes) -> bytes:
    text = "weight-map-toolkit network"
    named = {
        "format": _array("<U26", (), text.encode("utf-32-le")),
        "version": _array("<i8", (), struct.pack("<q", 1)),
        "activations": _array("<U4", (1,), "relu".encode("utf-32-le")),
        "weights_1": _array("<f4", (1, 1), bytes(4)),
        "biases_1": _array("<f4", (1,), bytes(4)),
    }
    return packed_npz(**(named | members))


def many_texts() -> bytes:
    return _array("<U60000", (1000,), ("a\n" * 30000).encode("utf-32-le") * 1000)


def remembered_pairs() -> bytes:
    """A pickle that makes a dict of one long list again and again."""
    pair = b"X\1\0\0\0aK\1\x86q\3"
    make = b"h\0h\1\x85R0"
    return b"\x80\x02ccollections\nOrderedDict\nq\0]q\1(" + (
        pair + b"h\3" * 300_000 + b"e0(" + make * 100_000 + b"l."
    )


def remembered_rows() -> bytes:
    """A pickle of two thousand layers that are one: half a million rows of no numbers."""
    rows = b"]q\x000]q\1(" + b"h\0" * 500_000 + b"e0"
    column = b"]q\2K\0a"
    first = b"]" + column + b"a"
    return b"\x80\x02" + rows + b"](" + first + b"h\2" + b"h\1h\2" * 2000 + b"e."


def _torch(pickled: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("archive/data.pkl", pickled)
    return buffer.getvalue()


def opaque_objects() -> bytes:
    """A checkpoint of a quarter of a million objects that nobody knows."""
    return _torch(b"\x80\x02](" + b"cx\ny\n)\x81q\0" + b"h\0)R" * 250_000 + b"e.")


def many_classes() -> bytes:
    """A checkpoint that names a hundred thousand classes."""
    names = b"".join(b"cx\n%x\n" % number for number in range(100_000))
    return _torch(b"\x80\x02](" + names + b"e.")


def modules_within_modules() -> bytes:
    """A module of 32 modules, each of 32, and so on, that are few: each holds the next."""
    parts = b"".join(b"X\2\0\0\0%02xh\0" % number for number in range(32))
    state = b"}(X\x0b\0\0\0_parameters}X\x08\0\0\0_modules}(" + parts + b"uub"
    return _torch(b"\x80\x02cx\ny\n)\x81q\0" + state + b".")


def long_prefix() -> bytes:
    """A checkpoint in which twenty thousand empty parts stand below one name of 50,000 letters."""
    inside = {str(number): () for number in range(20_000)}
    return _torch(pickle.dumps({"a" * 50_000: inside}, 2))


def shared_list() -> bytes:
    """A checkpoint that names one list of fifty thousand nothings thirty thousand times."""
    nothings = [None] * 50_000
    return _torch(pickle.dumps({str(number): nothings for number in range(30_000)}, 2))


def nested_checkpoints() -> bytes:
    """Dicts in which one dict stands a thousand times, and in it the next."""
    one = b"}q\0" + b"".join(
        b"0}q\1(" + b"".join(b"X\3\0\0\0%03xh\0" % n for n in range(1000)) + b"u0h\1q\0"
        for _ in range(100)
    )
    return _torch(b"\x80\x02" + one + b".")


_WIDE = np.ones(10_000_000, np.float32)
_MANY = np.ones((1, 4_000_000), np.float32)

ATTACKS: dict[str, Build] = {
    "hdf5 linked 60 times": lambda: linked_arrays(60, 6000),
    "hdf5 linked 300 times": lambda: linked_arrays(300, 2500),
    "hdf5 large chunks": large_chunks,
    "hdf5 long paths": long_paths,
    "onnx products": lambda: onnx_row("Mul", 1000, _WIDE),
    "onnx differences": lambda: onnx_row("Sub", 1000, _WIDE),
    "onnx quotients": lambda: onnx_row("Div", 1000, _WIDE),
    "onnx sums": lambda: onnx_row("Add", 1000, np.ones(1, np.float32), _MANY),
    "onnx dropouts": lambda: onnx_row("Dropout", 4000, np.zeros(15_000_000, np.int32), at=2),
    "onnx computed reshapes": computed_reshapes,
    "csv in one line": lambda: b"0\v" * 33_000_000,
    "npz of small numbers": lambda: packed_npz(w=_array("|i1", (16000, 16000), bytes(256_000_000))),
    "npz whose format is many texts": lambda: packed_npz(format=many_texts()),
    "npz whose name is many texts": lambda: _ours(name=many_texts()),
    "npz of many activations": lambda: _ours(
        activations=_array("<U4", (15_000_000,), "relu".encode("utf-32-le") * 15_000_000)
    ),
    "pickle of remembered pairs": remembered_pairs,
    "pickle of remembered rows": remembered_rows,
    "torch of opaque objects": opaque_objects,
    "torch of nested checkpoints": nested_checkpoints,
    "torch of a long name above many": long_prefix,
    "torch of a list that is shared": shared_list,
}
