"""The dialog of "Fill…", "Refine…" and "Generate…": the window's fields, for one job."""

from __future__ import annotations

from dataclasses import replace

from bottega_client.choose import CAPABILITIES, INTENTS, label_of
from bottega_client.wishes import Wish
from bottega_client.words import told as in_words
from bottega_protocol.errors import BottegaError
from bottega_protocol.messages import Offers

from .gtk import GimpUi, Gtk
from .offers import OfferSeeker
from .panel.fields import WishFields
from .panel.status import Status
from .ui_thread import UiThread
from .widgets import Form, choice

WIDTH = 380


class WishDialog:
    """Asks for a Wish, starting from the last one. Lives on the UI thread."""

    def __init__(self, capability: str, last: Wish, ui: UiThread) -> None:
        self._capability = capability
        self._ui = ui
        self._open = True
        self._fields = WishFields(self._begin, lambda: None, capability)
        self._fields.show_wish(last, capability)
        self._intent = choice("Intent", [(word.name, word.label) for word in INTENTS], last.intent)
        self._status = Status(())
        self._dialog = self._build(label_of(CAPABILITIES, capability))

    def ask(self) -> Wish | None:
        """Wait for the artist; None means Cancel."""
        seeker = OfferSeeker("GIMP", lambda *told: self._ui.post(lambda: self._show(*told)))
        try:
            said = self._dialog.run()
            return self._wish() if said == Gtk.ResponseType.OK else None
        finally:
            seeker.end()
            self._open = False
            self._dialog.destroy()

    def _begin(self) -> None:
        self._dialog.response(Gtk.ResponseType.OK)

    def _wish(self) -> Wish:
        return replace(self._fields.wish(), intent=self._intent.get_active_id())

    def _build(self, title: str) -> GimpUi.Dialog:
        dialog = GimpUi.Dialog(title=f"Bottega: {title}", role=f"bottega-{self._capability}")
        dialog.add_button("_Cancel", Gtk.ResponseType.CANCEL)
        dialog.add_button(f"_{title}", Gtk.ResponseType.OK)
        dialog.set_default_response(Gtk.ResponseType.OK)
        GimpUi.window_set_transient(dialog)
        column = Gtk.Box(orientation=Gtk.Orientation.VERTICAL, spacing=6, border_width=12)
        parts = [self._fields.top, self._fields.rest, self._status]
        if self._capability == "fill":
            parts.insert(1, self._intents())
        for widget in parts:
            column.pack_start(widget, False, False, 0)
        dialog.get_content_area().pack_start(column, True, True, 0)
        dialog.set_default_size(WIDTH, -1)
        column.show_all()
        self._fields.focus()
        return dialog

    def _intents(self) -> Gtk.Widget:
        form = Form(self._fields.labels)
        form.row("_Intent", self._intent, tip="What to do with the selection")
        return form.grid

    def _show(self, told: Offers | BottegaError, url: str) -> None:
        """What the server offers, or why it can't be reached; the dialog may be gone by now."""
        if not self._open:
            return
        if isinstance(told, BottegaError):
            self._status.show_absent(" ".join(in_words(told)).strip(), plain=True)
            return
        self._status.show_connected(url.partition("://")[2], "")
        self._fields.show_offers(told)
