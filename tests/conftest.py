"""What all tests share."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest
from hypothesis import settings

# The same examples each time, so that a red run means a changed program; `make explore` tries new
# ones, with pytest's own option for the default profile.
settings.register_profile("the same each time", derandomize=True, print_blob=True)
settings.load_profile("the same each time")

# One BLAS thread, as the commands set it: the tests run side by side.
for name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(name, "1")

MNIST_VARIABLE = "TOOLKIT_TEST_MNIST"


@pytest.fixture(autouse=True)
def _own_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Keep a developer's own settings out of the tests."""
    for variable in ("TOOLKIT_DIGITS", "TOOLKIT_NETWORK"):
        monkeypatch.delenv(variable, raising=False)
    # A workspace of its own for each test, and never the developer's.
    workspace = tmp_path_factory.getbasetemp() / f"workspace-{secrets.token_hex(4)}.sqlite"
    monkeypatch.setenv("TOOLKIT_WORKSPACE", str(workspace))
    if "TOOLKIT_CACHE" not in os.environ:
        monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path_factory.getbasetemp() / "cache"))


@pytest.fixture(scope="session")
def mnist_folder() -> Path:
    """Return the folder of the real MNIST's four IDX files."""
    folder = os.environ.get(MNIST_VARIABLE)
    if not folder:
        pytest.skip(f"needs the real MNIST: set {MNIST_VARIABLE} to a folder of its IDX files")
    return Path(folder)
