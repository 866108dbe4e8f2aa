import numpy as np
import pytest
from PIL import Image

from toolkit.digits import generate, load_pictures
from toolkit.digits.sets import byclass

DIGITS = generate(30)


def put(root, pixels=DIGITS.pixels, labels=DIGITS.labels, suffix=".png", change=lambda p: p):
    for index, (image, label) in enumerate(zip(pixels, labels, strict=True)):
        folder = root / str(label)
        folder.mkdir(parents=True, exist_ok=True)
        change(Image.fromarray(image.reshape(28, 28))).save(folder / f"{index:03}{suffix}")
    return root


def in_order(digits=DIGITS):
    """Return the positions in the order of the folders: each digit's first, its second, ..."""
    places = [list(digits.labels[:i]).count(label) for i, label in enumerate(digits.labels)]
    return sorted(range(len(digits)), key=lambda i: (places[i], digits.labels[i]))


@pytest.mark.parametrize("suffix", [".png", ".BMP", ".tiff", ".webp"])
def test_pictures_of_28_by_28_come_as_they_are(tmp_path, suffix):
    if suffix == ".webp":
        root = put(tmp_path / "mine", suffix=".png")
        for path in root.rglob("*.png"):
            Image.open(path).save(path.with_suffix(".webp"), lossless=True)
            path.unlink()
    else:
        root = put(tmp_path / "mine", suffix=suffix)
    digits = load_pictures(root)
    np.testing.assert_array_equal(digits.pixels, DIGITS.pixels[in_order()])
    assert digits.labels.tolist() == [0, 1, 2, 3, 4, 5, 6, 7, 8, 9] * 3
    assert (digits.name, digits.source) == ("mine", str(root))


COLOURS = {
    "RGB": lambda picture: picture.convert("RGB"),
    "RGBA": lambda picture: picture.convert("RGBA"),
    "LA": lambda picture: picture.convert("LA"),
    "palette": lambda picture: picture.convert("RGB").quantize(256),
}


@pytest.mark.parametrize("colours", COLOURS)
def test_colours_and_palettes_make_no_difference(tmp_path, colours):
    digits = load_pictures(put(tmp_path, change=COLOURS[colours]))
    difference = digits.pixels.astype(int) - DIGITS.pixels[in_order()]
    assert np.abs(difference).max() <= 2


def test_dark_ink_on_bright_paper_is_turned_for_the_whole_set(tmp_path):
    root = put(tmp_path, 255 - DIGITS.pixels)
    np.testing.assert_array_equal(load_pictures(root).pixels, DIGITS.pixels[in_order()])


def test_a_picture_that_fills_its_frame_does_not_turn(tmp_path):
    pixels = DIGITS.pixels.copy()
    pixels[3] = 255
    digits = load_pictures(put(tmp_path, pixels))
    np.testing.assert_array_equal(digits.pixels, pixels[in_order()])


def test_other_sizes_are_brought_to_the_form(tmp_path):
    def photographed(picture):
        large = picture.resize((280, 280), Image.Resampling.BICUBIC)
        sheet = Image.new("L", (400, 300), 230)
        sheet.paste(20, (70, 10), large)
        return sheet

    digits = load_pictures(put(tmp_path, change=photographed))
    expected = DIGITS.images[in_order()]
    apart = np.abs(digits.images[:, None] - expected[None]).mean(axis=2)
    assert (apart.argmin(axis=1) == np.arange(30)).all()


def test_sizes_may_be_mixed(tmp_path):
    put(tmp_path)
    first_five = sorted((tmp_path / "5").iterdir())[0]
    Image.open(first_five).resize((112, 112), Image.Resampling.BICUBIC).save(first_five)
    digits, expected = load_pictures(tmp_path), DIGITS.pixels[in_order()]
    others = np.arange(30) != 5
    np.testing.assert_array_equal(digits.pixels[others], expected[others])
    assert 0 < np.abs(digits.images[5] - expected[5] / 255).mean() < 0.02


def test_folders_test_and_train_are_the_splits(tmp_path):
    put(tmp_path / "set" / "test", DIGITS.pixels[:10], DIGITS.labels[:10])
    put(tmp_path / "set" / "train", DIGITS.pixels[10:], DIGITS.labels[10:])
    test, train = (load_pictures(tmp_path / "set", split) for split in ("test", "train"))
    assert (len(test), len(train)) == (10, 20)
    assert (test.name, train.name) == ("set test", "set train")


