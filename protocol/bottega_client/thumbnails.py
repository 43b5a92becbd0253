"""Small pictures of results, for lists and for looking closer."""

from __future__ import annotations

from dataclasses import dataclass

from bottega_protocol.thumbnails import sampled

from .editor import LayerPixels


@dataclass(frozen=True)
class Thumbnail:
    """A small picture: raw RGB, 8 bit, sRGB, rows from the top without padding."""

    width: int
    height: int
    rgb: bytes


def thumbnail(layer: LayerPixels, side: int) -> Thumbnail:
    """A layer's pixels as a picture of at most `side` pixels, by picking samples, on white.

    The layer's mask is left aside: its pixels show the surroundings too. Raises NoPicture for a
    layout that no result has.
    """
    return Thumbnail(*sampled(layer.layer.pixels, memoryview(layer.pixels), side))
