import numpy as np
import pytest
from PIL import Image

from toolkit.digits import (
    default_source,
    find_mnist,
    generate,
    has_training,
    kind_of,
    open_digits,
    part_of,
    parted,
    write_idx,
)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, and no source named by the environment."""
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("TOOLKIT_DIGITS", raising=False)
    return tmp_path / "cache"


def put_idx(folder, seed=0):
    """Put a few digits under MNIST's names: 30 to test, 50 to train."""
    folder.mkdir(parents=True)
    for prefix, count in (("t10k", 30), ("train", 50)):
        digits = generate(count, seed)
        images = digits.pixels.reshape(-1, 28, 28)
        write_idx(folder / f"{prefix}-images-idx3-ubyte.gz", images)
        write_idx(folder / f"{prefix}-labels-idx1-ubyte.gz", digits.labels)
    return folder


def test_without_anything_digits_are_drawn(cache):
    assert default_source() == "drawn"
    assert find_mnist() is None
    digits = open_digits(count=20)
    assert digits.checksum == generate(20).checksum
    assert digits.name == "drawn digits test"
    assert digits.source == "drawn"


def test_mnist_in_the_cache_comes_before_drawn_digits(cache):
    folder = put_idx(cache / "mnist")
    assert find_mnist() == folder
    assert default_source() == "mnist"
    assert (open_digits().name, open_digits(split="train").name) == ("MNIST test", "MNIST train")
    assert open_digits().source == "mnist"
    assert len(open_digits(split="train")) == 50


def test_the_environment_comes_before_mnist(cache, tmp_path, monkeypatch):
    put_idx(cache / "mnist")
    other = put_idx(tmp_path / "my set", seed=5)
    monkeypatch.setenv("TOOLKIT_DIGITS", str(other))
    assert default_source() == str(other)
    assert open_digits().name == "my set test"


def test_the_argument_comes_before_the_environment(cache, tmp_path, monkeypatch):
    monkeypatch.setenv("TOOLKIT_DIGITS", str(tmp_path / "nowhere"))
    assert open_digits("drawn", count=10).name == "drawn digits test"
    assert open_digits(put_idx(tmp_path / "set")).name == "set test"


def test_half_of_mnist_is_not_mnist(cache):
    put_idx(cache / "mnist")
    (cache / "mnist" / "t10k-labels-idx1-ubyte.gz").unlink()
    assert find_mnist() is None
    assert default_source() == "drawn"


def test_drawn_digits_to_train_are_others_than_those_to_test(cache):
    test, train = open_digits("drawn", count=200), open_digits("drawn", "train", count=200)
    both = np.concatenate([test.pixels, train.pixels])
    assert len(np.unique(both, axis=0)) == 400
    assert train.name == "drawn digits train"


