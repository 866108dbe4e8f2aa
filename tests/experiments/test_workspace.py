"""Experiments kept in a file: what is stored, and what happens when it cannot be."""

from __future__ import annotations

import contextlib
import os
import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.experiments.strategies import BROKEN, NETWORK, ODD_NAMES, an_edit, same
from toolkit.edits import SetBias, SetWeights
from toolkit.experiments import (
    Experiment,
    NoSuchExperiment,
    StaleExperiment,
    Workspace,
    WorkspaceError,
    default_location,
    rows,
)
from toolkit.network import Network


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path / "workspace.sqlite")
    yield made
    made.close()


def again(workspace: Workspace) -> Workspace:
    return Workspace(workspace.location)


def session(
    workspace: Workspace, count: int, seed: int = 0, start: Network = NETWORK
) -> Experiment:
    """Create an experiment and commit so many edits."""
    rng, experiment = random.Random(seed), Experiment(start, name=f"session {seed}", origin="file")
    workspace.create(experiment)
    for seq in range(1, count + 1):
        experiment.apply(an_edit(rng, experiment.network), "me")
        workspace.commit(experiment, client="me", seq=seq, accuracy=0.5)
    return experiment


@pytest.mark.parametrize("start", [NETWORK, BROKEN, Network.random((64, 8, 10), seed=3)], ids=repr)
def test_what_is_committed_is_there_for_another_handle(
    workspace: Workspace, start: Network
) -> None:
    experiment = session(workspace, 30, start=start)
    experiment.add_save_point("x")
    experiment.jump(12)
    experiment.digits = "drawn"
    workspace.commit(experiment)
    other = again(workspace)
    for each in (workspace, other):
        same(each.load(experiment.id), experiment)
        assert each.network(experiment.id).checksum == experiment.network.checksum
        assert each.acknowledged(experiment.id) == {"me": 30}
    other.close()


def test_redo_of_what_was_undone_before_it_was_loaded(workspace: Workspace) -> None:
    experiment = session(workspace, 10)
    last = experiment.network.checksum
    experiment.jump(0)
    workspace.commit(experiment)
    loaded = workspace.load(experiment.id)
    assert loaded.jump(10).checksum == last
    for _ in range(10):
        loaded.undo()
    assert loaded.network.checksum == NETWORK.checksum


def test_a_new_edit_after_undo_takes_the_place_of_what_was_stored(workspace: Workspace) -> None:
    experiment = session(workspace, 410)
    for cursor in (405, 400, 399, 200, 0):
        experiment.jump(cursor)
        experiment.apply(SetBias(1, 0, cursor))
        workspace.commit(experiment)
        same(workspace.load(experiment.id), experiment)


def test_only_what_changed_is_written(workspace: Workspace) -> None:
    experiment = session(workspace, 5)
    counted: list[str] = []
    workspace._opened()._driver.set_trace_callback(counted.append)
    experiment.apply(SetBias(1, 0, 1))
    workspace.commit(experiment, client="me", seq=6)
    verbs = [text.split()[0] for text in counted]
    assert verbs == ["BEGIN", "UPDATE", "INSERT", "UPDATE", "COMMIT"]


def test_an_accuracy_measured_later_is_kept(workspace: Workspace) -> None:
    experiment = session(workspace, 3)
    experiment.steps[-1].accuracy_before, experiment.steps[-1].accuracy_after = 0.25, 0.5
    workspace.commit(experiment, accuracy=0.5)
    assert workspace.load(experiment.id).steps[-1].change == 0.25
    workspace.commit(experiment)
    assert workspace.entries()[0].accuracy == 0.5


def test_a_step_says_on_which_digits_it_was_measured_and_one_of_before_says_nothing(
    workspace: Workspace,
) -> None:
    experiment = session(workspace, 4)
    texts = [step.texts()[0] for step in experiment.steps]
    odd = 'a "b\\ ü", "kind'
    experiment.say(2, 'so "that", \\ and "on":"drawn"')
    experiment.measured(2, 0.25, 0.5, odd)
    experiment.measured(3, None, 0.75, "mnist")
    workspace.commit(experiment)
    for change in (lambda steps: None, lambda steps: [step.edit for step in steps]):
        steps = workspace.load(experiment.id).steps
        change(steps)
        assert [step.on for step in steps] == ["", odd, "mnist", ""]
        assert [step.accuracy_after for step in steps] == [None, 0.5, 0.75, None]
        assert steps[1].why == experiment.steps[1].why and steps[1].edit == experiment.steps[1].edit
        assert [steps[at].texts()[0] for at in (0, 3)] == [texts[0], texts[3]], "as it always was"


