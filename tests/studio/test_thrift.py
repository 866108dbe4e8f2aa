"""What is let go so that many can work at once, and comes back as if it had not been."""

from __future__ import annotations

import io
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.studio.conftest import DIGITS, FewDigits, Page
from toolkit.experiments import Experiment, Workspace
from toolkit.fits import bytes_a_digit, fits
from toolkit.formats import save
from toolkit.formats.frameworks.npz import dumps
from toolkit.network import Network
from toolkit.scoring import Score, Scorer
from toolkit.studio import memory
from toolkit.studio import visit as visit_module
from toolkit.studio.desk import Desk
from toolkit.studio.studio import Studio

STROKE = {"kind": "stroke", "layer": 1, "keep": 0, "put": 2.0, "tool": "brush"}


def test_who_opens_the_same_network_shares_what_is_known_of_it(studio: Studio) -> None:
    one, two = Page(studio, "one"), Page(studio, "two")
    one.open(network="random")
    two.open(network="random")
    alone = studio.library.origin_bytes()
    assert [page.visit.desk.bytes for page in (one, two)] == [0, 0]  # type: ignore[union-attr]
    two.edit(**STROKE, neuron=3, cells=[5])
    assert one.visit.desk.bytes == 0  # type: ignore[union-attr]
    assert 0 < two.visit.desk.bytes < alone / 2  # type: ignore[union-attr]
    assert one.network() != two.network()
    for page in (one, two):
        fresh = Scorer(page.visit.desk.laid.digits).update(page.network())  # type: ignore[union-attr]
        assert page.state["score"]["correct"] == fresh.correct


def test_with_more_than_fits_the_ones_used_longest_ago_are_scored_anew(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace.sqlite")
    studio = Studio(workspace, FewDigits(), started_with="random", most_bytes=0)
    pages = [Page(studio, str(number)) for number in range(4)]
    for number, page in enumerate(pages):
        page.open(network="random")
        page.edit(**STROKE, neuron=number, cells=[number])
    studio.tidy()
    held = [page.visit.desk.bytes for page in pages]  # type: ignore[union-attr]
    assert held[:3] == [0, 0, 0]
    assert held[3] > 0, "who painted last does not wait"
    for number, page in enumerate(pages):
        page.edit(**STROKE, neuron=number, cells=[number, 400])
        fresh = Scorer(page.visit.desk.laid.digits).update(page.network())  # type: ignore[union-attr]
        assert page.state["score"]["correct"] == fresh.correct
        assert page.network().layer(1).weights[number, 400] == 2
    workspace.close()


def test_who_only_looks_at_a_network_of_one_s_own_is_let_go_too(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "w.sqlite")
    studio = Studio(workspace, FewDigits(), started_with="random", most_bytes=1)
    pages = [Page(studio, str(number)) for number in range(4)]
    for number, page in enumerate(pages):
        experiment = Experiment(Network.random(seed=number + 1))
        workspace.create(experiment)
        page.open(experiment.id)
    desks = [page.visit.desk for page in pages]
    before = studio.library.origin_bytes()
    assert [desk.bytes for desk in desks if desk] == [0] * 4, "all of it is shared"
    studio.tidy()
    assert [desk.is_at_work for desk in desks if desk] == [False, False, False, True]
    assert studio.library.origin_bytes() == before / 4
    for page in pages:
        page.edit(**STROKE, neuron=1, cells=[400])
        fresh = Scorer(page.visit.desk.laid.digits).update(page.network())  # type: ignore[union-attr]
        assert page.state["score"]["correct"] == fresh.correct
    workspace.close()


@pytest.mark.parametrize(("seconds", "at_work"), [(0.0, 2), (60.0, 4)])
def test_room_is_made_before_a_wide_network_is_scored_but_not_of_what_is_being_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seconds: float, at_work: int
) -> None:
    """Without it many who paint at once would hold all of theirs until somebody tidies up."""
    monkeypatch.setattr("toolkit.studio.studio.ANSWER_SECONDS", seconds)
    workspace = Workspace(tmp_path / "w.sqlite")
    studio = Studio(workspace, FewDigits(), started_with="random", most_bytes=1)
    pages = [Page(studio, str(number)) for number in range(4)]
    for number, page in enumerate(pages):
        experiment = Experiment(Network.random((784, 800, 10), seed=number))
        workspace.create(experiment)
        page.open(experiment.id)
    for page in pages:
        page.edit(**STROKE, neuron=1, cells=[400])
    desks = [page.visit.desk for page in pages]
    assert sum(desk.is_at_work for desk in desks if desk) == at_work
    workspace.close()


