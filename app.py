"""The dashboard: ``streamlit run app.py``, or ``uvicorn app:app``.

Streamlit runs this file as a script for each page it shows; a server imports it for the routes.
"""

import os

# Before NumPy is loaded: with arrays this small a second BLAS thread costs more than it brings.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

import streamlit as st  # noqa: E402

from toolkit.dashboard import main, options  # noqa: E402

if __name__ == "__main__":
    main()
else:
    app = st.App(__file__, **options())
