"""A scene before it is painted: what is in it, where, and how it is lit; drawn by chance."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, radians, sin
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .palette import COLOURS, GROUNDS, KINDS, PLACES, RIDGES, SIZES, SKIES

Chance = np.random.Generator

HELD_OUT = 11
"""One of so many combinations of colour, kind and place never appears in training."""

SIDES = {"left": 155.0, "right": 25.0, "above": 90.0, "below": 270.0}
"""Where the light comes from by its word, in degrees; see `Light`."""

SIDE_SHARES = (0.38, 0.38, 0.18, 0.06)
SPREAD = 20.0
"""Degrees to both sides of a word's angle that scenes are drawn from."""

FRONT = 0.42
"""How far the light comes from the viewer's side: the depth component of its direction."""


@dataclass(frozen=True)
class Light:
    """Light from an angle in the picture's plane: degrees, 0 from the right, 90 from above.

    It always comes a little from the viewer's side, so that what faces us is never black.
    """

    angle: float

    @property
    def direction(self) -> NDArray[np.float32]:
        """The unit vector towards the light: x right, y up, z towards the viewer."""
        across = (1 - FRONT**2) ** 0.5
        turn = radians(self.angle)
        return np.array((across * cos(turn), across * sin(turn), FRONT), np.float32)

    @property
    def side(self) -> str:
        """The word for it: left, right, above or below."""
        turn = self.angle % 360
        if 60 <= turn <= 120:
            return "above"
        if 240 <= turn <= 300:
            return "below"
        return "right" if turn < 60 or turn > 300 else "left"


@dataclass(frozen=True)
class Thing:
    """One object: `x` its centre in picture heights, `depth` 0 far to 1 near.

    `scale` is half its width in picture heights, `variant` 0..1 its details.
    """

    kind: str
    colour: str
    place: str
    size: str
    x: float
    depth: float
    scale: float
    variant: float


@dataclass(frozen=True)
class Scene:
    """Everything that decides a picture. `details` seeds what no caption speaks of.

    `width` is the picture's width in picture heights: places are shares of it.
    """

    sky: str
    ground: str
    ridge: str | None
    horizon: float
    light: Light
    disc: float
    things: tuple[Thing, ...]
    details: int
    width: float = 1.0

    def lit(self, light: Light) -> Scene:
        """The same scene under another light."""
        return replace(self, light=light)


def is_held_out(thing: Thing) -> bool:
    """Whether this combination of colour, kind and place is kept from training."""
    colour, kind = list(COLOURS).index(thing.colour), KINDS.index(thing.kind)
    place = list(PLACES).index(thing.place)
    return (5 * colour + 3 * kind + 7 * place) % HELD_OUT == 0


def draw_scene(
    chance: Chance, count: int | None = None, *, held_out: bool | None = False, width: float = 1.0
) -> Scene:
    """A scene with `count` things, else one to three.

    `held_out` False leaves the held-out combinations out, True takes nothing else, None does
    not care. `width` is the picture's, in its heights.
    """
    wanted = count or int(chance.choice((1, 2, 3), p=(0.5, 0.35, 0.15)))
    ground = _one(chance, tuple(GROUNDS))
    ridge = _one(chance, (None, *RIDGES), (0.44, 0.14, 0.14, 0.14, 0.14))
    places = [str(place) for place in chance.permutation(list(PLACES))[:wanted]]
    colours = [colour for colour in COLOURS if not _drowns(colour, ground, ridge)]
    things = [_draw_thing(chance, place, colours, wanted) for place in places]
    while held_out is not None and any(is_held_out(thing) != held_out for thing in things):
        things = [_draw_thing(chance, place, colours, wanted) for place in places]
    return Scene(
        width=width,
        sky=_one(chance, tuple(SKIES), (0.30, 0.25, 0.25, 0.20)),
        ground=ground,
        ridge=ridge,
        horizon=float(chance.uniform(0.46, 0.60)),
        light=draw_light(chance),
        disc=float(chance.uniform(-0.05, 0.05)),
        things=tuple(replace(thing, x=thing.x * width) for thing in things),
        details=int(chance.integers(2**31)),
    )


def draw_light(chance: Chance) -> Light:
    """A light from around one of the four words' angles."""
    side = _one(chance, tuple(SIDES), SIDE_SHARES)
    return Light(SIDES[side] + float(chance.uniform(-SPREAD, SPREAD)))


def _draw_thing(chance: Chance, place: str, colours: list[str], count: int) -> Thing:
    kind = _one(chance, KINDS)
    colour = "green" if kind == "tree" and chance.random() < 0.3 else _one(chance, tuple(colours))
    sizes = tuple(SIZES) if count < 3 else ("small", "normal")
    size = _one(chance, sizes, (0.25, 0.5, 0.25) if count < 3 else (0.5, 0.5))
    return Thing(
        kind=kind,
        colour=colour,
        place=place,
        size=size,
        x=PLACES[place] + float(chance.uniform(-0.05, 0.05)),
        depth=float(chance.uniform(0.25, 0.70)),
        scale=SIZES[size] * float(chance.uniform(0.92, 1.08)),
        variant=float(chance.random()),
    )


def _drowns(colour: str, ground: str, ridge: str | None) -> bool:
    """White things can't be told from snow."""
    return colour == "white" and (ground == "snow" or ridge == "snowy mountains")


def _one(chance: Chance, words: tuple[Any, ...], shares: tuple[float, ...] | None = None) -> Any:
    """One of the words, with these chances or equal ones."""
    return words[int(chance.choice(len(words), p=shares))]
