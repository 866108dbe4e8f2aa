"""Pictures of digits that a page sends."""

from __future__ import annotations

import io

from PIL import Image

from tests.studio.conftest import Page
from toolkit.studio.studio import Studio


def paper(*strokes: tuple[int, int, int, int]) -> bytes:
    """Return a sheet with upright strokes, each from (left, top) to (right, bottom)."""
    sheet = Image.new("L", (400, 300), 250)
    for each in strokes:
        sheet.paste(10, each)
    file = io.BytesIO()
    sheet.save(file, "PNG")
    return file.getvalue()


def test_where_a_picture_has_another_digit_that_is_said(studio: Studio, page: Page) -> None:
    page.heard.clear()
    studio.show_picture(paper((60, 60, 78, 240)), "one.png", page.visit)
    assert page.read()["digit"]["title"] == {"code": "picture", "fields": {"name": "one.png"}}
    assert page.heard == []
    two = paper((60, 80, 75, 220), (300, 60, 318, 240))
    studio.show_picture(two, "two.png", page.visit)
    assert page.read()["digit"]["title"]["fields"] == {"name": "two.png"}
    (notice,) = page.heard
    assert (notice["code"], notice["fields"]) == ("picture-others", {"file": "two.png"})
