"""Reading Keras's files: which of the layouts, which layers, which arrays."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers.hdf5 import MAGIC, Tree
from toolkit.formats.containers.json_text import json_of
from toolkit.formats.containers.zip import Archive
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.keras.config import (
    activate,
    class_and_config,
    in_a_row,
    is_flat,
    take_other,
)
from toolkit.formats.guard import check_size, mebibytes, natural, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning.chain import Chain, Step
from toolkit.formats.meaning.reading import Reading

_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_NOT_LAYERS = {"optimizer", "seed_generator", "optimizer_weights", "top_level_model_weights"}


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
    arrays = dict(_layers_in_order(tree, where))
    chain = Chain(where, limits)
    name, provenance = "network", {}
    if config is None:
        _walk_arrays(chain, tree, arrays, where)
        form += ", weights alone"
    else:
        name = _walk_config(chain, tree, arrays, config, where)
    ours = tree.text("", "weight_map_toolkit")
    if ours is not None:
        said = json_of(ours, f"{where}: weight_map_toolkit", limits)
        if isinstance(said, dict) and isinstance(said.get("provenance"), dict):
            name = str(said.get("name", name))
            provenance = {str(key): str(value) for key, value in said["provenance"].items()}
    else:
        version = tree.text("", "keras_version") or tree.text("model_weights", "keras_version")
        if version:
            provenance["made with"] = f"Keras {quoted(version.decode('utf-8', 'replace'))[1:-1]}"
    return chain.done(form, name, provenance)


def _layers_in_order(tree: Tree, where: str) -> Iterator[tuple[str, list[str]]]:
    """Yield each layer that has arrays, by name, with their paths: kernel first."""
    for root in ("model_weights", ""):
        names = tree.texts(root, "layer_names")
        if names is None:
            continue
        for name in names:
            path = f"{root}/{name}".lstrip("/")
            members = tree.texts(path, "weight_names")
            if path not in tree.groups or members is None:
                raise NetworkFileError(
                    f"{where}: 'layer_names' lists {quoted(name)}, but its arrays are missing"
                )
            paths = [f"{path}/{member}" for member in members]
            if paths:
                yield name, paths
        return
    found: dict[str, list[str]] = {}
    for path in sorted(tree.arrays, key=natural):
        holder, _, _ = path.rpartition("/")
        layer, _, kind = holder.rpartition("/")
        if kind == "vars" and layer and not _NOT_LAYERS & set(layer.split("/")):
            found.setdefault(layer, []).append(path)
    yield from found.items()


def _walk_arrays(chain: Chain, tree: Tree, arrays: dict[str, list[str]], where: str) -> None:
    """Take layers from a file that holds weights alone."""
    if not arrays:
        raise NetworkFileError(
            f"{where}: an HDF5 file, but not one of Keras's: no 'layer_names' and no 'vars'"
        )
    read = {}
    for path, members in arrays.items():
        step = Step(path.rpartition("/")[2], "Dense, as its arrays say")
        read[step] = _kernel_and_bias(chain, tree, step, members)
    order, chained = list(read), _chained({step: read[step][0].shape for step in read})
    if tree.texts("model_weights", "layer_names") is None:
        given = tree.texts("", "layer_names")
        if given is None and chained is not None and chained != order:
            order = chained
            chain.notes.append(
                "The file does not say its layers' order; their shapes fit in this one: "
                + ", ".join(quoted(step.name) for step in order[:12])
                + "."
            )
    for step in order:
        weights, biases = read[step]
        chain.dense(step, weights, biases, None, inputs_first=True)


def _chained(shapes: Mapping[Step, tuple[int, ...]]) -> list[Step] | None:
    """Return the layers in the order their shapes leave open, the given one if it fits.

    None where no order fits, or more than one.
    """
    given = list(shapes)
    if all(shapes[below][1] == shapes[above][0] for below, above in itertools.pairwise(given)):
        return given
    followers: dict[int, list[Step]] = {}
    for step, (inputs, _) in shapes.items():
        followers.setdefault(inputs, []).append(step)
    outputs = {shape[1] for shape in shapes.values()}
    starts = [step for step in given if shapes[step][0] not in outputs]
    if len(starts) != 1 or any(len(steps) > 1 for steps in followers.values()):
        return None
    order = starts
    while len(order) < len(given):
        follower = followers.get(shapes[order[-1]][1])
        if follower is None:
            return None
        order.append(follower[0])
    return order


def _kernel_and_bias(
    chain: Chain, tree: Tree, step: Step, paths: list[str]
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
    chain: Chain, tree: Tree, arrays: dict[str, list[str]], config: Any, where: str
) -> str:
    """Take the layers that the configuration lists; return the model's name."""
    kind, settings = class_and_config(config, where, "the model's configuration")
    if kind not in ("Sequential", "Functional", "Model"):
        raise NetworkFileError(
            f"{where}: a model of class {quoted(kind)}; what its own code does is not in the file. "
            "Save model.save_weights('name.weights.h5') if it is a row of Dense layers"
        )
    listed = settings.get("layers")
    if not isinstance(listed, list):
        raise NetworkFileError(f"{where}: its configuration lists no layers")
    entries = [class_and_config(entry, where, "a layer") for entry in listed]
    if kind != "Sequential":
        entries = in_a_row(listed, entries, where)
    # The newer layout numbers layers within their class, the older keeps their names.
    by_name = any(tree.texts(root, "layer_names") is not None for root in ("model_weights", ""))
    unnamed = iter(arrays.items())
    flat = True
    for class_name, layer in entries:
        step = Step(str(layer.get("name", "")), class_name)
        if class_name == "Dense":
            if not flat:
                raise chain.refuse(
                    step, "acts on each row of a picture; put a Flatten layer before it"
                )
            paths = arrays.get(step.name) if by_name else next(unnamed, ("", None))[1]
            _take_dense(chain, tree, step, layer, paths)
        elif class_name == "InputLayer":
            flat = is_flat(layer)
        else:
            if "batch_input_shape" in layer:
                flat = is_flat(layer)
            flat = take_other(chain, step, layer) or flat
    if not by_name and next(unnamed, None) is not None:
        raise NetworkFileError(f"{where}: holds arrays of more layers than its configuration lists")
    name = settings.get("name")
    return name if isinstance(name, str) else "network"


def _take_dense(
    chain: Chain, tree: Tree, step: Step, layer: dict[str, Any], paths: list[str] | None
) -> None:
    if layer.get("lora_rank") or layer.get("quantization_config"):
        raise chain.refuse(step, "is quantised or adapted (LoRA); save it with plain weights")
    if paths is None:
        raise chain.refuse(step, "its arrays are missing from the file")
    weights, biases = _kernel_and_bias(chain, tree, step, paths)
    units = layer.get("units")
    if units != weights.shape[1]:
        raise chain.refuse(
            step, f"its configuration says {quoted(str(units))[1:-1]} neurons; its weights are for "
            f"{weights.shape[1]}",
        )  # fmt: skip
    activate(chain, step, layer.get("activation"), lambda: chain.dense(
        step, weights, biases, "identity", inputs_first=True
    ))  # fmt: skip
