"""The dashboard: Streamlit's pages, and beside them a socket and routes of its own."""

from toolkit.dashboard.pages import main
from toolkit.dashboard.server import options

__all__ = ["main", "options"]
