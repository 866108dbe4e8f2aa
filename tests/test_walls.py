"""The walls between the rooms, read from the imports."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "toolkit"
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py"))


def room(path: Path) -> str:
    return path.parts[0].removesuffix(".py")


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
    allowed = {"streamlit": "dashboard", "matplotlib": "plots"}
    for library, home in allowed.items():
        if room(path) != home:
            assert not reaches(path, library), f"only {home} imports {library}"
    for library in ("torch", "sklearn", "playwright", "pytest"):
        assert not reaches(path, library)


@pytest.mark.parametrize("path", modules_in("network", "palette"), ids=str)
def test_the_ground_floor_imports_no_sibling(path: Path) -> None:
    assert not reaches(path, "toolkit")


@pytest.mark.parametrize(
    "path", modules_in("analysis", "scoring", "training", "edits", "history"), ids=str
)
def test_the_engine_knows_no_view_file_or_command(path: Path) -> None:
    assert not reaches(path, "toolkit.plots", "toolkit.dashboard", "toolkit.formats", "toolkit.cli")


def test_commands_and_dashboard_do_not_know_each_other() -> None:
    for path in modules_in("cli"):
        assert not reaches(path, "toolkit.dashboard")
    for path in modules_in("dashboard"):
        assert not reaches(path, "toolkit.cli")


def test_the_desk_knows_no_streamlit() -> None:
    for name in ("desk.py", "library.py", "shelf.py", "bundle.py", "overview.py"):
        assert not reaches(Path("dashboard") / name, "streamlit")


def test_no_room_is_called_utils() -> None:
    assert not [path for path in MODULES if "util" in path.stem]
