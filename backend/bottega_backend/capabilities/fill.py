"""Fill: paint the selected part of a picture anew (inpaint).

Look (crop and mask at the model's size) - encode - denoise under a soft mask - decode - match
colours with what was not painted - the same again, finer - enlarge - match the grain - one layer,
masked with the softened selection.
"""

from __future__ import annotations

from bottega_backend.engine.stage import Stage
from bottega_backend.shelf.catalog import Model
from bottega_protocol.requests import FillRequest
from bottega_protocol.results import Result

from .blobs import Blobs
from .brush import Brush
from .edges import edged
from .layers import Look, add_grain, make_layer
from .passes import Subject, enlarge, paint
from .resolve import resolve, starts_from_noise


def fill(request: FillRequest, model: Model, blobs: Blobs, stage: Stage) -> Result:
    """Paint; the result's blobs are written into `blobs`."""
    recipe, courses = resolve(request, model)
    edge = edged(request, request.mask, blobs)
    rgb = blobs.picture(request.pixels)
    # Where it starts from noise, nothing of the old content may shine through; what is added
    # comes into the picture as it is.
    hidden = starts_from_noise(recipe) and request.intent != "add"
    subject = Subject(rgb, edge.values, request.intent, hidden)
    coarse = paint(subject, courses, Brush.of(stage, recipe))
    painted = enlarge(subject, coarse, request.rectangle.size)
    painted = add_grain(painted, rgb, edge.values, request.seed)
    layer = make_layer(request, painted, Look(request.pixels.layout, edge.image), blobs)
    return Result((layer,), recipe)
