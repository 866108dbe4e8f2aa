"""What a page is answered: a head of plain data, and the blocks of bytes it does not have yet.

Blocks are named by what they show and listed by what is in them.  A block
whose hash the page has is not sent again; of a layer in which few neurons
differ from the one the page has, those rows alone travel.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from toolkit import shipped
from toolkit.analysis import histogram_by_class
from toolkit.digits.digitset import DigitSet
from toolkit.formats import WRITABLE
from toolkit.network import ACTIVATIONS, Layer, Network
from toolkit.origin import Origin
from toolkit.palette import (
    MINUS_INFINITY,
    NAN,
    NEVER_LIT,
    PALETTES,
    PLUS_INFINITY,
    lookup_table,
)
from toolkit.scoring import Scorer
from toolkit.studio.desk import Desk
from toolkit.studio.extras import wanted
from toolkit.studio.library import Library
from toolkit.studio.notices import without_folders
from toolkit.studio.view import View

_SHOWN_FLIPS = 10
_BINS = 96
_MOST_THUMBS = 2000
_LARGEST_PATCH = 0.5  # of a layer's rows; past that the whole layer is simpler and hardly larger

_digests: WeakKeyDictionary[Layer, str] = WeakKeyDictionary()
_abouts: WeakKeyDictionary[Desk, dict[str, str]] = WeakKeyDictionary()


def layer_hash(layer: Layer) -> str:
    """Return a name for a layer's weights and biases, bit for bit."""
    found = _digests.get(layer)
    if found is None:
        digest = hashlib.blake2b(str(layer.weights.shape).encode(), digest_size=8)
        digest.update(np.ascontiguousarray(layer.weights).data)
        digest.update(np.ascontiguousarray(layer.biases).data)
        found = _digests[layer] = digest.hexdigest()
    return found


def bits(network: Network) -> list[str]:
    """Say which network it is, bit for bit, by what the page is told of its layers anyway."""
    return [*network.activations, *map(layer_hash, network.layers)]


def _hash(data: bytes) -> str:
    return hashlib.blake2b(data, digest_size=8).hexdigest()


@dataclass
class Held:
    """The blocks that a page has: those that its last answer listed, and small pictures."""

    layers: dict[str, Layer] = field(default_factory=dict)
    hashes: set[str] = field(default_factory=set)
    thumbs: set[str] = field(default_factory=set)


class _Blocks:
    """The listing and the bytes of one answer."""

    def __init__(self, held: Held) -> None:
        self._held = held
        self.now = Held(thumbs=held.thumbs)
        self.listing: list[list[Any]] = []
        self.data: list[bytes] = []

    def add(self, name: str, digest: str, make: Callable[[], bytes]) -> None:
        """List a block; make its bytes only if the page does not have them."""
        if digest in self._held.hashes or digest in self.now.hashes:
            self.listing.append([name, digest, None])
        else:
            self._send(name, digest, make())
        self.now.hashes.add(digest)

    def add_bytes(self, name: str, data: bytes) -> None:
        """List a block whose bytes are at hand."""
        self.add(name, _hash(data), lambda: data)

    def add_layer(self, name: str, layer: Layer) -> None:
        """List a layer, as the rows that differ where the page has one much like it."""
        digest = layer_hash(layer)
        before = self._held.layers.get(name)
        self.now.layers[name] = layer
        if before is not None and digest not in self._held.hashes | self.now.hashes:
            rows = _rows_that_differ(before, layer)
            if rows is not None and len(rows) <= _LARGEST_PATCH * layer.size:
                data = layer.weights[rows].astype("<f4").tobytes()
                data += layer.biases[rows].astype("<f4").tobytes()
                patch = {"from": layer_hash(before), "rows": rows.tolist()}
                self._send(name, digest, data, patch)
                self.now.hashes.add(digest)
                return
        self.add(name, digest, lambda: _pack(layer))

    def add_thumb(self, name: str, digest: str, make: Callable[[], bytes]) -> None:
        """List a small picture, which the page keeps for longer than the next answer."""
        if digest in self.now.thumbs:
            self.listing.append([name, digest, None])
        else:
            self.now.thumbs.add(digest)
            self._send(name, digest, make())

    def _send(
        self, name: str, digest: str, data: bytes, patch: dict[str, Any] | None = None
    ) -> None:
        self.listing.append([name, digest, len(data), *([patch] if patch else [])])
        self.data.append(data)


def _rows_that_differ(before: Layer, after: Layer) -> NDArray[np.intp] | None:
    if before.weights.shape != after.weights.shape:
        return None
    differ = before.biases.view(np.uint32) != after.biases.view(np.uint32)
    if before.weights is not after.weights:
        differ = differ | (before.weights.view(np.uint32) != after.weights.view(np.uint32)).any(
            axis=1
        )
    return np.flatnonzero(differ)


