"""A score as a table."""

from __future__ import annotations

import csv
import io
import re

import numpy as np
import pytest

from toolkit import Network, open_digits, open_network, score
from toolkit.scoring import Score

LABELS = np.array([0, 0, 0, 0, 1, 1, 3, 3, 3, 7], np.uint8)
READ = np.array([0, 6, 6, 5, 1, 1, 3, 8, 1, 7], np.uint8)
SCORE = Score(READ, LABELS)


def test_rows_worked_by_hand() -> None:
    rows = SCORE.rows()
    assert [row["class"] for row in rows] == list(range(10))
    assert list(rows[0].values()) == [0, 4, 1, 0.25, 6, 2]
    assert list(rows[1].values()) == [1, 2, 2, 1.0, None, 0]
    assert list(rows[3].values())[:5] == [3, 3, 1, 1 / 3, 1], "of two as often the lower"
    assert rows[9]["digits"] == 0 and np.isnan(rows[9]["accuracy"])


def test_the_table_says_what_the_rows_say() -> None:
    first, head, *lines = str(SCORE).splitlines()
    assert first == "50.00% read right: 5 of 10"
    assert re.split(r"\s{2,}", head.strip()) == list(SCORE.rows()[0])
    assert lines[0].split() == ["0", "4", "1", "25.0%", "6", "2"]
    assert lines[1].split() == ["1", "2", "2", "100.0%", "–", "0"]
    assert len(lines) == 10 and len({len(line) for line in (head, *lines)}) == 1
    assert repr(SCORE) == str(SCORE)


def test_csv_and_html_hold_the_same_numbers() -> None:
    for row, read in zip(SCORE.rows(), csv.DictReader(io.StringIO(SCORE.to_csv())), strict=True):
        for name, value in row.items():
            if value is None or value != value:
                assert read[name] == ""
            else:
                assert float(read[name]) == value
    page = SCORE._repr_html_()
    assert page.count("<tr>") == 11 and "<td>25.0%</td>" in page
    assert "50.00% read right: 5 of 10" in page


def test_the_rows_add_up_to_the_score() -> None:
    digits = open_digits("drawn").subset(slice(300))
    found = score(open_network("templates"), digits)
    rows = found.rows()
    assert sum(row["right"] for row in rows) == found.correct
    assert sum(row["digits"] for row in rows) == found.images == 300
    for row, share in zip(rows, found.per_digit, strict=True):
        assert row["accuracy"] == share
        assert row["times"] <= row["digits"] - row["right"]


def test_a_network_of_other_pictures_is_scored_on_digits_made_small() -> None:
    digits = open_digits("drawn").subset(slice(300))
    network = Network.random((64, 4, 10), "sigmoid", seed=1)
    found = score(network, digits)
    assert found.images == 300
    assert found.correct == score(network, digits.fitted(network.grid)).correct
    with pytest.raises(ValueError, match="expected inputs that fill a grid; got 61-10"):
        score(Network.blank((61, 10)), digits)


def test_what_is_not_scored_is_not_said_to_be_wrong() -> None:
    found = Score(np.array([1, 0, 1], np.uint8), np.array([0, 1, 9], np.uint8), outputs=2)
    assert {row["right"] for row in found.rows()} == {None}
    assert str(found).splitlines()[2].split() == ["0", "1", "–", "–", "1", "1"]


def test_of_no_digits_there_is_a_table_too() -> None:
    none = score(Network.blank(), open_digits("drawn").subset(slice(0)))
    assert str(none).startswith("none read right: 0 of 0")
