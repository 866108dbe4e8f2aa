import re
from pathlib import Path

import numpy as np
import pytest

from toolkit.digits import generate, load_drawn, load_folder
from toolkit.digits.drawn import drawing
from toolkit.digits.drawn.strokes import HALF_WIDTH, LEAN, STYLES


@pytest.fixture(scope="module")
def digits():
    return generate(2000, seed=7)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def test_a_seed_says_which_digits():
    assert generate(60, seed=3).checksum == generate(60, seed=3).checksum
    assert generate(60, seed=3).checksum != generate(60, seed=4).checksum


GOLDEN = {(10_000, 0): "f0f75e2ae46a3c73", (2000, 7): "9265b90738875cfe"}


@pytest.mark.parametrize(("count", "seed"), GOLDEN)
def test_a_seed_draws_the_digits_it_always_drew(count, seed):
    assert generate(count, seed).checksum == GOLDEN[count, seed], (
        f"the digits of seed {seed} are others than they were. If the generator was changed, or "
        "this NumPy's random numbers are others: pin the new checksum and measure the accuracies "
        "on drawn digits in README.md and weights/README.md again. If neither, this machine's "
        "arithmetic reaches the pixels, which drawing.py means to prevent (its first lines say how)"
    )


def test_the_last_digits_of_another_machines_arithmetic_change_nothing(digits, monkeypatch):
    # Sine, logarithm and matrix products differ by about 1e-16 between processors; this is 1e-14.
    noise = np.random.default_rng(0)
    curves, half_widths = drawing._curves, drawing._half_widths

    def off(values):
        return values * (1 + noise.uniform(-1e-14, 1e-14, values.shape))

    def curves_elsewhere(*arguments):
        path, along = curves(*arguments)
        return off(path), off(along)

    monkeypatch.setattr(drawing, "_curves", curves_elsewhere)
    monkeypatch.setattr(drawing, "_half_widths", lambda *arguments: off(half_widths(*arguments)))
    assert generate(2000, seed=7).checksum == digits.checksum


def test_the_global_random_state_plays_no_part():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    generate(10)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


@pytest.mark.parametrize("count", [1, 499, 500, 501])
def test_a_digit_is_the_same_whatever_the_count(digits, count):
    fewer = generate(count, seed=7)
    np.testing.assert_array_equal(fewer.pixels, digits.pixels[:count])
    np.testing.assert_array_equal(fewer.labels, digits.labels[:count])


def test_none_at_all_is_a_set_too():
    assert generate(0).pixels.shape == (0, 784)


def test_every_ten_in_a_row_hold_each_label_once_in_random_order(digits):
    tens = digits.labels.reshape(-1, 10)
    np.testing.assert_array_equal(np.sort(tens, axis=1), np.tile(np.arange(10), (200, 1)))
    assert len(np.unique(tens, axis=0)) > 190


def test_the_ink_is_in_mnists_form(digits):
    ink = digits.pixels.reshape(-1, 28, 28) > 0
    height = _extent(ink.any(axis=2))
    width = _extent(ink.any(axis=1))
    np.testing.assert_array_equal(np.maximum(height, width), 20)

    weight = digits.images.reshape(-1, 28, 28).astype(float)
    mass = weight.sum(axis=(1, 2))
    row = weight.sum(axis=2) @ np.arange(28) / mass
    column = weight.sum(axis=1) @ np.arange(28) / mass
    # A digit whose box already touches the edge goes no further.
    assert np.mean((abs(row - 14) <= 0.5) & (abs(column - 14) <= 0.5)) > 0.999
    assert max(abs(row - 14).max(), abs(column - 14).max()) < 1.5


def test_lines_are_bright_and_their_edges_grey(digits):
    assert np.quantile(digits.images.max(axis=1), 0.01) > 0.8
    lit = digits.pixels[digits.pixels > 0]
    assert 0.4 < np.mean(lit < 250) < 0.8


def test_digits_of_a_label_differ_yet_resemble_each_other(digits):
    for label in range(10):
        images = digits.images[digits.labels == label]
        assert len(np.unique(images, axis=0)) == len(images)
        assert images.std(axis=0).max() > 0.2
        assert images.mean(axis=0).max() > 0.45


