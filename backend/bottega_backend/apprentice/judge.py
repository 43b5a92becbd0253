"""What a picture of the painted world shows, read off its pixels: no network, no training.

The judge is told which scene was asked for, and says what it sees of it. How often it is right on
rendered scenes, where the truth is known, is measured by `accuracy` and stands beside every figure.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from .world.geometry import Floats, vector
from .world.palette import BARK, COLOURS, GROUNDS, KINDS, RIDGES, ROOF, SAIL, SKIES
from .world.render import GROUND_NORMAL, render
from .world.scene import Light, Scene, draw_scene

Picture = NDArray[np.uint8]
"""(size, size, 3), sRGB, 8 bit."""

Mask = NDArray[np.bool_]

LEAST_SHARE = 0.004
"""Of a picture's pixels: less than this is no thing."""

LEAST_PIXELS = 40
DIFFERENT = 26
"""Levels by which a pixel differs from what is usual in its row to belong to a thing."""

DARK = 9
"""Levels below which a pixel has no hue to speak of."""

BANDS = {"left": (0.0, 0.44), "middle": (0.28, 0.72), "right": (0.56, 1.0)}
"""The columns in which a place is looked for, as shares of the width."""

STANDS_BELOW = 0.61
"""The highest row, as a share, at which a thing's foot is: below every horizon."""

GRID = 20
"""Silhouettes are compared on so many cells each way."""

NEIGHBOURS = 5
CHART_SEED = 4242
CHART = 320
"""Rendered things whose silhouettes are known."""


@dataclass(frozen=True)
class Seen:
    """What is seen: words of the world, nothing where it can't be told."""

    sky: str
    ground: str
    colour: str | None
    kind: str | None
    light: str | None


def look(picture: Picture, scene: Scene, region: Mask | None = None) -> Seen:
    """What the picture shows where the scene's first thing should be, or inside `region`."""
    place = _foreground(picture, scene.things[0].place) if region is None else region
    colour, own = thing_in(picture, scene, place)
    return Seen(
        sky=sky_of(picture),
        ground=ground_of(picture, scene.sky),
        colour=colour,
        kind=kind_of(own),
        light=light_on(picture, own),
    )


def right(seen: Seen, scene: Scene) -> dict[str, bool]:
    """Which of the things asked for are as asked.

    Light is judged where it comes from a side: from above or below, flat bodies look alike.
    """
    thing = scene.things[0]
    verdicts = {
        "sky": seen.sky == scene.sky,
        "ground": seen.ground == scene.ground,
        "colour": seen.colour == thing.colour,
        "kind": seen.kind == thing.kind,
    }
    if scene.light.side in ("left", "right"):
        verdicts["light"] = seen.light == scene.light.side
    return verdicts


def shares(verdicts: Iterable[dict[str, bool]]) -> dict[str, float]:
    """How often each figure is right, 0 to 1, over the verdicts that have it."""
    told: dict[str, list[bool]] = {}
    for verdict in verdicts:
        for name, value in verdict.items():
            told.setdefault(name, []).append(value)
    return {name: float(np.mean(values)) for name, values in told.items()}


def accuracy(scenes: Iterable[Scene], size: int) -> dict[str, float]:
    """How often the judge is right about rendered scenes, by figure: 0 to 1."""
    return shares(right(look(render(scene, size), scene), scene) for scene in scenes)


def sky_of(picture: Picture) -> str:
    """Day, sunset, night or overcast, by the colours at the top and above the horizon."""
    high, low = _usual(picture, 0.02, 0.10), _usual(picture, 0.34, 0.40)

    def differs(name: str) -> float:
        top, horizon = vector(SKIES[name].top), vector(SKIES[name].low)
        wanted = (0.88 * top + 0.12 * horizon, 0.25 * top + 0.75 * horizon)
        return float(np.abs(high - wanted[0]).sum() + 0.5 * np.abs(low - wanted[1]).sum())

    return min(SKIES, key=differs)


def ground_of(picture: Picture, sky: str) -> str:
    """Meadow, sand, snow or sea, by the colour along the lower edge under any light."""
    low, light = _usual(picture, 0.93, 1.0), SKIES[sky]
    strengths = np.clip(
        [Light(turn).direction @ vector(GROUND_NORMAL) for turn in range(0, 360, 15)], 0, 1
    )

    def differs(name: str) -> float:
        lit = vector(light.ambient) + np.outer(strengths, vector(light.direct))
        return float(np.abs(vector(GROUNDS[name]) * 1.03 * lit - low).sum(axis=1).min())

    return min(GROUNDS, key=differs)


def thing_in(picture: Picture, scene: Scene, place: Mask) -> tuple[str | None, Mask]:
    """The colour that most of the place's own pixels have, or nothing, and those pixels."""
    labels = np.where(place, _labels(picture, scene), -1)
    counts = [int((labels == index).sum()) for index in range(len(COLOURS))]
    most = int(np.argmax(counts))
    own = labels == most
    if counts[most] < max(LEAST_PIXELS, LEAST_SHARE * labels.size):
        return None, np.zeros_like(own)
    return tuple(COLOURS)[most], own


