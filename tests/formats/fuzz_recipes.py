"""Recipes with a few things wrong, as JSON and as TOML."""

from __future__ import annotations

import copy
import json
import random
import re
from dataclasses import replace
from typing import Any

from tests.experiments.strategies import NETWORK, an_edit
from tests.experiments.test_recipe import BY_HAND
from tests.formats.fuzz import changed
from toolkit.experiments import Experiment, read_recipe, write_recipe
from toolkit.network import Network

_JUNK: tuple[Any, ...] = (
    None, True, -1, 0, 1, 784, 10**400, 1e308, 0.5, "", "x", "relu", [], {}, [[]], [0, 1], ["a"],
    {"a": 1}, [[0.0] * 3] * 2, "A" * 300, [[[[[]]]]], "\ud800", "random:7", "mnist-sigmoid", -0.0,
    list(range(800)), {"1": {"weights": [[1]], "biases": [1], "activation": "relu"}},
)  # fmt: skip
_JUNK_LINES = (
    "[[step]]", "[step]", "[[step.edits]]", "[start]", "[[save_point]]", "neuron = '1.0'",
    "a.b = 1", "paint = '''", "'''", '"""', "x = [", "]", "}", "x = {", "bias = nan",
    "bias = -inf", "stamp = 'edge'", "neuron = 1979-05-27", "brush add 1e999 0:0",
    "brush add 1 0-999999999", "brush scale 3 5 @////", "cells = '0-783'", "weights = 1",
    "edit = 'bias'", "several = 'a'", "edits = [{bias = 1}]", "layers = 'a'",
    "layer = [{number = 1}]", "cursor = 1", "a" + ".a" * 500 + " = 1", "x = " + "[" * 300,
    "x = " + "9" * 5000, "x = 0x" + "f" * 5000, "why = 7", "\ufeff", "\0", "é = 1",
)  # fmt: skip
_VALUE = re.compile(r"(?<= = ).+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def seeds() -> list[bytes]:
    """Return sessions with edits of every kind, of a shipped start and of one of their own."""
    found = [BY_HAND.encode()]
    for number in range(12):
        rng = random.Random(number)
        start = Network.random(seed=number) if number % 2 else NETWORK
        experiment = Experiment(start, origin=f"random:{number}" if number % 2 else "file")
        for _ in range(6):
            experiment.apply(an_edit(rng, experiment.network), why="for this" * (number % 2))
        if number % 3 == 0:
            experiment.add_save_point(f"point {number}")
        experiment.jump(rng.randint(0, 6))
        for step in experiment.steps:
            step.made = 1.5  # without the time of day: the same seed gives the same mutants
        experiment.save_points = [replace(point, made=1.5) for point in experiment.save_points]
        found.append(json.dumps(experiment.recipe()).encode())
        found.append(write_recipe(experiment, everything=number % 2 == 0).encode())
    blank = {"format": "weight-map-toolkit recipe", "version": 1, "start": {"origin": "blank"}}
    found.append(json.dumps(blank).encode())
    for data in found:
        read_recipe(data)
    for coding in ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"):  # JSON may be in any
        read_recipe(found[-1].decode().encode(coding))
    return found


def spoil(rng: random.Random, found: list[bytes]) -> bytes:
    """Return a recipe with a few things wrong: in its text, or mostly in a part that it holds."""
    seed = rng.choice(found)
    if rng.random() < 0.3:
        return changed(seed, rng, found)
    times = rng.choice((1, 1, 1, 2, 4))
    return _json(rng, seed, times) if seed.startswith(b"{") else _toml(rng, seed, times)


def _toml(rng: random.Random, seed: bytes, times: int) -> bytes:
    lines = seed.decode().split("\n")
    for _ in range(times):
        at = rng.randrange(len(lines))
        match rng.randrange(6):
            case 0:
                del lines[at : at + rng.choice((1, 1, 2))]
            case 1:
                lines.insert(at, rng.choice(_JUNK_LINES))
            case 2:
                lines.insert(at, rng.choice(lines))
            case 3:
                value = json.dumps(rng.choice(_JUNK))
                lines[at] = _VALUE.sub(lambda _, value=value: value, lines[at])
            case 4:
                other = _VALUE.search(rng.choice(lines))
                if other is not None:
                    lines[at] = _VALUE.sub(lambda _, other=other: other[0], lines[at])
            case _:
                number = str(rng.choice((-1, 0, 1, 28, 784, 10**30, 0.5, "x")))
                lines[at] = _NUMBER.sub(number, lines[at], count=rng.choice((0, 1)))
        lines = lines or [""]
    return "\n".join(lines).encode("utf-8", "replace")


def _json(rng: random.Random, seed: bytes, times: int) -> bytes:
    record = json.loads(seed)
    for _ in range(times):
        place: Any = record
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            if not keys:
                break
            key = rng.choice(keys)
            inner = place[key]
            if isinstance(inner, dict | list) and inner and rng.random() < 0.8:
                place = inner
                continue
            match rng.randrange(4):
                case 0:
                    del place[key]
                case 1 if isinstance(inner, str) and inner:
                    at = rng.randrange(len(inner))
                    place[key] = inner[:at] + rng.choice("A=\0é9") + inner[at + 1 :]
                case 2 if isinstance(inner, int | float) and abs(inner) < 1e300:
                    place[key] = inner + rng.choice((1, -1, 0.5, 10**6, 10**30))
                case _:
                    place[key] = copy.deepcopy(rng.choice(_JUNK))
            break
    return json.dumps(record).encode()
