"""The lowest line: whether there is a server, and a menu of what is rarely needed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bottega_gimp.gimp import GLib
from bottega_gimp.gtk import Gtk, Pango
from bottega_gimp.widgets import label, named, wrapped

GOOD, WAITING, BAD = "#4caf50", "#9e9e9e", "#e0a030"


class Status(Gtk.Box):  # type: ignore[misc]  # gi has no types
    """The state of the connection; `deeds` are the menu's lines, where there are any."""

    def __init__(self, deeds: Sequence[tuple[str, Callable[[], object]]]) -> None:
        super().__init__(spacing=6)
        self._text = label("", "Connection")
        self._text.set_ellipsize(Pango.EllipsizeMode.END)
        self.pack_start(self._text, True, True, 0)
        if deeds:
            self.pack_start(_menu(deeds), False, False, 0)
        self._show(WAITING, "Looking for a server …", "")

    def show_connected(self, place: str, details: str) -> None:
        """A server answered."""
        self._show(GOOD, f"Connected to {place}", details)

    def show_absent(self, details: str, *, plain: bool = False) -> None:
        """There is no server, or it can't be talked to; `plain`: say why and what helps."""
        if plain:
            wrapped(self._text).set_ellipsize(Pango.EllipsizeMode.NONE)
        self._show(BAD, details if plain else "No server", details)

    def _show(self, colour: str, text: str, details: str) -> None:
        shown = GLib.markup_escape_text(text)
        self._text.set_markup(f'<span foreground="{colour}">●</span> {shown}')
        self._text.set_tooltip_text(details or None)


def _menu(deeds: Sequence[tuple[str, Callable[[], object]]]) -> Gtk.MenuButton:
    menu = Gtk.Menu()
    for text, work in deeds:
        item = Gtk.MenuItem(label=text)
        item.connect("activate", lambda _, work=work: work())
        menu.append(item)
    menu.show_all()
    button = named(Gtk.MenuButton(popup=menu, relief=Gtk.ReliefStyle.NONE), "More")
    button.add(Gtk.Image.new_from_icon_name("open-menu-symbolic", Gtk.IconSize.MENU))
    button.set_tooltip_text("Connect to a server, copy diagnostics")
    return button
