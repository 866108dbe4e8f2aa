"""What a server loads once it listens is made once, off its event loop, and waited for."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from toolkit.dashboard import modules
from toolkit.dashboard.behind import Later
from toolkit.palette import colour


def test_it_is_made_once_however_many_ask_at_once_and_the_loop_goes_on_meanwhile() -> None:
    made: list[int] = []
    done = threading.Event()

    def make() -> str:
        made.append(threading.get_ident())
        assert done.wait(20)
        return "made"

    later = Later(make)

    async def ask() -> list[str]:
        asked = [asyncio.ensure_future(later.wait()) for _ in range(5)]
        await asyncio.sleep(0.05)
        assert later.made is None and not any(each.done() for each in asked)
        done.set()  # the loop was free to come here
        return await asyncio.gather(*asked)

    with ThreadPoolExecutor(1) as apart:  # a browser's loop may be in this thread
        loop = apart.submit(threading.get_ident).result()
        assert apart.submit(asyncio.run, ask()).result(60) == ["made"] * 5
    assert len(made) == 1 and made[0] != loop
    assert later() == later.made == "made"


def test_what_could_not_be_made_is_tried_again_by_the_next_who_asks() -> None:
    tries = iter([OSError("no such file"), None])

    def make() -> str:
        problem = next(tries)
        if problem:
            raise problem
        return "made"

    later = Later(make)
    with pytest.raises(OSError, match="no such file"):
        later()
    assert later() == "made"


def test_what_listens_has_loaded_neither_numpy_nor_the_studio() -> None:
    """Nor has who starts it: both make the first page wait, and need none of these for it."""
    for code in ("from toolkit.dashboard import main, options; options()",
                 "import toolkit.cli, toolkit.cli.parsing, toolkit.cli.server"):  # fmt: skip
        script = f"import sys; {code}; print(*sys.modules)"
        done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        slow = {"numpy", "scipy", "PIL", "matplotlib", "sqlalchemy", "pooch", "safetensors",
                "toolkit.formats", "toolkit.studio.studio", "toolkit.experiments"}  # fmt: skip
        assert not slow & set(done.stdout.split())


def test_the_pages_icon_is_a_weight_map() -> None:
    """It lies there as a file, since who listens has loaded nothing that draws."""
    row, column = np.mgrid[-7.5:8, -7.5:8]
    distance = np.hypot(row, column)
    ring = np.exp(-((distance - 5) ** 2) / 3) - np.exp(-(distance**2) / 5)
    with Image.open(modules.FOLDER / "icon.png") as icon:
        shown = np.asarray(icon.convert("RGB"))
    np.testing.assert_array_equal(shown[::4, ::4], colour(ring, limit=1.0))
    np.testing.assert_array_equal(shown, shown[::4, ::4].repeat(4, axis=0).repeat(4, axis=1))
