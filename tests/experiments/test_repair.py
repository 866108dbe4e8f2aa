"""Files damaged in every way: the last whole state comes back, the damaged file is kept."""

from __future__ import annotations

import contextlib
import random
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.experiments.strategies import NETWORK, alike, an_edit, same
from toolkit.edits import SetBias
from toolkit.experiments import Experiment, NoSuchExperiment, Workspace, WorkspaceError
from toolkit.experiments.backup import backup_of
from toolkit.experiments.database import log_of
from toolkit.network import Network

PAGE = 4096
WIDE = Network.random((64, 8, 10), seed=2)


def fill(path: Path, experiments: int = 4, steps: int = 60) -> list[Experiment]:
    """Make a workspace, close it, and return what is in it."""
    workspace, made = Workspace(path), []
    for seed in range(experiments):
        rng, experiment = random.Random(seed), Experiment(WIDE, name=f"session {seed}")
        workspace.create(experiment)
        for seq in range(1, steps + 1):
            experiment.apply(an_edit(rng, experiment.network))
            workspace.commit(experiment, client="me", seq=seq)
        experiment.add_save_point("x")
        workspace.commit(experiment)
        made.append(experiment)
    workspace.bin(made[0].id)
    workspace.close()
    return made


def overwrite(path: Path, offset: int, data: bytes) -> None:
    with path.open("rb+") as file:
        file.seek(offset)
        file.write(data)


def cut(path: Path, share: float) -> None:
    with path.open("rb+") as file:
        file.truncate(int(path.stat().st_size * share))


GARBAGE = random.Random(0).randbytes(PAGE)
DAMAGES: dict[str, Callable[[Path], None]] = {
    "cut in half": lambda path: cut(path, 0.5),
    "cut to a tenth": lambda path: cut(path, 0.1),
    "cut within a page": lambda path: cut(path, 0.777),
    "empty": lambda path: cut(path, 0),
    "first page garbage": lambda path: overwrite(path, 0, GARBAGE),
    "first letters lost": lambda path: overwrite(path, 0, bytes(16)),
    "second page garbage": lambda path: overwrite(path, PAGE, GARBAGE),
    "tenth page zero": lambda path: overwrite(path, 9 * PAGE, bytes(PAGE)),
    "pages in the middle garbage": lambda path: overwrite(path, 30 * PAGE, GARBAGE * 5),
    "all garbage": lambda path: path.write_bytes(GARBAGE * 20),
    "text": lambda path: path.write_text("not a database at all" * 1000),
    "gone": lambda path: path.unlink(),
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_with_the_backup_everything_comes_back(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "workspace.sqlite"
    made = fill(path)
    assert backup_of(path).exists()
    DAMAGES[damage](path)
    damaged = path.read_bytes() if path.exists() else None
    workspace = Workspace(path)
    for experiment in made:
        assert alike(workspace.load(experiment.id), experiment)
        assert workspace.network(experiment.id).checksum == experiment.network.checksum
        assert workspace.acknowledged(experiment.id) == {"me": 60}
    assert [entry.id for entry in workspace.entries(binned=True)] == [made[0].id]
    repaired = workspace.repaired
    assert repaired is not None
    assert repaired.code == "repaired"
    assert str(repaired).startswith(f"The workspace {path} was damaged: ")
    assert "4 experiments with 240 steps" in str(repaired)
    if damaged is None:
        assert repaired.fields["aside"] is None
    else:
        aside = Path(repaired.fields["aside"])
        assert aside.read_bytes() == damaged
        assert str(aside) in str(repaired)
    # And it goes on being a workspace.
    again = workspace.load(made[1].id)
    again.apply(SetBias(1, 0, 7))
    workspace.commit(again)
    workspace.close()
    workspace = Workspace(path)
    assert workspace.repaired is None
    same(workspace.load(again.id), again)
    workspace.close()


@pytest.mark.parametrize("damage", [name for name in DAMAGES if name != "gone"])
def test_without_a_backup_what_can_be_read_comes_back(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "workspace.sqlite"
    made = {experiment.id: experiment for experiment in fill(path)}
    backup_of(path).unlink()
    DAMAGES[damage](path)
    workspace = Workspace(path)
    found = 0
    for entry in [*workspace.entries(), *workspace.entries(binned=True)]:
        experiment, whole = workspace.load(entry.id), made[entry.id]
        found += len(experiment.steps)
        for mine, theirs in zip(experiment.steps, whole.steps, strict=False):
            assert mine.edit == theirs.edit
        assert experiment.network.checksum == whole.network_at(experiment.cursor).checksum
    if damage == "empty":
        assert workspace.repaired is None, "nothing to tell it from a new file"
    else:
        assert workspace.repaired is not None
    if damage in ("first page garbage", "first letters lost"):
        assert found == 240, "the first page is the same in every workspace"
    if damage in ("cut within a page", "pages in the middle garbage"):
        assert found > 0
    workspace.create(Experiment(NETWORK))
    workspace.close()


@pytest.mark.parametrize("name", [b"revision", b"network", b"position"])
@pytest.mark.parametrize("instead", [b"\xff", b"q"])
def test_where_the_names_of_columns_are_damaged_all_is_found(
    tmp_path: Path, name: bytes, instead: bytes
) -> None:
    path = tmp_path / "workspace.sqlite"
    fill(path, experiments=2, steps=12)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096].replace(name, instead + name[1:]) + whole[4096:])
    workspace = Workspace(path)
    found = [*workspace.entries(), *workspace.entries(binned=True)]
    assert [len(workspace.load(entry.id).steps) for entry in found] == [12, 12]
    workspace.close()


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_bytes_changed_anywhere_never_give_what_was_not_saved(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("damage")
    path = folder / "workspace.sqlite"
    template = tmp_path_factory.getbasetemp() / "template.sqlite"
    if not template.exists():
        fill(template, experiments=2, steps=12)
    shutil.copyfile(template, path)
    whole = Workspace(template)
    size = path.stat().st_size
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, size - 1))
        overwrite(path, at, data.draw(st.binary(min_size=1, max_size=300)))
    workspace = Workspace(path)
    try:
        for entry in [*workspace.entries(), *workspace.entries(binned=True)]:
            try:
                found = workspace.load(entry.id)
            except NoSuchExperiment:
                continue
            theirs = whole.load(entry.id)
            for cursor in (0, found.cursor):
                assert found.network_at(cursor).checksum == theirs.network_at(cursor).checksum
            assert [step.edit for step in found.steps] == [
                step.edit for step in theirs.steps[: len(found.steps)]
            ]
        workspace.create(Experiment(NETWORK))
    except WorkspaceError as error:
        # The version, or the name of the format, may be what was changed.
        assert error.code in ("newer", "unreadable", "read-only"), error
    finally:
        workspace.close()
        whole.close()
        shutil.rmtree(folder)


