"""A stamp: a shape with its numbers, which renders to a weight map."""

from __future__ import annotations

import base64
import binascii
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from toolkit.grid import Grid
from toolkit.shown import shown
from toolkit.stamps.shapes import ONE, levels

if TYPE_CHECKING:
    from toolkit.edits import PutStamp

MOST_CELLS = 1 << 20
"""Of a picture."""

RANGES: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "angle": (-3600.0, 3600.0),
        "length": (0.1, 1000.0),
        "width": (0.1, 1000.0),
        "height": (0.1, 1000.0),
        "curvature": (-1.0, 1.0),
        "surround": (0.0, 10.0),
        "flank": (0.0, 1000.0),
        "soft": (0.1, 1000.0),
        "phase": (-3600.0, 3600.0),
        "strength": (-1e6, 1e6),
        "amount": (0.0, 1.0),
    }
)
"""Smallest and largest value of each number."""

FARTHEST = 1000.0
"""How far from a map's corner a stamp may lie, in cells."""

SHAPES: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "edge": MappingProxyType(
            {"angle": 0, "length": 12, "width": 3, "curvature": 0, "surround": 1, "flank": 3,
             "soft": 1}
        ),
        "line": MappingProxyType(
            {"angle": 0, "length": 12, "width": 3, "curvature": 0, "surround": 0.5, "flank": 3,
             "soft": 1}
        ),
        "arc": MappingProxyType(
            {"angle": 0, "length": 14, "width": 3, "curvature": 0.15, "surround": 0.5, "flank": 3,
             "soft": 1}
        ),
        "ring": MappingProxyType(
            {"angle": 0, "length": 12, "height": 12, "width": 3, "surround": 0.5, "flank": 3,
             "soft": 1}
        ),
        "blob": MappingProxyType(
            {"angle": 0, "length": 6, "height": 6, "surround": 0, "flank": 3}
        ),
        "gabor": MappingProxyType(
            {"angle": 0, "length": 12, "height": 12, "width": 4, "phase": 0, "surround": 1}
        ),
        "gradient": MappingProxyType(
            {"angle": 0, "length": 28, "height": 28, "surround": 1, "soft": 1}
        ),
        "rectangle": MappingProxyType(
            {"angle": 0, "length": 10, "height": 6, "surround": 0.5, "flank": 2, "soft": 1}
        ),
        "picture": MappingProxyType({}),
    }
)  # fmt: skip
"""The shapes, and the numbers that each has, as they are where nobody gives them."""

_MIDDLE = (14.0, 14.0)


