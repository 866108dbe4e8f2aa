"""README's section "Your own network": each row of its table and each sentence is a test."""

from __future__ import annotations

import io
import json
import pickle
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.formats.samples import protocol_0
from toolkit.digits import open_digits
from toolkit.fits import SHELL, WORKBENCH, fits
from toolkit.formats import LIMITS, WRITABLE, dumps, read
from toolkit.network import ACTIVATIONS, Layer, Network

ROOT = Path(__file__).parents[2]
FILES = Path(__file__).parent / "files"
SECTION = (
    (ROOT / "README.md").read_text(encoding="utf-8").partition("## Your own network\n")[2]
).partition("\n## ")[0]
TABLE = [line for line in SECTION.splitlines() if line.startswith("| ")][1:]
ROWS = {cells[0]: cells[1:] for line in TABLE if (cells := line.strip("| ").split(" | "))}
SENTENCES = [
    sentence
    for line in SECTION.splitlines()
    if line and not line.startswith("|")
    for sentence in re.split(r"(?<=\.) (?=[A-Z])", line)
]
EXTRA = "with the extra `formats`"

NETWORK = Network(
    (
        Layer(np.arange(24.0).reshape(4, 6) / 8 - 1, [0.5, 0, -1, 2], "sigmoid"),
        Layer(np.arange(12.0).reshape(3, 4) / 4 - 2, [1, -1, 0.25], "sigmoid"),
    )
)
PAIRS = [(layer.weights, layer.biases) for layer in NETWORK.layers]
NAMED = {f"{part}{n}": array for n, pair in enumerate(PAIRS, 1)
         for part, array in zip("Wb", pair, strict=True)}  # fmt: skip
WEIGHTS, BIASES = (list(part) for part in zip(*PAIRS, strict=True))


def archive(*arrays: Any, **named: Any) -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, *arrays, **named)
    return buffer.getvalue()


def text(array: Any) -> str:
    buffer = io.StringIO()
    np.savetxt(buffer, np.atleast_2d(array), delimiter=",")
    return buffer.getvalue()


def folder_of(folder: Path, suffix: str, write: Callable[[Path, Any], Any]) -> Path:
    folder.mkdir()
    for name, array in NAMED.items():
        write(folder / f"{name}{suffix}", array)
    return folder


def arrays(tmp_path: Path) -> Iterator[Any]:
    yield dumps(NETWORK, ".npz")
    yield archive(**NAMED)
    yield archive(*(array for pair in PAIRS for array in pair))
    yield folder_of(tmp_path / "npy", ".npy", np.save)
    np.save(tmp_path / "one.npy", WEIGHTS[0])
    (only,) = read(tmp_path / "one.npy").layers
    assert (only.weights == WEIGHTS[0]).all()


def safe(tmp_path: Path) -> Iterator[Any]:
    from safetensors.numpy import save

    yield save({f"{n}.{part}": array for n, pair in enumerate(PAIRS)
                for part, array in zip(("weight", "bias"), pair, strict=True)})  # fmt: skip


def torch(tmp_path: Path) -> Iterator[Any]:
    yield dumps(NETWORK, ".pt", plain=True)
    answered("torch-named.pt")


def keras(tmp_path: Path) -> Iterator[Any]:
    yield dumps(NETWORK, ".h5", plain=True)
    for suffix in (".keras", ".h5", ".weights.h5"):
        answered(f"keras-sequential{suffix}")


def onnx(tmp_path: Path) -> Iterator[Any]:
    yield dumps(NETWORK, ".onnx", plain=True)
    answered("onnx-torch-sequential-script.onnx")


def told(tmp_path: Path) -> Iterator[Any]:
    lists = {"weights": [w.tolist() for w in WEIGHTS], "biases": [[[x] for x in b.tolist()]
                                                                 for b in BIASES]}  # fmt: skip
    yield json.dumps({"sizes": [6, 4, 3], "cost": "QuadraticCost", **lists}).encode()
    layers = [{"weights": w.tolist(), "biases": b.tolist()} for w, b in PAIRS]
    yield json.dumps({"layers": layers}).encode()
    yield json.dumps({name: array.tolist() for name, array in NAMED.items()}).encode()


def pickled(tmp_path: Path) -> Iterator[Any]:
    columns = [b.astype(np.float64)[:, None] for b in BIASES]
    yield pickle.dumps([WEIGHTS, columns])
    yield protocol_0([w.astype(np.float64) for w in WEIGHTS], columns)
    yield pickle.dumps(NAMED)
    yield pickle.dumps({"coefs_": [w.T for w in WEIGHTS], "intercepts_": BIASES})
    dense = {f"Dense_{n}": {"bias": b, "kernel": w.T} for n, (w, b) in enumerate(PAIRS)}
    yield pickle.dumps({"params": dense})
    answered("flax-deep.jax.pkl")


