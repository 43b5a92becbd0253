"""Places one result in an image of every kind and writes what GIMP shows; run inside GIMP."""

import itertools
import json
from pathlib import Path

from bottega_gimp._vendor.bottega_client.editor import LayerPixels
from bottega_gimp._vendor.bottega_protocol.images import MASK, describe
from bottega_gimp._vendor.bottega_protocol.regions import Rectangle
from bottega_gimp._vendor.bottega_protocol.results import Layer
from scene import HEIGHT, WIDTH, add_layer, drawing, noise, opaque, read, write

from bottega_gimp.gimp import Gegl, Gimp

JOB = b"0123456789abcdef"
BASES = {"RGB": Gimp.ImageBaseType.RGB, "GRAY": Gimp.ImageBaseType.GRAY}
PRECISIONS = [each.value_name.split("_", 2)[2] for each in Gimp.Precision.__enum_values__.values()]
PROFILES = {
    ("RGB", "own"): Gimp.ColorProfile.new_rgb_adobe,
    ("GRAY", "own"): Gimp.ColorProfile.new_d50_gray_lab_trc,
}


def painted(snapshot):
    """A result of noise over the rectangle that was read, with the selection as its mask."""
    size = snapshot.rectangle.size
    pixels = noise(size.area * snapshot.layout.pixel_bytes, 9)
    pixels = opaque(pixels, snapshot.layout.pixel_bytes // 4)
    images = describe(pixels, size, snapshot.layout), describe(snapshot.mask, size, MASK)
    return LayerPixels(Layer("noise", snapshot.rectangle, *images), pixels, snapshot.mask)


def shown(image):
    """What GIMP shows, in the image's own encoding."""
    copy = image.duplicate()
    merged = copy.flatten()
    whole = Gegl.Rectangle.new(0, 0, WIDTH, HEIGHT)
    buffer = merged.get_buffer()
    pixels = buffer.get(whole, 1.0, None, Gegl.AbyssPolicy.NONE)
    del buffer
    copy.delete()
    return pixels


def place(folder, base, precision, profile):
    """Write what is shown, and the mask; tell the depth on the wire and how it is mixed.

    `before`, `after`, `alone` (the result everywhere), and `empty`: with nothing but an empty
    layer of GIMP's own on top.
    """
    image = Gimp.Image.new_with_precision(
        WIDTH, HEIGHT, BASES[base], getattr(Gimp.Precision, precision)
    )
    if profile == "own":
        image.set_color_profile(PROFILES[base, profile]())
    below = add_layer(image, "below")
    write(below, opaque(noise(8 * WIDTH * HEIGHT, 3), 2), "R'G'B'A u16")
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 12, 6, 36, 28)
    Gimp.Selection.feather(image, 9)
    editor = drawing(image, below)
    canvas = editor.canvas()
    snapshot = editor.read(Rectangle(0, 0, WIDTH, HEIGHT), canvas.layout, "visible")
    files = {"before": shown(image), "mask": read(image.get_selection(), "Y u8")}
    empty = add_layer(image, "empty")
    files["empty"] = shown(image)
    image.remove_layer(empty)
    editor.place(JOB, [painted(snapshot)])
    files["after"] = shown(image)
    editor.placed.remove_mask(Gimp.MaskApplyMode.DISCARD)
    files["alone"] = shown(image)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    space = editor.placed.get_composite_space()
    image.delete()
    return {"depth": canvas.layout.depth, "linear": space == Gimp.LayerColorSpace.RGB_LINEAR}


def run(folder):
    """Every base, precision and profile; what is told of each goes into `told`."""
    told = {}
    for base, precision, profile in itertools.product(BASES, PRECISIONS, ("sRGB", "own")):
        name = f"{base}-{precision}-{profile}"
        case = Path(folder) / name
        case.mkdir(parents=True)
        told[name] = place(case, base, precision, profile)
    (Path(folder) / "told").write_text(json.dumps(told))
