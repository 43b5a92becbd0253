"""Images, layers and results for the checks that run inside GIMP."""

import random
from pathlib import Path

from bottega_gimp._vendor.bottega_client.editor import LayerPixels
from bottega_gimp._vendor.bottega_protocol.errors import BottegaError
from bottega_gimp._vendor.bottega_protocol.images import MASK, Layout, describe
from bottega_gimp._vendor.bottega_protocol.regions import Rectangle
from bottega_gimp._vendor.bottega_protocol.results import Layer
from gi.repository import Gio

from bottega_gimp.drawable import Drawing
from bottega_gimp.gimp import Gegl, Gimp
from bottega_gimp.ui_thread import UiThread

BYTES = Layout("RGBA", "u8")
WORDS = Layout("RGBA", "u16")
WIDTH, HEIGHT = 60, 40


def noise(count, seed=1):
    return random.Random(seed).randbytes(count)


def opaque(pixels, depth=1):
    """The same RGBA pixels with full alpha; `depth` is the bytes of a sample."""
    painted = bytearray(pixels)
    for start in range(3 * depth, len(painted), 4 * depth):
        painted[start : start + depth] = b"\xff" * depth
    return bytes(painted)


def new_image(precision=Gimp.Precision.U8_NON_LINEAR, base=Gimp.ImageBaseType.RGB):
    return Gimp.Image.new_with_precision(WIDTH, HEIGHT, base, precision)


def add_layer(image, name, group=None, position=0, seed=None):
    """A layer as large as the image, of noise where a seed is given, else transparent."""
    grey = image.get_base_type() == Gimp.ImageBaseType.GRAY
    kind = Gimp.ImageType.GRAYA_IMAGE if grey else Gimp.ImageType.RGBA_IMAGE
    layer = Gimp.Layer.new(image, name, WIDTH, HEIGHT, kind, 100, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, group, position)
    if seed is not None:
        write(layer, opaque(noise(4 * WIDTH * HEIGHT, seed)), "R'G'B'A u8")
    return layer


def add_group(image, name, position=0):
    group = Gimp.GroupLayer.new(image, name)
    image.insert_layer(group, None, position)
    return group


def write(drawable, pixels, name):
    buffer = drawable.get_buffer()
    size = drawable.get_width(), drawable.get_height()
    buffer.set(Gegl.Rectangle.new(0, 0, *size), name, pixels)
    buffer.flush()
    del buffer
    drawable.update(0, 0, *size)


def read(drawable, name="R'G'B'A u8"):
    whole = Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())
    return drawable.get_buffer().get(whole, 1.0, name, Gegl.AbyssPolicy.NONE)


def drawing(image, layer):
    return Drawing(image, layer, UiThread())


def saved_and_opened(image):
    file = Gio.File.new_for_path(str(Path.home() / "kept.xcf"))
    assert Gimp.file_save(Gimp.RunMode.NONINTERACTIVE, image, file, None)
    return Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, file)


PLACE = Rectangle(10, 5, 20, 12)


def result(layout=BYTES, name="a boat", seed=9, place=PLACE, *, masked=True):
    """One layer as the server would send it, with a mask of many coverages (255 at its corner)."""
    size = place.size
    depth = layout.pixel_bytes // 4
    pixels = opaque(noise(size.area * layout.pixel_bytes, seed), depth)
    image = describe(pixels, size, layout)
    if not masked:
        return LayerPixels(Layer(name, place, image), pixels, None)
    mask = bytes((255 - index) % 256 for index in range(size.area))
    return LayerPixels(Layer(name, place, image, describe(mask, size, MASK)), pixels, mask)


def names(image, group=None):
    layers = group.get_children() if group else image.get_layers()
    return [layer.get_name() for layer in layers]


def flat(image):
    """The whole picture as 8-bit RGBA."""
    copy = image.duplicate()
    merged = copy.flatten()
    pixels = read(merged)
    copy.delete()
    return pixels


def refusal(call, *words):
    """The error that a call ends with; that it ends with one is part of the check."""
    try:
        call(*words)
    except BottegaError as error:
        return error
    raise AssertionError("was not refused")
