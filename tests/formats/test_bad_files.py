"""Files that are broken or mean harm: each is refused with a word that says what is wrong."""

from __future__ import annotations

import gzip
import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tests.formats.attacks import many_classes, modules_within_modules
from tests.formats.samples import (
    NETWORK,
    as_dict,
    columns,
    csv_text,
    csv_zip,
    npy,
    old_string,
    plain_npz,
    protocol_0,
    safetensors,
    samples,
    state_dict,
    tensor,
    text,
    torch_file,
    torch_zip,
    whole,
    zipped,
)
from toolkit.formats import Limits, NetworkFileError, read

FILES = samples()
JSON = json.loads(FILES["json"])
RAW = b"\0" * 96  # 6 x 4 float32


def npy_header(header: str, content: bytes = b"") -> bytes:
    raw = header.encode()
    return b"\x93NUMPY\x01\x00" + len(raw).to_bytes(2, "little") + raw + content


def npz_of(**arrays: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def with_json(**changes: Any) -> bytes:
    return json.dumps(JSON | changes).encode()


def entry(shape: list[Any], start: Any, stop: Any, dtype: Any = "F32") -> dict[str, Any]:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, stop]}


def one_tensor(described: bytes, storages: dict[str, bytes] | None = None) -> bytes:
    return torch_zip(
        state_dict({"0.weight": described}), {"0": RAW} if storages is None else storages
    )


def patched(data: bytes, old: bytes, new: bytes) -> bytes:
    assert old in data, old
    return data.replace(old, new)


def in_directory(data: bytes, offset: int, value: bytes) -> bytes:
    """Change the first entry of an archive's directory."""
    at = data.index(b"PK\x01\x02") + offset
    return data[:at] + value + data[at + len(value) :]


def overlapping_members() -> bytes:
    data = bytearray(zipped({"a.npy": npy(np.zeros((2, 2))), "b.npy": npy(np.zeros(2))}))
    second = data.rindex(b"PK\x01\x02")
    data[second + 42 : second + 46] = bytes(4)
    return bytes(data)


def many_members() -> bytes:
    return zipped({f"{n}.npy": b"" for n in range(4097)})


def deflated_lie() -> bytes:
    data = zipped({"a.npy": b"\0" * (1 << 20)}, zipfile.ZIP_DEFLATED)
    return in_directory(data, 24, struct.pack("<L", 1000))


def bare_array(shape: bytes, raw: bytes = b"", dtype: bytes = b"f8", order: bytes = b"<") -> bytes:
    """Write a pickle of [[array], [array]] whose array says what it likes."""
    one = (
        b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntR"
        b"(I1\n" + shape + b"cnumpy\ndtype\n(S'" + dtype + b"'\nI0\nI1\ntR"
        b"(I3\nS'" + order + b"'\nNNNI-1\nI-1\nI0\ntbI00\nS" + old_string(raw) + b"\ntb"
    )
    return b"((l" + one + b"a(l" + one + b"al."


def shared_lists(levels: int = 60) -> bytes:
    """Write a list that holds one list twice, which holds one list twice, and so on."""
    return b"\x80\x02]q\0" + b"0(h\0h\0lq\0" * levels + b"."


def batch_norm() -> bytes:
    return torch_zip(
        state_dict(
            {
                "0.weight": tensor("0", 24, (4, 6)),
                "1.running_mean": tensor("1", 4, (4,)),
            }
        ),
        {"0": RAW, "1": b"\0" * 16},
    )


