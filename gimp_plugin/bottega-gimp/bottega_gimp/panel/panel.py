"""The window's face: which image, four pages, a message when there is one, the connection."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bottega_client.entries import IN_FLIGHT, Entry
from bottega_gimp.gtk import Gtk
from bottega_gimp.widgets import Form, choice, fill_choice, named

from .card import Deeds
from .cards import Cards
from .notice import Notice
from .paint import PaintPage
from .past import HistoryPage
from .recent import RecentPage
from .status import Status

NO_IMAGE = ("", "No image is open")
QUEUE = "Queue"


@dataclass(frozen=True)
class Asks:
    """What the panel asks whoever made it. `past` is an entry of the history."""

    begin: Callable[[], object]
    jobs: Deeds
    turned: Callable[[], object]
    chosen: Callable[[], object]
    recent: Callable[[str, int], object]
    bring: Callable[[bytes], object]
    bring_past: Callable[[Any], object]
    reuse_past: Callable[[Any], object]
    connect: Callable[[], object]
    copy: Callable[[], object]


class Panel(Gtk.Box):  # type: ignore[misc]  # gi has no types
    """GTK only: no image, no server."""

    def __init__(self, asks: Asks) -> None:
        super().__init__(orientation=Gtk.Orientation.VERTICAL)
        self.images = choice("Image", [NO_IMAGE], "")
        self.images.connect("changed", lambda _: asks.chosen())
        self.paint = PaintPage(asks.begin, asks.jobs)
        self.cards = Cards(asks.jobs)
        self.history = HistoryPage(asks.bring_past, asks.reuse_past)
        self.recent = RecentPage(asks.recent, asks.bring)
        self.notice = Notice()
        self.status = Status(
            (("Connect to a server…", asks.connect), ("Copy diagnostics", asks.copy))
        )
        self._entries: dict[bytes, Entry] = {}
        self._queue_title = Gtk.Label(label=QUEUE)
        self._pages = self._make_pages()
        self._lay_out()
        self._pages.connect_after("switch-page", lambda *_: asks.turned())

    @property
    def chosen_image(self) -> int | None:
        """The number of the image that is worked on."""
        number = self.images.get_active_id()
        return int(number) if number else None

    def offer_images(self, images: Sequence[tuple[int, str]], chosen: int | None) -> None:
        """List the open images by number and name."""
        options = [(str(number), name) for number, name in images] or [NO_IMAGE]
        fill_choice(self.images, options, "" if chosen is None else str(chosen))
        self.images.set_sensitive(bool(images))

    def shows(self, page: Gtk.Widget) -> bool:
        """Whether this page is in front."""
        return int(self._pages.get_current_page()) == self._number(page)

    def turn_to(self, page: Gtk.Widget) -> None:
        """Bring a page to the front."""
        self._pages.set_current_page(self._number(page))

    def entry(self, job: bytes) -> Entry | None:
        """What the list knows of a job."""
        return self._entries.get(job)

    def show_entry(self, entry: Entry) -> None:
        """A job has news."""
        self._entries[entry.job] = entry
        self.cards.show_entry(entry)
        self._show_lists()

    def remove(self, job: bytes) -> None:
        """A job is gone."""
        self._entries.pop(job, None)
        self.cards.remove(job)
        self._show_lists()

    def _show_lists(self) -> None:
        self.paint.show_entry(next(reversed(self._entries.values()), None))
        running = sum(entry.state in IN_FLIGHT for entry in self._entries.values())
        self._queue_title.set_text(f"{QUEUE} {running}" if running else QUEUE)

    def _number(self, page: Gtk.Widget) -> int:
        pages = (self.paint, self.cards, self.history, self.recent)
        return next(number for number, each in enumerate(pages) if each is page)

    def _make_pages(self) -> Gtk.Notebook:
        pages = named(Gtk.Notebook(show_border=False), "Pages")
        for page, title in (
            (_scrolling(self.paint), Gtk.Label(label="Paint")),
            (_scrolling(self.cards), self._queue_title),
            (self.history, Gtk.Label(label="History")),
            (self.recent, Gtk.Label(label="Recent")),
        ):
            pages.append_page(page, title)
            pages.child_set_property(page, "tab-expand", True)
        return pages

    def _lay_out(self) -> None:
        top = Form(Gtk.SizeGroup(mode=Gtk.SizeGroupMode.HORIZONTAL))
        top.row("_Image", self.images, tip="GIMP does not tell which image is in front")
        top.grid.set_border_width(8)
        self.status.set_border_width(4)
        self.status.set_margin_start(6)
        self.pack_start(top.grid, False, False, 0)
        self.pack_start(self._pages, True, True, 0)
        for part in (self.notice, self.status):
            self.pack_start(part, False, False, 0)


def _scrolling(page: Gtk.Widget) -> Gtk.ScrolledWindow:
    """Let the window be lower than a page."""
    area = Gtk.ScrolledWindow()
    area.set_policy(Gtk.PolicyType.NEVER, Gtk.PolicyType.AUTOMATIC)
    area.add(page)
    return area
