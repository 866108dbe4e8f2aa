"""Normalisations in a file of weights alone: what they are, and behind which layers they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from toolkit.formats.containers.hdf5 import Tree
from toolkit.formats.frameworks.keras.held import Held, comes_before, stem_and_number
from toolkit.formats.frameworks.keras.norms import EPSILON, measured, take_batch_normalisation
from toolkit.formats.guard import natural, quoted
from toolkit.formats.meaning.chain import Chain, Step

_BATCH, _MEASURED = "batch_normalization", "normalization"
_BATCH_ROLES = ("gamma", "beta", "moving_mean", "moving_variance")
_MEASURED_ROLES = ("mean", "variance", "count")
_MOST_PLACED = 64
_MOST_STEPS = 20_000


@dataclass(frozen=True)
class Norm:
    """A normalisation that is affine at rest.

    Attributes
    ----------
    held : Held
    roles : dict of str to str
        Paths of its arrays by what they are.
    size : int
        For how many neurons.
    """

    held: Held
    roles: dict[str, str]
    size: int

    @property
    def step(self) -> Step:
        """The layer, for messages."""
        kind = "Normalization" if "count" in self.roles else "BatchNormalization"
        return Step(self.held.name, f"{kind}, as its arrays say")


def norm_of(chain: Chain, tree: Tree, held: Held) -> Norm | None:
    """Return a holder's arrays as a normalisation, or None where they are none.

    Raises
    ------
    NetworkFileError
        If they are a batch normalisation's of which it does not show what is left out.
    """
    shapes = [tree.shape(path) for path in held.arrays]
    called = {stem_and_number(name)[0] for name in (held.name, held.parts[-1])}
    named = set(held.roles)
    if named & {"moving_mean", "moving_variance"} and named <= set(_BATCH_ROLES):
        roles: tuple[str, ...] = held.roles
    elif named == set(_MEASURED_ROLES):
        roles = held.roles
    elif [len(shape) for shape in shapes] == [1, 1, 0]:
        roles = _MEASURED_ROLES
    elif [len(shape) for shape in shapes] == [1] * 4:
        roles = _BATCH_ROLES
    elif _BATCH in called and len(shapes) == 2:
        roles = _BATCH_ROLES[2:]
    elif _BATCH in called:
        raise chain.refuse(
            Step(held.place, "as it is called"),
            f"is a batch normalisation of {len(shapes)} arrays: whether its scale or its shift is "
            "left out, weights alone do not say. Save the whole model: model.save('name.keras')",
        )
    else:
        return None
    if len({shape for shape in shapes if shape}) != 1 or len(shapes[0]) != 1:
        return None
    return Norm(held, dict(zip(roles, held.arrays, strict=True)), shapes[0][0])


def places_of(
    chain: Chain, norms: Sequence[Norm], sizes: Sequence[int], before: Sequence[int] | None
) -> list[int]:
    """Return behind how many layers each normalisation stands.

    Parameters
    ----------
    chain : Chain
    norms : sequence of Norm
    sizes : sequence of int
        Neurons per layer, the input first.
    before : sequence of int, optional
        For each, before how many layers the file lists it; without it, sizes decide.

    Raises
    ------
    NetworkFileError
        If it stands nowhere, or may stand in several places.
    """
    if before is not None:
        for norm, place in zip(norms, before, strict=True):
            if sizes[place] != norm.size:
                raise chain.refuse(
                    norm.step, f"is for {norm.size} neurons; the layer before it has {sizes[place]}"
                )
        return list(before)
    ways = _ways([norm.held for norm in norms], [norm.size for norm in norms], sizes)
    if ways is not None and len(ways) == 1:
        return ways[0]
    shown = ", ".join(quoted(norm.held.place) for norm in norms[:6])
    if ways:
        raise chain.refuse(
            norms[0].step, f"weights alone do not say behind which layers {shown} stand, and "
            "several have as many neurons. Save the whole model: model.save('name.keras')",
        )  # fmt: skip
    if ways is None:
        raise chain.refuse(norms[0].step, f"too many could stand where {shown} do")
    raise chain.refuse(
        norms[0].step, f"the layers' sizes leave no place for {shown}, one between two layers"
    )


def _ways(
    held: Sequence[Held], wanted: Sequence[int], sizes: Sequence[int]
) -> list[list[int]] | None:
    """Return at most two ways to place each behind its layer; None where too many were tried."""
    if len(held) > _MOST_PLACED:
        return None
    order = sorted(range(len(held)), key=lambda n: natural(held[n].place))
    earlier = [
        [n for n in range(at) if comes_before(held[order[n]], held[order[at]])]
        for at in range(len(order))
    ]
    open_places: dict[int, list[int]] = {}
    for place, size in enumerate(sizes):
        open_places.setdefault(size, []).append(place)
    found: list[list[int]] = []
    chosen: list[int] = []
    waiting = [iter(open_places.get(wanted[order[0]], ()))]
    for _ in range(_MOST_STEPS):
        place = next(waiting[-1], -1)
        if place < 0:
            waiting.pop()
            if not waiting:
                return found
            chosen.pop()
            continue
        if place in chosen or any(chosen[n] > place for n in earlier[len(chosen)]):
            continue
        chosen.append(place)
        if len(chosen) < len(order):
            waiting.append(iter(open_places.get(wanted[order[len(chosen)]], ())))
            continue
        found.append([place for _, place in sorted(zip(order, chosen, strict=True))])
        if len(found) == 2:
            return found
        chosen.pop()
    return None


def take(chain: Chain, norm: Norm, tree: Tree) -> None:
    """Take a normalisation where the chain stands."""
    if "count" in norm.roles:
        measured(chain, norm.step, {}, norm.held, tree)
        return
    take_batch_normalisation(chain, norm.step, norm.roles, EPSILON, tree)
    chain.notes.append(
        f"{quoted(norm.held.place)} is a batch normalisation; weights alone do not say its "
        f"epsilon, which is taken to be Keras's usual one, {EPSILON}."
    )
