"""Pictures that are given out row by row: a large one need not be whole in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np

from bottega_backend.imaging.pixels import Floats
from bottega_protocol.regions import Size

AT_ONCE = 2**20
"""Pixels that are worked on at a time: 12 MiB of colours, and a fraction of a second."""

Rest: TypeAlias = Callable[[], None]
"""Called between two pieces of long work, so that whoever else waits for the thread gets on."""


def no_rest() -> None:
    """For those whom nobody waits for."""


class Rows(Protocol):
    """A picture of values in 0..1: the same but for rounding, however its rows are asked for."""

    @property
    def size(self) -> Size:
        """Of the whole picture."""
        ...

    @property
    def step(self) -> int:
        """How many rows are best asked for at a time; at least one."""
        ...

    def rows(self, top: int, bottom: int) -> Floats:
        """From row `top` up to `bottom`: (bottom - top, width) or (bottom - top, width, 3)."""
        ...


@dataclass(frozen=True)
class Held:
    """Rows of an array (H, W) or (H, W, C) in memory."""

    array: Floats

    @property
    def size(self) -> Size:
        return Size(self.array.shape[1], self.array.shape[0])

    @property
    def step(self) -> int:
        return rows_at_once(self.array.shape[1])

    def rows(self, top: int, bottom: int) -> Floats:
        return self.array[top:bottom]


def rows_at_once(width: int) -> int:
    """Rows of so many pixels that are worked on at a time."""
    return max(1, AT_ONCE // width)


def strips(picture: Rows, rest: Rest = no_rest) -> Iterator[tuple[int, int]]:
    """The first row of each piece of a picture, and the row after its last; a rest between two."""
    height, step = picture.size.height, picture.step
    for top in range(0, height, step):
        if top:
            rest()
        yield top, min(top + step, height)


def rest_if_large(size: Size, rest: Rest) -> Rest:
    """What is worked on in one piece anyway needs no rest."""
    return rest if size.area > AT_ONCE else no_rest


def whole(picture: Rows, rest: Rest = no_rest) -> Floats:
    """All of it as one array; what is in memory already is not copied."""
    if isinstance(picture, Held):
        return picture.array
    parts = []
    for top, bottom in strips(picture, rest):
        parts.append(picture.rows(top, bottom))
    return parts[0] if len(parts) == 1 else np.concatenate(parts)
