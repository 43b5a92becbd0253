"""One job: how far it is, what it looks like, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from bottega_client.entries import IN_FLIGHT, Entry
from bottega_client.thumbnails import Thumbnail
from bottega_client.words import advice_for, hints_for, stage_of
from bottega_gimp.gimp import GLib
from bottega_gimp.gtk import Gtk, Pango
from bottega_gimp.widgets import icon_button, label, named, wrapped

from .pictures import show_fitting
from .tiles import Tiles

PREVIEW = 160
PULSE_MILLISECONDS = 250
"""Four times a second, and only while there is no fraction to show."""

STOP, AWAY = "process-stop-symbolic", "user-trash-symbolic"


@dataclass(frozen=True)
class Deeds:
    """What can be asked of a job, by its id; of some of its variations where they are given."""

    stop: Callable[[bytes], object]
    discard: Callable[[bytes], object]
    place: Callable[[bytes, tuple[int, ...]], object]
    zoom: Callable[[bytes, int], object]
    reuse: Callable[[bytes], object]


class Card(Gtk.Frame):  # type: ignore[misc]  # gi has no types
    """Shows an entry. Hidden until there is one."""

    def __init__(self, deeds: Deeds) -> None:
        super().__init__(no_show_all=True)
        self.entry: Entry | None = None
        self._deeds = deeds
        self._title = _line("Job", bold=True)
        self._stage = wrapped(label("", "State"))
        self._remedy = wrapped(label("", "Remedy", dim=True))
        self._bar = named(Gtk.ProgressBar(), "Progress")
        self._preview = named(Gtk.Image(), "Preview")
        self._tiles = Tiles(self._ask_to_zoom, self._show_place)
        self._reuse = icon_button("edit-undo-symbolic", "Use these settings again", flat=True)
        self._away = icon_button(STOP, "Stop", flat=True)
        self._place = Gtk.Button(label="Place")
        self._reuse.connect("clicked", lambda _: self._ask(deeds.reuse))
        self._away.connect("clicked", self._put_away)
        self._place.connect("clicked", lambda _: self.place_picked())
        self._pulse = 0
        self._drawn: object = None
        self.connect("destroy", lambda _: self._stop_pulsing())
        self._lay_out()

    def show_entry(self, entry: Entry | None, said: str = "") -> None:
        """Show how an entry stands; none hides the card. `said` is what stands above it."""
        if entry is None or self.entry is None or entry.job != self.entry.job:
            self._drawn = None
        self.entry = entry
        self.set_visible(entry is not None)
        if entry is None:
            self._stop_pulsing()
            return
        in_flight = entry.state in IN_FLIGHT
        self._title.set_text(entry.title)
        self._title.set_tooltip_text(entry.title)
        self._stage.set_text(stage_of(entry))
        self._say_advice(advice_for(entry) or hints_for(entry, said))
        self._show_progress(entry, in_flight=in_flight)
        self._show_buttons(in_flight=in_flight)
        self._tiles.set_visible(bool(entry.variations))
        self._tiles.show_variations(entry.variations)
        self._show_place()

    def place_picked(self) -> None:
        """Ask for what is picked."""
        picked = self._tiles.picked()
        if picked and self.entry is not None:
            self._deeds.place(self.entry.job, picked)

    def _say_advice(self, text: str) -> None:
        self._remedy.set_text(text)
        self._remedy.set_visible(bool(text))

    def _show_buttons(self, *, in_flight: bool) -> None:
        self._reuse.set_visible(not in_flight)
        text = "Stop" if in_flight else "Put away (the server keeps the result)"
        named(self._away, text).set_tooltip_text(text)
        self._away.get_child().set_from_icon_name(STOP if in_flight else AWAY, Gtk.IconSize.MENU)

    def _show_progress(self, entry: Entry, *, in_flight: bool) -> None:
        fraction = None if entry.report is None else entry.report.fraction
        self._bar.set_visible(in_flight)
        if fraction is not None:
            self._bar.set_fraction(fraction)
        if in_flight and fraction is None:
            self._start_pulsing()
        else:
            self._stop_pulsing()
        preview = entry.preview
        self._preview.set_visible(in_flight and preview is not None)
        if preview is not None and preview is not self._drawn:
            self._drawn = preview
            seen = Thumbnail(preview.width, preview.height, preview.pixels)
            show_fitting(self._preview, seen, PREVIEW, PREVIEW)

    def _show_place(self) -> None:
        """What is placed can be placed once more: an undo may have taken it away."""
        entry, picked = self.entry, self._tiles.picked()
        waiting = entry is not None and any(not shown.placed for shown in entry.variations)
        self._place.set_visible(waiting or bool(picked))
        self._place.set_sensitive(bool(picked))
        text = f"Place {len(picked)} layers" if len(picked) > 1 else "Place"
        self._place.set_label(text)
        named(self._place, text if picked else "Place what is picked")

    def _start_pulsing(self) -> None:
        if not self._pulse:
            self._pulse = GLib.timeout_add(PULSE_MILLISECONDS, self._on_pulse)

    def _stop_pulsing(self) -> None:
        if self._pulse:
            GLib.source_remove(self._pulse)
            self._pulse = 0

    def _on_pulse(self) -> bool:
        if self.get_mapped():
            self._bar.pulse()
        return True  # and again

    def _put_away(self, _: Gtk.Button) -> None:
        in_flight = self.entry is not None and self.entry.state in IN_FLIGHT
        self._ask(self._deeds.stop if in_flight else self._deeds.discard)

    def _ask(self, deed: Callable[[bytes], object]) -> None:
        if self.entry is not None:
            deed(self.entry.job)

    def _ask_to_zoom(self, variation: int) -> None:
        if self.entry is not None:
            self._deeds.zoom(self.entry.job, variation)

    def _lay_out(self) -> None:
        head = Gtk.Box(spacing=2)
        head.pack_start(self._title, True, True, 0)
        for button in (self._reuse, self._away):
            head.pack_start(button, False, False, 0)
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=4, border_width=6)
        parts = (head, self._stage, self._remedy, self._bar, self._preview, self._tiles)
        for part in (*parts, self._place):
            column.pack_start(part, False, False, 0)
        # What is shown depends on the entry: not all of it.
        for part in (head, self._title, self._stage, self._away.get_child(), self._away, column):
            part.show()
        self._reuse.get_child().show()
        self.add(column)


def _line(about: str, *, bold: bool) -> Gtk.Label:
    made = label("", about, bold=bold)
    made.set_ellipsize(Pango.EllipsizeMode.END)
    return made
