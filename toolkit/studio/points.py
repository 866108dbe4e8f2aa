"""Points of an experiment: going on from one as an experiment of its own, comparing two."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.analysis.comparison import Comparison, compare
from toolkit.edits import EditError
from toolkit.experiments import Experiment
from toolkit.network import Network
from toolkit.shown import shown
from toolkit.studio.desk import Desk, check_name
from toolkit.studio.letters import mapping_of
from toolkit.studio.notices import branched
from toolkit.studio.pace import copying
from toolkit.studio.questions import QUESTIONS, Question

if TYPE_CHECKING:
    from toolkit.studio.view import View
    from toolkit.studio.visit import Visit

_SHOWN_DIGITS = 200
_SHOWN_NEURONS = 8


def branch(visit: Visit, desk: Desk, item: Mapping[str, Any]) -> None:
    """Go on from a point of an experiment in another one, which the page is then sent to.

    The experiment itself stays as it is.

    Raises
    ------
    ValueError
        If there is no such point, or too many were made a moment ago.
    """
    workspace = visit.studio.workspace
    note = copying(visit.copies, visit.studio.copies)
    with desk.lock:
        twin = desk.experiment.copy(
            check_name(item.get("name") or f"{desk.experiment.name}, branch")
        )
        accuracy: float | None = desk.score.known_accuracy
    if item.get("point") is not None:
        twin.restore(check_name(item["point"]))
        accuracy = None
    elif item.get("step") is not None:
        twin.jump(item["step"])
        accuracy = None
    note(twin)
    workspace.create(twin, accuracy=accuracy)
    visit.known.insert(0, twin.id)
    visit.go(twin.id, branched(twin, desk.experiment, item))


def network_at(experiment: Experiment, point: object) -> tuple[Network, dict[str, Any]]:
    """Return the network at a point, and what to call the point.

    Parameters
    ----------
    experiment : Experiment
    point : object
        ``{"step": n}``, 0 being the start; ``{"point": name}``; or an empty mapping for now.

    Raises
    ------
    ValueError
        If there is no such point.
    """
    asked = mapping_of(point)
    if asked.get("point") is not None:
        name = check_name(asked["point"])
        found = next((each for each in experiment.save_points if each.name == name), None)
        if found is None:
            raise EditError(f"point: there is none called {name!r}")
        return found.network, {"point": name}
    step = asked.get("step", experiment.cursor)
    if isinstance(step, bool) or not isinstance(step, int):
        raise EditError(f"step: expected a whole number; got {type(step).__name__}")
    if not 0 <= step <= len(experiment.steps):
        raise EditError(f"step: expected 0 to {len(experiment.steps)}; got {shown(step)}")
    return experiment.network_at(step), {"step": step}


def _compare(desk: Desk, view: View, head: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    with desk.lock:
        experiment, laid = desk.experiment, desk.laid
    (one, first), (other, second) = (
        network_at(experiment, head.get(side)) for side in ("one", "other")
    )
    found = compare(one, other, laid.digits)
    furthest = found.furthest(_SHOWN_NEURONS)
    maps = [
        network.layer(1).weights[index].astype("<f4")
        for layer, index, _ in furthest if layer == 1
        for network in (one, other)
    ]  # fmt: skip
    alone = sides(found, laid.numbers)
    shown = [{**named, **side} for named, side in zip((first, second), alone, strict=True)]
    neurons = [[layer, index, distance if np.isfinite(distance) else None]
               for layer, index, distance in furthest]  # fmt: skip
    return {"sides": shown, "neurons": neurons}, b"".join(map(np.ndarray.tobytes, maps))


def sides(found: Comparison, numbers: NDArray[np.intp]) -> list[dict[str, Any]]:
    """Return of each of two networks what it reads, and the digits that it alone reads right.

    Parameters
    ----------
    found : Comparison
    numbers : ndarray of int, shape (n,)
        By which the digits that they were compared on are known.
    """
    told = []
    for its, others, alone in (
        (found.one, found.other, found.only_one),
        (found.other, found.one, found.only_other),
    ):
        listed = alone[:_SHOWN_DIGITS]
        told.append({
            "accuracy": its.known_accuracy,
            "unscored": its.unscored,
            "per_digit": [None if np.isnan(each) else float(each) for each in its.per_digit],
            "alone": len(alone),
            "digits": numbers[listed].tolist(),
            "read": others.predictions[listed].tolist(),
        })  # fmt: skip
    return told


QUESTIONS["compare"] = Question(_compare, long=True)
