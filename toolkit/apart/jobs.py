"""The jobs themselves, and how what they find travels."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from toolkit.apart.analyses import analysis
from toolkit.apart.learning import film_of, learn
from toolkit.apart.lessons import ceilings, fit
from toolkit.apart.pairing import pair
from toolkit.apart.wire import Array, Message
from toolkit.digits.digitset import DigitSet
from toolkit.fits import fits
from toolkit.formats.errors import NetworkFileError
from toolkit.formats.meaning.interpretation import Interpretation, possibilities
from toolkit.formats.meaning.reading import RawLayer, Reading
from toolkit.grid import Grid
from toolkit.origin import Origin

if TYPE_CHECKING:
    from toolkit.experiments import Experiment

MOST_STEPS_BYTES = 32 << 20
"""Of a recipe's edits, with what undoes each, as a workspace keeps them."""
_LANDMARK_BYTES = 16 << 20  # of networks between a recipe's start and its end

Answer = tuple[dict[str, Any], list[Array]]


def network(message: Message) -> Answer:
    """Read a network's file, and try what it leaves open on digits."""
    from toolkit.formats import read

    where = message.said["where"]
    reading = read(bytes(message.file), where)
    pixels, labels = message.arrays
    said = message.said
    digits = DigitSet(
        pixels, labels, said["digits"], grid=Grid(*said["grid"]), classes=said["classes"]
    )
    ways = possibilities(reading, digits, reach=said["reach"])
    reading = ways[0].reading  # its layers in the order that was taken
    fit = fits(ways[0].sizes, digits, grid=ways[0].grid)
    if not fit:
        raise NetworkFileError(f"{where}: {fit.why}")
    said, arrays = _said(ways), _arrays(reading)
    origin = reading.origin and reading.origin.sound(ways[0].sizes)
    if origin is not None:
        arrays.append(np.frombuffer(origin.to_bytes(), np.uint8))
    return said, arrays


def picture(message: Message) -> Answer:
    """Read a picture of a digit, and bring it to MNIST's form."""
    from toolkit.digits.pictures.decoding import open_picture
    from toolkit.digits.pictures.picture import find_digit, to_mnist_form

    found = find_digit(open_picture(bytes(message.file)))
    form = np.rint(to_mnist_form(found.tones) * 255).astype(np.uint8)
    return {"another": found.another}, [form]


def recipe(message: Message) -> Answer:
    """Replay a recipe, and say what it comes to as a workspace would keep it."""
    from toolkit.experiments import read_recipe
    from toolkit.experiments.steps import packed

    pixels, labels = message.arrays
    said = message.said
    digits = DigitSet(
        pixels, labels, said["digits"], grid=Grid(*said["grid"]), classes=said["classes"]
    )
    beside = message.said.get("beside")
    experiment = read_recipe(bytes(message.file), beside=None if beside is None else Path(beside))
    fits(experiment.start, digits).check()
    # As bytes, since to read a long text of JSON is one breath, in which the server does nothing
    # else.
    texts = [text.encode() for step in experiment.steps for text in step.texts()]
    size = sum(map(len, texts))
    if size > MOST_STEPS_BYTES:
        raise ValueError(
            f"{message.said['where']}: its {len(experiment.steps):,} edits, with what undoes each, "
            f"come to {size / 2**20:.0f} MiB; at most {MOST_STEPS_BYTES >> 20} MiB are kept; "
            "'toolkit replay' makes its network all the same"
        )
    landmarks = _landmarks(experiment)
    networks = [*landmarks.values(), *(packed(each.network) for each in experiment.save_points)]
    said = {
        "name": experiment.name,
        "origin": experiment.origin,
        "digits": experiment.digits,
        "cursor": experiment.cursor,
        "steps": [
            [step.name, step.made, step.accuracy_before, step.accuracy_after]
            for step in experiment.steps
        ],
        "lengths": list(map(len, texts)),
        "landmarks": list(landmarks),
        "save_points": [[point.name, point.made, point.cursor] for point in experiment.save_points],
    }
    return said, [np.frombuffer(data, np.uint8) for data in (b"".join(texts), *networks)]


