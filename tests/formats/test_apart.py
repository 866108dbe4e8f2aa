"""A stranger's file, read in a process of its own."""

from __future__ import annotations

import numpy as np
import pytest

from tests.formats.samples import samples
from toolkit.formats import NetworkFileError, apart, read
from toolkit.formats.apart import read_apart
from toolkit.formats.limits import LIMITS

FILES = samples()


@pytest.mark.parametrize("kind", ["npz", "torch", "pickle of protocol 0, gzip", "json", "csv"])
def test_the_child_says_what_reading_here_says(kind: str) -> None:
    here, there = read(FILES[kind], "net"), read_apart(FILES[kind], "net")
    assert there.format == here.format
    assert there.name == here.name
    assert dict(there.provenance) == dict(here.provenance)
    assert there.notes == here.notes
    assert there.input_map == here.input_map
    for ours, theirs in zip(here.layers, there.layers, strict=True):
        np.testing.assert_array_equal(theirs.weights, ours.weights)
        np.testing.assert_array_equal(theirs.biases, ours.biases)
        assert (theirs.activation, theirs.inputs_first, theirs.name) == (
            ours.activation, ours.inputs_first, ours.name,
        )  # fmt: skip


def test_a_bad_file_gives_the_child_s_own_word() -> None:
    with pytest.raises(NetworkFileError, match=r"would have to be executed.*os\.system"):
        read_apart(b"cos\nsystem\n(S'echo'\ntR.", "bad.pkl")
    with pytest.raises(NetworkFileError, match=r"<b>\.npz"):
        read_apart(b"PK\x03\x04", "<b>.npz")


def test_too_large_a_file_is_refused_before_a_child_is_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(apart.subprocess, "run", None)
    with pytest.raises(NetworkFileError, match="at most 64 MiB"):
        read_apart(bytes(LIMITS.file_bytes + 1), "big.npz")


def test_a_child_that_takes_too_long_or_too_much_is_ended(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(apart, "SECONDS", 0.01)
        with pytest.raises(NetworkFileError, match="took longer than"):
            read_apart(FILES["npz"], "slow.npz")
    with monkeypatch.context() as patch:
        # Stands for a reader that eats memory without end: the child's bound must end it.
        hungry = "import toolkit.formats.apart as a; a._bound_this_process(); bytearray(4 << 30)"
        patch.setattr(apart, "_COMMAND", ("-c", hungry))
        with pytest.raises(NetworkFileError, match="more memory or time"):
            read_apart(FILES["npz"], "hungry.npz")
