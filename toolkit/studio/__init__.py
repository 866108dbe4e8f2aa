"""A person's work with the workbench: experiments in use, pages' letters, what pages show.

Knows nothing of Streamlit: the dashboard brings frames and takes frames.
"""
