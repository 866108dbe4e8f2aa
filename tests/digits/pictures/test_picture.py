import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image, ImageDraw

from toolkit.digits import generate, ink_of, load_folder, read_picture, to_mnist_form

DIGITS = generate(20, seed=11)


def encode(picture, kind="PNG", **options):
    """Return an array (0 black to 1 white) or a Pillow image as a file's bytes."""
    if not isinstance(picture, Image.Image):
        picture = Image.fromarray(np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8))
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def enlarged(index, side=420, around=(900, 700)):
    """Return a drawn digit as large ink in [0, 1] on an empty sheet, off the middle."""
    small = Image.fromarray(DIGITS.pixels[index].reshape(28, 28))
    sheet = np.zeros(around)
    large = np.asarray(small.resize((side, side), Image.Resampling.BICUBIC))
    sheet[200 : 200 + side, 90 : 90 + side] = large > 127
    return sheet


def apart(a, b):
    """Return how far two digits are apart, a shift of one pixel allowed: 0 same, 1 unrelated."""
    a, b = a.reshape(28, 28), b.reshape(28, 28)
    shifts = [np.roll(b, (i, j), (0, 1)) for i in (-1, 0, 1) for j in (-1, 0, 1)]
    return min(np.linalg.norm(a - shifted) for shifted in shifts) / np.linalg.norm(a)


def assert_comes_back(index, digit):
    """Assert that a digit is the drawn one still, blurred a little, and no other."""
    distances = [apart(DIGITS.image(i), digit) for i in range(len(DIGITS))]
    assert np.argmin(distances) == index
    assert distances[index] < 0.5


def paper(shape, seed=0):
    """Return sunlit paper: brighter at one side, with a grain."""
    rows, columns = np.mgrid[0 : 1 : shape[0] * 1j, 0 : 1 : shape[1] * 1j]
    grain = np.random.default_rng(seed).normal(0, 0.012, shape)
    return 0.55 + 0.35 * columns - 0.15 * rows**2 + grain


@pytest.mark.parametrize("index", range(10))
def test_a_digit_photographed_on_paper_comes_back(index):
    ink = enlarged(index)
    photograph = paper(ink.shape) * (1 - 0.75 * ink)
    photograph[40:44, 640:644] = 0.1  # a crumb
    digit = to_mnist_form(read_picture(encode(photograph, "JPEG", quality=85)))
    assert_comes_back(index, digit)


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_turned_photograph_is_turned_back(orientation):
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    picture = Image.fromarray(np.rint((1 - enlarged(2)) * 255).astype(np.uint8))
    if orientation in undo:
        picture = picture.transpose(undo[orientation])
    tags = Image.Exif()
    tags[0x0112] = orientation
    digit = to_mnist_form(read_picture(encode(picture, "JPEG", quality=95, exif=tags)))
    assert_comes_back(2, digit)


@pytest.mark.parametrize("index", range(10, 14))
def test_bright_chalk_and_dark_pen_read_the_same(index):
    ink = enlarged(index)
    pen = to_mnist_form(read_picture(encode(1 - 0.9 * ink)))
    chalk = to_mnist_form(read_picture(encode(0.1 + 0.8 * ink)))
    assert apart(pen, chalk) < 0.05
    assert_comes_back(index, pen)


def _transparent(colour):
    alpha = np.rint(enlarged(4) * 255).astype(np.uint8)
    picture = Image.new("RGBA", (alpha.shape[1], alpha.shape[0]), (*colour, 0))
    picture.putalpha(Image.fromarray(alpha))
    return picture


FORMS = {
    "dark ink, transparent ground": lambda grey: _transparent((10, 10, 60)),
    "white ink, transparent ground": lambda grey: _transparent((255, 255, 255)),
    "grey with alpha": lambda grey: _transparent((0, 0, 0)).convert("LA"),
    "palette": lambda grey: grey.convert("RGB").quantize(16),
    "colour": lambda grey: grey.convert("RGB"),
    "one bit": lambda grey: grey.convert("1", dither=Image.Dither.NONE),
    "16 bit": lambda grey: Image.fromarray(np.asarray(grey).astype(np.uint16) * 257),
}


