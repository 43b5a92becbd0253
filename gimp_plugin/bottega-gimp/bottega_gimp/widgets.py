"""Small GTK pieces that the windows are made of; every one has an accessible name."""

from __future__ import annotations

from typing import TypeVar

from .gtk import Gtk, Pango

W = TypeVar("W", bound=Gtk.Widget)


def named(widget: W, name: str) -> W:
    """Give a widget a name for screen readers (and tests)."""
    widget.get_accessible().set_name(name)
    return widget


def label(text: str, about: str, *, bold: bool = False, dim: bool = False) -> Gtk.Label:
    """A line of text at the left, strong or faint, named by its text and described by `about`."""
    made = Gtk.Label(label=text, xalign=0.0)
    if bold:
        attributes = Pango.AttrList()
        attributes.insert(Pango.attr_weight_new(Pango.Weight.BOLD))
        made.set_attributes(attributes)
    if dim:
        made.get_style_context().add_class("dim-label")
    made.get_accessible().set_description(about)
    return made


def wrapped(line: Gtk.Label) -> Gtk.Label:
    """Let a label take several lines instead of widening its window."""
    line.set_line_wrap(True)
    line.set_max_width_chars(48)
    return line


def text_box(text: str, name: str, lines: int) -> tuple[Gtk.Widget, Gtk.TextBuffer]:
    """A framed field for several lines of text, and its buffer; Tab leaves it."""
    view = Gtk.TextView(wrap_mode=Gtk.WrapMode.WORD_CHAR, accepts_tab=False)
    for side in ("left", "right", "top", "bottom"):
        getattr(view, f"set_{side}_margin")(6)
    view.get_buffer().set_text(text)
    named(view, name)
    scrolled = Gtk.ScrolledWindow(shadow_type=Gtk.ShadowType.IN)
    scrolled.set_policy(Gtk.PolicyType.NEVER, Gtk.PolicyType.AUTOMATIC)
    scrolled.set_min_content_height(22 * lines)
    scrolled.add(view)
    return scrolled, view.get_buffer()


def text_of(buffer: Gtk.TextBuffer) -> str:
    """What was typed, without blanks around it."""
    start, end = buffer.get_bounds()
    typed: str = buffer.get_text(start, end, False)
    return typed.strip()


def number(name: str, value: float, most: float, step: float, digits: int) -> Gtk.SpinButton:
    """A number from 0 to `most`."""
    adjustment = Gtk.Adjustment(
        value=value, lower=0.0, upper=most, step_increment=step, page_increment=10 * step
    )
    spin = Gtk.SpinButton(adjustment=adjustment, digits=digits, numeric=True)
    spin.set_activates_default(True)
    return named(spin, name)


def choice(name: str, options: list[tuple[str, str]], chosen: str) -> Gtk.ComboBoxText:
    """A drop-down list of (id, label); an id that is not offered falls back to the first."""
    combo = named(Gtk.ComboBoxText(), name)
    fill_choice(combo, options, chosen)
    return combo


def fill_choice(combo: Gtk.ComboBoxText, options: list[tuple[str, str]], chosen: str) -> None:
    """Put other options into a drop-down list."""
    combo.remove_all()
    for key, shown in options:
        combo.append(key, shown)
    if not combo.set_active_id(chosen):
        combo.set_active(0)


class Form:
    """Rows of a label and a widget; forms that share `labels` have columns of the same width."""

    def __init__(self, labels: Gtk.SizeGroup) -> None:
        self.grid = Gtk.Grid(column_spacing=12, row_spacing=8)
        self._labels = labels
        self._rows = 0

    def row(self, text: str, widget: Gtk.Widget, target: Gtk.Widget | None = None) -> None:
        """Add a row; the label's mnemonic leads to `target`, if that is not the widget itself."""
        if text:
            self.grid.attach(self._title(text, widget, target), 0, self._rows, 1, 1)
        widget.set_hexpand(True)
        self.grid.attach(widget, 1, self._rows, 1, 1)
        self._rows += 1

    def _title(self, text: str, widget: Gtk.Widget, target: Gtk.Widget | None) -> Gtk.Label:
        title = Gtk.Label.new_with_mnemonic(text)
        title.set_xalign(0.0)
        title.set_mnemonic_widget(target or widget)
        if isinstance(widget, Gtk.ScrolledWindow):
            title.set_valign(Gtk.Align.START)
            title.set_margin_top(6)
        self._labels.add_widget(title)
        return title


def beside(widget: Gtk.Widget, other: Gtk.Widget) -> Gtk.Box:
    """Two widgets in a line; the first takes the room that is left."""
    line = Gtk.Box(orientation=Gtk.Orientation.HORIZONTAL, spacing=8)
    line.pack_start(widget, True, True, 0)
    line.pack_start(other, False, False, 0)
    return line
