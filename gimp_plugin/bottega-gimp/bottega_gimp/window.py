"""The Bottega window: joins the panel to the Easel and to the image that was chosen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from bottega_client.board import Board
from bottega_client.easel import Easel
from bottega_client.editor import ACTIVE, Editor, EditorError
from bottega_client.entries import Event
from bottega_client.launch import Address
from bottega_client.sight import Sight
from bottega_client.wishes import Wish

from . import kept
from .context import active_layer, image_of, look, open_images
from .drawable import NOTES, Drawing
from .gimp import Gimp, GLib
from .gtk import Gdk, GimpUi, Gtk
from .new_image import NewImage
from .panel.address import ask_for_server
from .panel.card import Deeds
from .panel.panel import Asks, Panel
from .panel.zoom import Zoom
from .parasites import read_text
from .ui_thread import UiThread

PROGRAM = "GIMP"
LOOK = 350
"""Milliseconds between two looks at GIMP's images, while the window is to be seen."""

WIDTH, HEIGHT, MARGIN = 340, 760, 48
NAME = "window"


class Chosen:
    """The image that was chosen in the panel, as a board asks for it."""

    def __init__(self, panel: Panel, ui: UiThread, folder: Path) -> None:
        self._panel = panel
        self._ui = ui
        self._folder = folder

    def sight(self) -> Sight:
        """The image as it is now."""
        return look(self._panel.chosen_image)

    def editor(self, wish: Wish) -> Editor:
        """Where the wish's result goes; raises EditorError where no image is open for it."""
        if wish.new_size is not None:
            return NewImage(wish.new_size, self._ui)
        image = image_of(self._panel.chosen_image)
        if image is None:
            raise EditorError("No image is open.", "Open or make one and try again.")
        layer = active_layer(image, needed=wish.source == ACTIVE)
        return Drawing(image, layer, self._ui, self._panel.notice.say)

    def notes(self) -> str:
        """What the image remembers, "" without an image."""
        image = image_of(self._panel.chosen_image)
        return (read_text(image, NOTES) if image else "") or ""

    def keep(self, wish: Wish) -> None:
        """Have the fields as they are again tomorrow."""
        kept.save_wish(self._folder, NAME, wish)

    def address(self) -> Address | None:
        """The server that was chosen; None for that of this computer."""
        return kept.load_address(self._folder)

    def keep_address(self, address: Address | None) -> None:
        """Use this server tomorrow too; None is that of this computer."""
        kept.save_address(self._folder, address)

    def copy(self, text: str) -> None:
        """Put a text into the clipboard."""
        clipboard = Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD)
        clipboard.set_text(f"GIMP {Gimp.version()}\n{text}", -1)
        clipboard.store()


class BottegaWindow:
    """One to a GIMP. Made and used on the UI thread."""

    def __init__(self, ui: UiThread) -> None:
        self._folder = Path(Gimp.directory())
        self._images: list[tuple[int, str]] = []
        self._looking = 0
        # The Easel's thread waits until an event is shown: of a job only the newest counts.
        stops = self._folder / "bottega" / "stops"
        self.easel = Easel(PROGRAM, lambda event: ui.call(lambda: self._show(event)), stops)
        self.panel = Panel(self._asks())
        self._window = self._build()
        self._zoom = Zoom(
            self._window,
            lambda *asked: self.board.guard(self.easel.zoom, *asked),
            lambda *asked: self.board.guard(self.easel.place, *asked),
        )
        self._bench = Chosen(self.panel, ui, self._folder)
        self.board = Board(self.easel, self.panel, self._zoom, self._bench)
        self.panel.paint.show_wish(kept.load_wish(self._folder, NAME), "fill")

    def open(self, image: Gimp.Image | None) -> None:
        """Show the window, at work on this image."""
        self._look(None if image is None else image.get_id())
        self.board.start()
        self._window.show_all()
        # It stays above GIMP's own window, which would hide it at the next click.
        GimpUi.window_set_transient(self._window)
        self._window.present()
        if not self._looking:
            self._looking = GLib.timeout_add(LOOK, self._look_again)

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

    def _show(self, event: Event) -> None:
        self.board.show(event)

    def _asks(self) -> Asks:
        """The panel's questions; the board, which answers them, is made after the panel."""

        def asked(name: str) -> Callable[..., None]:
            return lambda *words: self.board.guard(getattr(self.board, name), *words)

        def ordered(name: str) -> Callable[..., None]:
            return lambda *words: self.board.guard(getattr(self.easel, name), *words)

        return Asks(
            begin=self._begin,
            jobs=Deeds(
                stop=ordered("stop"),
                discard=ordered("discard"),
                place=ordered("place"),
                zoom=asked("look_closer"),
                reuse=asked("use_again"),
            ),
            turned=asked("turned"),
            chosen=asked("look"),
            recent=asked("ask_recent"),
            bring=asked("bring"),
            bring_past=asked("bring_past"),
            reuse_past=asked("use_past"),
            connect=lambda: self.board.guard(self._ask_for_server),
            copy=asked("copy_diagnostics"),
        )

    def _begin(self) -> None:
        def begin() -> None:
            self._look()
            self.board.begin()

        self.board.guard(begin)

    def _ask_for_server(self) -> None:
        before = self._bench.address()
        typed = ask_for_server(self._window, "" if before is None else before.url)
        if typed is not None:
            self.board.connect(*typed)

    def _look_again(self) -> bool:
        self.board.guard(self._look)
        return True  # and again

    def _look(self, wanted: int | None = None) -> None:
        """Follow GIMP's images: which there are, and what would be done to the chosen one."""
        images, chosen = open_images(), wanted or self.panel.chosen_image
        if images != self._images or wanted is not None:
            self._images = images
            known = any(number == chosen for number, _ in images)
            newest = images[0][0] if images else None
            self.panel.offer_images(images, chosen if known else newest)
        self.board.look()


def make_window() -> BottegaWindow:
    """The window, not yet shown; needs a screen."""
    GimpUi.init("bottega-gimp")
    return BottegaWindow(UiThread())
