"""From a scene to its picture, and to everything that is true of it: numpy alone, seeded, fast.

A scene is laid out once; the layout can be lit from anywhere. Colours are treated as they are
stored: the world is a painted one, its light is not measured.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .canvas import FIRST_THING, GROUND, RIDGE, Canvas, View
from .geometry import Floats, coverage, vector
from .palette import GROUNDS, RIDGES, SKIES
from .scene import Light, Scene, Thing
from .shapes import SHAPES, draw

GROUND_NORMAL = (0.0, 0.92, 0.38)
FAR, NEAR = 0.10, 0.70
"""Depth of the ground at the horizon and at the picture's lower edge."""

AHEAD = 0.05
"""A thing is so much nearer than the ground that it stands on."""

REACH = (1.35, 2.75, 0.45)
"""How far a thing may reach from where it stands: to the sides, up and down, in half widths."""

FORESHORTENED = 0.32
"""Height to width of a circle on the ground."""

LONGEST_SHADOW = 1.6
"""In heights of the thing that casts it."""

DISC = 0.055
"""Radius of sun and moon, in picture heights."""


@dataclass(frozen=True)
class Layout:
    """A scene laid out in a view: `canvas` before any light, `sky` (rows, 1, 3) behind it."""

    scene: Scene
    canvas: Canvas
    sky: Floats


def lay_out(scene: Scene, view: View) -> Layout:
    """Paint everything in its own colours, the farthest first."""
    canvas = Canvas(view)
    x, y = view.axes()
    _paint_ridge(scene, canvas, x, y)
    _paint_ground(scene, canvas, x, y)
    for index, thing in sorted(enumerate(scene.things), key=lambda entry: entry[1].depth):
        _paint_thing(scene, canvas, thing, FIRST_THING + index)
    sky = SKIES[scene.sky]
    down = np.clip(y / scene.horizon, 0, 1)[:, np.newaxis, np.newaxis]
    return Layout(scene, canvas, (1 - down) * vector(sky.top) + down * vector(sky.low))


def shade(layout: Layout, light: Light | None = None) -> NDArray[np.uint8]:
    """The picture (rows, columns, 3), 8 bit, under the scene's own light or another."""
    canvas, sky = layout.canvas, SKIES[layout.scene.sky]
    light = light or layout.scene.light
    facing = np.clip(canvas.normal @ light.direction, 0, None)
    facing /= np.maximum(canvas.solid, 0.05)
    shadow = _shadows(layout, light) * canvas.ground
    lit = (facing * (1 - shadow))[..., np.newaxis] * vector(sky.direct)
    lit += (1 - 0.35 * shadow)[..., np.newaxis] * vector(sky.ambient)
    picture = canvas.albedo * lit
    picture += _sky(layout, light) * (1 - canvas.solid)[..., np.newaxis]
    np.clip(picture, 0, 1, out=picture)
    return np.asarray(picture * 255 + np.float32(0.5)).astype(np.uint8)


def render(scene: Scene, size: int = 256) -> NDArray[np.uint8]:
    """The scene's own square, `size` pixels wide: (size, size, 3), 8 bit."""
    return shade(lay_out(scene, View(size, size)))


def stands_at(scene: Scene, thing: Thing) -> float:
    """How far down the picture a thing stands, 0 to 1."""
    return scene.horizon + (1 - scene.horizon) * thing.depth


def _paint_ridge(scene: Scene, canvas: Canvas, x: Floats, y: Floats) -> None:
    if scene.ridge is None:
        return
    ridge = RIDGES[scene.ridge]
    rise, steepness = _skyline(scene, x, jagged=ridge.jagged)
    rows = slice(
        *np.searchsorted(y, (scene.horizon - float(rise.max()) - 0.01, scene.horizon + 0.01))
    )
    place, above = (rows, slice(None)), scene.horizon - y[rows][:, np.newaxis]
    across = np.clip(steepness, -0.85, 0.85)
    level = np.sqrt(1 - across * across)
    normal = (across, 0.45 * level, 0.80 * level)
    cover = coverage(rise - above, canvas.view.pixel)
    canvas.paint(place, cover, ridge.colour, normal)
    if ridge.cap is not None:
        canvas.paint(
            place, cover * coverage(above - 0.55 * rise.max(), canvas.view.pixel), ridge.cap, normal
        )
    canvas.own(place, cover, RIDGE, FAR - 0.02)


def _skyline(scene: Scene, x: Floats, *, jagged: bool) -> tuple[Floats, Floats]:
    """The ridge's height over the horizon along x, and its slope there (positive: faces right)."""
    chance = np.random.default_rng(scene.details)
    phases, pace = chance.uniform(0, 2 * np.pi, 2), chance.uniform(4, 9)
    height = np.float32(chance.uniform(0.10, 0.20) if jagged else chance.uniform(0.06, 0.15))
    wave = _peaks if jagged else np.sin
    rise = 0.55 + 0.30 * wave(pace * x + phases[0]) + 0.15 * wave(2.3 * pace * x + phases[1])
    rise = (height * rise).astype(np.float32)
    return rise, (-1.3 * np.gradient(rise, x)).astype(np.float32)


