"""The workbench page."""

from __future__ import annotations

import streamlit as st

from toolkit.dashboard import bundle
from toolkit.dashboard.desk import Desk
from toolkit.dashboard.session import desk, receive


@st.cache_resource
def _workbench_parts() -> tuple[str, str, str, str]:
    return bundle.markup(), bundle.style(), bundle.script(), bundle.courier()


def workbench_page() -> None:
    """Show the workbench."""
    markup, style, script, carrier = _workbench_parts()
    workbench = st.components.v2.component("workbench", html=markup, css=style, js=script)
    courier = st.components.v2.component("courier", js=carrier)
    workbench(key="workbench")

    def heard() -> None:
        receive(st.session_state["courier"].get("outbox"))

    # Only this reruns after a stroke; an answer is the data alone, not the workbench's script.
    @st.fragment
    def talk() -> None:
        here = desk()
        courier(key="courier", data=here.answer(), on_outbox_change=heard)
        _show_in_url(here)

    talk()


def _show_in_url(here: Desk) -> None:
    wanted = here.view()
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)
