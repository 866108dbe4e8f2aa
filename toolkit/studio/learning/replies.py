"""Learning, watched, for an experiment's pages: begun by a question, told of by an extra.

A training is of the network as it was when it was begun, or of one with random weights of its
shape, and changes no experiment: what it was like after an epoch is opened as one.  It is worked
out in a child process, one at a time on a server, whether a page is there or not unless others
wait, and what came of it is kept as long as there is room.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.apart.learning import Watched, film_apart
from toolkit.edits import ReplaceLayers
from toolkit.experiments import Experiment
from toolkit.scoring import score
from toolkit.studio.extras import EXTRAS
from toolkit.studio.learning.plans import plan_of
from toolkit.studio.learning.runs import RUNS, Run
from toolkit.studio.pace import Pace, copying
from toolkit.studio.questions import QUESTIONS, Question

if TYPE_CHECKING:
    from toolkit.studio.desk import Desk
    from toolkit.studio.view import View

KINDS = {"gif": "image/gif", "csv": "text/csv"}
"""What a training can be taken away as."""
_MOST_MAP_BYTES = 4 << 20
_OPENED = Pace(20, 3.0)


def learning(desk: Desk, view: View, which: str) -> dict[str, Any]:
    """Return how the experiment's training is."""
    run = RUNS.of(desk)
    if run is None:
        return {"status": "none"}
    said = run.said()
    if run.status == "waiting":
        before, seconds = RUNS.ahead(run)
        said |= {"before": before, "wait": round(seconds, 1)}
    return said


def reply(desk: Desk, view: View, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Begin a training, stop one, forget it, give its maps, or open it as it was at an epoch.

    Parameters
    ----------
    asked : mapping
        ``do``: begin, stop, forget, adopt, maps or open.  To begin: what
        :func:`~toolkit.studio.learning.plans.plan_of` reads.  To adopt:
        ``run``, the name of one.  Of maps: ``run``, and ``first``, the
        position among the epochs kept from which on as many follow as go into one answer: a byte
        a cell, 128 for a weight of zero, 1 and 255 for the epoch's top, said beside them, and
        beyond, 0 for what is no number.  To open: ``epoch``, one that was kept.

    Raises
    ------
    ValueError
        If it asks for what cannot be done.
    """
    match asked.get("do"):
        case "begin":
            _begin(desk, view, asked)
        case "stop":
            RUNS.stop(desk)
        case "forget":
            RUNS.forget(desk)
        case "adopt":
            RUNS.adopt(desk, asked.get("run"))
        case "maps":
            return _maps(desk, asked)
        case "open":
            return _open(desk, asked)
        case do:
            raise ValueError(
                f"do: expected begin, stop, forget, adopt, maps or open; got {do!r:.40}"
            )
    return {}, b""


def _begin(desk: Desk, view: View, asked: Mapping[str, Any]) -> None:
    if desk.score.unscored:
        why = desk.score.unscored.removeprefix("not scored: ")
        raise ValueError(f"To learn, a network needs an output for each class: {why}.")
    with desk.lock:
        network, source = desk.network, desk.laid.source
    plan = plan_of(asked, network)
    run = Run(desk, plan, plan.start(network), source, network.checksum, palette=view.palette)
    run.browser = str(asked.get("browser", ""))
    RUNS.begin(desk, run)


def _done(desk: Desk) -> tuple[Run, Watched]:
    run = RUNS.of(desk)
    if run is None or run.watched is None:
        raise ValueError("There is no training of this experiment to look at any more.")
    return run, run.watched


def _maps(desk: Desk, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    run, watched = _done(desk)
    networks, first = watched.learning.networks, asked.get("first")
    if isinstance(first, bool) or not isinstance(first, int) or not 0 <= first < len(networks):
        raise ValueError(f"first: expected 0 to {len(networks) - 1}; got {first!r:.40}")
    size = run.network.layers[0].weights.size
    shown = networks[first : first + max(1, _MOST_MAP_BYTES // size)]
    brightest, pieces, tops = watched.learning.brightest, list[bytes](), list[float]()
    for each in shown:
        weights = each.layers[0].weights.astype(np.float64)
        finite = np.isfinite(weights)
        known = np.where(finite, weights, 0)
        # Its own largest: what is faint beside other epochs still has all levels for itself.
        tops.append(min(float(np.abs(known).max()), brightest) or 1.0)
        levels = 128 + np.rint((known * (127 / tops[-1])).clip(-127, 127))
        pieces.append(np.where(finite, levels, 0).astype(np.uint8).tobytes())
    head = {"run": run.name, "first": first, "count": len(shown), "tops": tops}
    return head, b"".join(pieces)


def _open(desk: Desk, asked: Mapping[str, Any]) -> tuple[dict[str, Any], bytes]:
    """Make an experiment of a network on its way: the start, and one step, the training."""
    run, watched = _done(desk)
    epochs, epoch = watched.learning.epochs, asked.get("epoch")
    if isinstance(epoch, bool) or not isinstance(epoch, int) or epoch not in epochs:
        raise ValueError(
            f"epoch: expected one that was kept, of 0 to {epochs[-1]}; got {epoch!r:.40}"
        )
    network = watched.learning.networks[epochs.index(epoch)]
    name = f"{run.network.name[:40]}, epoch {epoch}"
    experiment = Experiment(run.network, name=name, origin="learning", digits=desk.laid.source)
    if epoch:
        layers = dict(enumerate(network.layers, 1))
        experiment.apply(ReplaceLayers(layers, f"{run.plan.label}, epoch {epoch}"[:80], "fit"))
    note = copying(_OPENED)
    right = score(experiment.network, desk.laid.digits).known_accuracy
    desk.workspace.create(experiment, accuracy=right)
    note(experiment)
    return {"experiment": experiment.id}, b""


def take_away(name: str, kind: str) -> tuple[bytes, str] | None:
    """Return a training as a file, and what to call it; None where it is not here any more.

    Parameters
    ----------
    name : str
        The training's own, which nobody knows but who was told it.
    kind : str
        A key of :data:`KINDS`.

    Raises
    ------
    ValueError
        If there is no such kind.
    ApartError
        If it takes too much memory or time, or could not be done now.
    """
    if kind not in KINDS:
        raise ValueError(f"learning: expected one of {', '.join(KINDS)}; got {kind[:20]!r}")
    run = RUNS.named(name)
    if run is None or run.watched is None:
        return None
    stem = re.sub(r"[^\w.-]+", "-", run.network.name).strip(".-")[:60] or "network"
    file = f"{stem}-{run.watched.learning.networks[-1].checksum[:8]}-learning.{kind}"
    if kind == "csv":
        return _table(run.watched).encode(), file
    if run.film is None:
        run.film = film_apart(run.watched, file, run.palette)
    return run.film, file


def _table(watched: Watched) -> str:
    """Return an epoch a row: loss, accuracy, and each neuron's verdict where there is one."""
    learned, out = watched.learning, io.StringIO()
    size = learned.networks[0].layers[0].size
    names = [f"1.{index}" for index in range(size)] if watched.kinds else []
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["epoch", "loss", "accuracy", *names])
    for epoch in range(len(learned.records) + 1):
        verdicts = watched.kinds.get(epoch, [""] * len(names))
        writer.writerow([epoch, learned.loss(epoch), learned.accuracy(epoch), *verdicts])
    return out.getvalue()


EXTRAS["learning"] = learning
QUESTIONS["learning"] = Question(reply, long=lambda asked, _: asked.get("do") in ("maps", "open"))
