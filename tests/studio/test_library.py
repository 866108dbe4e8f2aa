"""Digits that cannot be read: the drawn ones go on, and it is said."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator
from pathlib import Path
from weakref import ref

import numpy as np
import pytest

from tests.studio.conftest import Page
from toolkit.digits import DigitSet, open_digits, write_idx
from toolkit.experiments import Workspace
from toolkit.network import Network
from toolkit.studio.library import Library
from toolkit.studio.studio import Studio


def write_digits(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_idx(folder / "t10k-images-idx3-ubyte.gz", np.full((20, 28, 28), 51, np.uint8))
    write_idx(folder / "t10k-labels-idx1-ubyte.gz", (np.arange(20) % 10).astype(np.uint8))


def write_training(folder: Path) -> None:
    images = np.arange(30, dtype=np.uint8)[:, None, None] + np.zeros((28, 28), np.uint8)
    write_idx(folder / "train-images-idx3-ubyte.gz", images)
    write_idx(folder / "train-labels-idx1-ubyte.gz", (np.arange(30) % 10).astype(np.uint8))


def truncate(folder: Path) -> None:
    images = folder / "t10k-images-idx3-ubyte.gz"
    images.write_bytes(images.read_bytes()[:40])


@pytest.fixture
def mnist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the cache's folder of an MNIST of twenty digits."""
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr("toolkit.digits.sources.DRAWN_COUNT", {"test": 50, "train": 50})
    write_digits(tmp_path / "cache" / "mnist")
    return tmp_path / "cache" / "mnist"


@pytest.fixture
def studio(tmp_path: Path) -> Iterator[Studio]:
    workspace = Workspace(tmp_path / "workspace.sqlite")
    yield Studio(workspace, started_with="random")
    workspace.close()


def test_a_truncated_mnist_leaves_the_drawn_digits_and_is_said_until_it_is_fetched_again(
    mnist: Path, studio: Studio
) -> None:
    truncate(mnist)
    page = Page(studio, "one")
    page.open()
    assert studio.visit_of("one").desk.laid.digits.name == "drawn digits test"  # type: ignore[union-attr]
    (notice,) = [notice for notice in page.heard if notice["code"] == "digits-broken"]
    assert notice["fields"] == {"name": "MNIST"} and notice["kind"] == "error"
    assert notice["actions"] == [{"label": "fetch-again", "letter": {"kind": "fetch"}}]
    (source,) = [source for source in studio.library.sources() if source.name == "mnist"]
    assert (source.ready, source.fetchable, source.note) == (False, True, "damaged; fetch it again")
    assert page.edit(kind="bias", layer=1, neuron=0, value=2)["refused"] == []
    write_digits(mnist)  # what fetching comes to
    assert studio.library.troubles("drawn") == []
    (source,) = [source for source in studio.library.sources() if source.name == "mnist"]
    assert source.ready
    other = Page(studio, "two")
    other.open(network="blank")
    assert not [notice for notice in other.heard if notice["code"] == "digits-broken"]
    assert studio.visit_of("two").desk.laid.digits.name == "MNIST test"  # type: ignore[union-attr]