@pytest.mark.parametrize("form", FORMS)
def test_pixel_formats_make_no_difference(form):
    grey = Image.fromarray(np.rint((1 - enlarged(4)) * 255).astype(np.uint8))
    digit = to_mnist_form(read_picture(encode(FORMS[form](grey))))
    assert_comes_back(4, digit)


def test_a_path_reads_like_its_bytes(tmp_path):
    content = encode(1 - enlarged(5))
    (tmp_path / "five.png").write_bytes(content)
    np.testing.assert_array_equal(read_picture(tmp_path / "five.png"), read_picture(content))
    np.testing.assert_array_equal(read_picture(str(tmp_path / "five.png")), read_picture(content))


@pytest.mark.parametrize("ground", [0, 1])
def test_a_picture_of_an_mnist_digit_comes_back_bit_for_bit(ground):
    for index in range(len(DIGITS)):
        pixels = DIGITS.pixels[index].reshape(28, 28)
        picture = Image.fromarray(255 - pixels if ground else pixels)
        digit = to_mnist_form(read_picture(encode(picture)))
        np.testing.assert_array_equal(digit, DIGITS.image(index))


@pytest.mark.parametrize("tone", [0.0, 0.4, 1.0])
@pytest.mark.parametrize("side", [28, 600])
def test_an_empty_picture_has_no_ink(tone, side):
    ink = read_picture(encode(np.full((side, side), tone)))
    assert not ink.any()
    with pytest.raises(ValueError, match="expected some ink; got none, the picture is blank"):
        to_mnist_form(ink)


def test_empty_paper_has_no_ink_for_all_its_light_and_shade():
    assert not read_picture(encode(paper((600, 500)), "JPEG")).any()


