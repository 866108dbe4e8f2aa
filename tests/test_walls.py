"""The walls between the rooms, read from the imports."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "toolkit"
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


@cache
def imports(path: Path) -> set[str]:
    """Return the full names that a module imports, wherever in it."""
    found, package = set(), ("toolkit", *path.parts[:-1])
    for node in ast.walk(ast.parse((PACKAGE / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            found |= {module} | {f"{module}.{alias.name}" for alias in node.names}
    return found


def reaches(path: Path, *names: str) -> set[str]:
    return {
        found for found in imports(path) for name in names
        if found == name or found.startswith(f"{name}.")
    }  # fmt: skip


def modules_in(*rooms: str) -> list[Path]:
    found = [path for path in MODULES if room(path) in rooms]
    assert found, rooms
    return found


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_heavy_libraries_stay_in_their_rooms(path: Path) -> None:
    allowed = {"streamlit": "dashboard", "matplotlib": "plots", "sqlalchemy": "experiments"}
    for library, home in allowed.items():
        if room(path) != home:
            assert not reaches(path, library), f"only {home} imports {library}"
    for library in ("torch", "sklearn", "onnxruntime", "keras", "tf_keras", "playwright", "pytest"):
        assert not reaches(path, library)


GROUND = ("grid", "activations", "doors", "neuronnames", "origin", "shown")


@pytest.mark.parametrize("path", modules_in(*GROUND, "network", "palette"), ids=str)
def test_the_ground_floor_imports_nothing_but_itself(path: Path) -> None:
    below = {"network": GROUND, "doors": GROUND, "activations": ("activations",)}.get(
        room(path), ("grid",)
    )
    assert reaches(path, "toolkit") == reaches(path, *(f"toolkit.{name}" for name in below))
    if room(path) in ("grid", "neuronnames", "shown"):
        assert not reaches(path, "toolkit", "numpy")


@pytest.mark.parametrize(
    "path", modules_in("analysis", "scoring", "training", "edits", "clauses"), ids=str
)
def test_the_engine_knows_no_view_file_or_command(path: Path) -> None:
    assert not reaches(path, "toolkit.plots", "toolkit.dashboard", "toolkit.formats", "toolkit.cli")


@pytest.mark.parametrize("path", modules_in("stamps"), ids=str)
def test_stamps_know_grids_alone_and_make_edits_only_when_asked(path: Path) -> None:
    known = ("toolkit.stamps", "toolkit.grid", "toolkit.shown")
    asked = ("toolkit.edits", "toolkit.digits")  # within a function, or for types
    assert reaches(path, "toolkit") <= reaches(path, *known, *asked)
    found = arrows()[f"toolkit.stamps.{path.stem}".removesuffix(".__init__")]
    assert all(name.startswith(known) for name in found)


@pytest.mark.parametrize("path", modules_in("apart"), ids=str)
def test_what_works_apart_knows_no_page_and_no_command(path: Path) -> None:
    assert not reaches(path, "toolkit.studio", "toolkit.dashboard", "toolkit.cli", "starlette")
    if path.name != "jobs.py":
        assert not reaches(path, "toolkit.plots"), "what draws is loaded in the child alone"
    if path.name in ("parent.py", "start.py", "wire.py", "child.py"):
        # What starts and bounds children knows nothing of what they do.
        assert not reaches(path, "toolkit.formats", "toolkit.digits", "toolkit.experiments")


@pytest.mark.parametrize("path", modules_in("bridges"), ids=str)
def test_bridges_know_formats_and_nothing_above_them(path: Path) -> None:
    known = ("toolkit.formats", "toolkit.network", "toolkit.bridges", "toolkit.activations",
             "toolkit.origin", "toolkit.digits")  # fmt: skip
    assert reaches(path, "toolkit") == reaches(path, *known)
    if path.name != "notebook.py":
        assert path.name == "__init__.py" or reaches(path, "toolkit.formats")


def test_commands_and_dashboard_do_not_know_each_other() -> None:
    for path in modules_in("cli"):
        assert not reaches(path, "toolkit.dashboard")
    for path in modules_in("dashboard"):
        assert not reaches(path, "toolkit.cli")
        assert not reaches(path, "toolkit.plots", "toolkit.apart.jobs"), "the server draws nothing"


@pytest.mark.parametrize("path", modules_in("benchmarks"), ids=str)
def test_the_benchmark_measures_the_library_and_knows_no_page_and_no_command(path: Path) -> None:
    assert not reaches(path, "toolkit.studio", "toolkit.dashboard", "toolkit.cli", "toolkit.apart",
                       "toolkit.experiments")  # fmt: skip
    if path.name != "peers.py":
        assert not reaches(path, "toolkit.plots", "toolkit.formats"), "they serve the peers"


@pytest.mark.parametrize("path", modules_in("locks", "lifeline"), ids=str)
def test_what_runs_before_anything_is_installed_needs_nothing(path: Path) -> None:
    assert {name.partition(".")[0] for name in imports(path)} <= sys.stdlib_module_names


@pytest.mark.parametrize("path", modules_in("cli"), ids=str)
def test_commands_print_through_one_door(path: Path) -> None:
    calls = [node for node in ast.walk(ast.parse((PACKAGE / path).read_text(encoding="utf-8")))
             if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)]  # fmt: skip
    prints = [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "print"]
    assert path.name == "output.py" or not prints


@pytest.mark.parametrize("path", modules_in("experiments", "studio"), ids=str)
def test_experiments_and_studio_know_no_page_and_no_command(path: Path) -> None:
    assert not reaches(path, "toolkit.dashboard", "toolkit.cli", "toolkit.plots", "starlette")
    if room(path) == "experiments":
        assert not reaches(path, "toolkit.studio")
    else:
        assert not reaches(path, "sqlalchemy")


FORMATS = [path for path in MODULES if path.parts[0] == "formats"]


def formats_of(*rooms: str) -> list[Path]:
    found = [path for path in FORMATS if path.parts[1].removesuffix(".py") in rooms]
    assert found, rooms
    return found


@pytest.mark.parametrize("path", formats_of("errors", "limits", "guard", "containers"), ids=str)
def test_containers_know_bytes_and_arrays_and_nothing_of_networks(path: Path) -> None:
    known = tuple(f"toolkit.formats.{name}" for name in ("errors", "limits", "guard", "containers"))
    assert reaches(path, "toolkit") <= reaches(path, *known)
    if path.parts[1] != "containers":
        assert not reaches(path, "toolkit.formats.containers")


def test_digits_come_through_the_containers_and_load_them_when_an_archive_is_opened() -> None:
    for path in modules_in("digits"):
        known = ("toolkit.formats.containers", "toolkit.formats.errors", "toolkit.formats.guard",
                 "toolkit.formats.limits")  # fmt: skip
        assert reaches(path, "toolkit.formats") == reaches(path, *known)
        assert path.name == "archive.py" or not reaches(path, "toolkit.formats", "zipfile")
    code = "import sys, toolkit.digits; print('toolkit.formats' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout.strip() == "False", done.stderr


def test_importing_the_package_loads_numpy_and_hardly_more() -> None:
    """What takes long is loaded by those who ask for it; then it is there."""
    code = (
        "import sys, numpy; before = set(sys.modules); import toolkit\n"
        "print(*(set(sys.modules) - before))\n"
        "toolkit.Network.random().checksum, toolkit.__version__, toolkit.stamps\n"
        "assert {*toolkit.__all__, '__version__'} <= set(dir(toolkit))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    loaded = set(done.stdout.split())
    others = {name.partition(".")[0] for name in loaded} - {"toolkit", "numpy"}
    assert others <= sys.stdlib_module_names
    slow = {"importlib.metadata", "hashlib", "json", "zipfile", "email"}
    assert not slow & loaded
    assert not {name for name in loaded if name.startswith(("toolkit.digits", "toolkit.formats"))}


DIGITS = [path for path in MODULES if path.parts[0] == "digits" and len(path.parts) > 2]


@pytest.mark.parametrize("path", DIGITS, ids=str)
def test_each_room_of_digits_knows_only_what_it_is_made_from(path: Path) -> None:
    known = {
        "drawn": {"digitset", "form", "cache"},
        "pictures": {"form"},
        "sets": {"digitset", "form", "pictures"},
        "fetching": {"cache", "sets"},  # which names MNIST's files
    }
    room = path.parts[1]
    found = {name.split(".")[2] for name in reaches(path, "toolkit.digits") if name.count(".") > 1}
    assert found - {room} <= known[room]


@pytest.mark.parametrize("path", formats_of("frameworks"), ids=str)
def test_frameworks_know_no_digits_and_one_another_only_where_one_is_the_others_form(
    path: Path,
) -> None:
    assert not reaches(
        path, "toolkit.digits", "toolkit.formats.meaning.interpretation", "toolkit.apart",
        "toolkit.formats.recognition",
    )  # fmt: skip
    allowed = {
        "npz.py": {"plain"},  # names what an archive holds
        "pickles.py": {"nested", "nielsen"},  # whose networks are pickled too
        "json_forms.py": {"nested", "nielsen"},
        "nested.py": {"layered", "values"},  # lists of layers among them
        "layered.py": {"values"},
        "reader.py": {"hdf5_plain"},  # Keras's: what has none of its layouts
    }
    others = {name.split(".")[3] for name in reaches(path, "toolkit.formats.frameworks")
              if name.count(".") > 2}  # fmt: skip
    assert others - {path.parts[2].removesuffix(".py")} <= allowed.get(path.name, set())


@pytest.mark.parametrize("path", formats_of("meaning"), ids=str)
def test_what_arrays_mean_is_decided_without_bytes_and_only_trying_needs_digits(path: Path) -> None:
    assert not reaches(path, "toolkit.formats.containers", "toolkit.formats.frameworks")
    if path.name not in ("interpretation.py", "trying.py"):
        assert not reaches(path, "toolkit.digits")


def test_the_studio_runs_where_streamlit_is_not_installed(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "class Absent:\n"
        "    def find_spec(self, name, path=None, target=None):\n"
        "        if name.split('.')[0] in ('streamlit', 'starlette', 'matplotlib'):\n"
        "            raise ModuleNotFoundError(name)\n"
        "sys.meta_path.insert(0, Absent())\n"
        "from toolkit.experiments import Workspace\n"
        "from toolkit.studio.studio import Studio\n"
        f"studio = Studio(Workspace({str(tmp_path / 'w.sqlite')!r}), started_with='blank')\n"
        "desk, problem = studio.draft({'network': 'blank'})\n"
        "bias = {'kind': 'edit', 'edit': {'kind': 'bias', 'layer': 1, 'neuron': 0, 'value': 2}}\n"
        "assert desk.take('me', 1, bias) is None\n"
        "assert studio.workspace.load(desk.experiment.id).network.layer(1).biases[0] == 2\n"
    )
    environment = {**os.environ, "TOOLKIT_DIGITS": "drawn"}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr


@cache
def arrows() -> dict[str, set[str]]:
    """Return which module imports which, modules by their full names."""
    names = {
        ".".join(("toolkit", *path.with_suffix("").parts)).removesuffix(".__init__"): path
        for path in MODULES
    }
    found: dict[str, set[str]] = {}
    for name, path in names.items():
        tree = ast.parse((PACKAGE / path).read_text(encoding="utf-8"))
        # What is imported within a function, or for types alone, is no arrow at start.
        top = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        found[name] = set()
        for node in top:
            if isinstance(node, ast.Import):
                found[name] |= {alias.name for alias in node.names} & names.keys()
                continue
            package = name if path.name == "__init__.py" else name.rpartition(".")[0]
            parts = package.split(".")
            base = ".".join(parts[: len(parts) - node.level + 1]) if node.level else ""
            module = ".".join(filter(None, (base, node.module)))
            inner = {f"{module}.{alias.name}" for alias in node.names} & names.keys()
            found[name] |= inner or ({module} & names.keys())
    return found


def test_no_arrow_leads_back() -> None:
    found, done = arrows(), set()

    def follow(name: str, way: tuple[str, ...]) -> None:
        assert name not in way, " → ".join((*way, name))
        if name in done:
            return
        for below in found[name]:
            if not way or below != name.rpartition(".")[0]:  # a room's own front door
                follow(below, (*way, name))
        done.add(name)

    for name in found:
        follow(name, ())


@pytest.mark.parametrize("path", MODULES, ids=str)
def test_no_module_outgrows_its_room(path: Path) -> None:
    lines = len((PACKAGE / path).read_text(encoding="utf-8").splitlines())
    assert lines <= 450


def test_no_script_of_the_page_outgrows_its_room() -> None:
    for path in (PACKAGE / "dashboard" / "page").rglob("*.js"):
        assert len(path.read_text(encoding="utf-8").splitlines()) <= 450, path


def test_no_room_is_called_utils() -> None:
    assert not [path for path in MODULES if "util" in path.stem]
