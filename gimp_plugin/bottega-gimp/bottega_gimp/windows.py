"""The two windows of a call, one after the other: what is wished, and how it goes."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from bottega_client.choose import NEW_SIDE
from bottega_client.reports import Report, Stopped
from bottega_client.wishes import Wish

from . import kept
from .dialog import WishDialog
from .gimp import Gimp
from .gtk import GimpUi
from .progress import ProgressWindow
from .ui_thread import UiThread

Paint = Callable[[Callable[[Report], None], threading.Event], None]


def ask_for_wish(capability: str, *, ask: bool, here: bool = True) -> Wish:
    """The artist's wish, by our dialog or, to repeat, the last one; raises Stopped on Cancel.

    `here` says whether there is an image that it may be for.
    """
    GimpUi.init("bottega-gimp")
    folder = Path(Gimp.directory())
    wish = kept.load_wish(folder, capability)
    if wish.new_size is None and not here:
        wish = replace(wish, width=NEW_SIDE, height=NEW_SIDE)
    if ask:
        answer = WishDialog(capability, wish, UiThread()).ask()
        if answer is None:
            raise Stopped("Stopped.")
        wish = answer
        kept.save_wish(folder, capability, wish)
    return wish


def paint_in_window(capability: str, wish: Wish, paint: Paint) -> None:
    """Run `paint` under a window that shows its reports and has a button to stop it."""
    stop = threading.Event()
    window = ProgressWindow(capability, wish.prompt, stop)
    ui = UiThread()
    try:
        paint(lambda report: ui.post(lambda: window.show(report)), stop)
    finally:
        window.close()
