"""An editor that makes its pixels up: a canvas of any size that takes no memory."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from bottega_client.editor import Canvas, LayerPixels, Snapshot
from bottega_protocol.images import Layout
from bottega_protocol.regions import Rectangle, Size

T = TypeVar("T")
RGBA = Layout("RGBA", "u8", "srgb")


class MadeCanvas:
    """A square canvas of `side` pixels in which `selection` is fully selected.

    The same rectangle has the same pixels on every canvas: noise, which nothing can compress.
    """

    def __init__(self, side: int, selection: Rectangle, seed: int = 0) -> None:
        self._canvas = Canvas(f"bench-{seed:08x}", Size(side, side), selection, RGBA)
        self._selection = selection
        self._seed = seed

    def canvas(self) -> Canvas:
        return self._canvas

    def read(self, rectangle: Rectangle, layout: Layout, source: str) -> Snapshot:  # noqa: ARG002  # there is one layer
        random = np.random.default_rng(self._seed)
        pixels = random.integers(0, 256, (rectangle.size.area, layout.pixel_bytes), np.uint8)
        mask = np.zeros((rectangle.height, rectangle.width), np.uint8)
        left, top = self._selection.x - rectangle.x, self._selection.y - rectangle.y
        mask[top : top + self._selection.height, left : left + self._selection.width] = 255
        return Snapshot(self._canvas, rectangle, layout, pixels.tobytes(), mask.tobytes())

    def place(self, key: bytes, layers: Sequence[LayerPixels]) -> None:
        """Nothing: what a layer looks like is not measured."""

    def notes(self) -> str:
        return ""

    def keep_notes(self, text: str) -> None:
        """Nothing: no document remembers anything here."""

    def on_ui(self, work: Callable[[], T]) -> T:
        return work()
