"""The page's modules on Streamlit's pages, and what the two tell each other."""

from __future__ import annotations

from typing import Any

import streamlit as st

from toolkit.dashboard import modules
from toolkit.dashboard.server import studio
from toolkit.experiments import WorkspaceError, check_id
from toolkit.studio.answer import start_of
from toolkit.studio.desk import Desk


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


def current_desk() -> Desk:
    """Return the desk of the experiment that the address names, or that was last worked on.

    The address is made to name it, so that a reload shows the same.  Where it
    names none that is to be had, it is one of the network that the address or
    whoever started the server names.
    """
    asked = st.query_params
    id = asked.get("experiment") or st.session_state.get("experiment")
    start = {"network": asked["network"]} if "network" in asked else {}
    try:
        found = studio().desk(check_id(id), start)
    except (ValueError, OSError, WorkspaceError):
        found, problem = studio().draft(start)
        if problem is not None or id is not None:
            st.info("What this address names is not here; this is another network.")
    here = found.experiment.id
    st.session_state["experiment"] = here
    wanted = {"experiment": here, "network": start_of(found)["network"]}
    if any(asked.get(key) != value for key, value in wanted.items()):
        st.query_params.update(wanted)
    return found
