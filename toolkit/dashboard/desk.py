"""One person's work in the dashboard: the network and its history, the digits, what is selected.

Knows nothing of Streamlit.  The page hands it what the browser sent
(:meth:`Desk.receive`) and hands the browser what it answers (:meth:`Desk.answer`).
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
import secrets
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from toolkit import shipped
from toolkit.analysis import class_means, histogram_by_class, never_lit
from toolkit.dashboard.library import Library
from toolkit.digits import DigitSet, read_picture, to_mnist_form
from toolkit.edits import from_dict, reset
from toolkit.formats import WRITABLE, dumps
from toolkit.formats.apart import read_apart
from toolkit.formats.interpretation import Interpretation, possibilities
from toolkit.formats.limits import LIMITS
from toolkit.formats.reading import Reading
from toolkit.history import History
from toolkit.network import ACTIVATIONS, Network
from toolkit.palette import (
    MINUS_INFINITY,
    NAN,
    NEVER_LIT,
    PALETTES,
    PLUS_INFINITY,
    lookup_table,
    map_shape,
)
from toolkit.scoring import Score, Scorer

log = logging.getLogger(__name__)

FROM_FILE = "(file)"
"""What a URL calls a network that came from a file, which no link can bring back."""

GAMMAS = (1.0, 0.5)
"""Exponents of brightness on offer: linear, and one that lifts small weights out of the dark."""
MAX_UPLOAD_BYTES = LIMITS.file_bytes
_SHOWN_STEPS = 200
_SHOWN_FLIPS = 10
_SHOWN_WAYS = 12
_KEPT_NETWORKS = 8
_KEPT_CLIENTS = 8
_BINS = 96


@dataclass(frozen=True)
class _Understood:
    """How a file was read, and how else it could be."""

    file: str
    reading: Reading
    ways: list[Interpretation]
    chosen: int = 0

    def listing(self) -> dict[str, Any]:
        return {
            "file": self.file,
            "format": self.reading.format,
            "notes": list(self.reading.notes),
            "ways": [[way.summary, way.accuracy] for way in self.ways[:_SHOWN_WAYS]],
            "chosen": self.chosen,
        }


class Desk:
    """What one person has before them.

    Parameters
    ----------
    network : Network
    digits : DigitSet
        784 pixels each; scored after every edit.
    library : Library
        Opens other digits.
    seed : int
        For the random digits and noise it deals.
    """

    def __init__(self, network: Network, digits: DigitSet, library: Library, seed: int = 0) -> None:
        self.id = secrets.token_hex(8)
        self.origin = ""
        self.revision = 0
        self.palette = next(iter(PALETTES))
        self.gamma = 1.0
        self.selected = (1, 0)
        self.digit_class: int | None = None
        self._library = library
        self._rng = np.random.default_rng(seed)
        self._lock = threading.RLock()
        self._acks: dict[str, int] = {}
        self._notice: dict[str, Any] | None = None
        self._said = "", 0
        self._file: tuple[dict[str, Any], bytes] | None = None
        self._earlier: list[History] = []
        self._understood: _Understood | None = None
        self._whole_digits = digits
        self._put_digits(digits)
        self._put_history(History(network))

    # What is on the desk

    @property
    def network(self) -> Network:
        """The network as it is now."""
        return self.history.network

    @property
    def fresh(self) -> bool:
        """Tell whether nothing was done yet."""
        return not self.history.steps and not self._earlier

    def _put_history(self, history: History) -> None:
        sizes = history.network.sizes
        grid = map_shape(sizes[0])
        if grid[0] == 1 or sizes[-1] != 10:
            raise ValueError(
                f"network {history.network.name!r}: expected inputs that fill a grid, and 10 "
                f"outputs; got {'-'.join(map(str, sizes))}"
            )
        if grid != self.digits.grid:
            self._put_digits(self._whole_digits.resized(*grid))
        self.history = history
        self._rescore()
        self.start_score = self.score
        if history.network is not history.start:
            self.start_score = Scorer(self.digits).update(history.start)
        layer, index = self.selected
        layer = min(layer, len(self.network.layers))
        self.selected = (layer, min(index, self.network.layer(layer).size - 1))

    def _put_digits(self, digits: DigitSet) -> None:
        if len(digits) == 0:
            raise ValueError(f"digits {digits.name!r}: expected at least one image; got none")
        _ = digits.columns  # the scorer's form
        self.digits = digits
        self._scorer = Scorer(digits)
        self._by_class = [np.flatnonzero(digits.labels == c) for c in range(10)]
        self._means = np.rint(class_means(digits.pixels, digits.labels) * 255).astype(np.uint8)
        self._lit = (~never_lit(digits.pixels)).astype(np.uint8)
        self._show_digit(0)

    def _rescore(self) -> None:
        self.before_score: Score | None = None
        self.score = self._scorer.update(self.network)

    def _show_digit(self, index: int) -> None:
        self.digit_index: int | None = index
        self.digit: NDArray[np.uint8] = self.digits.pixels[index]
        self.digit_title = f"digit {index:,}"

    def _show_own(self, pixels: NDArray[np.uint8], title: str) -> None:
        self.digit_index, self.digit, self.digit_title = None, pixels, title

    def _show_ink(self, ink: NDArray[np.float32], title: str) -> None:
        pixels = np.rint(to_mnist_form(ink)[None] * 255).astype(np.uint8)
        digit = DigitSet(pixels, np.zeros(1, np.uint8))
        self._show_own(digit.resized(*self.digits.grid).pixels[0], title)

    def select(self, layer: int, index: int) -> None:
        """Select neuron ``layer.index``; raises ValueError if there is none."""
        self.network.check_neuron(layer, index)
        self.selected = (int(layer), int(index))
        self.revision += 1

    def view(self) -> dict[str, str]:
        """Return what a URL needs to show the same: network, neuron, digit, palette."""
        layer, index = self.selected
        found = {"network": self.origin, "neuron": f"{layer}.{index}", "palette": self.palette}
        if self.digit_index is not None:
            found["digit"] = str(self.digit_index)
        return {key: value for key, value in found.items() if value}

    def arrange(self, view: Mapping[str, str]) -> list[str]:
        """Show what a URL asks for, and return what in it could not be shown."""
        problems = []
        try:
            if "neuron" in view:
                layer, _, index = view["neuron"].partition(".")
                self.select(int(layer), int(index))
        except ValueError:
            problems.append(f"There is no neuron {view['neuron'][:20]!r} in this network.")
        try:
            if "digit" in view:
                self._do_digit({"how": "index", "index": int(view["digit"])})
        except ValueError:
            problems.append(f"There is no digit {view['digit'][:20]!r} in this set.")
        try:
            if "palette" in view:
                self.set_palette(view["palette"])
        except ValueError as error:
            problems.append(str(error))
        return problems

    # What the browser sends

    def receive(self, payload: object) -> None:
        """Do what one trigger from the browser asks for.

        Items already seen are skipped; an item that cannot be done is answered
        with a notice and changes nothing.

        Parameters
        ----------
        payload : dict
            ``client``, text that names the page in the browser; ``items``, a
            list of dicts, each with ``seq``, counting up from 1, and ``kind``.
        """
        if payload is None:
            return
        with self._lock:
            client, items = _check_payload(payload)
            if client is None:
                self.say("error", "The page sent something unreadable; reload it.")
                return
            # An item that is no longer sent was answered: so was what was said of it.
            said_to, said_for = self._said
            if items and (client != said_to or min(item["seq"] for item in items) > said_for):
                self._notice = self._file = None
            for item in items:
                seq = item["seq"]
                if seq <= self._acks.get(client, 0):
                    continue
                self._said = client, seq
                self._do(item)
                self._acks.pop(client, None)
                self._acks[client] = seq
            while len(self._acks) > _KEPT_CLIENTS:
                self._acks.pop(next(iter(self._acks)))
            self.revision += 1

    def _do(self, item: Mapping[str, Any]) -> None:
        action = _ACTIONS.get(str(item.get("kind")))
        try:
            if action is None:
                raise ValueError(
                    f"kind: expected one of {', '.join(_ACTIONS)}; got {item.get('kind')!r}"
                )
            action(self, item)
        except (ValueError, OSError) as error:
            self.say("error", str(error))
        except Exception:
            log.exception("an action from the page failed: %s", item.get("kind"))
            self.say(
                "error", "That did not work, through a fault of this program; nothing changed."
            )

    def say(self, kind: str, text: str, actions: Sequence[Mapping[str, Any]] = ()) -> None:
        """Show a notice with the page's next answer.

        Parameters
        ----------
        kind : {"info", "error"}
        text : str
        actions : sequence of dict
            Buttons: ``label``, and either ``ask``, what the button sends, or ``menu``, the menu
            that it opens.
        """
        shown = text if len(text) <= 600 else text[:599] + "…"
        self._notice = {
            "id": secrets.token_hex(4), "kind": kind, "text": shown, "actions": list(actions),
            "to": self._said[0],
        }  # fmt: skip

    def _do_edit(self, item: Mapping[str, Any]) -> None:
        edit = from_dict(item.get("edit"))
        before = self.score
        self.history.apply(edit)
        self._after_edit(before)
        step = self.history.steps[self.history.cursor - 1]
        step.accuracy_before, step.accuracy_after = before.accuracy, self.score.accuracy

    def _after_edit(self, before: Score) -> None:
        self.score = self._scorer.update(self.network)
        self.before_score = before

    def _do_undo(self, item: Mapping[str, Any]) -> None:
        before = self.score
        self.history.undo()
        self._after_edit(before)

    def _do_redo(self, item: Mapping[str, Any]) -> None:
        before = self.score
        self.history.redo()
        self._after_edit(before)

    def _do_jump(self, item: Mapping[str, Any]) -> None:
        before = self.score
        self.history.jump(item.get("step", -1))
        self._after_edit(before)

    def _do_reset(self, item: Mapping[str, Any]) -> None:
        layer, neuron = item.get("layer"), item.get("neuron")
        edit = reset(self.network, self.history.start, layer, neuron)
        if edit.apply(self.network) != self.network:
            self._do_edit({"edit": edit.to_dict()})

    def _do_select(self, item: Mapping[str, Any]) -> None:
        self.select(item.get("layer", 0), item.get("neuron", 0))

    def _do_palette(self, item: Mapping[str, Any]) -> None:
        if "name" in item:
            self.set_palette(item["name"])
        if "gamma" in item:
            if item["gamma"] not in GAMMAS:
                raise ValueError(f"gamma: expected one of {GAMMAS}; got {item['gamma']!r}")
            self.gamma = float(item["gamma"])

    def set_palette(self, name: object) -> None:
        """Use another palette; raises ValueError if there is none of that name."""
        if name not in PALETTES:
            raise ValueError(f"palette: expected one of {', '.join(PALETTES)}; got {name!r}")
        self.palette = str(name)

    def _do_digit(self, item: Mapping[str, Any]) -> None:
        how, which = item.get("how"), item.get("class")
        if how in {"next", "previous", "random", "wrong", "class"}:
            if which is not None and (not isinstance(which, int) or not 0 <= which <= 9):
                raise ValueError(f"class: expected 0 to 9; got {which!r}")
            self.digit_class = which
        pool = np.arange(len(self.digits)) if which is None else self._by_class[which]
        match how:
            case "index":
                index = item.get("index")
                if isinstance(index, bool) or not isinstance(index, int):
                    raise ValueError(f"digit: expected a whole number; got {index!r}")
                if not 0 <= index < len(self.digits):
                    raise ValueError(
                        f"digit: expected 0 to {len(self.digits) - 1:,}; got {index:,}"
                    )
                self._show_digit(index)
            case "next" | "class":
                self._show_digit(self._step_in(pool, 1))
            case "previous":
                self._show_digit(self._step_in(pool, -1))
            case "random":
                if len(pool):
                    self._show_digit(int(self._rng.choice(pool)))
            case "wrong":
                wrong = np.intersect1d(self.score.wrong, pool)
                if len(wrong):
                    self._show_digit(self._step_in(wrong, 1))
                else:
                    kind = "digit" if which is None else str(which)
                    self.say("info", f"The network reads every {kind} of this set right.")
            case "noise":
                noise = self._rng.integers(0, 256, self.network.sizes[0], dtype=np.uint8)
                self._show_own(noise, "uniform noise")
            case "raw":
                self._show_own(
                    _pixels(item.get("pixels"), self.digits.grid).ravel(), "your drawing"
                )
            case "drawing":
                sheet = _pixels(item.get("pixels"), (112, 112))
                self._show_ink(sheet.astype(np.float32) / np.float32(255), "your drawing")
            case "picture":
                name = str(item.get("name", "picture"))[:60]
                picture = read_picture(_bytes(item.get("data"), name))
                self._show_ink(picture, name)
            case _:
                raise ValueError(f"how: expected a way to pick a digit; got {how!r}")

    def _step_in(self, pool: NDArray[np.intp], step: int) -> int:
        if not len(pool):
            raise ValueError("There is no such digit in this set; pick another class.")
        here = self.digit_index if self.digit_index is not None else -1
        at = np.searchsorted(pool, here, side="right" if step > 0 else "left")
        return int(pool[(at if step > 0 else at - 1) % len(pool)])

    def _do_open(self, item: Mapping[str, Any]) -> None:
        name = str(item.get("name"))
        if name not in shipped.names():
            raise ValueError(f"network: expected one of {', '.join(shipped.names())}; got {name!r}")
        if name == "random":
            seed = int(self._rng.integers(1 << 31)) if item.get("reseed") else 0
            self.open(Network.random(seed=seed))
        else:
            self.open(shipped.open_network(name))
        self.origin = name

    def _do_upload(self, item: Mapping[str, Any]) -> None:
        name = str(item.get("name", "file"))[:80]
        reading = read_apart(_bytes(item.get("data"), name), name)
        if reading.name == "network":  # the file does not say
            reading = replace(reading, name=name.rpartition(".")[0] or name)
        ways = possibilities(reading, self._whole_digits)
        self._open_way(_Understood(name, reading, ways), 0)

    def _do_interpret(self, item: Mapping[str, Any]) -> None:
        way, understood = item.get("way"), self._understood
        if understood is None:
            raise ValueError("No file is open whose reading could be changed; open one first.")
        if isinstance(way, bool) or not isinstance(way, int):
            raise ValueError(f"way: expected a whole number; got {way!r}")
        if not 0 <= way < len(understood.ways):
            raise ValueError(f"way: expected 0 to {len(understood.ways) - 1}; got {way}")
        self._open_way(understood, way)

    def _open_way(self, understood: _Understood, chosen: int) -> None:
        way = understood.ways[chosen]
        self.open(way.network)
        self.origin = FROM_FILE
        self._understood = replace(understood, chosen=chosen)
        notice = self._notice or {"text": "", "actions": []}
        text = f"{understood.file}: {understood.reading.format}; {way.summary}. {notice['text']}"
        how = {"label": "How it was read", "menu": "understood"}
        self.say("info", text, actions=[*notice["actions"], how])

    def open(self, network: Network) -> None:
        """Put a network on the desk; the one before can be brought back."""
        earlier = self.history
        self._put_history(History(network))
        self._understood = None
        if earlier.steps:
            self._earlier = [*self._earlier, earlier][-_KEPT_NETWORKS:]
            text = f"Opened {network.name}. Your work on {earlier.start.name} is kept."
            back = {"label": f"Back to {earlier.start.name}", "ask": {"kind": "back"}}
            self.say("info", text, actions=[back])
        else:
            self.say("info", f"Opened {network.name}.")

    def _do_back(self, item: Mapping[str, Any]) -> None:
        if self._earlier:
            current = self.history
            self._put_history(self._earlier.pop())
            self._understood = None
            if current.steps:
                self._earlier.append(current)

    def _do_digits(self, item: Mapping[str, Any]) -> None:
        self.use_digits(self._library.open(str(item.get("source"))))

    def use_digits(self, digits: DigitSet) -> None:
        """Put another digit set on the desk, on the network's own grid."""
        self._whole_digits = digits
        digits = digits.resized(*map_shape(self.network.sizes[0]))
        self._put_digits(digits)
        self._rescore()
        self.start_score = Scorer(digits).update(self.history.start)

    def _do_fetch(self, item: Mapping[str, Any]) -> None:
        if item.get("cancel"):
            self._library.cancel_fetch()
        else:
            self._library.fetch()

    def _do_rename(self, item: Mapping[str, Any]) -> None:
        name = " ".join(str(item.get("name", "")).split())[:60]
        if not name:
            raise ValueError("name: expected some text; got none")
        self.history.start = self.history.start.renamed(name)
        self.history.network = self.history.network.renamed(name)

    def _do_download(self, item: Mapping[str, Any]) -> None:
        what = item.get("what")
        if what in WRITABLE:
            made = f"hand-tuned in {self.history.cursor} steps from {self.history.start.checksum}"
            steps = {"edited": made} if self.history.cursor else {}
            named = self.network.renamed(self.network.name, **steps)
            data, suffix = dumps(named, str(what)), str(what).lstrip(".")
        elif what == "recipe":
            data, suffix = json.dumps(self.history.recipe(), indent=1).encode(), "recipe.json"
        else:
            raise ValueError(
                f"download: expected one of {', '.join(WRITABLE)} or recipe; got {what!r}"
            )
        stem = re.sub(r"[^\w.-]+", "-", self.network.name).strip(".-") or "network"
        name = f"{stem}-{self.network.checksum[:8]}.{suffix}"
        self._file = ({"id": secrets.token_hex(4), "name": name}, data)

    # What the browser is answered

    def answer(self) -> bytes:
        """Return all the page shows as one block of bytes.

        Four bytes, little-endian, give the length of the JSON text that follows;
        its ``blocks`` lists ``[name, length]`` of the blocks of bytes after it.
        """
        with self._lock:
            flips = self._flips()
            thumbs = [index for side in ("gained", "lost") for index in flips[side]["digits"]]
            blocks = {
                "weights": _pack(self.network),
                "original": _pack(self.history.start),
                "digit": self.digit.tobytes(),
                "means": self._means.tobytes(),
                "lit": self._lit.tobytes(),
                "colours": lookup_table(self.palette, self.gamma).tobytes(),
                "thumbs": self.digits.pixels[thumbs].tobytes(),
                "file": self._file[1] if self._file else b"",
            }
            listing = [[name, len(block)] for name, block in blocks.items()]
            header = json.dumps({**self._state(flips), "blocks": listing}).encode()
            return b"".join([len(header).to_bytes(4, "little"), header, *blocks.values()])

    def _state(self, flips: dict[str, Any]) -> dict[str, Any]:
        network, score = self.network, self.score
        label = None if self.digit_index is None else int(self.digits.labels[self.digit_index])
        return {
            "desk": self.id,
            "fresh": self.fresh,
            "revision": self.revision,
            "acks": self._acks,
            "network": {"name": network.name, "parameters": network.parameters,
                        "about": dict(network.provenance), "checksum": network.checksum},
            "sizes": network.sizes,
            "activations": network.activations,
            "functions": list(ACTIVATIONS),
            "grid": self.digits.grid,
            "selected": self.selected,
            "palette": self.palette,
            "gamma": self.gamma,
            "palettes": list(PALETTES),
            "marks": _marks(self.palette),
            "shipped": shipped.names(),
            "digit": {"index": self.digit_index, "label": label, "title": self.digit_title,
                      "class": self.digit_class},
            "digits": {"name": self.digits.name, "source": self.digits.source,
                       "count": len(self.digits)},
            "sources": self._library.listing(),
            "fetch": self._library.fetching(),
            "score": {
                "accuracy": score.accuracy,
                "correct": score.correct,
                "images": score.images,
                "last": score.accuracy - self.before_score.accuracy if self.before_score else None,
                "start": score.accuracy - self.start_score.accuracy,
                "per_digit": [None if np.isnan(v) else float(v) for v in score.per_digit],
                "per_digit_start": [
                    None if np.isnan(v) else float(v) for v in self.start_score.per_digit
                ],
                **flips,
            },
            "history": self._steps(),
            "sums": self._sums(),
            "understood": self._understood.listing() if self._understood else None,
            "writable": dict(WRITABLE),
            "notice": self._notice,
            "file": self._file[0] if self._file else None,
            "earlier": self._earlier[-1].start.name if self._earlier else None,
        }  # fmt: skip

    def _flips(self) -> dict[str, Any]:
        if self.before_score is None:
            return {side: {"count": 0, "digits": []} for side in ("gained", "lost")}
        sides = {
            "gained": self.score.gained_since(self.before_score),
            "lost": self.score.lost_since(self.before_score),
        }
        return {
            side: {"count": len(which), "digits": which[:_SHOWN_FLIPS].tolist()}
            for side, which in sides.items()
        }

    def _steps(self) -> dict[str, Any]:
        first = max(0, len(self.history.steps) - _SHOWN_STEPS)
        return {
            "cursor": self.history.cursor,
            "count": len(self.history.steps),
            "first": first,
            "steps": [[step.name, step.change] for step in self.history.steps[first:]],
        }

    def _sums(self) -> dict[str, Any]:
        layer, index = self.selected
        bias = self.network.layer(layer).biases[index]
        sums = self._scorer.pre_activations(layer)[index] - bias
        found = histogram_by_class(sums, self.digits.labels, bins=_BINS)
        return {
            "layer": layer,
            "neuron": index,
            "low": float(found.edges[0]),
            "high": float(found.edges[-1]),
            "counts": found.counts.tolist(),
        }