def _pack(layer: Layer) -> bytes:
    return layer.weights.astype("<f4").tobytes() + layer.biases.astype("<f4").tobytes()


def compile_answer(
    desk: Desk, view: View, held: Held, library: Library, said: Mapping[str, Any]
) -> tuple[dict[str, Any], list[bytes], Held]:
    """Return the head and the blocks of an answer, and what the page has once it has them.

    Parameters
    ----------
    desk : Desk
        Its lock is held by the caller.
    view : View
    held : Held
        What the page has.
    library : Library
    said : mapping
        What else the head tells: acknowledgements, refusals, notices.
    """
    if len(held.thumbs) > _MOST_THUMBS:
        held = Held()
    blocks = _Blocks(held)
    experiment, network, digits = desk.experiment, desk.network, desk.laid.digits
    for number, layer in enumerate(network.layers, 1):
        blocks.add_layer(f"layer/{number}", layer)
    for number, layer in enumerate(experiment.start.layers, 1):
        blocks.add(f"original/{number}", layer_hash(layer), lambda layer=layer: _pack(layer))  # type: ignore[misc]
    blocks.add_bytes("digit", view.digit.tobytes())
    blocks.add_bytes("means", library.means(desk.laid, desk.touch))
    blocks.add_bytes("lit", desk.laid.lit)
    blocks.add_bytes("colours", lookup_table(view.palette, view.gamma).tobytes())
    sums, counts = _sums(desk, view)
    blocks.add_bytes("counts", counts)
    flips = _flips(desk)
    for side in ("gained", "lost"):
        for number in flips[side]["digits"]:
            name = f"t{digits.checksum[:8]}-{number}"
            blocks.add_thumb(f"thumb/{number}", name, desk.laid.picture(number).tobytes)
    for name, data in wanted(desk, view):
        blocks.add_bytes(f"extra/{name}", data)
    blocks.add_bytes("facts", json.dumps(_facts(desk, view, library)).encode())
    score = desk.score
    head = {
        "kind": "answer",
        "experiment": experiment.id,
        "start": start_of(desk),
        "revision": experiment.revision,
        "draft": desk.draft,
        **said,
        "name": experiment.name,
        "origin": experiment.origin,
        "parameters": network.parameters,
        "sizes": list(network.sizes),
        "activations": list(network.activations),
        "names": [[*at, name] for at, name in network.names.items()],
        "grid": list(digits.grid),
        "selected": list(view.selected),
        "palette": view.palette,
        "gamma": view.gamma,
        "digit": {
            "index": view.digit_index, "label": view.label, "title": view.digit_title,
            "class": view.digit_class,
        },
        "digits": {
            "name": digits.name, "source": desk.laid.source, "part": desk.laid.part,
            "count": len(digits), "of": desk.laid.of,
            "classes": digits.classes, "names": list(digits.class_names),
            "file": desk.laid.file,
        },
        "score": {
            **accuracies(desk),
            "per_digit": _shares(score.per_digit),
            "per_digit_start": _shares(desk.start_score.per_digit),
            **flips,
        },
        "history": {"cursor": experiment.cursor, "count": len(experiment.steps)},
        "sums": sums,
        "others": max(0, len(desk.seats) - 1),
        "fetch": library.fetching(),
        "blocks": blocks.listing,
    }  # fmt: skip
    return head, blocks.data, blocks.now


def accuracies(desk: Desk) -> dict[str, Any]:
    """Return how many digits are read right, and what the last step and all steps changed.

    ``unscored`` says in words why they are not counted, and is empty where they are.
    """
    score, before = desk.score, desk.before_score
    if score.unscored:
        nothing = {"accuracy": None, "last": None, "start": None}
        return {**nothing, "correct": 0, "images": score.images, "unscored": score.unscored}
    return {
        "unscored": "",
        "accuracy": score.accuracy,
        "correct": score.correct,
        "images": score.images,
        "last": None if before is None else score.accuracy - before.accuracy,
        "start": score.accuracy - desk.start_score.accuracy,
    }


def scored(desk: Desk) -> dict[str, Any]:
    """Return the head of a frame with the accuracy alone, which goes before the whole answer."""
    experiment = desk.experiment
    return {
        "kind": "scored", "experiment": experiment.id, "revision": experiment.revision,
        "score": accuracies(desk),
    }  # fmt: skip


