"""What a server holds in memory for its pages, measured from outside: bounded, and given back."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import pytest

from tests.benchmarks.crowd import resident
from tests.browser.server import Server
from tests.dashboard.talk import Talk
from toolkit.experiments import Experiment, Workspace
from toolkit.network import Network

MOST = 340
"""MiB above rest: 256 of what is known of networks on digits, and the networks themselves."""
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="memory is read from /proc")


def experiments(place: Path, *sizes: int, count: int) -> list[str]:
    """Put experiments, each on a network of its own, into a new workspace; return their ids."""
    workspace = Workspace(place)
    made = [Experiment(Network.random(sizes, seed=seed)) for seed in range(1, count + 1)]
    for each in made:
        workspace.create(each)
    workspace.close()
    return [each.id for each in made]


def above(server: Server, rest: int = 0) -> int:
    """Return how many MiB a server takes more than at rest."""
    assert server.process is not None
    return (resident(server.process.pid) >> 20) - rest


def at_most(server: Server, rest: int) -> int:
    """Return how many MiB it took more than at rest at its most, since :func:`forget_most`."""
    assert server.process is not None
    lines = Path(f"/proc/{server.process.pid}/status").read_text().splitlines()
    most = next(line for line in lines if line.startswith("VmHWM"))
    return (int(most.split()[1]) >> 10) - rest


def forget_most(server: Server) -> None:
    assert server.process is not None
    Path(f"/proc/{server.process.pid}/clear_refs").write_text("5")


def wait_until_below(most: int, server: Server, rest: int) -> None:
    deadline = time.monotonic() + 60
    while (now := above(server, rest)) >= most:
        assert time.monotonic() < deadline, f"{now} MiB, and not below {most}"
        time.sleep(0.1)


def test_wide_networks_each_its_page_s_own_share_one_bound(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Five take 400 MiB when looked at and 620 painted on where nothing is let go, and so on."""
    monkeypatch.setenv("TOOLKIT_SCORED_MIB", "256")
    ids = experiments(tmp_path / "w.sqlite", 784, 512, 512, 10, count=5)
    server, talks = Server(tmp_path / "w.sqlite"), []
    try:
        talks.append(Talk(server.start().address))
        talks[0].visit()
        rest = above(server)
        for id in ids:
            talks.append(Talk(server.address))
            talks[-1].visit(id, network="")
        wait_until_below(MOST, server, rest)
        for talk in talks[1:]:
            assert talk.stroke()["history"]["cursor"] == 1
        assert above(server, rest) > 100, "they are at work"
        wait_until_below(MOST, server, rest)
        for talk in talks[1:]:
            talk.close()
        wait_until_below(120, server, rest)
    finally:
        for talk in talks:
            talk.close()
        server.close()


def test_an_idle_page_s_memory_is_given_back_and_its_next_stroke_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOOLKIT_IDLE_SECONDS", "2")
    (id,) = experiments(tmp_path / "w.sqlite", 784, 768, 10, count=1)
    server, talks = Server(tmp_path / "w.sqlite"), []
    try:
        talks.append(Talk(server.start().address))
        talks[0].visit()
        rest = above(server)
        forget_most(server)
        talks.append(Talk(server.address))
        talks[1].visit(id, network="")
        before = talks[1].stroke()
        # At its most: where the machine is busy it may have come to rest already.
        assert at_most(server, rest) > 80
        wait_until_below(75, server, rest)
        after = talks[1].stroke(cell=1)
        assert after["history"] == {"cursor": 2, "count": 2}
        score, gained = after["score"], after["score"]["last"]
        assert gained == score["accuracy"] - before["score"]["accuracy"]
    finally:
        for talk in talks:
            talk.close()
        server.close()
