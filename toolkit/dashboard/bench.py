"""The workbench page."""

from __future__ import annotations

import streamlit as st

from toolkit.dashboard import bundle
from toolkit.dashboard.desk import Desk
from toolkit.dashboard.session import desk, receive


@st.cache_resource
def _workbench_parts() -> tuple[str, str, str]:
    return bundle.markup(), bundle.style(), bundle.script()


def workbench_page() -> None:
    """Show the workbench."""
    markup, style, script = _workbench_parts()
    mount = st.components.v2.component("workbench", html=markup, css=style, js=script)

    def heard() -> None:
        receive(st.session_state["workbench"].get("outbox"))

    @st.fragment
    def bench() -> None:
        here = desk()
        mount(key="workbench", data=here.answer(), on_outbox_change=heard)
        _show_in_url(here)

    bench()


def _show_in_url(here: Desk) -> None:
    wanted = here.view()
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)
