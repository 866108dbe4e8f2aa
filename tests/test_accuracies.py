"""The accuracies that the README and the card of the networks state, measured again."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from toolkit.digits import generate, open_digits
from toolkit.scoring import score
from toolkit.shipped import open_network

ROOT = Path(__file__).parents[1]
NAMES = (
    "mnist-sigmoid",
    "mnist-relu",
    "drawn-sigmoid",
    "handmade",
    "handmade-fitted",
    "templates",
)
TABLES = ("README.md", "weights/README.md")


def stated(table: str, name: str) -> tuple[str, str]:
    """Return what a table's row of a network says: on MNIST's test digits, on drawn ones."""
    text = (ROOT / table).read_text(encoding="utf-8")
    rows = re.findall(rf"^\| `{name}(?:\.npz)?` \|.*$", text, re.MULTILINE)
    (row,) = (each for each in rows if "%" in each)  # another table says what its neurons are
    mnist, drawn = re.findall(r"\d+\.\d\d%", row)
    return mnist, drawn


@pytest.mark.parametrize("name", NAMES)
def test_on_drawn_digits(name: str) -> None:
    # Drawn anew, not from a cache that another generator may have left.
    found = f"{score(open_network(name), generate(10_000, seed=0)).accuracy:.2%}"
    assert [stated(table, name)[1] for table in TABLES] == [found, found]


@pytest.mark.mnist
@pytest.mark.parametrize("name", NAMES)
def test_on_mnist(name: str, mnist_folder: Path) -> None:
    found = f"{score(open_network(name), open_digits(mnist_folder, 'test')).accuracy:.2%}"
    assert [stated(table, name)[0] for table in TABLES] == [found, found]
