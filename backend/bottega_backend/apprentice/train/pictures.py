"""The training pictures: rendered once by all cores, kept on disk, and known in every detail.

A picture's scene is drawn again from its number whenever its captions or masks are wanted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bottega_backend.apprentice.world.canvas import View
from bottega_backend.apprentice.world.render import lay_out, shade
from bottega_backend.apprentice.world.scene import Scene, draw_scene

from .settings import SIZES, Settings

PIECE = 256
"""Scenes to one task of the pool."""


@dataclass(frozen=True)
class Bucket:
    """Pictures of one size: (count, rows, columns, 3) in `pictures`, numbered from `first`."""

    rows: int
    columns: int
    first: int
    pictures: NDArray[np.uint8]

    def scene(self, index: int, seed: int) -> Scene:
        """What the picture with this index in the bucket shows."""
        return scene_of(seed, self.first + index, self.columns / self.rows)


def scene_of(seed: int, number: int, width: float) -> Scene:
    """The scene with this number; the streams of different numbers have nothing in common."""
    return draw_scene(np.random.default_rng((seed, number)), width=width)


def shapes(settings: Settings) -> list[tuple[int, int, int]]:
    """Rows, columns and count of every bucket, the native one first."""
    others = int(settings.scenes * settings.mixed / len(SIZES))
    native = (settings.size, settings.size, settings.scenes - others * len(SIZES))
    odd = [
        (_even(rows * settings.size), _even(columns * settings.size), others)
        for rows, columns in SIZES
    ]
    return [native, *(shape for shape in odd if shape[2])]


def _even(length: float) -> int:
    """A multiple of 64 pixels at 256, of 8 latents' worth at smaller sizes."""
    return max(64, round(length / 64) * 64)


def render_all(settings: Settings) -> None:
    """Render what is not there yet: every bucket is one .npy file, filled piece by piece."""
    folder = settings.folder / "world"
    folder.mkdir(parents=True, exist_ok=True)
    first = 0
    for rows, columns, count in shapes(settings):
        path = folder / f"{rows}x{columns}.npy"
        if not _is_done(path, settings, first, count):
            _render_bucket(
                path, settings, Bucket(rows, columns, first, _make(path, rows, columns, count))
            )
            _note(path, settings, first, count)
        first += count


def load_all(settings: Settings) -> list[Bucket]:
    """The rendered buckets, mapped from disk."""
    first, buckets = 0, []
    for rows, columns, count in shapes(settings):
        pictures = np.load(settings.folder / "world" / f"{rows}x{columns}.npy", mmap_mode="r")
        buckets.append(Bucket(rows, columns, first, pictures))
        first += count
    return buckets


def _make(path: Path, rows: int, columns: int, count: int) -> NDArray[np.uint8]:
    return np.lib.format.open_memmap(path, "w+", np.uint8, (count, rows, columns, 3))


def _render_bucket(path: Path, settings: Settings, bucket: Bucket) -> None:
    starts = range(0, len(bucket.pictures), PIECE)
    work = partial(_render_piece, path, settings.seed, bucket.first)
    with ProcessPoolExecutor() as pool:
        for _ in pool.map(work, starts):
            pass


def _render_piece(path: Path, seed: int, first: int, start: int) -> None:
    pictures = np.load(path, mmap_mode="r+")
    _, rows, columns, _ = pictures.shape
    for index in range(start, min(start + PIECE, len(pictures))):
        scene = scene_of(seed, first + index, columns / rows)
        pictures[index] = shade(lay_out(scene, View(rows, columns, width=columns / rows)))
    pictures.flush()


def _note(path: Path, settings: Settings, first: int, count: int) -> None:
    path.with_suffix(".json").write_text(json.dumps([settings.seed, first, count]))


def _is_done(path: Path, settings: Settings, first: int, count: int) -> bool:
    note = path.with_suffix(".json")
    return note.is_file() and json.loads(note.read_text()) == [settings.seed, first, count]


def draws(
    counts: list[int], batch: int, chance: np.random.Generator
) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Without end: a bucket, as often as it is large, and which of its pictures."""
    sizes = np.array(counts, np.float64)
    while True:
        which = int(chance.choice(len(counts), p=sizes / sizes.sum()))
        yield which, chance.integers(0, counts[which], batch)
