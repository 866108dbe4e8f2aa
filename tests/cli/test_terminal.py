"""A terminal obeys what it is sent: nothing that a file says reaches it but as signs to read."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from tests.digits.fetching.mirrors import FILES, mirrors
from toolkit.cli import main
from toolkit.cli.output import plain
from toolkit.digits import write_idx
from toolkit.digits.fetching import fetch
from toolkit.edits import SetBias
from toolkit.experiments import Experiment
from toolkit.formats import load, save
from toolkit.network import Network

# Clears the screen, names the window, C1's short form of it, turns the direction, isolates,
# separates lines, hides, and is half a pair, as a name of no encoding is.
EVIL = "\x1b[2J\x1b]0;owned\x07\x9b31m\u202eetad\u2066\u2028\u200b\x7f\r\n\ttail"
NAME = EVIL.replace("\0", "") + "\udcff"  # as a file may be called


def is_safe(text: str) -> bool:
    return all(character == "\n" or character.isprintable() for character in text)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder, the current one, where everything is called evil."""
    if os.name != "posix":
        pytest.skip("such names are possible on POSIX alone")
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    idx = tmp_path / f"digits{NAME}"
    idx.mkdir()
    for prefix, count in (("t10k", 20), ("train", 60)):
        images = rng.integers(0, 256, (count, 28, 28), np.uint8)
        write_idx(idx / f"{prefix}-images-idx3-ubyte", images)
        write_idx(idx / f"{prefix}-labels-idx1-ubyte", np.arange(count, dtype=np.uint8) % 10)
    monkeypatch.setenv("TOOLKIT_DIGITS", os.fsdecode(idx))
    network = Network.random().renamed(EVIL, **{EVIL: EVIL, "origin": EVIL})
    save(network, tmp_path / f"net{NAME}.npz")
    layers = {
        f"{EVIL}{number}.{part}": np.ascontiguousarray(array)
        for number, layer in enumerate(network.layers)
        for part, array in (("weight", layer.weights), ("bias", layer.biases))
    }
    save_file({**layers, f"{EVIL}.single": np.zeros((), np.int64)}, tmp_path / "state.safetensors")
    save_file({f"{EVIL}.weight": np.zeros((2, 2, 2), np.float32)}, tmp_path / "bad.safetensors")
    experiment = Experiment(network, origin="random")
    experiment.apply(SetBias(1, 3, -2.5))
    (tmp_path / f"recipe{NAME}.json").write_text(json.dumps(experiment.recipe()))
    (tmp_path / "bad.json").write_text(json.dumps({EVIL: EVIL, "format": EVIL}))
    return tmp_path


COMMANDS: dict[str, list[str]] = {
    "info": ["info", f"net{NAME}.npz"],
    "info in JSON": ["info", f"net{NAME}.npz", "--json"],
    "info of what leaves things open": ["info", "state.safetensors"],
    "info of what leaves things open in JSON": ["info", "state.safetensors", "--json"],
    "info of what is no network": ["info", "bad.safetensors"],
    "info of nothing": ["info", f"nothing{NAME}"],
    "evaluate": ["evaluate", f"net{NAME}.npz"],
    "evaluate in JSON": ["evaluate", f"net{NAME}.npz", "--json"],
    "convert": ["convert", "state.safetensors", f"out{NAME}.npz"],
    "convert to nowhere": ["convert", "state.safetensors", f"out{NAME}"],
    "render": ["render", f"net{NAME}.npz", "--neuron", "1.0", "-o", f"out{NAME}.png"],
    "render no such neuron": ["render", f"net{NAME}.npz", "--neuron", "1.99", "-o", "a.png"],
    "replay": ["replay", f"recipe{NAME}.json", "-o", f"out{NAME}.npz"],
    "replay what is no recipe": ["replay", "bad.json", "-o", "a.npz"],
    "train": ["train", "--epochs", "1", "--hidden", "2", "-o", f"out{NAME}.npz"],
    "train by no plan": ["train", "--plan", NAME, "-o", "a.npz"],
    "ceilings": ["ceilings", f"net{NAME}.npz", "--json"],
    "fit": ["fit", f"net{NAME}.npz", "--hold", "1", "--epochs", "1", "-o", f"out{NAME}.npz"],
    "fit what is no part": ["fit", f"net{NAME}.npz", "--hold", NAME, "-o", "a.npz"],
    "digits info": ["digits", "info"],
    "digits info in JSON": ["digits", "info", "--json"],
    "digits info of nothing": ["digits", "info", NAME],
    "digits show": ["digits", "show", "-o", f"out{NAME}.png"],
    "digits fetch from nowhere": ["digits", "fetch", "--mirror", f"http://{NAME}"],
    "app with what is no network": ["app", f"net{NAME}", "--no-browser"],
    "bench of no such part": ["bench", NAME],
    "usage": ["info", "a", NAME],
    "choice": ["render", "random", "-o", "a.png", "--palette", NAME],
    "command": [NAME],
}


