"""How much work a request is, before anything is painted: what waiting times are told from."""

from __future__ import annotations

from dataclasses import dataclass

from bottega_backend.shelf.catalog import Model
from bottega_protocol.images import MOST_PIXELS
from bottega_protocol.regions import Rectangle, canvas_rectangle
from bottega_protocol.requests import AnyRequest, FillRequest, GenerateRequest

from .sizes import DETAIL, choose_sizes
from .steps import all_steps, share_to_paint, steps_to_run
from .table import choose_sampler
from .tiles import tiles_of

AROUND = 2
"""Steps that encoding and decoding of a picture weigh as much as, about."""


@dataclass(frozen=True)
class Effort:
    """What a request takes.

    `rows` of a forward for each of its steps, `pixels` of the canvas that are in memory at once,
    and `work`: megapixels painted, over all rows, steps, tiles and passes.
    """

    rows: int
    pixels: int
    work: float


def effort(request: AnyRequest, model: Model) -> Effort:
    """What painting it takes: integer arithmetic, no torch."""
    guided = 1 + (guidance_of(request, model) > 1)
    area = request.rectangle.size.area
    pixels = min(request.count * area, max(area, MOST_PIXELS))
    rows = request.count * guided
    return Effort(rows, pixels, rows * sum(_passes(request, model)) / 1e6)


def _passes(request: AnyRequest, model: Model) -> list[int]:
    """Pixels times steps of each pass."""
    native, quality = model.native, request.quality
    sizes = choose_sizes(request.rectangle.size, native, quality, details=model.details)
    steps = all_steps(request.steps, choose_sampler(request.sampler, model), model, quality)
    passes = []
    for number, size in enumerate(sizes.passes):
        tiles = tiles_of(size, request.rectangle, selected(request), native)
        run = steps_to_run(steps, _strength(request, number), request.sampler or model.sampler)
        passes.append(sum(tile.size.area for tile in tiles) * (run + AROUND))
    return passes


def selected(request: AnyRequest) -> Rectangle:
    """What is painted of the rectangle, in canvas coordinates; all of it from words alone."""
    if isinstance(request, GenerateRequest) or request.selection is None:
        return request.rectangle
    grow = request.grow
    grown = request.selection.pad(grow, grow, grow, grow).intersect(request.rectangle)
    inside = grown and grown.intersect(canvas_rectangle(request.canvas))
    return inside or request.selection


def guidance_of(request: AnyRequest, model: Model) -> float:
    """Without a word there is nothing to be guided to, nor away from."""
    if not request.prompt.strip() and not request.negative.strip():
        return 1.0
    return request.guidance or model.guidance


def _strength(request: AnyRequest, number: int) -> float:
    """Share of the steps that a pass runs."""
    strength = 1.0 if isinstance(request, GenerateRequest) else request.strength
    if number:
        return min(strength, DETAIL)
    if isinstance(request, FillRequest):
        return share_to_paint(strength, request.intent, request.prompt)
    return strength
