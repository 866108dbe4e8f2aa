import numpy as np
import pytest

from toolkit.digits import DigitSet


def test_float_and_byte_pixels_make_the_same_set():
    pixels = np.arange(256, dtype=np.uint8).reshape(2, 128)
    as_bytes = DigitSet(pixels, [1, 2])
    as_floats = DigitSet(pixels.astype(np.float32) / np.float32(255), [1, 2])
    assert as_bytes.checksum == as_floats.checksum
    np.testing.assert_array_equal(as_bytes.images[1], as_bytes.image(1))
    assert as_bytes.images.dtype == as_bytes.image(0).dtype == np.float32


def test_rows_and_columns_are_raveled():
    assert DigitSet(np.zeros((3, 28, 28), np.uint8), [0, 1, 2]).pixels.shape == (3, 784)


def test_a_subset_keeps_pixels_and_labels_together():
    digits = DigitSet(np.eye(4, dtype=np.uint8), np.arange(4), "four")
    picked = digits.subset([2, 0])
    assert picked.labels.tolist() == [2, 0]
    np.testing.assert_array_equal(picked.pixels, digits.pixels[[2, 0]])
    assert picked.name == "four"


def test_the_checksum_tells_labels_and_shapes_apart():
    pixels = np.zeros((2, 4), np.uint8)
    checksums = {
        DigitSet(pixels, [0, 1]).checksum,
        DigitSet(pixels, [1, 0]).checksum,
        DigitSet(np.zeros((2, 5), np.uint8), [0, 1]).checksum,
    }
    assert len(checksums) == 3


def test_a_set_cannot_be_written_to():
    digits = DigitSet(np.zeros((1, 4), np.uint8), [0])
    for array in (digits.pixels, digits.labels, digits.images):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


@pytest.mark.parametrize(
    ("pixels", "labels", "message"),
    [
        (np.zeros(4, np.uint8), [0], r"pixels: expected shape .* got \(4,\)"),
        (np.zeros((1, 4), np.int32), [0], "pixels: expected uint8 or float; got int32"),
        (np.full((1, 4), 1.5), [0], "pixels: expected floats from 0 to 1; got 1.5"),
        (np.full((1, 4), np.nan), [0], "pixels: expected floats from 0 to 1; got nan"),
        (np.zeros((2, 4), np.uint8), [0], r"labels: expected shape \(2,\).* got \(1,\)"),
        (np.zeros((1, 4), np.uint8), [0.5], "labels: expected whole numbers; got float64"),
        (np.zeros((1, 4), np.uint8), [256], "labels: expected 0 to 255; got 256"),
        (np.zeros((1, 4), np.uint8), [-1], "labels: expected 0 to 255; got -1"),
    ],
)
def test_what_does_not_fit_is_named(pixels, labels, message):
    with pytest.raises(ValueError, match=message):
        DigitSet(pixels, labels)
