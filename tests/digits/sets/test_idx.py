import gzip
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from toolkit.digits import load_folder, read_idx, write_idx

IMAGES = np.arange(3 * 28 * 28, dtype=np.uint32).astype(np.uint8).reshape(3, 28, 28)
LABELS = np.array([3, 1, 4], np.uint8)


def header(*shape, code=8):
    return bytes([0, 0, code, len(shape)]) + np.array(shape, ">u4").tobytes()


@given(
    values=npst.arrays(np.uint8, npst.array_shapes(min_dims=1, max_dims=4, min_side=0, max_side=6)),
    name=st.sampled_from(["set", "set.gz"]),
)
def test_what_is_written_reads_back(tmp_path_factory, values, name):
    path = tmp_path_factory.mktemp("idx") / name
    write_idx(path, values)
    back = read_idx(path)
    np.testing.assert_array_equal(back, values)
    assert back.dtype == np.uint8
    assert back.shape == values.shape


def test_the_bytes_are_those_of_the_format(tmp_path):
    write_idx(tmp_path / "labels", LABELS)
    assert (tmp_path / "labels").read_bytes() == bytes([0, 0, 8, 1, 0, 0, 0, 3, 3, 1, 4])


def test_compression_is_told_by_content_not_by_name(tmp_path):
    write_idx(tmp_path / "zipped.gz", LABELS)
    (tmp_path / "zipped.gz").rename(tmp_path / "labels")
    np.testing.assert_array_equal(read_idx(tmp_path / "labels"), LABELS)


def test_the_same_values_give_the_same_compressed_file(tmp_path):
    write_idx(tmp_path / "a.gz", LABELS)
    write_idx(tmp_path / "b.gz", LABELS)
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


BROKEN = {
    "empty": (b"", "expected an IDX file, which begins 00 00 08; got an empty file"),
    "too short": (b"\0\0", "expected an IDX file.* got 00 00"),
    "another format": (b"\x89PNG\r\n", "expected an IDX file.* got 89 50 4e 47"),
    "unknown type": (header(2, code=7) + b"ab", "expected an IDX file.* got 00 00 07 01"),
    "floats": (header(2, code=13) + bytes(8), "expected values of type uint8; got float32"),
    "no dimensions": (bytes([0, 0, 8, 0]), "expected 1 to 4 dimensions; got 0"),
    "many dimensions": (header(*[1] * 9) + b"a", "expected 1 to 4 dimensions; got 9"),
    "cut header": (header(5, 28, 28)[:9], "expected a header of 16 bytes; got 9; .*cut short"),
    "cut": (header(5) + b"abc", r"expected 5 values \(5\); got 3; the file is cut short"),
    "cut image": (header(2, 2, 2) + b"abc", r"expected 8 values \(2 × 2 × 2\); got 3"),
    "too long": (header(3) + b"abcd", "expected to end after 3 values .*got more bytes"),
}


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_file_is_refused_and_named(tmp_path, kind, zipped):
    content, message = BROKEN[kind]
    path = tmp_path / "broken-ubyte"
    path.write_bytes(gzip.compress(content) if zipped else content)
    with pytest.raises(ValueError, match=message) as caught:
        read_idx(path)
    assert str(caught.value).startswith(f"{path}: ")
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("harm", ["cut", "flipped", "head alone"])
def test_a_damaged_gzip_file_is_refused(tmp_path, harm):
    whole = bytearray(gzip.compress(header(2000) + np.random.default_rng(0).bytes(2000)))
    if harm == "cut":
        whole = whole[:-30]
    elif harm == "head alone":
        whole = whole[:2]
    else:
        whole[1000] ^= 0xFF
    path = tmp_path / "damaged.gz"
    path.write_bytes(whole)
    with pytest.raises(ValueError, match="expected a whole gzip file; got a damaged or cut one"):
        read_idx(path)


def test_a_header_that_announces_too_much_is_refused_before_memory_is_taken(tmp_path):
    path = tmp_path / "huge"
    path.write_bytes(header(4_000_000_000, 1000, 1000))
    tracemalloc.start()
    with pytest.raises(ValueError, match="at most 256 MiB; its header announces"):
        read_idx(path)
    # A shape just inside the limit with nothing behind it takes none either.
    path.write_bytes(header(2**28))
    with pytest.raises(ValueError, match="cut short"):
        read_idx(path)
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()


def test_a_gzip_file_that_unpacks_without_end_is_refused(tmp_path):
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(header(10) + bytes(30_000_000)))
    tracemalloc.start()
    with pytest.raises(ValueError, match="expected to end after 10 values"):
        read_idx(path)
    assert tracemalloc.get_traced_memory()[1] < 8 * 2**20
    tracemalloc.stop()


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="nowhere: no such file"):
        read_idx(tmp_path / "nowhere")


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(ValueError, match="expected a file; got a folder"):
        read_idx(tmp_path)


def test_only_bytes_are_written(tmp_path):
    with pytest.raises(ValueError, match="values: expected uint8; got float64"):
        write_idx(tmp_path / "x", np.zeros(3))
    with pytest.raises(ValueError, match="values: expected 1 to 4 dimensions; got 5"):
        write_idx(tmp_path / "x", np.zeros((1,) * 5, np.uint8))


