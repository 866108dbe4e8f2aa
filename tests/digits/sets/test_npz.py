import io
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

from toolkit.digits import generate, load_npz

DIGITS = generate(20)
IMAGES = DIGITS.pixels.reshape(-1, 28, 28)
LABELS = DIGITS.labels


def put(tmp_path, **arrays):
    np.savez_compressed(tmp_path / "set.npz", **arrays)
    return tmp_path / "set.npz"


def test_kerass_names_give_both_splits(tmp_path):
    path = put(tmp_path, x_test=IMAGES, y_test=LABELS, x_train=IMAGES[::-1], y_train=LABELS[::-1])
    test, train = load_npz(path), load_npz(str(path), "train")
    np.testing.assert_array_equal(test.pixels, DIGITS.pixels)
    np.testing.assert_array_equal(train.labels, LABELS[::-1])
    assert (test.name, train.name, test.source) == ("set test", "set train", str(path))


def test_images_and_labels_are_digits_to_test(tmp_path):
    path = put(tmp_path, images=IMAGES, labels=LABELS)
    assert load_npz(path).name == "set"
    with pytest.raises(ValueError, match="call them x_train and y_train"):
        load_npz(path, "train")


FORMS = {
    "flat": DIGITS.pixels,
    "channels last": IMAGES[..., None],
    "channels first": IMAGES[:, None],
    "int64": IMAGES.astype(np.int64),
    "big-endian": IMAGES.astype(">i4"),
    "float32 0 to 1": DIGITS.images,
    "float64 0 to 255": IMAGES.astype(np.float64),
    "float16": (IMAGES / 255).astype(np.float16),
    "column-major": np.asfortranarray(IMAGES),
}


@pytest.mark.parametrize("form", FORMS)
def test_images_in_each_usual_form_are_the_same(tmp_path, form):
    digits = load_npz(put(tmp_path, images=FORMS[form], labels=LABELS))
    np.testing.assert_array_equal(digits.pixels, DIGITS.pixels)


def test_booleans_are_full_ink(tmp_path):
    digits = load_npz(put(tmp_path, images=IMAGES > 100, labels=LABELS))
    np.testing.assert_array_equal(digits.pixels, (DIGITS.pixels > 100) * 255)


@pytest.mark.parametrize(
    "labels",
    [LABELS[:, None], LABELS.astype(np.int64), LABELS.astype(np.float32)],
    ids=["a column", "int64", "whole floats"],
)
def test_labels_in_each_usual_form_are_the_same(tmp_path, labels):
    digits = load_npz(put(tmp_path, images=IMAGES, labels=labels))
    np.testing.assert_array_equal(digits.labels, LABELS)


WRONG = {
    "no such arrays": ({"a": IMAGES}, "expected the arrays x_test and y_test.* found a"),
    "labels alone": ({"labels": LABELS}, "expected the arrays .* found labels"),
    "32 × 32": ({"images": np.zeros((20, 32, 32))}, r"images of 28 × 28 .* got \(20, 32, 32\)"),
    "in colour": ({"images": np.zeros((20, 28, 28, 3))}, r"got \(20, 28, 28, 3\)"),
    "one number": ({"images": np.zeros(())}, r"got \(\)"),
    "negative": ({"images": IMAGES - 1.0}, "expected grey values .* got -1 to 254"),
    "too bright": ({"images": IMAGES * 2.0}, "expected grey values .* got 0 to 510"),
    "not a number": ({"images": np.full((20, 784), np.nan)}, "expected grey values .* got nan"),
    "complex": ({"images": IMAGES * 1j}, "images: expected numbers; got complex128"),
    "text": ({"images": np.full((20, 784), "7")}, "images: expected numbers; got <U1"),
    "fewer labels": ({"labels": LABELS[:5]}, "expected 20 labels.* got 5"),
    "256": ({"labels": LABELS.astype(int) + 250}, "expected labels from 0 to 255; got 250 to 259"),
    "few classes": ({"classes": 9}, "labels: expected 0 to 8; got 0 to 9"),
    "classes as text": ({"classes": "ten"}, "classes: expected numbers; got <U3"),
    "two counts": ({"classes": [10, 10]}, "classes: expected one whole number"),
    "negative labels": ({"labels": LABELS - 1.0}, "expected labels from 0 to 255; got -1 to 8"),
    "fractions": ({"labels": LABELS / 2}, "labels: expected whole numbers; got fractions"),
    "NaN label": ({"labels": np.full(20, np.nan)}, "labels: expected whole numbers"),
    "one-hot labels": ({"labels": np.eye(10)[LABELS]}, r"one label an image.* got \(20, 10\)"),
}


@pytest.mark.parametrize("kind", WRONG)
def test_arrays_that_do_not_fit_are_refused(tmp_path, kind):
    arrays, message = WRONG[kind]
    if kind not in ("no such arrays", "labels alone"):
        arrays = {"images": IMAGES, "labels": LABELS} | arrays
    path = put(tmp_path, **arrays)
    with warnings.catch_warnings(), pytest.raises(ValueError, match=message) as caught:
        warnings.simplefilter("error")
        load_npz(path)
    assert str(caught.value).startswith(f"{path}: ")


def npy(array) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array, allow_pickle=True)
    return buffer.getvalue()


def header(text: str, version: int = 1) -> bytes:
    content = (text + "\n").encode()
    length = len(content).to_bytes(2 if version == 1 else 4, "little")
    return b"\x93NUMPY" + bytes([version, 0]) + length + content