def _landmarks(experiment: Experiment) -> dict[int, bytes]:
    """Return the start, the network as it is, and as many in between as are not too much."""
    from toolkit.experiments.steps import opened, packed

    wanted = {0: packed(experiment.start), experiment.cursor: packed(experiment.network)}
    most = _LANDMARK_BYTES // max(1, *map(len, wanted.values()))
    between = [each for each in experiment.landmarks.items() if each[0] not in wanted]
    every = -(-len(between) // most) if most else 0
    for position, network in between[every // 2 :: every] if every else []:
        wanted[position] = packed(opened(network))
    return dict(sorted(wanted.items()))


def atlas(message: Message) -> Answer:
    """Draw a network's atlas into a file."""
    from toolkit import plots
    from toolkit.network import Layer, Network
    from toolkit.palette import Scale

    said, arrays = message.said, iter(message.arrays)
    layers = tuple(
        Layer(next(arrays), next(arrays), activation, Grid(*grid))
        for activation, grid in said["layers"]
    )
    figure = plots.figure_atlas(
        Network(layers, said["name"]),
        order=dict(enumerate(said["order"], 1)),
        captions={(layer, index): text for layer, index, text in said["captions"]},
        scale=Scale(*said["scale"]),
        palette=said["palette"],
        never_lit=next(arrays, None),
    )
    return {}, [np.frombuffer(plots.figure_bytes(figure, said["kind"]), np.uint8)]


def film(message: Message) -> Answer:
    """Make a film of how a network learned."""
    from toolkit import plots

    learning, kinds, palette = film_of(message)
    data = plots.film(learning, kinds=kinds, palette=palette)
    return {}, [np.frombuffer(data, np.uint8)]


JOBS: Mapping[str, Callable[[Message], Answer]] = {
    "network": network,
    "picture": picture,
    "recipe": recipe,
    "atlas": atlas,
    "ceilings": ceilings,
    "fit": fit,
    "analysis": analysis,
    "pair": pair,
    "learn": learn,
    "film": film,
}
"""What a child may be asked for."""


def _said(ways: list[Interpretation]) -> dict[str, Any]:
    reading = ways[0].reading
    return {
        "format": reading.format,
        "name": reading.name,
        "provenance": dict(reading.provenance),
        "notes": list(reading.notes),
        "names": [[*at, name] for at, name in reading.names.items()],
        "input_map": reading.input_map,
        "layers": [
            {
                "activation": layer.activation,
                "inputs_first": layer.inputs_first,
                "name": layer.name,
                "biased": layer.biases is not None,
                "normed": layer.norm is not None,
                "grid": None if layer.grid is None else list(layer.grid),
            }
            for layer in reading.layers
        ],
        "sizes": ways[0].sizes,
        "ways": [way.to_data() for way in ways],
    }


def _arrays(reading: Reading) -> list[Array]:
    arrays: list[Array] = []
    for layer in reading.layers:
        arrays.append(layer.weights)
        if layer.biases is not None:
            arrays.append(layer.biases)
        norm = (np.asarray(part, "<f8").tobytes() for part in layer.norm or ())
        arrays.extend(np.frombuffer(part, np.uint8) for part in norm)
    return arrays


def ways_of(message: Message) -> list[Interpretation]:
    """Return the ways to understand a file that a child found."""
    said, arrays = message.said, iter(message.arrays)
    layers = tuple(
        RawLayer(
            next(arrays),
            next(arrays) if layer["biased"] else None,
            layer["activation"],
            layer["inputs_first"],
            layer["name"],
            None if layer["grid"] is None else Grid(*layer["grid"]),
            _norm(next(arrays), next(arrays)) if layer["normed"] else None,
        )
        for layer in said["layers"]
    )
    reading = Reading(
        said["format"],
        layers,
        said["name"],
        said["provenance"],
        tuple(said["notes"]),
        _pair(said["input_map"]),
        {(layer, index): name for layer, index, name in said["names"]},
    )
    for origin in arrays:
        told = Origin.from_bytes(origin.tobytes(), said["sizes"])
        reading = replace(reading, origin=told)
    return [Interpretation.of_data(reading, way) for way in said["ways"]]


def experiment_of(message: Message) -> Experiment:
    """Return the experiment that a child replayed from a recipe, under a new id."""
    from toolkit.experiments import Experiment
    from toolkit.experiments.steps import SavePoint, Step, StoredNetwork

    said, (texts, *networks) = message.said, message.arrays
    stored = [StoredNetwork(array.tobytes()) for array in networks]
    landmarks = dict(zip(said["landmarks"], stored, strict=False))
    points = [
        SavePoint(name, made, cursor, network)
        for (name, made, cursor), network in zip(
            said["save_points"], stored[len(landmarks) :], strict=True
        )
    ]
    whole, ends = texts.data, list(accumulate(said["lengths"], initial=0))
    text = (str(whole[start:end], "utf-8") for start, end in pairwise(ends))
    steps = [
        Step(next(text), next(text), "", made, before, after, name=name)
        for name, made, before, after in said["steps"]
    ]
    experiment = Experiment(
        landmarks[0].network, name=said["name"], origin=said["origin"], digits=said["digits"]
    )
    return Experiment.assembled(experiment, steps, said["cursor"], points, landmarks)


def _norm(scale: Array, shift: Array) -> tuple[Any, Any]:
    return np.frombuffer(scale.tobytes(), "<f8"), np.frombuffer(shift.tobytes(), "<f8")


def _pair(value: Any) -> tuple[float, float] | None:
    return None if value is None else (value[0], value[1])
