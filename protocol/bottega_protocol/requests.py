"""What can be asked of the backend: one record per capability."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import BadMessage
from .images import MASK, MOST_PIXELS, Image, Layout
from .regions import Rectangle, Size
from .schema import Choice, Maybe, Nested, OneOf, Real, Record, Text, Whole, wire

MOST_PROMPT = 8000
"""Characters of one prompt."""

MOST_CLIP_SKIP = 12
"""Layers of the text encoder that is used most, CLIP ViT-L."""

MOST_COUNT = 8
"""Variations of one job."""

MOST_EDGE = 1024
"""Pixels by which an edge is softened or the selection grown, at most."""

QUALITIES = ("draft", "good", "best")
"""What stands for sampler, steps and passes where a request names none."""

INTENTS = ("fill", "add", "remove", "replace")
"""What the artist wants in the selection: fill it, add a thing, remove one, another background."""

MODEL = Text(200)
SAMPLER = Text(60)


@dataclass(frozen=True, kw_only=True)
class Painting(Record):
    """What every capability that paints from words is asked.

    `rectangle` is what is painted, in canvas coordinates. `guidance` is the classifier-free
    guidance scale, `seed` the start of the noise. An empty model or sampler means the backend's
    default, `steps` 0 and `guidance` 0 likewise (guidance 1 switches it off); `quality` decides
    what that default is. `clip_skip` is the text encoder's layer that is listened to, counted
    from the last, which is 1; 0 is the one that the model was made for. `count` variations are
    painted, with this seed and those after it (after 2^32 - 1 comes 0), each as it would be alone.
    """

    canvas: Size = wire(Nested(Size))
    rectangle: Rectangle = wire(Nested(Rectangle))
    prompt: str = wire(Text(MOST_PROMPT), default="")
    negative: str = wire(Text(MOST_PROMPT), default="")
    model: str = wire(MODEL, default="")
    sampler: str = wire(SAMPLER, default="")
    seed: int = wire(Whole(0, 2**32 - 1), default=0)
    steps: int = wire(Whole(0, 150), default=0)
    guidance: float = wire(Real(0, 50), default=0.0)
    clip_skip: int = wire(Whole(0, MOST_CLIP_SKIP), default=0)
    quality: str = wire(Choice(QUALITIES), default="good")
    count: int = wire(Whole(1, MOST_COUNT), default=1)

    def check(self) -> None:
        if self.rectangle.size.area > MOST_PIXELS:
            raise self._bad("rectangle", f"must have at most {MOST_PIXELS} pixels")

    def images(self) -> tuple[Image, ...]:
        """Every block of pixels that has to be there before the job can run."""
        return ()

    def _check_pixels(self, pixels: Image) -> None:
        if pixels.size != self.rectangle.size:
            raise self._bad("pixels", "must have the rectangle's size")

    def _check_selected(self, selection: Rectangle, mask: Image) -> None:
        if not self.rectangle.contains(selection):
            raise self._bad("rectangle", "must hold the selection")
        if mask.size != self.rectangle.size:
            raise self._bad("mask", "must have the rectangle's size")
        if mask.layout != MASK:
            raise self._bad("mask", "must be 8-bit linear coverage (GRAY, u8, linear)")

    def _check_both(self, selection: Rectangle | None, mask: Image | None) -> None:
        """A selection and its mask come together or not at all."""
        if (selection is None) != (mask is None):
            raise self._bad("mask", "must come together with the selection")
        if selection is not None and mask is not None:
            self._check_selected(selection, mask)

    def _bad(self, field: str, why: str) -> BadMessage:
        return BadMessage(f"{type(self).__name__}.{field}", why)


@dataclass(frozen=True, kw_only=True)
class GenerateRequest(Painting):
    """Paint a picture from words alone (text to image).

    The result covers `rectangle` in `layout`. With a selection (its tight bounding box, and its
    mask over the rectangle) that is the layer's mask; without, the layer has none.
    """

    layout: Layout = wire(Nested(Layout))
    selection: Rectangle | None = wire(Maybe(Nested(Rectangle)), default=None)
    mask: Image | None = wire(Maybe(Nested(Image)), default=None)

    def check(self) -> None:
        super().check()
        if self.layout.channels not in ("RGBA", "BGRA"):
            raise self._bad("layout", "must be RGBA or BGRA")
        self._check_both(self.selection, self.mask)

    def images(self) -> tuple[Image, ...]:
        return () if self.mask is None else (self.mask,)


@dataclass(frozen=True, kw_only=True)
class FillRequest(Painting):
    """Paint the selected part of a picture anew (inpaint).

    `pixels` and `mask` cover `rectangle`; the mask says how much of every pixel is painted
    (0 keep, 255 paint). `selection` is the tight bounding box of the mask. `strength` is the
    denoising strength (0 keep, 1 paint from noise).

    `feather` softens the selection's edge inwards over so many canvas pixels; none given means
    as many as suit the selection's size. `grow` lets the painting, and the layer's mask, reach
    out over the selection by so many; at 0 not one pixel outside it changes. `intent` decides
    what the selected part holds before it is painted from noise.
    """

    selection: Rectangle = wire(Nested(Rectangle))
    pixels: Image = wire(Nested(Image))
    mask: Image = wire(Nested(Image))
    strength: float = wire(Real(0, 1), default=1.0)
    intent: str = wire(Choice(INTENTS), default="fill")
    feather: int | None = wire(Maybe(Whole(0, MOST_EDGE)), default=None)
    grow: int = wire(Whole(0, MOST_EDGE), default=0)

    def check(self) -> None:
        super().check()
        self._check_pixels(self.pixels)
        self._check_selected(self.selection, self.mask)

    def images(self) -> tuple[Image, ...]:
        return (self.pixels, self.mask)


@dataclass(frozen=True, kw_only=True)
class RefineRequest(Painting):
    """Paint over what is there (image to image): the selection, or all of the rectangle.

    As `FillRequest`, but nothing is hidden from the model: `strength` says how far it may go.
    Without a selection there is no mask, and the layer has none.
    """

    pixels: Image = wire(Nested(Image))
    selection: Rectangle | None = wire(Maybe(Nested(Rectangle)), default=None)
    mask: Image | None = wire(Maybe(Nested(Image)), default=None)
    strength: float = wire(Real(0, 1), default=0.5)
    feather: int | None = wire(Maybe(Whole(0, MOST_EDGE)), default=None)
    grow: int = wire(Whole(0, MOST_EDGE), default=0)

    def check(self) -> None:
        super().check()
        self._check_pixels(self.pixels)
        self._check_both(self.selection, self.mask)

    def images(self) -> tuple[Image, ...]:
        return (self.pixels,) if self.mask is None else (self.pixels, self.mask)


REQUESTS: tuple[tuple[str, type[Painting]], ...] = (
    ("generate", GenerateRequest),
    ("fill", FillRequest),
    ("refine", RefineRequest),
)
"""Capability name and its record, in the order in which they are offered."""

REQUEST = OneOf("capability", REQUESTS)
"""The field kind of a request inside a message."""

AnyRequest = GenerateRequest | FillRequest | RefineRequest


def capability_of(request: AnyRequest) -> str:
    """The capability's name that a request asks for."""
    return next(name for name, record in REQUESTS if record is type(request))


def seed_of(request: AnyRequest, variation: int) -> int:
    """The seed of a request's variation, counted from 0."""
    return (request.seed + variation) % 2**32
