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


@pytest.fixture(scope="module")
def home(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the wheel is installed; its libraries come from this environment."""
    home = tmp_path_factory.mktemp("site")
    install = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--target"]
    subprocess.run([*install, str(home), str(wheel)], check=True)
    return home


@pytest.mark.packaging
def test_the_wheel_works_from_another_folder(home: Path, tmp_path: Path) -> None:
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


@pytest.mark.packaging
@pytest.mark.skipif(os.name != "posix", reason="the command is another file elsewhere")
def test_the_wheels_app_takes_nothing_from_the_folder_it_is_started_in(
    home: Path, tmp_path: Path
) -> None:
    trap = f"open({str(tmp_path / 'sprung')!r}, 'a').write(__file__)"
    for name in ("numpy", "streamlit", "app"):
        (tmp_path / f"{name}.py").write_text(trap)
    (tmp_path / "toolkit").mkdir()
    (tmp_path / "toolkit" / "__init__.py").write_text(trap)
    environment = {
        **os.environ, "PYTHONPATH": str(home), "TOOLKIT_CACHE": str(tmp_path / "cache"),
        "TOOLKIT_DIGITS": "drawn",
    }  # fmt: skip
    with subprocess.Popen(
        [sys.executable, str(home / "bin" / "toolkit"), "app", "random", "--no-browser"],
        cwd=tmp_path, env=environment, stdout=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout is not None
        said = process.stdout.readline()
        process.terminate()
    assert "The workbench is at" in said and process.returncode == 0
    assert not (tmp_path / "sprung").exists()
