"""Which arrays a Keras file holds, layer by layer, in each of its layouts."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from toolkit.formats.containers.hdf5 import Tree
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.guard import natural, quoted
from toolkit.origin import Slot

_ROOTS = ("model_weights", "")
_MODEL = "top_level_model_weights"
_OPTIMIZERS = ("optimizer", "optimizer_weights")
_TRAINING = ("metrics", *_OPTIMIZERS)
"""What stands beside the layers and is about training alone."""
_DOING = {
    "rescaling", "normalization", "activation", "re_lu", "leaky_re_lu", "elu", "softmax", "lambda",
    "unit_normalization",
}  # fmt: skip
"""Layers that compute something and may hold no arrays, as Keras names their places."""
ELSEWHERE = {
    "add", "average", "concatenate", "dot", "lambda", "layer_normalization", "maximum", "minimum",
    "multiply", "permute", "rms_normalization", "spectral_normalization", "subtract",
    "tf_op_lambda", "tfop_lambda", "unit_normalization",
}  # fmt: skip
"""... of which the layers with arrays are no plain row, or no function is known."""
_SEEDS = "seed_generator"
_OLDER = "_layer_checkpoint_dependencies"
"""What Keras 2.12 and 2.13 call the list that is ``layers`` since."""


@dataclass(frozen=True)
class Held:
    """One layer's arrays.

    Attributes
    ----------
    place : str
        Where they stand: ``"layers/block/dense"``; where the file lists its layers, the listed
        layer's name and behind it what its arrays' names begin with.
    arrays : tuple of str
        Their paths, in the file's order: kernel first.
    roles : tuple of str
        What each is by its name, ``"kernel"``; numbers in the newer layout.
    name : str
        What the layer is called.
    top : str
        The listed layer, or model, that holds it; empty in the newer layout.
    """

    place: str
    arrays: tuple[str, ...]
    roles: tuple[str, ...]
    name: str
    top: str = ""

    @property
    def parts(self) -> list[str]:
        """The parts of its place."""
        return self.place.split("/")


class Store:
    """All layers that have arrays.

    Parameters
    ----------
    tree : Tree
    where : str
        What to call the file in an error.

    Attributes
    ----------
    listed : bool
        Whether the file lists its layers in order, as the older layout does.
    layers : list of Held
        In that order, else by name, numbers by value.
    notes : list of str
        What was left out, a sentence.
    beside : list of str
        Paths of what is no layer's, and yet asked for when Keras loads: a metric's sums, a random
        generator's state.
    linked : bool
        Whether one array stands in several places.
    silent : list of str
        Places of layers that Keras 3 names and that have no arrays, but for those that do nothing
        once training is over.

    Raises
    ------
    NetworkFileError
        If what a list names is missing, or arrays stand where no layer's are.
    """

    def __init__(self, tree: Tree, where: str) -> None:
        self._tree, self.where = tree, where
        self.notes: list[str] = []
        self.beside: list[str] = []
        self.linked = False
        self.silent: list[str] = []
        root = next((r for r in _ROOTS if tree.texts(r, "layer_names") is not None), None)
        self.listed = root is not None
        self.layers = list(self._counted() if root is None else self._named(root))

    def _without_arrays(self) -> list[str]:
        found, arrays = [], set(self._tree.arrays)
        for group in sorted(self._tree.groups, key=natural):
            place, _, last = group.rpartition("/")
            kind = stem_and_number(place.rpartition("/")[2])[0]
            listed = place.rpartition("/")[0].rpartition("/")[2] == "layers"
            if (
                last == "vars"
                and listed
                and kind in _DOING | ELSEWHERE
                and f"{group}/0" not in arrays
            ):
                found.append(place)
        return found

    @staticmethod
    def is_kept(path: str) -> bool:
        """Tell whether what stands at a path goes back: all but what an optimizer holds."""
        return path.partition("/")[0] not in _OPTIMIZERS

    def _named(self, root: str) -> Iterator[Held]:
        tree = self._tree
        for name in dict.fromkeys([*(tree.texts(root, "layer_names") or ()), _MODEL]):
            path = f"{root}/{name}".lstrip("/")
            members = tree.texts(path, "weight_names")
            if path not in tree.groups or members is None:
                if name == _MODEL:
                    continue
                raise NetworkFileError(
                    f"{self.where}: 'layer_names' lists {quoted(name)}, but its arrays are missing"
                )
            found: dict[str, list[str]] = {}
            for member in members:
                tree.shape(f"{path}/{member}")  # that it is there
                found.setdefault(member.rpartition("/")[0], []).append(member)
            for holder, held in found.items():
                yield Held(
                    f"{name}/{holder}".rstrip("/"),
                    tuple(f"{path}/{member}" for member in held),
                    tuple(member.rpartition("/")[2].partition(":")[0] for member in held),
                    name if len(found) == 1 else holder.rpartition("/")[2] or name,
                    name,
                )

    def _counted(self) -> Iterator[Held]:
        found: dict[str, list[str]] = {}
        left: dict[str, int] = {}
        strays: list[str] = []
        for path in sorted(self._tree.arrays, key=natural):
            place = f"/{path}".replace("\\", "/").replace(_OLDER, "layers")
            holder, _, kind = place.rpartition("/")[0].rpartition("/")
            parts = holder.split("/")[1:]
            other = parts[0] if parts and parts[0] in _TRAINING else ""
            if not other and any(part.startswith(_SEEDS) for part in parts):
                other = _SEEDS
            if other:
                left[other] = left.get(other, 0) + 1
                if self.is_kept(path):
                    self.beside.append(path)
            elif kind == "vars":
                found.setdefault(holder[1:], []).append(path)
            else:
                strays.append(path)
        if not found:
            return
        used = {self._tree.object_of(path) for paths in found.values() for path in paths}
        self.linked = bool(strays)
        for path in strays:
            if self._tree.object_of(path) not in used:
                raise NetworkFileError(
                    f"{self.where}: holds {quoted(path)}, which is no layer's array as Keras "
                    "keeps them (…/vars/0); save the weights again with model.save_weights"
                )
        if left:
            said = ", ".join(f"{count} of {name}" for name, count in left.items())
            self.notes.append(f"Left out arrays that are no part of the network: {said}.")
        self.silent = self._without_arrays()
        for place, paths in found.items():
            group = paths[0].rpartition("/")[0]
            said_name = self._tree.text(group, "name")
            name = place.rpartition("/")[2]
            if said_name is not None and name:
                name = said_name.decode("utf-8", "replace")
            yield Held(
                place, tuple(paths), tuple(p.rpartition("/")[2] for p in paths), name or "model"
            )


def slots_of(tree: Tree, kernel: str, bias: str | None) -> tuple[Slot | None, Slot | None]:
    """Return where a file keeps a layer's weights and biases, for the way back."""
    kernel_slot, bias_slot = (
        None if path is None else Slot(path, tree.shape(path), tree.code(path) or "<f4", turned)
        for path, turned in ((kernel, True), (bias, False))
    )
    return kernel_slot, bias_slot


def stem_and_number(part: str) -> tuple[str, int]:
    """Split ``dense_12`` into ``dense`` and 12; without a number it is 0."""
    stem = part.rstrip("0123456789")
    return stem.rstrip("_"), int(part[len(stem) :][:18] or 0)


def comes_before(one: Held, other: Held) -> bool:
    """Tell whether numbers in their places say that one layer comes before the other.

    They do where the places differ first in a number: ``layers/dense_2`` is behind
    ``layers/dense_1``, whose order is the model's own; of ``layers/block`` they say nothing.
    """
    for mine, others in itertools.zip_longest(one.parts, other.parts):
        if mine != others:
            if mine is None or others is None:
                return False
            (stem, number), (other_stem, other_number) = map(stem_and_number, (mine, others))
            return stem == other_stem and number < other_number
    return False
