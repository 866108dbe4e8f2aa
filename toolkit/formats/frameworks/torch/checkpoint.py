"""Finding a network's tensors among whatever else a checkpoint holds."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers.opaque import Opaque, tensor_not_read
from toolkit.formats.containers.stand_ins import StoredTensor
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.torch import modules
from toolkit.formats.frameworks.torch.storages import Storages
from toolkit.formats.guard import BYTES_A_PART, Budget, quoted
from toolkit.formats.limits import Limits
from toolkit.formats.meaning.norms import NOTHING_SAID
from toolkit.formats.meaning.pairing import is_part_of_a_layer
from toolkit.formats.meaning.reading import Reading
from toolkit.formats.meaning.state_dict import reading_of_tensors

Stored = StoredTensor | NDArray[Any]
"""A tensor, or an array of NumPy's that stands in its place."""

_ADVICE = "load it in PyTorch and torch.save the model's state_dict()"
_USUAL = ("state_dict", "model_state_dict", "model_state", "model", "net", "network", "module",
          "weights", "params", "best_model", "best_state_dict")  # fmt: skip
_AVERAGES = re.compile(r"ema|averag|swa|shadow|target|teacher", re.IGNORECASE)
_NO_NETWORK = re.compile(r"optim|sched|scaler|rng|hist|metric|grad|buffer|replay", re.IGNORECASE)
_BARE = re.compile(
    r"weights?(?:_[gv]|_orig)?|bias(?:es)?|kernel|[wb]|running_(?:mean|var)|num_batches_tracked",
    re.IGNORECASE,
)
_GONE_OVER = 512  # bytes' worth of work for each part
_MOST_PLACES = 10_000
_MOST_DEPTH = 8
_MOST_TRIED = 6
_SHOWN = 6
_LAST = 4


@dataclass(eq=False)
class _Found:
    """Tensors of one place of a checkpoint, which may be a network's."""

    path: str
    entries: list[tuple[str, Stored]]
    left_out: list[str]
    module: modules.Flat | None = None

    @property
    def rank(self) -> int:
        """How early it is tried: usual names first, running averages of others last."""
        last = self.path.rpartition(".")[2]
        if not any(_dimensions(tensor) == 2 for _, tensor in self.entries):
            return _LAST
        if self.path == "" or last in _USUAL:
            return 0
        return 2 if _AVERAGES.search(self.path) else 1


def reading_of(
    value: Any,
    make: Callable[[Budget], Storages],
    where: str,
    limits: Limits,
    told: Mapping[str, Any] = NOTHING_SAID,
) -> Reading:
    """Read the network that a checkpoint holds.

    Where it holds several, one with a usual name (``state_dict``, ``model``) is taken before
    others, and these in the file's order; which it was is said.

    Parameters
    ----------
    value : object
        What an inert pickle gave.
    make : callable
        Gives the storages that its tensors lie in.
    where : str
    limits : Limits
    told : mapping of str to object
        What the file says beside, as :func:`reading_of_tensors` takes it.

    Raises
    ------
    NetworkFileError
        If it holds none, or what it holds is no fully connected network.
    """
    budget = Budget(limits, where)
    found = sorted(_places(value, budget), key=lambda each: each.rank)  # keeps the file's order
    nameless = isinstance(value, list | tuple) and all(place.rank == _LAST for place in found)
    if not found or nameless:
        raise NetworkFileError(f"{where}: {_what_it_is(value)}; {_ADVICE}")
    storages = make(budget)
    first: NetworkFileError | None = None
    for place in found[:_MOST_TRIED]:
        notes = _said_of(place, found)
        try:
            if place.module is not None:
                place.module.check(where)
            tensors = [storages.tensor(name, tensor) for name, tensor in place.entries]
            reading = reading_of_tensors(
                "PyTorch state_dict", ".pt", tensors, where, limits, notes=notes,
                told=told if place.module is None else {"epsilons": place.module.epsilons},
            )  # fmt: skip
            return reading if place.module is None else place.module.said_of(reading)
        except NetworkFileError as error:
            first = first or error
            if place.rank == 0:  # whoever names it so means it, and no other
                break
    assert first is not None
    raise first