def test_letters_seen_only_go_up(workspace: Workspace) -> None:
    experiment = session(workspace, 3)
    workspace.acknowledge(experiment.id, "me", 9)
    workspace.acknowledge(experiment.id, "me", 2)
    workspace.acknowledge(experiment.id, "you", 1)
    workspace.commit(experiment, client="me", seq=4)
    assert workspace.acknowledged(experiment.id) == {"me": 9, "you": 1}
    with pytest.raises(NoSuchExperiment):
        workspace.acknowledge("0" * 32, "me", 1)


def test_the_list_is_newest_first_and_without_the_bin(workspace: Workspace) -> None:
    first, second, third = (session(workspace, count, seed=count) for count in (1, 2, 3))
    first.apply(SetBias(1, 0, 1))
    workspace.commit(first, accuracy=0.25)
    assert [entry.id for entry in workspace.entries()] == [first.id, third.id, second.id]
    entry = workspace.entries()[0]
    assert (entry.name, entry.sizes, entry.cursor, entry.steps) == ("session 1", (6, 4, 3), 2, 2)
    assert (entry.accuracy, entry.revision, entry.binned) == (0.25, first.revision, None)
    workspace.bin(first.id)
    assert [entry.id for entry in workspace.entries()] == [third.id, second.id]
    assert [entry.id for entry in workspace.entries(binned=True)] == [first.id]
    assert workspace.last().id == third.id  # type: ignore[union-attr]
    assert workspace.last([second.id, first.id]).id == second.id  # type: ignore[union-attr]
    assert workspace.last([]) is None
    assert workspace.entries(ids=["0" * 32] * 2000) == []
    assert [e.id for e in workspace.entries(ids=[third.id, *["0" * 32] * 2000])] == [third.id]
    workspace.unbin(first.id)
    workspace.unlist(third.id)
    assert [entry.id for entry in workspace.entries()] == [first.id, second.id]
    workspace.commit(third)
    assert len(workspace.entries()) == 3
    workspace.delete(third.id)
    assert [entry.id for entry in again(workspace).entries()] == [first.id, second.id]


def test_an_unlisted_draft_is_listed_by_its_first_commit(workspace: Workspace) -> None:
    experiment = Experiment(NETWORK)
    workspace.create(experiment, listed=False)
    assert workspace.entries() == []
    experiment.apply(SetBias(1, 0, 1))
    workspace.commit(experiment)
    assert len(workspace.entries()) == 1


def test_the_bin_is_emptied_after_thirty_days(workspace: Workspace) -> None:
    old, new, kept = (session(workspace, 2, seed) for seed in range(3))
    workspace.bin(old.id)
    workspace.bin(new.id)
    long_ago = time.time() - 31 * 86_400
    workspace.close()
    with contextlib.closing(sqlite3.connect(workspace.location, isolation_level=None)) as file:
        for column in ("binned", "changed"):
            file.execute(f"UPDATE experiments SET {column} = ? WHERE id = ?", (long_ago, old.id))
    other = again(workspace)
    assert [entry.id for entry in other.entries(binned=True)] == [new.id]
    assert [entry.id for entry in other.entries()] == [kept.id]
    with contextlib.closing(sqlite3.connect(workspace.location)) as file:
        left = file.execute("SELECT DISTINCT experiment FROM steps").fetchall()
    assert {id for (id,) in left} == {new.id, kept.id}
    assert other.purge(-1) == 1
    other.close()


@pytest.mark.parametrize("name", ODD_NAMES)
def test_odd_names_are_kept(workspace: Workspace, name: str) -> None:
    experiment = Experiment(NETWORK, name=name)
    experiment.add_save_point(name)
    workspace.create(experiment)
    same(workspace.load(experiment.id), experiment)
    assert workspace.entries()[0].name == experiment.name