def _peaks(turn: Floats) -> Floats:
    """A wave of straight flanks with the phase and range of a sine."""
    return np.asarray(2 / np.pi * np.arcsin(np.sin(turn)), np.float32)


def _paint_ground(scene: Scene, canvas: Canvas, x: Floats, y: Floats) -> None:
    first = int(np.searchsorted(y, scene.horizon - 0.01))
    place = (slice(first, None), slice(None))
    near = np.clip((y[first:] - scene.horizon) / (1 - scene.horizon), 0, 1)[:, np.newaxis]
    cover = np.broadcast_to(
        coverage(y[first:, np.newaxis] - scene.horizon, canvas.view.pixel), (len(near), len(x))
    )
    colour = vector(GROUNDS[scene.ground]) * (0.82 + 0.22 * near)[..., np.newaxis]
    if scene.ground == "sea":
        colour = colour * _waves(scene, x, near)[..., np.newaxis]
    canvas.paint(place, cover, colour, GROUND_NORMAL)
    canvas.ground[place] = cover
    canvas.own(place, cover, GROUND, FAR + (NEAR - FAR) * near)


def _waves(scene: Scene, x: Floats, near: Floats) -> Floats:
    """Streaks that come closer together towards the horizon: factors around 1."""
    turn = 42 * np.sqrt(near) + 0.8 * np.sin(7 * x + scene.details % 7)
    return np.asarray(1 + 0.10 * near * np.sin(turn), np.float32)


def _paint_thing(scene: Scene, canvas: Canvas, thing: Thing, owner: int) -> None:
    view, base = canvas.view, stands_at(scene, thing)
    sides, up, down = (reach * thing.scale for reach in REACH)
    place = view.box(thing.x - sides, base - up, thing.x + sides, base + down)
    x, y = view.axes()
    across = (x[place[1]] - np.float32(thing.x))[np.newaxis]
    rises = (np.float32(base) - y[place[0]])[:, np.newaxis]
    across, rises = np.broadcast_arrays(across, rises)
    if not across.size:
        return
    depth = FAR + (NEAR - FAR) * thing.depth + AHEAD
    for piece in draw(thing, across, rises):
        cover = coverage(piece.inside, view.pixel)
        canvas.paint(place, cover, piece.colour, piece.normal)
        canvas.own(place, cover, owner, depth)


def _shadows(layout: Layout, light: Light) -> Floats:
    """How much of the light the things keep from the ground: (rows, columns), 0 to 1."""
    view = layout.canvas.view
    shadows = np.zeros((view.rows, view.columns), np.float32)
    across, up, front = (float(part) for part in light.direction)
    if up <= 0:
        return shadows
    for thing in layout.scene.things:
        length = min(1 / up, LONGEST_SHADOW) * SHAPES[thing.kind].height * thing.scale
        tip = (-across * length, front * length * FORESHORTENED)
        _cast(layout, thing, tip, shadows)
    return shadows


def _cast(layout: Layout, thing: Thing, tip: tuple[float, float], shadows: Floats) -> None:
    """One thing's shadow: a capsule on the ground, whose edge is softer farther from the foot."""
    view, base = layout.canvas.view, stands_at(layout.scene, thing)
    radius = SHAPES[thing.kind].foot * thing.scale
    wide = 1.5 * radius
    left, right = sorted((thing.x, thing.x + tip[0]))
    place = view.box(
        left - wide, base - tip[1] - wide * FORESHORTENED, right + wide, base + wide * FORESHORTENED
    )
    x, y = view.axes()
    across = x[place[1]][np.newaxis] - np.float32(thing.x)
    away = (np.float32(base) - y[place[0]])[:, np.newaxis] / np.float32(FORESHORTENED)
    ahead = (tip[0], tip[1] / FORESHORTENED)
    along = (across * ahead[0] + away * ahead[1]) / np.float32(ahead[0] ** 2 + ahead[1] ** 2 + 1e-9)
    along = np.clip(along, 0, 1)
    gap = np.hypot(across - along * ahead[0], away - along * ahead[1]) - radius * (1 - 0.35 * along)
    soft = radius * (0.25 + 0.75 * along)
    dark = np.clip(0.5 - gap / soft, 0, 1) * (1 - 0.35 * along)
    shadows[place] = np.maximum(shadows[place], dark.astype(np.float32))


def _sky(layout: Layout, light: Light) -> Floats:
    """The sky, with sun or moon on the light's side: (rows, columns or 1, 3)."""
    scene, view = layout.scene, layout.canvas.view
    sky = SKIES[scene.sky]
    if sky.disc is None or light.side not in ("left", "right"):
        return layout.sky
    centre = (0.10 if light.side == "left" else scene.width - 0.10) + scene.disc
    x, y = view.axes()
    away = (
        np.hypot(x[np.newaxis] - centre, (y - sky.disc_height)[:, np.newaxis]).astype(np.float32)
        - DISC
    )
    shines = np.where(
        away < 0, coverage(-away, view.pixel), 0.45 * np.exp(-np.maximum(away, 0) / 0.06)
    )
    shines = np.maximum(shines, coverage(-away, view.pixel))[..., np.newaxis]
    return np.asarray(layout.sky * (1 - shines) + vector(sky.disc) * shines, np.float32)
