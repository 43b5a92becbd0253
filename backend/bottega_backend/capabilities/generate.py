"""Generate: paint a picture from words alone (text to image)."""

from __future__ import annotations

from bottega_backend.engine.stage import Stage
from bottega_backend.imaging.resize import Resized
from bottega_backend.imaging.rows import Held
from bottega_backend.shelf.catalog import Model
from bottega_protocol.requests import GenerateRequest
from bottega_protocol.results import Result

from .blobs import Blobs
from .brush import Brush
from .layers import Look, make_layer
from .passes import Subject, paint
from .resolve import resolve


def generate(request: GenerateRequest, model: Model, blobs: Blobs, stage: Stage) -> Result:
    """Paint; the result's blobs are written into `blobs`. Its mask is the request's own."""
    recipe, courses = resolve(request, model)
    painted = paint(Subject(), courses, Brush.of(stage, recipe))
    picture = Resized(Held(painted), request.rectangle.size)
    if request.mask is not None:
        blobs.keep(request.mask)
    layer = make_layer(request, picture, Look(request.layout, request.mask), blobs)
    return Result((layer,), recipe)
