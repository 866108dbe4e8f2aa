"""Matrices as text as programs write them: headers, counting columns, decimal commas."""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from tests.formats.samples import NETWORK, csv_text, zipped
from toolkit.formats import NetworkFileError, read

MATRIX = np.array([[0.5, -1.25, 3e-05, 2.0], [0.0, 7.5, -0.5, 1e6]], np.float32)


def rows_of(array: Any, separator: str = ",", comma: str = ".") -> list[str]:
    """Return lines as pandas writes floats: each with a point or an exponent."""
    return [separator.join(str(float(value)).replace(".", comma) for value in row)
            for row in np.atleast_2d(array)]  # fmt: skip


def pandas(array: Any, separator: str = ",", comma: str = ".", *, index: bool = True) -> bytes:
    """Write an array as ``DataFrame(array).to_csv`` does."""
    rows = rows_of(array, separator, comma)
    head = separator.join(map(str, range(np.atleast_2d(array).shape[1])))
    if not index:
        return "\n".join([head, *rows, ""]).encode()
    rows = [f"{number}{separator}{row}" for number, row in enumerate(rows)]
    return "\n".join([separator + head, *rows, ""]).encode()


def only(data: bytes) -> Any:
    (layer,) = read(data).layers
    assert layer.biases is None
    return layer.weights


TEXTS = {
    "pandas": pandas(MATRIX),
    "pandas without index": pandas(MATRIX, index=False),
    "semicolons and commas": pandas(MATRIX, ";", ","),
    "pandas, tabs": pandas(MATRIX, "\t"),
    "pandas, tabs and commas": pandas(MATRIX, "\t", ","),
    "pandas, tabs, one column": pandas(MATRIX[:, :1], "\t"),
    "semicolons and commas, no index": pandas(MATRIX, ";", ",", index=False),
    "tabs and commas": "\n".join(rows_of(MATRIX, "\t", ",")).encode(),
    "blanks and commas": "\n".join(rows_of(MATRIX, " ", ",")).encode(),
    "semicolons, commas, no head": "\n".join(rows_of(MATRIX, ";", ",")).encode(),
    "names": ("a,b,c,d\n" + "\n".join(rows_of(MATRIX))).encode(),
    "names of rows": b'"","V1","V2","V3","V4"\n"n1",0.5,-1.25,3e-05,2.0\n"n2",0.0,7.5,-0.5,1e6\n',
    "R's table": b'"V1" "V2" "V3" "V4"\n"1" 0.5 -1.25 3e-05 2.0\n"2" 0 7.5 -0.5 1e6\n',
    "quoted": ("\n".join(rows_of(MATRIX)).replace(",", '","').replace("\n", '"\n"')).join('""')
    .encode(),
    "a name above": ("W1\n" + "\n".join(rows_of(MATRIX))).encode(),
    "a spreadsheet's blank line": ("\n".join(rows_of(MATRIX)) + "\n,,,\n").encode(),
}  # fmt: skip


@pytest.mark.parametrize("case", TEXTS)
def test_what_stands_beside_the_numbers_is_none_of_them(case: str) -> None:
    columns = 1 if "one column" in case else 4
    np.testing.assert_array_equal(only(TEXTS[case]), MATRIX[:, :columns])


def test_what_was_told_from_the_numbers_is_said() -> None:
    assert read(pandas(MATRIX)).notes[:2] == (
        "The first line names the columns.", "The first column counts the rows."
    )  # fmt: skip
    assert "Numbers have decimal commas." in read(TEXTS["blanks and commas"]).notes
    assert "The first row counts the columns." in read(pandas(MATRIX, index=False)).notes


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(
        np.float32,
        hnp.array_shapes(min_dims=2, max_dims=2, max_side=5),
        elements=st.integers(-1, 4) | st.floats(-9, 9, width=16),
    )
)
def test_no_row_of_weights_is_ever_dropped(matrix: Any) -> None:
    """Whole numbers and all: whatever a plain text holds is read."""
    whole = "\n".join(",".join(f"{value:g}" for value in row) for row in matrix)
    expected = np.array([[float(f"{value:g}") for value in row] for row in matrix], np.float32)
    np.testing.assert_array_equal(only(whole.encode()), expected)


