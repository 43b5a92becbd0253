"""The Bottega window: joins the panel to the Easel and to the image that was chosen."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from bottega_client import history
from bottega_client.easel import Easel
from bottega_client.editor import ACTIVE, EditorError
from bottega_client.entries import (
    PLACED,
    Absent,
    Changed,
    Connected,
    Event,
    Gone,
    Missed,
    Quoted,
    Recent,
    Zoomed,
)
from bottega_client.history import Past
from bottega_client.wishes import Wish
from bottega_client.words import past_note
from bottega_protocol.errors import BottegaError

from . import kept
from .context import Context, active_layer, image_of, look, open_images
from .drawable import NOTES, Drawing
from .gimp import Gimp, GLib
from .gtk import Gdk, GimpUi, Gtk
from .panel.address import ask_for_server
from .panel.card import Deeds
from .panel.panel import Asks, Panel
from .panel.shelf import Row
from .panel.zoom import Zoom
from .parasites import read_text
from .ui_thread import UiThread

PROGRAM = "GIMP"
LOOK = 350
"""Milliseconds between two looks at GIMP's images, while the window is to be seen."""

WIDTH, HEIGHT, MARGIN = 340, 760, 48
CONNECTION = "connection"
NAME = "window"


class BottegaWindow:
    """One to a GIMP. Made and used on the UI thread."""

    def __init__(self, ui: UiThread) -> None:
        self._ui = ui
        self._folder = Path(Gimp.directory())
        self._context = Context()
        self._asked: object = None
        self._connected = False
        self._resumed: set[int] = set()
        self._images: list[tuple[int, str]] = []
        self._looking = 0
        # The Easel's thread waits until an event is shown: of a job only the newest counts.
        self.easel = Easel(PROGRAM, lambda event: ui.call(lambda: self._show(event)))
        self.panel = Panel(self._asks())
        self._window = self._build()
        self._zoom = Zoom(self._window, self._guarded(self.easel.zoom), self._place)
        self._shown: dict[type, Callable[[Any], None]] = {
            Connected: self._show_connected,
            Absent: self._show_absent,
            Changed: self._show_changed,
            Gone: lambda event: self.panel.remove(event.job),
            Recent: self._show_recent,
            Zoomed: self._zoom.show_picture,
            Missed: lambda event: self._warn(event.error),
            Quoted: self._show_quoted,
        }
        self.panel.paint.show_wish(kept.load_wish(self._folder, NAME), "fill")

    def open(self, image: Gimp.Image | None) -> None:
        """Show the window, at work on this image."""
        self._look(None if image is None else image.get_id())
        self._window.show_all()
        # It stays above GIMP's own window, which would hide it at the next click.
        GimpUi.window_set_transient(self._window)
        self._window.present()
        url, token = kept.load_server(self._folder)
        if url:
            self.easel.connect_to(url, token)
        self.easel.start()
        if not self._looking:
            self._looking = GLib.timeout_add(LOOK, self._look_again)

    def begin(self) -> None:
        """Paint: what the button says."""
        self._look()
        wish, capability = self.panel.paint.wish(), self.panel.paint.capability
        drawing = self._drawing(needed=wish.source == ACTIVE)
        kept.save_wish(self._folder, NAME, wish)
        self.panel.notice.clear()
        self.easel.order(drawing, capability, wish)

    def _build(self) -> Gtk.Window:
        window = Gtk.Window(title="Bottega", role="bottega")
        screen = Gdk.Display.get_default().get_monitor(0).get_workarea()
        window.set_default_size(WIDTH, min(HEIGHT, screen.height - MARGIN))
        window.add(self.panel)
        window.connect("delete-event", lambda *_: self._hide())
        return window

    def _hide(self) -> bool:
        """Closed is hidden: what is being painted goes on, and is placed."""
        if self._looking:
            GLib.source_remove(self._looking)
            self._looking = 0
        return bool(self._window.hide_on_delete())

    # --- what the panel asks -----------------------------------------------------------------

    def _asks(self) -> Asks:
        guarded = self._guarded
        jobs = Deeds(
            stop=guarded(self.easel.stop),
            discard=guarded(self.easel.discard),
            place=self._place,
            zoom=guarded(self._look_closer),
            reuse=guarded(self._use_again),
        )
        return Asks(
            begin=guarded(self.begin),
            jobs=jobs,
            turned=guarded(self._turn),
            chosen=guarded(self._choose),
            recent=guarded(lambda words, skip: self.easel.recent(search=words, skip=skip)),
            bring=guarded(self._bring),
            bring_past=guarded(lambda past: self._bring(past.job)),
            reuse_past=guarded(lambda past: self._use(past.wish(), past.capability)),
            connect=guarded(self._ask_for_server),
            copy=guarded(self._copy_diagnostics),
        )

    def _place(self, job: bytes, variations: tuple[int, ...]) -> None:
        self._guard(self.easel.place, job, variations)

    def _look_closer(self, job: bytes, variation: int) -> None:
        entry = self.panel.entry(job)
        if entry is not None:
            self._zoom.look_at(entry, variation)

    def _use_again(self, job: bytes) -> None:
        entry = self.panel.entry(job)
        if entry is not None:
            self._use(replace(entry.wish, seed=entry.seed), entry.capability)

    def _use(self, wish: Wish, capability: str) -> None:
        self.panel.paint.show_wish(wish, capability)
        self.panel.turn_to(self.panel.paint)

    def _turn(self) -> None:
        if self.panel.shows(self.panel.recent):
            self.panel.recent.ask()

    def _bring(self, job: bytes) -> None:
        self.easel.bring(job, self._drawing(needed=False))
        self.panel.turn_to(self.panel.paint)

    def _copy_diagnostics(self) -> None:
        clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)
        clipboard.set_text(f"GIMP {Gimp.version()}\n{self.easel.diagnostics()}", -1)
        clipboard.store()
        self.panel.notice.say("Copied. Paste it where you ask for help; it holds no token.")

    def _ask_for_server(self) -> None:
        typed = ask_for_server(self._window, kept.load_server(self._folder)[0])
        if typed is not None:
            kept.save_server(self._folder, *typed)
            self.easel.connect_to(*typed)

    # --- the image ---------------------------------------------------------------------------

    def _drawing(self, *, needed: bool) -> Drawing:
        """The chosen image as an Editor; `needed` tells whether it must have an active layer."""
        image = image_of(self.panel.chosen_image)
        if image is None:
            raise EditorError("No image is open.", "Open or make one and try again.")
        return Drawing(image, active_layer(image, needed=needed), self._ui, self.panel.notice.say)

    def _look_again(self) -> bool:
        self._guard(self._look)
        return True  # and again

    def _look(self, wanted: int | None = None) -> None:
        """Follow GIMP's images: which there are, and what would be done to the chosen one."""
        images, chosen = open_images(), wanted or self.panel.chosen_image
        if images != self._images or wanted is not None:
            self._images = images
            known = any(number == chosen for number, _ in images)
            newest = images[0][0] if images else None
            self.panel.offer_images(images, chosen if known else newest)
        self._choose()

    def _choose(self) -> None:
        """What would be done to the chosen image, and how."""
        context, paint = look(self.panel.chosen_image), self.panel.paint
        paint.show_context(selected=context.selected)
        if context.image != self._context.image:
            self._show_history(context.image)
        self._context = context
        wish = paint.wish()
        question = (context, paint.capability, replace(wish, prompt="", negative="", seed=None))
        if question == self._asked or not self._connected:
            return
        self._asked = question
        if context.image is None:
            paint.show_plan(None)
            return
        drawing = self._drawing(needed=False)
        self.easel.quote(drawing, paint.capability, wish)
        if context.image not in self._resumed:
            # Once for an image: what was painted for it while GIMP was closed.
            self._resumed.add(context.image)
            self.easel.resume(drawing)

    def _show_history(self, number: int | None) -> None:
        """List what the chosen image remembers."""
        image = image_of(number)
        pasts = history.read((read_text(image, NOTES) if image else "") or "")
        self.panel.history.show_rows(_row(past) for past in pasts)

    # --- what the Easel tells ----------------------------------------------------------------

    def _show(self, event: Event) -> None:
        if not self.easel.closed:
            self._guard(self._shown[type(event)], event)

    def _show_connected(self, event: Connected) -> None:
        self.panel.status.show_connected(event.address.url.partition("://")[2], event.server)
        self.panel.paint.show_offers(event.offers)
        self.panel.notice.settle(CONNECTION)
        self._asked, self._connected = None, True

    def _show_absent(self, event: Absent) -> None:
        self._connected = False
        self.panel.status.show_absent(event.error.message)
        self.panel.paint.show_plan(None)
        self._warn(event.error, CONNECTION)

    def _show_changed(self, event: Changed) -> None:
        entry = event.entry
        before = self.panel.entry(entry.job)
        self.panel.show_entry(entry)
        self._zoom.show_entry(entry)
        if entry.outcome is not None and (before is None or before.outcome is None):
            self.panel.paint.fields.seed.show_used(entry.seed)
        if entry.state == PLACED:
            self._show_history(self.panel.chosen_image)

    def _show_recent(self, event: Recent) -> None:
        self.panel.recent.show_page(event)
        if event.error is not None:
            self._warn(event.error)

    def _show_quoted(self, event: Quoted) -> None:
        self.panel.paint.show_plan(event.plan, "" if event.error is None else event.error.message)

    # --- the edge ----------------------------------------------------------------------------

    def _warn(self, error: BottegaError, about: str = "") -> None:
        self.panel.notice.warn(error.message, error.remedy, about)

    def _guarded(self, work: Callable[..., object]) -> Callable[..., None]:
        """The edge of the UI thread: what escaped here would be seen in a terminal at best."""
        return lambda *words: self._guard(work, *words)

    def _guard(self, work: Callable[..., object], *words: Any) -> None:
        try:
            work(*words)
        except BottegaError as error:
            self._warn(error)
        except Exception as error:  # noqa: BLE001  # the edge of the process
            traceback.print_exc(file=sys.stderr)
            self.panel.notice.warn(f"Bottega has a fault of its own: {error!r}", "")


def make_window() -> BottegaWindow:
    """The window, not yet shown; needs a screen."""
    GimpUi.init("bottega-gimp")
    return BottegaWindow(UiThread())


def _row(past: Past) -> Row:
    return Row(past.prompt or "(no prompt)", past_note(past), past, past.thumbnail())