def test_without_a_folder_train_all_is_to_test(tmp_path):
    put(tmp_path)
    with pytest.raises(ValueError, match=r"digits to test; .*into a folder train"):
        load_pictures(tmp_path, "train")


def test_a_missing_half_is_named(tmp_path):
    put(tmp_path / "train")
    with pytest.raises(FileNotFoundError, match="in folders 0 to 9, or in test/0 to test/9"):
        load_pictures(tmp_path)


def test_what_is_no_picture_by_its_name_is_passed_over(tmp_path):
    put(tmp_path)
    for name in (".hidden.png", "Thumbs.db", "notes.txt"):
        (tmp_path / "4" / name).write_bytes(b"no picture")
    (tmp_path / "letters").mkdir()
    assert len(load_pictures(tmp_path)) == 30


def test_a_class_may_be_missing(tmp_path):
    put(tmp_path, DIGITS.pixels[DIGITS.labels != 4], DIGITS.labels[DIGITS.labels != 4])
    assert 4 not in load_pictures(tmp_path).labels


def test_folders_of_numbers_above_nine_are_classes_of_their_number(tmp_path):
    put(tmp_path, DIGITS.pixels, DIGITS.labels + 37)
    digits = load_pictures(tmp_path)
    assert digits.classes == 47 and digits.class_names == ()
    assert set(digits.labels.tolist()) == set(range(37, 47))


def test_letters_are_classes_after_the_digits_and_both_splits_know_all(tmp_path):
    names = {0: "0", 1: "9", 2: "A", 3: "b"}
    for split, labels in (("test", (0, 3)), ("train", (0, 1, 2, 3))):
        for label in labels:
            folder = tmp_path / split / names[label]
            folder.mkdir(parents=True)
            Image.fromarray(DIGITS.pixels[label].reshape(28, 28)).save(folder / "a.png")
    test, train = (load_pictures(tmp_path, split) for split in ("test", "train"))
    assert test.class_names == train.class_names == ("0", "9", "A", "b")
    assert test.classes == 4 and test.labels.tolist() == [0, 3]


def _bad(tmp_path, kind):
    root = put(tmp_path)
    path = root / "7" / "zzz.png"
    if kind == "broken":
        path.write_bytes(b"broken")
    elif kind == "cut":
        path.write_bytes((root / "7").glob("*.png").__next__().read_bytes()[:60])
    elif kind == "blank":
        Image.new("L", (100, 100), 255).save(path)
    elif kind == "folder":
        path.mkdir()
    elif kind == "eleven":
        (root / "256").mkdir()
    elif kind == "mixed":
        (root / "A").mkdir()
        (root / "10").mkdir()
    return root, path


BAD = {
    "broken": "zzz.png: expected a picture as PNG, JPEG",
    "cut": "zzz.png: expected a whole picture; got a damaged or cut one",
    "blank": "zzz.png: digit: expected some ink; got none",
    "folder": "zzz.png: cannot be read",
    "eleven": "expected classes 0 to 255; got 256",
    "mixed": "expected classes 0 to 9, since others are letters; got 10",
}


@pytest.mark.parametrize("kind", BAD)
def test_a_folder_with_something_wrong_is_refused_and_it_is_named(tmp_path, kind):
    root, _ = _bad(tmp_path, kind)
    with pytest.raises(ValueError, match=BAD[kind]) as caught:
        load_pictures(root)
    assert str(caught.value).startswith(str(root))


@pytest.mark.parametrize(
    ("limit", "value", "message"),
    [
        ("MAX_PICTURES", 29, "expected at most 29 pictures"),
        ("MAX_BYTES", 2000, "expected at most .* got more"),
        ("MAX_PICTURE_BYTES", 100, r"\.png: expected at most 0 MiB"),
    ],
)
def test_too_many_and_too_large_pictures_are_refused(tmp_path, monkeypatch, limit, value, message):
    monkeypatch.setattr(byclass, limit, value)
    with pytest.raises(ValueError, match=message):
        load_pictures(put(tmp_path))


def test_folders_without_a_picture_are_refused(tmp_path):
    (tmp_path / "3").mkdir()
    with pytest.raises(ValueError, match="expected pictures such as PNG in the folders 0 to 9"):
        load_pictures(tmp_path)