def test_progress_rises_to_one():
    seen: list[float] = []
    generate(1200, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 1
    assert len(seen) == 3


@pytest.mark.parametrize("wrong", [-1, 1.5, True, "ten", None])
def test_count_and_seed_are_checked(wrong):
    with pytest.raises(ValueError, match="count: expected a whole number of 0 or more; got"):
        generate(wrong)
    with pytest.raises(ValueError, match="seed: expected a whole number of 0 or more; got"):
        load_drawn(10, seed=wrong)


def test_shapes_of_a_style_are_alike_point_for_point():
    for style in STYLES:
        assert style.share > 0
        for shape in style.shapes:
            assert [len(stroke) for stroke in shape] == [len(s) for s in style.shapes[0]]
    assert {style.digit for style in STYLES} == set(range(10))
    assert len(LEAN) == len(HALF_WIDTH) == 10


def test_loading_keeps_the_digits_and_finds_them_again(cache, monkeypatch):
    first = load_drawn(30, seed=2)
    assert [path.name for path in cache.iterdir()] == [drawing.cache_path(30, 2).name]
    monkeypatch.setattr(drawing, "generate", _must_not_draw)
    again = load_drawn(30, seed=2)
    assert again.checksum == first.checksum == generate(30, seed=2).checksum
    assert again.name == first.name


def test_digits_of_another_generator_are_not_taken_for_this_ones(cache, monkeypatch):
    other = generate(30, seed=99)
    monkeypatch.setattr(drawing, "generator_version", lambda: "12345678")
    monkeypatch.setattr(drawing, "generate", lambda *_: other)
    assert load_drawn(30, seed=2).checksum == other.checksum
    monkeypatch.undo()
    monkeypatch.setenv("TOOLKIT_CACHE", str(cache))
    assert load_drawn(30, seed=2).checksum == generate(30, seed=2).checksum


def test_the_generators_version_is_that_of_all_that_draws():
    # A module that drawing reads and the version leaves out could change unnoticed.
    room, found = Path(drawing.__file__).parents[1], {"drawn/drawing.py"}
    for name in drawing._SOURCES:
        text = (room / name).read_text(encoding="utf-8")
        modules = re.findall(r"^from toolkit\.digits\.(\S+) import", text, re.M)
        found |= {f"{module.replace('.', '/')}.py" for module in modules}
    assert found - {"cache.py", "digitset.py"} == set(drawing._SOURCES)


def test_other_counts_and_seeds_have_files_of_their_own(cache):
    load_drawn(30, seed=2)
    assert load_drawn(20, seed=2).checksum == generate(20, seed=2).checksum
    assert load_drawn(30, seed=3).checksum == generate(30, seed=3).checksum


def _empty(path):
    path.write_bytes(b"")


def _cut(path):
    path.write_bytes(path.read_bytes()[:-200])


def _flip(path):
    content = bytearray(path.read_bytes())
    for at in range(len(content) // 3, len(content) // 3 + 20):
        content[at] ^= 0xFF
    path.write_bytes(content)


def _garbage(path):
    path.write_bytes(b"\x93NUMPY, or so it says")


def _other_digits(path):
    other = generate(30, seed=99)
    np.savez(path, pixels=other.pixels, labels=other.labels, checksum=np.array("0" * 16))


def _pickled(path):
    np.savez(path, pixels=np.array([{}], object), labels=np.zeros(30), checksum=np.array(""))


def _folder(path):
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    "damage", [_empty, _cut, _flip, _garbage, _other_digits, _pickled, _folder]
)
def test_a_damaged_cache_is_drawn_anew(cache, damage):
    good = load_drawn(30, seed=2)
    damage(drawing.cache_path(30, 2))
    assert load_drawn(30, seed=2).checksum == good.checksum
    # ... and no half-written file is left behind.
    assert [path.name for path in cache.iterdir()] == [drawing.cache_path(30, 2).name]


def test_a_damaged_cache_is_mended(cache, monkeypatch):
    load_drawn(30, seed=2)
    _cut(drawing.cache_path(30, 2))
    load_drawn(30, seed=2)
    monkeypatch.setattr(drawing, "generate", _must_not_draw)
    load_drawn(30, seed=2)


def test_a_cache_that_cannot_be_written_is_no_error(tmp_path, monkeypatch):
    blocked = tmp_path / "a file, not a folder"
    blocked.write_text("")
    monkeypatch.setenv("TOOLKIT_CACHE", str(blocked / "cache"))
    assert len(load_drawn(30)) == 30


def _must_not_draw(*_args, **_kwargs):
    raise AssertionError("drew digits that were in the cache")


def _extent(lit):
    """Return from the first lit row or column to the last, of each digit."""
    return lit.shape[1] - lit.argmax(axis=1) - lit[:, ::-1].argmax(axis=1)


@pytest.mark.mnist
def test_who_learns_from_drawn_digits_reads_handwriting(mnist_folder):
    # The nearest of the drawn digits, among many of them: no training to go astray.
    taught, real = generate(6000, seed=1), load_folder(mnist_folder, "test").subset(slice(2000))
    assert _share_read_by_nearest(taught, real) > 0.8


@pytest.mark.mnist
def test_who_learns_from_handwriting_reads_drawn_digits(mnist_folder):
    taught, posed = load_folder(mnist_folder, "train").subset(slice(6000)), generate(2000)
    assert _share_read_by_nearest(taught, posed) > 0.88


def _share_read_by_nearest(taught, asked):
    a, b = asked.images, taught.images
    distance = (b**2).sum(axis=1) - 2 * a @ b.T
    return np.mean(taught.labels[distance.argmin(axis=1)] == asked.labels)