def test_what_is_at_work_is_not_let_go_under_it(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "workspace.sqlite")
    studio = Studio(workspace, FewDigits(), started_with="random", most_bytes=0)
    over = threading.Event()

    def tidy() -> None:
        while not over.is_set():
            studio.tidy()

    tidying = threading.Thread(target=tidy)
    tidying.start()
    pages = [Page(studio, str(number)) for number in range(3)]
    try:
        for page in pages:
            page.open(network="random")
        for cell in range(30):
            for page in pages:
                page.edit(**STROKE, neuron=cell % 16, cells=[cell])
    finally:
        over.set()
        tidying.join()
    for page in pages:
        fresh = Scorer(page.visit.desk.laid.digits).update(page.network())  # type: ignore[union-attr]
        assert page.state["score"]["correct"] == fresh.correct
    workspace.close()


@pytest.fixture
def sleepy(tmp_path: Path) -> Studio:
    """Return a studio that lets go whatever was not touched for a minute."""
    workspace = Workspace(tmp_path / "sleepy.sqlite")
    return Studio(workspace, FewDigits(), started_with="random", idle_seconds=60)


def a_minute_later(*pages: Page) -> None:
    """Let it be more than a minute since these pages and their desks were used."""
    for page in pages:
        page.visit.used -= 61
        if page.visit.desk is not None:
            page.visit.desk.used -= 61


def test_an_idle_page_s_work_is_let_go_and_goes_on_at_its_next_gesture(sleepy: Studio) -> None:
    page = Page(sleepy, "one")
    page.open(network="random", neuron="1.4", digit=7)
    page.edit(**STROKE, neuron=4, cells=[300])
    before = page.state
    a_minute_later(page)
    sleepy.tidy()
    assert page.visit.desk is None
    assert not sleepy._desks
    assert sleepy.library.origin_bytes() == 0, "nobody is at it"
    assert page.visit.answer() is None
    sleepy.library._laid.clear()  # as when other grids are in use meanwhile

    page.visit.come_back()
    page.edit(**STROKE, neuron=4, cells=[301])
    assert page.state["experiment"] == before["experiment"]
    assert page.state["history"] == {"cursor": 2, "count": 2}
    assert page.state["selected"] == before["selected"]
    assert page.state["digit"] == before["digit"]
    assert page.network().layer(1).weights[4, 300:302].tolist() == [2, 2]
    assert page.received < 25_000, "what the page still has does not travel again"


def test_who_watches_another_paint_is_not_idle(sleepy: Studio) -> None:
    painter, watcher = Page(sleepy, "painter"), Page(sleepy, "watcher")
    painter.open(network="random")
    painter.edit(**STROKE, neuron=4, cells=[300])
    watcher.open(painter.id)
    a_minute_later(painter, watcher)
    painter.edit(**STROKE, neuron=4, cells=[301])
    watcher.read()
    sleepy.tidy()
    assert watcher.visit.desk is painter.visit.desk is not None
    painter.edit(**STROKE, neuron=4, cells=[302])
    assert watcher.read()["history"]["cursor"] == 3


def test_an_idle_draft_comes_back_on_its_digits_and_what_it_gained_is_still_said(
    sleepy: Studio,
) -> None:
    draft, page = Page(sleepy, "draft"), Page(sleepy, "one")
    draft.open(network="random")
    draft.do("digits", source="mnist")
    page.open(network="mnist-sigmoid")
    page.edit(**{**STROKE, "layer": 3, "put": 9.0}, neuron=3, cells=list(range(16)))
    last = page.state["score"]["last"]
    assert last
    a_minute_later(draft, page)
    sleepy.tidy()
    for each in (draft, page):
        id, network = each.id, each.network()
        each.visit.come_back()
        each.read()
        assert each.id == id
        assert each.network() == network
    assert draft.state["draft"]
    assert draft.state["digits"]["source"] == "mnist"
    assert page.state["score"]["last"] == last


