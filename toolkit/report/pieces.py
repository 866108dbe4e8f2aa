"""Pieces of a page of its own: text made harmless, pictures and charts inside it, a frame."""

from __future__ import annotations

import html
import math
from base64 import b64encode
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit import __version__
from toolkit.grid import Grid
from toolkit.palette import colour, limit_of
from toolkit.pictures import to_png

if TYPE_CHECKING:
    from toolkit.plots import Figure


def text(value: object) -> str:
    """Return a text as it may stand in a page, between tags or in an attribute."""
    return html.escape(str(value), quote=True)


def number(value: float | None, digits: int = 2) -> str:
    """Return a number as it is read in a table; a dash where it is not known."""
    if value is None or not math.isfinite(value):
        return "–"
    return f"{value:.{digits}f}".replace("-", "−")


def points(value: float | None) -> str:
    """Return a fall of accuracy in points of a hundred; a dash where it is not known."""
    return "–" if value is None or not math.isfinite(value) else number(100 * value, 1)


def share(value: float | None) -> str:
    """Return a share in whole percent; a dash where it is not known."""
    return "–" if value is None or not math.isfinite(value) else f"{value:.0%}"


def picture(image: NDArray[np.uint8], told: str, kind: str = "map") -> str:
    """Return a small picture as a tag; its cells stay sharp squares."""
    data = b64encode(to_png(image)).decode()
    return f'<img class="{kind}" alt="{text(told)}" src="data:image/png;base64,{data}">'


def weight_map(
    values: ArrayLike, grid: Grid, told: str, *, limit: float | None = None,
    never_lit: NDArray[np.bool_] | None = None,
) -> str:  # fmt: skip
    """Return a map as a tag, green where positive, red where negative."""
    cells = np.asarray(values, np.float32).reshape(tuple(grid))
    mask = None if never_lit is None else never_lit.reshape(tuple(grid))
    image = colour(cells, limit=limit or limit_of(cells), never_lit=mask)
    return picture(image, told)


def digit(pixels: NDArray[np.uint8], grid: Grid, told: str) -> str:
    """Return a digit as a tag, ink bright."""
    return picture(pixels.reshape(tuple(grid)), told, "digit")


def chart(figure: Figure, told: str, caption: str) -> str:
    """Return a figure as a picture in the page, with a caption that says how to read it."""
    from toolkit.plots import figure_bytes

    data = b64encode(figure_bytes(figure, "svg")).decode()
    return (
        f'<figure><img class="chart" alt="{text(told)}" src="data:image/svg+xml;base64,{data}">'
        f"<figcaption>{text(caption)}</figcaption></figure>"
    )


def curve(values: ArrayLike, told: str) -> str:
    """Return a small line of values from 0 upwards, without axes: the table's column says them."""
    heights = np.asarray(values, float)
    top = float(np.max(heights, initial=0, where=np.isfinite(heights)))
    if len(heights) < 2 or not top > 0:
        return ""
    at = np.linspace(1, 71, len(heights))
    up = 21 - 20 * np.clip(np.nan_to_num(heights) / top, 0, 1)
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(at, up, strict=True))
    return (
        f'<svg class="curve" viewBox="0 0 72 22" role="img" aria-label="{text(told)}">'
        f'<title>{text(told)}</title><polyline points="{line}"/></svg>'
    )


def frame(title: str, body: str) -> str:
    """Return a whole page: nothing in it is fetched from elsewhere."""
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{text(title)}</title><style>{_part('page.css')}</style></head>\n<body>{body}"
        f"<footer>Made by the weight-map toolkit {text(__version__)}.</footer>"
        f"<script>{_part('sort.js')}</script></body></html>\n"
    )


@cache
def _part(name: str) -> str:
    return (Path(__file__).parent / name).read_text("utf-8")


def facts(pairs: list[tuple[str, Any]]) -> str:
    """Return a list of terms with what they are."""
    return "<dl>" + "".join(f"<dt>{text(a)}</dt><dd>{text(b)}</dd>" for a, b in pairs) + "</dl>"
