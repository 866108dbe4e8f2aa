from __future__ import annotations

import errno
import gzip
import itertools
import os
import socket
from pathlib import Path

import numpy as np
import pytest

from tests.digits.fetching.mirrors import CONTENTS, FILES, PACKED, dead_mirror, mirrors
from toolkit.digits import (
    FetchCancelled,
    FetchError,
    FetchJob,
    FetchState,
    fetch_mnist,
    find_mnist,
    load_folder,
    open_digits,
)
from toolkit.digits.fetching import fetch as fetching

NAMES = sorted(CONTENTS)


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "cache"


@pytest.fixture
def web(cache):
    with mirrors() as running:
        yield running


@pytest.fixture
def dead(cache):
    with dead_mirror() as address:
        yield address


def kept(cache: Path) -> list[str]:
    """Return all that lies in the cache, hidden files too, after checking that it is whole."""
    found = sorted(path.name for path in (cache / "mnist").iterdir())
    for name in found:
        content = (cache / "mnist" / name).read_bytes()
        assert (gzip.decompress(content) if content[:2] == b"\x1f\x8b" else content) == CONTENTS[
            name
        ], name
    return found


def fetch(*addresses: str, **more) -> Path:
    return fetch_mnist(mirrors=addresses, files=FILES, **more)


def failing(*addresses: str, **more) -> FetchError:
    with pytest.raises(FetchError) as caught:
        fetch(*addresses, **more)
    assert "\n" not in str(caught.value)
    assert isinstance(caught.value, OSError)
    return caught.value


def test_what_was_fetched_is_what_opens(cache, web):
    assert find_mnist() is None
    assert fetch(web["good"]) == cache / "mnist"
    assert kept(cache) == NAMES
    assert find_mnist() == cache / "mnist"
    assert (len(open_digits("mnist")), len(open_digits("mnist", "train"))) == (100, 200)
    assert open_digits().name == "MNIST test"


def test_files_written_can_be_read_by_others_as_the_umask_says(cache, web):
    before = os.umask(0o022)
    try:
        fetch(web["good"])
    finally:
        os.umask(before)
    assert {path.stat().st_mode & 0o777 for path in (cache / "mnist").iterdir()} == {0o644}


@pytest.mark.parametrize("kind", ["plain", "other level", "encoded", "redirect"])
def test_it_is_the_content_that_counts_not_its_wrapping(cache, web, kind):
    fetch(web[kind])
    assert kept(cache) == NAMES
    np.testing.assert_array_equal(
        load_folder(cache / "mnist", "train").pixels.ravel(),
        np.frombuffer(CONTENTS["train-images-idx3-ubyte.gz"], np.uint8, offset=16),
    )


BAD = {
    "wrong": ("wrong file", r"127.0.0.1:\d+: SHA-256 [0-9a-f]{12}… where [0-9a-f]{12}… was exp"),
    "page": ("wrong file", "sent a web page, perhaps a network's sign-in"),
    "damaged": ("wrong file", "damaged gzip file|SHA-256"),
    "short": ("wrong file", r"sent a damaged gzip file \(cut short\)"),
    "trailing": ("wrong file", r"damaged gzip file \(more bytes behind its end\)"),
    "endless": ("wrong file", r"sent more than [\d,]+ bytes"),
    "bomb": ("wrong file", "SHA-256"),
    "cut": ("cut", r"the connection broke off after [\d,]+ bytes"),
    "hung up": ("cut", "the connection broke off before the file began"),
    "missing": ("mirrors", "answered 404 Not Found"),
    "busy": ("mirrors", "answered 503 Service Unavailable"),
    "nonsense length": ("mirrors", "many"),
    "to a file": ("mirrors", "file:///etc/hostname"),
}


@pytest.mark.parametrize("kind", BAD)
def test_a_mirror_that_fails_is_said_to_and_leaves_nothing(cache, web, kind):
    reason, words = BAD[kind]
    error = failing(web[kind])
    assert error.reason == reason
    assert str(error).startswith("train-images-idx3-ubyte.gz: ")
    assert str(error).endswith("the drawn digits need no network")
    with pytest.raises(FetchError, match=words):
        raise error
    assert kept(cache) == []
    assert find_mnist() is None