def _said_of(place: _Found, found: list[_Found]) -> list[str]:
    notes = []
    if place.module is not None:
        notes.append(
            f"Took the tensors of a whole pickled module ({place.module.name}), whose code is not "
            "run."
        )
    if place.path:
        notes.append(f"Took the tensors under {quoted(place.path)} of a checkpoint.")
    others = [quoted(other.path) for other in found if other is not place and other.rank < _LAST]
    if others:
        notes.append(
            f"Other tensors are under {', '.join(others[:_SHOWN])}"
            f"{', …' if len(others) > _SHOWN else ''}; save one alone to open it."
        )
    if place.left_out:
        shown = ", ".join(map(quoted, place.left_out[:_SHOWN]))
        notes.append(f"Left out what are no tensors: {shown}.")
    return notes


def _places(value: Any, budget: Budget) -> Iterator[_Found]:
    """Go through what a pickle holds, level by level; parts may be shared or hold themselves."""
    where = budget.where
    seen: set[int] = set()
    queue = deque([("", value, 0)])
    for _ in range(_MOST_PLACES):
        if not queue:
            return
        path, node, depth = queue.popleft()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, Opaque):
            flat = modules.flat(node, budget)
            if flat is not None:
                yield _Found(path, _tensors(flat.entries, where), [], flat)
                continue
            node = node.state or {}
        items = _items(node)
        entries, left_out, inside = _split(items, isinstance(node, list | tuple), budget)
        if entries:
            yield _Found(path, _tensors(entries, where), left_out)
        if depth < _MOST_DEPTH:
            budget.take(sum(len(path) + len(name) + BYTES_A_PART for name, _ in inside))
            queue.extend(
                (f"{path}.{name}" if path else name, part, depth + 1)
                for name, part in inside
                if not _NO_NETWORK.search(name)
            )


def _items(node: Any) -> list[tuple[str, Any]]:
    if isinstance(node, dict):
        return list(node.items())
    if isinstance(node, list | tuple):
        kinds = (StoredTensor, np.ndarray, Opaque, dict, list, tuple)
        return [(str(n), part) for n, part in enumerate(node) if isinstance(part, kinds)]
    return []


def _split(
    items: list[tuple[str, Any]], listed: bool, budget: Budget
) -> tuple[list[tuple[str, Any]], list[str], list[tuple[str, Any]]]:
    """Tell tensors, and layers that are dicts or lists of them, from the rest and from places."""
    entries: list[tuple[str, Any]] = []
    left_out: list[str] = []
    inside: list[tuple[str, Any]] = []
    for name, part in items:
        if _is_tensor(part):
            entries.append((name, part))
            continue
        if isinstance(part, dict | list | tuple):
            budget.spend(_GONE_OVER * len(part))  # one that many share is gone over for each
        parts = _layer(name, part, listed)
        budget.take(sum(len(name) + len(inner) + BYTES_A_PART for inner, _ in parts))
        if isinstance(part, tuple):  # a quantised layer's weights and biases
            entries += [(name, each) for each in part[:2] if tensor_not_read(each)]
        entries += [(f"{name}.{inner}", tensor) for inner, tensor in parts]
        if not parts:
            left_out.append(name)
            if isinstance(part, dict | list | tuple | Opaque):
                inside.append((name, part))
    if entries:
        # Something else where weights or biases should be is a network that cannot be read.
        wrong = [
            (name, part) for name, part in items
            if isinstance(part, Opaque) and is_part_of_a_layer(name)
        ]  # fmt: skip
        entries += [pair for pair in wrong if not tensor_not_read(pair[1])]
    return entries, left_out, inside


def _layer(name: str, part: Any, listed: bool) -> list[tuple[str, Any]]:
    """Return a part's tensors by name if they are one layer's, or a list of one role's."""
    items = _items(part)
    if not items or len(items) != len(part):
        return []
    if not all(_is_tensor(each) for _, each in items):
        return []
    if isinstance(part, dict):
        return items if all(_BARE.fullmatch(inner) for inner, _ in items) else []
    return items if listed or is_part_of_a_layer(name) else []


def _is_tensor(part: Any) -> bool:
    return isinstance(part, StoredTensor | np.ndarray) or bool(tensor_not_read(part))


def _tensors(entries: list[tuple[str, Any]], where: str) -> list[tuple[str, Stored]]:
    for name, part in entries:
        if not isinstance(part, StoredTensor | np.ndarray):
            why = tensor_not_read(part) or f"no tensor, but {part.name}"
            raise NetworkFileError(f"{where}: {quoted(name)} is {why}")
    return entries


def _dimensions(tensor: Stored) -> int:
    return len(tensor.shape) if isinstance(tensor.shape, tuple) else 0


def _what_it_is(value: Any) -> str:
    if isinstance(value, Opaque):
        return f"a pickled object ({value.name}) in which no tensors stand by name"
    return "a PyTorch file that holds no state_dict (a dict of tensors by name)"
