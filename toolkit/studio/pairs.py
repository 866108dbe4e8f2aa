"""Two networks side by side: what each reads, whose neuron is whose, how alike their layers are."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit import shipped
from toolkit.analysis.comparison import Comparison
from toolkit.apart import ApartError
from toolkit.apart.pairing import matched, matched_apart, unmatched
from toolkit.experiments import WorkspaceError, check_id
from toolkit.fits import sample
from toolkit.network import Network
from toolkit.scoring import Score, score
from toolkit.studio.letters import mapping_of
from toolkit.studio.notices import without_folders
from toolkit.studio.points import network_at, sides
from toolkit.studio.questions import QUESTIONS, Question

if TYPE_CHECKING:
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View

_MOST_ACTIVATIONS = 8_000_000
"""Of both networks together, over the digits by which neurons and layers are compared."""
_WIDEST_HERE = 128
"""Neurons of a layer: wider ones are matched apart, for the time and memory that it takes."""
_HERE = threading.Lock()
_MOST_DIGITS, _FEWEST_DIGITS = 5000, 200


def _pair(desk: Desk, view: View, head: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Compare the network shown with another one, which ``other`` says.

    After the reply's head come the other network's weights, layer by layer as in an answer.
    """
    with desk.lock:
        one, laid, here = desk.network, desk.laid, desk.score
        name, revision = desk.experiment.name, desk.experiment.revision
    other, named = _other(desk, head.get("other"))
    theirs = desk.library.laid(laid.source, other)
    _, at, place = np.intersect1d(laid.numbers, theirs.numbers, return_indices=True)
    # Both by the classes of what is shown, though the digits may be of fewer for the other.
    there = replace(score(other, theirs.digits), classes=here.classes)
    found = Comparison(_some(here, at), _some(there, place), ())
    read = sides(found, laid.numbers[at])
    described = [
        {**_described(network), "name": called, **side}
        for network, called, side in zip((one, other), (name, named), read, strict=True)
    ]
    few = _affordable(one, other, len(at))
    pixels = laid.digits.pixels[at[few]], theirs.digits.pixels[place[few]]
    return {
        "revision": revision,
        "sides": described,
        "images": len(at),
        "compared_on": len(few),
        "same": one == other,
        **_matched((one, other), pixels),
    }, b"".join(
        values.astype("<f4").tobytes()
        for layer in other.layers
        for values in (layer.weights, layer.biases)
    )


def _other(desk: Desk, asked: object) -> tuple[Network, str]:
    """Return the network that is asked for, and its name.

    It is one that ships (``network``), another experiment as it is now (``experiment``), or a point
    of this one (``point``, or ``step``).

    Raises
    ------
    ValueError
        If there is none such.
    """
    which = mapping_of(asked)
    if which.get("network") is not None:
        name = which["network"]
        if name not in shipped.names():
            raise ValueError(f"other: no network named {str(name)[:60]!r} ships with the toolkit")
        return shipped.open_network(name), name
    if which.get("experiment") is not None:
        id = check_id(which["experiment"])
        try:
            (entry,) = desk.workspace.entries(ids=[id])
            return desk.workspace.network(id), entry.name
        except WorkspaceError as error:
            raise ValueError(f"other: {without_folders(str(error))}") from error
        except ValueError as error:
            raise ValueError("other: that experiment is not here, or in the bin") from error
    if which.get("point") is None and which.get("step") is None:
        raise ValueError("other: expected a network, an experiment or a point; got none")
    with desk.lock:
        experiment = desk.experiment
    network, point = network_at(experiment, which)
    if "point" in point:
        return network, str(point["point"])
    return network, f"after step {point['step']}" if point["step"] else "as loaded"


def _some(whole: Score, which: NDArray[np.intp]) -> Score:
    if len(which) == whole.images:
        return whole
    return replace(whole, predictions=whole.predictions[which], labels=whole.labels[which])


def _described(network: Network) -> dict[str, Any]:
    return {
        "sizes": list(network.sizes),
        "activations": list(network.activations),
        "grid": list(network.grid),
        "parameters": network.parameters,
        "names": [[*at, name] for at, name in network.names.items()],
    }


def _affordable(one: Network, other: Network, count: int) -> NDArray[np.intp]:
    neurons = sum(one.sizes[1:]) + sum(other.sizes[1:])
    some = min(_MOST_DIGITS, max(_FEWEST_DIGITS, _MOST_ACTIVATIONS // neurons))
    return sample(count, min(count, some))


def _matched(
    networks: tuple[Network, Network], pixels: tuple[NDArray[np.uint8], NDArray[np.uint8]]
) -> dict[str, Any]:
    if max(max(each.sizes[1:]) for each in networks) <= _WIDEST_HERE:
        with _HERE:
            return matched(networks, pixels)
    try:
        return matched_apart(networks, pixels)
    except ApartError as error:
        return unmatched(networks, f"{error}; 'toolkit compare' takes its time")


QUESTIONS["pair"] = Question(_pair, awaited=True)
