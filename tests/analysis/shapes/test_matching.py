"""The best match of a map: known stamps are found again, whatever the grid and the noise."""

from __future__ import annotations

import numpy as np
import pytest

from toolkit.analysis.shapes import match_maps
from toolkit.analysis.shapes.family import SHAPES, as_stamp, draw, places
from toolkit.analysis.shapes.matching import noise_shares
from toolkit.grid import Grid
from toolkit.stamps import Stamp

GRID = Grid(28, 28)
STAMPS = {
    "edge": Stamp("edge", (10, 12), 32, 12),
    "line": Stamp("line", (17, 12), 120, 14),
    "dark line": Stamp("line", (17, 12), 20, 14, strength=-1),
    "arc": Stamp("arc", (9, 14), 200, 14, curvature=0.16),
    "blob": Stamp("blob", (12, 18), length=6),
    "ring": Stamp("ring", (14, 14), length=10),
    "step": Stamp("gabor", angle=70, width=4, height=8, phase=90),
}
KINDS = {"dark line": "line", "ring": "arc", "step": "edge"}
# row, column, angle, length, width, curvature, surround, ratio, soft, phase
PARAMETERS = np.array([11.5, 13.25, 33, 12, 3, 0.04, 0.7, 1.25, 1, 80])


@pytest.mark.parametrize("sign", [1.0, -1.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_shape_of_the_family_is_the_stamp_of_its_numbers(shape: str, sign: float) -> None:
    drawn = sign * draw(shape, PARAMETERS[None], *places(GRID))[0]
    made = as_stamp(shape, PARAMETERS, 1, sign).render(GRID).ravel()
    if shape == "line":  # has no curvature, whatever the column says
        straight = np.where(PARAMETERS == 0.04, 0, PARAMETERS)
        drawn = sign * draw(shape, straight[None], *places(GRID))[0]
        made = as_stamp(shape, straight, 1, sign).render(GRID).ravel()
    assert np.corrcoef(drawn, made)[0, 1] > 0.9995


def test_each_stamp_is_found_again_where_it_lies() -> None:
    maps = np.stack([stamp.render() for stamp in STAMPS.values()])
    for (name, stamp), found in zip(STAMPS.items(), match_maps(maps), strict=True):
        assert found.best is not None
        kind = KINDS.get(name, name)
        assert found.best.shape == kind, name
        assert found.best.correlation > 0.985, name
        assert found.by_shape[kind] == found.best
        assert np.allclose(found.best.stamp.at, stamp.at, atol=0.7), name  # type: ignore[arg-type]
        # The correlation is the one that anybody works out from the stamp.
        shown = np.corrcoef(found.best.stamp.render().ravel(), stamp.render().ravel())[0, 1]
        assert shown == pytest.approx(found.best.correlation, abs=0.002), name
        assert found.noise_share < 0.15, name


def test_only_cells_that_count_are_looked_at() -> None:
    lit = np.zeros((28, 28), bool)
    lit[4:24, 4:24] = True
    clean = STAMPS["line"].render()
    spoilt = np.where(lit, clean, np.random.default_rng(1).normal(0, 5, (28, 28)))
    one, other = match_maps(np.stack([np.where(lit, clean, 0), spoilt]), GRID, lit)
    assert one == other


@pytest.mark.parametrize(("rows", "columns"), [(64, 64), (20, 30), (10, 10)])
def test_other_grids_are_looked_at_in_their_own_cells(rows: int, columns: int) -> None:
    stamp = Stamp("edge", (10, 12), 32, 12).fitted((rows, columns))
    found = match_maps(stamp.render((rows, columns))[None])[0]
    assert found.best is not None
    assert found.best.shape == "edge"
    assert found.best.correlation > (0.9 if rows == 10 else 0.97)
    assert found.best.stamp.angle == pytest.approx(32, abs=5)
    assert found.best.stamp.at == pytest.approx(stamp.at, abs=rows / 28)


def test_nothing_is_said_of_what_is_blank_broken_or_has_no_room_for_a_shape() -> None:
    assert match_maps(np.ones((2, 1, 9)))[0].best is None
    blank, broken, huge = match_maps(
        np.stack([np.zeros((28, 28)), np.full((28, 28), np.nan), 3e38 * STAMPS["edge"].render()])
    )
    assert blank.best is None
    assert broken.best is None
    assert huge.best is not None
    assert huge.best.correlation > 0.985


def test_templates_are_the_means_or_what_they_have_more_than_all() -> None:
    means = np.random.default_rng(0).uniform(0, 1, (10, 784)).astype(np.float32)
    maps = np.stack([means[7], -(means[2] - means.mean(axis=0))]).reshape(-1, 28, 28)
    seven, two = match_maps(maps, GRID, None, means)
    assert (seven.template, seven.template_correlation) == (7, pytest.approx(1, abs=1e-5))
    assert (two.template, two.template_correlation) == (2, pytest.approx(-1, abs=1e-5))


def test_the_share_of_noise_is_what_was_added() -> None:
    clean = np.stack([stamp.render() for stamp in STAMPS.values()])
    noise = np.random.default_rng(2).normal(size=clean.shape) * clean.std((1, 2), keepdims=True)
    everything = np.ones(784, bool)
    for snr, share in ((2.0, 0.2), (1.0, 0.5), (0.5, 0.8)):
        found = noise_shares((clean + noise / snr).astype(np.float32), everything)
        assert np.abs(found - share).max() < 0.25
        assert abs(found.mean() - share) < 0.16


def test_errors_say_what_was_expected() -> None:
    with pytest.raises(ValueError, match=r"maps: expected shape \(n, rows, columns\)"):
        match_maps(np.zeros((28, 28)))
    with pytest.raises(ValueError, match=r"lit: expected 784"):
        match_maps(np.zeros((1, 28, 28)), lit=np.ones(10))
    with pytest.raises(ValueError, match=r"class_means: expected shape \(classes, 784\)"):
        match_maps(np.zeros((1, 28, 28)), class_means=np.ones((10, 3)))