def hdf5(tmp_path: Path) -> Iterator[Any]:
    import h5py

    with h5py.File(tmp_path / "arrays.h5", "w") as file:
        for name, array in NAMED.items():
            file[name] = array
    yield tmp_path / "arrays.h5"


def tables(tmp_path: Path) -> Iterator[Any]:
    yield folder_of(tmp_path / "numpy", ".csv", lambda path, a: path.write_text(text(a)))

    def framed(path: Path, array: Any) -> None:
        rows = np.atleast_2d(array.T).T
        head = "," + ",".join(map(str, range(rows.shape[1])))
        body = (f"{n}," + ",".join(map(repr, row)) for n, row in enumerate(rows.tolist()))
        path.write_text("\n".join([head, *body]) + "\n")

    yield folder_of(tmp_path / "pandas", ".csv", framed)
    yield dumps(NETWORK, ".csv", plain=True)


READERS: dict[str, tuple[Callable[[Path], Iterator[Any]], tuple[str, ...]]] = {
    "`.npz`": (arrays, (".npz",)),
    "`.safetensors`": (safe, (".safetensors",)),
    "PyTorch": (torch, (".pt",)),
    "Keras": (keras, (".keras", ".h5")),
    "ONNX": (onnx, (".onnx",)),
    "JSON": (told, (".json",)),
    "pickled": (pickled, ()),
    "HDF5": (hdf5, ()),
    "CSV": (tables, (".csv",)),
}
"""By how a row begins: files of its forms that hold `NETWORK`, and the kinds written."""


def answered(name: str) -> None:
    """Assert that a file of a framework's answers as the framework did."""
    from tests.formats import test_frameworks

    test_frameworks.test_outputs_are_the_frameworks_own(name)


@pytest.mark.parametrize("row", ROWS)
def test_each_row_of_the_table_is_read_and_written_as_it_says(row: str, tmp_path: Path) -> None:
    (found,) = (entry for start, entry in READERS.items() if row.startswith(start))
    reader, kinds = found
    said_read, said_written = ROWS[row]
    for source in reader(tmp_path):
        layers = read(source).layers
        assert len(layers) == 2, row
        for layer, (weights, biases) in zip(layers, PAIRS, strict=True):
            held = layer.weights if layer.weights.shape == weights.shape else layer.weights.T
            assert np.abs(held - weights).max() < 1e-6
            assert layer.biases is not None and np.abs(layer.biases - biases).max() < 1e-6
    for kind in kinds:
        assert f"`{kind}`" in said_written or said_written in ("yes", EXTRA)
        reread = read(dumps(NETWORK, kind, plain=True))
        assert all(layer.activation == "sigmoid" for layer in reread.layers), kind
    assert (said_written == "no") == (not kinds)
    assert (EXTRA in said_written) == bool({".h5", ".onnx"} & set(kinds))
    assert said_read == (EXTRA if row.startswith("ONNX") else "yes")


def test_no_form_and_no_kind_is_missing_from_the_table() -> None:
    begun = [start for start in READERS for row in ROWS if row.startswith(start)]
    assert begun == list(READERS), "one row each"
    assert {kind for _, kinds in READERS.values() for kind in kinds} == set(WRITABLE)


def test_the_extra_brings_what_the_table_says() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    brought = {re.split("[>=]", line)[0] for line in project["optional-dependencies"]["formats"]}
    assert brought == {"h5py", "onnx"}
    assert f"pip install '{project['name']}[formats]'" in SECTION


def test_what_is_said_of_sizes_is_so() -> None:
    assert LIMITS.file_bytes == 64 << 20
    digits = open_digits("drawn")
    assert len(digits) == 10_000
    assert fits((784, 512, 512, 10), digits).count == 10_000
    assert fits((784, 3000, 10), digits).count == pytest.approx(2000, abs=400)
    assert WORKBENCH.neurons == 3072
    wide = (784, 3100, 10)
    assert not fits(wide, digits) and fits(wide, digits, SHELL)


def test_the_activation_functions_named_are_those_that_there_are() -> None:
    said = SECTION.partition("A layer's activation function is ")[2].partition(";")[0]
    named = {name.strip().lower().replace(" ", "_") for name in re.split(",| or ", said)}
    assert named | {"gelu_tanh"} == set(ACTIVATIONS)


