"""Files that arrive at a studio: opened as experiments, or shown as digits."""

from __future__ import annotations

import io
import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any, BinaryIO

from toolkit.analysis import layer_statistics
from toolkit.experiments import Experiment
from toolkit.studio import uploads
from toolkit.studio.desk import Desk
from toolkit.studio.notices import Notice

if TYPE_CHECKING:
    from toolkit.studio.studio import Studio
    from toolkit.studio.visit import Visit

_KEPT_UNDERSTOOD = 16
_KEPT_BYTES = 64 << 20
"""Of what files said, so that they can be understood otherwise."""
_WALK = {"label": "step-by-step", "command": "walk"}
_KEPT_NEWS = 64


class Arrivals:
    """Opens files for a studio.

    Parameters
    ----------
    studio : Studio
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._lock = threading.Lock()
        self._opening = threading.Lock()
        self._understood: OrderedDict[str, uploads.Understood] = OrderedDict()
        self._news: OrderedDict[str, Notice] = OrderedDict()

    def understood(self, id: str) -> uploads.Understood | None:
        """Return how the file was read that an experiment came from, if that is still known."""
        with self._lock:
            return self._understood.get(id)

    def news(self, id: str) -> Notice | None:
        """Return, once, what to tell the page that opens an experiment that a file became."""
        with self._lock:
            return self._news.pop(id, None)

    def _tell(self, id: str, notice: Notice) -> None:
        """Keep it here: until a page sits at the desk, that may be let go and laid out anew."""
        with self._lock:
            self._news[id] = notice
            while len(self._news) > _KEPT_NEWS:
                self._news.popitem(last=False)

    def upload(self, file: bytes | BinaryIO, name: str, visit: Visit | None) -> str:
        """Open a file as an experiment; see :meth:`Studio.upload`."""
        file = io.BytesIO(file) if isinstance(file, bytes) else file
        if visit is not None:
            visit.come_back()
        before = visit.desk if visit else None
        digits = self._studio.library.open(before.laid.source if before else None)
        if uploads.is_recipe(file, name):
            experiment = uploads.read_recipe(file, name, digits)
            self._keep(experiment)
            fields = {"name": experiment.name, "steps": experiment.cursor}
            self._tell(
                experiment.id,
                Notice("imported", fields, actions=[_WALK] if experiment.steps else []),
            )
            return experiment.id
        return self._open(uploads.read_network(file, name, digits), before)

    def interpret(self, visit: Visit, desk: Desk, way: object) -> None:
        """Open a desk's file in another reading; see :meth:`Studio.interpret`."""
        if desk.understood is None:
            raise ValueError("No file is open whose reading could be changed; open one first.")
        chosen = desk.understood.otherwise(way)
        id = self._open(chosen, desk if desk.experiment.steps else None)
        if not desk.experiment.steps:
            self._studio.workspace.unlist(desk.experiment.id)
        visit.go(id)

    def show_picture(self, file: bytes | BinaryIO, name: str, visit: Visit | None) -> None:
        """Show a digit in a picture's file; see :meth:`Studio.show_picture`."""
        form, another = uploads.read_picture(file, name)
        if visit is not None:
            visit.come_back()
        if visit is None or visit.view is None or visit.desk is None:
            raise ValueError("The page that sent it is not connected; try again.")
        with visit.desk.lock:
            visit.view.show_picture(form, name)
        if another:
            visit.say(Notice("picture-others", {"file": name}))
        visit.touch()

    def _open(self, understood: uploads.Understood, before: Desk | None) -> str:
        experiment = Experiment(
            understood.network,
            origin="file",
            digits=before.laid.source if before is not None else "",
        )
        desk = self._keep(experiment)
        desk.understood = understood
        self._remember(experiment.id, understood)
        fields: dict[str, Any] = {
            "file": understood.file, "format": understood.reading.format,
            "way": understood.ways[understood.chosen].summary, "name": experiment.name,
            "open": understood.chosen == 0 and len(understood.ways) > 1,
        }  # fmt: skip
        if understood.ways[understood.chosen].guess:
            fields["guess"] = understood.ways[understood.chosen].guess
        actions: list[dict[str, Any]] = [{"label": "how-read", "menu": "understood"}]
        broken = sum(layer.not_finite for layer in layer_statistics(understood.network))
        if broken:
            fields["broken"] = broken
        if before is not None and not before.draft:
            fields["earlier"] = before.experiment.name
            back = {"label": "back-to", "fields": {"name": before.experiment.name}}
            actions.insert(0, {**back, "visit": before.experiment.id})
        self._tell(experiment.id, Notice("uploaded", fields, actions=actions))
        return experiment.id

    def _remember(self, id: str, understood: uploads.Understood) -> None:
        with self._lock:
            self._understood[id] = understood
            # Files read otherwise share what was read.
            held = {key: each.held_bytes for key, each in self._understood.items()}
            while len(held) > 1 and (
                len(held) > _KEPT_UNDERSTOOD or sum(held.values()) > _KEPT_BYTES
            ):
                oldest, _ = self._understood.popitem(last=False)
                del held[oldest]

    def _keep(self, experiment: Experiment) -> Desk:
        # One at a time: while a large network is packed, and scored first, it takes more memory.
        with self._opening:
            workspace = self._studio.workspace
            workspace.create(experiment)
            desk = self._studio.lay_out(experiment)
            workspace.commit(desk.experiment, accuracy=desk.score.known_accuracy)
        # Who opens one file after another need never look at what they became.
        self._studio.release(desk, forget=False)
        return desk
