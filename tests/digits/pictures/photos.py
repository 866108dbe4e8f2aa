"""Photographs of drawn digits: what a phone's camera makes of a sheet of paper, by seed.

Each disturbance is what it is called; ``everything`` is several of them at once, as they come.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

from toolkit.digits.drawn import drawing

Array = NDArray[np.float64]


@dataclass
class Scene:
    """A sheet before it is photographed: what it is like, and where the digit stands on it."""

    rng: np.random.Generator
    size: tuple[int, int]  # rows, columns
    paper: Array = field(default_factory=lambda: np.array([0.86, 0.85, 0.82]))
    ink: Array = field(default_factory=lambda: np.array([0.10, 0.10, 0.13]))
    pen: float = 0.09  # the line's width, of the digit's height
    height: float = 0.5  # the digit's, of the picture's shorter side
    at: tuple[float, float] = (0.5, 0.5)  # its middle
    light: list[Array] = field(default_factory=list)  # factors
    rulings: list[tuple[Array, Array]] = field(default_factory=list)  # cover, colour
    table: tuple[Array, Array] | None = None  # cover, colour
    grain: float = 0.012
    noise: float = 0.008
    blur: float = 0.8
    quality: int = 85
    orientation: int = 1

    @property
    def short(self) -> int:
        return min(self.size)

    def across(self, angle: float) -> Array:
        """Return each pixel's place along a direction, in pixels from the middle."""
        rows, columns = np.mgrid[: self.size[0], : self.size[1]].astype(float)
        rows, columns = rows - self.size[0] / 2, columns - self.size[1] / 2
        return np.asarray(columns * np.cos(angle) + rows * np.sin(angle))


def ruled(scene: Scene, upright: bool, turn: float, colour: Array) -> None:
    rng = scene.rng
    turn += 0 if upright else np.pi / 2
    # Seen from a little aside, lines fan out.
    fan = rng.normal(0, 0.02) * scene.across(turn) / scene.short
    place = scene.across(turn) + fan * scene.across(turn + np.pi / 2)
    step = scene.short * rng.uniform(0.05, 0.13)
    width = scene.short * rng.uniform(0.002, 0.004)
    away = np.abs((place + rng.uniform(0, step)) % step - step / 2)
    scene.rulings.append((np.clip(width / 2 + 0.5 - away, 0, 1) * rng.uniform(0.7, 1), colour))


def lined(scene: Scene) -> None:
    turn = scene.rng.normal(0, 0.03)
    ruled(scene, False, turn, np.array([0.55, 0.66, 0.85]) * scene.rng.uniform(0.8, 1.1))
    if scene.rng.random() < 0.5:  # a margin
        away = np.abs(scene.across(turn) + scene.size[1] * scene.rng.uniform(0.36, 0.44))
        cover = np.clip(scene.short * 0.003 / 2 + 0.5 - away, 0, 1)
        scene.rulings.append((cover, np.array([0.85, 0.45, 0.45])))


def squared(scene: Scene) -> None:
    turn = scene.rng.normal(0, 0.03)
    state = scene.rng.bit_generator.state
    for upright in (False, True):
        scene.rng.bit_generator.state = state  # the same step both ways
        ruled(scene, upright, turn, np.array([0.62, 0.68, 0.78]))


def shadow(scene: Scene) -> None:
    rng = scene.rng
    rows, columns = np.mgrid[0 : 1 : scene.size[0] * 1j, 0 : 1 : scene.size[1] * 1j]
    y, x = rng.uniform(0.2, 0.9, 2)
    away = np.hypot((rows - y) / rng.uniform(0.2, 0.5), (columns - x) / rng.uniform(0.2, 0.5))
    scene.light.append(1 - rng.uniform(0.3, 0.55) / (1 + np.exp((away - 1) * rng.uniform(4, 14))))


def shadow_edge(scene: Scene) -> None:
    rng = scene.rng
    place = scene.across(rng.uniform(0, 2 * np.pi)) - scene.short * rng.uniform(-0.25, 0.3)
    soft = scene.short * rng.uniform(0.002, 0.02)
    scene.light.append(1 - rng.uniform(0.35, 0.6) / (1 + np.exp(-np.clip(place / soft, -50, 50))))


