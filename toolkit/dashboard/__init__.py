"""The Streamlit pages: the workbench and the atlas."""

from toolkit.dashboard.pages import main

__all__ = ["main"]
