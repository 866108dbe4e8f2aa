"""The ground that ink stands on: uneven light, shadows' and tables' edges, ruled lines.

Light and paper multiply: what a pen leaves is told by how much darker a place is than the
paper around it, whatever light falls there.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]

_MOST_TURN = 0.14  # of lines against the picture's edge: eight degrees
_TURNS = 57
_MOST_POINTS = 5000  # that vote for a slope
_UNCOVERED = 0.35  # of the picture's breadth, where a ruled line may be missing
_BROADEST = 0.016  # line, of the picture's longer side
_SEVERAL = 3  # lines, which no digit has
_PALE = 0.6  # of the ink's darkness
_FAINTEST_LINE = 0.03  # darker than paper by so much
_DARKEST = 0.02  # what any ground reflects, so that nothing is divided by 0


def darkening(image: Grey, reach: int) -> tuple[Grey, float]:
    """Tell how much darker each place is than the ground around it.

    The ground is found by a morphological closing, which fills what is dark and narrower
    than `reach` from both sides and leaves edges as they are: a shadow's and a table's too.

    Parameters
    ----------
    image : ndarray of float32, shape (h, w, channels), in [0, 1], light bright
    reach : int
        Pixels; more than the breadth of a stroke.

    Returns
    -------
    share : ndarray of float32, shape (h, w)
        In [0, 1], of the channel that tells most.
    noise : float
        The spread of bare paper's shares, by what is brighter than most.
    """
    found = np.zeros(image.shape[:2], np.float32)
    noise = 0.0
    for channel in np.moveaxis(image, -1, 0):
        smooth = blurred(blurred(channel, 3), 3)
        ground = -widest(-widest(smooth, reach), reach)
        share = 1 - (channel + _DARKEST) / (ground + _DARKEST)
        # What closing adds to mere grain is as much everywhere.
        quarter, middle = np.quantile(share, (0.25, 0.5))
        noise = max(noise, float(middle - quarter) / 0.6745)
        np.maximum(found, share - np.float32(middle), out=found)
    return np.clip(found, 0, 1, out=found), noise


def widest(image: Grey, reach: int) -> Grey:
    """Return each place's maximum over a square of `reach` pixels a side around it."""
    for axis in (0, 1):
        before = reach // 2
        pad = [(0, 0), (0, 0)]
        pad[axis] = (before, reach - 1 - before)
        wide = np.moveaxis(np.pad(image, pad, mode="edge"), axis, 0)
        done = 1
        while done < reach:  # twice as far each time
            step = min(done, reach - done)
            wide = np.maximum(wide[:-step], wide[step:])
            done += step
        image = np.moveaxis(wide, 0, axis)
    return image


def blurred(image: Grey, size: int) -> Grey:
    """Return the means over squares of `size` pixels a side, an odd number."""
    for axis in (0, 1):
        pad = [(0, 0), (0, 0)]
        pad[axis] = (size // 2 + 1, size // 2)
        sums = np.moveaxis(np.cumsum(np.pad(image, pad, mode="edge"), axis, np.float64), axis, 0)
        image = np.moveaxis((sums[size:] - sums[:-size]) / size, 0, axis).astype(np.float32)
    return image


Slope = tuple[float, float]
"""Of lines across the middle, and by how much it differs from top to bottom."""


def slopes(ink: Grey) -> tuple[Slope, Slope]:
    """Return the slopes under which what is dark gathers most, across the picture and upright."""
    return _slope(ink), _slope(ink.T)


def without_rulings(ink: Grey, across: tuple[Slope, Slope]) -> Grey:
    """Take away ruled lines: straight, across most of the picture, and of one tone along it.

    Ink darkens a line's own tone, so that tone is divided out, and a stroke that crosses a
    line or runs along it is left whole.

    Parameters
    ----------
    ink : ndarray of float32, shape (h, w), in [0, 1]
        How much darker than paper.
    across : two slopes
        As `slopes` gives them.
    """
    for upright in (False, True):
        image = ink.T if upright else ink
        h, w = image.shape
        turn, fan = across[upright]
        away = (np.arange(w, dtype=np.float32) - w / 2)[None]
        row = np.arange(h, dtype=np.float32)[:, None]
        sheared = _at_rows(image, row + away * (turn + fan * (row / h - 0.5)))
        tone = _only_lines(np.quantile(sheared, _UNCOVERED, axis=1).astype(np.float32), image)
        if tone.any():
            along = _along(row, away, turn, fan, h)
            cover = np.interp(along.ravel(), row[:, 0], tone).reshape(h, w)
            image = 1 - (1 - image) / (1 - np.minimum(cover * 1.1, 0.9))
            image = np.clip(image, 0, 1).astype(np.float32)
            ink = image.T if upright else image
    return ink


def _only_lines(tone: Grey, image: Grey) -> Grey:
    """Return the tones of rows that belong to ruled lines, and 0 for all others.

    A stroke may go across the picture too.  It is broader than a line, or as dark as ink and
    alone.
    """
    rows = np.flatnonzero(tone >= _FAINTEST_LINE)
    lines = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1) if len(rows) else []
    thin = [line for line in lines if len(line) <= max(4, _BROADEST * max(image.shape))]
    count = max(8, image.size // 2000)
    ink = float(np.partition(image.ravel(), -count)[-count:].mean())
    found = np.zeros_like(tone)
    for line in thin:
        if len(thin) >= _SEVERAL or tone[line].max() < _PALE * ink:
            found[line] = tone[line]
    # A little broader than it is: the line's flanks waver.
    return np.maximum(found, 0.7 * np.maximum(np.roll(found, 1), np.roll(found, -1)))


def _along(row: Grey, away: Grey, turn: float, fan: float, height: int) -> Grey:
    """Return where in the middle column the line through each place stands."""
    return np.asarray((row - away * (turn - fan / 2)) / (1 + away * fan / height), np.float32)


def _at_rows(image: Grey, rows: Grey) -> Grey:
    """Return the image's values at fractional rows, a column at a time."""
    low = np.floor(rows)
    share = rows - low
    above = np.clip(low, 0, len(image) - 1).astype(int)
    below = np.clip(low + 1, 0, len(image) - 1).astype(int)
    columns = np.arange(image.shape[1])[None]
    return np.asarray(image[above, columns] * (1 - share) + image[below, columns] * share)


def _slope(image: Grey) -> Slope:
    h, w = image.shape
    row, column = np.nonzero(image > _FAINTEST_LINE)
    thin = slice(None, None, max(1, len(row) // _MOST_POINTS))
    row, column = row[thin], column[thin]
    away = (column - w / 2).astype(np.float32)
    # Dark ink must not outweigh a pale line, nor a wide smudge.
    weight = np.minimum(image[row, column], 0.25)
    places = row.astype(np.float32)

    def gathered(turn: float, fan: float) -> float:
        place = np.clip(_along(places, away, turn, fan, h), 0, h - 1).astype(int)
        return float((np.bincount(place, weight, h) ** 2).sum())

    turns = np.linspace(-_MOST_TURN, _MOST_TURN, _TURNS)
    turn = float(max(turns, key=lambda each: gathered(each, 0.0)))
    fan = 0.0
    for step in (0.02, 0.01, 0.005, 0.0025):  # ever finer around the best so far
        pairs = [(turn + i * step / 4, fan + j * step) for i in range(-3, 4) for j in range(-2, 3)]
        turn, fan = max(pairs, key=lambda pair: gathered(*pair))
    return turn, fan
