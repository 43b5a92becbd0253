"""What the server keeps for the artist: found by words, brought back into the image."""

from __future__ import annotations

from collections.abc import Callable

from bottega_client.entries import Recent
from bottega_client.thumbnails import Thumbnail
from bottega_client.words import summary_note
from bottega_gimp.gtk import Gtk
from bottega_gimp.widgets import named

from .shelf import Deed, Row, Shelf

FULL = 50
"""Jobs of a page behind which there may be more."""


class RecentPage(Shelf):
    """`ask` is called with words, and with how many to leave out."""

    def __init__(self, ask: Callable[[str, int], object], bring: Callable[[bytes], object]) -> None:
        super().__init__("Recent results", "Nothing found.", (Deed("Bring here", bring),))
        self._ask = ask
        self._count = 0
        # GTK itself waits a moment after the last key.
        self._search = named(Gtk.SearchEntry(), "Search the recent results")
        self._search.set_placeholder_text("Search the prompts")
        self._search.connect("search-changed", lambda _: self.ask())
        self.pack_start(self._search, False, False, 0)
        self.reorder_child(self._search, 0)
        self._more = named(Gtk.Button(label="Show more", no_show_all=True), "Show more results")
        self._more.connect("clicked", lambda _: self._ask(self._words(), self._count))
        self.buttons.pack_start(self._more, True, True, 0)

    def ask(self) -> None:
        """Look again, from the newest on."""
        self._ask(self._words(), 0)

    def show_page(self, page: Recent) -> None:
        """A page has come; one that was asked for other words is out of date."""
        if page.search != self._words():
            return
        rows = [Row(job.prompt or "(no prompt)", summary_note(job), job.job) for job in page.jobs]
        (self.add_rows if page.skip else self.show_rows)(rows)
        self._count = page.skip + len(rows)
        self._more.set_visible(len(rows) >= FULL)

    def show_picture(self, job: bytes, picture: Thumbnail) -> None:
        """How one of the listed jobs looks."""
        self.picture_row(job, picture)

    def _words(self) -> str:
        return str(self._search.get_text()).strip()