@pytest.mark.parametrize("command", COMMANDS)
def test_no_command_passes_on_what_a_terminal_would_obey(
    command: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    main(COMMANDS[command])
    out, err = capsys.readouterr()
    assert out + err or command == "render"
    assert is_safe(out) and is_safe(err), (out, err)
    if "--json" in COMMANDS[command]:
        said = json.loads(out)
        name = said["name"] if "name" in said else said["network"]
        assert EVIL in name or command.startswith(("digits", "info of"))


def test_readable_signs_stay_as_they_are() -> None:
    assert plain("Größe × 28 – 数字, C:\\new, a\u00a0b") == "Größe × 28 – 数字, C:\\new, a\u00a0b"
    assert plain(EVIL) == (
        r"\x1b[2J\x1b]0;owned\x07\x9b31m\u202eetad\u2066\u2028\u200b\x7f\r\n\ttail"
    )


def test_each_sign_is_safe_and_comes_back_out_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    from toolkit.cli.output import print_json

    everything = "".join(map(chr, (*range(0x3000), *range(0xDC80, 0xDD00), *range(0xFE00, 0x10010),
                                   *range(0xE0000, 0xE0200))))  # fmt: skip
    assert is_safe(plain(everything).replace("\u00a0", "").replace("\u202f", ""))
    print_json({"everything": everything, everything: 1})
    out = capsys.readouterr().out
    assert json.loads(out) == {"everything": everything, everything: 1}
    for first, last in ((0x7F, 0x9F), (0x200B, 0x200F), (0x2028, 0x202E), (0x2066, 0x2069)):
        assert not {chr(code) for code in range(first, last + 1)} & set(out)
    assert not {chr(code) for code in range(32)} - {"\n"} & set(out)


class Terminal:
    """Runs a command with a terminal for its output, and returns what the terminal got."""

    def __call__(self, *command: str, cwd: Path) -> tuple[int, str]:
        ours, theirs = pty.openpty()
        with subprocess.Popen(
            [sys.executable, "-m", "toolkit", *command],
            cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs,
        ) as process:  # fmt: skip
            os.close(theirs)
            got = b""
            while True:
                try:
                    piece = os.read(ours, 65536)
                except OSError:  # Linux's way to say that nobody writes any more
                    break
                if not piece:
                    break
                got += piece
            os.close(ours)
        return process.returncode, got.decode().replace("\r\n", "\n")


def test_a_terminal_gets_text_and_no_bytes(folder: Path) -> None:
    terminal = Terminal()
    evil = f"net{NAME}.npz"
    for command in (("convert", evil, "-", "--to", "npz"),
                    ("render", evil, "-o", "-", "--to", "png"),
                    ("convert", evil, "/dev/stdout", "--to", "npz")):  # fmt: skip
        status, said = terminal(*command, cwd=folder)
        assert status == 2 and "terminal" in said and is_safe(said), said
    status, said = terminal("convert", "blank", "-", "--to", "csv", cwd=folder)
    assert status == 0 and is_safe(said) and said.count("\n") > 16
    status, said = terminal("info", "-", cwd=folder)
    assert status == 2 and "standard input is a terminal; send it a file (< FILE)" in said


def piped(*command: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [sys.executable, "-m", "toolkit", *command], input=data, capture_output=True
    )


def test_a_network_goes_through_a_pipe_and_comes_out_the_same(tmp_path: Path) -> None:
    network = Network.random()
    save(network, tmp_path / "in.npz")
    data = (tmp_path / "in.npz").read_bytes()
    done = piped("convert", "-", "-", "--to", "json", data=data)
    assert done.returncode == 0
    back = piped("convert", "-", "-", "--to", ".npz", "--digits", "drawn", data=done.stdout)
    assert back.returncode == 0 and load(back.stdout) == network
    told = json.loads(piped("info", "-", "--json", "--digits", "drawn", data=data).stdout)
    assert told["checksum"] == network.checksum
    assert b"784-16-16-10" in done.stderr and b"standard" not in done.stderr


def test_pictures_and_recipes_go_through_pipes(tmp_path: Path) -> None:
    picture = piped("render", "random", "--neuron", "1.0", "-o", "-", "--to", "png")
    assert picture.returncode == 0 and picture.stdout.startswith(b"\x89PNG")
    assert piped("render", "random", "-o", "-").stderr.count(b"--to") == 1
    experiment = Experiment(Network.random(), origin="random")
    experiment.apply(SetBias(1, 3, -2.5))
    recipe = json.dumps(experiment.recipe()).encode()
    done = piped("replay", "-", "-o", "-", "--to", "npz", data=recipe)
    assert done.returncode == 0
    assert load(done.stdout) == experiment.network
    sheet = piped("digits", "show", "drawn", "--count", "4", "-o", "-", "--to", "png")
    assert sheet.stdout.startswith(b"\x89PNG") and b"4 of drawn digits" in sheet.stderr


def test_what_cannot_be_piped_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    done = piped("info", "-")
    assert (done.returncode, done.stdout) == (2, b"")
    assert b"standard input: is empty" in done.stderr
    done = piped("convert", "random", "-")
    assert done.returncode == 2 and b"expected --to with one of .npz" in done.stderr
    done = piped("convert", "random", "-", "--to", "docx")
    assert done.returncode == 2 and b"--to: expected one of .npz" in done.stderr


def test_a_reader_that_leaves_is_no_error() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "toolkit", "convert", "random", "-", "--to", "npz"]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE)
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


