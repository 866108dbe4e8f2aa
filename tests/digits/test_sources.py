import numpy as np
import pytest

from toolkit.digits import default_source, find_mnist, generate, open_digits, write_idx


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

    monkeypatch.setattr("toolkit.digits.drawn.load", few)
    open_digits("drawn", split)
    assert asked == [count]


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
