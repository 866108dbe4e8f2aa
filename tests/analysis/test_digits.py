from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolkit.analysis import class_means, never_lit
from toolkit.digits import open_digits


def test_class_means_by_hand() -> None:
    images = np.array([[0, 1], [1, 1], [0.5, 0]])
    means = class_means(images, [3, 3, 7])
    assert means.shape == (10, 2)
    assert means[3].tolist() == [0.5, 1]
    assert means[7].tolist() == [0.5, 0]
    assert not means[[0, 1, 2, 4, 5, 6, 8, 9]].any()


@given(st.integers(0, 2**32 - 1))
def test_eight_bit_images_have_the_same_means_as_floats(seed: int) -> None:
    rng = np.random.default_rng(seed)
    pixels = rng.integers(0, 256, (30, 9), dtype=np.uint8)
    labels = rng.integers(0, 10, 30)
    np.testing.assert_allclose(
        class_means(pixels, labels), class_means(pixels / 255, labels), atol=1e-6
    )


def test_a_pixel_lit_once_is_not_never_lit() -> None:
    assert never_lit([[0, 0, 0], [0, 0.1, 0]]).tolist() == [True, False, True]
    assert never_lit(np.zeros((0, 2))).tolist() == [True, True]


def test_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match="images, labels"):
        class_means(np.zeros((2, 4)), [1])
    with pytest.raises(ValueError, match="images"):
        never_lit(np.zeros(4))


@pytest.mark.mnist
def test_67_pixels_are_never_lit_in_mnist(mnist_folder: Path) -> None:
    digits = open_digits(mnist_folder, "train")
    assert never_lit(digits.pixels).sum() == 67