@pytest.mark.parametrize("kind", BAD)
def test_the_next_mirror_is_asked_and_the_bad_one_only_once(cache, web, kind):
    fetch(web[kind], web["good"])
    assert kept(cache) == NAMES
    assert [asked for asked in web.asked if asked.startswith(kind)] == [f"{kind}/{FILES[0].name}"]


def test_a_first_mirror_that_is_down_is_passed_over(cache, web, dead):
    fetch(dead, web["good"])
    assert kept(cache) == NAMES


def test_a_mirror_that_lacks_one_file_is_asked_for_the_others(cache, web, monkeypatch):
    real = fetching._download

    def without_labels(file, mirror, meter):
        if "labels" in file.name and "good" in mirror:
            return real(file, web["missing"], meter)
        return real(file, mirror, meter)

    monkeypatch.setattr(fetching, "_download", without_labels)
    fetch(web["good"], web["plain"])
    assert kept(cache) == NAMES


def test_without_a_network_it_says_so(cache, dead):
    error = failing(dead, dead)
    assert error.reason == "offline"
    assert "no mirror can be reached; this machine is offline, or they are down" in str(error)
    assert str(error).count("Connection refused") == 2
    assert "make app DIGITS=folder" in str(error)
    assert kept(cache) == []


def test_a_name_that_nobody_knows_is_no_connection(cache, monkeypatch):
    def unknown(*arguments, **more):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    error = failing("https://mirror.invalid/mnist")
    assert error.reason == "offline"
    assert "mirror.invalid: Name or service not known" in str(error)


def test_a_mirror_that_falls_silent_is_given_up(cache, web, monkeypatch):
    real = fetching._download

    def impatient_with_the_silent(file, mirror, meter):
        monkeypatch.setattr(fetching, "SILENCE_SECONDS", 0.1 if "held" in mirror else 60)
        return real(file, mirror, meter)

    monkeypatch.setattr(fetching, "_download", impatient_with_the_silent)
    fetch(web["held"], web["good"])
    assert kept(cache) == NAMES


def test_each_mirrors_failing_is_named_when_they_differ(cache, web, dead):
    error = failing(dead, web["missing"], web["wrong"], web["cut"])
    assert error.reason == "mirrors"
    assert str(error).count("127.0.0.1:") == 4
    for words in ("Connection refused", "answered 404", "SHA-256", "broke off"):
        assert words in str(error)


