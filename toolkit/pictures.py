"""Maps as picture files, without matplotlib: nothing but their colours."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from toolkit.analysis.neurons import composed_maps
from toolkit.network import Network
from toolkit.palette import BACKGROUND, DEFAULT_PALETTE, Scale, as_maps, compose

MOST_MAPS = 4096
"""More are not laid out in one picture."""
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_AS_IT_IS, _UP = 0, 2  # filters of the PNG standard, section 9.2
_BLOCK = 1 << 20


def to_png(image: NDArray[np.uint8]) -> bytes:
    """Encode a picture as PNG; the same picture gives the same bytes.

    Made for weights shown as squares: a row like the one above it, as most are there, is stored
    as no difference, so that next to nothing is left to compress.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width, 3) or (height, width), none 0
        RGB or grey.

    Raises
    ------
    ValueError
        If type or shape does not fit.
    """
    array = np.asarray(image)
    if (
        array.dtype != np.uint8
        or array.ndim < 2
        or array.shape[2:] not in ((), (3,))
        or not array.size
    ):
        raise ValueError(f"image: expected uint8 of shape (height, width, 3) or (height, width); "
                         f"got {array.dtype} of shape {array.shape}")  # fmt: skip
    height, width = array.shape[:2]
    colour_type = 0 if array.ndim == 2 else 2
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    # Flat squares compress well at any level; the lowest is several times as fast.
    packer = zlib.compressobj(1)
    packed = [packer.compress(lines.data) for lines in _filtered(array.reshape(height, -1))]
    data = b"".join([*packed, packer.flush()])
    return _SIGNATURE + _chunk(b"IHDR", header) + _chunk(b"IDAT", data) + _chunk(b"IEND", b"")


def maps_png(
    network: Network,
    *,
    layers: Sequence[int] | None = None,
    order: Mapping[int, Sequence[int]] | None = None,
    scale: Scale | None = None,
    palette: str = DEFAULT_PALETTE,
    never_lit: ArrayLike | None = None,
    pixels_per_cell: int = 4,
) -> bytes:
    """Return the maps of a network as a PNG, layer below layer; later layers' are composed maps.

    Parameters
    ----------
    network : Network
    layers : sequence of int, optional
        By default all.
    order : mapping of int to sequence of int, optional
        For a layer, the indices of the neurons to show, in their order.
    scale : Scale, optional
        A shared one is shared within a layer.
    palette, pixels_per_cell
        As in :func:`toolkit.palette.compose`.
    never_lit : array_like of bool, shape (pixels,), optional
        Pixels to grey.

    Raises
    ------
    ValueError
        If the network has no such layer or neuron, a name or number does not fit, or there are
        more than :data:`MOST_MAPS` neurons to show.
    """
    shown = list(layers) if layers is not None else list(range(1, len(network.layers) + 1))
    chosen = {
        layer: list((order or {}).get(layer, range(network.layer(layer).size))) for layer in shown
    }
    count = sum(map(len, chosen.values()))
    if not 0 < count <= MOST_MAPS:
        raise ValueError(f"maps: expected 1 to {MOST_MAPS:,} neurons in a picture; got {count:,}; "
                         "draw one layer, or one neuron")  # fmt: skip
    grid = network.grid
    mask = None if never_lit is None else np.reshape(np.asarray(never_lit, bool), tuple(grid))
    parts = [
        compose(
            as_maps(composed_maps(network, layer)[neurons], grid), scale=scale, palette=palette,
            never_lit=mask, pixels_per_cell=pixels_per_cell,
        )
        for layer, neurons in chosen.items()
    ]  # fmt: skip
    if len(parts) == 1:
        return to_png(parts[0])
    sheet = np.empty((sum(map(len, parts)), max(part.shape[1] for part in parts), 3), np.uint8)
    sheet[:] = BACKGROUND
    top = 0
    for part in parts:
        sheet[top : top + len(part), : part.shape[1]] = part
        top += len(part)
    return to_png(sheet)


def _filtered(rows: NDArray[np.uint8]) -> Iterator[NDArray[np.uint8]]:
    """Give the rows as they are to be compressed, each after the number of its filter."""
    count = max(1, _BLOCK // rows.shape[1])
    for at in range(0, len(rows), count):
        block = rows[at : at + count]
        lines = np.zeros((len(block), 1 + block.shape[1]), np.uint8)
        new = np.ones(len(block), bool)
        new[1:] = (block[1:] != block[:-1]).any(axis=1)
        lines[:, 0] = np.where(new, _AS_IT_IS, _UP)
        lines[new, 1:] = block[new]
        yield lines


def _chunk(kind: bytes, data: bytes) -> bytes:
    check = zlib.crc32(data, zlib.crc32(kind))
    return b"".join([struct.pack(">I", len(data)), kind, data, struct.pack(">I", check)])
