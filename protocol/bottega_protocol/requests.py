"""What can be asked of the backend: one record per capability."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import BadMessage
from .images import MASK, MOST_PIXELS, Image
from .regions import Rectangle, Size
from .schema import Nested, OneOf, Real, Record, Text, Whole, wire

MOST_PROMPT = 8000
"""Characters of one prompt."""

MOST_CLIP_SKIP = 12
"""Layers of the text encoder that is used most, CLIP ViT-L."""

MODEL = Text(200)
SAMPLER = Text(60)


@dataclass(frozen=True)
class FillRequest(Record):
    """Paint the selected part of a picture anew (inpaint).

    `pixels` and `mask` cover `rectangle`, in canvas coordinates; the mask says how much of every
    pixel is painted (0 keep, 255 paint). `selection` is the tight bounding box of the mask.

    `strength` is the denoising strength (0 keep, 1 paint from noise), `guidance` the
    classifier-free guidance scale, `seed` the start of the noise. An empty model or sampler
    means the backend's default, `steps` 0 and `guidance` 0 likewise (guidance 1 switches it off).
    `clip_skip` is the text encoder's layer that is listened to, counted from the last, which is
    1; 0 is the one that the model was made for.
    """

    canvas: Size = wire(Nested(Size))
    selection: Rectangle = wire(Nested(Rectangle))
    rectangle: Rectangle = wire(Nested(Rectangle))
    pixels: Image = wire(Nested(Image))
    mask: Image = wire(Nested(Image))
    prompt: str = wire(Text(MOST_PROMPT), default="")
    negative: str = wire(Text(MOST_PROMPT), default="")
    model: str = wire(MODEL, default="")
    sampler: str = wire(SAMPLER, default="")
    seed: int = wire(Whole(0, 2**32 - 1), default=0)
    steps: int = wire(Whole(0, 150), default=0)
    guidance: float = wire(Real(0, 50), default=0.0)
    strength: float = wire(Real(0, 1), default=1.0)
    clip_skip: int = wire(Whole(0, MOST_CLIP_SKIP), default=0)

    def check(self) -> None:
        if self.rectangle.size.area > MOST_PIXELS:
            raise BadMessage("FillRequest.rectangle", f"must have at most {MOST_PIXELS} pixels")
        if not self.rectangle.contains(self.selection):
            raise BadMessage("FillRequest.rectangle", "must hold the selection")
        if self.pixels.size != self.rectangle.size:
            raise BadMessage("FillRequest.pixels", "must have the rectangle's size")
        if self.mask.size != self.rectangle.size:
            raise BadMessage("FillRequest.mask", "must have the rectangle's size")
        if self.mask.layout != MASK:
            raise BadMessage("FillRequest.mask", "must be 8-bit linear coverage (GRAY, u8, linear)")

    def images(self) -> tuple[Image, ...]:
        """Every block of pixels that has to be there before the job can run."""
        return (self.pixels, self.mask)


REQUESTS: tuple[tuple[str, type[Record]], ...] = (("fill", FillRequest),)
"""Capability name and its record, in the order in which they are offered."""

REQUEST = OneOf("capability", REQUESTS)
"""The field kind of a request inside a message."""

AnyRequest = FillRequest


def capability_of(request: AnyRequest) -> str:
    """The capability's name that a request asks for."""
    return next(name for name, record in REQUESTS if record is type(request))