def test_a_named_set_that_is_damaged_is_said_by_its_name_and_not_its_path(
    tmp_path: Path, studio: Studio, mnist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_digits(tmp_path / "secret" / "ours")
    truncate(tmp_path / "secret" / "ours")
    monkeypatch.setenv("TOOLKIT_DIGITS", str(tmp_path / "secret" / "ours"))
    page = Page(studio, "one")
    page.open()
    (notice,) = [notice for notice in page.heard if notice["code"] == "digits-broken"]
    assert notice["fields"] == {"name": "ours"} and notice["actions"] == []


def test_whole_digits_are_not_complained_of(mnist: Path, studio: Studio) -> None:
    page = Page(studio, "one")
    page.open()
    assert [notice["code"] for notice in page.heard] == []


def test_training_digits_and_all_of_them_are_to_choose_where_they_are(
    mnist: Path, studio: Studio
) -> None:
    names = [source.name for source in studio.library.sources()]
    assert names == ["mnist", "drawn"]
    write_training(mnist)
    offered = {source.name: source for source in studio.library.sources()}
    assert list(offered) == ["mnist", "mnist:train", "mnist:all", "drawn"]
    assert offered["mnist:all"].label == "MNIST, all digits"
    page = Page(studio, "one")
    page.open()
    shown = {}
    for source in ("mnist:train", "mnist:all", "mnist"):
        page.do("digits", source=source)
        digits, score = page.state["digits"], page.state["score"]
        shown[source] = digits["name"], digits["part"], digits["count"], score["images"]
    assert shown == {
        "mnist:train": ("MNIST train", "train", 30, 30),
        "mnist:all": ("MNIST test and train", "all", 50, 50),
        "mnist": ("MNIST test", "test", 20, 20),
    }
    # A digit to test keeps its number among all.
    desk = studio.visit_of("one").desk  # type: ignore[union-attr]
    assert desk is not None
    desk.use_digits("mnist:all")
    whole = desk.laid
    assert whole.picture(3).max() == 51 and whole.picture(23).max() == 3


def test_what_learns_takes_training_digits_whatever_is_scored(mnist: Path, studio: Studio) -> None:
    write_training(mnist)
    library, network = studio.library, Network.blank()
    for source in ("mnist", "mnist:train", "mnist:all"):
        taught = library.training(source, network)
        assert (taught.name, len(taught)) == ("MNIST train", 30)


def test_many_digits_are_there_as_long_as_somebody_uses_them(mnist: Path, studio: Studio) -> None:
    write_training(mnist)
    library, network = studio.library, Network.blank()
    laid = library.laid("mnist:all", network)
    assert library.laid("mnist:all", network) is laid
    assert library.open("mnist:all") is laid.whole
    gone = ref(laid.whole)
    library._laid.clear()  # as when other digits are in use
    del laid
    gc.collect()
    assert gone() is None
    # How a wide network fits them is still known.
    assert library.share([784, 3000, 10], "mnist:all") is None
    assert library.open("mnist:all") is not gone()


def test_who_wants_other_digits_does_not_wait_for_many(
    mnist: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_training(mnist)
    library, network = studio.library, Network.blank()
    begun, go_on = threading.Event(), threading.Event()

    def slow(source: str, split: str = "test", count: int | None = None) -> DigitSet:
        if source == "mnist:all":
            begun.set()
            assert go_on.wait(30)
        return open_digits(source, split, count)

    monkeypatch.setattr("toolkit.studio.library.open_digits", slow)
    many = threading.Thread(target=library.laid, args=("mnist:all", network))
    many.start()
    try:
        assert begun.wait(30)
        laid = library.laid("mnist", network)
        library.scorer(laid, network)
        assert library.in_use(laid.file) is laid
    finally:
        go_on.set()
        many.join()


def test_an_experiment_on_digits_that_are_gone_goes_on_with_those_to_test(
    mnist: Path, studio: Studio
) -> None:
    assert studio.library.laid_or_drawn("mnist:all", Network.blank()).source == "mnist"
    for file in mnist.iterdir():
        file.unlink()
    elsewhere = Library()
    assert elsewhere.laid_or_drawn("mnist:all", Network.blank()).source == "drawn"


def test_the_server_may_be_started_on_a_part(
    mnist: Path, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_training(mnist)
    monkeypatch.setenv("TOOLKIT_DIGITS", "mnist:train")
    page = Page(studio, "one")
    page.open()
    assert page.state["digits"]["source"] == "mnist:train"
    monkeypatch.setenv("TOOLKIT_DIGITS", "drawn:all")
    offered = {source.name: source.label for source in studio.library.sources()}
    assert offered["drawn:all"] == "drawn all digits"