WRITERS: dict[str, Callable[[Path], list[str]]] = {
    "convert": lambda path: ["convert", "random", str(path), "--to", "npz"],
    "render": lambda path: ["render", "random", "--neuron", "1.0", "-o", str(path), "--to", "png"],
    "replay": lambda path: ["replay", "recipe.json", "-o", str(path), "--to", "npz"],
    "digits show": lambda path: ["digits", "show", "drawn", "--count", "4", "-o", str(path),
                                 "--to", "png"],
}  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="FIFOs and devices are POSIX's")
@pytest.mark.parametrize("writer", WRITERS)
def test_no_command_replaces_a_link_or_a_device(
    writer: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    experiment = Experiment(Network.random(), origin="random")
    (tmp_path / "recipe.json").write_text(json.dumps(experiment.recipe()))
    link, real = tmp_path / "link", tmp_path / "real"
    link.symlink_to(real)
    assert main(WRITERS[writer](link)) == 0
    assert link.is_symlink() and real.stat().st_size > 100
    assert main(WRITERS[writer](Path("/dev/null"))) == 0
    assert Path("/dev/null").is_char_device()


@pytest.mark.skipif(os.name != "posix", reason="links are POSIX's")
def test_training_and_fetching_write_through_links(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("toolkit.digits.sources.DRAWN_COUNT", {"test": 50, "train": 200})
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(fetch, "FILES", FILES)
    link, real = tmp_path / "link.npz", tmp_path / "real"
    link.symlink_to(real)
    command = ["train", "--digits", "drawn", "--epochs", "1", "--hidden", "2", "-o", str(link)]
    assert main(command) == 0
    assert link.is_symlink() and load(real).sizes == (784, 2, 10)
    kept = tmp_path / "elsewhere.gz"
    kept.write_bytes(b"damaged")
    cached = tmp_path / "cache" / "mnist" / FILES[0].name
    cached.parent.mkdir(parents=True)
    cached.symlink_to(kept)
    with mirrors() as web:
        assert main(["digits", "fetch", "--mirror", web["good"]]) == 0
    assert cached.is_symlink() and kept.read_bytes()[:2] == b"\x1f\x8b"
