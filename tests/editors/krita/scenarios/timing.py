"""How long Krita's UI thread is kept by a rectangle of 2048 by 2048 pixels, read and placed."""

import os
import time
from functools import partial

from bottega_driver.pieces import content, convert, write
from bottega_driver.qt import QtCore
from bottega_krita._vendor.bottega_protocol.regions import Rectangle
from krita import Selection

from bottega_krita.document import KritaDocument
from bottega_krita.ui_thread import UiThread

SIDE = 2048
WHOLE = Rectangle(0, 0, SIDE, SIDE)
UI = UiThread()


def play(stage):
    yield 0.5
    noise = os.urandom(4 * SIDE * SIDE)
    beats = Beats()
    for number, space in enumerate(stage.notes_in("spaces")):
        yield from timed(stage, beats, number, tuple(space), noise)


def timed(stage, beats, number, space, noise):
    """Documents stay open: Krita crashes now and then when one with a new selection is closed."""
    model, depth, profile = space
    document = stage.new(SIDE, SIDE, depth, model, profile)
    own = convert(noise, WHOLE, ("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc"), space)
    write(document.topLevelNodes()[0], WHOLE, own)
    document.refreshProjection()
    selection = Selection()
    selection.select(500, 500, 900, 900, 255)
    selection.feather(40)
    document.setSelection(selection)
    yield 0.5
    editor = KritaDocument(document, UI)
    times = {}
    canvas = beats.timed(times, "canvas", editor.canvas)
    seen = beats.timed(times, "read", partial(editor.read, WHOLE, canvas.layout, "visible"))
    yield 0.2
    layer = content("result", WHOLE, canvas.layout, seen.pixels, seen.mask)
    beats.timed(times, "place", partial(editor.place, b"r" * 16, [layer]))
    stage.note(f"times {number}", times)


class Beats:
    """A timer that would beat a thousand times a second, if it were let."""

    def __init__(self):
        self.count = 0
        self._timer = QtCore.QTimer()
        self._timer.timeout.connect(self._beat)
        self._timer.start(1)

    def _beat(self):
        self.count += 1

    def timed(self, times, name, work):
        """Milliseconds on the clock and of the processor, and the beats in between."""
        count, clock, busy = self.count, time.monotonic(), time.thread_time()
        done = work()
        ended = (time.monotonic() - clock, time.thread_time() - busy)
        times[name] = [*(round(1000 * seconds) for seconds in ended), self.count - count]
        return done
