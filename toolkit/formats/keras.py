"""Keras's files, ``.keras``, ``.weights.h5`` and ``.h5``, read without Keras.

Three layouts are understood.  The older ``.h5``, of Keras 2 and 3, names its layers in order in
the attribute ``layer_names`` and each layer's arrays in ``weight_names``; a whole model also has
its configuration, as JSON, in the attribute ``model_config``.  The newer ``.weights.h5`` keeps
arrays as ``…/dense_1/vars/0`` and says nothing of activation functions.  A ``.keras`` file is a zip
archive of ``config.json`` and such a ``model.weights.h5``.
"""

from __future__ import annotations

import io
import itertools
import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.archive import Archive
from toolkit.formats.chain import Chain, Step
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import json_of, mebibytes, natural, quoted
from toolkit.formats.hdf5 import MAGIC, Tree
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.reading import Reading
from toolkit.network import Network

_INSTALL = "pip install 'weight-map-toolkit[formats]'"
_CONFIG, _WEIGHTS = "config.json", "model.weights.h5"
_ACTIVATIONS = {
    None: "identity",
    "linear": "identity",
    "sigmoid": "sigmoid",
    "relu": "relu",
    "tanh": "tanh",
    "softmax": "softmax",
}
_ACTIVATION_LAYERS = {"ReLU": "relu", "Softmax": "softmax", "Sigmoid": "sigmoid", "Tanh": "tanh"}
_PASSED = {
    "InputLayer", "Dropout", "AlphaDropout", "GaussianDropout", "GaussianNoise",
    "ActivityRegularization", "Identity",
}  # fmt: skip
"""Layers that change nothing once training is over."""

_NOT_LAYERS = {"optimizer", "seed_generator", "optimizer_weights", "top_level_model_weights"}


def read(data: bytes, where: str = "file", limits: Limits = LIMITS) -> Reading:
    """Read a network from the bytes of one of Keras's files.

    Parameters
    ----------
    data : bytes
    where : str
        What to call the file in an error.
    limits : Limits

    Returns
    -------
    Reading
        Weights are (in, out).  Activations are None where the file holds weights alone.

    Raises
    ------
    NetworkFileError
        If it is damaged, asks for too much, reaches outside itself, or holds a layer that is
        not fully connected.
    """
    if len(data) > limits.file_bytes:
        raise NetworkFileError(
            f"{where}: {mebibytes(len(data))}; at most {mebibytes(limits.file_bytes)} are read"
        )
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


def dumps(network: Network) -> bytes:
    """Return the network as a whole-model ``.h5`` file, for Keras 2 and 3.

    ``keras.models.load_model`` makes a Sequential of it; ``load_weights`` puts its weights into
    one that was built with the same sizes.  The arrays stand in the older layout and are linked
    from where Keras 3 looks in a ``.weights.h5``, so either name does.

    Parameters
    ----------
    network : Network

    Raises
    ------
    NetworkFileError
        If h5py is not installed.
    """
    try:
        import h5py
    except ImportError as error:
        raise NetworkFileError(f"a Keras file is written by h5py: {_INSTALL}") from error
    names = [f"dense_{number}" for number in range(1, len(network.layers) + 1)]
    buffer = io.BytesIO()
    with h5py.File(buffer, "w") as file:
        file.attrs["keras_version"] = b"2.15.0"  # the layout's; Keras 3 reads it as well
        file.attrs["backend"] = b"numpy"
        file.attrs["model_config"] = json.dumps(_config(network, names)).encode()
        file.attrs["weight_map_toolkit"] = json.dumps(
            {"name": network.name, "provenance": dict(network.provenance)}
        ).encode()
        model = file.create_group("model_weights")
        model.attrs["layer_names"] = np.array(names, "S")
        model.attrs["keras_version"], model.attrs["backend"] = b"2.15.0", b"numpy"
        file.create_group("vars")
        for number, (name, layer) in enumerate(zip(names, network.layers, strict=True)):
            group = model.create_group(name)
            parts = {f"{name}/kernel:0": layer.weights.T, f"{name}/bias:0": layer.biases}
            group.attrs["weight_names"] = np.array(list(parts), "S")
            # As Keras 3 counts layers of one class: dense, dense_1, dense_2.
            place = file.create_group(f"layers/dense{f'_{number}' * bool(number)}/vars")
            for index, (path, values) in enumerate(parts.items()):
                group.create_dataset(path, data=np.ascontiguousarray(values, "<f4"))
                place[str(index)] = group[path]
        empty = model.create_group("top_level_model_weights")
        empty.attrs["weight_names"] = np.array([], "S1")
    return buffer.getvalue()