def tilted_light(scene: Scene) -> None:
    place = scene.across(scene.rng.uniform(0, 2 * np.pi)) / scene.short
    scene.light.append(np.clip(0.75 + scene.rng.uniform(0.35, 0.6) * place, 0.2, 1.15))


def table(scene: Scene) -> None:
    rng = scene.rng
    cover = np.zeros(scene.size)
    for side in rng.permutation(4)[: rng.integers(1, 3)]:
        angle = side * np.pi / 2 + rng.normal(0, 0.05)
        half = scene.size[1 - side % 2] / 2
        cover = np.maximum(cover, scene.across(angle) > half * rng.uniform(0.72, 0.9))
    tone = rng.uniform(0.15, 0.5) * np.array([1.0, 0.8, 0.6])
    grain = 1 + 0.12 * np.sin(scene.across(0.1) / scene.short * 60)[..., None]
    scene.table = cover, tone * grain


def coloured_ink(scene: Scene) -> None:
    colours = [(0.12, 0.2, 0.6), (0.75, 0.12, 0.15), (0.1, 0.45, 0.25), (0.85, 0.4, 0.1),
               (0.45, 0.15, 0.55)]  # fmt: skip
    scene.ink = np.array(colours[scene.rng.integers(len(colours))])


def blackboard(scene: Scene) -> None:
    scene.paper = np.array([0.13, 0.2, 0.16]) * scene.rng.uniform(0.8, 1.6)
    scene.ink = np.array([0.85, 0.85, 0.8])
    scene.grain = 0.02


def low_light(scene: Scene) -> None:
    scene.light.append(np.full(scene.size, scene.rng.uniform(0.15, 0.3)))
    scene.noise = 0.03


def set_pen(low: float, high: float) -> Callable[[Scene], None]:
    def change(scene: Scene) -> None:
        scene.pen = scene.rng.uniform(low, high)

    return change


def off_centre(scene: Scene) -> None:
    scene.height = scene.rng.uniform(0.15, 0.3)
    scene.at = tuple(scene.rng.uniform(0.25, 0.75, 2))


def change(**values: object) -> Callable[[Scene], None]:
    def made(scene: Scene) -> None:
        for name, value in values.items():
            setattr(scene, name, value)

    return made


def blurred(scene: Scene) -> None:
    scene.blur = scene.short * scene.rng.uniform(0.004, 0.009)


def turned(scene: Scene) -> None:
    scene.orientation = int(scene.rng.integers(1, 9))


def pencil(scene: Scene) -> None:
    scene.ink, scene.pen = np.full(3, 0.45), scene.rng.uniform(0.02, 0.04)


def everything(scene: Scene) -> None:
    rng = scene.rng
    off_centre(scene)
    scene.height, scene.at = rng.uniform(0.25, 0.45), tuple(rng.uniform(0.42, 0.58, 2))
    scene.pen = rng.uniform(0.03, 0.12)
    for way, share in ((lined, 0.5), (table, 0.4), (shadow, 0.5), (shadow_edge, 0.4),
                       (tilted_light, 0.5), (coloured_ink, 0.4), (turned, 0.5)):  # fmt: skip
        if rng.random() < share:
            way(scene)
    scene.noise, scene.quality = rng.uniform(0.005, 0.02), int(rng.integers(50, 90))


DISTURBANCES: dict[str, Callable[[Scene], None]] = {
    "nothing": change(),
    "lined": lined,
    "squared": squared,
    "shadow": shadow,
    "shadow edge": shadow_edge,
    "tilted light": tilted_light,
    "table": table,
    "coloured ink": coloured_ink,
    "blackboard": blackboard,
    "low light": low_light,
    "thin pen": set_pen(0.012, 0.03),
    "marker": set_pen(0.14, 0.2),
    "pencil": pencil,
    "off centre": off_centre,
    "JPEG noise": change(quality=25),
    "blur": blurred,
    "turned": turned,
    "everything": everything,
}


