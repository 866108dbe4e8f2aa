"""The dashboard: ``streamlit run app.py``."""

from toolkit.dashboard import main

main()
