"""The experiment that an address names, for the page that Streamlit draws: the atlas."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from toolkit.dashboard.atlas import atlas_page
from toolkit.dashboard.behind import studio
from toolkit.experiments import WorkspaceError, check_id
from toolkit.studio.answer import start_of
from toolkit.studio.desk import Desk


def show_atlas(opened_by_click: Mapping[str, Any]) -> None:
    """Show the atlas of the network that the address names.

    Parameters
    ----------
    opened_by_click : mapping of str to st.Page
        By their names, the pages that a click on a map can open.
    """
    desk = current_desk()
    here = {
        "experiment": desk.experiment.id,
        "network": start_of(desk)["network"],
        "digits": desk.laid.source,
    }

    def open_neuron(layer: int, index: int, page: str) -> None:
        st.switch_page(opened_by_click[page], query_params={**here, "neuron": f"{layer}.{index}"})

    atlas_page(desk.network, desk.laid.digits, open_neuron, desk.laid.of)


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