HERE = Path(__file__).relative_to(ROOT).as_posix()
PROOFS: dict[str, tuple[str, ...]] = {
    "Drop its file on the page": (
        "tests/browser/test_sources.py::test_files_of_each_format_are_dropped_on_the_page",
        "tests/cli/test_networks.py::test_a_network_goes_round_every_format_and_stays_what_it_was",
    ),
    "What it is shows in its content": (
        "tests/formats/test_formats.py::test_the_name_decides_nothing",
    ),
    "What a file leaves open": (
        "tests/formats/test_interpretation.py::test_orientation_and_activations_are_found",
        "tests/formats/test_interpretation.py::"
        "test_the_most_usual_of_those_that_read_about_as_well_is_taken_and_the_rest_is_said",
        "tests/formats/test_interpretation.py::"
        "test_a_normalisation_stands_before_the_function_or_after_as_trial_says",
        "tests/cli/test_networks.py::test_what_a_state_dict_leaves_open_is_tried_and_said",
    ),
    "In the shell `toolkit info` numbers them": (
        "tests/cli/test_networks.py::test_a_way_is_chosen_by_its_number_or_by_what_it_says",
        "tests/formats/test_load.py::test_who_opens_it_chooses",
        "tests/formats/test_load.py::test_a_guess_warns_and_says_how_to_choose",
    ),
    "Any scaling is folded": (
        "tests/formats/test_interpretation.py::"
        "test_the_scaling_of_pixels_is_found_and_folded_into_the_first_layer",
        "tests/formats/test_chain.py::test_an_affine_step_is_folded_into_the_layer_before_it",
        "tests/formats/test_chain.py::test_batch_normalisation_at_rest_worked_by_hand",
    ),
    "Files that the toolkit wrote": (
        "tests/formats/test_mark.py::test_what_we_wrote_leaves_nothing_open",
    ),
    "Other pictures than 28×28": (
        "tests/formats/test_interpretation.py::"
        "test_a_network_for_smaller_pictures_is_tried_on_smaller_digits",
    ),
    "A network of other than ten outputs": (
        "tests/test_classes.py::test_a_network_of_forty_seven_outputs_is_scored",
        "tests/test_classes.py::test_other_outputs_than_classes_answer_and_are_not_scored",
    ),
    "Layers that are not fully connected": (
        "tests/formats/test_keras_layers.py::test_what_has_no_equal_is_refused_by_its_name",
        "tests/formats/test_onnx_functions.py::test_a_function_without_an_equal_is_named",
        "tests/formats/test_bad_files.py::test_a_bad_file_is_refused_with_a_clear_word",
    ),
    "What is brought in place of a network": (
        "tests/formats/test_foreign.py::test_it_is_known_and_told_what_to_do",
    ),
    "What came from PyTorch, Keras, ONNX or a plain `.npz` goes back": (
        "tests/formats/test_plain_back.py::"
        "test_an_archive_goes_back_as_it_came_with_what_was_edited",
        "tests/formats/test_state_dict_back.py::test_what_was_folded_comes_out_again",
        "tests/formats/test_keras_back.py::test_an_edit_is_in_the_file_that_goes_back",
        "tests/formats/test_onnx_back.py::"
        "test_what_a_framework_wrote_comes_back_and_answers_as_the_network_does",
    ),
    "A layer's activation function is": (
        f"{HERE}::test_the_activation_functions_named_are_those_that_there_are",
        "tests/formats/test_keras_layers.py::test_what_has_no_equal_is_refused_by_its_name",
    ),
    "Nothing in a file is ever executed": (
        "tests/formats/test_bad_files.py::test_what_would_be_executed_is_named",
        "tests/formats/test_fuzz.py::test_a_first_reading_imports_opens_and_executes_nothing",
        "tests/formats/test_work.py::test_a_small_file_takes_little_memory_and_time",
        "tests/formats/test_work.py::test_a_constant_is_counted_each_time_that_a_node_uses_it",
        "tests/apart/test_children.py::test_a_child_starts_no_program",
    ),
    "The extra:": (f"{HERE}::test_the_extra_brings_what_the_table_says",),
    "A file may hold 64 MiB": (
        f"{HERE}::test_what_is_said_of_sizes_is_so",
        "tests/formats/test_work.py::test_a_budget_tells_memory_from_work",
    ),
    "A wide network is scored on fewer digits": (
        f"{HERE}::test_what_is_said_of_sizes_is_so",
        "tests/test_fits.py::test_a_wide_network_is_scored_on_fewer_digits_spread_over_the_set",
    ),
    "A picture of a digit can be dropped too": (
        "tests/digits/pictures/test_picturefile.py::test_six_formats_are_read",
    ),
    "A photograph, turned": (
        "tests/digits/pictures/test_photos.py::test_a_photograph_becomes_the_digit_that_was_drawn",
        "tests/digits/pictures/test_picture.py::test_a_turned_photograph_is_turned_back",
    ),
}
"""By how a sentence begins: the tests that prove it."""


@pytest.mark.parametrize("sentence", SENTENCES)
def test_each_sentence_has_tests_that_are_there(sentence: str) -> None:
    (proofs,) = (named for start, named in PROOFS.items() if sentence.startswith(start))
    for proof in proofs:
        path, _, name = proof.partition("::")
        assert f"def {name}(" in (ROOT / path).read_text(encoding="utf-8"), proof


def test_no_proof_is_without_its_sentence() -> None:
    unused = [start for start in PROOFS if not any(s.startswith(start) for s in SENTENCES)]
    assert not unused
    assert len(SENTENCES) == len(PROOFS)
