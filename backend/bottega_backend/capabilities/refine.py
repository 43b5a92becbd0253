"""Refine: paint over what is there, the selection or all of it (image to image).

As fill, but nothing is hidden from the model: it begins from the picture itself.
"""

from __future__ import annotations

from bottega_backend.engine.stage import Stage
from bottega_backend.shelf.catalog import Model
from bottega_protocol.requests import RefineRequest
from bottega_protocol.results import Result

from .blobs import Blobs
from .brush import Brush
from .edges import edged
from .layers import Look, add_grain, make_layer
from .passes import Subject, enlarge, paint
from .resolve import resolve


def refine(request: RefineRequest, model: Model, blobs: Blobs, stage: Stage) -> Result:
    """Paint; the result's blobs are written into `blobs`."""
    recipe, courses = resolve(request, model)
    edge = None if request.mask is None else edged(request, request.mask, blobs)
    rgb = blobs.picture(request.pixels)
    subject = Subject(rgb, edge.values if edge else None)
    coarse = paint(subject, courses, Brush.of(stage, recipe))
    painted = enlarge(subject, coarse, request.rectangle.size)
    if edge is not None:
        painted = add_grain(painted, rgb, edge.values, request.seed)
    look = Look(request.pixels.layout, edge.image if edge else None)
    layer = make_layer(request, painted, look, blobs)
    return Result((layer,), recipe)
