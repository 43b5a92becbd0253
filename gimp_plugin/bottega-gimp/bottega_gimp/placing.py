"""Where a result lands among the layers, and how it becomes one undo step."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from bottega_client.editor import LayerPixels

from .gimp import Gimp
from .pixels import write_mask, write_pixels
from .precision import composite_space


class Spot(NamedTuple):
    """A place in the stack: position 0 is the uppermost within its group."""

    group: Gimp.GroupLayer | None
    position: int


def insert(
    image: Gimp.Image, active: Gimp.Layer | None, layers: Sequence[LayerPixels], *, on_top: bool
) -> Gimp.Layer:
    """Insert layers, the lowest first, as one undo step, and pick the uppermost of them.

    They land directly above `active`, or on top of the stack where `on_top` is true and something
    lies above it, or where it is gone.
    """
    made = [_make(image, each) for each in layers]
    spot = spot_for(image, active, on_top=on_top)
    image.undo_group_start()
    try:
        for layer in made:
            # The spot stays the same: what was there moves down by one.
            image.insert_layer(layer, spot.group, spot.position)
        image.set_selected_layers(made[-1:])
    finally:
        image.undo_group_end()
    Gimp.displays_flush()
    return made[-1]


def spot_for(image: Gimp.Image, active: Gimp.Layer | None, *, on_top: bool) -> Spot:
    """Where a result belongs that was made from the visible picture (`on_top`) or from `active`."""
    if active is None or not active.is_valid() or active.get_image() != image:
        return Spot(None, 0)
    if on_top and _is_covered(image, active):
        return Spot(None, 0)
    return Spot(active.get_parent(), image.get_item_position(active))


def _is_covered(image: Gimp.Image, layer: Gimp.Layer) -> bool:
    """Whether anything lies above a layer, in its group or above its group."""
    return any(image.get_item_position(item) > 0 for item in _upwards(layer))


def _upwards(item: Gimp.Item) -> Iterator[Gimp.Item]:
    while item is not None:
        yield item
        item = item.get_parent()


def _make(image: Gimp.Image, each: LayerPixels) -> Gimp.Layer:
    """A layer that is complete before the image has it: it is drawn once, and whole."""
    place = each.layer.rectangle
    grey = image.get_base_type() == Gimp.ImageBaseType.GRAY
    kind = Gimp.ImageType.GRAYA_IMAGE if grey else Gimp.ImageType.RGBA_IMAGE
    opacity, mode = 100 * each.layer.opacity, Gimp.LayerMode.NORMAL
    layer = Gimp.Layer.new(image, each.layer.name, place.width, place.height, kind, opacity, mode)
    layer.set_composite_space(composite_space(image))
    layer.set_offsets(place.x, place.y)
    write_pixels(layer, each.pixels, each.layer.pixels.layout)
    if each.mask is not None:
        mask = layer.create_mask(Gimp.AddMaskType.WHITE)
        layer.add_mask(mask)
        write_mask(mask, each.mask)
        layer.set_edit_mask(False)
    return layer