@pytest.mark.parametrize(("split", "count"), [("test", 10_000), ("train", 60_000)])
def test_how_many_drawn_digits_come_without_a_count(cache, monkeypatch, split, count):
    asked = []

    def few(count, seed):
        asked.append(count)
        return generate(count // 1000, seed)

    monkeypatch.setattr("toolkit.digits.drawn.drawing.load", few)
    open_digits("drawn", split)
    assert asked == [count]


def test_behind_a_colon_stands_which_part_of_a_source_is_meant(cache, tmp_path):
    put_idx(cache / "mnist")
    folder, npz = put_idx(tmp_path / "set"), tmp_path / "set.npz"
    arrays = {
        f"{name}_{split}": getattr(open_digits(folder, split), field)
        for split in ("test", "train") for name, field in (("x", "pixels"), ("y", "labels"))
    }  # fmt: skip
    np.savez(npz, **arrays)
    for source, called in (("mnist", "MNIST"), (folder, "set"), (npz, "set")):
        assert has_training(source)
        test, train = open_digits(source), open_digits(source, "train")
        named = open_digits(f"{source}:train")
        assert (named.name, named.checksum) == (f"{called} train", train.checksum)
        # Digits to test come first: each has its number in either set.
        whole = open_digits(f"{source}:all")
        assert whole.name == f"{called} test and train"
        np.testing.assert_array_equal(whole.pixels, np.concatenate([test.pixels, train.pixels]))
        np.testing.assert_array_equal(whole.labels, np.concatenate([test.labels, train.labels]))
        for digits in (test, train, named, whole):
            assert open_digits(digits.source).checksum == digits.checksum
            assert part_of(*parted(digits.source)) == digits.source
        # What learns takes training digits, whatever is looked at.
        assert open_digits(f"{source}:all", "train").checksum == train.checksum
        assert open_digits(f"{source}:test").checksum == test.checksum
        assert kind_of(f"{source}:all") == kind_of(source)


def test_a_path_that_is_there_is_taken_as_it_is(cache, tmp_path):
    folder = put_idx(tmp_path / "odd:all")
    assert parted(folder) == (str(folder), "test")
    assert open_digits(folder).name == "odd:all test"
    assert len(open_digits(f"{folder}:all")) == 80


def test_the_environment_may_name_a_part(cache, monkeypatch):
    put_idx(cache / "mnist")
    monkeypatch.setenv("TOOLKIT_DIGITS", "mnist:all")
    assert default_source() == "mnist:all"
    assert (len(open_digits()), len(open_digits(split="train"))) == (80, 50)


def test_a_source_without_training_digits_has_no_such_part(cache, tmp_path):
    folder = put_idx(cache / "mnist")
    for file in folder.glob("train*"):
        file.unlink()
    assert not has_training("mnist") and not has_training(tmp_path / "nowhere")
    assert has_training("drawn")
    assert not has_training(folder / "t10k-images-idx3-ubyte.gz")
    for part in ("train", "all"):
        with pytest.raises(FileNotFoundError, match="MNIST's train files are not there"):
            open_digits(f"mnist:{part}")


def test_what_has_other_classes_is_not_put_together(cache, tmp_path):
    def put(name, digits):
        folder = tmp_path / "set" / name
        for each in np.unique(digits):
            (folder / each).mkdir(parents=True)
            Image.fromarray(generate(1).pixels.reshape(28, 28)).save(folder / each / "a.png")

    put("test", ["0", "1"])
    put("train", ["0", "1"])
    assert len(open_digits(f"{tmp_path / 'set'}:all")) == 4
    for prefix, labels in (("emnist-digits-test", [1]), ("emnist-letters-train", [1])):
        write_idx(tmp_path / f"{prefix}-images-idx3-ubyte", np.ones((1, 28, 28), np.uint8))
        write_idx(tmp_path / f"{prefix}-labels-idx1-ubyte", np.array(labels, np.uint8))
    with pytest.raises(ValueError, match=r"the classes that those to test have; got .*27 classes"):
        open_digits(f"{tmp_path}:all")


def test_a_count_takes_the_first(cache, tmp_path):
    folder = put_idx(tmp_path / "set")
    np.testing.assert_array_equal(
        open_digits(folder, count=7).pixels, open_digits(folder).pixels[:7]
    )


def test_more_than_there_are_cannot_be_had(cache, tmp_path):
    folder = put_idx(tmp_path / "set")
    with pytest.raises(ValueError, match="count: expected at most 30, all of set test; got 31"):
        open_digits(folder, count=31)


@pytest.mark.parametrize("count", [0, -1, 2.5, True])
def test_the_count_is_checked(cache, count):
    with pytest.raises(ValueError, match="count: expected a whole number of 1 or more; got"):
        open_digits("drawn", count=count)


def test_the_split_is_checked(cache):
    with pytest.raises(ValueError, match="split: expected 'test' or 'train'; got 'all'"):
        open_digits("drawn", "all")


def test_mnist_that_is_not_there_says_where_it_would_be_and_what_to_do(cache):
    with pytest.raises(FileNotFoundError) as caught:
        open_digits("mnist")
    message = str(caught.value)
    assert str(cache / "mnist") in message
    assert "'drawn'" in message
    assert "folder" in message


def test_an_unknown_source_says_which_there_are(cache):
    with pytest.raises(FileNotFoundError, match=r"'drawn', 'mnist' or a folder.* got 'emnist'"):
        open_digits("emnist")


@pytest.mark.parametrize("named", ["nowhere", "mnist", "broken"])
def test_an_error_says_that_the_environment_named_the_source(cache, tmp_path, monkeypatch, named):
    broken = put_idx(tmp_path / "broken")
    (broken / "t10k-images-idx3-ubyte.gz").write_bytes(b"broken")
    value = str(broken) if named == "broken" else named
    monkeypatch.setenv("TOOLKIT_DIGITS", value)
    with pytest.raises((FileNotFoundError, ValueError)) as caught:
        open_digits()
    assert f"environment variable TOOLKIT_DIGITS={value}" in str(caught.value)


def test_a_wrong_count_is_not_blamed_on_the_environment(cache, tmp_path, monkeypatch):
    monkeypatch.setenv("TOOLKIT_DIGITS", str(put_idx(tmp_path / "set")))
    with pytest.raises(ValueError, match="count: expected at most 30") as caught:
        open_digits(count=100)
    assert "TOOLKIT_DIGITS" not in str(caught.value)


def put_emnist(path):
    for source in put_idx(path).iterdir():
        source.rename(path / f"emnist-digits-{source.name.replace('t10k', 'test')}")
    return path


def put_npz(path):
    digits = {split: generate(count) for split, count in (("test", 30), ("train", 50))}
    arrays = {f"x_{split}": each.pixels.reshape(-1, 28, 28) for split, each in digits.items()}
    np.savez(path, **arrays, **{f"y_{split}": each.labels for split, each in digits.items()})
    return path


def put_pictures(path):
    for split, count in (("test", 30), ("train", 50)):
        digits = generate(count)
        for index, label in enumerate(digits.labels):
            place = path / split / str(label)
            place.mkdir(parents=True, exist_ok=True)
            picture = Image.fromarray(digits.pixels[index].reshape(28, 28))
            picture.save(place / f"{index:02}.png")
    return path


FORMS = {
    "IDX": (put_idx, "set", "set"),
    "EMNIST": (put_emnist, "set", "EMNIST digits"),
    "npz": (put_npz, "set.npz", "set"),
    "npz by another name": (put_npz, "set.npz", "set"),
    "pictures": (put_pictures, "set", "set"),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_opens_by_its_path(cache, tmp_path, monkeypatch, form):
    put, file, name = FORMS[form]
    path = put(tmp_path / file)
    if form == "npz by another name":
        path = path.rename(tmp_path / "set.zip")
    test, train = open_digits(path), open_digits(str(path), "train")
    assert (len(test), len(train)) == (30, 50)
    assert (test.name, train.name) == (f"{name} test", f"{name} train")
    assert test.source == str(path)
    assert np.bincount(test.labels).tolist() == [3] * 10
    assert len(open_digits(path, count=7)) == 7
    monkeypatch.setenv("TOOLKIT_DIGITS", str(path))
    assert open_digits().checksum == test.checksum


def test_a_file_that_is_no_set_is_refused(cache, tmp_path):
    path = put_idx(tmp_path / "set") / "t10k-images-idx3-ubyte.gz"
    with pytest.raises(ValueError, match="for IDX, name the folder that holds the files"):
        open_digits(path)


def test_a_folder_that_holds_no_set_says_what_was_looked_for(cache, tmp_path):
    with pytest.raises(FileNotFoundError, match="t10k-images-idx3-ubyte, or pictures in folders 0"):
        open_digits(tmp_path)


def test_a_folder_of_idx_files_is_read_as_one_though_it_holds_pictures_too(cache, tmp_path):
    put_idx(tmp_path / "set")
    put_pictures(tmp_path / "set")
    (tmp_path / "set" / "test" / "3" / "broken.png").write_bytes(b"broken")
    assert len(open_digits(tmp_path / "set")) == 30
