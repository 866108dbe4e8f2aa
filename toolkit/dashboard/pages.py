"""Page set-up and navigation, and the session's desk."""

from __future__ import annotations

import gc
import os

import numpy as np
import streamlit as st
from PIL import Image

from toolkit import shipped
from toolkit.dashboard import bundle
from toolkit.dashboard.atlas import atlas_page
from toolkit.dashboard.desk import FROM_FILE, Desk
from toolkit.dashboard.library import Library
from toolkit.dashboard.shelf import Shelf
from toolkit.formats import NetworkFileError
from toolkit.palette import colour

DEFAULT_NETWORK = "mnist-sigmoid"

# Streamlit leaves room for a page's title; the workbench fills one screen.
_PAGE_STYLE = """
<style>
  .stMainBlockContainer { padding: 3.9rem 1rem .5rem; }
  .stAppHeader { min-height: 3rem; height: 3rem; }
  @media (max-width: 900px) { .stMainBlockContainer { padding: 3.6rem .5rem 1rem; } }
</style>
"""


@st.cache_resource
def _library() -> Library:
    return Library()


@st.cache_resource
def _settle() -> None:
    # Streamlit collects garbage in full after each run, over everything imported; what lives as
    # long as the server is taken out of that (measured: 85 ms a run before, under 5 after).
    gc.collect()
    gc.freeze()


@st.cache_resource
def _shelf() -> Shelf:
    return Shelf()


def desk() -> Desk:
    """Return this session's desk, laid out as the URL asks if it is new."""
    if "desk" not in st.session_state:
        with st.spinner("Laying out the digits…", show_time=True):
            st.session_state["desk"] = _new_desk()
        _shelf().put(st.session_state["desk"])
    found: Desk = st.session_state["desk"]
    return found


def _new_desk() -> Desk:
    asked, problems = st.query_params, []
    st.session_state["asked_network"] = asked.get("network")
    library = _library()
    try:
        digits = library.open(None)
    except (ValueError, OSError) as error:
        problems.append(f"{error} The drawn digits are in use instead.")
        digits = library.open("drawn")
    started_with = os.environ.get("TOOLKIT_NETWORK") or DEFAULT_NETWORK
    name = asked.get("network", FROM_FILE)
    if name == FROM_FILE:
        name = started_with
    elif name not in {*shipped.names(), started_with}:
        # A name from a URL is never a path.
        problems.append(f"No network named {name[:60]!r} ships with the toolkit.")
        name = DEFAULT_NETWORK
    try:
        found = Desk(shipped.open_network(name), digits, library)
    except (NetworkFileError, ValueError, OSError) as error:
        problems.append(str(error))
        found = Desk(shipped.open_network("random"), digits, library)
    found.origin = name
    problems += found.arrange(dict(asked))
    if problems:
        found.say("error", " ".join(problems))
    return found


def open_workbench() -> None:
    """Switch to the workbench."""
    st.switch_page(_WORKBENCH)


@st.cache_resource
def _workbench_parts() -> tuple[str, str, str]:
    return bundle.markup(), bundle.style(), bundle.script()


def workbench_page() -> None:
    """Show the workbench."""
    markup, style, script = _workbench_parts()
    mount = st.components.v2.component("workbench", html=markup, css=style, js=script)

    def receive() -> None:
        payload = st.session_state["workbench"].get("outbox")
        # A reloaded page begins a new session; its browser still knows which desk was its own.
        left = _shelf().asked_for(payload, st.session_state["asked_network"])
        if left is not None:
            st.session_state["desk"] = left
        desk().receive(payload)

    @st.fragment
    def bench() -> None:
        here = desk()
        mount(key="workbench", data=here.answer(), on_outbox_change=receive)
        _show_in_url(here)

    bench()


def _show_in_url(here: Desk) -> None:
    wanted = here.view()
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


_WORKBENCH = st.Page(workbench_page, title="Workbench", icon=":material/brush:", default=True)
_ATLAS = st.Page(atlas_page, title="Atlas", icon=":material/grid_view:", url_path="atlas")


@st.cache_resource
def _favicon() -> Image.Image:
    # Made here: an emoji or a symbol by name would be fetched from another host.
    row, column = np.mgrid[-7.5:8, -7.5:8]
    distance = np.hypot(row, column)
    ring = np.exp(-((distance - 5) ** 2) / 3) - np.exp(-(distance**2) / 5)
    return Image.fromarray(colour(ring, limit=1.0).repeat(4, axis=0).repeat(4, axis=1))


def main() -> None:
    """Run the app: what ``app.py`` calls at each rerun."""
    st.set_page_config(page_title="Weight maps", page_icon=_favicon(), layout="wide")
    st.html(_PAGE_STYLE)
    page = st.navigation([_WORKBENCH, _ATLAS], position="top")
    _settle()
    desk()
    page.run()
