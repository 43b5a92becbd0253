"""What comes back: an ordered list of layers, how they were made, and where the time went."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import BadMessage
from .images import MASK, Image
from .regions import Rectangle, Size
from .requests import MODEL, MOST_CLIP_SKIP, MOST_COUNT, MOST_PROMPT, QUALITIES, SAMPLER
from .schema import Choice, Maybe, Nested, Real, Record, Several, Text, Whole, wire

BLEND_MODES = ("normal",)

HINTS = Several(Text(400), 8)
"""What the backend would have people know: sentences, shown as they are."""


@dataclass(frozen=True)
class Layer(Record):
    """One layer: pixels over `rectangle` (canvas coordinates), a mask of the same size, or none.

    The pixels reach beyond the mask, so that the artist can paint the mask wider. Opacity 0 to 1.
    `variation` says which of the job's variations it belongs to, counted from 0.
    """

    name: str = wire(Text(200))
    rectangle: Rectangle = wire(Nested(Rectangle))
    pixels: Image = wire(Nested(Image))
    mask: Image | None = wire(Maybe(Nested(Image)), default=None)
    blend_mode: str = wire(Choice(BLEND_MODES), default="normal")
    opacity: float = wire(Real(0, 1), default=1.0)
    variation: int = wire(Whole(0, MOST_COUNT - 1), default=0)

    def check(self) -> None:
        if self.pixels.size != self.rectangle.size:
            raise BadMessage("Layer.pixels", "must have the rectangle's size")
        if self.mask is not None and self.mask.size != self.rectangle.size:
            raise BadMessage("Layer.mask", "must have the rectangle's size")
        if self.mask is not None and self.mask.layout != MASK:
            raise BadMessage("Layer.mask", "must be 8-bit linear coverage (GRAY, u8, linear)")


@dataclass(frozen=True)
class Recipe(Record):
    """Everything that was resolved: enough to paint the same again.

    `painted` is the size at which the model worked last, `composed` that of a first pass where
    there were two; `model_name` is shown to people. The prompts are those that were painted: of
    alternatives and wildcards what was chosen stands there. Seed and prompts are those of the
    first variation.
    """

    capability: str = wire(Text(40))
    model: str = wire(MODEL)
    model_name: str = wire(Text(200))
    sampler: str = wire(SAMPLER)
    steps: int = wire(Whole(1, 1000))
    guidance: float = wire(Real(0, 50))
    strength: float = wire(Real(0, 1))
    seed: int = wire(Whole(0, 2**32 - 1))
    prompt: str = wire(Text(MOST_PROMPT))
    negative: str = wire(Text(MOST_PROMPT))
    painted: Size = wire(Nested(Size))
    clip_skip: int = wire(Whole(0, MOST_CLIP_SKIP), default=0)
    quality: str = wire(Choice(QUALITIES), default="good")
    composed: Size | None = wire(Maybe(Nested(Size)), default=None)
    tiles: int = wire(Whole(1, 4096), default=1)
    hints: tuple[str, ...] = wire(HINTS, default=())


@dataclass(frozen=True)
class Variation(Record):
    """What one variation has of its own; no prompt means that of the recipe."""

    seed: int = wire(Whole(0, 2**32 - 1))
    prompt: str | None = wire(Maybe(Text(MOST_PROMPT)), default=None)
    negative: str | None = wire(Maybe(Text(MOST_PROMPT)), default=None)


@dataclass(frozen=True)
class Result(Record):
    """Layers from the lowest to the highest, an optional new canvas, and the recipe.

    Where the job asked for more than one variation, `variations` has one entry for each, and
    every layer says which it belongs to: the artist picks, they are not a stack.
    """

    layers: tuple[Layer, ...] = wire(Several(Nested(Layer), 64))
    recipe: Recipe = wire(Nested(Recipe))
    canvas: Rectangle | None = wire(Maybe(Nested(Rectangle)), default=None)
    variations: tuple[Variation, ...] = wire(Several(Nested(Variation), MOST_COUNT), default=())

    def check(self) -> None:
        most = max(len(self.variations), 1)
        if any(layer.variation >= most for layer in self.layers):
            raise BadMessage("Result.layers", "must belong to a variation that there is")

    def images(self) -> tuple[Image, ...]:
        """Every block of pixels that the layers name, each once."""
        named = [
            image
            for layer in self.layers
            for image in (layer.pixels, layer.mask)
            if image is not None
        ]
        return tuple(dict.fromkeys(named))


@dataclass(frozen=True)
class Timings(Record):
    """Where the backend's time went, in seconds."""

    queue: float = wire(Real(0, 1e9), default=0.0)
    load: float = wire(Real(0, 1e9), default=0.0)
    encode: float = wire(Real(0, 1e9), default=0.0)
    denoise: float = wire(Real(0, 1e9), default=0.0)
    decode: float = wire(Real(0, 1e9), default=0.0)
