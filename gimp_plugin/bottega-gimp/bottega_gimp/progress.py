"""The window of a running job: stage or place in the queue, a first look, and Stop.

GIMP's own progress bar has a Cancel too, but that one kills the plug-in without a word.
"""

from __future__ import annotations

import threading

from bottega_client.choose import CAPABILITIES, label_of
from bottega_client.reports import Report
from bottega_client.thumbnails import Thumbnail
from bottega_protocol.messages import Preview

from .gimp import GLib
from .gtk import GimpUi, Gtk, Pango
from .panel.pictures import show_fitting
from .widgets import label, named

PREVIEW_SIDE = 192
PULSE_MILLISECONDS = 120
# GIMP's themes draw the bar as a hair line.
LOOK = b"""
progressbar trough, progressbar progress { min-height: 8px; border-radius: 4px; }
progressbar progress { background: #4a90d9; border-color: #4a90d9; }
"""


class ProgressWindow:
    """Made, used and closed on the UI thread; `stop` is set by its button or its close box."""

    def __init__(self, capability: str, prompt: str, stop: threading.Event) -> None:
        self._stop = stop
        self._picture = named(Gtk.Image(), "Preview")
        self._stage = label("", "Stage", bold=True)
        self._bar = named(Gtk.ProgressBar(show_text=False), "Progress")
        look = Gtk.CssProvider()
        look.load_from_data(LOOK)
        self._bar.get_style_context().add_provider(look, Gtk.STYLE_PROVIDER_PRIORITY_APPLICATION)
        self._button = named(Gtk.Button.new_with_mnemonic("_Stop"), "Stop")
        self._button.connect("clicked", self._on_stop)
        self._window = self._build(capability, prompt)
        self._window.connect("delete-event", self._on_stop)
        self._busy = True
        self._pulse = GLib.timeout_add(PULSE_MILLISECONDS, self._on_pulse)
        self._window.show_all()
        self._picture.hide()

    def show(self, report: Report) -> None:
        """Bring a report to the screen."""
        if self._stop.is_set():
            return
        self._stage.set_text(report.text)
        if report.preview is not None:
            self._show_preview(report.preview)
        else:
            self._busy = report.fraction is None
            if report.fraction is not None:
                self._bar.set_fraction(report.fraction)

    def close(self) -> None:
        """Take the window away."""
        GLib.source_remove(self._pulse)
        self._window.destroy()

    def _build(self, capability: str, prompt: str) -> Gtk.Window:
        title = label(prompt.strip() or "Without a prompt", "Wish", dim=True)
        title.set_ellipsize(Pango.EllipsizeMode.END)
        title.set_max_width_chars(44)
        foot = Gtk.ButtonBox(orientation=Gtk.Orientation.HORIZONTAL, layout_style="end")
        foot.add(self._button)
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=8, border_width=12)
        for widget in (title, self._picture, self._stage, self._bar, foot):
            column.pack_start(widget, False, False, 0)
        window = Gtk.Window(title=f"Bottega: {label_of(CAPABILITIES, capability)}", resizable=False)
        window.set_default_size(380, -1)
        window.set_position(Gtk.WindowPosition.CENTER)
        window.add(column)
        GimpUi.window_set_transient(window)
        return window

    def _show_preview(self, preview: Preview) -> None:
        seen = Thumbnail(preview.width, preview.height, preview.pixels)
        show_fitting(self._picture, seen, PREVIEW_SIDE, PREVIEW_SIDE)
        self._picture.show()

    def _on_pulse(self) -> bool:
        if self._busy:
            self._bar.pulse()
        return True  # and again

    def _on_stop(self, *_: object) -> bool:
        """The window stays until the server has been told."""
        self._stop.set()
        self._stage.set_text("Stopping")
        self._busy = True
        self._button.set_sensitive(False)
        return True
