"""What one browser session works on: its desk, made when first asked for."""

from __future__ import annotations

import os

import streamlit as st

from toolkit import shipped
from toolkit.dashboard.desk import FROM_FILE, Desk
from toolkit.dashboard.library import Library
from toolkit.dashboard.shelf import Shelf
from toolkit.formats import NetworkFileError

DEFAULT_NETWORK = "mnist-sigmoid"


@st.cache_resource
def _library() -> Library:
    return Library()


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
        found = Desk(shipped.open_network(name, digits), digits, library)
    except (NetworkFileError, ValueError, OSError) as error:
        problems.append(str(error))
        found = Desk(shipped.open_network("random"), digits, library)
    found.origin = name
    problems += found.arrange(dict(asked))
    if problems:
        found.say("error", " ".join(problems))
    return found


def receive(payload: object) -> None:
    """Hand the session's desk what the browser sent, after a reload the desk it had before."""
    left = _shelf().asked_for(payload, st.session_state["asked_network"])
    if left is not None:
        st.session_state["desk"] = left
    desk().receive(payload)
