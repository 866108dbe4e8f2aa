"""Weights alone: what layers a file's arrays are of, where no configuration says it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from toolkit.formats.containers.hdf5 import Tree
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.keras.between import Norm, norm_of, places_of, take
from toolkit.formats.frameworks.keras.held import (
    ELSEWHERE,
    Held,
    Store,
    slots_of,
    stem_and_number,
)
from toolkit.formats.frameworks.keras.order import order_of
from toolkit.formats.guard import quoted, shown_shape
from toolkit.formats.meaning.chain import Chain, Step

_KNOWN = {
    "layer_normalization": "is a layer normalisation, which measures each digit anew",
    "group_normalization": "is a group normalisation, which measures each digit anew",
    "unit_normalization": "is a unit normalisation, which measures each digit anew",
    "p_re_lu": "is a PReLU: a slope for each neuron, which has no equal here",
    "embedding": "is an embedding; only fully connected layers have weight maps",
}
"""Layers by the names that Keras gives them, and why they are not read."""


@dataclass(frozen=True)
class Found:
    """One fully connected layer: who holds it, and the paths of its parts."""

    held: Held
    kernel: str
    bias: str | None
    ends: tuple[int, int]

    @property
    def step(self) -> Step:
        """The layer, for messages."""
        return Step(self.held.name, "Dense, as its arrays say")


def take_arrays(chain: Chain, tree: Tree, store: Store, where: str) -> list[Found]:
    """Take the layers of a file that holds weights alone.

    Every array of a layer is used, or the file is refused.

    Returns
    -------
    list of Found
        In the order in which they were taken.

    Raises
    ------
    NetworkFileError
        If arrays are of other than fully connected layers, or their order is not known.
    """
    if not store.layers:
        raise NetworkFileError(
            f"{where}: an HDF5 file, but not one of Keras's: no 'layer_names' and no 'vars'"
        )
    found: list[Found] = []
    norms: list[Norm] = []
    before: list[int] = []
    for held in store.layers:
        norm = norm_of(chain, tree, held)
        if norm is None:
            found += _dense_of(chain, tree, held)
        else:
            norms.append(norm)
            before.append(len(found))
    order = order_of([each.held for each in found], [each.ends for each in found], store.listed)
    if order.why:
        raise NetworkFileError(f"{where}: {order.why}")
    if order.note:
        chain.notes.append(order.note)
    taken = [found[n] for n in order.indices or range(len(found))]
    at: dict[int, list[Norm]] = {}
    if norms and taken:
        listed = store.listed and order.indices == tuple(range(len(found)))
        sizes = [taken[0].ends[0], *(each.ends[1] for each in taken)]
        places = places_of(chain, norms, sizes, before if listed else None)
        for place, norm in zip(places, norms, strict=True):
            at.setdefault(place, []).append(norm)
    for norm in at.get(0, ()):
        take(chain, norm, tree)
    for number, each in enumerate(taken, 1):
        biases = None if each.bias is None else tree.read(each.bias)
        chain.dense(
            each.step, tree.read(each.kernel), biases, None, inputs_first=True,
            slots=slots_of(tree, each.kernel, each.bias),
        )  # fmt: skip
        for norm in at.get(number, ()):
            take(chain, norm, tree)
    return taken


def functions_named(store: Store, count: int, notes: list[str]) -> list[str | None]:
    """Return the activation functions of layers, as far as other layers' names in the file say it.

    Keras 3 names layers without arrays too: as many of class ReLU as there are hidden layers are
    theirs, and a Softmax is the output's.

    Parameters
    ----------
    store : Store
    count : int
        Number of layers.
    notes : list of str
        What is taken, or that the file says no more, is added.
    """
    if not store.silent:
        return [None] * count
    shown = f"{', '.join(map(quoted, store.silent[:6]))}{', ...' * (len(store.silent) > 6)}"
    kinds = Counter(stem_and_number(place.rpartition("/")[2])[0] for place in store.silent)
    _check_plain(store, kinds, shown)
    rectified, ends = kinds.pop("re_lu", 0), kinds.pop("softmax", 0)
    if kinds or ends > 1 or rectified not in (0, count - 1):
        notes.append(
            f"The file names layers that hold no arrays, and does not say what they do: {shown}."
        )
        return [None] * count
    notes.append(f"What activation functions there are is told by the names of layers: {shown}.")
    hidden, last = "relu" if rectified else None, "softmax" if ends else None
    return [hidden] * (count - 1) + [last]


def _check_plain(store: Store, kinds: Counter[str], shown: str) -> None:
    """Refuse weights whose file names layers by which they are no plain row of functions known."""
    joined = sorted(ELSEWHERE & kinds.keys())
    functions = sorted({"re_lu", "leaky_re_lu", "elu"} & kinds.keys())
    if joined or (functions and functions != ["re_lu"]):
        why = "what they do" if joined else "which of them stands where"
        raise NetworkFileError(
            f"{store.where}: names layers that hold no arrays ({shown}), and weights alone do not "
            f"say {why}; save the whole model, model.save('name.keras')"
        )


def _dense_of(chain: Chain, tree: Tree, held: Held) -> Iterator[Found]:
    """Yield the layers that one holder's arrays are of: a matrix each, and its biases behind it."""
    step = Step(held.name, "Dense, as its arrays say")
    shapes = [tree.shape(path) for path in held.arrays]
    for called in (held.name, held.parts[-1]):
        known = _KNOWN.get(stem_and_number(called)[0])
        if known:
            raise chain.refuse(Step(held.place, "as it is called"), known)
    at = 0
    while at < len(shapes):
        if len(shapes[at]) == 1 and at + 1 < len(shapes) and len(shapes[at + 1]) == 2 and (
            shapes[at][0] == shapes[at + 1][1] and at == 0 and len(shapes) == 2
        ):  # fmt: skip
            yield Found(held, held.arrays[1], held.arrays[0], _ends(shapes[1]))
            return
        if len(shapes[at]) != 2:
            raise chain.refuse(
                step,
                f"holds arrays of shape {', '.join(map(shown_shape, shapes[:8]))}; expected a "
                "matrix and biases. Only fully connected layers are read, no convolution and no "
                "normalisation",
            )
        biased = at + 1 < len(shapes) and len(shapes[at + 1]) == 1
        bias = held.arrays[at + 1] if biased else None
        own = held if len(shapes) <= 2 else replace(held, place=f"{held.place}/vars/{at}")
        yield Found(own, held.arrays[at], bias, _ends(shapes[at]))
        at += 1 + biased


def _ends(shape: tuple[int, ...]) -> tuple[int, int]:
    return shape[0], shape[1]
