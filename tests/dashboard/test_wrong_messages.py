"""Every field of every message, with a value of every wrong kind, on a real server.

Each gets one answer, the log has no traceback, and the next stroke works.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.server import Server
from tests.dashboard.talk import Talk, fetch
from toolkit.dashboard import modules

WRONG: dict[str, str] = {
    "null": "null",
    "a truth": "true",
    "a text": '"x"',
    "an empty text": '""',
    "a long text": json.dumps("x" * 100_000),
    "a lone surrogate": r'"\ud800"',
    "a NUL": r'"a\u0000b"',
    "a list": "[1, [2], {}]",
    "a dict": '{"a": [1], "b": {}}',
    "minus one": "-1",
    "a half": "0.5",
    "NaN": "NaN",
    "infinity": "-Infinity",
    "beyond floats": "1e999",
    "2^53": str(1 << 53),
    "2^64": str(1 << 64),
    "ten to the five thousandth": "1" + "0" * 5000,
    "four thousand digits": "9" * 4000,
    "deep": "[" * 100_000 + "]" * 100_000,
    "deep dicts": '{"a":' * 50_000 + "1" + "}" * 50_000,
    "a few hundred deep": "[" * 400 + "]" * 400,
    "ten thousand": "[" + "0," * 9999 + "0]",
}

MARK = "§"
"""Stands in a message for the field that is wrong."""


def _edit(**fields: Any) -> dict[str, Any]:
    return {"kind": "edit", "edit": fields}


_STROKE = {"kind": "stroke", "layer": 1, "neuron": 0, "cells": [0], "keep": 0, "put": 1.0,
           "tool": "brush"}  # fmt: skip
_EDITS: list[dict[str, Any]] = [
    _STROKE,
    {"kind": "weights", "layer": 1, "neuron": 0, "cells": [0], "values": [1.0], "tool": "set"},
    {"kind": "smooth", "layer": 1, "neuron": 0, "cells": [0], "amounts": 0.5, "columns": 28,
     "tool": "smooth"},
    {"kind": "bias", "layer": 1, "neuron": 0, "value": 1.0},
    {"kind": "activation", "layer": 1, "activation": "relu"},
]  # fmt: skip
_LAYER = {"weights": [[0.0] * 16] * 10, "biases": [0.0] * 10, "activation": "sigmoid"}
_LETTERS: list[dict[str, Any]] = [
    *({"kind": "edit", "edit": edit} for edit in _EDITS),
    {"kind": "edit", "edit": {"kind": "layers", "label": "x", "layers": {"3": _LAYER}}},
    {"kind": "undo", "any": True},
    {"kind": "redo"},
    {"kind": "jump", "step": 0},
    {"kind": "reset", "layer": 1, "neuron": 0},
    {"kind": "rename", "name": "a"},
    {"kind": "save-point", "name": "a"},
    {"kind": "restore", "name": "a"},
    {"kind": "lay-again", "since": 1.5},
    {"kind": "select", "layer": 1, "neuron": 0},
    {"kind": "palette", "name": "classic", "gamma": 1},
    {"kind": "digit", "how": "index", "index": 0, "class": 3},
    {"kind": "digit", "how": "drawing", "pixels": "AAAA"},
    {"kind": "digit", "how": "raw", "pixels": "AAAA"},
    {"kind": "digits", "source": "drawn"},
    {"kind": "fetch", "cancel": True},
    {"kind": "interpret", "way": 0},
    {"kind": "want", "what": ["x"]},
    {"kind": "edit", "edit": {"kind": "several", "label": "x", "edits": [_STROKE]}},
]
_FRAMES: list[dict[str, Any]] = [
    {"kind": "visit", "experiment": None, "start": {"network": "random", "seed": 1,
                                                    "checksum": "0"},
     "view": {"neuron": "1.0", "digit": "0", "palette": "classic", "gamma": 1, "digits": "drawn"}},
    {"kind": "history", "experiment": "0" * 32, "first": 0},
    {"kind": "list"},
    {"kind": "ask", "id": 1, "what": "x", "experiment": "0" * 32},
    {"kind": "manage", "experiment": "0" * 32, "what": "rename", "name": "a"},
    {"kind": "manage", "experiment": "0" * 32, "what": "duplicate", "name": "a"},
    {"kind": "hello", "client": "a", "modules": "0", "known": []},
]  # fmt: skip


def spoilt(record: Any) -> Iterator[tuple[str, Any]]:
    """Yield the record with each of its parts marked in turn, and where that is."""
    if isinstance(record, dict):
        for key, value in record.items():
            yield key, {**record, key: MARK}
            for where, part in spoilt(value):
                yield f"{key}.{where}", {**record, key: part}
        yield "(missing)", dict(list(record.items())[:-1])
    elif isinstance(record, list) and record and len(record) < 5:
        for where, part in spoilt(record[0]):
            yield f"0.{where}", [part, *record[1:]]
        yield "0", [MARK, *record[1:]]


def framed(text: str) -> bytes:
    data = text.encode("utf-8", "surrogatepass")
    return len(data).to_bytes(4, "little") + data


def spelt(record: Any, wrong: str) -> str:
    return json.dumps(record, ensure_ascii=False).replace(f'"{MARK}"', wrong)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    found = Server(tmp_path_factory.mktemp("server") / "workspace.sqlite").start()
    yield found
    found.close()


@pytest.fixture
def talk(server: Server) -> Iterator[Talk]:
    found = Talk(server.address)
    found.visit()
    yield found
    found.close()
    assert "Traceback" not in server.said()


def _refusals(talk: Talk, until: int) -> dict[int, dict[str, Any]]:
    """Return what was refused, by number, once a letter of that number was answered."""
    found: dict[int, dict[str, Any]] = {}
    while True:
        head = talk.receive("answer")
        found |= {each["seq"]: each["notice"] for each in head["refused"]}
        if head["acks"].get(talk.client, 0) >= until:
            talk.state = head
            return found


@pytest.mark.parametrize("wrong", WRONG)
def test_a_letter_with_a_wrong_field_is_done_or_refused_and_the_session_goes_on(
    talk: Talk, wrong: str
) -> None:
    sent: dict[int, str] = {}
    for letter in _LETTERS:
        for where, record in spoilt(letter):
            talk.seq += 1
            sent[talk.seq] = f"{letter['kind']}: {where}"
            numbered = {"seq": talk.seq, **record}
            frame = {
                "kind": "letters", "experiment": talk.state["experiment"],
                "start": talk.state["start"], "client": talk.client, "items": [numbered],
            }  # fmt: skip
            talk.socket.send(framed(spelt(frame, WRONG[wrong])))
    talk.seq += 1
    last = {"seq": talk.seq, **_edit(**_STROKE)}
    talk.send(kind="letters", experiment=talk.state["experiment"], start=talk.state["start"],
              client=talk.client, items=[last])  # fmt: skip
    refusals = _refusals(talk, talk.seq)
    assert talk.seq not in refusals
    for seq, notice in refusals.items():
        assert notice["code"] != "fault", sent[seq]
        assert len(json.dumps(notice)) < 1500, sent[seq]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_frame_with_a_wrong_field_is_answered_and_the_session_goes_on(
    talk: Talk, wrong: str
) -> None:
    talk.stroke()
    here = talk.state["experiment"]
    for frame in _FRAMES:
        for _, record in spoilt(frame):
            if "experiment" in record and record["experiment"] == "0" * 32:
                record["experiment"] = here
            talk.socket.send(framed(spelt(record, WRONG[wrong])))
    for key in ("experiment", "start", "client", "items", "kind"):
        whole = {"kind": "letters", "experiment": here, "start": {}, "client": talk.client,
                 "items": [{"seq": MARK, "kind": "undo"}]}  # fmt: skip
        talk.socket.send(framed(spelt(whole, WRONG[wrong])))
        talk.socket.send(framed(spelt({**whole, key: MARK, "items": []}, WRONG[wrong])))
    talk.send(kind="ping")
    told = []
    while True:
        frame_ = talk.socket.recv(timeout=30)
        assert isinstance(frame_, bytes)
        head = json.loads(frame_[4 : 4 + int.from_bytes(frame_[:4], "little")])
        if head["kind"] == "pong":
            break
        if head["kind"] == "notice":
            told.append(head["notice"])
    assert all(notice["code"] != "fault" for notice in told), told
    assert all(len(json.dumps(notice)) < 1500 for notice in told)
    talk.send(kind="visit", experiment=here)
    while talk.receive("answer")["experiment"] != here:
        pass
    assert talk.stroke()["history"]["cursor"] == 2


def test_addresses_with_wrong_parts_are_answered(server: Server, talk: Talk) -> None:
    here = f"{server.address}/weight-maps"
    strange = ["%00", "%FF%FE", "..%2F..%2Fetc", "x" * 5000, "%ED%A0%80", "-1", "%F0%9D%9F%97"]
    headers = {"x_weight_maps": "1", "Origin": server.address}
    paths = [
        f"{here}/{part}" for each in strange
        for part in (f"download/{each}", f"picture/{each}.png", f"modules/{each}/x.js",
                     f"modules/{modules.version()}/{each}", f"download/{'0' * 32}?what={each}",
                     f"download/{talk.state['experiment']}?what={each}")
    ]  # fmt: skip
    for path in paths:
        status, _, body = fetch(path)
        assert 400 <= status < 500, path
        assert len(body) < 2000
    for each in strange:  # in all parts at once: each file is read by a process of its own
        asked = f"name={each}&client={each}&kind={each}"
        status, _, body = fetch(f"{here}/upload?{asked}", b"no network", **headers)
        assert 400 <= status < 500, each
        assert len(body) < 2000
    assert talk.stroke()["history"]["cursor"] == 1