def _config(network: Network, names: list[str]) -> dict[str, Any]:
    """Return the configuration of a Sequential model, in terms that Keras 2 and 3 share."""
    layers: list[dict[str, Any]] = [
        {
            "class_name": "InputLayer",
            "config": {
                "batch_input_shape": [None, network.sizes[0]], "dtype": "float32", "name": "pixels",
            },
        }
    ]  # fmt: skip
    for name, layer in zip(names, network.layers, strict=True):
        activation = "linear" if layer.activation == "identity" else layer.activation
        config = {"name": name, "units": layer.size, "activation": activation, "use_bias": True}
        layers.append({"class_name": "Dense", "config": config})
    return {"class_name": "Sequential", "config": {"name": "weight_map", "layers": layers}}


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
    kind, settings = _class_and_config(config, where, "the model's configuration")
    if kind not in ("Sequential", "Functional", "Model"):
        raise NetworkFileError(
            f"{where}: a model of class {quoted(kind)}; what its own code does is not in the file. "
            "Save model.save_weights('name.weights.h5') if it is a row of Dense layers"
        )
    listed = settings.get("layers")
    if not isinstance(listed, list):
        raise NetworkFileError(f"{where}: its configuration lists no layers")
    entries = [_class_and_config(entry, where, "a layer") for entry in listed]
    if kind != "Sequential":
        entries = _in_a_row(listed, entries, where)
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
            flat = _is_flat(layer)
        else:
            if "batch_input_shape" in layer:
                flat = _is_flat(layer)
            flat = _take_other(chain, step, layer) or flat
    if not by_name and next(unnamed, None) is not None:
        raise NetworkFileError(f"{where}: holds arrays of more layers than its configuration lists")
    name = settings.get("name")
    return name if isinstance(name, str) else "network"


def _class_and_config(entry: Any, where: str, what: str) -> tuple[str, dict[str, Any]]:
    if isinstance(entry, dict):
        kind, settings = entry.get("class_name"), entry.get("config")
        if isinstance(kind, str) and isinstance(settings, dict):
            return kind, settings
    raise NetworkFileError(f"{where}: {what} should be a class_name and a config")


def _is_flat(layer: dict[str, Any]) -> bool:
    shape = layer.get("batch_shape", layer.get("batch_input_shape"))
    return not isinstance(shape, list) or len(shape) <= 2


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
    _activate(chain, step, layer.get("activation"), lambda: chain.dense(
        step, weights, biases, "identity", inputs_first=True
    ))  # fmt: skip


def _activate(chain: Chain, step: Step, said: Any, before: Any = lambda: None) -> None:
    if isinstance(said, dict):  # a registered function, spelt out
        said = said.get("config") if isinstance(said.get("config"), str) else said.get("class_name")
    if said == "log_softmax":
        before()
        _log_softmax(chain, step)
        return
    if not (said is None or isinstance(said, str)) or said not in _ACTIVATIONS:
        known = ", ".join(sorted(filter(None, _ACTIVATIONS)))
        raise chain.refuse(step, f"activation {quoted(str(said))} is not among {known}")
    before()
    chain.activate(step, _ACTIVATIONS[said])


def _log_softmax(chain: Chain, step: Step) -> None:
    chain.activate(
        step, "softmax", "The file ends in log-softmax; it is shown as softmax, whose logarithm "
        "that is.",
    )  # fmt: skip