@pytest.mark.parametrize("dot", ["-", "."])
@pytest.mark.parametrize("end", ["", ".gz"])
def test_a_folder_is_read_under_each_usual_name(tmp_path, dot, end):
    folder = tmp_path / "My digits"
    folder.mkdir()
    for prefix, order in (("t10k", 1), ("train", -1)):
        write_idx(folder / f"{prefix}-images{dot}idx3-ubyte{end}", IMAGES[::order])
        write_idx(folder / f"{prefix}-labels{dot}idx1-ubyte{end}", LABELS[::order])
    test, train = load_folder(folder), load_folder(str(folder), "train")
    assert test.labels.tolist() == [3, 1, 4]
    assert train.labels.tolist() == [4, 1, 3]
    np.testing.assert_array_equal(test.pixels, IMAGES.reshape(3, 784))
    assert (test.name, train.name) == ("My digits test", "My digits train")
    assert test.source == str(folder)


def _folder_of(tmp_path, images=IMAGES, labels=LABELS):
    write_idx(tmp_path / "t10k-images-idx3-ubyte", images)
    write_idx(tmp_path / "t10k-labels-idx1-ubyte", labels)
    return tmp_path


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (IMAGES, LABELS[:2], "labels-idx1-ubyte: expected 3 labels.* got 2"),
        (IMAGES[:, :27], LABELS, "images-idx3-ubyte: expected images of 28 × 28.* got 27 × 28"),
        (LABELS, LABELS, r"images-idx3-ubyte: expected 3 dimensions \(images\); got 1 \(labels\)"),
        (IMAGES, IMAGES, r"labels-idx1-ubyte: expected 1 dimensions \(labels\); got 3 \(images\)"),
    ],
)
def test_files_that_do_not_fit_each_other_are_refused(tmp_path, images, labels, message):
    with pytest.raises(ValueError, match=message):
        load_folder(_folder_of(tmp_path, images, labels))


def test_what_is_missing_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such folder"):
        load_folder(tmp_path / "nowhere")
    with pytest.raises(FileNotFoundError, match="expected the test images as t10k-images-idx3"):
        load_folder(tmp_path)
    _folder_of(tmp_path)
    with pytest.raises(FileNotFoundError, match="expected the train images as train-images-idx3"):
        load_folder(tmp_path, "train")
    with pytest.raises(FileNotFoundError, match="is a file; expected a folder"):
        load_folder(tmp_path / "t10k-images-idx3-ubyte")


def test_the_split_is_checked(tmp_path):
    with pytest.raises(ValueError, match="split: expected 'test' or 'train'; got 'dev'"):
        load_folder(tmp_path, "dev")


def put_emnist(folder, part="digits", labels=LABELS):
    folder.mkdir(exist_ok=True)
    lying = IMAGES.transpose(0, 2, 1)
    for split, order in (("test", 1), ("train", -1)):
        write_idx(folder / f"emnist-{part}-{split}-images-idx3-ubyte.gz", lying[::order])
        write_idx(folder / f"emnist-{part}-{split}-labels-idx1-ubyte.gz", labels[::order])
    return folder


@pytest.mark.parametrize("part", ["digits", "mnist"])
def test_emnist_is_set_upright(tmp_path, part):
    folder = put_emnist(tmp_path / "gzip", part)
    test, train = load_folder(folder), load_folder(folder, "train")
    np.testing.assert_array_equal(test.pixels, IMAGES.reshape(3, 784))
    np.testing.assert_array_equal(train.labels, LABELS[::-1])
    assert (test.name, train.name) == (f"EMNIST {part} test", f"EMNIST {part} train")


def test_of_emnists_parts_the_digits_come_first(tmp_path):
    put_emnist(tmp_path, "balanced", LABELS + 40)
    put_emnist(tmp_path, "letters", LABELS + 20)
    put_emnist(tmp_path, "digits")
    assert load_folder(tmp_path).name == "EMNIST digits test"


@pytest.mark.parametrize(
    ("part", "classes", "called"),
    [("balanced", 47, "O"), ("bymerge", 47, "O"), ("byclass", 62, "O"), ("letters", 27, "X")],
)
def test_emnists_letters_are_called_as_emnist_calls_them(tmp_path, part, classes, called):
    put_emnist(tmp_path, part, np.array([20, 24, 26], np.uint8))
    digits = load_folder(tmp_path)
    assert (digits.classes, digits.called(24), digits.called(0)) == (
        classes, called, "–" if part == "letters" else "0",
    )  # fmt: skip
    assert digits.subset([0]).classes == classes


def test_emnists_balanced_part_merges_letters_that_look_alike(tmp_path):
    put_emnist(tmp_path, "balanced", np.array([36, 44, 46], np.uint8))
    digits = load_folder(tmp_path)
    assert [digits.called(each) for each in digits.labels.tolist()] == ["a", "q", "t"]


def test_labels_that_are_no_class_of_the_part_are_refused(tmp_path):
    put_emnist(tmp_path, "balanced", np.array([0, 1, 47], np.uint8))
    with pytest.raises(ValueError, match=r"labels from 0 to 46, .* part balanced; got 47"):
        load_folder(tmp_path)


def test_labels_above_nine_are_more_classes(tmp_path):
    assert load_folder(_folder_of(tmp_path, labels=LABELS + 7)).classes == 12


def test_half_of_emnist_says_which_half_is_missing(tmp_path):
    put_emnist(tmp_path)
    (tmp_path / "emnist-digits-test-labels-idx1-ubyte.gz").unlink()
    with pytest.raises(FileNotFoundError, match="test labels as emnist-digits-test-labels-idx1"):
        load_folder(tmp_path)
    assert len(load_folder(tmp_path, "train")) == 3


@pytest.mark.mnist
def test_the_real_mnist_reads(mnist_folder):
    digits = load_folder(mnist_folder)
    assert len(digits) == 10_000
    assert digits.labels[:5].tolist() == [7, 2, 1, 0, 4]
