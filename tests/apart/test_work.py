"""What a child finds is what would be found here, bit for bit; and it is not much that travels."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from toolkit import apart, plots
from toolkit.apart import jobs, parent, work
from toolkit.apart.parent import ApartError
from toolkit.apart.wire import Message, pack
from toolkit.digits import generate, read_picture, to_mnist_form
from toolkit.edits import SetBias
from toolkit.experiments import Experiment, write_recipe
from toolkit.formats import NetworkFileError, dumps, read
from toolkit.formats.limits import LIMITS
from toolkit.formats.meaning.interpretation import possibilities
from toolkit.grid import Grid
from toolkit.network import Layer, Network
from toolkit.palette import Scale

NETWORK = Network.random((784, 16, 10), seed=1, name="small")
DIGITS = generate(300, seed=4)


def plain(*shapes: tuple[int, ...], seed: int = 0) -> bytes:
    """Return a .npz of arrays that say nothing of what they are."""
    rng = np.random.default_rng(seed)
    buffer = io.BytesIO()
    np.savez(buffer, *(rng.normal(size=shape).astype(np.float32) for shape in shapes))
    return buffer.getvalue()


UNSAID = plain((16, 784), (16,), (10, 16), (10,))


@pytest.mark.parametrize(
    "data",
    [*(dumps(NETWORK, kind) for kind in (".npz", ".json", ".csv")), UNSAID],
    ids=["npz", "json", "csv", "unsaid"],
)
def test_the_ways_found_there_make_the_networks_found_here(data: bytes) -> None:
    here, there = possibilities(read(data, "net"), DIGITS), apart.read_network(data, "net", DIGITS)
    assert [way.summary for way in there] == [way.summary for way in here]
    assert [way.accuracy for way in there] == [way.accuracy for way in here]
    assert there[0].reading.notes == here[0].reading.notes
    for ours, theirs in zip(here, there, strict=True):
        assert theirs.network == ours.network
        assert dict(theirs.network.provenance) == dict(ours.network.provenance)


def test_what_a_file_says_travels_once_and_not_once_a_way(monkeypatch: pytest.MonkeyPatch) -> None:
    sizes = []

    def counting(data: bytes) -> parent.Message:
        sizes.append(len(data))
        return message(data)

    message = parent.Message
    monkeypatch.setattr(parent, "Message", counting)
    ways = apart.read_network(UNSAID, "net", DIGITS)
    assert len(ways) == 9 * 8 + 2, "functions, scalings, and two more functions of the outputs"
    weights = 4 * ways[0].network.parameters
    assert weights < sizes[0] < weights + 10_000


def test_a_bad_file_gives_the_child_s_own_word() -> None:
    with pytest.raises(NetworkFileError, match=r"would have to be executed.*os\.system"):
        apart.read_network(b"cos\nsystem\n(S'echo'\ntR.", "bad.pkl", DIGITS)
    with pytest.raises(NetworkFileError, match=r"<b>\.npz"):
        apart.read_network(b"PK\x03\x04", "<b>.npz", DIGITS)


def test_too_large_a_file_is_refused_before_a_child_is_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(parent, "_start", None)
    with pytest.raises(NetworkFileError, match="at most 64 MiB"):
        apart.read_network(bytes(LIMITS.file_bytes + 1), "big.npz", DIGITS)


def test_a_network_that_fits_no_digits_is_refused_there() -> None:
    with pytest.raises(NetworkFileError, match=r"wide.npz: .*1,000 digits.*160000-10"):
        apart.read_network(plain((10, 160_000)), "wide.npz", generate(1000, seed=1))


# Recipes


def test_a_recipe_replayed_there_is_the_experiment_it_was() -> None:
    experiment = Experiment(Network.random((784, 6, 10), seed=3), origin="file", name="mine")
    for number in range(450):  # past two landmarks
        experiment.apply(SetBias(1, number % 6, number / 7))
    experiment.add_save_point("here")
    experiment.jump(433)
    text = write_recipe(experiment, everything=True)
    found = apart.read_recipe(text.encode(), "r.toml", DIGITS)
    assert found.id != experiment.id
    assert (found.name, found.origin, found.cursor) == ("mine", "file", 433)
    assert found.network == experiment.network
    assert found.save_points[0].network == experiment.save_points[0].network
    for cursor in (0, 5, 199, 200, 201, 432, 450):
        assert found.jump(cursor) == experiment.jump(cursor)
    assert found.recipe()["edits"] == experiment.recipe()["edits"]


def test_of_a_recipe_the_steps_with_what_undoes_each_have_a_bound_that_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    experiment = Experiment(Network.random((784, 6, 10), seed=3), origin="file")
    for number in range(1500):
        experiment.apply(SetBias(1, number % 6, number / 7))
    data = write_recipe(experiment).encode()
    size = sum(len(text) for step in experiment.steps for text in step.texts())
    said = {"where": "r.json", "grid": [28, 28], "digits": "some", "classes": 10}
    asked = b"".join([*pack(said, [DIGITS.pixels, DIGITS.labels], len(data)), data])
    monkeypatch.setattr(jobs, "MOST_STEPS_BYTES", size)
    found = jobs.experiment_of(Message(b"".join(pack(*jobs.recipe(Message(asked))))))
    assert found.network == experiment.network
    monkeypatch.setattr(jobs, "MOST_STEPS_BYTES", size - 1)
    with pytest.raises(ValueError, match=r"r.json: its 1,500 edits, with what undoes each, come "):
        jobs.recipe(Message(asked))


def test_what_a_history_comes_to_fits_into_its_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    # Its answer's room is what it is about, and not how fast the machine is just now.
    monkeypatch.setattr(work, "_REPLAYING", replace(work._REPLAYING, seconds=120.0))
    rng = np.random.default_rng(1)
    layers = [
        Layer(rng.normal(size=(out, into)), rng.normal(size=out), "sigmoid")
        for into, out in ((784, 2900), (2900, 10))
    ]
    start = Network(tuple(layers))
    experiment = Experiment(start, origin="file")
    for number in range(601):  # past three landmarks, of 8.5 MB each as those of start and end
        experiment.apply(SetBias(1, number % 6, number / 7))
    text = write_recipe(experiment, everything=True)
    found = apart.read_recipe(text.encode(), "r.toml", DIGITS)
    assert found.network == experiment.network
    assert sorted(found.landmarks) == [0, 400, 601]


def test_a_recipe_whose_start_is_too_wide_is_refused() -> None:
    start = base64.b64encode(dumps(Network.blank((784, 6000, 10)), ".npz")).decode()
    recipe = {
        "format": "weight-map-toolkit recipe", "version": 1, "edits": [],
        "start": {"origin": "file", "network": start},
    }  # fmt: skip
    with pytest.raises(ValueError, match="at most 3,072 neurons"):
        apart.read_recipe(json.dumps(recipe).encode(), "r.json", DIGITS)


def test_a_recipe_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    experiment = Experiment(Network.blank((784, 1000, 10)))
    recipe = experiment.recipe()
    recipe["edits"] = [
        {"kind": "bias", "layer": 1, "neuron": n % 1000, "value": n} for n in range(200_000)
    ]
    recipe["cursor"] = 200_000
    monkeypatch.setattr(work, "_REPLAYING", parent.Bounds(seconds=2.0))
    with pytest.raises(ApartError, match=r"long.json: took .* 2 seconds.*toolkit replay") as caught:
        apart.read_recipe(json.dumps(recipe).encode(), "long.json", DIGITS)
    assert caught.value.code == "time"


# Pictures


def picture(kind: str) -> bytes:
    paper = np.full((90, 70), 235, np.uint8)
    paper[20:70, 30:38] = 30
    buffer = io.BytesIO()
    Image.fromarray(paper).save(buffer, kind)
    return buffer.getvalue()


def test_a_picture_read_there_is_the_digit_read_here() -> None:
    data = picture("PNG")
    here = np.rint(to_mnist_form(read_picture(data)) * 255)
    pixels, another = apart.read_picture(data, "one.png")
    np.testing.assert_array_equal(pixels, here)
    assert not another


@pytest.mark.parametrize(
    "data", [b"no picture", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n{ } loop\n"]
)
def test_what_is_no_picture_is_refused_by_the_child(data: bytes) -> None:
    with pytest.raises(ValueError, match="expected"):
        apart.read_picture(data, "x.eps")


# Figures


@pytest.mark.parametrize("kind", plots.FORMATS)
def test_an_atlas_drawn_there_is_the_figure_drawn_here(kind: str) -> None:
    broken = np.full((3, 30), np.nan, np.float32)
    network = Network.random((30, 3, 10), seed=2, name="odd").with_layer(
        1, weights=broken, grid=Grid(5, 6)
    )
    order = {1: [2, 0], 2: [9, 3, 4]}
    captions = {(layer, index): f"no. {index}" for layer in (1, 2) for index in range(10)}
    grey, scale = np.arange(30) % 7 == 0, Scale("shared", gamma=0.6)
    here = plots.figure_atlas(
        network, order=order, captions=captions, scale=scale, palette="red-blue", never_lit=grey
    )
    there = apart.draw_atlas(
        network, kind, "odd", order=order, captions=captions, scale=scale, palette="red-blue",
        never_lit=grey,
    )  # fmt: skip
    assert there == plots.figure_bytes(here, kind)


def test_more_than_fits_on_a_page_is_refused_in_words() -> None:
    network = Network.blank((4, 4097, 10))
    with pytest.raises(ValueError, match="at most 4,096 neurons on a page"):
        apart.draw_atlas(
            network, "png", "wide.png", order={1: range(4097), 2: []},
            captions={(1, index): "" for index in range(4097)}, scale=Scale(),
            palette="green-red", never_lit=None,
        )  # fmt: skip
