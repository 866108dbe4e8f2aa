"""The built wheel, in an environment of its own, from another folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from toolkit import shipped

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder)]
    done = subprocess.run([*command, str(ROOT)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    (found,) = folder.glob("*.whl")
    return found


@pytest.mark.packaging
def test_the_wheel_carries_the_app_the_weights_and_nothing_else(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    home = "toolkit/_shipped"
    for name in shipped.names():
        if name not in {"blank", "random"}:
            assert f"{home}/weights/{name}.npz" in names
    assert f"{home}/app.py" in names
    assert f"{home}/.streamlit/config.toml" in names
    assert "toolkit/dashboard/page/workbench/main.js" in names
    assert all(name.startswith(("toolkit/", "weight_map_toolkit-")) for name in names)


@pytest.mark.packaging
def test_the_wheel_works_from_another_folder(wheel: Path, tmp_path: Path) -> None:
    home = tmp_path / "site"
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--target",
        str(home),
    ]
    subprocess.run([*install, str(wheel)], check=True)
    # Its libraries come from this environment; the package itself from the wheel alone.
    code = (
        "import sys, toolkit; from toolkit import shipped; from toolkit.cli import main;"
        f"assert toolkit.__file__.startswith({str(home)!r}), toolkit.__file__;"
        f"assert str(shipped.app_script()).startswith({str(home)!r});"
        "sys.exit(main(['evaluate', 'mnist-sigmoid', '--digits', 'drawn', '--json']))"
    )
    environment = {**os.environ, "PYTHONPATH": str(home)}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["images"] == 10_000
    assert found["accuracy"] > 0.9
