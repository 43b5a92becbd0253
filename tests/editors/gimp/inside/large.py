"""A picture of 2048 by 2048 pixels in GIMP's window: read and placed, and when each of them was."""

import os
import time
from functools import partial

from bottega_gimp._vendor.bottega_client.editor import LayerPixels
from bottega_gimp._vendor.bottega_protocol.images import MASK, describe
from bottega_gimp._vendor.bottega_protocol.regions import Rectangle
from bottega_gimp._vendor.bottega_protocol.results import Layer
from scene import drawing, write

from bottega_gimp.gimp import Gimp

SIDE = 2048
WHOLE = Rectangle(0, 0, SIDE, SIDE)


def play(precision):
    """Open a picture of noise, have it worked on; gives when each piece of work began and ended."""
    kind = getattr(Gimp.Precision, precision)
    image = Gimp.Image.new_with_precision(SIDE, SIDE, Gimp.ImageBaseType.RGB, kind)
    for name in ("below", "above"):
        layer = Gimp.Layer.new(
            image, name, SIDE, SIDE, Gimp.ImageType.RGBA_IMAGE, 50, Gimp.LayerMode.NORMAL
        )
        write(layer, os.urandom(4 * SIDE * SIDE), "R'G'B'A u8")
        image.insert_layer(layer, None, 0)
    image.select_ellipse(Gimp.ChannelOps.REPLACE, 300, 300, 1400, 1400)
    Gimp.Selection.feather(image, 40)
    Gimp.Display.new(image)
    Gimp.displays_flush()
    # What GIMP draws by itself is no work of ours.
    time.sleep(3)
    return worked(image, drawing(image, layer))


def worked(image, editor):
    times = {}
    idle = partial(time.sleep, 1.5)
    timed(times, "idle", idle)
    for name in ("first", "own"):
        timed(times, name, partial(copied, image))
        timed(times, f"{name} drawn", idle)
    canvas = timed(times, "canvas", editor.canvas)
    seen = timed(times, "read", partial(editor.read, WHOLE, canvas.layout, "visible"))
    pixels, mask = (
        describe(content, WHOLE.size, layout)
        for content, layout in ((seen.pixels, canvas.layout), (seen.mask, MASK))
    )
    layer = LayerPixels(Layer("result", WHOLE, pixels, mask), seen.pixels, seen.mask)
    timed(times, "place", partial(editor.place, b"r" * 16, [layer]))
    timed(times, "drawn", idle)
    image.clean_all()
    return times


def copied(image):
    """What GIMP does by itself: a layer is copied, by way of comparison."""
    image.insert_layer(image.get_layers()[0].copy(), None, 0)
    Gimp.displays_flush()


def timed(times, name, work):
    began = time.monotonic()
    done = work()
    times[name] = [began, time.monotonic()]
    return done
