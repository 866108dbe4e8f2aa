"""The atlas page, run as a script with a desk of its own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from toolkit.digits import DigitSet
from toolkit.network import Network


def page() -> None:
    import streamlit as st

    from toolkit.dashboard.atlas import atlas_page

    atlas_page(st.session_state["network"], st.session_state["digits"], lambda layer, index: None)


@pytest.fixture
def digits() -> DigitSet:
    rng = np.random.default_rng(0)
    return DigitSet(rng.integers(0, 256, (50, 784), np.uint8), np.arange(50) % 10)


def opened(network: Network, digits: DigitSet | None, **asked: str) -> AppTest:
    app = AppTest.from_function(page, default_timeout=30)
    app.session_state["network"], app.session_state["digits"] = network, digits
    for name, value in asked.items():
        app.query_params[name] = value
    return app.run()


def control(app: AppTest, label: str) -> Any:
    (found,) = [group for group in app.button_group if group.label == label]
    return found


def test_the_page_runs_with_every_choice(digits: DigitSet) -> None:
    app = opened(Network.random(), digits)
    assert not app.exception
    control(app, "Sort by").set_value("usefulness")
    control(app, "Scale").set_value("shared")
    control(app, "Maps").set_value("large")
    for toggle in app.toggle:
        toggle.set_value(True)
    app.run()
    assert not app.exception
    assert not app.info


def test_the_palette_is_at_first_that_of_the_address(digits: DigitSet) -> None:
    app = opened(Network.random(), digits, palette="red-blue")
    assert control(app, "Palette").value == "red-blue"
    control(app, "Palette").set_value("blue-orange").run()
    assert control(app, "Palette").value == "blue-orange"
    assert (
        control(opened(Network.random(), digits, palette="beige"), "Palette").value == "green-red"
    )


def test_without_digits_it_says_what_usefulness_needs() -> None:
    app = opened(Network.random(), None)
    assert not app.exception
    assert not app.info
    control(app, "Sort by").set_value("usefulness").run()
    assert not app.exception
    assert "choose some in the workbench" in app.info[0].value


def test_broken_weights_and_other_shapes_are_shown(digits: DigitSet) -> None:
    broken = Network.random((784, 3, 10)).with_layer(1, weights=np.full((3, 784), np.nan))
    assert not opened(broken, digits).exception
    assert not opened(Network.random((784, 10)), digits).exception
