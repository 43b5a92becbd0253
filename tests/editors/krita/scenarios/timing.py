"""How long Krita's UI thread is kept by a large rectangle, read and placed."""

import os
import threading
import time
from functools import partial

from bottega_driver.pieces import content, convert, write
from bottega_driver.watch import Watch
from bottega_krita._vendor.bottega_protocol.regions import Rectangle
from krita import Selection

from bottega_krita.document import KritaDocument
from bottega_krita.ui_thread import UiThread

UI = UiThread()


def play(stage):
    yield 0.5
    for number, (side, space) in enumerate(stage.notes_in("pictures")):
        yield from timed(stage, number, side, tuple(space))


def timed(stage, number, side, space):
    """Documents stay open: Krita crashes now and then when one with a new selection is closed."""
    model, depth, profile = space
    document, whole = stage.new(side, side, depth, model, profile), Rectangle(0, 0, side, side)
    noise = os.urandom(4 * side * side)
    own = convert(noise, whole, ("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc"), space)
    write(document.topLevelNodes()[0], whole, own)
    document.refreshProjection()
    selection = Selection()
    selection.select(side // 4, side // 4, side // 2, side // 2, 255)
    selection.feather(40)
    document.setSelection(selection)
    yield 0.5
    course = Course(KritaDocument(document, UI), whole)
    yield lambda: course.ended
    course.watch.end()
    stage.note(f"times {number}", course.watch.notes)
    stage.note(f"seconds {number}", course.seconds)


class Course:
    """A job's calls, on a thread of their own as in a real job; watched."""

    def __init__(self, editor, whole):
        self.watch = Watch()
        self.seconds = {}
        self.ended = False
        self._editor = editor
        self._whole = whole
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        editor, whole = self._editor, self._whole
        canvas = self._timed("canvas", partial(editor.on_ui, editor.canvas))
        seen = self._timed("read", partial(editor.read, whole, canvas.layout, "visible"))
        layer = content("result", whole, canvas.layout, seen.pixels, seen.mask)
        for work, key in (("place", b"r" * 16), ("place again", b"s" * 16)):
            self._timed(work, partial(editor.place, key, [layer]))
        self.ended = True

    def _timed(self, name, work):
        began = time.monotonic()
        done = work()
        self.seconds[name] = round(time.monotonic() - began, 2)
        self.watch.file(name)
        return done