_ACTIONS: dict[str, Callable[[Desk, Mapping[str, Any]], None]] = {
    "edit": Desk._do_edit,
    "adopt": lambda desk, item: None,  # done by the page; here it is only acknowledged
    "undo": Desk._do_undo,
    "redo": Desk._do_redo,
    "jump": Desk._do_jump,
    "reset": Desk._do_reset,
    "select": Desk._do_select,
    "palette": Desk._do_palette,
    "digit": Desk._do_digit,
    "digits": Desk._do_digits,
    "open": Desk._do_open,
    "upload": Desk._do_upload,
    "interpret": Desk._do_interpret,
    "back": Desk._do_back,
    "fetch": Desk._do_fetch,
    "poll": lambda desk, item: None,  # the answer is what is wanted
    "rename": Desk._do_rename,
    "download": Desk._do_download,
}


def _marks(palette: str) -> dict[str, tuple[int, int, int]]:
    return {
        "clipped_positive": PALETTES[palette].clipped_positive,
        "clipped_negative": PALETTES[palette].clipped_negative,
        "nan": NAN,
        "plus_infinity": PLUS_INFINITY,
        "minus_infinity": MINUS_INFINITY,
        "never_lit": NEVER_LIT,
    }


def _check_payload(payload: object) -> tuple[str | None, list[Mapping[str, Any]]]:
    if not isinstance(payload, Mapping):
        return None, []
    client, items = payload.get("client"), payload.get("items")
    if not isinstance(client, str) or not 0 < len(client) <= 64 or not isinstance(items, list):
        return None, []
    for item in items:
        if not isinstance(item, Mapping) or not isinstance(item.get("seq"), int):
            return None, []
    return client, items


def _bytes(data: object, name: str) -> bytes:
    if not isinstance(data, str):
        raise ValueError(f"{name}: expected a file's content; got {type(data).__name__}")
    if len(data) * 3 // 4 > MAX_UPLOAD_BYTES:
        raise ValueError(f"{name}: larger than {MAX_UPLOAD_BYTES >> 20} MiB; choose a smaller file")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{name}: arrived damaged; try again") from error


def _pixels(data: object, shape: tuple[int, int]) -> NDArray[np.uint8]:
    raw = _bytes(data, "drawing")
    if len(raw) != shape[0] * shape[1]:
        raise ValueError(f"drawing: expected {shape[0]}×{shape[1]} pixels; got {len(raw)} bytes")
    return np.frombuffer(raw, np.uint8).reshape(shape)


def _pack(network: Network) -> bytes:
    return b"".join(
        part.astype("<f4").tobytes()
        for layer in network.layers
        for part in (layer.weights, layer.biases)
    )
