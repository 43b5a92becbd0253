"""The button that begins: it says what will be done, and its menu holds what the artist means."""

from __future__ import annotations

from collections.abc import Callable

from bottega_client.choose import CAPABILITIES, INTENTS, button_for
from bottega_gimp.gtk import Gtk
from bottega_gimp.widgets import dress, named

MENU = "What to do with the selection"
TALL = 36


class Begin(Gtk.Box):  # type: ignore[misc]  # gi has no types
    """One wide button, and a narrow one that opens the menu of intents."""

    def __init__(self, begun: Callable[[], object]) -> None:
        super().__init__(spacing=2)
        self.intent = INTENTS[0].name
        self.button = Gtk.Button()
        self.button.set_size_request(-1, TALL)
        dress(self.button, b"button { font-weight: bold; }")
        self.button.connect("clicked", lambda _: begun())
        self._capability = ""
        self._items: dict[str, Gtk.RadioMenuItem] = {}
        self._more = named(Gtk.MenuButton(popup=self._menu()), MENU)
        self._more.set_tooltip_text(MENU)
        self.pack_start(self.button, True, True, 0)
        self.pack_start(self._more, False, False, 0)

    def choose(self, intent: str) -> None:
        """Mean this from now on."""
        known = intent in self._items
        self._items[intent if known else INTENTS[0].name].set_active(True)

    def show_deed(self, capability: str) -> None:
        """Say what a click will do; the menu is there where the intent counts."""
        self._capability = capability
        text = button_for(capability, self.intent)
        if self.button.get_label() != text:
            self.button.set_label(text)
            named(self.button, text)
        tip = next(word.tip for word in CAPABILITIES if word.name == capability)
        self.button.set_tooltip_text(f"{tip} (Ctrl+Enter)")
        self._more.set_sensitive(capability == "fill")

    def _menu(self) -> Gtk.Menu:
        menu = Gtk.Menu()
        first = None
        for word in INTENTS:
            item = Gtk.RadioMenuItem.new_with_label_from_widget(first, word.label)
            item.set_tooltip_text(word.tip)
            item.connect("toggled", self._chosen, word.name)
            menu.append(item)
            self._items[word.name] = item
            first = first or item
        menu.show_all()
        return menu

    def _chosen(self, item: Gtk.RadioMenuItem, intent: str) -> None:
        if item.get_active():
            self.intent = intent
            if self._capability:
                self.show_deed(self._capability)