def described(shape: str, dtype: str = "|u1") -> bytes:
    return header(f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}}}")


MEMBERS = {
    "python objects": (npy(np.array([{}], object)), "Python objects, which are not read"),
    "no npy": (b"seven", "expected an array; got a damaged one"),
    "empty": (b"", "expected an array; got a damaged one"),
    "cut": (npy(IMAGES)[:-1], "expected 15,680 bytes; got fewer or more"),
    "too long": (npy(IMAGES) + b"x", "expected 15,680 bytes; got fewer or more"),
    "huge": (described("(4000000000, 28, 28)"), "at most 256 MiB; its header announces"),
    "just inside": (described("(340000, 28, 28)"), "bytes; got fewer or more"),
    "negative shape": (described("(-1, 28, 28)"), r"expected 1 to 4 dimensions; got shape \(-1"),
    "many dimensions": (described(f"({'1, ' * 40})"), "expected 1 to 4 dimensions"),
    "header of code": (
        header("__import__('os').system('true')"),
        "expected an array; got a damaged one",
    ),
    "long header": (
        header("{" + " " * 60_000 + "}"),
        "expected an array; got a damaged one .*large",
    ),
    "deep header": (header("(" * 4000), "expected an array; got a damaged one"),
    "version 3": (b"\x93NUMPY\x03\x00" + bytes(20), "expected .npy version 1 or 2; got 3.0"),
    "version 2, long": (
        header("{" + " " * 200_000 + "}", 2),
        "expected an array; got a damaged one .*large",
    ),
    "structured": (described("(20,)", "V784"), "expected numbers; got"),
    "infinite": (npy(np.full((20, 784), np.inf)), "expected grey values"),
}


@pytest.mark.parametrize("kind", MEMBERS)
def test_a_broken_array_is_refused_in_little_memory(tmp_path, kind):
    content, message = MEMBERS[kind]
    path = tmp_path / "set.npz"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("images.npy", content)
        archive.writestr("labels.npy", npy(LABELS))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match=message) as caught:
            load_npz(path)
        assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
    finally:
        tracemalloc.stop()
    assert str(caught.value).startswith(f"{path}: images: ")


def test_a_bomb_unpacks_no_further_than_its_header_says(tmp_path):
    path = tmp_path / "set.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", npy(IMAGES) + bytes(200_000_000))
        archive.writestr("labels.npy", npy(LABELS))
    tracemalloc.start()
    with pytest.raises(ValueError, match="got fewer or more"):
        load_npz(path)
    assert tracemalloc.get_traced_memory()[1] < 16 * 2**20
    tracemalloc.stop()


def test_other_arrays_in_the_file_are_not_read(tmp_path):
    path = put(tmp_path, images=IMAGES, labels=LABELS, notes=np.array([{}], object))
    assert len(load_npz(path)) == 20


def test_archives_that_are_none_are_refused(tmp_path):
    whole = put(tmp_path, images=IMAGES, labels=LABELS).read_bytes()
    for content in (b"", b"seven", whole[: len(whole) // 2], whole[:-5]):
        (tmp_path / "broken.npz").write_bytes(content)
        with pytest.raises(ValueError, match=r"expected an \.npz archive; got something else or a"):
            load_npz(tmp_path / "broken.npz")


def test_damage_anywhere_is_one_clear_error_or_none(tmp_path):
    whole = put(tmp_path, images=IMAGES[:3], labels=LABELS[:3]).read_bytes()
    path = tmp_path / "damaged.npz"
    for at in range(0, len(whole), 7):
        damaged = bytearray(whole)
        damaged[at] ^= 0x5A
        path.write_bytes(damaged)
        try:
            assert len(load_npz(path)) == 3
        except ValueError as error:
            assert str(error).startswith(f"{path}: ")
            assert "\n" not in str(error)


def test_too_many_members_and_doubles_are_refused(tmp_path):
    with pytest.raises(ValueError, match="expected at most 64 arrays; got 70"):
        load_npz(put(tmp_path, **{f"a{i}": LABELS for i in range(70)}))
    path = tmp_path / "double.npz"
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w") as archive:
        warnings.simplefilter("ignore")
        for name in ("images.npy", "labels.npy", "images.npy"):
            archive.writestr(name, npy(LABELS))
    with pytest.raises(ValueError, match="expected every array once; two have one name"):
        load_npz(path)


def test_another_compression_is_refused(tmp_path):
    path = tmp_path / "set.npz"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("images.npy", npy(IMAGES))
        archive.writestr("labels.npy", npy(LABELS))
    with pytest.raises(ValueError, match="stored or deflated; got another compression"):
        load_npz(path)


def test_an_endless_list_of_members_is_not_read(tmp_path):
    path = tmp_path / "set.npz"
    with zipfile.ZipFile(path, "w") as archive:
        for index in range(3000):
            archive.writestr(f"{index}.npy", b"")
    with pytest.raises(ValueError, match="its list of members is far too long"):
        load_npz(path)


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nowhere\.npz: no such file"):
        load_npz(tmp_path / "nowhere.npz")
    with pytest.raises(ValueError, match="expected a file; got a folder"):
        load_npz(tmp_path)
    with pytest.raises(ValueError, match="split: expected"):
        load_npz(tmp_path / "nowhere.npz", "dev")
