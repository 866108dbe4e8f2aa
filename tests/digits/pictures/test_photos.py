"""Photographs of digits come to MNIST's form as the same digits drawn would."""

import io

import numpy as np
import pytest
from PIL import Image

from tests.digits.pictures.photos import DISTURBANCES, photos
from toolkit.digits import read_picture, to_mnist_form
from toolkit.digits.pictures.decoding import open_picture
from toolkit.digits.pictures.picture import find_digit
from toolkit.shipped import open_network

SEED = 70  # not that of which anything was set
COUNT = 6

# How alike photograph and drawing are on average: their correlation, a pixel's shift allowed.
# The way before this one, which took light for smooth and knew no lines, had 0.59 on lined
# paper, 0.27 at a shadow's edge, 0.22 with a table in the picture.
EXPECTED = dict.fromkeys(DISTURBANCES, 0.95) | {
    "everything": 0.85,
    "shadow edge": 0.9,
    "blur": 0.92,
}


def alike(drawn, photographed):
    shifted = [
        np.roll(photographed.reshape(28, 28), (i, j), (0, 1)).ravel()
        for i in (-1, 0, 1) for j in (-1, 0, 1)
    ]  # fmt: skip
    return max(np.corrcoef(drawn, each)[0, 1] for each in shifted)


@pytest.mark.parametrize("kind", DISTURBANCES)
def test_a_photograph_becomes_the_digit_that_was_drawn(kind):
    network = open_network("mnist-sigmoid")
    found = photos(kind, COUNT, SEED, (640, 480))
    drawn = np.array([to_mnist_form(photo.ink) for photo in found])
    read = np.array([to_mnist_form(read_picture(photo.data)) for photo in found])
    likeness = np.mean([alike(*pair) for pair in zip(drawn, read, strict=True)])
    labels = np.array([photo.label for photo in found])
    right = [np.sum(network.forward(each).predictions == labels) for each in (drawn, read)]
    assert not any(find_digit(open_picture(photo.data)).another for photo in found[:3])
    print(f"{kind:14s} likeness {likeness:.3f}, read right {right[1]} of {COUNT}, drawn {right[0]}")
    assert likeness > EXPECTED[kind]
    assert right[1] >= right[0] - (2 if kind == "everything" else 1)


def test_a_photograph_of_twelve_megapixels_is_read_as_a_small_one_is():
    for small in photos("lined", 2, SEED):
        picture = Image.open(io.BytesIO(small.data))
        file = io.BytesIO()
        picture.resize([5 * side for side in picture.size]).save(file, "JPEG", quality=90)
        one, other = (to_mnist_form(read_picture(data)) for data in (file.getvalue(), small.data))
        assert alike(one, other) > 0.95


def test_a_digit_that_fills_the_picture_is_not_taken_for_a_line():
    sheet = np.ones((300, 120), np.float32)
    sheet[4:296, 50:66] = 0.1  # a one, from edge to edge
    one = to_mnist_form(read_picture(_png(sheet)))
    rows, columns = np.nonzero(one.reshape(28, 28) > 0.5)
    assert np.ptp(rows) >= 18
    assert np.ptp(columns) <= 3


@pytest.mark.parametrize("light", [np.ones(400), np.linspace(0.7, 0.9, 400)])
def test_of_two_digits_one_is_taken_and_that_there_is_another_is_known(light):
    sheet = np.ones((300, 400))
    sheet[80:220, 60:75] = sheet[60:240, 300:318] = 0.1  # two ones, far apart
    found = find_digit((sheet * light).astype(np.float32))
    assert found.another
    _, columns = np.nonzero(found.tones > 0.5)
    assert columns.min() > 290


@pytest.mark.parametrize("light", [np.ones(400), np.linspace(0.7, 0.9, 400)])
def test_neither_a_blot_nor_what_the_edge_cuts_is_another_digit(light):
    sheet = np.ones((300, 400))
    sheet[60:240, 60:78] = 0.1
    sheet[60:80, 300:320] = 0.1
    sheet[:200, 380:] = 0.1
    found = find_digit((sheet * light).astype(np.float32))
    assert not found.another
    _, columns = np.nonzero(found.tones > 0.5)
    assert columns.max() < 90


def test_ruled_paper_without_ink_is_blank():
    sheet = np.full((400, 300, 3), 0.9, np.float32)
    sheet[20::30] = (0.6, 0.7, 0.85)
    sheet += np.random.default_rng(0).normal(0, 0.01, sheet.shape)
    assert not read_picture(_png(np.clip(sheet, 0, 1))).any()


def _png(values):
    file = io.BytesIO()
    Image.fromarray(np.rint(values * 255).astype(np.uint8)).save(file, "PNG")
    return file.getvalue()
