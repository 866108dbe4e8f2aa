"""Digits that cannot be read: the drawn ones go on, and it is said."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.studio.conftest import Page
from toolkit.digits import write_idx
from toolkit.experiments import Workspace
from toolkit.studio.studio import Studio


def write_digits(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    write_idx(folder / "t10k-images-idx3-ubyte.gz", np.full((20, 28, 28), 51, np.uint8))
    write_idx(folder / "t10k-labels-idx1-ubyte.gz", (np.arange(20) % 10).astype(np.uint8))


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