@dataclass(frozen=True)
class Stamp:
    """A shape with its numbers.  A shape has those that :data:`SHAPES` lists for it.

    Parameters
    ----------
    shape : str
        ``edge``: a bright band beside a dark one, bright above at angle 0.  ``line``: a straight
        stroke with a dark flank on either side.  ``arc``: the same, bent.  ``ring``: a circle or
        an ellipse, dark within and around.  ``blob``: a soft spot.  ``gabor``: stripes that fade
        outwards.  ``gradient``: from dark below to bright above.  ``rectangle``: filled, dark
        around.  ``picture``: levels given one by one.
    at : (float, float), -1000 to 1000
        Row and column of the shape's middle, in cells: the middle of the first cell is (0.5, 0.5),
        that of a map of 28×28 is (14, 14).  An arc's is the middle of its stroke.
    angle : float, -3600 to 3600
        Degrees by which it is turned counter-clockwise from lying left to right.
    length : float, 0.1 to 1000
        Along it, in cells.  A ring's and a blob's diameter.
    width : float, 0.1 to 1000
        Of the bright stroke or band, in cells; of one stripe of a Gabor.
    height : float, 0.1 to 1000
        Across it, in cells, where it is as much a surface as a stroke; by default the length for
        a ring, a blob and a Gabor.
    curvature : float, -1 to 1
        1 / radius, in 1 / cells: 0.1 bends it along a circle of radius 10.  Positive: the ends go
        down at angle 0, as those of ∩; negative: up.
    surround : float, 0 to 10
        How deep the dark side, flank or surround is, the bright part being 1.
    flank : float, 0 to 1000
        How wide the dark side, flank or surround is, in cells; by default as wide as the bright
        stroke.
    soft : float, 0.1 to 1000
        Over how many cells a rim fades; 1 is a sharp one.
    phase : float, -3600 to 3600
        Of a Gabor's stripes, in degrees: 0 has a bright stripe in the middle, 90 an edge.
    levels : iterable of float, shape (cells,)
        Of a picture, row by row, -1 to 1; kept in 4096ths.
    strength : float, -1e6 to 1e6
        The weight where the shape is brightest.  Negative exchanges bright and dark.
    zero_sum : bool
        Balance it: the dark part is scaled until all weights sum to zero; where it is less than a
        quarter of the bright part, the mean is taken off instead.

    Raises
    ------
    ValueError
        If a number is missing, out of its range, or none that the shape has.

    Examples
    --------
    >>> top = Stamp("edge", at=(5, 14), angle=0, length=12)
    >>> top.render().shape
    (28, 28)
    >>> top.on(1, 3).name
    'edge on 1.3 at 5, 14, angle 0°, strength 1'
    """

    shape: str
    at: tuple[float, float] | None = None
    angle: float | None = None
    length: float | None = None
    width: float | None = None
    height: float | None = None
    curvature: float | None = None
    surround: float | None = None
    flank: float | None = None
    soft: float | None = None
    phase: float | None = None
    levels: tuple[int, ...] | None = None
    strength: float = 1.0
    zero_sum: bool = False

    def __post_init__(self) -> None:
        if not isinstance(self.shape, str) or self.shape not in SHAPES:
            raise ValueError(f"shape: expected one of {', '.join(SHAPES)}; got {shown(self.shape)}")
        defaults = dict(SHAPES[self.shape])
        for name in _NUMBERS:
            given = getattr(self, name)
            if name not in defaults:
                if given is not None:
                    raise ValueError(f"{name}: a stamp of shape {self.shape} has none")
                continue
            value = number(defaults[name] if given is None else given, name)
            object.__setattr__(self, name, value)
            if given is not None and name == "length" and self.shape in ("ring", "blob", "gabor"):
                defaults["height"] = value
            elif given is not None and name == "width" and "flank" in defaults:
                defaults["flank"] = value
        if self.shape == "picture":
            if self.at is not None:
                raise ValueError("at: a stamp of shape picture has none")
            object.__setattr__(self, "levels", _picture(self.levels))
        else:
            if self.levels is not None:
                raise ValueError(f"levels: a stamp of shape {self.shape} has none")
            object.__setattr__(self, "at", _place(_MIDDLE if self.at is None else self.at))
        object.__setattr__(self, "strength", number(self.strength, "strength"))
        if not isinstance(self.zero_sum, bool | np.bool_):
            raise ValueError(f"zero_sum: expected true or false; got {shown(self.zero_sum)}")
        object.__setattr__(self, "zero_sum", bool(self.zero_sum))

    def number(self, name: str) -> float:
        """Return one of the numbers that this shape has."""
        value = getattr(self, name)
        assert isinstance(value, float), name
        return value

    def render(self, grid: Grid | tuple[int, int] = (28, 28)) -> NDArray[np.float32]:
        """Return the weight map that it makes on an empty grid, shape (rows, columns).

        Parameters
        ----------
        grid : Grid or (int, int)

        Raises
        ------
        ValueError
            If it is a picture of another number of cells.
        """
        grid = Grid(*grid)
        return self.weights(grid).astype(np.float32).reshape(grid.rows, grid.columns)

    def weights(self, grid: Grid) -> NDArray[np.float64]:
        """Return what it lays on each cell, in double precision, shape (cells,)."""
        if self.levels is not None and len(self.levels) != grid.cells:
            raise ValueError(
                f"levels: expected {grid.cells}, one for each cell of {grid}; "
                f"got {len(self.levels)}"
            )
        return levels(self, grid) / float(ONE) * self.strength + 0.0  # no minus zero

    def fitted(self, grid: Grid | tuple[int, int]) -> Stamp:
        """Return the stamp, made for a map of 28×28, as it is on a map of another size.

        Its place keeps its share of rows and columns; lengths go with the shorter side, and are
        rounded to hundredths of a cell.  A picture stays as it is.
        """
        rows, columns = Grid(*grid)
        if self.at is None or (rows, columns) == (28, 28):
            return self
        share = min(rows, columns) / 28
        numbers: dict[str, Any] = {
            "at": (hundredths(self.at[0] * rows / 28), hundredths(self.at[1] * columns / 28))
        }
        for name in SHAPES[self.shape]:
            low, high = RANGES[name]
            if name in ("length", "width", "height", "flank", "soft"):
                numbers[name] = min(max(hundredths(self.number(name) * share), low), high)
            elif name == "curvature":
                numbers[name] = min(max(self.number(name) / share, low), high)
        return replace(self, **numbers)

    def on(self, layer: int, neuron: int, mode: str = "add", amount: float = 1.0) -> PutStamp:
        """Return the edit that lays it on a neuron's weights.

        Parameters
        ----------
        layer, neuron : int
        mode : str
            ``add`` to what is there; ``replace`` the whole map; ``blend`` the whole map with it.
        amount : float, 0 to 1
            How far a blend goes: 0 leaves the map, 1 replaces it.

        Raises
        ------
        EditError
            If one of these is none.
        """
        from toolkit.edits import PutStamp

        return PutStamp(layer, neuron, self, mode, amount)

    def to_dict(self) -> dict[str, Any]:
        """Return shape and numbers as plain data (JSON)."""
        record: dict[str, Any] = {"shape": self.shape}
        if self.levels is not None:
            packed = np.array(self.levels, "<i2").tobytes()
            record["levels"] = base64.b64encode(packed).decode("ascii")
        if self.at is not None:
            record["at"] = [plain(part) for part in self.at]
        record |= {name: plain(getattr(self, name)) for name in SHAPES[self.shape]}
        return {**record, "strength": plain(self.strength), "zero_sum": self.zero_sum}

    @classmethod
    def from_dict(cls, record: Mapping[Any, Any]) -> Stamp:
        """Read a stamp from its dict form; numbers that are not there are the usual ones.

        Raises
        ------
        ValueError
            If a part is missing, unknown or of the wrong kind.
        """
        if "shape" not in record:
            raise ValueError("shape is missing")
        names = [field.name for field in fields(cls)]
        return cls(**{name: record[name] for name in names if record.get(name) is not None})


