"""Documentation that runs: the README's commands and the docstrings' examples."""

from __future__ import annotations

import doctest
import importlib
import importlib.util
import json
import pkgutil
import re
import shlex
from pathlib import Path

import pytest

import toolkit
from toolkit.cli import main
from toolkit.edits import SetBias
from toolkit.exercises import mark, read_exercise
from toolkit.exercises.measures import MEASURES
from toolkit.experiments import Experiment, RecipeError, read_recipe

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


COMMANDS = [
    line.removeprefix("$ ")
    for block in blocks("console")
    for line in block.splitlines()
    if line.startswith("$ toolkit ")
]
MODULES = [
    info.name
    for info in pkgutil.walk_packages(toolkit.__path__, "toolkit.")
    if not info.name.endswith("__main__")
]


@pytest.mark.parametrize("name", MODULES)
def test_docstring_examples(name: str) -> None:
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.ELLIPSIS)
    assert found.failed == 0


@pytest.mark.parametrize("command", COMMANDS)
def test_readme_commands(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = shlex.split(command, comments=True)[1:]
    if arguments[0] == "app":
        pytest.importorskip("streamlit")
        arguments = ["app", "--help"]  # a server: the browser tests start it
    if arguments[0] == "bench":
        arguments += ["--help"]  # it takes minutes: tests/benchmarks measures little
    if arguments[0] in ("replay", "provenance"):
        experiment = Experiment(toolkit.Network.random(), origin="random")
        experiment.apply(SetBias(1, 3, -2.5))
        Path(arguments[1]).write_text(json.dumps(experiment.recipe()))
    if arguments[0] == "train":
        arguments += ["--epochs", "1", "--digits", "drawn"]
    try:
        status = main(arguments)
    except SystemExit as ended:
        status = ended.code or 0
    assert status == 0


def test_readme_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    code = blocks("python")
    assert code
    for block in code:
        if "import torch" in block and importlib.util.find_spec("torch") is None:
            continue  # tests/formats/zoo runs it where PyTorch is
        exec(compile(block, "README.md", "exec"), {})


@pytest.mark.parametrize("name", ["experiments/recipes", "exercises"])
def test_files_and_commands_in_the_docs_are_as_they_say(name: str, tmp_path: Path) -> None:
    text = (ROOT / "toolkit" / name / "README.md").read_text(encoding="utf-8")
    files = re.findall(r"```toml\n(.*?)```", text, flags=re.DOTALL)
    assert files
    for file in files:
        if name.endswith("recipes"):
            experiment = read_recipe(file)
            assert len(experiment.steps) == experiment.save_points[0].cursor + 1
            assert experiment.network.names[1, 0] == "top"
            assert experiment.save_points[0].network.layer(1).biases[1] == -20
            (error,) = re.findall(r"```text\n(line .*)\n```", text)
            with pytest.raises(RecipeError) as told:
                read_recipe(file.replace('"edge"', '"egde"'))
            assert str(told.value) == error
        else:
            exercise = read_exercise(file, "mine")
            assert not mark(exercise, exercise.begun).solved
            (tmp_path / "mine.toml").write_text(file, encoding="utf-8")
            assert main(["check", str(tmp_path / "mine.toml"), "blank"]) == 0
    if name == "exercises":
        measures = set(re.findall(r"^\| `([\w-]+)` \|", text, flags=re.MULTILINE))
        assert measures == set(MEASURES)


def test_readme_shows_pictures_that_are_there() -> None:
    pictures = re.findall(r"!\[[^\]]+\]\(([^)]+)\)", README)
    assert pictures
    for picture in pictures:
        assert (ROOT / picture).is_file(), picture


def test_each_promise_names_tests_that_are_there() -> None:
    lines = (ROOT / ".github" / "SECURITY.md").read_text(encoding="utf-8").splitlines()
    promises = [line for line in lines if line.startswith("| ") and "proven by" not in line]
    assert len(promises) > 20
    for promise in promises:
        named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", promise.rpartition(" | ")[2])
        assert named, promise
        for path, name in named:
            assert f"\ndef {name}(" in (ROOT / path).read_text(encoding="utf-8"), (path, name)