class _FullDisk:
    """A file on a disk that has room for half of what is written."""

    def __init__(self, file) -> None:
        self._file = file

    def __enter__(self):
        return self

    def __exit__(self, *arguments) -> None:
        self._file.close()

    def write(self, data: bytes) -> int:
        self._file.write(data[: len(data) // 2])
        self._file.flush()
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_is_called_so_and_keeps_what_was_whole(cache, web, monkeypatch):
    real, opened = os.fdopen, itertools.count()

    def filling(handle, mode):
        file = real(handle, mode)
        return file if next(opened) == 0 else _FullDisk(file)

    monkeypatch.setattr("toolkit.files.os.fdopen", filling)
    error = failing(web["good"])
    assert error.reason == "disk full"
    assert "the disk is full; make room" in str(error)
    assert kept(cache) == [FILES[0].name]


def test_a_disk_without_room_is_told_before_anything_is_asked_for(cache, web, monkeypatch):
    monkeypatch.setattr(
        fetching.shutil, "disk_usage", lambda folder: type("Usage", (), {"free": 1000})
    )
    error = failing(web["good"])
    assert error.reason == "disk full"
    assert "MB are needed, 0.0 MB are free" in str(error)
    assert web.asked == []


def test_a_cache_that_cannot_be_a_folder_is_named(cache, web):
    cache.write_text("in the way")
    error = failing(web["good"])
    assert error.reason == "folder"
    assert "TOOLKIT_CACHE" in str(error)
    assert web.asked == []


def test_stopping_at_any_moment_leaves_whole_files_and_the_next_fetch_goes_on(
    cache, web, tmp_path, monkeypatch
):
    asked = itertools.count()
    fetch(web["good"], cancelled=lambda: next(asked) < 0)
    moments = next(asked)
    assert moments > 2 * len(FILES)
    for moment in range(moments):
        monkeypatch.setenv("TOOLKIT_CACHE", str(tmp_path / f"stopped {moment}"))
        calls = itertools.count()
        with pytest.raises(FetchCancelled, match="cancelled; what was complete is kept"):
            fetch(web["good"], cancelled=lambda calls=calls, stop=moment: next(calls) >= stop)
        whole = kept(tmp_path / f"stopped {moment}")
        del web.asked[:]
        fetch(web["good"])
        assert kept(tmp_path / f"stopped {moment}") == NAMES
        assert [name.removeprefix("good/") for name in web.asked] == [
            file.name for file in FILES if file.name not in whole
        ]


def test_an_interrupt_leaves_nothing_half(cache, web):
    def interrupt(done, total, seconds_left, file):
        if file == FILES[2].name and done > sum(file.size for file in FILES[:2]):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fetch(web["good"], progress=interrupt)
    assert kept(cache) == sorted(file.name for file in FILES[:2])


@pytest.mark.parametrize(
    "error",
    [OSError("no paper"), ValueError("no ink"), KeyError("no key")],
    ids=["OSError", "ValueError", "KeyError"],
)
def test_what_the_caller_raises_is_not_blamed_on_a_mirror(cache, web, error):
    def complain(done, total, seconds_left, file):
        if done:
            raise error

    with pytest.raises(type(error)) as caught:
        fetch(web["good"], web["plain"], progress=complain)
    assert caught.value is error
    assert len(web.asked) == 1
    assert kept(cache) == []


def test_a_password_in_an_address_is_not_said(cache, web):
    error = failing(web["missing"].replace("//", "//teacher:secret@"))
    assert "secret" not in str(error)
    assert "127.0.0.1" in str(error)


def test_a_cut_fetch_goes_on_with_the_file_it_had_reached(cache, web):
    for file in FILES[:3]:
        (cache / "mnist").mkdir(parents=True, exist_ok=True)
        (cache / "mnist" / file.name).write_bytes(PACKED[file.name])
    told = []
    fetch(web["good"], progress=lambda *news: told.append(news))
    assert web.asked == [f"good/{FILES[3].name}"]
    total = sum(file.size for file in FILES)
    assert told[0] == (total - FILES[3].size, total, None, FILES[3].name)


def test_when_all_is_there_nobody_is_asked(cache, web):
    fetch(web["good"])
    del web.asked[:]
    fetch("http://127.0.0.1:9/")
    assert web.asked == []


def test_digits_that_lie_there_uncompressed_are_kept(cache, web):
    (cache / "mnist").mkdir(parents=True)
    (cache / "mnist" / "t10k-labels-idx1-ubyte").write_bytes(CONTENTS["t10k-labels-idx1-ubyte.gz"])
    fetch(web["good"])
    assert "good/t10k-labels-idx1-ubyte.gz" not in web.asked


@pytest.mark.parametrize(
    "name", ["t10k-labels-idx1-ubyte.gz", "t10k-labels-idx1-ubyte", "t10k-labels.idx1-ubyte"]
)
@pytest.mark.parametrize("harm", ["half", "other", "empty", "huge"])
def test_what_lies_there_and_is_wrong_is_replaced(cache, web, name, harm):
    right = PACKED["t10k-labels-idx1-ubyte.gz"]
    wrong = {
        "half": right[: len(right) // 2],
        "other": PACKED["train-labels-idx1-ubyte.gz"],
        "empty": b"",
        "huge": bytes(300_000),
    }[harm]
    (cache / "mnist").mkdir(parents=True)
    (cache / "mnist" / name).write_bytes(wrong)
    fetch(web["good"])
    assert kept(cache) == NAMES
    assert len(load_folder(cache / "mnist")) == 100


def test_progress_counts_up_to_the_whole_and_knows_the_time_left(cache, web):
    told = []
    fetch(web["good"], progress=lambda *news: told.append(news))
    total = sum(file.size for file in FILES)
    done = [news[0] for news in told]
    assert done == sorted(done)
    assert done[0] == 0
    assert told[-1] == (total, total, 0.0, FILES[-1].name)
    assert {news[1] for news in told} == {total}
    assert list(dict.fromkeys(news[3] for news in told)) == [file.name for file in FILES]
    assert told[0][2] is None
    assert all(news[2] > 0 for news in told[3:] if news[0] < total)


@pytest.mark.parametrize(
    "address", ["ftp://127.0.0.1/", "file:///tmp/", "mnist", "", "http://", "//127.0.0.1/"]
)
def test_only_addresses_of_the_web_are_taken(cache, address):
    with pytest.raises(ValueError, match="mirrors: expected http or https addresses; got"):
        fetch(address)


def test_no_mirror_at_all_is_a_mistake(cache):
    with pytest.raises(ValueError, match="mirrors: expected one address or more; got none"):
        fetch()


def test_the_usual_mirrors_are_several_and_safe():
    assert len(fetching.MIRRORS) >= 3
    assert all(address.startswith("https://") for address in fetching.MIRRORS)


@pytest.mark.mnist
def test_the_real_mnist_is_what_the_hashes_say(mnist_folder):
    for file in fetching.FILES:
        assert fetching._fault(file, (mnist_folder / file.name).read_bytes()) is None


def job(*addresses: str) -> FetchJob:
    return FetchJob(mirrors=addresses, files=FILES)


def test_a_job_fetches_in_the_background(cache, web):
    fetching_ = job(web["good"])
    assert fetching_.state == FetchState("ready")
    assert fetching_.wait() == FetchState("ready")
    fetching_.start()
    state = fetching_.wait()
    total = sum(file.size for file in FILES)
    assert (state.status, state.done, state.total) == ("done", total, total)
    assert state.seconds_left == 0
    assert state.fraction == 1
    assert str(cache / "mnist") in state.message
    assert kept(cache) == NAMES


def test_a_job_tells_where_it_stands(cache, web):
    running = job(web["held"])
    running.start()
    assert web.holding.wait(60)
    state = running.state
    assert state.status == "running"
    assert 0 <= state.fraction < 1
    web.release.set()
    assert running.wait().status == "done"
    assert state.status == "running", "a snapshot does not change"


def test_a_cancelled_job_says_so_at_once_and_leaves_nothing_half(cache, web):
    running = job(web["held"])
    running.start()
    assert web.holding.wait(60)
    running.cancel()
    assert running.state.status == "cancelled"
    assert running.state.reason == "cancelled"
    web.release.set()
    assert running.wait().status == "cancelled"
    assert kept(cache) == []
    again = job(web["good"])
    again.start()
    assert again.wait().status == "done"


def test_a_job_that_fails_says_why(cache, web, dead):
    for address, reason in ((dead, "offline"), (web["wrong"], "wrong file")):
        failed = job(address)
        failed.start()
        state = failed.wait()
        assert (state.status, state.reason) == ("failed", reason)
        assert state.message.startswith("train-images-idx3-ubyte.gz: ")


def test_a_job_survives_what_nobody_expected(cache):
    failed = job("gopher://127.0.0.1/")
    failed.start()
    state = failed.wait()
    assert state.status == "failed"
    assert "mirrors: expected http" in state.message


def test_a_job_runs_once(cache, web):
    once = job(web["good"])
    once.start()
    once.start()
    assert once.wait().status == "done"
    once.start()
    once.cancel()
    assert once.wait().status == "done"
    assert len(web.asked) == len(FILES)


def test_a_job_cancelled_before_it_began_never_begins(cache, web):
    never = job(web["good"])
    never.cancel()
    never.start()
    assert never.wait().status == "cancelled"
    assert web.asked == []


def test_two_fetches_at_once_do_not_disturb_each_other(cache, web):
    both = [job(web["good"]), job(web["other level"])]
    for each in both:
        each.start()
    assert [each.wait().status for each in both] == ["done", "done"]
    assert kept(cache) == NAMES