def test_the_wide_network_that_the_server_was_started_with_is_painted_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody sits at a desk in its first moments, when there may be no room for it."""
    monkeypatch.setattr("toolkit.studio.studio._IDLE_BYTES", 1 << 20)
    wide = Network.random((784, 1500, 10), seed=1)
    save(wide, tmp_path / "wide.npz")
    studio = Studio(
        Workspace(tmp_path / "w.sqlite"), FewDigits(), started_with=str(tmp_path / "wide.npz")
    )
    page = Page(studio, "one")
    page.open()
    page.edit(**STROKE, neuron=4, cells=[300])
    assert page.state["history"] == {"cursor": 1, "count": 1}
    other = Page(studio, "two")
    other.open(page.id)
    assert other.visit.desk is page.visit.desk
    studio.workspace.close()


@pytest.mark.parametrize(("sizes", "kept"), [((784, 16, 10), 8), ((784, 1500, 10), 2)])
def test_of_what_nobody_is_at_eight_are_kept_and_no_more_than_64_mib(
    studio: Studio, sizes: tuple[int, ...], kept: int
) -> None:
    one = fits(Network.blank(sizes), DIGITS).count * bytes_a_digit(sizes)
    page, ids = Page(studio, "one"), []
    for number in range(11 if kept == 8 else 6):
        experiment = Experiment(Network.random(sizes, seed=number))
        studio.workspace.create(experiment)
        page.open(experiment.id)
        page.edit(**STROKE, neuron=1, cells=[400])
        ids.append(experiment.id)
    *left, here = ids
    assert list(studio._desks) == [*left[-kept:], here]
    held = sum(desk.held_bytes for desk in studio._desks.values() if not desk.seats)
    assert held <= 64 << 20
    assert one * kept < held
    # Nor do the scorers of the networks that they began with outlive them.
    assert studio.library.origin_bytes() < (kept + 1) * 2 * one


def test_a_desk_forgotten_before_anybody_sat_there_is_the_one_that_is_used(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = Page(studio, "one"), Page(studio, "two")
    first.open(network="random")
    first.edit(**STROKE, neuron=4, cells=[300])
    studio.exit(first.visit)
    laid_out = studio.desk

    def forgotten(id: str, start: Any = None) -> Desk:
        found = laid_out(id, start)
        studio._desks.pop(id)
        return found

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(studio, "desk", forgotten)
        second.open(first.id)
    assert studio.desk(first.id) is second.visit.desk


def test_what_a_page_at_rest_shows_can_still_be_downloaded(sleepy: Studio) -> None:
    draft, page = Page(sleepy, "draft"), Page(sleepy, "one")
    draft.open(network="random")
    page.open(network="random")
    page.edit(**STROKE, neuron=4, cells=[300])
    a_minute_later(draft, page)
    sleepy.tidy()
    assert draft.visit.desk is None is page.visit.desk
    for each in (draft, page):
        found = sleepy.experiment(each.state["experiment"])
        assert found.network.layer(1).weights[4, 300] == (
            2 if each is page else pytest.approx(Network.random().layer(1).weights[4, 300])
        )


def test_an_experiment_too_wide_for_this_server_is_named_and_kept(studio: Studio) -> None:
    wide = Experiment(Network.blank((784, 4000, 10)), name="wide")
    studio.workspace.create(wide)
    page = Page(studio, "one")
    page.open(wide.id)
    assert page.state["experiment"] != wide.id
    (notice,) = page.heard
    assert notice["code"] == "unfit-experiment"
    assert "3,072 neurons" in notice["fields"]["text"]
    assert studio.experiment(wide.id).network == wide.network


def test_a_page_that_rests_may_visit_another_experiment(sleepy: Studio) -> None:
    page = Page(sleepy, "one")
    page.open(network="random")
    a_minute_later(page)
    sleepy.tidy()
    page.open(network="blank")
    page.visit.come_back()
    page.read()
    assert page.state["start"]["network"] == "blank"


def test_one_page_speaks_for_so_many_and_no_more(page: Page) -> None:
    for number in range(99):
        page.send(page.item("undo"), client=f"other-{number}")
    with pytest.raises(ValueError, match="at most 100 pages"):
        page.send(page.item("undo"), client="one too many")
    assert page.edit(**STROKE, neuron=0, cells=[1])["history"]["cursor"] == 1


def test_two_who_open_a_network_at_once_score_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    library = FewDigits()
    passes: list[Network] = []
    start = Network.random(seed=3)
    laid = library.laid("drawn", start)
    update = Scorer.update

    def counted(self: Scorer, network: Network) -> Score:
        passes.append(network)
        time.sleep(0.05)
        return update(self, network)

    monkeypatch.setattr(Scorer, "update", counted)
    found: list[Scorer] = []
    people = [
        threading.Thread(target=lambda: found.append(library.scorer(laid, start))) for _ in range(8)
    ]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert len(passes) == 1
    assert len({id(each) for each in found}) == 8
    np.testing.assert_array_equal(found[0].responses.logits, found[7].responses.logits)


def test_a_picture_sent_from_a_page_at_rest_is_shown(sleepy: Studio) -> None:
    page = Page(sleepy, "one")
    page.open(network="random")
    a_minute_later(page)
    sleepy.tidy()
    assert page.visit.desk is None
    paper = Image.new("L", (60, 60), 250)
    paper.paste(10, (28, 10, 34, 50))
    buffer = io.BytesIO()
    paper.save(buffer, "PNG")
    sleepy.show_picture(buffer.getvalue(), "p.png", page.visit)
    assert page.read()["digit"]["title"]["code"] == "picture"


def test_a_gesture_while_idle_work_is_being_let_go_is_answered(sleepy: Studio) -> None:
    page = Page(sleepy, "one")
    page.open(network="random")
    page.edit(**STROKE, neuron=4, cells=[300])
    a_minute_later(page)
    tidying = threading.Thread(target=sleepy.tidy)
    with page.visit.lock:
        tidying.start()
        time.sleep(0.1)  # by now it has seen that nobody was here for long
        page.visit.come_back()  # as every gesture does first
    tidying.join()
    assert page.edit(**STROKE, neuron=4, cells=[301])["kind"] == "answer"
    assert page.state["history"] == {"cursor": 2, "count": 2}
    assert page.network().layer(1).weights[4, 301] == 2


def test_how_a_file_was_read_is_said_though_its_desk_was_let_go_before_the_page_came(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.studio.studio._IDLE_BYTES", 1 << 20)
    page, other = Page(studio, "one"), Page(studio, "two")
    page.open(network="random")
    other.open(network="random")
    file = dumps(Network.random((784, 700, 10), seed=1))
    id = studio.upload(file, "mine.npz", page.visit)
    studio.exit(other.visit)
    assert id not in studio._desks
    page.open(id)
    assert [notice["code"] for notice in page.heard] == ["uploaded"]
    page.open(id)
    assert len(page.heard) == 1, "once"


def test_desks_laid_out_for_nobody_are_let_go_when_all_is_tidied(studio: Studio) -> None:
    page = Page(studio, "one")
    page.open(network="random")
    for number in range(20):
        experiment = Experiment(Network.random(seed=number))
        studio.workspace.create(experiment)
        studio.desk(experiment.id).used -= 60
    studio.tidy()
    assert len(studio._desks) == 9, "eight that nobody is at, and the page's"
    assert page.id in studio._desks


def test_digits_that_are_in_use_are_not_laid_anew(page: Page) -> None:
    desk = page.visit.desk
    assert desk is not None
    laid, scorer = desk.laid, desk.scorer
    page.do("digits", source=laid.source)
    assert desk.laid is laid and desk.scorer is scorer
    page.do("digits", source="mnist")
    assert desk.laid is not laid and desk.scorer is not scorer


def test_a_page_that_misses_something_while_it_is_answered_gets_all(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    asking = threading.Thread(target=page.visit.forget_held)
    compiled = visit_module.compile_answer

    def interrupted(*given: Any) -> Any:
        if not asking.ident:
            asking.start()
            asking.join(0.2)
        return compiled(*given)

    monkeypatch.setattr(visit_module, "compile_answer", interrupted)
    page.visit.touch()
    with page.visit.lock:
        assert page.visit.answer() is not None
    asking.join()
    frame = page.visit.answer()
    page.visit.forget_held()
    assert frame == page.visit.answer(), "the whole of it"


def test_of_files_that_nobody_looks_at_no_more_is_kept_than_of_other_desks(
    studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.studio.studio._IDLE_DESKS", 2)
    page = Page(studio, "one")
    page.open(network="random")
    for number in range(4):
        studio.upload(dumps(Network.random(seed=number)), f"{number}.npz", page.visit)
    assert len(studio._desks) <= 4, "the page's, the last, and two"
    page.open(studio.upload(dumps(Network.random(seed=9)), "9.npz", page.visit))
    for _ in range(4):
        studio.interpret(page.visit, page.visit.desk, 0)  # type: ignore[arg-type]
    assert len(studio._desks) <= 4


@pytest.mark.parametrize(("said", "found"), [("1073741824\n", 1 << 30), ("max\n", None)])
def test_a_container_s_memory_is_its_own(
    said: str, found: int | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_CONTAINER", tmp_path / "nowhere")
    whole = memory.of_this_machine()
    (tmp_path / "memory.max").write_text(said)
    monkeypatch.setattr(memory, "_CONTAINER", tmp_path / "memory.max")
    assert memory.of_this_machine() == (whole if found is None else min(found, whole or found))