def kind_of(own: Mask) -> str | None:
    """The kind whose silhouettes are most like this one, or nothing for a few pixels."""
    outline = _outline(own)
    if outline is None:
        return None
    known, kinds = _chart()
    nearest = ((known - outline) ** 2).sum(axis=1).argsort()[:NEIGHBOURS]
    votes = [kinds[index] for index in nearest]
    return max(KINDS, key=votes.count)


def light_on(picture: Picture, own: Mask) -> str | None:
    """The side from which a thing is lit: where its brightness rises, by least squares."""
    rows, columns = np.nonzero(own)
    if len(rows) < LEAST_PIXELS:
        return None
    bright = picture[rows, columns].astype(np.float32).mean(axis=1)
    across, up = _centred(columns), -_centred(rows)
    design = np.stack((across, up, np.ones_like(across)), axis=1)
    slope = np.linalg.lstsq(design, bright / max(float(bright.mean()), 1.0), rcond=None)[0]
    return Light(float(np.degrees(np.arctan2(slope[1], slope[0])))).side


def _centred(values: NDArray[Any]) -> Floats:
    """To -1..1 over their range."""
    least, most = float(values.min()), float(values.max())
    return np.asarray(2 * (values - least) / max(most - least, 1.0) - 1, np.float32)


def _usual(picture: Picture, top: float, bottom: float) -> Floats:
    """The median colour of a band of rows, 0..1."""
    rows = picture[
        int(top * len(picture)) : max(int(bottom * len(picture)), int(top * len(picture)) + 1)
    ]
    return np.asarray(np.median(rows.reshape(-1, 3), axis=0) / 255, np.float32)


def _foreground(picture: Picture, place: str) -> Mask:
    """Pixels in a place's band that differ from what is usual beside it in their row."""
    size = len(picture)
    first, last = (int(share * size) for share in BANDS[place])
    beside = np.ones(size, bool)
    beside[first:last] = False
    usual = np.median(picture[:, beside].astype(np.float32), axis=1)
    differs = np.abs(picture.astype(np.float32) - usual[:, np.newaxis]).max(axis=-1) > DIFFERENT
    found = np.zeros((size, size), bool)
    found[int(0.20 * size) :, first:last] = differs[int(0.20 * size) :, first:last]
    return _standing(found)


def _standing(found: Mask) -> Mask:
    """What reaches down to where things stand: no sun, no moon, no mountain."""
    _, parts = cv2.connectedComponents(found.astype(np.uint8))
    low = np.unique(parts[int(STANDS_BELOW * len(found)) :])
    return np.asarray(found & np.isin(parts, low[low > 0]))


def _labels(picture: Picture, scene: Scene) -> NDArray[np.int64]:
    """Which paint each pixel is of, by its hue under the scene's sky; -1 for the darkest."""
    sky = SKIES[scene.sky]
    light = vector(sky.ambient) + np.float32(0.6) * vector(sky.direct)
    hues = _directions(picture.astype(np.float32) / (255 * light))
    ridge = [RIDGES[scene.ridge].colour] if scene.ridge else []
    paints = [*COLOURS.values(), ROOF, BARK, SAIL, GROUNDS[scene.ground], *ridge]
    likeness = hues @ _directions(np.array(paints, np.float32)).T
    return np.where(picture.mean(axis=-1) < DARK, -1, likeness.argmax(axis=-1))


def _directions(colours: Floats) -> Floats:
    return np.asarray(
        colours / (np.linalg.norm(colours, axis=-1, keepdims=True) + 1e-4), np.float32
    )


def _outline(own: Mask) -> Floats | None:
    """A silhouette on GRID x GRID cells, and its aspect; nothing for a few pixels."""
    rows, columns = np.nonzero(own)
    if len(rows) < LEAST_PIXELS:
        return None
    (top, bottom), (left, right_) = (
        np.percentile(each, (1, 99)).astype(int) for each in (rows, columns)
    )
    height, width = bottom - top + 1, right_ - left + 1
    steps = (np.arange(GRID) + 0.5) / GRID
    cells = own[(top + steps * height).astype(int)][:, (left + steps * width).astype(int)]
    aspect = 4 * np.log(height / width)
    return np.append(cells.astype(np.float32).ravel(), np.float32(aspect))


@cache
def _chart() -> tuple[Floats, tuple[str, ...]]:
    """The outlines of rendered things, (n, GRID * GRID + 1), and their kinds."""
    chance = np.random.default_rng(CHART_SEED)
    known = []
    for _ in range(CHART):
        scene = draw_scene(chance, 1, held_out=None)
        picture = render(scene, 128)
        _, own = thing_in(picture, scene, _foreground(picture, scene.things[0].place))
        outline = _outline(own)
        if outline is not None:
            known.append((outline, scene.things[0].kind))
    return np.stack([outline for outline, _ in known]), tuple(kind for _, kind in known)