def strokes(rng: np.random.Generator, count: int) -> tuple[list[list[Array]], NDArray[np.intp]]:
    """Return digits as strokes of points (x, y), and their labels."""
    labels = rng.permuted(np.tile(np.arange(10), -(-count // 10)))[:count]
    curves, along = drawing._curves(rng, labels)
    cut = [np.flatnonzero(np.diff(each) < 0) + 1 for each in along]
    return [np.split(curve, where) for curve, where in zip(curves, cut, strict=True)], labels


def inked(scene: Scene, lines: list[Array]) -> Array:
    """Return the digit's ink on the sheet, (rows, columns) in [0, 1]."""
    rows, columns = scene.size
    height = scene.height * scene.short
    points = np.concatenate(lines)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = height / max(high - low)
    middle = np.array([scene.at[1] * columns, scene.at[0] * rows])
    reach = (high - low) * scale / 2 + height * scene.pen
    middle = np.clip(middle, reach + 0.04 * columns, [columns, rows] - reach - 0.04 * columns)
    fine = max(1, 1200 // scene.short)
    sheet = Image.new("L", (columns * fine, rows * fine))
    pen = ImageDraw.Draw(sheet)
    radius = max(height * scene.pen / 2, 0.6) * fine
    for line in lines:
        dots = ((line - (low + high) / 2) * scale + middle) * fine
        pen.line([tuple(dot) for dot in dots], fill=255, width=round(2 * radius))
        for x, y in dots:
            pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    return np.asarray(sheet.resize((columns, rows), Image.Resampling.BOX), float) / 255


def photographed(scene: Scene, ink: Array) -> bytes:
    """Return the photograph of a sheet with its ink, as a JPEG."""
    rng = scene.rng
    picture = np.broadcast_to(scene.paper, (*scene.size, 3)) * 1.0
    picture *= 1 + rng.normal(0, scene.grain, (*scene.size, 1))
    for cover, colour in scene.rulings:
        picture *= 1 - cover[..., None] * (1 - colour / scene.paper)
    depth = ink[..., None] * rng.uniform(0.9, 1.0)
    picture = picture * (1 - depth) + scene.ink * depth
    if scene.table is not None:
        cover, colour = scene.table
        picture = np.where(cover[..., None] > 0, colour, picture)
    for factor in scene.light:
        picture *= factor[..., None]
    image = Image.fromarray(np.rint(np.clip(picture, 0, 1) * 255).astype(np.uint8))
    blurred = np.asarray(image.filter(ImageFilter.GaussianBlur(scene.blur)), float) / 255
    noisy = blurred + rng.normal(0, scene.noise, blurred.shape)
    image = Image.fromarray(np.rint(np.clip(noisy, 0, 1) * 255).astype(np.uint8))
    exif = Image.Exif()
    back = {
        2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM, 5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_270,
    }  # fmt: skip
    if scene.orientation in back:
        image = image.transpose(back[scene.orientation])
    exif[0x0112] = scene.orientation
    file = io.BytesIO()
    image.save(file, "JPEG", quality=scene.quality, exif=exif)
    return file.getvalue()


@dataclass(frozen=True)
class Photo:
    """A photograph, and the ink that was on the sheet."""

    data: bytes
    ink: NDArray[np.float32]
    label: int


def photos(kind: str, count: int, seed: int, size: tuple[int, int] = (800, 600)) -> list[Photo]:
    """Return photographs with one kind of disturbance, in both formats of a page."""
    rng = np.random.default_rng([seed, sorted(DISTURBANCES).index(kind)])
    digits, labels = strokes(rng, count)
    found = []
    for number, (lines, label) in enumerate(zip(digits, labels, strict=True)):
        scene = Scene(rng, size if number % 3 else size[::-1])
        scene.height = rng.uniform(0.35, 0.65)
        scene.pen = rng.uniform(0.05, 0.11)
        DISTURBANCES[kind](scene)
        ink = inked(scene, lines)
        data = photographed(scene, ink)
        found.append(Photo(data, ink.astype(np.float32), int(label)))
    return found
