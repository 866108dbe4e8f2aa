"""A training as a figure and as a film."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.test_plots import bar_of, tick_labels
from tests.training.test_descent import blobs
from toolkit import plots
from toolkit.digits import DigitSet
from toolkit.network import Network
from toolkit.palette import BACKGROUND, PALETTES
from toolkit.training import Epoch, Learning, TrainingResult, watch

GREEN, RED = PALETTES["green-red"].positive, PALETTES["green-red"].negative


def growing(*, neurons: int = 2, epochs: int = 3) -> Learning:
    """A network of one green and one red map that grow brighter, worked by hand."""
    networks = []
    for epoch in range(epochs + 1):
        weights = np.zeros((neurons, 4), np.float32)
        weights[0], weights[1] = epoch / max(1, epochs), -epoch / max(1, epochs)
        networks.append(Network.blank((4, neurons, 10)).with_layer(1, weights=weights))
    result = TrainingResult(networks[-1], (), "", True)
    return Learning(result, None, (0,), (networks[0],)) if epochs == 0 else _learned(networks)


def _learned(networks: list[Network]) -> Learning:
    last = len(networks) - 1
    records = tuple(
        Epoch(number, last, 1 / number, number / 10, 0.0, 0.0) for number in range(1, last + 1)
    )
    result = TrainingResult(networks[-1], records, "done", True)
    return Learning(result, 0.0, tuple(range(last + 1)), tuple(networks))


def frames(data: bytes) -> list[Image.Image]:
    with Image.open(io.BytesIO(data)) as image:
        found: list[Image.Image] = []
        for at in range(image.n_frames):  # type: ignore[attr-defined]
            image.seek(at)
            found.append(image.convert("RGB"))
            found[-1].info["duration"] = image.info["duration"]
        return found


def colours(frame: Image.Image) -> set[tuple[int, int, int]]:
    return {colour for _, colour in frame.getcolors(1 << 20) or []}  # type: ignore[misc]


def test_a_film_has_a_frame_an_epoch_at_one_scale_and_pauses_at_its_end() -> None:
    learning = growing()
    assert learning.brightest == 1
    first, *between, last = frames(plots.film(learning))
    assert len(between) == 2
    assert {GREEN, RED} <= colours(last)
    assert not {GREEN, RED} & colours(first), "zero is black at the start"
    dim = max(colours(between[0]), key=lambda colour: colour[1] - colour[0] - abs(colour[2] - 30))
    assert dim[1] == pytest.approx(GREEN[1] / 3, abs=3), "a third of what it comes to"
    assert last.info["duration"] >= 2000 > between[0].info["duration"]
    assert plots.film(learning) == plots.film(learning)


def test_a_film_of_noise_stays_below_two_megabytes_with_its_start_and_its_end() -> None:
    learning = watch(Network.random(), blobs_of_mnist_size(), epochs=70, weight_decay=0)
    data = plots.film(learning, kinds={each: ["noise"] * 16 for each in range(71)})
    assert len(data) <= 2_000_000
    with Image.open(io.BytesIO(data)) as image:
        assert 10 < image.n_frames <= 60  # type: ignore[attr-defined]


def blobs_of_mnist_size() -> DigitSet:
    rng = np.random.default_rng(0)
    return DigitSet(rng.integers(0, 255, (40, 784)).astype(np.uint8), np.arange(40) % 10)


def test_an_animation_is_a_gif_and_says_so(tmp_path: Path) -> None:
    learning = watch(Network.random((36, 40, 10)), blobs(60), epochs=2)
    plots.animation(learning, tmp_path / "film.gif")
    with Image.open(tmp_path / "film.gif") as image:
        assert image.format == "GIF"
    with pytest.raises(ValueError, match=r"ends in \.gif; got 'film\.mp4'"):
        plots.animation(learning, tmp_path / "film.mp4")
    with pytest.raises(ValueError, match="kinds: expected 40 names"):
        plots.film(learning, kinds={2: ["edge"]})


def test_a_name_stands_at_its_own_epoch_and_is_grey_at_those_that_have_none() -> None:
    learning = growing(epochs=4)
    with_names = frames(plots.film(learning, kinds={1: ["edge", "arc"], 4: ["line", "arc"]}))
    bare = frames(plots.film(learning))
    sheet = with_names[0].height - bare[0].height  # a line of names is that high
    below = with_names[0].height - 28 - sheet
    inks = [
        colours(each.crop((0, below, each.width, below + sheet))) - {BACKGROUND}
        for each in with_names
    ]
    bright, grey = {(236, 238, 242)}, {(150, 154, 164)}
    assert inks == [set(), bright, grey, grey, bright]
    foot = [each.crop((220, below + sheet, each.width, each.height - 4)) for each in with_names]
    assert ["grey" if each.tobytes() != foot[1].tobytes() else "" for each in foot] == [
        "", "", "grey", "grey", ""
    ]  # fmt: skip


def test_a_start_that_never_learned_is_a_film_of_one_frame() -> None:
    (only,) = frames(plots.film(growing(epochs=0)))
    assert not {GREEN, RED} & colours(only)


def test_the_figure_has_a_row_a_neuron_and_a_column_an_epoch() -> None:
    learning = growing()
    ax = plots.learning(learning, epochs=[0, 3])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["0\n0.0%", "3\n30.0%"]
    assert tick_labels(ax) == ["1.0", "1.1"]
    picture = ax.images[0].get_array()
    assert picture is not None
    assert picture[1, 1].tolist() == [0, 0, 0]
    assert tuple(picture[1, 4]) == GREEN
    assert tuple(picture[4, 4]) == RED
    assert bar_of(ax).get_ylabel() == "weight"
    with pytest.raises(ValueError, match="epochs: expected some of"):
        plots.learning(learning, epochs=[9])


def test_kinds_lie_on_one_another() -> None:
    ax = plots.kinds_over_time([0, 5], {"edge": [0, 3], "noise": [4, 1]})
    assert [each.get_label() for each in ax.collections] == ["edge", "noise"]
    assert ax.collections[1].get_datalim(ax.transData).y1 == 4
    with pytest.raises(ValueError, match="counts: expected 2 of 'edge'"):
        plots.kinds_over_time([0, 5], {"edge": [1]})
