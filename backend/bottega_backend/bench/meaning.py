"""Does the Apprentice paint what it is asked for? Judged on scenes that it has never seen.

Every figure stands beside chance, beside what the VAE alone leaves of the true picture, and beside
the judge's own accuracy on true pictures: no figure can be better than those two.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from numpy.typing import NDArray

from bottega_backend.apprentice.judge import Picture, look, right, shares
from bottega_backend.apprentice.world.canvas import View
from bottega_backend.apprentice.world.captions import thing_caption, whole_caption
from bottega_backend.apprentice.world.palette import COLOURS, GROUNDS, KINDS, SKIES
from bottega_backend.apprentice.world.render import lay_out, render, shade, stands_at
from bottega_backend.apprentice.world.scene import Scene, draw_scene
from bottega_backend.apprentice.world.shapes import SHAPES
from bottega_backend.capabilities.latents import decode, encode
from bottega_backend.models.load import load
from bottega_backend.models.loaded import Loaded
from bottega_protocol.images import Image
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.requests import FillRequest, GenerateRequest

from .painter import RGBA, Painter

SEED = 50_001
"""Of the judged scenes: far from those that training draws from."""

CHANCE = {
    "sky": 1 / len(SKIES),
    "ground": 1 / len(GROUNDS),
    "colour": 1 / len(COLOURS),
    "kind": 1 / len(KINDS),
    "light": 1 / 2,
}
AIMS = {"sky": 0.98, "ground": 0.95, "colour": 0.90, "kind": 0.80, "light": 0.80}
FILL_AIM = 0.92
BASE, INPAINT = "apprentice", "apprentice-inpaint"


@dataclass(frozen=True)
class Figure:
    """One line of the table, in its `unit`: a share 0 to 1, levels 0 to 255, or a ratio.

    `chance` of an error is that of leaving everything as it was.
    """

    name: str
    value: float
    chance: float | None = None
    vae: float | None = None
    truth: float | None = None
    aim: float | None = None
    unit: str = "share"


@dataclass
class Meaning:
    """What was measured: at which size, on how many scenes, with which figures."""

    size: int
    count: int
    figures: list[Figure] = field(default_factory=list)
    colours: dict[str, float] = field(default_factory=dict)


def measure(painter: Painter, count: int) -> Meaning:
    """All figures on `count` held-out scenes and as many of combinations that were trained."""
    native = painter.catalog.find(BASE).native.width
    unseen, seen = judged_scenes(count, held_out=True), judged_scenes(count, held_out=False)
    meaning = Meaning(native, count)
    bounds = Bounds.of(painter, unseen, native)
    _judge_generate(painter, meaning, bounds, (unseen, seen))
    _judge_fill(painter, meaning, bounds, unseen)
    _judge_removal(painter, meaning, bounds, unseen)
    return meaning


def judged_scenes(count: int, *, held_out: bool) -> list[Scene]:
    """Scenes of one thing, the same every time."""
    chance = np.random.default_rng((SEED, held_out))
    return [draw_scene(chance, 1, held_out=held_out) for _ in range(count)]


@dataclass(frozen=True)
class Bounds:
    """The roof over the figures: the judge on true pictures, and on what the VAE leaves of them."""

    truth: dict[str, float]
    vae: dict[str, float]
    tripped: list[Picture]

    @classmethod
    def of(cls, painter: Painter, scenes: Sequence[Scene], size: int) -> Bounds:
        """Judge the scenes' own pictures, as they are and after a round trip."""
        model = painter.catalog.find(BASE)
        loaded = load(model.family, model.folder, painter.device.device, torch.float32)
        pictures = [render(scene, size) for scene in scenes]
        with torch.inference_mode():
            tripped = [_round_trip(picture, loaded) for picture in pictures]
        judged = [(each, scene) for each, scene in zip(pictures, scenes, strict=True)]
        again = [(each, scene) for each, scene in zip(tripped, scenes, strict=True)]
        return cls(_judged(judged), _judged(again), tripped)


def ask_for(scene: Scene, seed: int, size: int, sampler: str = "") -> GenerateRequest:
    """The whole scene in words, painted from nothing."""
    canvas = Size(size, size)
    return GenerateRequest(
        canvas=canvas,
        rectangle=Rectangle(0, 0, size, size),
        layout=RGBA,
        prompt=whole_caption(scene),
        model=BASE,
        sampler=sampler,
        seed=seed,
    )


def _judge_generate(
    painter: Painter, meaning: Meaning, bounds: Bounds, scenes: tuple[list[Scene], list[Scene]]
) -> None:
    verdicts = []
    for some in scenes:
        asked = [ask_for(scene, seed, meaning.size) for seed, scene in enumerate(some)]
        pictures = [painted.picture for painted in painter.paint(asked)]
        verdicts.append(_verdicts(zip(pictures, some, strict=True)))
    unseen, seen = map(shares, verdicts)
    for name, value in unseen.items():
        meaning.figures.append(
            Figure(name, value, CHANCE[name], bounds.vae[name], bounds.truth[name], AIMS[name])
        )
        meaning.figures.append(Figure(f"{name}, of combinations that were trained", seen[name]))
    for colour in COLOURS:
        told = [
            verdict["colour"]
            for verdict, scene in zip(verdicts[0], scenes[0], strict=True)
            if scene.things[0].colour == colour
        ]
        if told:
            meaning.colours[colour] = float(np.mean(told))


