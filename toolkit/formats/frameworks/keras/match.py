"""Which of a file's arrays belong to which layer of its configuration."""

from __future__ import annotations

from collections.abc import Sequence

from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.keras.held import Held, Store
from toolkit.formats.frameworks.keras.rows import Row
from toolkit.formats.guard import quoted


def matched(rows: Sequence[Row], store: Store) -> dict[int, Held]:
    """Return the arrays of those layers that have some, by the layers' indices.

    The newer layout counts the layers of one class in each model, the older one keeps their names.
    """
    if not store.listed:
        by_place = {held.place: held for held in store.layers}
        return {n: by_place[row.place] for n, row in enumerate(rows) if row.place in by_place}
    by_top: dict[str, list[Held]] = {}
    for held in store.layers:
        by_top.setdefault(held.top, []).append(held)
    inside: dict[str, list[int]] = {}
    for n, row in enumerate(rows):
        if row.has_arrays:
            inside.setdefault(row.top, []).append(n)
    found: dict[int, Held] = {}
    for top, indices in inside.items():
        found |= _inside(rows, indices, by_top.get(top, []))
    return found


def _inside(rows: Sequence[Row], indices: list[int], held: list[Held]) -> dict[int, Held]:
    """Match layers of one model with the arrays that stand under its name."""
    if not rows[indices[0]].nested:
        return {indices[0]: held[0]} if len(held) == 1 and len(indices) == 1 else {}
    by_name: dict[str, list[Held]] = {}
    for each in reversed(held):
        by_name.setdefault(each.name, []).append(each)
    names = [rows[n].step.name for n in indices]
    if all(len(by_name.get(name, ())) == names.count(name) for name in set(names)):
        return {n: by_name[name].pop() for n, name in zip(indices, names, strict=True)}
    # Older versions of Keras number a variable anew where its name was taken.
    return dict(zip(indices, held, strict=True)) if len(indices) == len(held) else {}


def check_all_used(rows: Sequence[Row], found: dict[int, Held], store: Store, where: str) -> None:
    """Raise NetworkFileError if arrays are of a layer that the configuration does not list."""
    used = {id(held) for held in found.values()}
    left = [held for held in store.layers if id(held) not in used]
    if left:
        raise NetworkFileError(
            f"{where}: holds arrays of {', '.join(quoted(held.place) for held in left[:6])}, which "
            "its configuration does not list; save the model again"
        )
