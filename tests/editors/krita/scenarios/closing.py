"""Krita is closed while a job runs and another thread asks for the UI thread without pause."""

import contextlib
import threading

from bottega_krita._vendor.bottega_client.editor import EditorError
from krita import Selection

from bottega_krita.blanks import blank
from bottega_krita.colour import space_of
from bottega_krita.ui_thread import UiThread

STEPS = 40


def play(stage):
    stage.tell_of_server()
    document = stage.new(256, 256)
    yield lambda: document.activeNode() is not None
    selection = Selection()
    selection.select(64, 64, 128, 128, 255)
    document.setSelection(selection)
    # A result was placed before: a document is kept out of sight.
    UiThread().in_turns(blank(space_of(document), masked=True))
    stage.docker()
    stage.window.qwindow().setGeometry(0, 0, 1500, 950)
    yield lambda: "Connected" in stage.text("status")
    stage.widget("steps").setValue(STEPS)
    yield from stage.click("begin")
    yield lambda: stage.text("stage") == "Painting"
    threading.Thread(target=ask, args=(UiThread(),), daemon=True).start()
    yield 0.2
    stage.note("closing", stage.text("stage"))


def ask(ui):
    """Keep asking until Krita is closing."""
    with contextlib.suppress(EditorError):
        while True:
            ui.run(lambda: None)