def _judge_fill(painter: Painter, meaning: Meaning, bounds: Bounds, scenes: list[Scene]) -> None:
    """The thing alone is asked for, in an otherwise finished picture that lacks it."""
    size, asked, holes = meaning.size, [], []
    for seed, scene in enumerate(scenes):
        hole = hole_around(scene, size)
        asked.append(
            _fill(painter, _empty(scene, size), hole, thing_caption(scene.things[0]), seed)
        )
        holes.append(hole)
    judged = [
        right(look(painted.picture, scene, hole), scene)
        for painted, scene, hole in zip(painter.paint(asked), scenes, holes, strict=True)
    ]
    true = [
        right(look(render(scene, size), scene, hole), scene)
        for scene, hole in zip(scenes, holes, strict=True)
    ]
    tripped = [
        right(look(picture, scene, hole), scene)
        for picture, scene, hole in zip(bounds.tripped, scenes, holes, strict=True)
    ]
    values, truth, vae = shares(judged), shares(true), shares(tripped)
    for name, aim in (("colour", FILL_AIM), ("kind", AIMS["kind"]), ("light", AIMS["light"])):
        meaning.figures.append(
            Figure(
                f"fill: {name} in the mask", values[name], CHANCE[name], vae[name], truth[name], aim
            )
        )


def _judge_removal(painter: Painter, meaning: Meaning, bounds: Bounds, scenes: list[Scene]) -> None:
    """Nothing is asked for, over a thing: the surroundings should go on where it stood."""
    size, asked, holes = meaning.size, [], []
    for seed, scene in enumerate(scenes):
        hole = hole_around(scene, size)
        asked.append(_fill(painter, render(scene, size), hole, "", seed))
        holes.append(hole)
    errors, own, left_in, contrasts = [], [], [], []
    results = zip(scenes, painter.paint(asked), holes, bounds.tripped, strict=True)
    for scene, painted, hole, tripped in results:
        true, before = _empty(scene, size), render(scene, size)
        errors.append(_error(painted.over(before), true, hole))
        left_in.append(_error(before, true, hole))
        own.append(_error(tripped, before, hole))
        contrasts.append((_contrast(painted.over(before), hole), _contrast(true, hole)))
    vae = float(np.mean(own))
    meaning.figures.append(
        Figure(
            "removed: error in the mask",
            float(np.mean(errors)),
            float(np.mean(left_in)),
            vae,
            0.0,
            1.5 * vae,
            "levels",
        )
    )
    painted_, true_ = (float(np.mean([pair[side] for pair in contrasts])) for side in (0, 1))
    meaning.figures.append(
        Figure(
            "removed: contrast along the mask's border, to the true one's",
            painted_ / true_,
            aim=1.3,
            unit="ratio",
        )
    )


def hole_around(scene: Scene, size: int) -> NDArray[np.bool_]:
    """The box that an artist would draw around a place for the scene's thing."""
    thing = scene.things[0]
    base, s = stands_at(scene, thing), thing.scale
    box = View(size, size).box(
        thing.x - 1.25 * s,
        base - SHAPES[thing.kind].height * s * 1.1,
        thing.x + 1.25 * s,
        base + 0.4 * s,
    )
    hole = np.zeros((size, size), bool)
    hole[box] = True
    return hole


def _fill(
    painter: Painter, picture: Picture, hole: NDArray[np.bool_], prompt: str, seed: int
) -> FillRequest:
    size = len(picture)
    rows, columns = np.nonzero(hole)
    left, top = int(columns.min()), int(rows.min())
    selection = Rectangle(left, top, int(columns.max()) - left + 1, int(rows.max()) - top + 1)
    pixels: Image = painter.keep(picture)
    return FillRequest(
        canvas=Size(size, size),
        rectangle=Rectangle(0, 0, size, size),
        selection=selection,
        pixels=pixels,
        mask=painter.keep_mask(hole),
        prompt=prompt,
        model=INPAINT,
        seed=seed,
    )


def _empty(scene: Scene, size: int) -> Picture:
    """The scene without its things."""
    return shade(lay_out(replace(scene, things=()), View(size, size)))


def _round_trip(picture: Picture, loaded: Loaded) -> Picture:
    latents = encode([picture.astype(np.float32) / 127.5 - 1], loaded)
    again = decode(latents, loaded)
    return np.asarray(again * 255 + np.float32(0.5)).astype(np.uint8)


def _verdicts(judged: Iterable[tuple[Picture, Scene]]) -> list[dict[str, bool]]:
    return [right(look(picture, scene), scene) for picture, scene in judged]


def _judged(judged: Iterable[tuple[Picture, Scene]]) -> dict[str, float]:
    return shares(_verdicts(judged))


def _error(picture: Picture, true: Picture, hole: NDArray[np.bool_]) -> float:
    """Mean absolute difference inside, in levels."""
    return float(np.abs(picture.astype(np.float32) - true)[hole].mean())


def _contrast(picture: Picture, hole: NDArray[np.bool_]) -> float:
    """Mean absolute difference of neighbours of which one is inside, in levels."""
    values, total, count = picture.astype(np.float32), 0.0, 0
    for axis in (0, 1):
        across = np.diff(hole.astype(np.int8), axis=axis) != 0
        steps = np.abs(np.diff(values, axis=axis)).mean(axis=-1)
        total, count = total + float(steps[across].sum()), count + int(across.sum())
    return total / max(count, 1)
