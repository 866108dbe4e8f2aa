"""The page's modules on Streamlit's pages, and what the two tell each other."""

from __future__ import annotations

from typing import Any

import streamlit as st

from toolkit.dashboard import modules


def mount(name: str, page: str, module: str, **given: Any) -> Any:
    """Put a part of the page on this Streamlit page.

    Parameters
    ----------
    name : str
        Of the component, and its key.
    page : str
        The Streamlit page's path, ``""`` for the first one: the script cuts it off its own
        address to find where everything is served.
    module : str
        The file, in the page's folder, whose ``mount`` draws it.
    given
        Plain data that it may ask for; it is given anew at each run.
    """
    component = st.components.v2.component(name, js=modules.text("boot.js"))
    data = {
        "page": page, "hash": modules.version(), "module": module,
        "style": modules.style_of(module), "given": given,
    }  # fmt: skip
    shown = component(key=name, data=data, on_experiment_change=lambda: None)
    if shown.experiment:
        st.session_state["experiment"] = shown.experiment
    return shown
