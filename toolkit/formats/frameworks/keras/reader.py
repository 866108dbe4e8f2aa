"""Reading Keras's files: which of the layouts, which layers, which arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers.hdf5 import MAGIC, Tree
from toolkit.formats.containers.json_text import json_of
from toolkit.formats.containers.zip import Archive
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.keras.alone import take_arrays
from toolkit.formats.frameworks.keras.config import activate, is_flat, take_other
from toolkit.formats.frameworks.keras.held import Held, Store
from toolkit.formats.frameworks.keras.match import check_all_used, matched
from toolkit.formats.frameworks.keras.rows import rows_of
from toolkit.formats.guard import check_size, mebibytes, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning import mark
from toolkit.formats.meaning.chain import Chain, Step
from toolkit.formats.meaning.reading import Reading

_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"


def read(data: bytes, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read a network from the bytes of one of Keras's files.

    Returns
    -------
    Reading
        Weights are (in, out).  Activations are None where the file holds weights alone.

    Raises
    ------
    NetworkFileError
        Also if it reaches outside itself.
    """
    check_size(len(data), where, limits)
    if data.startswith(MAGIC):
        return _read_hdf5(data, where, limits, None, "Keras HDF5")
    if not data.startswith(b"PK"):
        raise NetworkFileError(f"{where}: expected a Keras file, HDF5 or a .keras archive")
    archive = Archive(data, where, limits)
    for name in (_CONFIG, _WEIGHTS):
        if name not in archive.members:
            raise NetworkFileError(
                f"{where}: no .keras file: it holds no {name!r}; save the model with "
                "model.save('name.keras')"
            )
    size = archive.members[_CONFIG].size
    if size > limits.header_bytes:
        raise NetworkFileError(
            f"{where}: {_CONFIG!r} is {mebibytes(size)}; at most "
            f"{mebibytes(limits.header_bytes)} are read"
        )
    config = json_of(archive.read(_CONFIG), f"{where}: {_CONFIG}", limits)
    weights = archive.read(_WEIGHTS)
    if not weights.startswith(MAGIC):
        raise NetworkFileError(f"{where}: {_WEIGHTS!r} is no HDF5 file; save the model again")
    return _read_hdf5(weights, where, limits, config, "Keras archive")


def _read_hdf5(data: bytes, where: str, limits: Limits, config: Any, form: str) -> Reading:
    return _read_model(Tree(data, where, limits), where, limits, config, form)


def _read_model(tree: Tree, where: str, limits: Limits, config: Any, form: str) -> Reading:
    if config is None:
        text = tree.text("", "model_config")
        config = None if text is None else json_of(text, f"{where}: model_config", limits)
    store = Store(tree, where)
    chain = Chain(where, limits)
    chain.notes += store.notes
    name, provenance = "network", {}
    if config is None:
        take_arrays(chain, tree, store, where)
        form += ", weights alone"
    else:
        name = _walk_config(chain, tree, store, config, where, limits)
    ours = tree.texts("", mark.KEY)
    if ours is None:
        version = tree.text("", "keras_version") or tree.text("model_weights", "keras_version")
        if version:
            provenance["made with"] = f"Keras {quoted(version.decode('utf-8', 'replace'))[1:-1]}"
    reading = chain.done(form, name, provenance)
    if ours is None:
        return reading
    said = json_of("".join(ours).encode(), f"{where}: {mark.KEY}", limits)
    return mark.of(said, where).on(reading)


def _kernel_and_bias(
    chain: Chain, tree: Tree, step: Step, paths: tuple[str, ...]
) -> tuple[NDArray[np.float32], NDArray[np.float32] | None]:
    if len(paths) > 2:
        raise chain.refuse(
            step, f"holds {len(paths)} arrays; a fully connected layer has a kernel and biases"
        )
    shapes = [tree.shape(path) for path in paths]
    ranks = [len(shape) for shape in shapes]
    if ranks not in ([2], [2, 1]):
        raise chain.refuse(
            step,
            f"holds arrays of shape {', '.join(map(str, shapes))}; expected a matrix and biases. "
            "Only fully connected layers are read, no convolution and no normalisation",
        )
    parts = [tree.read(path) for path in paths]
    return parts[0], parts[1] if len(parts) == 2 else None


def _walk_config(
    chain: Chain, tree: Tree, store: Store, config: Any, where: str, limits: Limits
) -> str:
    """Take the layers that the configuration lists; return the model's name."""
    name, rows = rows_of(config, where, limits)
    found = matched(rows, store)
    flat = True
    for number, row in enumerate(rows):
        step, layer = row.step, row.settings
        if step.kind == "Dense":
            if not flat:
                raise chain.refuse(
                    step, "acts on each row of a picture; put a Flatten layer before it"
                )
            _take_dense(chain, tree, step, layer, found.get(number))
        elif step.kind == "InputLayer":
            flat = is_flat(layer)
        else:
            if "batch_input_shape" in layer:
                flat = is_flat(layer)
            flat = take_other(chain, step, layer) or flat
    check_all_used(rows, found, store, where)
    return name


def _take_dense(
    chain: Chain, tree: Tree, step: Step, layer: dict[str, Any], held: Held | None
) -> None:
    if layer.get("lora_rank") or layer.get("quantization_config"):
        raise chain.refuse(step, "is quantised or adapted (LoRA); save it with plain weights")
    if held is None:
        raise chain.refuse(step, "its arrays are missing from the file")
    weights, biases = _kernel_and_bias(chain, tree, step, held.arrays)
    units = layer.get("units")
    if units != weights.shape[1]:
        raise chain.refuse(
            step, f"its configuration says {quoted(str(units))[1:-1]} neurons; its weights are for "
            f"{weights.shape[1]}",
        )  # fmt: skip
    activate(chain, step, layer.get("activation"), lambda: chain.dense(
        step, weights, biases, "identity", inputs_first=True
    ))  # fmt: skip