@pytest.mark.parametrize(
    "name", ["a b?#%41&x=1.sqlite", "数字.sqlite", "quote'\".sqlite", "no suffix"]
)
def test_a_file_of_any_name(tmp_path: Path, name: str) -> None:
    workspace = Workspace(tmp_path / "new" / "folders" / name)
    id = session(workspace, 2).id
    workspace.close()
    assert (tmp_path / "new" / "folders" / name).is_file()
    assert again(workspace).load(id).cursor == 2


def test_where_it_is_if_nobody_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TOOLKIT_WORKSPACE", str(tmp_path / "mine.sqlite"))
    assert default_location() == tmp_path / "mine.sqlite"
    monkeypatch.delenv("TOOLKIT_WORKSPACE")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert default_location().name == "workspace.sqlite"


def test_an_unknown_id_is_told(workspace: Workspace) -> None:
    for id in ("0" * 32, "nonsense", "", "é", "' OR 1=1"):
        for call in (workspace.load, workspace.network, workspace.bin, workspace.delete):
            with pytest.raises(NoSuchExperiment, match="There is no experiment") as told:
                call(id)
            assert told.value.code == "no-such"
    with pytest.raises(NoSuchExperiment):
        workspace.commit(Experiment(NETWORK))
    assert isinstance(told.value, KeyError)


def test_of_two_who_change_the_same_the_second_is_told(workspace: Workspace) -> None:
    experiment = session(workspace, 3)
    other = again(workspace)
    theirs = other.load(experiment.id)
    theirs.apply(SetBias(1, 0, 1))
    other.commit(theirs)
    experiment.apply(SetBias(1, 0, 2))
    with pytest.raises(StaleExperiment, match="was changed by another program") as told:
        workspace.commit(experiment, client="me", seq=99)
    assert told.value.code == "stale"
    assert workspace.acknowledged(experiment.id) == {"me": 3}
    mine = workspace.load(experiment.id)
    mine.apply(SetBias(1, 0, 2))
    workspace.commit(mine, client="me", seq=99)
    same(other.load(experiment.id), mine)
    with pytest.raises(StaleExperiment):
        other.create(experiment)


def test_threads_share_a_workspace(workspace: Workspace) -> None:
    failures: list[BaseException] = []

    def work(seed: int) -> None:
        try:
            experiment = session(workspace, 20, seed)
            same(workspace.load(experiment.id), experiment)
            assert len(workspace.entries(ids=[experiment.id])) == 1
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert len(workspace.entries()) == 8


def limit_pages(workspace: Workspace, most: int | None) -> None:
    """Make SQLite believe that the disk is full."""
    cursor = workspace._opened()._driver.cursor()
    pages = cursor.execute("PRAGMA page_count").fetchone()[0]
    cursor.execute(f"PRAGMA max_page_count={pages + most if most is not None else 1 << 30}")


def test_a_full_disk_is_told_and_the_next_commit_works(workspace: Workspace) -> None:
    experiment = session(workspace, 3)
    limit_pages(workspace, 1)
    with pytest.raises(WorkspaceError) as told:
        for value in range(1000):
            fork = experiment.fork()
            fork.apply(SetBias(1, 0, value))
            fork.add_save_point(str(value))
            workspace.commit(fork, client="me", seq=10 + value)
            experiment = fork
    assert told.value.code == "disk-full"
    assert str(told.value).startswith("The change could not be saved: the disk that holds")
    assert told.value.fields == {"file": workspace.location}
    same(workspace.load(experiment.id), experiment)
    same(again(workspace).load(experiment.id), experiment)
    limit_pages(workspace, None)
    workspace.commit(fork, client="me", seq=999)
    same(workspace.load(experiment.id), fork)


def long_experiment() -> Experiment:
    """Return one whose steps come to 2.6 MiB, not all in force."""
    experiment = Experiment(Network.random((784, 6, 10), seed=4), origin="file", name="long")
    values = tuple(number / 7 for number in range(784))
    for number in range(85):
        experiment.apply(SetWeights(1, number % 6, tuple(range(784)), values))
    for number in range(150):
        experiment.apply(SetBias(1, number % 6, number / 7))
    experiment.add_save_point("here")
    experiment.jump(230)
    return experiment


def promptly(work: Callable[[], object]) -> None:
    """Do something in another thread, which must not have to wait for this one."""
    done: list[bool] = []
    thread = threading.Thread(target=lambda: done.append(work() is None), daemon=True)
    thread.start()
    thread.join(10)
    assert done == [True]