def start_of(desk: Desk) -> dict[str, Any]:
    """Return how a draft of this experiment can be made again, should the server forget it."""
    experiment = desk.experiment
    start = {"network": experiment.origin, "checksum": experiment.start.checksum}
    name, _, seed = experiment.origin.partition(":")
    if name == "random" and seed.isascii() and seed.isdigit():
        return {**start, "network": name, "seed": int(seed)}
    return start


def _shares(values: NDArray[np.float64]) -> list[float | None]:
    return [None if np.isnan(value) else float(value) for value in values]


def _facts(desk: Desk, view: View, library: Library) -> dict[str, Any]:
    """Return what seldom changes; a block of its own, so that it seldom travels."""
    palette, origin = PALETTES[view.palette], desk.network.origin
    return {
        "functions": list(ACTIVATIONS),
        "palettes": list(PALETTES),
        "marks": {
            "clipped_positive": palette.clipped_positive,
            "clipped_negative": palette.clipped_negative,
            "nan": NAN,
            "plus_infinity": PLUS_INFINITY,
            "minus_infinity": MINUS_INFINITY,
            "never_lit": NEVER_LIT,
        },
        "shipped": shipped.names(),
        "sources": library.listing(),
        "writable": dict(WRITABLE),
        "back": None if origin is None else _back(desk, origin),
        "about": _about(desk),
        "understood": desk.understood.listing() if desk.understood else None,
    }


def _about(desk: Desk) -> dict[str, str]:
    """Return what is known of where a desk's network comes from, which never changes."""
    found = _abouts.get(desk)
    if found is None:
        told = desk.experiment.start.provenance.items()
        found = _abouts[desk] = {key: without_folders(text) for key, text in told}
    return found


def _back(desk: Desk, origin: Origin) -> dict[str, Any]:
    """Return how a network goes back, and which functions changed that its file does not keep."""
    said = origin.activations or (None,) * len(origin.places)
    changed = [
        [number, now]
        for number, (kept, was, now) in enumerate(
            zip(said, desk.experiment.start.activations, desk.network.activations, strict=True), 1
        )
        if kept is None and was != now
    ]
    return {"kind": origin.kind, "form": origin.form, "changed": changed}


def _flips(desk: Desk) -> dict[str, Any]:
    if desk.before_score is None:
        return {side: {"count": 0, "digits": []} for side in ("gained", "lost")}
    sides = {
        "gained": desk.score.gained_since(desk.before_score),
        "lost": desk.score.lost_since(desk.before_score),
    }
    return {
        side: {"count": len(which), "digits": desk.laid.numbers[which[:_SHOWN_FLIPS]].tolist()}
        for side, which in sides.items()
    }


def _sums(desk: Desk, view: View) -> tuple[dict[str, Any], bytes]:
    """Count the selected neuron's weighted sums over the digits, by class."""
    return ridges(desk.network, *view.selected, desk.scorer, desk.laid.digits)


def ridges(
    network: Network, layer: int, index: int, scorer: Scorer, digits: DigitSet
) -> tuple[dict[str, Any], bytes]:
    """Return a neuron's weighted sums over the digits, counted by class, as the page takes them.

    The scorer is one that was updated with the network.
    """
    # Not what a pre-activation holds without the bias: beside a huge one nothing is left of it.
    alone = scorer.weighted_sum(layer, index)
    fires = scorer.activations(layer, slice(index, index + 1))[0][:, 0]
    return spread(network, layer, index, alone, fires, digits.labels, digits.classes)


def spread(
    network: Network,
    layer: int,
    index: int,
    alone: NDArray[Any],
    fires: NDArray[np.bool_],
    labels: NDArray[Any],
    classes: int,
) -> tuple[dict[str, Any], bytes]:
    """Return the same from weighted sums, and whether the neuron fires, one of each a digit."""
    with np.errstate(invalid="ignore", over="ignore"):
        found = histogram_by_class(alone, labels, bins=_BINS, many=classes)
    wide = int(found.counts.max()) > np.iinfo(np.uint16).max
    bias = float(network.layer(layer).biases[index])
    sums = {
        "layer": layer,
        "neuron": index,
        "low": float(found.edges[0]),
        "high": float(found.edges[-1]),
        "bins": _BINS,
        "wide": wide,
        # Bins tell no more than about how often it fires: here it is told, for this bias.
        "bias": bias if np.isfinite(bias) else None,
        "of": _by_class(labels, classes),
        "fired": _by_class(labels[fires], classes),
        # On many digits there is no ink where a map has weights: no bin may part these.
        "zeros": _by_class(labels[alone == 0], classes),
    }
    return sums, found.counts.astype("<u4" if wide else "<u2").tobytes()


def _by_class(labels: NDArray[Any], classes: int) -> list[int]:
    counts: list[int] = np.bincount(labels, minlength=classes).tolist()
    return counts
