"""Processes killed while they work: what was acknowledged is there, and at most one edit more.

``python -m tests.experiments.torture 1000`` kills so many.  Each is forked from this process,
which has all modules loaded; it goes on with a session that its seed determines, and says the
number of each action once its commit has returned.  After the kill the workspace is opened here
and compared with the same session done in memory.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
import tempfile
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path

from tests.experiments.strategies import alike, an_edit
from toolkit.experiments import Experiment, NoSuchExperiment, Workspace
from toolkit.network import Network

START = Network.random((20, 8, 5), seed=1)
KILLS_A_FILE = 12
MOST_ACTIONS = 60
CLIENT = "me"


@dataclass
class Outcome:
    """What the rounds came to."""

    rounds: int = 0
    acknowledged: int = 0
    in_flight: int = 0
    before_the_first: int = 0
    problems: list[str] = field(default_factory=list)


def fresh(seed: int) -> Experiment:
    """Return the experiment that a session begins with."""
    return Experiment(START, id=f"{seed:032x}", name="torture", origin="file", digits="drawn")


def act(experiment: Experiment, seed: int, number: int) -> None:
    """Do one action of a session; the same seed and number do the same."""
    rng = random.Random(f"{seed}/{number}")
    match rng.randrange(12):
        case 0:
            experiment.undo()
        case 1:
            experiment.redo()
        case 2:
            experiment.jump(rng.randint(0, len(experiment.steps)))
        case 3:
            experiment.rename(f"name {rng.randrange(5)}")
        case 4:
            experiment.add_save_point(f"point {number}")
        case 5 if experiment.save_points:
            experiment.restore(rng.choice(experiment.save_points).name, CLIENT)
        case 6:
            experiment.digits = rng.choice(("drawn", "mnist"))
        case _:
            experiment.apply(an_edit(rng, experiment.network), CLIENT)


def work(file: Path, seed: int, first: int, say: int) -> None:
    """Go on with a session from action `first` until killed; in a process of its own."""
    workspace = Workspace(file)
    if first == 0:
        experiment = fresh(seed)
        workspace.create(experiment, client=CLIENT, seq=0)
        os.write(say, b"0\n")
        first = 1
    else:
        experiment = workspace.load(f"{seed:032x}")
    for number in range(first, first + 10_000):
        fork = experiment.fork()
        act(fork, seed, number)
        workspace.commit(fork, client=CLIENT, seq=number, accuracy=0.5)
        os.write(say, b"%d\n" % number)
        experiment = fork


def killed(file: Path, seed: int, first: int, rng: random.Random) -> int:
    """Let a child work and kill it at some moment; return the last number that it said, or -1."""
    hear, say = os.pipe()
    child = os.fork()
    if not child:
        # Whatever happens, the child must not go on as a second one of us.
        try:
            os.close(hear)
            work(file, seed, first, say)
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(1)
    os.close(say)
    wanted = rng.choice((0, 0, rng.randint(1, MOST_ACTIONS)))
    heard = b""
    while heard.count(b"\n") < wanted:
        part = os.read(hear, 4096)
        if not part:
            break
        heard += part
    time.sleep(rng.uniform(0, 0.003 if wanted else 0.02))
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    while part := os.read(hear, 4096):
        heard += part
    os.close(hear)
    if not os.WIFSIGNALED(status):
        raise AssertionError("the child ended by itself")
    lines = heard.split(b"\n")[:-1]
    return int(lines[-1]) if lines else -1


def torture(rounds: int, seed: int = 0, folder: str | None = None) -> Outcome:
    """Kill so many processes, and compare what they leave."""
    outcome, rng = Outcome(), random.Random(seed)
    while outcome.rounds < rounds and not outcome.problems:
        with tempfile.TemporaryDirectory(prefix="torture-", dir=folder) as here:
            session = rng.randrange(1 << 40)
            model, done = fresh(session), -1
            for _ in range(min(KILLS_A_FILE, rounds - outcome.rounds)):
                outcome.rounds += 1
                try:
                    model, done = _one(Path(here) / "w.sqlite", session, model, done, rng, outcome)
                except Exception:
                    outcome.problems.append(
                        f"round {outcome.rounds}, session {session}:\n{traceback.format_exc()}"
                    )
                    break
    return outcome


def _one(
    file: Path, seed: int, model: Experiment, done: int, rng: random.Random, outcome: Outcome
) -> tuple[Experiment, int]:
    """Kill once and compare; return the session in memory and the last action that was kept."""
    said = max(killed(file, seed, done + 1, rng), done)
    workspace = Workspace(file)
    try:
        try:
            stored = workspace.load(model.id)
            kept = workspace.acknowledged(model.id)[CLIENT]
        except NoSuchExperiment:
            assert said == -1, f"{said} was acknowledged, and there is nothing"
            outcome.before_the_first += 1
            return model, -1
        assert said <= kept <= said + 1, f"{said} was acknowledged, {kept} is there"
        for number in range(max(done + 1, 1), kept + 1):
            act(model, seed, number)
        assert alike(stored, model)
        assert stored.revision == model.revision
        assert workspace.network(model.id).checksum == model.network.checksum
        entry = workspace.entries()[0]
        assert (entry.cursor, entry.steps) == (model.cursor, len(model.steps))
        assert workspace.repaired is None, str(workspace.repaired)
    finally:
        workspace.close()
    outcome.acknowledged += said - done
    outcome.in_flight += kept > said
    return model, kept


def main() -> int:
    """Run from a shell."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rounds", type=int, nargs="?", default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", help="on the disk to be tried")
    arguments = parser.parse_args()
    began = time.perf_counter()
    outcome = torture(arguments.rounds, arguments.seed, arguments.folder)
    print(
        f"{outcome.rounds:,} kills in {time.perf_counter() - began:.0f} s: "
        f"{outcome.acknowledged:,} acknowledged actions, {outcome.in_flight:,} kills with one more "
        f"kept, {outcome.before_the_first:,} before the first; {len(outcome.problems)} problems"
    )
    for problem in outcome.problems:
        print(problem)
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
