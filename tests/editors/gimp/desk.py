"""What a test has on GIMP's desk: one open document, seen from outside as numpy arrays."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from editors.gimp.session import Gimp
from editors.room import wait_for
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]

# A photograph with a layer above it that covers a part of the selection. It is opaque: a mix below
# ours would reach it unrounded, and the flattened picture before is rounded.
OPEN = """
from gi.repository import Gio
image = Gimp.file_load(Gimp.RunMode.NONINTERACTIVE, Gio.File.new_for_path({path!r}))
Gimp.Display.new(image)
patch = Gimp.Layer.new(
    image, "Patch", 80, 300, Gimp.ImageType.RGBA_IMAGE, 100, Gimp.LayerMode.NORMAL
)
image.insert_layer(patch, None, 0)
patch.set_offsets(350, 40)
Gimp.context_set_foreground(Gegl.Color.new("#305090"))
patch.edit_fill(Gimp.FillType.FOREGROUND)
photograph = image.get_layers()[-1]
photograph.set_name("Photograph")
image.set_selected_layers([photograph])
image.select_ellipse(Gimp.ChannelOps.REPLACE, 210, 90, 180, 150)
Gimp.Selection.feather(image, 24)
image.clean_all()
Gimp.displays_flush()
print(image.get_id())
"""

PEEK = """
import json
image = Gimp.Image.get_by_id({image})
def keep(drawable, name, format):
    whole = Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())
    pixels = drawable.get_buffer().get(whole, 1.0, format, Gegl.AbyssPolicy.NONE)
    open({folder!r} + "/" + name, "wb").write(pixels)
copy = image.duplicate()
keep(copy.flatten(), "flat", "R'G'B'A u8")
copy.delete()
keep(image.get_selection(), "selection", "Y u8")
layers = []
for number, layer in enumerate(image.get_layers()):
    keep(layer, "pixels%d" % number, "R'G'B'A u8")
    if layer.get_mask():
        keep(layer.get_mask(), "mask%d" % number, "Y u8")
    place = [*layer.get_offsets()[1:], layer.get_width(), layer.get_height()]
    layers.append([layer.get_name(), place, layer.get_mask() is not None])
print(json.dumps([image.get_width(), image.get_height(), layers]))
"""

CLOSE = """
if Gimp.Image.id_is_valid({image}):
    Gimp.Image.get_by_id({image}).clean_all()
for number in range(1, 50):
    if Gimp.Display.id_is_valid(number):
        Gimp.Display.get_by_id(number).delete()
"""


@dataclass(frozen=True)
class Sheet:
    """One layer: its name, where it lies, its RGBA pixels and its mask (0 to 255) or none."""

    name: str
    x: int
    y: int
    pixels: Bytes
    mask: Bytes | None


@dataclass(frozen=True)
class Picture:
    """A document at one moment: flattened RGBA, selection, and layers from the top."""

    flat: Bytes
    selection: Bytes
    layers: tuple[Sheet, ...]

    @property
    def names(self) -> list[str]:
        """The layers' names, the uppermost first."""
        return [layer.name for layer in self.layers]


class Document:
    """A photograph under a patch, with a feathered selection over both; the photograph is active.

    A context manager: the document is closed at the end.
    """

    def __init__(self, gimp: Gimp, photograph: Path) -> None:
        self.gimp = gimp
        self.image = int(gimp.python(OPEN.format(path=str(photograph))))

    @classmethod
    def known(cls, gimp: Gimp, image: int) -> Self:
        """A document that is open already, by its number."""
        known = cls.__new__(cls)
        known.gimp, known.image = gimp, image
        return known

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the document, as often as one likes."""
        self.gimp.python(CLOSE.format(image=self.image))

    def names(self) -> list[str]:
        """The layers' names, the uppermost first."""
        image = f"Gimp.Image.get_by_id({self.image})"
        code = f"import json; print(json.dumps([l.get_name() for l in {image}.get_layers()]))"
        return list(json.loads(self.gimp.python(code)))

    def wait_for_layers(self, count: int) -> None:
        """Until the document has so many layers."""
        wait_for(lambda: len(self.names()) == count, f"{count} layers", 120, 0.5)

    def look(self) -> Picture:
        """Everything that can be seen of the document now."""
        folder = self.gimp.room.folder / "peek"
        folder.mkdir(exist_ok=True)
        told = self.gimp.python(PEEK.format(image=self.image, folder=str(folder)))
        width, height, layers = json.loads(told)

        def read(name: str, shape: tuple[int, ...]) -> Bytes:
            return np.fromfile(folder / name, np.uint8).reshape(shape)

        sheets = []
        for number, (name, (x, y, wide, high), masked) in enumerate(layers):
            pixels = read(f"pixels{number}", (high, wide, 4))
            mask = read(f"mask{number}", (high, wide)) if masked else None
            sheets.append(Sheet(name, x, y, pixels, mask))
        flat = read("flat", (height, width, 4))
        return Picture(flat, read("selection", (height, width)), tuple(sheets))
