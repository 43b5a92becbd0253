"""An image that is made for a result: 8 bit, sRGB, shown in a window of its own."""

from __future__ import annotations

from bottega_client.new_picture import NewPicture
from bottega_protocol.regions import Size

from .drawable import DOCUMENT, Drawing
from .gimp import Gimp
from .parasites import write_text
from .pixels import BYTES
from .ui_thread import UiThread


class NewImage(NewPicture):
    """An Editor whose image is made when the first layer is placed; `shown` in a window."""

    def __init__(self, size: Size, ui: UiThread, *, shown: bool = True) -> None:
        super().__init__(size, BYTES, ui.call, self._make_image)
        self._size = size
        self._ui = ui
        self._shown = shown
        self._drawing: Drawing | None = None

    @property
    def placed(self) -> Gimp.Layer | None:
        """The layer that was placed last."""
        return self._drawing.placed if self._drawing else None

    def _make_image(self, name: str) -> Drawing:
        image = Gimp.Image.new(self._size.width, self._size.height, Gimp.ImageBaseType.RGB)
        write_text(image, DOCUMENT, name)
        if self._shown:
            Gimp.Display.new(image)
        self._drawing = Drawing(image, None, self._ui)
        return self._drawing
