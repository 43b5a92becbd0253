"""An editor made of files: a PNG is the document, another one the selection, layers are kept."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from bottega_backend.imaging.blend import Samples, composite
from bottega_backend.imaging.masks import bounds
from bottega_backend.imaging.pixels import decode, encode
from bottega_backend.imaging.rows import Held
from bottega_client.editor import Canvas, LayerPixels, Snapshot
from bottega_protocol.images import MOST_PIXELS, Layout, describe
from bottega_protocol.regions import Rectangle, Size

from .exits import Mistake
from .layers import layer_colours, layer_mask, masked_layer
from .png_files import Chunks, PngPicture, as_rgba, read_png

T = TypeVar("T")
DEPTHS = {1: "u8", 2: "u16"}


class PictureEditor:
    """One picture with a selection, or none.

    `samples` (height, width, channels) in 8 or 16 bit, `mask` (height, width), 255 = paint.
    `rectangle` is what was read last, `layers` what was placed.
    """

    def __init__(self, samples: Samples, mask: NDArray[np.uint8] | None) -> None:
        self.samples = samples
        self.mask = mask
        self.layers: list[LayerPixels] = []
        self.rectangle: Rectangle | None = None
        self._placed: set[bytes] = set()
        self._notes = ""
        self._canvas = Canvas(
            document=f"file-{uuid.uuid4().hex}",
            size=Size(samples.shape[1], samples.shape[0]),
            selection=None if mask is None else bounds(Held((mask > 0).astype(np.float32))),
            layout=Layout("RGBA", DEPTHS[samples.itemsize], "srgb"),
        )

    def canvas(self) -> Canvas:
        return self._canvas

    def read(self, rectangle: Rectangle, layout: Layout, source: str) -> Snapshot:  # noqa: ARG002  # a file has one layer
        self.rectangle = rectangle
        part = np.s_[rectangle.y : rectangle.bottom, rectangle.x : rectangle.right]
        pixels = _little_endian(as_rgba(self.samples[part]))
        if layout != self._canvas.layout:
            image = describe(pixels, rectangle.size, self._canvas.layout)
            pixels = encode(decode(pixels, image), layout)
        mask = None if self.mask is None else self.mask[part].tobytes()
        return Snapshot(self._canvas, rectangle, layout, pixels, mask)

    def place(self, key: bytes, layers: Sequence[LayerPixels]) -> None:
        if key not in self._placed:
            self._placed.add(key)
            self.layers.extend(layers)

    def notes(self) -> str:
        return self._notes

    def keep_notes(self, text: str) -> None:
        self._notes = text

    def on_ui(self, work: Callable[[], T]) -> T:
        return work()

    def variations(self) -> list[int]:
        """Those of which layers were placed, in order."""
        return sorted({placed.layer.variation for placed in self.layers})

    def layer_pictures(self) -> list[Samples]:
        """Every layer as RGBA of the picture's depth, its mask as alpha."""
        return [masked_layer(placed, self._canvas.layout.depth) for placed in self.layers]

    def composite(self, variation: int = 0) -> Samples:
        """The picture with a variation's layers over it; outside the masks every bit as it was."""
        flat, depth = self.samples, self._canvas.layout.depth
        for placed in self.layers:
            if placed.layer.variation == variation:
                colours, mask = layer_colours(placed, depth), layer_mask(placed)
                flat = composite(flat, colours, mask, placed.layer.rectangle)
        return flat


def _little_endian(samples: Samples) -> bytes:
    return samples.astype(samples.dtype.newbyteorder("<")).tobytes()


def open_picture(image: Path, mask: Path | None) -> tuple[PictureEditor, Chunks]:
    """The editor for a picture and perhaps a mask, and what its file said of its colours.

    Raises Mistake for a mask of another size or depth, with colours, or without anything to paint.
    """
    picture = read_png(image)
    selected = None if mask is None else read_mask(mask, picture)
    return PictureEditor(picture.samples, selected), picture.chunks


def empty_canvas(size: Size) -> PictureEditor:
    """A transparent canvas of 8 bit on which nothing is selected."""
    if size.area > MOST_PIXELS:
        raise Mistake(
            f"A canvas of {size.width} x {size.height} pixels is too large.",
            f"Ask for at most {MOST_PIXELS // 2**20} million pixels.",
        )
    return PictureEditor(np.zeros((size.height, size.width, 4), np.uint8), None)


def read_mask(path: Path, picture: PngPicture) -> NDArray[np.uint8]:
    """A grey 8-bit PNG of the picture's size (height, width): white = paint."""
    samples = read_png(path).samples
    height, width = samples.shape[:2]
    wanted = picture.samples.shape[:2]
    if samples.itemsize > 1:
        raise Mistake(f"The mask {path} has 16 bits per channel.", "Save it as 8-bit greyscale.")
    if (height, width) != wanted:
        raise Mistake(
            f"The mask {path} has {width} x {height} pixels, "
            f"the picture {wanted[1]} x {wanted[0]}.",
            "Make the mask as large as the picture.",
        )
    rgba = as_rgba(samples)
    if (rgba[..., 3] < 255).any() or (rgba[..., :3] != rgba[..., :1]).any():
        raise Mistake(
            f"The mask {path} has colours or transparency.",
            "Save it as 8-bit greyscale without alpha: white = paint, black = keep.",
        )
    if not rgba[..., 0].any():
        raise Mistake(
            f"The mask {path} is black all over: nothing is selected.",
            "Paint white what is to be painted.",
        )
    return np.ascontiguousarray(rgba[..., 0])
