"""The atlas: every neuron of every layer as its map."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from toolkit.dashboard.overview import SORTS, Overview, Surveys
from toolkit.palette import PALETTES, Scale

if TYPE_CHECKING:
    from toolkit.dashboard.desk import Desk

_GRID = Path(__file__).parent / "grid"
_SCALES = {"neuron": "per neuron", "shared": "shared"}
_SIZES = {"small": "small", "large": "large"}
_BRIGHT = 0.6
"""Exponent that shows a weight of a tenth of the limit at a quarter of full brightness."""
_MIME = {"png": "image/png", "svg": "image/svg+xml", "pdf": "application/pdf"}


@st.cache_resource
def _parts() -> tuple[str, str]:
    return (_GRID / "grid.css").read_text("utf-8"), (_GRID / "grid.js").read_text("utf-8")


def atlas_page(open_workbench: Callable[[], object]) -> None:
    """Show the atlas of the network on the session's desk.

    Parameters
    ----------
    open_workbench : callable
        Switches to the workbench; called once a neuron was chosen.
    """
    desk: Desk | None = st.session_state.get("desk")
    if desk is None:
        st.info("Open the workbench first; the atlas shows the network that is on it.")
        return
    surveys: Surveys = st.session_state.setdefault("atlas-surveys", Surveys())
    overview = surveys.of(desk.network, desk.digits)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        sort = _choose("Sort by", SORTS, "sort")
        shared = _choose("Scale", _SCALES, "scale") == "shared"
        palette = _choose_palette(desk)
        size = _choose("Maps", _SIZES, "maps")
        with st.container(width="content", gap=None):
            bright = _toggle("Bring out small weights", "bright")
            grey = overview.never_lit is not None and _toggle("Grey pixels never lit", "grey")
        scale = Scale("shared" if shared else "neuron", gamma=_BRIGHT if bright else 1.0)
        _downloads(overview, sort, scale, palette, grey)
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
        _open(desk, shown.opened, open_workbench)


def _choose(label: str, names: Mapping[str, str], name: str) -> str:
    chosen = st.segmented_control(
        label, list(names), format_func=names.__getitem__, default=next(iter(names)),
        required=True, key=f"atlas-{name}", persist_state="session",
    )  # fmt: skip
    return str(chosen)


def _toggle(label: str, name: str) -> bool:
    return st.toggle(label, key=f"atlas-{name}", persist_state="session")


def _choose_palette(desk: Desk) -> str:
    key = "atlas-palette"

    def keep() -> None:
        desk.set_palette(st.session_state[key])

    # The workbench may have chosen another since.
    st.session_state[key] = desk.palette
    return str(
        st.segmented_control("Palette", list(PALETTES), required=True, key=key, on_change=keep)
    )


def _downloads(overview: Overview, sort: str, scale: Scale, palette: str, grey: bool) -> None:
    network = overview.network
    stem = re.sub(r"[^\w.-]+", "-", network.name).strip(".-") or "network"

    def make(kind: str) -> Callable[[], bytes]:
        def figure() -> bytes:
            from toolkit import plots

            page = plots.figure_atlas(
                network, order=overview.order(sort), captions=overview.captions(),
                scale=scale, palette=palette, never_lit=overview.never_lit if grey else None,
            )  # fmt: skip
            return plots.figure_bytes(page, kind)

        return figure

    with st.popover("Download", icon=":material/download:"):
        for kind, mime in _MIME.items():
            st.download_button(
                kind.upper(),
                make(kind),
                # The checksum keeps two networks' files of one name apart.
                f"{stem}-{network.checksum[:8]}-atlas.{kind}",
                mime,
                key=f"atlas-{kind}",
                on_click="ignore",
                width="stretch",
            )


def _open(desk: Desk, opened: Any, open_workbench: Callable[[], object]) -> None:
    try:
        layer, index = opened
        desk.select(layer, index)
    except (TypeError, ValueError):
        # The network was changed in another tab since this page was drawn.
        st.toast("That neuron is no longer there.")
        return
    open_workbench()