_NUMBERS = ("angle", "length", "width", "height", "curvature", "surround", "flank", "soft", "phase")


def number(value: object, what: str) -> float:
    """Return a number that is within the range of its name.

    Raises
    ------
    ValueError
        If it is not.
    """
    low, high = RANGES[what]
    return _within(value, what, low, high)


def hundredths(value: float) -> float:
    """Return a number rounded to hundredths, a half up, as the page rounds it."""
    return math.floor(value * 100 + 0.5) / 100


def plain(value: float) -> float:
    """Return a number as a person writes it: 12 for 12.0."""
    return int(value) if value.is_integer() else value


def _within(value: object, what: str, low: float, high: float) -> float:
    good = isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)
    if not good or not low <= value <= high:  # type: ignore[operator]
        raise ValueError(f"{what}: expected a number from {low:g} to {high:g}; got {shown(value)}")
    return float(value) + 0.0  # type: ignore[arg-type]


def _place(value: object) -> tuple[float, float]:
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise ValueError(f"at: expected row and column; got {shown(value)}")
    parts = tuple(value)
    if len(parts) != 2:
        raise ValueError(f"at: expected row and column; got {len(parts)} numbers")
    row, column = (_within(part, "at", -FARTHEST, FARTHEST) for part in parts)
    return row, column


def _picture(value: object) -> tuple[int, ...]:
    """Return a picture's levels in 4096ths, from numbers of -1 to 1 or from packed text."""
    if isinstance(value, str):
        try:
            content = base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError) as error:
            raise ValueError(f"levels: expected base64 text; {error}") from error
        if len(content) % 2:
            raise ValueError(f"levels: expected 2 bytes for each cell; got {len(content):,} bytes")
        whole = np.frombuffer(content, "<i2").astype(np.int64)
    elif value is None:
        raise ValueError("levels is missing: a picture has one for each cell")
    elif isinstance(value, bytes | Mapping) or not isinstance(value, Iterable):
        raise ValueError(f"levels: expected numbers from -1 to 1; got {shown(value)}")
    else:
        parts = [_within(part, "levels", -1.0, 1.0) for part in value]
        whole = np.floor(np.array(parts, np.float64) * ONE + 0.5).astype(np.int64)
    if not 0 < len(whole) <= MOST_CELLS or abs(whole).max() > ONE:
        raise ValueError(
            f"levels: expected 1 to {MOST_CELLS:,} of them, each from -1 to 1; got {len(whole):,}"
            + (f", the largest {abs(whole).max() / ONE:.3g}" if len(whole) else "")
        )
    return tuple(whole.tolist())