def test_who_writes_gets_in_between_the_pieces_of_a_long_experiment(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    stroke, long, seen = session(workspace, 1), long_experiment(), []

    def paint() -> None:
        stroke.apply(SetBias(1, 0, len(seen)))
        workspace.commit(stroke)

    def between() -> None:
        promptly(paint)
        other = again(workspace)
        found = other.load(long.id)
        assert found.network.checksum == long.start.checksum, "whole, with nothing in force yet"
        assert [entry.id for entry in other.entries()] == [stroke.id]
        other.close()
        seen.append(len(found.steps))

    monkeypatch.setattr(workspace, "_let_others_in", between)
    workspace.create(long, client="me", seq=3, accuracy=0.25)
    assert len(seen) >= 2
    assert seen == sorted({*seen}), "each time some steps more"
    assert seen[0] > 0
    assert seen[-1] < len(long.steps)
    same(workspace.load(long.id), long)
    same(again(workspace).load(long.id), long)
    assert workspace.acknowledged(long.id) == {"me": 3}
    assert {entry.id: entry.accuracy for entry in workspace.entries()}[long.id] == 0.25
    long.undo()
    workspace.commit(long)
    same(workspace.load(long.id), long)


def test_of_a_long_experiment_that_could_not_be_kept_nothing_is_left(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = long_experiment()
    session(workspace, 1)
    monkeypatch.setattr(workspace, "_let_others_in", lambda: limit_pages(workspace, 40))
    with pytest.raises(WorkspaceError) as told:
        workspace.create(long)
    assert told.value.code == "disk-full"
    limit_pages(workspace, None)
    with pytest.raises(NoSuchExperiment):
        workspace.load(long.id)
    monkeypatch.undo()
    workspace.create(long)
    same(workspace.load(long.id), long)


def test_of_a_long_experiment_that_somebody_deletes_meanwhile_nothing_is_left(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    long, gone = long_experiment(), threading.Event()

    def delete() -> None:
        if not gone.is_set():
            gone.set()
            workspace.delete(long.id)

    monkeypatch.setattr(workspace, "_let_others_in", delete)
    with pytest.raises(WorkspaceError):
        workspace.create(long)
    with pytest.raises(NoSuchExperiment):
        workspace.load(long.id)


def test_what_a_killed_program_kept_of_a_long_experiment_goes_with_the_bin(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, long = session(workspace, 2), long_experiment()
    long.created = long.changed = time.time() - 31 * 86_400

    def killed() -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(workspace, "_let_others_in", killed)
    monkeypatch.setattr(workspace, "delete", lambda id: None)
    with pytest.raises(KeyboardInterrupt):
        workspace.create(long)
    assert workspace.load(long.id).steps
    assert workspace.purge() == 1
    with pytest.raises(NoSuchExperiment):
        workspace.load(long.id)
    same(workspace.load(kept.id), kept)


def test_nobody_waits_while_an_experiment_is_made_of_what_was_read(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    stroke, other = session(workspace, 1), session(workspace, 5, seed=1)
    make, made = rows.experiment_of, []

    def paint() -> None:
        stroke.apply(SetBias(1, 0, 0.5))
        workspace.commit(stroke)

    def slow(*parts: Any) -> Experiment:
        promptly(paint)
        made.append(make(*parts))
        return made[-1]

    monkeypatch.setattr(rows, "experiment_of", slow)
    found = workspace.load(other.id)
    monkeypatch.undo()
    assert found is made[0]
    same(found, other)
    same(workspace.load(stroke.id), stroke)


needs_root = pytest.mark.skipif(
    not hasattr(os, "geteuid") or os.geteuid() != 0, reason="mounts a small disk, which needs root"
)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True
    )
    if mounted.returncode:
        pytest.skip("mounting is not allowed here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@needs_root
def test_a_disk_that_is_really_full(small_disk: Path) -> None:
    workspace = Workspace(small_disk / "workspace.sqlite")
    experiment = session(workspace, 3)
    ballast = small_disk / "ballast"
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    for value in range(200):
        fork = experiment.fork()
        fork.apply(SetBias(1, 0, value))
        fork.add_save_point(str(value))
        try:
            workspace.commit(fork)
        except WorkspaceError as error:
            assert error.code == "disk-full"
            break
        experiment = fork
    else:
        pytest.fail("the disk did not fill")
    same(workspace.load(experiment.id), experiment)
    # Another program can read what is there although nothing more fits.
    ballast.unlink()
    workspace.commit(fork)
    workspace.close()
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(4096))
    other = Workspace(small_disk / "workspace.sqlite")
    same(other.load(experiment.id), fork)
    fork.apply(SetBias(1, 0, 5))
    with pytest.raises(WorkspaceError) as told:
        other.commit(fork)
    assert told.value.code in ("disk-full", "read-only")
    ballast.unlink()
    other.commit(fork)
    same(other.load(experiment.id), fork)
    other.close()


@needs_root
def test_a_disk_that_is_mounted_for_reading(small_disk: Path) -> None:
    file = small_disk / "workspace.sqlite"
    workspace = Workspace(file)
    experiment = session(workspace, 3)
    workspace.close()
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    workspace = Workspace(file)
    same(workspace.load(experiment.id), experiment)
    assert len(workspace.entries()) == 1
    fork = experiment.fork()
    fork.apply(SetBias(1, 0, 5))
    with pytest.raises(WorkspaceError, match="may be read but not written") as told:
        workspace.commit(fork)
    assert told.value.code == "read-only"
    new = Workspace(small_disk / "other.sqlite")
    with pytest.raises(WorkspaceError) as told:
        new.entries()
    assert told.value.code == "read-only"
    subprocess.run(["mount", "-o", "remount,rw", str(small_disk)], check=True)
    workspace.commit(fork)
    same(workspace.load(experiment.id), fork)
    workspace.close()


@needs_root
@pytest.mark.parametrize("what", ["file", "folder"])
def test_a_file_or_folder_that_may_not_be_written(tmp_path: Path, what: str) -> None:
    """In a process of somebody who is not root, whom no permission stops."""
    code = f"""
import os, sys, tempfile
from pathlib import Path
from toolkit.experiments import Experiment, Workspace, WorkspaceError
from toolkit.edits import SetBias, SetWeights
from toolkit.network import Network
import toolkit.experiments.workspace, toolkit.formats.frameworks.npz
os.setgid(65534); os.setuid(65534)
folder = Path(tempfile.mkdtemp(dir="/tmp"))
file = folder / "workspace.sqlite"
workspace = Workspace(file)
experiment = Experiment(Network.blank((6, 4, 3)))
workspace.create(experiment)
workspace.close()
target = {what!r} == "file" and file or folder
target.chmod(0o444 if target is file else 0o555)
workspace = Workspace(file)
assert len(workspace.entries()) == 1
assert workspace.load(experiment.id).id == experiment.id
experiment.apply(SetBias(1, 0, 1))
try:
    workspace.commit(experiment)
except WorkspaceError as error:
    assert error.code == "read-only", error.code
    assert str(file) in str(error)
else:
    raise AssertionError("it was written")
target.chmod(0o755)
workspace.commit(experiment)
assert workspace.load(experiment.id).cursor == 1
workspace.close()
import shutil; shutil.rmtree(folder)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd="/")
    if "Permission denied: '/" in done.stderr or "No module named" in done.stderr:
        pytest.skip("the toolkit is where nobody else may read it")
    assert done.returncode == 0, done.stderr


def test_a_file_locked_by_another_program(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = session(workspace, 3)
    workspace._opened()._driver.execute("PRAGMA busy_timeout=50")
    holder = sqlite3.connect(workspace.location, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    fork = experiment.fork()
    fork.apply(SetBias(1, 0, 5))
    with pytest.raises(WorkspaceError, match="is locked by another program") as told:
        workspace.commit(fork)
    assert told.value.code == "locked"
    same(workspace.load(experiment.id), experiment)
    holder.execute("ROLLBACK")
    holder.close()
    workspace.commit(fork)
    same(workspace.load(experiment.id), fork)


def test_a_newer_toolkits_file_is_left_alone(workspace: Workspace) -> None:
    session(workspace, 3)
    workspace.close()
    path = Path(workspace.location)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("UPDATE meta SET value = '3' WHERE key = 'version'")
    before = path.read_bytes()
    other = again(workspace)
    with pytest.raises(WorkspaceError, match=r"is of version 3; expected 2\. A newer") as told:
        other.entries()
    assert told.value.code == "newer"
    assert path.read_bytes() == before


def test_an_older_toolkits_file_is_kept_and_becomes_one_of_this_version(
    workspace: Workspace,
) -> None:
    experiment = session(workspace, 3)
    workspace.close()
    path = Path(workspace.location)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as file:
        file.execute("UPDATE meta SET value = '1' WHERE key = 'version'")
    same(again(workspace).load(experiment.id), experiment)
    with contextlib.closing(sqlite3.connect(path)) as file:
        found = file.execute("SELECT value FROM meta WHERE key = 'version'").fetchone()
    assert found == ("2",)


def test_what_is_no_workspace_is_left_alone(tmp_path: Path) -> None:
    thesis = tmp_path / "thesis.docx"
    thesis.write_bytes(b"years of work" * 1000)
    with contextlib.closing(sqlite3.connect(tmp_path / "other.sqlite")) as file:
        file.execute("CREATE TABLE bookmarks (url)")
    for path, message in (
        (thesis, "expected a workspace's SQLite file"),
        (tmp_path / "other.sqlite", "it is the database of another program"),
        (tmp_path, "expected a file; it is a folder"),
        (thesis / "below.sqlite", "cannot be used"),
    ):
        before = path.read_bytes() if path.is_file() else b""
        with pytest.raises(WorkspaceError, match=message) as told:
            Workspace(path).entries()
        assert told.value.code == "unreadable"
        assert not path.is_file() or path.read_bytes() == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["other.sqlite", "thesis.docx"]


def test_a_file_that_goes_while_it_is_open(workspace: Workspace) -> None:
    experiment = session(workspace, 3)
    workspace.close()
    workspace.entries()
    path = Path(workspace.location)
    path.rename(path.with_name("elsewhere.sqlite"))
    same_steps = workspace.load(experiment.id)
    assert same_steps.network.checksum == experiment.network.checksum
    assert "the file is missing" in str(workspace.repaired)
    experiment.apply(SetBias(1, 0, 5))
    with pytest.raises(StaleExperiment):
        workspace.commit(experiment)


def test_two_processes_make_the_same_new_file(tmp_path: Path) -> None:
    code = (
        "import sys\n"
        "from toolkit.experiments import Experiment, Workspace\n"
        "from toolkit.network import Network\n"
        "workspace = Workspace(sys.argv[1])\n"
        "sys.stdin.read()\n"
        "for number in range(20):\n"
        "    workspace.create(Experiment(Network.blank((6, 4, 3))))\n"
        "print(workspace.repaired)\n"
    )
    file = tmp_path / "workspace.sqlite"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", code, str(file)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )
        for _ in range(3)
    ]  # fmt: skip
    assert [each.communicate("go", timeout=60)[0] for each in running] == ["None\n"] * 3
    workspace = Workspace(file)
    assert len(workspace.entries()) == 60
    workspace.close()


def test_another_database_by_its_url(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = f"sqlite:///{tmp_path / 'by-url.db'}"
    monkeypatch.setenv("TOOLKIT_WORKSPACE", url)
    workspace = Workspace()
    experiment = session(workspace, 5)
    workspace.close()
    assert workspace.location == url
    same(again(workspace).load(experiment.id), experiment)
    for wrong in ("no-such-dialect://somewhere", "nosuch://me:secret@somewhere/x", "://"):
        with pytest.raises(WorkspaceError, match="cannot be used") as told:
            Workspace(wrong).entries()
        assert "secret" not in str(told.value)


def test_what_a_killed_program_left_is_tidied(workspace: Workspace) -> None:
    leftovers = [Path(f"{workspace.location}{end}") for end in (".backup.7.part", "-wal.7.held")]
    for path in leftovers:
        path.touch()
        os.utime(path, (0, 0))
    session(workspace, 1)
    workspace.close()
    assert not any(path.exists() for path in leftovers)


def test_a_commit_waits_for_the_disk(workspace: Workspace) -> None:
    driver = workspace._opened()._driver
    assert driver.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
    assert driver.execute("PRAGMA synchronous").fetchone()[0] == 2
    assert driver.execute("PRAGMA foreign_keys").fetchone()[0] == 1
