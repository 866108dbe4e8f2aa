"""Page set-up and navigation."""

from __future__ import annotations

from typing import Any

import streamlit as st

from toolkit.dashboard import modules
from toolkit.dashboard.mounts import mount

# A picture of ours: an emoji or a symbol by name would be fetched from another host.
_ICON = str(modules.FOLDER / "icon.png")


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
    st.set_page_config(page_title="Weight maps", page_icon=_ICON, layout="wide")
    st.html(f"<style>{modules.text('streamlit.css')}</style>")
    # Made anew in each run: pages kept by the module would be shared, and of two people who open
    # the dashboard at once one would be refused.
    workbench = st.Page(_workbench, title="Workbench", icon=":material/brush:", default=True)
    looking = {path: _looking(path) for path in _LOOKING}
    opened_by_click = {"workbench": workbench, "neuron": looking["neuron"]}

    def atlas_page() -> None:
        # With it come the studio and its library, which the first page does not wait for.
        from toolkit.dashboard.desks import show_atlas

        show_atlas(opened_by_click)

    atlas = st.Page(atlas_page, title="Atlas", icon=":material/grid_view:", url_path="atlas")
    experiments = st.Page(
        _experiments, title="Experiments", icon=":material/folder_open:", url_path="experiments"
    )
    page = st.navigation([workbench, atlas, *looking.values(), experiments], position="top")
    page.run()
