"""What neurons may be called: short plain text, of a layer each another."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

LONGEST_NAME = 40

_NUMBER = re.compile(r"\d+\.\d+")


def clean_name(name: object) -> str:
    """Return a neuron's name with single spaces between its words.

    Raises
    ------
    ValueError
        If it is empty, longer than 40 characters, or holds what a line of text does not, or is
        written like a neuron's number.
    """
    if not isinstance(name, str):
        raise ValueError(f"name: expected text; got {type(name).__name__}")
    words = " ".join(name.split())
    if not words:
        raise ValueError("name: expected at least one character; got none")
    if len(words) > LONGEST_NAME:
        raise ValueError(f"name: expected at most {LONGEST_NAME} characters; got {len(words):,}")
    if not words.isprintable() or '"' in words:
        raise ValueError(f"name: expected plain text without quotation marks; got {words!r}")
    if _NUMBER.fullmatch(words):
        raise ValueError(f"name: {words} is how a neuron's number is written; expected words")
    return words


def check_names(
    names: Mapping[tuple[int, int], str], sizes: Sequence[int]
) -> dict[tuple[int, int], str]:
    """Return names by layer and index, in that order, each cleaned.

    Parameters
    ----------
    names : mapping
    sizes : sequence of int
        Neurons per layer, the input first.

    Raises
    ------
    ValueError
        If one is none, or belongs to no neuron, or two neurons of a layer are called the same
        (capital letters do not count).
    """
    checked: dict[tuple[int, int], str] = {}
    taken: dict[tuple[int, str], int] = {}
    try:
        order = sorted((int(layer), int(index)) for layer, index in names)
    except (TypeError, ValueError) as error:
        raise ValueError("names: expected them by (layer, index)") from error
    for layer, index in order:
        if not (1 <= layer < len(sizes) and 0 <= index < sizes[layer]):
            raise ValueError(f"names: there is no neuron {layer}.{index}")
        name = clean_name(names[layer, index])
        other = taken.setdefault((layer, name.casefold()), index)
        if other != index:
            raise ValueError(
                f"name: {layer}.{other} is called {name!r} already; "
                f"expected another name for {layer}.{index}"
            )
        checked[layer, index] = name
    return checked


def names_told(names: Mapping[tuple[int, int], str]) -> dict[str, str]:
    """Return names as JSON has them, by ``"layer.index"``."""
    return {f"{layer}.{index}": name for (layer, index), name in names.items()}


def names_of(told: object) -> dict[tuple[int, int], str]:
    """Read names from what :func:`names_told` returns; whether they fit is not looked at here.

    Raises
    ------
    ValueError
        If it is no dict by layer and index.
    """
    try:
        parts = [(key.partition("."), name) for key, name in told.items()]  # type: ignore[attr-defined]
        return {(int(layer), int(index)): name for (layer, _, index), name in parts}
    except (AttributeError, ValueError) as error:
        raise ValueError('names: expected a dict by neuron, such as "1.3"') from error
