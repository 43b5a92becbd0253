"""A picture that does not exist yet: made when its first layer arrives."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from bottega_protocol.images import Layout
from bottega_protocol.regions import Rectangle, Size

from .editor import Canvas, Editor, EditorError, LayerPixels, Snapshot

T = TypeVar("T")


class OnUi(Protocol):
    """Runs something on the UI thread, waits for it, and hands over what came of it."""

    def __call__(self, work: Callable[[], T]) -> T:
        """Run it."""
        ...


class NewPicture:
    """An Editor. `make` is called on the UI thread with the name that the document has to bear.

    Where the artist has closed what was made, the next layer is placed in another one.
    """

    def __init__(
        self, size: Size, layout: Layout, on_ui: OnUi, make: Callable[[str], Editor]
    ) -> None:
        self._canvas = Canvas(secrets.token_hex(16), size, None, layout)
        self._on_ui = on_ui
        self._make = make
        self._made: Editor | None = None

    def canvas(self) -> Canvas:
        """The empty canvas that was ordered; what lies on it by now is not asked for."""
        return self._canvas

    def read(self, rectangle: Rectangle, layout: Layout, source: str) -> Snapshot:  # noqa: ARG002  # there is nothing to be read
        """Raises EditorError: there are no pixels yet."""
        raise EditorError("A new picture holds nothing yet.", "Generate it from a prompt.")

    def place(self, key: bytes, layers: Sequence[LayerPixels]) -> None:
        """Insert the layers, into the picture that was made for the first of them."""
        self._on_ui(self._ready).place(key, layers)

    def notes(self) -> str:
        """What the picture remembers, "" while there is none."""
        made = self._open()
        return "" if made is None else made.notes()

    def keep_notes(self, text: str) -> None:
        """Keep a text in the picture that was made."""
        made = self._open()
        if made is None:
            raise EditorError("The new picture was not made.")
        made.keep_notes(text)

    def on_ui(self, work: Callable[[], T]) -> T:
        """Run `work` on the UI thread, wait for it, hand over its value or its exception."""
        return self._on_ui(work)

    def _ready(self) -> Editor:
        """The picture that was made, or a new one; on the UI thread."""
        made = self._open() or self._make(self._canvas.document)
        self._made = made
        made.canvas()
        return made

    def _open(self) -> Editor | None:
        """What was made, unless it has been closed."""
        try:
            if self._made is not None:
                self._made.canvas()
        except EditorError:
            self._made = None
        return self._made