def _take_other(chain: Chain, step: Step, layer: dict[str, Any]) -> bool:
    """Take a layer without weights; return whether the picture is flat behind it."""
    kind = step.kind
    if kind in _PASSED:
        return False
    if kind == "Flatten":
        if layer.get("data_format") == "channels_first":
            raise chain.refuse(step, "flattens channels first, which reorders the pixels")
        return True
    if kind == "Reshape":
        shape = layer.get("target_shape")
        return isinstance(shape, list) and len(shape) == 1
    if kind == "Activation":
        _activate(chain, step, layer.get("activation"))
        return False
    if kind in _ACTIVATION_LAYERS:
        unusual = {
            key: layer[key]
            for key, usual in (("max_value", (None,)), ("negative_slope", (0, None)),
                               ("threshold", (0, None)), ("axis", (-1, 1, [-1])))
            if key in layer and layer[key] not in usual
        }  # fmt: skip
        if unusual:
            raise chain.refuse(step, f"its {', '.join(unusual)} is not the usual one")
        chain.activate(step, _ACTIVATION_LAYERS[kind])
        return False
    if kind == "Rescaling":
        chain.scale(step, *(_number(chain, step, layer, key) for key in ("scale", "offset")))
        return False
    raise chain.refuse(
        step, "is not understood; only fully connected (Dense) layers in a row are, with Flatten, "
        "Rescaling, Dropout and the activation functions " + ", ".join(sorted(_ACTIVATION_LAYERS)),
    )  # fmt: skip


def _number(chain: Chain, step: Step, layer: dict[str, Any], key: str) -> NDArray[np.float64]:
    said = layer.get(key, 0.0 if key == "offset" else None)
    values = said if isinstance(said, list) else [said]
    if not values or not set(map(type, values)) <= {int, float}:
        raise chain.refuse(step, f"its {key} should be a number")
    try:
        return np.array(said, np.float64)
    except OverflowError as error:
        raise chain.refuse(step, f"its {key} is too large a number") from error


def _in_a_row(
    listed: list[Any], entries: list[tuple[str, dict[str, Any]]], where: str
) -> list[tuple[str, dict[str, Any]]]:
    """Return a functional model's layers from its input on, if they form one row."""
    follower: dict[str, int] = {}
    starts = []
    for index, (raw, (kind, layer)) in enumerate(zip(listed, entries, strict=True)):
        step = Step(str(layer.get("name", "")), kind)
        sources = list(_sources(raw.get("inbound_nodes")))
        if not sources:
            starts.append(index)
        elif len(sources) > 1:
            raise NetworkFileError(
                f"{where}: {step}: takes {len(sources)} inputs or is used more than once; only "
                "layers in one row are understood"
            )
        elif sources[0] in follower:
            raise NetworkFileError(
                f"{where}: {step}: branches off from {quoted(sources[0])}; only layers in one row "
                "are understood"
            )
        else:
            follower[sources[0]] = index
    if len(starts) != 1:
        raise NetworkFileError(f"{where}: expected one input; its model has {len(starts)}")
    order = starts
    while (index := follower.get(str(entries[order[-1]][1].get("name")), -1)) >= 0:
        order.append(index)
        if len(order) > len(entries):
            break
    if len(order) != len(entries):
        raise NetworkFileError(f"{where}: its layers do not form one row from input to output")
    return [entries[index] for index in order]


def _sources(nodes: Any) -> Iterator[str]:
    """Yield the names of the layers that a layer's calls take their input from."""
    waiting = [nodes]
    while waiting:
        node = waiting.pop()
        if isinstance(node, dict):
            history = node.get("keras_history")
            if isinstance(history, list) and history and isinstance(history[0], str):
                yield history[0]
            else:
                waiting.extend(node.values())
        elif isinstance(node, list):
            # Keras 2: ["dense", node index, tensor index, arguments]
            if len(node) >= 3 and isinstance(node[0], str) and isinstance(node[1], int):
                yield node[0]
            else:
                waiting.extend(node)
