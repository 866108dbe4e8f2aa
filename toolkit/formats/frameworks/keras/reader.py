"""Reading Keras's files: which of the layouts, which layers, which arrays."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from toolkit.formats.containers.hdf5 import MAGIC, Tree
from toolkit.formats.containers.json_text import json_of
from toolkit.formats.containers.zip import Archive
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks import hdf5_plain
from toolkit.formats.frameworks.keras.alone import functions_named, take_arrays
from toolkit.formats.frameworks.keras.back import back_of
from toolkit.formats.frameworks.keras.config import Rows
from toolkit.formats.frameworks.keras.held import Store
from toolkit.formats.frameworks.keras.match import check_all_used, matched
from toolkit.formats.frameworks.keras.rows import rows_of
from toolkit.formats.guard import check_size, mebibytes, quoted
from toolkit.formats.limits import LIMITS, Limits
from toolkit.formats.meaning import mark
from toolkit.formats.meaning.chain import Chain
from toolkit.formats.meaning.reading import Reading

_ABOUT, _CONFIG, _WEIGHTS = "metadata.json", "config.json", "model.weights.h5"


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
        tree = Tree(data, where, limits)
        if hdf5_plain.looks_like(tree):
            return hdf5_plain.read(tree, where, limits)
        return _read_model(tree, where, limits, {}, "Keras HDF5")
    if not data.startswith(b"PK"):
        raise NetworkFileError(f"{where}: expected a Keras file, HDF5 or a .keras archive")
    archive = Archive(data, where, limits)
    for name in (_CONFIG, _WEIGHTS):
        if name not in archive.members:
            raise NetworkFileError(
                f"{where}: no .keras file: it holds no {name!r}; save the model with "
                "model.save('name.keras')"
            )
    members = {}
    for name in (_ABOUT, _CONFIG):
        if name not in archive.members:
            continue
        size = archive.members[name].size
        if size > limits.header_bytes:
            raise NetworkFileError(
                f"{where}: {name!r} is {mebibytes(size)}; at most "
                f"{mebibytes(limits.header_bytes)} are read"
            )
        members[name] = archive.read(name)
    weights = archive.read(_WEIGHTS)
    if not weights.startswith(MAGIC):
        raise NetworkFileError(f"{where}: {_WEIGHTS!r} is no HDF5 file; save the model again")
    return _read_model(Tree(weights, where, limits), where, limits, members, "Keras archive")


def _read_model(
    tree: Tree, where: str, limits: Limits, members: dict[str, bytes], form: str
) -> Reading:
    """Read a model from its HDF5 file, and from what stands beside it in an archive."""
    config = members.get(_CONFIG)
    said_in = f"{where}: {_CONFIG if config else 'model_config'}"
    text = config or tree.text("", "model_config")
    version = _version(tree, members, where, limits)
    store = Store(tree, where)
    chain = Chain(where, limits)
    chain.notes += store.notes
    name, provenance = "network", {}
    if text is None:
        taken = take_arrays(chain, tree, store, where)
        used = {path for each in taken for path in (each.kernel, each.bias) if path}
        form += ", weights alone"
        kind = ".weights.h5" if not store.listed else ".h5"
    else:
        older = version.startswith(("1.", "2.")) if version else None
        taker = Rows(chain, tree, older)
        name = _walk(taker, store, json_of(text, said_in, limits), where, limits)
        used = taker.used
        kind = ".keras" if config else ".h5"
    ours = tree.texts("", mark.KEY)
    if ours is not None:
        said = json_of("".join(ours).encode(), f"{where}: {mark.KEY}", limits)
        return mark.of(said, where).on(chain.done(form, name))
    if version:
        provenance["made with"] = f"Keras {quoted(version)[1:-1]}"
    reading = chain.done(form, name, provenance, back_of(kind, tree, store, members, used))
    if text is not None:
        return reading
    notes = list(reading.notes)
    names = functions_named(store, len(reading.layers), notes)
    layers = tuple(
        replace(raw, activation=known) for raw, known in zip(reading.layers, names, strict=True)
    )
    return replace(reading, layers=layers, notes=tuple(notes))


def _walk(taker: Rows, store: Store, config: Any, where: str, limits: Limits) -> str:
    """Take the layers that the configuration lists; return the model's name."""
    name, rows = rows_of(config, where, limits)
    found = matched(rows, store)
    for number, row in enumerate(rows):
        taker.take(row.step, row.settings, found.get(number))
    check_all_used(rows, found, store, where)
    return name


def _version(tree: Tree, members: dict[str, bytes], where: str, limits: Limits) -> str:
    """Return which version of Keras wrote the file, as it says, or nothing."""
    if _ABOUT in members:
        about = json_of(members[_ABOUT], f"{where}: {_ABOUT}", limits)
        said = about.get("keras_version") if isinstance(about, dict) else None
        return said if isinstance(said, str) else ""
    raw = tree.text("", "keras_version") or tree.text("model_weights", "keras_version") or b""
    return raw.decode("utf-8", "replace")
