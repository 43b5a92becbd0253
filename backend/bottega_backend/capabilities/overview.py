"""How far all passes are, and a small view of the whole picture while a part of it is painted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import torch
from torch.nn.functional import interpolate

from bottega_backend.engine.stage import Stage
from bottega_protocol.messages import MOST_PREVIEW_SIDE
from bottega_protocol.regions import Rectangle, Size

from .resolve import Course


@dataclass
class Overview:
    """Counts the steps of all tiles of all passes; keeps the picture's latents, made small."""

    stage: Stage
    steps: int
    made: int = 0
    tiles: int = 0
    whole: torch.Tensor | None = field(default=None, repr=False)

    @classmethod
    def of(cls, stage: Stage, courses: Sequence[Course]) -> Overview:
        """Of these passes, nothing of them done."""
        return cls(stage, sum(len(course.tiles) * course.runs for course in courses))

    def hear(self, step: int, latents: torch.Tensor, tile: Rectangle, size: Size) -> None:
        """Of a tile of a picture this size so many steps are made: (1, c, h, w) without noise."""
        self.stage.progress(self.made + step, self.steps)
        if tile.size == size:
            self.whole = latents
        else:
            self.whole = self._with(latents, tile, size)
        self.stage.show(self.whole)

    def finish_tile(self, runs: int) -> None:
        """A tile is done, in so many steps."""
        self.tiles += 1
        self.made += runs

    def skip(self, runs: int) -> None:
        """So many steps need not be made: there is nothing to paint."""
        self.made += runs

    def _with(self, latents: torch.Tensor, tile: Rectangle, size: Size) -> torch.Tensor:
        """The whole with this tile in its place."""
        side = max(size.width, size.height)
        scale = min(MOST_PREVIEW_SIDE, side // 8) / side
        shape = (max(1, round(size.height * scale)), max(1, round(size.width * scale)))
        before = torch.zeros_like(latents[..., :1, :1]) if self.whole is None else self.whole
        whole = interpolate(before.float(), size=shape, mode="nearest").to(latents.dtype)
        top, left = int(tile.y * scale), int(tile.x * scale)
        part = whole[..., top : round(tile.bottom * scale), left : round(tile.right * scale)]
        if part.numel():
            part.copy_(interpolate(latents.float(), size=part.shape[-2:], mode="area"))
        return whole
