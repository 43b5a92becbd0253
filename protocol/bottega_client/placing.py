"""From a result to layers in a document: fetched, sorted by variation, placed once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping

from bottega_protocol.images import Image
from bottega_protocol.messages import JOB
from bottega_protocol.results import Layer, Result

from .editor import Editor, LayerPixels


def count_of(result: Result) -> int:
    """How many variations a result has."""
    return max(len(result.variations), 1)


def placing_key(job: bytes, variation: int, count: int) -> bytes:
    """By what an editor knows that it has placed this: 16 bytes.

    The job's id where it has one variation, else one made of both.
    """
    if count == 1:
        return job
    return hashlib.sha256(job + bytes((variation,))).digest()[: JOB.most]


def _layers_of(result: Result, variation: int | None) -> list[Layer]:
    return [layer for layer in result.layers if variation in (None, layer.variation)]


def images_of(result: Result, variation: int | None = None) -> tuple[Image, ...]:
    """What has to be there for the layers of a result, or of one of its variations."""
    layers = _layers_of(result, variation)
    named = (image for layer in layers for image in (layer.pixels, layer.mask) if image)
    return tuple(dict.fromkeys(named))


Fetch = Callable[[Image], bytes]
"""Gets the bytes of a result's image."""


def fetch_layers(
    fetch: Fetch, result: Result, known: Mapping[bytes, bytes], variation: int | None = None
) -> tuple[LayerPixels, ...]:
    """The layers of a result, or of one of its variations.

    What is known by its hash (the mask, as a rule) is not fetched.
    """
    content = dict(known)
    for image in images_of(result, variation):
        if image.sha256 not in content:
            content[image.sha256] = fetch(image)
    return tuple(
        LayerPixels(
            layer, content[layer.pixels.sha256], content[layer.mask.sha256] if layer.mask else None
        )
        for layer in _layers_of(result, variation)
    )


def place_variations(
    editor: Editor,
    job: bytes,
    result: Result,
    layers: Iterable[LayerPixels],
    variations: Iterable[int],
) -> None:
    """Put the picked variations into the document, each as an undo step. Blocks."""
    layers = tuple(layers)
    for variation in variations:
        mine = tuple(each for each in layers if each.layer.variation == variation)
        key = placing_key(job, variation, count_of(result))
        editor.place(key, mine)