@pytest.mark.parametrize(
    "text", ["0,1\n0.5,-1.5\n", "0,1,2\n0.5,0.5,0.5\n", "0,1,2,3\n4,5,6,7\n", "0\n0.5\n",
             "0,0.5\n1,0.25\n2,0.5\n", "1,2,3,4\n0.5,1,0.5,0.25\n"],
)  # fmt: skip
def test_few_numbers_in_order_may_be_weights(text: str) -> None:
    rows = [[float(cell) for cell in line.split(",")] for line in text.split()]
    np.testing.assert_array_equal(only(text.encode()), np.array(rows, np.float32))


def test_whether_a_row_counts_the_columns_is_decided_by_what_fits() -> None:
    """Biases of one column, whose name is 0: nothing but the weights tells it from a bias."""
    files = {}
    for number, layer in enumerate(NETWORK.layers, 1):
        files[f"net/weights_{number}.csv"] = pandas(layer.weights, index=False)
        files[f"net/biases_{number}.csv"] = pandas(layer.biases[:, None], index=False)
    reading = read(zipped(files))
    for raw, layer in zip(reading.layers, NETWORK.layers, strict=True):
        np.testing.assert_array_equal(raw.weights, layer.weights)
        np.testing.assert_array_equal(raw.biases, layer.biases)
    assert "In 2 of 4 matrices the first row counts the columns." in reading.notes
    assert any("without it the layers fit" in note for note in reading.notes)


@pytest.mark.parametrize("separator", [";", "\t"])
@pytest.mark.parametrize("index", [False, True])
def test_a_folder_of_frames(index: bool, separator: str, tmp_path: Path) -> None:
    for number, layer in enumerate(NETWORK.layers, 1):
        (tmp_path / f"W{number}.csv").write_bytes(
            pandas(layer.weights.T, separator, ",", index=index)
        )
        (tmp_path / f"b{number}.csv").write_bytes(pandas(layer.biases[:, None], separator, ",",
                                                         index=index))  # fmt: skip
    for raw, layer in zip(read(tmp_path).layers, NETWORK.layers, strict=True):
        assert raw.inputs_first
        np.testing.assert_array_equal(raw.weights.T, layer.weights)
        np.testing.assert_array_equal(raw.biases, layer.biases)


def test_a_column_called_bias_is_no_input() -> None:
    parts = []
    for layer in NETWORK.layers:
        head = ["neuron", *(f"w{n}" for n in range(layer.inputs)), "bias"]
        rows = [f"{number},{row}" for number, row in
                enumerate(rows_of(np.column_stack((layer.weights, layer.biases))))]  # fmt: skip
        parts.append("\n".join([",".join(head), *rows]))
    for raw, layer in zip(read("\n\n".join(parts).encode()).layers, NETWORK.layers, strict=True):
        np.testing.assert_array_equal(raw.weights, layer.weights)
        np.testing.assert_array_equal(raw.biases, layer.biases)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b,c\n1.5,2\n", "not a network"),
        ("a,b\n", "not a network"),
        ("a,NA\n1.5,2\n", "not a network|'a' is no number"),
        (",0.5,0.25\n1,0.5,0.25\n", "is no number|not a network"),
        ("1.5,2\na,b\n", "line 2: 'a' is no number"),
        ("NA,NA\n1.5,2\n", "is no number"),
    ],
)
def test_what_is_no_header_is_refused(text: str, message: str) -> None:
    with pytest.raises(NetworkFileError, match=message):
        read(text.encode())


def test_layers_in_one_text_keep_their_order() -> None:
    text = "\n\n".join(csv_text(part) for layer in NETWORK.layers
                       for part in (layer.weights, layer.biases))  # fmt: skip
    shapes = [raw.weights.shape for raw in read(text.encode()).layers]
    assert shapes == [(above, below) for below, above in itertools.pairwise(NETWORK.sizes)]
