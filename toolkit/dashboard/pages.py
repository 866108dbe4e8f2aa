"""Page set-up and navigation."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from toolkit.dashboard import modules
from toolkit.dashboard.atlas import atlas_page
from toolkit.dashboard.mounts import current_desk, mount
from toolkit.palette import colour
from toolkit.studio.answer import start_of


@st.cache_resource
def _favicon() -> Image.Image:
    # Made here: an emoji or a symbol by name would be fetched from another host.
    row, column = np.mgrid[-7.5:8, -7.5:8]
    distance = np.hypot(row, column)
    ring = np.exp(-((distance - 5) ** 2) / 3) - np.exp(-(distance**2) / 5)
    return Image.fromarray(colour(ring, limit=1.0).repeat(4, axis=0).repeat(4, axis=1))


def _workbench() -> None:
    mount("workbench", "", modules.PAGES[""])


def _experiments() -> None:
    mount("experiments", "experiments", modules.PAGES["experiments"])


# What looks into a network, by the path of its page: each is drawn by the modules of that name.
_LOOKING = {
    "neuron": ("Neuron", ":material/search:"),
    "network": ("Network", ":material/lan:"),
    "compare": ("Compare", ":material/compare:"),
    "learning": ("Learning", ":material/show_chart:"),
}


def _looking(path: str) -> Any:
    title, icon = _LOOKING[path]

    def show() -> None:
        mount(path, path, modules.PAGES[path])

    return st.Page(show, title=title, icon=icon, url_path=path)


def main() -> None:
    """Run the app: what ``app.py`` calls at each rerun."""
    st.set_page_config(page_title="Weight maps", page_icon=_favicon(), layout="wide")
    st.html(f"<style>{modules.text('streamlit.css')}</style>")
    # Made anew in each run: pages kept by the module would be shared, and of two people who open
    # the dashboard at once one would be refused.
    workbench = st.Page(_workbench, title="Workbench", icon=":material/brush:", default=True)
    looking = {path: _looking(path) for path in _LOOKING}
    opened_by_click = {"workbench": workbench, "neuron": looking["neuron"]}

    def show_atlas() -> None:
        desk = current_desk()
        here = {
            "experiment": desk.experiment.id,
            "network": start_of(desk)["network"],
            "digits": desk.laid.source,
        }

        def open_neuron(layer: int, index: int, page: str) -> None:
            st.switch_page(
                opened_by_click[page], query_params={**here, "neuron": f"{layer}.{index}"}
            )

        atlas_page(desk.network, desk.laid.digits, open_neuron, desk.laid.of)

    atlas = st.Page(show_atlas, title="Atlas", icon=":material/grid_view:", url_path="atlas")
    experiments = st.Page(
        _experiments, title="Experiments", icon=":material/folder_open:", url_path="experiments"
    )
    page = st.navigation([workbench, atlas, *looking.values(), experiments], position="top")
    page.run()
