"""One step of an experiment, for who walks through them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from toolkit import shipped
from toolkit.experiments import read_recipe
from toolkit.studio.questions import QUESTIONS, Question

if TYPE_CHECKING:
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View


def _step(desk: Desk, view: View, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Say of a step, counted from 1, what it does, what for, where, and what came of it."""
    number = asked.get("step")
    with desk.lock:
        steps = list(desk.experiment.steps)
        named = [[point.name, point.cursor] for point in desk.experiment.save_points]
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= len(steps):
        raise ValueError(f"step: expected 1 to {len(steps)}; got {number!r:.40}")
    step = steps[number - 1]
    edit: Any = step.edit
    layer, neuron = getattr(edit, "layer", None), getattr(edit, "neuron", None)
    return {
        "step": number,
        "name": step.name,
        "why": step.why,
        "where": [layer, neuron] if isinstance(neuron, int) and isinstance(layer, int) else None,
        "change": step.change,
        "accuracy": step.accuracy_after,
        "points": [name for name, cursor in named if cursor == number],
    }, b""


def _recipe(desk: Desk, view: View, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Return the recipe that a network which ships was made by: its name, steps, and text."""
    origin = desk.experiment.origin
    text = shipped.recipe(origin)
    if text is None:
        return {"name": "", "steps": 0}, b""
    return {"name": f"{origin}.toml", "steps": len(read_recipe(text).steps)}, text


QUESTIONS["recipe"] = Question(_recipe, long=True)
QUESTIONS["step"] = Question(_step)
