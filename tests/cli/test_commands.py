from __future__ import annotations

import json
import re
import shlex
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from toolkit.analysis import composed_maps
from toolkit.cli import main
from toolkit.cli.parser import build_parser
from toolkit.digits import write_idx
from toolkit.fits import SHELL
from toolkit.formats import load, save
from toolkit.network import Network
from toolkit.palette import compose
from toolkit.scoring import score

COMMANDS = (
    "app", "bench", "ceilings", "fit", "evaluate", "train", "render", "info", "digits fetch",
    "digits info", "digits show",
)  # fmt: skip


@pytest.fixture
def digits(tmp_path: Path) -> Path:
    """Return a folder of 60 digits of two kinds: ink above for 0, below for 1."""
    rng, folder = np.random.default_rng(0), tmp_path / "idx"
    folder.mkdir()
    labels = np.arange(60, dtype=np.uint8) % 2
    images = rng.integers(0, 40, (60, 28, 28), dtype=np.uint8)
    images[labels == 0, 4:12] += 200
    images[labels == 1, 16:24] += 200
    for split in ("t10k", "train"):
        write_idx(folder / f"{split}-images-idx3-ubyte", images)
        write_idx(folder / f"{split}-labels-idx1-ubyte", labels)
    return folder


def failed(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """Run a command that must fail, and return its one line of complaint."""
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert err.startswith("toolkit")
    return err


def test_evaluate_says_what_the_library_computes(
    digits: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", "random", "--digits", str(digits), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    from toolkit.digits import open_digits

    expected = score(Network.random(), open_digits(digits, "test"))
    assert said["accuracy"] == expected.accuracy
    assert (said["images"], said["of"]) == (60, 60)
    assert said["confusion"] == expected.confusion.tolist()
    # The folder has no 2s: null, since JSON has no not-a-number.
    assert said["per_digit"][2] is None


def test_an_accuracy_on_a_sample_says_of_how_many(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    # 784-16-16-10 takes 8 bytes a digit for each of 16 neurons, 4 for each of 42 and of 16.
    for module in ("commands", "networks"):
        budget = replace(SHELL, response_bytes=360 * 1250)
        monkeypatch.setattr(f"toolkit.cli.{module}.SHELL", budget)
    for command in ("evaluate", "info"):
        assert main([command, "drawn-sigmoid", "--digits", "drawn", "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert (said["images"], said["of"]) == (1250, 10_000)
        assert main([command, "drawn-sigmoid", "--digits", "drawn"]) == 0
        assert "1,250 images, a sample of 10,000" in capsys.readouterr().out


def test_evaluate_prints_a_table(digits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["evaluate", "blank", "--digits", str(digits), "--split", "train"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("blank on ")
    assert "50.00% of 60 images" in lines[0]
    assert lines[2].split()[:2] == ["0", "30"]
    assert len(lines) == 12


def test_train_learns_saves_and_says_how_long_it_takes(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "mine.npz"
    argv = ["train", "--digits", str(digits), "--hidden", "8"]
    argv += ["--activation", "leaky_relu(0.20)"]
    argv += ["--epochs", "20", "--seed", "3", "-o", str(file)]
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert re.search(r"epoch 1/20  loss \d+\.\d{4}  right [\d.]+%  \d+ s left", err)
    assert "epoch 20/20" in err
    assert out.startswith(f"{file}: ")
    network = load(file)
    assert network.sizes == (784, 8, 10)
    assert network.activations == ("leaky_relu(0.2)", "softmax")
    assert network.name == "mine"
    assert "seed 3" in network.provenance["origin"]
    assert main(["evaluate", str(file), "--digits", str(digits), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["accuracy"] == 1
    before, film = file.read_bytes(), tmp_path / "learning.gif"
    # Watched, it learns the same, to the bit.
    assert main([*argv, "--film", str(film)]) == 0
    assert load(file) == load_bytes(before)
    with Image.open(film) as image:
        assert (image.format, image.n_frames) == ("GIF", 21)  # type: ignore[attr-defined]
    capsys.readouterr()
    assert ".gif" in failed(capsys, *argv, "--film", "learning.mp4")


def load_bytes(data: bytes) -> Network:
    return load(data)


def test_train_interrupted_keeps_what_it_has(
    digits: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from toolkit.cli import commands

    def stop(epoch: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(commands, "_report", stop)
    file = tmp_path / "mine.npz"
    assert main(["train", "--digits", str(digits), "-o", str(file)]) == 130
    assert "interrupted after 1 of 30 epochs" in capsys.readouterr().err
    assert load(file).sizes == (784, 16, 16, 10)
    assert "1 epochs" in load(file).provenance["origin"]


def test_an_interrupt_before_the_work_leaves_nothing(
    digits: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def stop(*arguments: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("toolkit.cli.commands.digits_for", stop)
    assert main(["train", "-o", str(tmp_path / "mine.npz")]) == 130
    assert capsys.readouterr().err == "toolkit: interrupted\n"
    assert sorted(tmp_path.iterdir()) == [digits]


def test_a_part_of_the_digits_is_scored(digits: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for part, images in (("train", 60), ("all", 120), ("test", 60)):
        assert main(["evaluate", "random", "--digits", f"{digits}:{part}", "--json"]) == 0
        said = json.loads(capsys.readouterr().out)
        assert (said["split"], said["images"]) == (part, images)


def test_a_plan_knows_its_own_sizes(
    digits: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    to = ["--digits", str(digits), "-o", str(tmp_path / "a.npz")]
    assert "--epochs" in failed(capsys, "train", "--plan", "mnist-relu", "--epochs", "3", *to)
    assert "mnist-sigmoid" in failed(capsys, "train", "--plan", "nonsense", *to)


@pytest.mark.parametrize("what", [[], ["--layer", "2"], ["--neuron", "2.3"]])
def test_render_draws_into_a_file(what: list[str], tmp_path: Path) -> None:
    file = tmp_path / "maps.png"
    argv = ["render", "random", *what, "--palette", "blue-orange", "--scale", "shared"]
    assert main([*argv, "-o", str(file)]) == 0
    assert Image.open(file).width > 300
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("what", "maps"), [([], [16, 16, 10]), (["--layer", "2"], [16]), (["--neuron", "2.3"], [1])]
)
def test_bare_maps_are_their_colours_alone(
    what: list[str], maps: list[int], tmp_path: Path
) -> None:
    file = tmp_path / "maps.png"
    assert main(["render", "random", *what, "--bare", "-o", str(file)]) == 0
    picture = np.asarray(Image.open(file))
    assert len(picture) == sum(6 + 118 * (1 if count == 1 else 2) for count in maps)
    second = composed_maps(Network.random(), 2).reshape(-1, 28, 28)
    if what:
        shown = second if len(maps) == 1 and maps[0] > 1 else second[[3]]
        np.testing.assert_array_equal(picture, compose(shown))


@pytest.mark.parametrize(("suffix", "head"), [("svg", b"<?xml"), ("PDF", b"%PDF")])
def test_render_writes_what_the_name_ends_in(tmp_path: Path, suffix: str, head: bytes) -> None:
    file = tmp_path / f"maps.{suffix}"
    assert main(["render", "random", "--neuron", "1.0", "--scale", "0.5", "-o", str(file)]) == 0
    assert file.read_bytes().startswith(head)


def test_info_tells_structure_and_origin(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", "random"]) == 0
    text = capsys.readouterr().out
    assert "784-16-16-10" in text
    assert "13,002 parameters" in text
    assert "origin: random, seed 0" in text
    assert main(["info", "random", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["sizes"] == [784, 16, 16, 10]
    assert said["checksum"] == Network.random().checksum
    assert len(said["layers"][1]["norms"]) == 16


def test_info_of_a_broken_network_is_still_json(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = Network.blank((784, 2, 10))
    weights = np.zeros((2, 784))
    weights[0, 0] = np.nan
    save(network.with_layer(1, weights=weights), tmp_path / "broken.npz")
    assert main(["info", str(tmp_path / "broken.npz"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["layers"][0]["norms"] == [None, 0]


def test_info_without_a_network_lists_those_that_ship(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info"]) == 0
    assert {"blank", "random"} <= set(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        ([], "COMMAND"),
        (["paint"], "paint"),
        (["evaluate"], "NETWORK"),
        (["evaluate", "nonsense"], "neither a file nor one that ships"),
        (["evaluate", "random", "--digits", "/no/such"], "/no/such"),
        (["evaluate", "random", "--split", "half"], "half"),
        (["train"], "-o"),
        (["train", "-o", "a.h5"], ".npz"),
        (["train", "-o", "/no/such/a.npz"], "/no/such"),
        (["train", "-o", "a.npz", "--hidden", "16,x"], "16,16"),
        (["train", "-o", "a.npz", "--hidden", "0"], "16,16"),
        (["train", "-o", "a.npz", "--epochs", "0"], "1 or more"),
        (["train", "-o", "a.npz", "--activation", "step"], "sigmoid"),
        (["train", "-o", "a.npz", "--activation", "PReLU"], "has no equal here"),
        (["render", "random", "-o", "a.gif"], ".png, .svg, .pdf"),
        (["render", "random", "-o", "a.svg", "--bare"], ".png"),
        (["render", "random", "-o", "a.png", "--layer", "4"], "1 to 3"),
        (["render", "random", "-o", "a.png", "--neuron", "1.16"], "1.0 to 1.15"),
        (["render", "random", "-o", "a.png", "--neuron", "1"], "layer.index"),
        (["render", "random", "-o", "a.png", "--layer", "1", "--neuron", "1.1"], "not allowed"),
        (["render", "random", "-o", "a.png", "--scale", "-1"], "above 0"),
        (["render", "random", "-o", "a.png", "--palette", "pink"], "blue-orange"),
        (["info", "nonsense"], "neither a file nor one that ships"),
        (["app", "--port", "0"], "1 to 65535"),
        (["app", "nonsense", "--digits", "drawn"], "neither a file nor one that ships"),
    ],
)
def test_a_mistake_is_one_line_and_status_2(
    argv: list[str],
    said: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    if "app" in argv:  # no other workbench is noted there, of which it would be told too
        monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    assert said in failed(capsys, *argv)
    assert not list(here.iterdir())


def test_damaged_and_unreadable_files_are_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "damaged.npz"
    save(Network.blank(), damaged)
    damaged.write_bytes(damaged.read_bytes()[:-300])
    assert "damaged.npz" in failed(capsys, "info", str(damaged))
    assert str(tmp_path) in failed(capsys, "info", str(tmp_path))
    assert str(tmp_path) in failed(capsys, "render", "random", "-o", f"{tmp_path / 'no' / 'a.png'}")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_an_example_that_parses(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*command.split(), "--help"]) == 0
    text = capsys.readouterr().out
    examples = re.findall(rf"^  toolkit ({command}.*)$", text, re.MULTILINE)
    assert examples
    for example in examples:
        assert build_parser().parse_args(shlex.split(example)).command == command


def test_help_lists_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    assert all(f"\n    {command.split()[0]} " in text for command in COMMANDS)