def test_what_is_no_picture_is_refused(tmp_path):
    for wrong in (b"", b"not a picture"):
        with pytest.raises(ValueError, match="expected a picture as PNG, JPEG, WebP, GIF, BMP or"):
            read_picture(wrong)
    with pytest.raises(ValueError, match="expected a whole picture"):
        read_picture(b"\x89PNG\r\n\x1a\n" + bytes(50))
    (tmp_path / "notes.txt").write_text("seven")
    with pytest.raises(ValueError, match=r"notes\.txt: expected a picture"):
        read_picture(tmp_path / "notes.txt")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_cut_picture_is_refused(kind):
    content = encode(paper((300, 300)), kind)
    with pytest.raises(ValueError, match="expected a whole picture; got a damaged or cut one"):
        read_picture(content[: len(content) // 2])


@given(at=st.integers(0, 2000), byte=st.integers(0, 255))
@settings(max_examples=60, deadline=None)
def test_damage_anywhere_gives_an_image_or_one_clear_error(at, byte):
    content = bytearray(SMALL_PNG)
    content[at % len(content)] ^= byte
    try:
        ink = read_picture(bytes(content))
    except ValueError as error:
        assert "picture: expected" in str(error)
    else:
        assert ink.ndim == 2


def test_missing_and_unreadable_paths_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.png: no such file"):
        read_picture(tmp_path / "nowhere.png")
    with pytest.raises(ValueError, match="cannot be read"):
        read_picture(tmp_path)


def _png_of(width, height):
    """Return a PNG whose header announces a size that nobody has to decode."""

    def chunk(name, content):
        body = name + content
        return struct.pack(">I", len(content)) + body + struct.pack(">I", zlib.crc32(body))

    size = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(("width", "height"), [(10_000, 4_001), (10_000, 10_000), (60_000, 60_000)])
def test_a_picture_too_large_is_refused_by_its_header(width, height, recwarn):
    with pytest.raises(ValueError, match="expected at most 40 megapixels; got"):
        read_picture(_png_of(width, height))
    assert not recwarn


def test_the_form_is_mnists():
    for index in range(len(DIGITS)):
        digit = to_mnist_form(enlarged(index))
        image = digit.reshape(28, 28)
        rows, columns = np.nonzero(image)
        assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
        assert abs(image.sum(axis=1) @ np.arange(28) / image.sum() - 14) <= 0.5
        assert abs(image.sum(axis=0) @ np.arange(28) / image.sum() - 14) <= 0.5
        assert digit.dtype == np.float32
        np.testing.assert_array_equal(np.rint(digit * 255).astype(np.float32) / 255, digit)


def test_digits_in_the_form_come_back_unchanged():
    for index in range(len(DIGITS)):
        image = DIGITS.image(index)
        np.testing.assert_array_equal(to_mnist_form(image.reshape(28, 28)), image)


def test_where_and_how_large_the_digit_was_makes_little_difference():
    sheet = enlarged(6)
    here = to_mnist_form(sheet)
    np.testing.assert_array_equal(to_mnist_form(np.roll(sheet, (150, 30), (0, 1))), here)
    assert apart(here, to_mnist_form(enlarged(6, side=112))) < 0.12


@pytest.mark.parametrize("pen", [1, 2, 5])
def test_a_fine_pen_on_a_large_sheet_does_not_fade(pen):
    sheet = Image.new("L", (800, 1000), 255)
    ImageDraw.Draw(sheet).line([(200, 200), (600, 210), (350, 850)], fill=30, width=pen)
    digit = to_mnist_form(read_picture(encode(sheet)))
    assert digit.max() > 0.8
    assert 25 < digit.sum() < 90  # MNIST's sevens hold about 90, thin ones half of that


def test_a_huge_sheet_with_a_speck_of_ink_still_comes_to_the_form():
    sheet = np.zeros((3000, 2000), np.float32)
    sheet[::2999, ::1999] = 1 / 255
    assert to_mnist_form(sheet).max() > 0
    sheet[500:2500, 1000] = 1
    assert to_mnist_form(sheet).max() > 0.8


@given(
    npst.arrays(
        np.float32,
        npst.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=90),
        elements=st.floats(0, 1, width=32),
        fill=st.just(0),
    )
)
@settings(deadline=None)
def test_any_ink_comes_to_the_form_and_stays(grey):
    if np.rint(grey * 255).max() == 0:
        with pytest.raises(ValueError, match="no"):
            to_mnist_form(grey)
        return
    once = to_mnist_form(grey)
    assert once.shape == (784,)
    assert 0 < once.max() <= 1
    rows, columns = np.nonzero(once.reshape(28, 28))
    if max(np.ptp(rows), np.ptp(columns)) + 1 == 20:
        np.testing.assert_array_equal(to_mnist_form(once.reshape(28, 28)), once)


@pytest.mark.parametrize("function", [to_mnist_form, ink_of])
@pytest.mark.parametrize(
    ("grey", "message"),
    [
        (np.zeros(784), r"grey: expected shape \(h, w\).* got \(784,\)"),
        (np.zeros((0, 5)), r"grey: expected shape .* got \(0, 5\)"),
        (np.zeros((28, 28), np.uint8), "grey: expected floats from 0 to 1; got uint8"),
        (np.full((28, 28), 2.0), "grey: expected floats from 0 to 1; got 2 to 2"),
        (np.full((28, 28), np.nan), "grey: expected floats from 0 to 1; got nan"),
    ],
)
def test_arrays_that_do_not_fit_are_refused(function, grey, message):
    with pytest.raises(ValueError, match=message):
        function(grey)


@pytest.mark.mnist
def test_real_mnist_is_in_the_form(mnist_folder):
    digits = load_folder(mnist_folder).subset(slice(1000))
    same = [
        np.array_equal(to_mnist_form(digits.image(i).reshape(28, 28)), digits.image(i))
        for i in range(len(digits))
    ]
    assert np.mean(same) > 0.99


SMALL_PNG = encode(1 - DIGITS.images[3].reshape(28, 28))
