"""Where the noise starts: the last seed, a lock that keeps it, and another by chance."""

from __future__ import annotations

import secrets

from bottega_gimp.gtk import Gtk
from bottega_gimp.widgets import icon_button, named, narrow, number

MOST = 2**32 - 1
LOCKED, OPEN = "changes-prevent-symbolic", "changes-allow-symbolic"


class SeedRow(Gtk.Box):  # type: ignore[misc]  # gi has no types
    """A seed from 0 to 4294967295. Unlocked, every job takes a new one."""

    def __init__(self) -> None:
        super().__init__(spacing=4)
        self.spin = narrow(number("Seed", 0, (0, MOST), 1, 0))
        self.spin.set_tooltip_text("The same seed paints the same picture again")
        self._lock = named(Gtk.ToggleButton(), "Keep this seed")
        self._lock.set_tooltip_text("Keep this seed")
        self._lock.add(Gtk.Image.new_from_icon_name(OPEN, Gtk.IconSize.MENU))
        self._lock.connect("toggled", self._show_lock)
        another = icon_button("view-refresh-symbolic", "Another seed")
        another.connect("clicked", lambda _: self.take_another())
        self.pack_start(self.spin, True, True, 0)
        for button in (self._lock, another):
            self.pack_start(button, False, False, 0)
        self._ours = False
        self.spin.connect("value-changed", self._typed)

    def seed(self) -> int | None:
        """The number, or None for a new one each time."""
        return int(self.spin.get_value()) if self._lock.get_active() else None

    def show_used(self, seed: int) -> None:
        """Show the seed that a result was painted with, so that it can be kept."""
        if not self._lock.get_active():
            self._set(seed)

    def keep(self, seed: int) -> None:
        """Take this seed from now on."""
        self._set(seed)
        self._lock.set_active(True)

    def release(self) -> None:
        """A new seed each time."""
        self._lock.set_active(False)

    def take_another(self) -> None:
        """Take another seed, and keep it if the last one was kept."""
        self._set(secrets.randbelow(MOST + 1))

    def _set(self, seed: int) -> None:
        self._ours = True
        self.spin.set_value(seed)
        self._ours = False

    def _typed(self, _: Gtk.SpinButton) -> None:
        """Who types a seed wants that one."""
        if not self._ours:
            self._lock.set_active(True)

    def _show_lock(self, button: Gtk.ToggleButton) -> None:
        name = LOCKED if button.get_active() else OPEN
        button.get_child().set_from_icon_name(name, Gtk.IconSize.MENU)
