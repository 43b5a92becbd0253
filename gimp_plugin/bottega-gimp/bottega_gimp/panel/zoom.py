"""A window that shows one variation large, and turns to the others."""

from __future__ import annotations

from collections.abc import Callable

from bottega_client.entries import Entry, Zoomed
from bottega_client.thumbnails import Thumbnail
from bottega_gimp.gtk import Gdk, Gtk
from bottega_gimp.widgets import icon_button, label, named

from .pictures import show_fitting

SIDE = 640
"""Of the window's picture; the screen's density comes on top."""

MOST_SIDE = 1600
TURNS = {Gdk.KEY_Left: -1, Gdk.KEY_Right: 1}


class Zoom:
    """Asks with `want` for a sharp picture, which `show_picture` brings, and with `place`."""

    def __init__(
        self,
        parent: Gtk.Window,
        want: Callable[[bytes, int, int], object],
        place: Callable[[bytes, tuple[int, ...]], object],
    ) -> None:
        self._want = want
        self._ask_to_place = place
        self._entry: Entry | None = None
        self._variation = 0
        self._picture = named(Gtk.Image(), "Variation, large")
        self._text = label("", "Which variation")
        self._before = icon_button("go-previous-symbolic", "Previous variation")
        self._after = icon_button("go-next-symbolic", "Next variation")
        self._place = named(Gtk.Button(label="Place"), "Place this variation")
        self._before.connect("clicked", lambda _: self._turn(-1))
        self._after.connect("clicked", lambda _: self._turn(1))
        self._place.connect("clicked", lambda _: self._place_this())
        self._window = self._build(parent)

    def look_at(self, entry: Entry, variation: int) -> None:
        """Show this variation."""
        self._entry = entry
        self._show(variation)
        self._window.show_all()
        self._say()
        self._window.present()

    def show_entry(self, entry: Entry) -> None:
        """A job has news: it may have been placed."""
        if self._entry is not None and entry.job == self._entry.job and entry.variations:
            self._entry = entry
            self._say()

    def show_picture(self, zoomed: Zoomed) -> None:
        """The sharp picture has come."""
        entry = self._entry
        if entry is not None and (zoomed.job, zoomed.variation) == (entry.job, self._variation):
            self._draw(zoomed.picture)

    def _show(self, variation: int) -> None:
        if self._entry is None:
            return
        self._variation = variation
        self._draw(self._entry.variations[variation].thumbnail)
        self._say()
        side = min(SIDE * self._picture.get_scale_factor(), MOST_SIDE)
        self._want(self._entry.job, variation, side)

    def _draw(self, picture: Thumbnail) -> None:
        show_fitting(self._picture, picture, SIDE, SIDE)

    def _turn(self, step: int) -> None:
        if self._entry is not None:
            self._show((self._variation + step) % len(self._entry.variations))

    def _say(self) -> None:
        if self._entry is None:
            return
        shown, several = self._entry.variations[self._variation], len(self._entry.variations)
        self._text.set_text(f"{self._variation + 1} of {several}, seed {shown.seed}")
        self._place.set_label("Place again" if shown.placed else "Place")
        for turner in (self._before, self._after):
            turner.set_visible(several > 1)

    def _place_this(self) -> None:
        if self._entry is not None:
            self._ask_to_place(self._entry.job, (self._variation,))

    def _build(self, parent: Gtk.Window) -> Gtk.Window:
        row = Gtk.Box(spacing=6)
        for button in (self._before, self._after):
            row.pack_start(button, False, False, 0)
        row.pack_start(self._text, True, True, 0)
        row.pack_start(self._place, False, False, 0)
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=8, border_width=8)
        column.pack_start(self._picture, True, True, 0)
        column.pack_start(row, False, False, 0)
        window = Gtk.Window(title="Bottega: look closer", transient_for=parent)
        window.add(column)
        window.connect("delete-event", lambda *_: window.hide_on_delete())
        window.connect("key-press-event", self._on_key)
        return window

    def _on_key(self, _: Gtk.Window, event: Gdk.EventKey) -> bool:
        """Arrows turn the page, Escape ends it."""
        if event.keyval == Gdk.KEY_Escape:
            self._window.hide()
            return True
        if event.keyval in TURNS:
            self._turn(TURNS[event.keyval])
            return True
        return False
