"""A training that was watched: its maps over the epochs, as a figure and as a film."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import FixedFormatter, FixedLocator
from numpy.typing import ArrayLike, NDArray
from PIL import Image, ImageDraw, ImageFont

from toolkit.files import write_whole
from toolkit.grid import Grid
from toolkit.network import Network
from toolkit.palette import (
    BACKGROUND,
    DEFAULT_PALETTE,
    NAN,
    Scale,
    as_maps,
    check_palette,
    compose,
    lookup_table,
)
from toolkit.plots.views import LABEL_SIZE, _axes, _colour_bar
from toolkit.training import Learning

MOST_FILM_NEURONS = 32
MOST_FRAMES = 60
MOST_FILM_BYTES = 2_000_000
_SHOWN_EPOCHS = 7
_LEVELS = 30
"""Steps of colour on each side of zero: more are not told apart, and fewer make a smaller file."""
_NO_NUMBER, _GROUND, _INK, _FAINT, _BAR = range(2 * _LEVELS + 1, 2 * _LEVELS + 6)
_FRAME_MS, _FIRST_MS, _LAST_MS = 120, 900, 2500
_INKS = ((236, 238, 242), (150, 154, 164), (96, 160, 255))
_MOST_ACROSS = 8


def learning(
    watched: Learning,
    *,
    neurons: Sequence[int] | None = None,
    epochs: Sequence[int] | None = None,
    ax: Axes | None = None,
    palette: str = DEFAULT_PALETTE,
    title: str = "",
) -> Axes:
    """Draw maps of the first layer, a row a neuron and a column an epoch, at one shared scale.

    It is :attr:`Learning.brightest`; the few weights beyond it have the palette's clipped colours.

    Parameters
    ----------
    watched : Learning
    neurons : sequence of int, optional
        Those shown, by default the first eight.
    epochs : sequence of int, optional
        Those shown, of those that were kept; by default seven, the first and the last among them.
    ax : Axes, optional
        Where to draw; by default on a figure of its own.
    palette : str
    title : str

    Returns
    -------
    Axes
        Below each column its epoch, and its validation accuracy where there was one.

    Raises
    ------
    ValueError
        If there is no such neuron, or the network of such an epoch was not kept.
    """
    check_palette(palette)
    layer = watched.networks[0].layers[0]
    shown = range(min(8, layer.size)) if neurons is None else neurons
    for neuron in shown:
        watched.networks[0].check_neuron(1, neuron)
    wanted = _some(watched.epochs, _SHOWN_EPOCHS) if epochs is None else tuple(epochs)
    for epoch in wanted:
        if epoch not in watched.epochs:
            raise ValueError(f"epochs: expected some of {list(watched.epochs)}; got {epoch!r}")
    networks = [watched.networks[watched.epochs.index(epoch)] for epoch in wanted]
    rows = np.stack([each.layers[0].weights[list(shown)] for each in networks], axis=1)
    maps = as_maps(rows.reshape(-1, layer.inputs), layer.grid)
    scale, gap = Scale("fixed", watched.brightest), 1
    picture = compose(
        maps, columns=len(wanted), pixels_per_cell=1, gap=gap, scale=scale, palette=palette
    )
    ax = _axes(ax)
    ax.imshow(picture, interpolation="nearest")
    wide, tall = layer.grid.columns + gap, layer.grid.rows + gap
    _mark(ax.xaxis, wide, [_below(watched, epoch) for epoch in wanted])
    _mark(ax.yaxis, tall, [f"1.{neuron}" for neuron in shown])
    ax.set_xlabel("epoch, and accuracy on the digits set aside", size=LABEL_SIZE + 1)
    ax.set_title(title, size=LABEL_SIZE + 2)
    _colour_bar(ax, maps, scale, palette, "weight")
    return ax


def _mark(axis: mpl.axis.Axis, step: int, labels: Sequence[str]) -> None:
    axis.set_major_locator(FixedLocator([step * (at + 0.5) for at in range(len(labels))]))
    axis.set_major_formatter(FixedFormatter(labels))
    axis.set_tick_params(labelsize=LABEL_SIZE, length=0)


def _below(watched: Learning, epoch: int) -> str:
    accuracy = watched.accuracy(epoch)
    return str(epoch) if accuracy is None else f"{epoch}\n{accuracy:.1%}"


def _some(epochs: Sequence[int], most: int) -> tuple[int, ...]:
    """Return as many as that, spread evenly, the first and the last among them."""
    if len(epochs) <= most:
        return tuple(epochs)
    return tuple(epochs[at] for at in np.rint(np.linspace(0, len(epochs) - 1, most)).astype(int))


def kinds_over_time(
    epochs: ArrayLike,
    counts: Mapping[str, ArrayLike],
    *,
    ax: Axes | None = None,
    title: str = "",
) -> Axes:
    """Draw how many neurons were of each kind at each epoch, stacked.

    Parameters
    ----------
    epochs : array_like of int, shape (k,)
    counts : mapping of str to array_like of int, shape (k,)
        By kind, in the order in which they lie on one another.
    ax, title
        As in :func:`learning`.
    """
    at, ax = np.asarray(epochs), _axes(ax)
    for kind, each in counts.items():
        if np.shape(each) != at.shape:
            raise ValueError(f"counts: expected {len(at)} of {kind!r}; got shape {np.shape(each)}")
    colours = mpl.colormaps["tab10"].colors  # type: ignore[attr-defined]
    ax.stackplot(
        at, *counts.values(), labels=list(counts), step="mid",
        colors=[colours[k % 10] for k in range(len(counts))], linewidth=0,
    )  # fmt: skip
    ax.set_xlabel("epoch", size=LABEL_SIZE + 1)
    ax.set_ylabel("neurons of layer 1", size=LABEL_SIZE + 1)
    ax.tick_params(labelsize=LABEL_SIZE)
    ax.set_title(title, size=LABEL_SIZE + 2)
    ax.legend(loc="upper left", bbox_to_anchor=(1, 1), fontsize=LABEL_SIZE, frameon=False)
    return ax


def animation(
    watched: Learning,
    path: str | Path,
    *,
    kinds: Mapping[int, Sequence[str]] | None = None,
    palette: str = DEFAULT_PALETTE,
) -> None:
    """Write a training as a film: a GIF of the first layer's maps, a frame an epoch.

    Parameters
    ----------
    watched : Learning
    path : str or Path
        Ends in ``.gif``; a file that is there is replaced.
    kinds, palette
        As in :func:`film`.

    Raises
    ------
    ValueError
        If the name ends otherwise: a GIF is all that can be made, as other films need programs
        that this project does not bring.
    """
    if Path(path).suffix.lower() != ".gif":
        raise ValueError(f"path: expected a name that ends in .gif; got {Path(path).name!r}")
    write_whole(Path(path), film(watched, kinds=kinds, palette=palette))


def film(
    watched: Learning,
    *,
    kinds: Mapping[int, Sequence[str]] | None = None,
    palette: str = DEFAULT_PALETTE,
) -> bytes:
    """Return a training as a GIF.

    All maps of all epochs have one scale (:attr:`Learning.brightest`), which is written below, so
    that a map that grows brighter has grown.  Of more than 32 neurons the first 32 are shown, of
    more than 60 epochs 60; where that would be more than 2 MB, fewer.  It begins anew after a
    pause at its end.

    Parameters
    ----------
    watched : Learning
    kinds : mapping of int to sequence of str, optional
        By epoch, of some that were kept, what each neuron is called; written below its map.  At an
        epoch without any, those of the last one before are there, in grey, and the line below says
        which epoch's they are.
    palette : str

    Returns
    -------
    bytes
        The same for the same training.

    Raises
    ------
    ValueError
        If `kinds` does not fit, or there is no such palette.
    """
    check_palette(palette)
    kinds = dict(kinds or {})
    size = watched.networks[0].layers[0].size
    for epoch, names in kinds.items():
        if epoch not in watched.epochs or len(names) != size:
            raise ValueError(
                f"kinds: expected {size} names, one a neuron of layer 1, at epochs that were kept; "
                f"got {len(names)} at epoch {epoch}"
            )
    most = MOST_FRAMES
    while True:
        made = _film(watched, kinds, palette, _some(watched.epochs, most))
        if len(made) <= MOST_FILM_BYTES or most <= 2:
            return made
        # As many as fit, were each as large as those.
        most = max(2, min(most - 1, int(most * 0.95 * MOST_FILM_BYTES / len(made))))


def _film(
    watched: Learning,
    kinds: Mapping[int, Sequence[str]],
    palette: str,
    epochs: Sequence[int],
) -> bytes:
    networks = dict(zip(watched.epochs, watched.networks, strict=True))
    layer = watched.networks[0].layers[0]
    limit = watched.brightest
    colours = np.zeros((256, 3), np.uint8)
    shown = np.rint(np.linspace(0, 510, 2 * _LEVELS + 1)).astype(int)
    colours[: 2 * _LEVELS + 1] = lookup_table(palette)[shown]
    colours[_NO_NUMBER], colours[_GROUND] = NAN, BACKGROUND
    colours[_INK : _BAR + 1] = _INKS
    drawn = _Sheet(layer.grid, min(layer.size, MOST_FILM_NEURONS), bool(kinds))
    frames = []
    for epoch in epochs:
        told = max((each for each in kinds if each <= epoch), default=None)
        names = () if told is None else kinds[told]
        ink = _INK if told == epoch else _FAINT
        frame = Image.fromarray(drawn.frame(networks[epoch], limit, names, ink), "P")
        frame.putpalette(colours.tobytes())
        before = None if told == epoch else told
        drawn.write(frame, watched, epoch, limit, layer.size, before)
        frames.append(frame)
    durations = [_FIRST_MS, *[_FRAME_MS] * (len(frames) - 2), _LAST_MS][-len(frames) :]
    out = io.BytesIO()
    frames[0].save(
        out, format="GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0,
        optimize=False,
    )  # fmt: skip
    return out.getvalue()


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(Path(mpl.get_data_path()) / "fonts/ttf/DejaVuSans.ttf", size)


class _Sheet:
    """Where everything stands in a frame."""

    def __init__(self, grid: Grid, count: int, named: bool) -> None:
        self.rows, self.columns = grid.rows, grid.columns
        self.count = count
        self.across = min(_MOST_ACROSS, count)
        self.cell = max(1, min(16, 84 // max(self.rows, self.columns)))
        self.gap, self.margin, self.head = 6, 12, 40
        self.line = 17 if named else 0
        self.tall, self.wide = self.rows * self.cell, self.columns * self.cell
        down = -(-count // self.across)
        self.foot = self.head + down * (self.tall + self.gap + self.line)
        self.width = max(
            520, 2 * self.margin + self.across * (self.wide + self.gap) - self.gap
        )  # fmt: skip
        self.height = self.foot + 28

    def place(self, neuron: int) -> tuple[int, int]:
        """Return the top and the left of a neuron's map."""
        row, column = divmod(neuron, self.across)
        return (
            self.head + row * (self.tall + self.gap + self.line),
            self.margin + column * (self.wide + self.gap),
        )

    def frame(
        self, network: Network, limit: float, names: Sequence[str], ink: int
    ) -> NDArray[np.uint8]:
        """Return the maps as numbers of colours."""
        picture = np.full((self.height, self.width), _GROUND, np.uint8)
        weights = network.layers[0].weights[: self.count]
        finite = np.isfinite(weights)
        shares = (np.where(finite, weights, 0).astype(np.float64) / limit).clip(-1, 1)
        numbers = (_LEVELS + np.rint(_LEVELS * shares)).astype(np.uint8)
        numbers[~finite] = _NO_NUMBER
        maps = numbers.reshape(-1, self.rows, self.columns)
        maps = maps.repeat(self.cell, axis=1).repeat(self.cell, axis=2)
        for neuron, each in enumerate(maps):
            top, left = self.place(neuron)
            picture[top : top + self.tall, left : left + self.wide] = each
        if names:
            image = Image.fromarray(picture, "P")
            pen = self._pen(image)
            for neuron, name in enumerate(names[: self.count]):
                top, left = self.place(neuron)
                at = left + self.wide // 2, top + self.tall + 1
                pen.text(at, name, fill=ink, font=_font(12), anchor="ma")
            picture = np.asarray(image)
        return picture

    def _pen(self, image: Image.Image) -> ImageDraw.ImageDraw:
        pen = ImageDraw.Draw(image)
        pen.fontmode = "1"  # no colours between ink and ground: there are none
        return pen

    def write(
        self,
        frame: Image.Image,
        watched: Learning,
        epoch: int,
        limit: float,
        size: int,
        before: int | None,
    ) -> None:
        """Write which epoch it is, how well it read, the scale, and whose the grey names are."""
        pen, last = self._pen(frame), watched.epochs[-1]
        accuracy = watched.accuracy(epoch)
        pen.text((self.margin, 9), f"epoch {epoch} of {last}", fill=_INK, font=_font(17))
        right = self.width - self.margin
        if accuracy is not None:
            pen.text(
                (right, 9),
                f"{accuracy:.1%} of those set aside",
                fill=_INK,
                font=_font(17),
                anchor="ra",
            )
        some = (
            f"first {self.count} of {size} neurons of layer 1" if size > self.count else "layer 1"
        )
        pen.text(
            (self.margin, self.foot + 4),
            f"{some}, one scale: brightest at ±{limit:.3g} and beyond",
            fill=_FAINT, font=_font(12),
        )  # fmt: skip
        if before is not None:
            pen.text(
                (right, self.foot + 4), f"names in grey: of epoch {before}",
                fill=_FAINT, font=_font(12), anchor="ra",
            )  # fmt: skip
        pen.rectangle((0, self.height - 4, self.width * epoch // max(1, last), self.height), _BAR)
