"""Paints requests in this process, with the worker's own studio: no server, no line."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from bottega_backend.engine.device import choose_device, use_cores
from bottega_backend.shelf.catalog import Catalog
from bottega_backend.workers.interface import Advance, BlobFile, Broken, Done, Start
from bottega_backend.workers.studio import Studio
from bottega_protocol.errors import Refusal
from bottega_protocol.images import MASK, Image, Layout, describe
from bottega_protocol.regions import Size
from bottega_protocol.requests import AnyRequest

AT_A_TIME = 8
"""Jobs that are painted together: they share forwards, as a studio's artists do."""

SLICE_MS = 1000
RGBA = Layout("RGBA", "u8", "srgb")

Picture = NDArray[np.uint8]
"""(rows, columns, 3), 8 bit, sRGB."""


@dataclass(frozen=True)
class Painted:
    """A result's first layer: its colours, and its mask (rows, columns), 255 = shown."""

    picture: Picture
    mask: NDArray[np.uint8]

    def over(self, below: Picture) -> Picture:
        """The layer over a picture of its size."""
        share = self.mask[..., np.newaxis].astype(np.float32) / 255
        mixed = below * (1 - share) + self.picture * share
        return np.asarray(mixed + np.float32(0.5)).astype(np.uint8)


class Painter:
    """Keeps its blobs in `folder`. Paints with the built-in models, and those of `models`."""

    def __init__(self, folder: Path, device: str, models: Path | None = None) -> None:
        use_cores()
        self.catalog = Catalog(models)
        self.device = choose_device(device)
        self._folder = folder
        self._studio = Studio(self.catalog, self.device)
        self._count = 0

    def close(self) -> None:
        """Give the models' memory back."""
        self._studio.close()

    def keep(self, picture: Picture) -> Image:
        """A picture as a request names it, opaque."""
        rows, columns, _ = picture.shape
        opaque = np.full((rows, columns, 1), 255, np.uint8)
        return self._keep(np.concatenate((picture, opaque), axis=2).tobytes(), rows, columns, RGBA)

    def keep_mask(self, mask: NDArray[np.bool_]) -> Image:
        """A selection as a request names it."""
        rows, columns = mask.shape
        return self._keep((mask * np.uint8(255)).tobytes(), rows, columns, MASK)

    def paint(self, requests: Sequence[AnyRequest]) -> Iterator[Painted]:
        """Each request's first layer, in order; raises Refusal for one that can't be painted."""
        for start in range(0, len(requests), AT_A_TIME):
            yield from self._together(requests[start : start + AT_A_TIME])

    def _together(self, requests: Sequence[AnyRequest]) -> list[Painted]:
        starts = [self._start(request) for request in requests]
        ended: dict[bytes, Done] = {}
        told = self._studio.advance(Advance(tuple(starts), SLICE_MS))
        while len(ended) < len(starts):
            for event in told.events:
                if isinstance(event, Broken):
                    raise Refusal(event.code, event.message, event.remedy)
                if isinstance(event, Done):
                    ended[event.job] = event
            told = self._studio.advance(Advance((), SLICE_MS))
        return [self._read(ended[start.job]) for start in starts]

    def _start(self, request: AnyRequest) -> Start:
        self._count += 1
        inputs = tuple(
            BlobFile(image.sha256, str(self._folder / image.sha256.hex()))
            for image in request.images()
        )
        return Start(self._count.to_bytes(16, "big"), 1, request, inputs, str(self._folder))

    def _read(self, done: Done) -> Painted:
        files = {blob.sha256: Path(blob.path) for blob in done.files}
        layer = done.result.layers[0]
        rgba = _samples(files[layer.pixels.sha256].read_bytes(), layer.pixels.size, 4)
        if layer.mask is None:
            return Painted(rgba[..., :3], np.full(rgba.shape[:2], 255, np.uint8))
        path = files.get(layer.mask.sha256, self._folder / layer.mask.sha256.hex())
        return Painted(rgba[..., :3], _samples(path.read_bytes(), layer.mask.size, 1)[..., 0])

    def _keep(self, data: bytes, rows: int, columns: int, layout: Layout) -> Image:
        (self._folder / hashlib.sha256(data).hexdigest()).write_bytes(data)
        return describe(data, Size(columns, rows), layout)


def _samples(data: bytes, size: Size, channels: int) -> NDArray[np.uint8]:
    return np.frombuffer(data, np.uint8).reshape(size.height, size.width, channels)
