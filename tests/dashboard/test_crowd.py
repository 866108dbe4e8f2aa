"""A class at work, for a few seconds: ``make crowd`` lets it work for minutes, and times it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.benchmarks.crowd import Report, crowd, resident
from tests.browser.server import Server
from tests.dashboard.talk import Talk, complete, fetch
from toolkit.formats.frameworks.npz import dumps
from toolkit.network import Network

PEOPLE = 30
_MOST_BYTES_A_PERSON = 8 << 20


def test_thirty_get_in_at_once_each_on_its_own_and_the_next_thirty_take_no_more_memory(
    tmp_path: Path,
) -> None:
    server = Server(tmp_path / "workspace.sqlite", "mnist-sigmoid", session_seconds=1).start()
    assert server.process is not None
    try:
        sizes, first = [], 0
        # The first person has everything loaded that the others use.
        for people in (1, PEOPLE, PEOPLE, PEOPLE):
            report = Report(people)
            work = crowd(server.address, report, seconds=2, pause=(0.3, 0.9), first=first)
            complete(work)
            assert report.failures == []
            assert len(report.latencies) >= people // 2
            assert len(report.runs) >= people
            sizes.append(resident(server.process.pid))
            first += people
        if sizes[0]:
            most = PEOPLE * _MOST_BYTES_A_PERSON
            assert sizes[1] - sizes[0] < most, sizes
            assert sizes[3] - sizes[2] < most / 4, sizes
        assert "Traceback" not in server.said()
    finally:
        server.close()


def test_a_wide_network_costs_each_who_paints_on_it_only_what_is_its_own(tmp_path: Path) -> None:
    """Each took 147 MiB, whether it had painted or not; what is in use for a moment counts too."""
    server = Server(tmp_path / "workspace.sqlite", "mnist-sigmoid").start()
    assert server.process is not None
    file = dumps(Network.random((784, 512, 512, 10), seed=3))

    def somebody() -> Talk:
        talk = Talk(server.address)
        where = f"{server.address}/weight-maps/upload?kind=network&name=w.npz&client={talk.client}"
        status, _, body = fetch(where, file, X_Weight_Maps="1")
        assert status == 200, body
        talk.visit(json.loads(body)["experiment"], network="")
        return talk

    talks = []
    try:
        talks = [somebody()]
        talks[0].stroke()
        rest = resident(server.process.pid)
        talks += [somebody() for _ in range(4)]
        looking = resident(server.process.pid) - rest
        for number, talk in enumerate(talks):
            talk.stroke(number, 5.0)
        painting = resident(server.process.pid) - rest
        if rest:
            assert looking < 4 * 30 << 20, looking
            assert painting < 4 * 90 << 20, painting
    finally:
        for talk in talks:
            talk.close()
        server.close()
