"""Any order of edits, undo, tabs, kills and full disks: always equal to a simple model.

``TOOLKIT_MACHINE_RUNS`` says how many sequences of 50 steps are tried.
"""

from __future__ import annotations

import os
import random
import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.experiments.strategies import BROKEN, NETWORK, an_edit, same
from toolkit.edits import EditError
from toolkit.experiments import Experiment, StaleExperiment, Workspace, WorkspaceError
from toolkit.network import Network

RUNS = int(os.environ.get("TOOLKIT_MACHINE_RUNS", "8"))
NAMES = ["a", "b", "ünï ✏️"]


def told_apart(network: Network) -> tuple[str, str]:
    """What makes two networks the same here: the weights' checksum, and the neurons' names."""
    return network.checksum, repr(sorted(network.names.items()))


class Machine(RuleBasedStateMachine):
    """Two handles on one file; what is there against a list of networks."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp(prefix="machine-"))
        self.file = self.folder / "workspace.sqlite"
        self.here, self.there = Workspace(self.file), Workspace(self.file)
        self.seq = 0
        self.full = False
        self.binned = False

    @initialize(start=st.sampled_from([NETWORK, BROKEN]), name=st.sampled_from(NAMES))
    def create(self, start: Network, name: str) -> None:
        self.mine = Experiment(start, name=name, origin="file")
        self.here.create(self.mine)
        # The other tab's own copy, which becomes old with each edit made here.
        self.theirs = self.there.load(self.mine.id)
        self.networks = [told_apart(start)]
        self.cursor, self.name, self.digits = 0, name, ""
        self.points: dict[str, tuple[str, str]] = {}

    def keep(self, change: Any) -> bool:
        """Try a change on a fork and keep it; tell whether it was kept."""
        fork = self.mine.fork()
        change(fork)
        try:
            self.here.commit(fork, client="me", seq=self.seq + 1)
        except WorkspaceError as error:
            assert self.full, error
            assert error.code == "disk-full", error
            return False
        self.mine = fork
        self.seq += 1
        return True

    @rule(seed=st.integers(0, 1 << 30))
    def edit(self, seed: int) -> None:
        edit = an_edit(random.Random(seed), NETWORK)
        after = told_apart(edit.apply(self.mine.network))
        if self.keep(lambda fork: fork.apply(edit, "me")):
            self.took(after)

    def took(self, after: tuple[str, str]) -> None:
        self.networks[self.cursor + 1 :] = [after]
        self.cursor += 1

    @rule(seeds=st.lists(st.integers(0, 1 << 30), min_size=2, max_size=5))
    def several_edits_in_one_commit(self, seeds: list[int]) -> None:
        edits = [an_edit(random.Random(seed), NETWORK) for seed in seeds]
        trial = self.mine.fork()
        afterwards = [told_apart(trial.apply(edit)) for edit in edits]
        if self.keep(lambda fork: [fork.apply(edit) for edit in edits]):
            for after in afterwards:
                self.took(after)

    @rule()
    def undo(self) -> None:
        if self.keep(lambda fork: fork.undo()):
            self.cursor = max(0, self.cursor - 1)

    @rule()
    def redo(self) -> None:
        if self.keep(lambda fork: fork.redo()):
            self.cursor = min(len(self.networks) - 1, self.cursor + 1)

    @rule(data=st.data())
    def jump(self, data: st.DataObject) -> None:
        cursor = data.draw(st.integers(0, len(self.networks) - 1))
        if self.keep(lambda fork: fork.jump(cursor)):
            self.cursor = cursor

    @rule(name=st.sampled_from(NAMES))
    def rename(self, name: str) -> None:
        if self.keep(lambda fork: fork.rename(name)):
            self.name = name

    @rule(name=st.sampled_from(NAMES))
    def save_point(self, name: str) -> None:
        if name in self.points:
            with pytest.raises(EditError):
                self.mine.fork().add_save_point(name)
        elif self.keep(lambda fork: fork.add_save_point(name)):
            self.points[name] = self.networks[self.cursor]

    @rule(name=st.sampled_from(NAMES))
    def restore(self, name: str) -> None:
        if name not in self.points:
            with pytest.raises(EditError):
                self.mine.fork().restore(name)
        elif self.keep(lambda fork: fork.restore(name)) and (
            self.points[name] != self.networks[self.cursor]
        ):
            (there,) = (each.cursor for each in self.mine.save_points if each.name == name)
            # Steps that were undone lead there?
            if there > self.cursor and self.networks[there : there + 1] == [self.points[name]]:
                self.cursor = there
            else:
                self.took(self.points[name])

    @rule(source=st.sampled_from(["drawn", "mnist"]))
    def digits_of(self, source: str) -> None:
        if self.keep(lambda fork: setattr(fork, "digits", source)):
            self.digits = source

    @rule(kill=st.booleans())
    def reopen(self, kill: bool) -> None:
        if kill:
            # The file as it is at this moment, a log beside it, without anybody's good-bye.
            self.here.close() if self.full else None
            copy = self.folder / "killed"
            copy.mkdir()
            for each in self.folder.glob("workspace.sqlite*"):
                if each.suffix in (".sqlite", ".sqlite-wal"):
                    shutil.copyfile(each, copy / each.name)
            self.here.close()
            self.there.close()
            for each in self.folder.glob("workspace.sqlite*"):
                each.unlink()
            for each in copy.iterdir():
                each.rename(self.folder / each.name)
            copy.rmdir()
            self.there = Workspace(self.file)
        else:
            self.here.close()
        self.full = False
        self.here = Workspace(self.file)
        assert self.here.repaired is None
        self.mine = self.here.load(self.mine.id)

    @rule(seed=st.integers(0, 1 << 30), same_handle=st.booleans())
    def another_tab(self, seed: int, same_handle: bool) -> None:
        """What it has is old unless nothing was done here; it loads again and repeats."""
        if self.full:
            return
        handle = self.here if same_handle else self.there
        edit = an_edit(random.Random(seed), NETWORK)
        fork = self.theirs.fork()
        if fork.kept is not None and fork.kept.revision != self.mine.revision:
            fork.rename("never to be seen")
            with pytest.raises(StaleExperiment):
                handle.commit(fork, client="you", seq=self.seq)
            fork = handle.load(self.mine.id)
        after = told_apart(fork.apply(edit, "you"))
        handle.commit(fork)
        self.theirs = fork
        with pytest.raises(StaleExperiment):
            stale = self.mine.fork()
            stale.apply(edit)
            self.here.commit(stale)
        self.mine = self.here.load(self.mine.id)
        self.took(after)

    @precondition(lambda self: not self.full)
    @rule(room=st.integers(0, 2))
    def the_disk_fills(self, room: int) -> None:
        cursor = self.here._opened()._driver.cursor()
        pages = cursor.execute("PRAGMA page_count").fetchone()[0]
        cursor.execute(f"PRAGMA max_page_count={pages + room}")
        self.full = True

    @precondition(lambda self: self.full)
    @rule()
    def there_is_room_again(self) -> None:
        self.here._opened()._driver.execute(f"PRAGMA max_page_count={1 << 30}")
        self.full = False

    @precondition(lambda self: not self.full)
    @rule(into=st.booleans())
    def bin_or_unbin(self, into: bool) -> None:
        (self.here.bin if into else self.here.unbin)(self.mine.id)
        self.binned = into

    @invariant()
    def it_is_as_the_model_says(self) -> None:
        if not hasattr(self, "mine"):
            return
        mine = self.mine
        assert (mine.name, mine.cursor, mine.digits) == (self.name, self.cursor, self.digits)
        assert len(mine.steps) == len(self.networks) - 1
        assert told_apart(mine.network) == self.networks[self.cursor]
        assert {point.name: told_apart(point.network) for point in mine.save_points} == self.points
        for handle in (self.here, self.there):
            same(handle.load(mine.id), mine)
            assert told_apart(handle.network(mine.id)) == self.networks[self.cursor]
            (entry,) = handle.entries(binned=self.binned)
            assert (entry.cursor, entry.steps) == (self.cursor, len(self.networks) - 1)
            assert handle.entries(binned=not self.binned) == []
        assert self.here.acknowledged(mine.id).get("me", 0) == self.seq

    def teardown(self) -> None:
        self.here.close()
        self.there.close()
        shutil.rmtree(self.folder)


TestMachine = Machine.TestCase
TestMachine.settings = settings(
    max_examples=RUNS,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
