"""Keras's normalisations that are affine once training is over."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit.formats.containers.hdf5 import Tree
from toolkit.formats.containers.json_text import matrix_of
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.frameworks.keras.held import Held
from toolkit.formats.meaning.affine import at_rest
from toolkit.formats.meaning.chain import Chain, Step

EPSILON = 1e-3
"""What Keras adds to a batch's variance unless told otherwise."""
_SMALLEST_SPREAD = 1e-7
"""Below it a Normalization layer divides by this, ``keras.config.epsilon()``."""

Settings = dict[str, Any]
Array = NDArray[Any]


def batch_normalisation(
    chain: Chain, step: Step, settings: Settings, held: Held | None, tree: Tree
) -> None:
    """Take a BatchNormalization layer, as it is at rest.

    Raises
    ------
    NetworkFileError
        If its arrays are other than its settings say, or not of one row.
    """
    roles = [
        role
        for role, key in (("gamma", "scale"), ("beta", "center"))
        if settings.get(key, True) is not False
    ] + ["moving_mean", "moving_variance"]
    paths = _by_role(chain, step, held, roles)
    epsilon = settings.get("epsilon", EPSILON)
    if type(epsilon) not in (int, float) or not 0 <= epsilon <= 1e6:
        raise chain.refuse(step, "its epsilon should be a number from 0 on")
    take_batch_normalisation(chain, step, paths, float(epsilon), tree)


def take_batch_normalisation(
    chain: Chain, step: Step, paths: dict[str, str], epsilon: float, tree: Tree
) -> None:
    """Take a batch normalisation by the paths of its arrays."""
    parts = {role: _vector(chain, step, path, tree) for role, path in paths.items()}
    scale, shift = at_rest(
        parts["moving_mean"], parts["moving_variance"], epsilon, parts.get("gamma"),
        parts.get("beta"),
    )  # fmt: skip
    chain.affine(step, scale, shift, paths.get("beta", ""))


def measured(chain: Chain, step: Step, settings: Settings, held: Held | None, tree: Tree) -> None:
    """Take a Normalization layer: less the mean, over the standard deviation, both measured before.

    Raises
    ------
    NetworkFileError
        If the means are neither in its settings nor among its arrays.
    """
    said = [settings.get(key) for key in ("mean", "variance")]
    parts: list[Array]
    if said[0] is None or said[1] is None:
        if held is None:
            raise chain.refuse(
                step, "holds no means: it was saved before adapt() was called, or its arrays are "
                "missing",
            )  # fmt: skip
        paths = _by_role(chain, step, held, ["mean", "variance", "count"])
        parts = [tree.read(paths[role]).ravel() for role in ("mean", "variance")]
    else:
        parts = [_said(chain, step, each) for each in said]
    mean, variance = (np.asarray(part, np.float64) for part in parts)
    if mean.size != variance.size:
        raise chain.refuse(step, f"has {mean.size} means and {variance.size} variances")
    with np.errstate(all="ignore"):
        spread = np.maximum(np.sqrt(variance), _SMALLEST_SPREAD)
    if settings.get("invert"):
        chain.affine(step, spread, mean)
    else:
        chain.affine(step, 1 / spread, -mean / spread)


def _said(chain: Chain, step: Step, value: Any) -> Array:
    """Return what a setting says: a number, a list of numbers, or lists around one list."""
    for _ in range(8):
        if not (isinstance(value, list) and len(value) == 1):
            break
        value = value[0]
    try:
        return matrix_of(value if isinstance(value, list) else [value], "mean", step.name).ravel()
    except NetworkFileError as error:
        raise chain.refuse(step, "its mean and variance should be numbers") from error


def _by_role(chain: Chain, step: Step, held: Held | None, roles: list[str]) -> dict[str, str]:
    """Return the paths of a layer's arrays by what they are."""
    if held is None:
        raise chain.refuse(step, "its arrays are missing from the file")
    numbered = all(role.isdecimal() for role in held.roles)
    found = dict(zip(roles if numbered else held.roles, held.arrays, strict=False))
    if len(held.arrays) != len(roles) or set(found) != set(roles):
        raise chain.refuse(step, f"holds {len(held.arrays)} arrays; expected {', '.join(roles)}")
    return found


def _vector(chain: Chain, step: Step, path: str, tree: Tree) -> Array:
    if len(tree.shape(path)) != 1:
        raise chain.refuse(step, f"holds an array of shape {tree.shape(path)}; expected one row")
    return tree.read(path)