def npz_entry(**arrays: tuple[int, ...]) -> bytes:
    return npz_of(**{name: np.zeros(shape, np.float32) for name, shape in arrays.items()})


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    # What is brought in place of a network.
    "empty": (lambda: b"", "is empty"),
    "empty gzip": (lambda: gzip.compress(b""), "is empty but for its gzip"),
    "git lfs": (
        lambda: b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 5\n",
        "Git LFS pointer.*git lfs pull",
    ),
    "html": (lambda: b"\n<!DOCTYPE html><title>404</title>", "a web page"),
    "png": (lambda: b"\x89PNG\r\n\x1a\n" + bytes(40), "a PNG picture"),
    "idx": (lambda: b"\0\0\x08\x03" + bytes(20), "a set of digits"),
    "words": (lambda: b"Dear reader,\n", "not a network this version reads"),
    "zip of text": (lambda: zipped({"readme.md": b"hi"}), "a zip archive, but not a network"),
    "zip of nothing": (lambda: zipped({}), "it holds nothing|its end is missing|damaged"),
    "too large": (lambda: b"0 " * (33 << 20), "66 MiB; at most 64 MiB are read"),
    # Archives.
    "prefix": (lambda: b"PK\x03\x04" + plain_npz(), "damaged"),
    "data behind": (lambda: plain_npz() + b"more", "data trails behind its end"),
    "data between": (
        lambda: patched(plain_npz(), b"PK\x01\x02" + plain_npz().split(b"PK\x01\x02")[1],
                        b"??PK\x01\x02" + plain_npz().split(b"PK\x01\x02")[1]),
        "its directory is not where",
    ),
    "overlap": (overlapping_members, "overlaps another|contradicts the directory"),
    "member's method": (lambda: in_directory(plain_npz(), 10, b"\x0c\0"), "packed by method 12"),
    "encrypted": (lambda: in_directory(plain_npz(), 8, b"\1\0"), "is encrypted"),
    "other name": (
        lambda: in_directory(plain_npz(), 46, b"/"), "contradicts the directory"
    ),
    "checksum": (lambda: in_directory(plain_npz(), 16, b"abcd"), "length or checksum"),
    "declares too little": (deflated_lie, "not the length that is declared"),
    "declares 4 GiB": (
        lambda: in_directory(plain_npz(True), 24, b"\xfe\xff\xff\xff"), "would unpack to 4096 MiB"
    ),
    "many members": (many_members, "4097 members; at most 4096"),
    "half": (lambda: plain_npz()[: len(plain_npz()) // 2], "its end is missing"),
    "directory only": (lambda: b"PK\x05\x06" + struct.pack("<4H2LH", 0, 0, 9, 9, 99, 0, 0),
                       "its directory is not where"),
    # Single arrays and archives of them.
    "npy objects": (
        lambda: npy_header("{'descr': '|O', 'fortran_order': False, 'shape': (2,), }"),
        "Python objects that would have to be executed",
    ),
    "npy program": (
        lambda: npy_header("{'descr': __import__('os').system('id'), 'shape': (2,), }"),
        "no header that .npy knows",
    ),
    "npy nested": (lambda: npy_header("{'descr': " + "(" * 3000), "no header that .npy knows"),
    "npy records": (
        lambda: npy_header("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2,), }"),
        "no header that .npy knows",
    ),
    "npy negative": (
        lambda: npy_header("{'descr': '<f4', 'fortran_order': False, 'shape': (-1, 4), }"),
        "declares a shape that is none",
    ),
    "npy overflow": (
        lambda: npy_header(
            f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({1 << 63}, {1 << 63}), }}"
        ),
        r"declares shape \(10\^12 or more, 10\^12 or more\)",
    ),
    "npy digits": (
        lambda: npy_header(
            f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({'9' * 3900},), }}"
        ),
        "10\\^15 MiB",
    ),
    "npy zero of much": (
        lambda: npy_header(
            f"{{'descr': '<f4', 'fortran_order': False, 'shape': (0, {1 << 62}), }}"
        ),
        "declares shape",
    ),
    "npy rank": (
        lambda: npy_header(
            f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({'1, ' * 9}), }}", b"\0" * 4
        ),
        "9 dimensions; at most 8",
    ),
    "npy header length": (lambda: b"\x93NUMPY\x02\0\xff\xff\xff\x7f{}", "no header that"),
    "npy cut": (lambda: npy(np.zeros((4, 4)))[:-3], "128 bytes; it holds 125"),
    "npy behind": (lambda: npy(np.zeros((4, 4))) + b"!", "128 bytes; it holds 129"),
    "npy complex": (lambda: npy(np.zeros((2, 2), complex)), "'<c16'"),
    "npz text": (lambda: npz_of(W1=np.array([["a"]])), "expected numbers"),
    "npz empty array": (lambda: npz_entry(W1=(0, 4)), "'W1' is empty"),
    "npz no weights": (lambda: npz_entry(b1=(4,)), "'b1' has no weights"),
    "npz not chaining": (lambda: npz_entry(W1=(4, 6), W2=(3, 5)), "do not chain"),
    "npz wrong biases": (lambda: npz_entry(W1=(4, 6), b1=(5,)), "5 biases do not fit"),
    "npz vectors": (lambda: npz_entry(x=(4,), y=(5,)), "no matrix"),
    "npz too many vectors": (lambda: npz_entry(m=(4, 6), u=(4,), v=(4,)), "1 matrices and 2"),
    "npz twice": (lambda: npz_entry(**{"1.W": (4, 6), "1.kernel": (4, 6)}), "names a layer's"),
    # safetensors.
    "st header 1 GiB": (
        lambda: (1 << 30).to_bytes(8, "little") + b"{}" * 50, "declares a header of 1073741824"
    ),
    "st header beyond": (lambda: (999).to_bytes(8, "little") + b"{}", "breaks off in its header"),
    "st not json": (lambda: safetensors(b"{oops}", b""), "damaged JSON"),
    "st deep": (lambda: safetensors(b'{"a":' + b"[" * 200_000, b""), "nested too deeply"),
    "st key twice": (
        lambda: safetensors(b'{"a":{},"a":{}}', b""), "names a key twice"
    ),
    "st gap": (
        lambda: safetensors({"a": entry([2], 0, 8), "b": entry([2], 12, 20)}, bytes(20)),
        "leaves a gap",
    ),
    "st overlap": (
        lambda: safetensors({"a": entry([2], 0, 8), "b": entry([2], 4, 12)}, bytes(12)),
        "overlaps another tensor",
    ),
    "st trailing": (lambda: safetensors({"a": entry([2], 0, 8)}, bytes(9)), "it holds 9"),
    "st cut": (lambda: FILES["safetensors"][:-1], "bytes of tensors; it holds"),
    "st size": (lambda: safetensors({"a": entry([3], 0, 8)}, bytes(8)), "takes 12 bytes"),
    "st negative": (
        lambda: safetensors({"a": entry([-2, -1], 0, 8)}, bytes(8)), "a shape that is none"
    ),
    "st overflow": (
        lambda: safetensors({"a": entry([1 << 33, 1 << 33], 0, 8)}, bytes(8)), "at most 256 MiB"
    ),
    "st backwards": (lambda: safetensors({"a": entry([2], 8, 0)}, bytes(8)), "offsets that are"),
    "st absurd offsets": (
        lambda: safetensors({"a": entry([0], 10**4000, 10**4000)}, b""), "offsets that are none"
    ),
    "st truth": (lambda: safetensors({"a": entry([True], 0, 4)}, bytes(4)), "a shape that is"),
    "st floats": (lambda: safetensors({"a": entry([1.0], 0, 4)}, bytes(4)), "a shape that is"),
    "st dtype": (lambda: safetensors({"a": entry([2], 0, 2, "F8_E4M3")}, bytes(2)), "F8_E4M3"),
    "st dtype list": (lambda: safetensors({"a": entry([2], 0, 2, [])}, bytes(2)), "of type list"),
    "st more keys": (
        lambda: safetensors({"a": {**entry([2], 0, 8), "run": "me"}}, bytes(8)), "nothing else"
    ),
    "st metadata": (
        lambda: safetensors({"__metadata__": {"a": [1]}, "a": entry([2], 0, 8)}, bytes(8)),
        "metadata should be text",
    ),
    "st nothing": (lambda: safetensors({}, b""), "no array that could be"),
    "st many": (
        lambda: safetensors({str(n): entry([0], 0, 0) for n in range(4097)}, b""),
        "more than 4096 arrays",
    ),
    # JSON.
    "json nan": (lambda: b'{"weights": [[[NaN]]], "biases": [[[0]]]}', "holds NaN"),
    "json infinity": (lambda: b'{"weights": [[[-Infinity]]], "biases": [[[0]]]}', "-Infinity"),
    "json 1e999": (lambda: b'{"weights": [[[1e999]]], "biases": [[[0]]]}', "is not finite"),
    "json 1e39": (lambda: b'{"weights": [[[1e39]]], "biases": [[[0]]]}', "is not finite"),
    "json whole": (
        lambda: b'{"weights": [[[' + b"9" * 400 + b']]], "biases": [[[0]]]}', "is not finite"
    ),
    "json digits": (lambda: b'{"weights": ' + b"9" * 100_000 + b"}", "damaged JSON"),
    "json deep": (lambda: b'{"weights": ' + b"[" * 200_000, "nested too deeply"),
    "json deep objects": (lambda: b'{"a":' * 200_000, "nested too deeply"),
    "json many lists": (lambda: b"[" + b"[]," * 2_000_000, "would unpack to"),
    "json cut": (lambda: FILES["json"][:-9], "damaged JSON"),
    "json behind": (lambda: FILES["json"] + b"{}", "damaged JSON"),
    "json latin": (lambda: b'{"a": "\xe9"}', "damaged JSON"),
    "json ragged": (
        lambda: with_json(weights=[[[1, 2], [1]], [[1, 2]]]), "weights 1 is ragged: row 2 holds 1"
    ),
    "json text": (lambda: with_json(weights=[[["1"]]]), "expected numbers alone"),
    "json null": (lambda: with_json(weights=[[[None]]]), "expected numbers alone"),
    "json truth": (lambda: with_json(biases=[[[True]]] * 2), "expected numbers alone"),
    "json sizes": (lambda: with_json(sizes=[6, 4, 4]), "'sizes' contradicts"),
    "json layers": (lambda: with_json(biases=JSON["biases"][:1]), "each of 2 layers; got 1"),
    "json other": (lambda: b'{"a": 1}', "JSON, but not a network"),
    "json list": (lambda: b"[1, 2]", "JSON, but not a network"),
    "json flat": (lambda: with_json(weights=[[1, 2], [3]]), "expected weights of 2 dimensions"),
    # Pickles.
    "pickle cut": (lambda: FILES["pickle of protocol 4"][:-40], "it breaks off|breaks off"),
    "old pickle cut": (lambda: FILES["pickle of protocol 0"][:-40], "breaks off"),
    "old class": (lambda: b"c__main__\nNet\n(tR.\n", r"\(__main__.Net\)"),
    "pickle behind": (lambda: FILES["pickle of protocol 4"] + b"N.", "trail behind its end"),
    "pickle number": (lambda: pickle.dumps(7), "a pickle of a number"),
    "pickle text": (lambda: pickle.dumps("hi"), "a pickle of text"),
    "pickle empty list": (lambda: pickle.dumps([]), "an empty list"),
    "memo bomb": (lambda: b"\x80\x02Nr\xff\xff\xff\x7f.", "as number 2147483647"),
    "memo bomb of text": (lambda: b"(lp99999999999999999999\n.", "remembers something"),
    "memo nothing": (lambda: b"\x80\x02h\x05.", "recalls number 5"),
    "long bomb": (lambda: b"\x80\x02\x8b\xff\xff\xff\x7f\x01.", "a whole number of 2147483647"),
    "long negative": (lambda: b"\x80\x02\x8b\xff\xff\xff\xff\x01.", "a whole number of"),
    "long text": (lambda: b"(L" + b"9" * 100_000 + b"L\n.", "line is too long"),
    "text 4 GiB": (lambda: b"\x80\x02X\xff\xff\xff\xff.", "it breaks off"),
    "text 2^64": (lambda: b"\x80\x04\x8d" + b"\xff" * 8 + b".", "it breaks off"),
    "bytearray 2^63": (lambda: b"\x80\x05\x96" + b"\xff" * 7 + b"\x7f.", "it breaks off"),
    "frame 2^64": (lambda: b"\x80\x04\x95" + b"\xff" * 8 + b".", "a frame breaks off"),
    "hash bomb": (
        lambda: pickle.dumps({(1 << 61) * n: 0 for n in range(1, 50)}), "a dict's key is int"
    ),
    "hash bomb of tuples": (lambda: pickle.dumps({(1, (2,)): 0}), "a dict's key is tuple"),
    "pickle deep": (lambda: b"\x80\x02" + b"]" * 200_000 + b"a" * 199_999 + b".", "holds|expected"),
    "pickle deep tuples": (lambda: b"\x80\x02)" + b"\x85" * 300_000 + b".", "expected"),
    "pickle marks": (lambda: b"(" * 300_000 + b".", "nested too deeply"),
    "pickle instructions": (lambda: b"\x80\x02" + b"N0" * 600_000 + b"N.", "1,000,000 inst"),
    "pickle of itself": (lambda: b"\x80\x02]q\0(h\0h\0e.", "expected"),
    "pickle shared": (shared_lists, "expected"),
    "pickle underflow": (lambda: b"\x80\x02R.", "it takes more than it put"),
    "pickle no mark": (lambda: b"\x80\x02t.", "a mark is missing"),
    "pickle unknown": (lambda: b"\x80\x02\xfe.", "instruction 0xfe is unknown"),
    "pickle protocol 6": (lambda: b"\x80\x04\x80\x06.", "newer than 5"),
    "pickle set": (lambda: pickle.dumps([{1}]), "a set"),
    "pickle buffer": (lambda: b"\x80\x05\x97.", "a buffer outside"),
    "pickle persistent": (lambda: b"(Pfoo\n.", "an object outside the pickle"),
    "pickle extension": (lambda: b"\x80\x02\x82\x01.", "extension registry"),
    "pickle calls an array": (
        lambda: b"\x80\x02]" + b"ccollections\nOrderedDict\n" + b"]\x85}\x86R.", "of its own"
    ),
    "pickle builds a list": (lambda: b"\x80\x02]}b.", "an object's own state"),
    "array overflow": (lambda: bare_array(b"(I9223372036854775807\nI4\nt"), "at most 256 MiB"),
    "array negative": (lambda: bare_array(b"(I-1\nt"), "a shape that is none"),
    "array of texts": (lambda: bare_array(b"(S'a'\nt"), "a shape that is none"),
    "array lies": (lambda: bare_array(b"(I2\nI2\nt", b"abc"), "32 bytes; it holds 3"),
    "array rank": (lambda: bare_array(b"(" + b"I1\n" * 9 + b"t", bytes(8)), "9 dimensions"),
    "array of objects": (lambda: bare_array(b"(I1\nt", b"", b"O8", b"|"), "an array of objects"),
    "array of records": (lambda: bare_array(b"(I1\nt", b"", b"V8", b"|"), "'V8'"),
    "array of text": (lambda: bare_array(b"(I1\nt", bytes(8), b"S8", b"|"), "'S8'"),
    "array's order": (lambda: bare_array(b"(I1\nt", bytes(8), b"f8", b"x"), "of named fields"),
    "unfinished array": (
        lambda: b"((lcnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n(I0\ntS'b'\ntRal.",
        "expected",
    ),
    "broken escape": (lambda: b"(S'\\xzz'\nl.", "unknown escape"),
    "no quotes": (lambda: b"(Sabc\nl.", "without quotes"),
    "biases missing": (lambda: pickle.dumps([columns()[0], columns()[1][:1]]), "2 weights and 1"),
    "biases a matrix": (
        lambda: pickle.dumps([columns()[0], [np.zeros((2, 2)), np.zeros(3)]]), "in a row or a col"
    ),
    "old torch": (
        lambda: pickle.dumps(0x1950A86A20F9469CFC6C, 2) + pickle.dumps(1001, 2), "breaks off"
    ),
    "gzip cut": (lambda: gzip.compress(protocol_0(*columns()))[:-30], "damaged gzip"),
    "gzip behind": (lambda: gzip.compress(protocol_0(*columns())) + b"!!", "data trails behind"),
    "gzip bomb": (lambda: gzip.compress(bytes(300 << 20), 1), "more than 64 MiB"),
    "gzip in gzip": (lambda: gzip.compress(gzip.compress(b"a")), "gzip within gzip"),
    # PyTorch.
    "torchscript": (
        lambda: torch_zip(state_dict({}), {}, **{"constants.pkl": b".", "code/a.py": b""}),
        "a TorchScript program",
    ),
    "legacy tar": (
        lambda: b"sys_info".ljust(257, b"\0") + b"ustar\x0000" + bytes(800), "a tar archive"
    ),
    "torch model": (
        lambda: torch_zip(b"\x80\x02c__main__\nNet\n)\x81.", {}),
        r"a pickled object \(__main__.Net\) in which no tensors stand by name; load it in PyTorch",
    ),
    "torch many classes": (many_classes, "it names far too much"),
    "torch modules within modules": (modules_within_modules, "too many parts, or of itself"),
    "torch system": (lambda: torch_zip(b"\x80\x02cos\nsystem\n.", {}), r"\(os.system\)"),
    "torch list": (lambda: torch_zip(pickle.dumps([1, 2], 2), {}), "holds no state_dict"),
    "torch nothing": (lambda: torch_zip(state_dict({}), {}), "holds no state_dict"),
    "torch two": (
        lambda: zipped({"a/data.pkl": state_dict({}), "b/data.pkl": b""}), "two data.pkl"
    ),
    "torch byte order": (
        lambda: patched(torch_file(), b"little", b"litttt"), "length or checksum"
    ),
    "storage missing": (lambda: one_tensor(tensor("7", 24, (4, 6))), "are missing"),
    "storage path": (lambda: one_tensor(tensor("../../etc/passwd", 24, (4, 6))), "are missing"),
    "storage lies": (lambda: one_tensor(tensor("0", 1000, (4, 6))), "should hold 1000 numbers"),
    "storage absurd": (lambda: one_tensor(tensor("0", 1 << 99, (4, 6))), "10\\^12 or more"),
    "tensor beyond": (lambda: one_tensor(tensor("0", 24, (5, 6))), "reaches beyond its storage"),
    "tensor offset": (lambda: one_tensor(tensor("0", 24, (4, 6), offset=1)), "reaches beyond"),
    "tensor offset back": (
        lambda: one_tensor(tensor("0", 24, (4, 6), offset=-4)), "shape or strides that are none"
    ),
    "stride back": (lambda: one_tensor(tensor("0", 24, (4, 6), (-6, 1))), "strides that are none"),
    "stride beyond": (lambda: one_tensor(tensor("0", 24, (4, 6), (1 << 61, 1))), "reaches beyond"),
    "stride zero": (lambda: one_tensor(tensor("0", 24, (5000, 5000), (0, 0))), "reaches beyond"),
    "stride wraps": (
        lambda: one_tensor(tensor("0", 24, (2, 2), (1 << 62, 1 << 62))), "reaches beyond"
    ),
    "strides too few": (lambda: one_tensor(tensor("0", 24, (4, 6), (6,))), "strides that are none"),
    "tensor negative": (
        lambda: one_tensor(tensor("0", 24, (-4, -6), (6, 1))), "a shape that is none"
    ),
    "tensor overflow": (
        lambda: one_tensor(tensor("0", 24, (1 << 40, 1 << 40), (0, 0))), "at most 256 MiB"
    ),
    "convolution": (
        lambda: one_tensor(tensor("0", 24, (2, 1, 3, 4))),
        r"layer '0' is convolutional, weights of shape \(2, 1, 3, 4\); only fully connected",
    ),
    "batch norm": (batch_norm, "'1.running_mean' belongs to a batch normalisation"),
    "layer norm": (
        lambda: torch_zip(
            state_dict({"0.weight": tensor("0", 24, (24,)), "0.bias": tensor("0", 24, (24,))}),
            {"0": RAW},
        ),
        "a normalisation layer",
    ),
    "prelu": (lambda: one_tensor(tensor("0", 1, (1,)), {"0": RAW[:4]}), "layer '0' is PReLU"),
    "slopes or a norm": (lambda: one_tensor(tensor("0", 24, (24,))), "looks like PReLU"),
    "embedding": (
        lambda: torch_zip(state_dict({"embed.weight": tensor("0", 24, (4, 6))}), {"0": RAW}),
        "'embed' is an embedding",
    ),
    "recurrent": (
        lambda: torch_zip(state_dict({"rnn.weight_ih_l0": tensor("0", 24, (4, 6))}), {"0": RAW}),
        "a recurrent layer",
    ),
    "weight norm": (
        lambda: torch_zip(state_dict({"a.weight_g": tensor("0", 24, (4, 6))}), {"0": RAW}),
        "parametrised weight",
    ),
    # Text.
    "csv ragged": (lambda: b"1,2,3\n4,5\n", "ragged: line 2 holds 2"),
    "csv words": (lambda: b"1,2\n3,abc\n", "line 2: 'abc' is no number"),
    "csv 1e999": (lambda: b"1,2\n3,1e999\n", "'3,1e999' is no number"),
    "csv underscore": (lambda: b"1,2\n3,1_0\n", "'1_0' is no number"),
    "csv digits": (lambda: b"1,2\n3," + b"9" * 5000, "is no number"),
    "csv lines": (lambda: b"1\n" * 3_000_000, "would unpack to"),
    "csv latin": (lambda: b"1,2\n3,\xff\n", "not UTF-8"),
    "csv not chaining": (lambda: b"1,2\n3,4\n\n1,2,3\n4,5,6\n4,5,6\n\n1,1\n1,1\n", "not chain"),
    "csv zip of two": (
        lambda: zipped({"w.csv": b"1 2\n3 4\n\n5 6\n"}), "holds 2 matrices; expected one"
    ),
    "csv zip of words": (lambda: zipped({"w.csv": b"hello"}), "'hello' is no number"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_refused_with_a_clear_word(case: str) -> None:
    make, message = BAD[case]
    with pytest.raises(NetworkFileError, match=message) as caught:
        read(make(), "gift.bin")
    assert str(caught.value).startswith("gift.bin: ")
    assert "not foreseen" not in str(caught.value)
    assert len(str(caught.value)) < 600


COUSINS = (
    "os.system", "posix.system", "nt.system", "os.popen", "os.execv", "os.remove", "os.spawnl",
    "subprocess.Popen", "subprocess.call", "subprocess.check_output", "builtins.eval",
    "builtins.exec", "builtins.open", "builtins.getattr", "builtins.__import__", "builtins.compile",
    "__builtin__.eval", "__builtin__.file", "importlib.import_module",
    "runpy.run_path", "pty.spawn", "shutil.rmtree", "socket.socket", "webbrowser.open",
    "urllib.request.urlopen", "pickle.loads", "_pickle.loads", "marshal.loads", "types.CodeType",
    "types.FunctionType", "functools.partial", "operator.attrgetter", "timeit.timeit",
    "cProfile.run", "code.interact", "ctypes.CDLL", "numpy.load",
    "numpy.f2py.crackfortran.getlincoef",
    "numpy.testing._private.utils.runstring", "numpy.core.multiarray.fromfile", "torch.load",
    "torch.hub.load", "torch.storage._load_from_bytes", "torch.jit.load",
    "_codecs.decode", "codecs.open", "copyreg._reconstructor",
    "numpy.ndarray.tofile", "numpy.dtype.newbyteorder",
)  # fmt: skip


def by_line(module: str, name: str) -> bytes:
    return f"(c{module}\n{name}\n(S'id'\ntRl.".encode()


def by_stack(module: str, name: str) -> bytes:
    return b"\x80\x04]" + text(module) + text(name) + b"\x93" + text("id") + b"\x85Ra."


def by_instance(module: str, name: str) -> bytes:
    return f"((S'id'\ni{module}\n{name}\nl.".encode()


@pytest.mark.parametrize("wrapped", [False, True], ids=["pickle", "torch"])
@pytest.mark.parametrize("way", [by_line, by_stack, by_instance])
@pytest.mark.parametrize("name", COUSINS)
def test_what_would_be_executed_is_named(
    name: str, way: Callable[[str, str], bytes], wrapped: bool
) -> None:
    module, _, short = name.rpartition(".")
    data = way(module, short)
    with pytest.raises(NetworkFileError) as caught:
        read(torch_zip(data, {}) if wrapped else data)
    assert f"would have to be executed ({name}); save the state_dict as" in str(caught.value)


def test_an_instance_without_a_name_is_refused() -> None:
    with pytest.raises(NetworkFileError, match="an instance of a class"):
        read(b"\x80\x02ccollections\nOrderedDict\n)\x81.")


def test_names_from_a_file_are_shown_short_and_plain() -> None:
    nasty = "<script>\x1b[2J\u202e" + "x" * 5000 + "/../../etc"
    with pytest.raises(NetworkFileError) as caught:
        read(pickle.dumps({nasty: as_dict()["W1"], nasty + ".running_mean": as_dict()["b1"]}))
    assert str(caught.value).isascii()
    assert len(str(caught.value)) < 400


def test_limits_can_be_narrowed() -> None:
    for limits, message in (
        (Limits(file_bytes=100), "at most 0 MiB"),
        (Limits(decoded_bytes=100), "at most 0 MiB"),
        (Limits(tensors=2), "at most 2|more than 2"),
        (Limits(rank=1), "at most 1"),
    ):
        for case in ("npz", "plain npz", "safetensors", "torch", "pickle of protocol 2"):
            with pytest.raises(NetworkFileError, match=message):
                read(FILES[case], limits=limits)


def test_a_tensor_that_is_shared_counts_each_time() -> None:
    pickled = state_dict(
        {f"{n}.weight": tensor("0", 1 << 20, (1 << 10, 1 << 10)) for n in range(65)}
    )
    with pytest.raises(NetworkFileError, match="would unpack to 260 MiB"):
        read(torch_zip(pickled, {"0": bytes(4 << 20)}))


def test_a_row_that_is_shared_counts_each_time() -> None:
    row = [0.0] * 6000
    with pytest.raises(NetworkFileError, match="at most 256 MiB"):
        read(pickle.dumps([[[row] * 6000], [[0.0] * 6000]]))


def test_csv_text_of_the_samples_is_text() -> None:
    assert csv_text(np.zeros((1, 2))) == "0.0,0.0\n"
    assert read(csv_zip()).layers[0].weights.shape == NETWORK.layers[0].weights.shape
    assert whole(-1) == b"\x8a\x01\xff"
