"""Every job in the list, the newest on top."""

from __future__ import annotations

from bottega_client.entries import Entry
from bottega_gimp.gtk import Gtk
from bottega_gimp.widgets import label

from .card import Card, Deeds


class Cards(Gtk.Box):  # type: ignore[misc]  # gi has no types
    """A card for each job."""

    def __init__(self, deeds: Deeds) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL, spacing=6, border_width=8)
        self._deeds = deeds
        self._cards: dict[bytes, Card] = {}
        self._nothing = label("No jobs.", "Empty", dim=True)
        self.pack_start(self._nothing, False, False, 0)

    def show_entry(self, entry: Entry) -> None:
        """A job has news."""
        card = self._cards.get(entry.job)
        if card is None:
            card = self._cards[entry.job] = Card(self._deeds)
            self.pack_start(card, False, False, 0)
            self.reorder_child(card, 0)
            self._nothing.hide()
        card.show_entry(entry)

    def remove(self, job: bytes) -> None:
        """A job is gone."""
        card = self._cards.pop(job, None)
        if card is not None:
            card.destroy()
        self._nothing.set_visible(not self._cards)
