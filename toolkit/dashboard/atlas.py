"""The atlas: every neuron of every layer as its map."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from toolkit.dashboard.behind import figures
from toolkit.dashboard.mounts import mount
from toolkit.palette import DEFAULT_PALETTE, PALETTES, Scale
from toolkit.studio.figures import Choices
from toolkit.studio.overview import SORTS, Surveys

if TYPE_CHECKING:
    from toolkit.digits import DigitSet
    from toolkit.network import Network

_GRID = Path(__file__).parent / "grid"
_SCALES = {"neuron": "per neuron", "shared": "shared"}
_SIZES = {"small": "small", "large": "large"}
_OPENED = {"workbench": "its weights", "neuron": "what it does"}
_BRIGHT = 0.6
"""Exponent that shows a weight of a tenth of the limit at a quarter of full brightness."""


@st.cache_resource
def _parts() -> tuple[str, str]:
    return (_GRID / "grid.css").read_text("utf-8"), (_GRID / "grid.js").read_text("utf-8")


def atlas_page(
    network: Network,
    digits: DigitSet | None,
    open_neuron: Callable[[int, int, str], object],
    of: int | None = None,
) -> None:
    """Show the atlas of a network.

    Parameters
    ----------
    network : Network
    digits : DigitSet or None
        What usefulness is measured on.
    open_neuron : callable
        Given layer, index, and ``"workbench"`` or ``"neuron"``, opens that neuron on that page.
    of : int, optional
        How many the set has that the digits are a sample of.
    """
    surveys: Surveys = st.session_state.setdefault("atlas-surveys", Surveys())
    overview = surveys.of(network, digits, of)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width="content", gap=None):
            st.caption("Network")
            st.text(network.name)
        sort = _choose("Sort by", SORTS, "sort")
        shared = _choose("Scale", _SCALES, "scale") == "shared"
        palette = _choose_palette()
        size = _choose("Maps", _SIZES, "maps")
        page = _choose("A click shows", _OPENED, "opened")
        with st.container(width="content", gap=None):
            bright = _toggle("Bring out small weights", "bright")
            grey = overview.never_lit is not None and _toggle("Grey pixels never lit", "grey")
        scale = Scale("shared" if shared else "neuron", gamma=_BRIGHT if bright else 1.0)
        _downloads(Choices(overview, sort, scale, palette, grey))
    if sort == "usefulness" and overview.usefulness is None:
        st.info(
            "Usefulness is the fall in accuracy without a neuron, so it needs digits: choose some "
            "in the workbench. Until then the neurons stand in the order of their index."
        )
    css, js = _parts()
    grid = st.components.v2.component("atlas", css=css, js=js)
    packed = overview.pack(
        sort=sort, scale=scale, palette=palette, grey=grey, large=size == "large"
    )
    shown = grid(key="atlas", data=packed, on_opened_change=lambda: None)
    if shown.opened is not None:
        _open(network, shown.opened, lambda layer, index: open_neuron(layer, index, page))


def _choose(label: str, names: Mapping[str, str], name: str) -> str:
    chosen = st.segmented_control(
        label, list(names), format_func=names.__getitem__, default=next(iter(names)),
        required=True, key=f"atlas-{name}", persist_state="session",
    )  # fmt: skip
    return str(chosen)


def _toggle(label: str, name: str) -> bool:
    return st.toggle(label, key=f"atlas-{name}", persist_state="session")


def _choose_palette() -> str:
    """Return the palette chosen here, at first the one that the address names."""
    key = "atlas-palette"
    asked = st.query_params.get("palette")
    return str(
        st.segmented_control(
            "Palette", list(PALETTES), default=asked if asked in PALETTES else DEFAULT_PALETTE,
            required=True, key=key, persist_state="session",
        )
    )  # fmt: skip


def _downloads(choices: Choices) -> None:
    # Kept by this session, and with it the figure is gone.
    figure = figures().offer(choices, st.session_state.get("atlas-figure"))
    st.session_state["atlas-figure"] = figure
    with st.popover("Download", icon=":material/download:"):
        mount("atlas-downloads", "atlas", "atlas/downloads.js", figure=figure.name)


def _open(network: Network, opened: Any, open_neuron: Callable[[int, int], object]) -> None:
    try:
        layer, index = opened
        network.check_neuron(layer, index)
    except (TypeError, ValueError):
        # The network was changed in another tab since this page was drawn.
        st.toast("That neuron is no longer there.")
        return
    open_neuron(layer, index)