def test_damage_that_sqlite_does_not_notice_shows_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "workspace.sqlite"
    made = fill(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute(
            "UPDATE steps SET edit = edit || ' ' WHERE experiment = ? AND position = 30",
            (made[1].id,),
        )
    workspace = Workspace(path)
    assert workspace.repaired is None
    assert alike(workspace.load(made[1].id), made[1])
    assert workspace.repaired is not None
    assert "expected 60 steps, found 30 whole ones" in str(workspace.repaired)
    for experiment in made:
        assert alike(workspace.load(experiment.id), experiment)
    workspace.close()


def test_a_lost_save_point_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "workspace.sqlite"
    made = fill(path)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("DELETE FROM save_points WHERE experiment = ?", (made[1].id,))
    workspace = Workspace(path)
    assert alike(workspace.load(made[1].id), made[1])
    assert "expected 1 save points, found 0 whole ones" in str(workspace.repaired)
    workspace.close()


def test_what_was_done_after_the_backup_is_kept_too(tmp_path: Path) -> None:
    """The backup fills the gaps, and the file has the newer steps."""
    path = tmp_path / "workspace.sqlite"
    made = fill(path)
    backup = backup_of(path).read_bytes()
    workspace = Workspace(path)
    experiment = workspace.load(made[2].id)
    for value in range(5):
        experiment.apply(SetBias(1, 0, value))
        workspace.commit(experiment, client="me", seq=100 + value)
    workspace.close()
    backup_of(path).write_bytes(backup)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute(
            "UPDATE steps SET edit = 'x' WHERE experiment = ? AND position = 3", (experiment.id,)
        )
    workspace = Workspace(path)
    assert alike(workspace.load(experiment.id), experiment)
    assert workspace.acknowledged(experiment.id) == {"me": 104}
    assert "are lost" not in str(workspace.repaired)
    workspace.close()


def test_lost_steps_are_told_and_who_holds_more_is_stale(tmp_path: Path) -> None:
    path = tmp_path / "workspace.sqlite"
    made = fill(path)
    backup_of(path).unlink()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute(
            "UPDATE steps SET edit = 'x' WHERE experiment = ? AND position = 40", (made[2].id,)
        )
    workspace = Workspace(path)
    workspace._backup = None
    backup_of(path).unlink(missing_ok=True)
    found = workspace.load(made[2].id)
    assert len(found.steps) == 40
    assert found.network.checksum == made[2].network_at(40).checksum
    assert "The last steps of 'session 2' are lost." in str(workspace.repaired)
    made[2].apply(SetBias(1, 0, 1))
    with pytest.raises(WorkspaceError) as told:
        workspace.commit(made[2])
    assert told.value.code == "stale"
    workspace.close()


def test_a_log_left_by_a_kill_is_kept_with_the_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "workspace.sqlite"
    made = fill(path)
    workspace = Workspace(path)
    experiment = workspace.load(made[1].id)
    experiment.apply(SetBias(1, 0, 1))
    workspace.commit(experiment)
    for each in (path, log_of(path)):
        shutil.copyfile(each, tmp_path / each.name.replace("workspace", "killed"))
    workspace.close()
    killed = tmp_path / "killed.sqlite"
    assert log_of(killed).stat().st_size
    overwrite(killed, 0, GARBAGE)
    workspace = Workspace(killed)
    assert alike(workspace.load(experiment.id), experiment)
    assert workspace.repaired is not None
    assert log_of(Path(workspace.repaired.fields["aside"])).stat().st_size
    workspace.close()


def test_a_damaged_backup_does_not_take_the_place_of_a_whole_one(tmp_path: Path) -> None:
    path = tmp_path / "workspace.sqlite"
    fill(path)
    before = backup_of(path).read_bytes()
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("UPDATE steps SET edit = 'x' WHERE position = 3")
    Workspace(path).close()
    assert backup_of(path).read_bytes() == before


def test_a_repair_without_room_leaves_all_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "workspace.sqlite"
    made = fill(path)
    overwrite(path, 0, GARBAGE)
    before = path.read_bytes()

    def full(*arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("toolkit.experiments.repair._fill", full)
        workspace = Workspace(path)
        with pytest.raises(WorkspaceError) as told:
            workspace.entries()
    assert told.value.code == "disk-full"
    assert path.read_bytes() == before
    assert not list(tmp_path.glob("*.new*"))
    # When there is room again, so is everything.
    assert alike(workspace.load(made[1].id), made[1])
    workspace.close()
