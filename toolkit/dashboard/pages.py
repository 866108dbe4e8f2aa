"""Page set-up and navigation."""

from __future__ import annotations

import gc

import numpy as np
import streamlit as st
from PIL import Image

from toolkit.dashboard.atlas import atlas_page
from toolkit.dashboard.bench import workbench_page
from toolkit.dashboard.session import desk
from toolkit.palette import colour

# Streamlit leaves room for a page's title; the workbench fills one screen.
_PAGE_STYLE = """
<style>
  .stMainBlockContainer { padding: 3.9rem 1rem .5rem; }
  .st-key-courier { position: absolute; }
  .stAppHeader { min-height: 3rem; height: 3rem; }
  @media (max-width: 900px) { .stMainBlockContainer { padding: 3.6rem .5rem 1rem; } }
</style>
"""


@st.cache_resource
def _settle() -> None:
    # Streamlit collects garbage in full after each run, over everything imported, which takes
    # longer than all else between a stroke and its score; what lives as long as the server is
    # taken out of that.
    gc.collect()
    gc.freeze()


def _atlas() -> None:
    atlas_page(open_workbench=lambda: st.switch_page(_WORKBENCH))


_WORKBENCH = st.Page(workbench_page, title="Workbench", icon=":material/brush:", default=True)
_ATLAS = st.Page(_atlas, title="Atlas", icon=":material/grid_view:", url_path="atlas")


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
