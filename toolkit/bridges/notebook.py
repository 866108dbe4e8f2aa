"""A network as a notebook shows it: what it is, and its first layer's maps."""

from __future__ import annotations

import base64
from html import escape

from toolkit.network import Network

_LONGEST = 300
_MOST_MAPS = 400
_STYLE = "font-family:sans-serif;font-size:13px;line-height:1.5;display:flex;gap:16px"


def card(network: Network) -> str:
    """Return a network as HTML: sizes, activations, parameters, where it is from, its maps.

    It holds no script and fetches nothing; every word of a file's is escaped.
    """
    rows = [
        ("neurons", "-".join(map(str, network.sizes))),
        ("activations", ", ".join(network.activations)),
        ("parameters", f"{network.parameters:,}"),
        *network.provenance.items(),
    ]
    cells = "".join(
        f"<tr><th style='text-align:left;padding-right:8px'>{_text(name)}</th>"
        f"<td style='text-align:left'>{_text(value)}</td></tr>"
        for name, value in rows
    )
    table = f"<div><b>{_text(network.name)}</b><table>{cells}</table></div>"
    picture = network._repr_png_() if network.sizes[1] <= _MOST_MAPS else None
    if picture is not None:
        data = base64.b64encode(picture).decode()
        alt = f"Weight maps of the {network.sizes[1]} neurons of layer 1"
        table += f"<img alt='{alt}' src='data:image/png;base64,{data}'>"
    return f"<div style='{_STYLE}'>{table}</div>"


def _text(value: str) -> str:
    return escape(value if len(value) <= _LONGEST else f"{value[: _LONGEST - 1]}…")
