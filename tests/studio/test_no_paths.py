"""Where things lie on this machine is not told to a browser; what they are is."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toolkit.digits import generate, write_idx
from toolkit.experiments import Experiment
from toolkit.network import Network
from toolkit.studio import listing
from toolkit.studio.library import Library
from toolkit.studio.notices import without_folders
from toolkit.studio.sources import public_name
from toolkit.studio.studio import Studio


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("/home/ann/digits/t10k: it is damaged", "t10k: it is damaged"),
        ("cannot read '/srv/a.b/c-d/x.npz'; save it again", "cannot read 'x.npz'; save it again"),
        (r"C:\Users\ann\x.npz: no network", "x.npz: no network"),
        ("~/digits/set: not there", "set: not there"),
        ("expected 28/28 or 1/2; see https://example.org/a/b", None),
        ("layer 1/weights: expected and/or", None),
        ("named TOOLKIT_DIGITS=/data/sets/one)", "named TOOLKIT_DIGITS=one)"),
    ],
)
def test_of_a_path_its_last_part_is_left(text: str, said: str | None) -> None:
    assert without_folders(text) == (text if said is None else said)


def test_a_place_with_spaces_is_known_by_what_the_server_was_told(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    place = tmp_path / "Ann's own files (old)" / "set"
    monkeypatch.setenv("TOOLKIT_DIGITS", str(place))
    assert without_folders(f"{place}: not there") == "set: not there"


def _make(kind: str, place: Path) -> Path:
    digits = generate(20, seed=1)
    if kind == ".npz file":
        place = place.with_suffix(".npz")
        images = digits.pixels.reshape(-1, 28, 28)
        np.savez(place, x_train=images, y_train=digits.labels, x_test=images, y_test=digits.labels)
    elif kind == "IDX folder":
        place.mkdir()
        (place / "t10k-images-idx3-ubyte").write_bytes(b"")
        write_idx(place / "t10k-images-idx3-ubyte", digits.pixels.reshape(-1, 28, 28))
        write_idx(place / "t10k-labels-idx1-ubyte", digits.labels)
    elif kind == "folder of pictures":
        for pixels, label in zip(digits.pixels, digits.labels, strict=True):
            (place / str(label)).mkdir(parents=True, exist_ok=True)
            file = io.BytesIO()
            Image.fromarray(pixels.reshape(28, 28)).save(file, "PNG")
            (place / str(label) / "one.png").write_bytes(file.getvalue())
    elif kind == "file of another kind":
        place.write_text("seven")
    elif kind == "folder without digits":
        place.mkdir()
    return place


@pytest.mark.parametrize(
    "kind",
    [
        ".npz file", "IDX folder", "folder of pictures", "file of another kind",
        "folder without digits", "not there",
    ],
)  # fmt: skip
def test_a_source_is_called_what_it_is(
    kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = _make(kind, tmp_path / "mine")
    monkeypatch.setenv("TOOLKIT_DIGITS", str(place))
    library = Library()
    named = library.sources()[0]
    assert (named.label, named.note) == (place.name, kind)
    assert str(tmp_path) not in named.name
    if kind in (".npz file", "IDX folder", "folder of pictures"):
        laid = library.laid(named.name, Network.blank())
        assert len(laid.digits) in (10, 20)
        # By its path too, as experiments of before know it, and where none is named.
        for name in (str(place), None):
            assert library.laid(name, Network.blank()) is laid
        assert laid.source == named.name


def test_sets_of_one_name_in_two_places_are_two(tmp_path: Path) -> None:
    one, other = (public_name(str(tmp_path / place / "set")) for place in ("a", "b"))
    assert one != other
    assert one.startswith("set-") and "/" not in one


def test_an_experiment_of_before_is_listed_without_its_digits_place(studio: Studio) -> None:
    place = "/home/ann/digits/set"
    for digits in (place, public_name(place)):
        studio.workspace.create(Experiment(Network.blank(), digits=digits))
    listed = listing.experiments(studio.workspace, studio.library, None)
    assert [entry["digits"] for entry in listed["entries"]] == ["set", "set"]
    assert "/" not in listed["location"]
