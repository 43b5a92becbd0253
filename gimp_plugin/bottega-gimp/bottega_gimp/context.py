"""What the window follows of GIMP's images, cheap enough to be looked at all the time."""

from __future__ import annotations

from bottega_client.editor import EditorError
from bottega_client.sight import Sight

from .gimp import Gimp

MOST_NAME = 60


def open_images() -> list[tuple[int, str]]:
    """Number and name of every image that is open, the newest first; no two names are equal."""
    named = [(image.get_id(), _name(image)) for image in Gimp.get_images()]
    names = [name for _, name in named]
    return [
        (number, f"{name} ({number})" if names.count(name) > 1 else name) for number, name in named
    ]


def image_of(number: int | None) -> Gimp.Image | None:
    """The image of a number, if it is still open."""
    if number is None or not Gimp.Image.id_is_valid(number):
        return None
    return Gimp.Image.get_by_id(number)


def look(number: int | None) -> Sight:
    """The context of an image; an empty one without any."""
    image = image_of(number)
    if image is None:
        return Sight()
    size = (image.get_width(), image.get_height())
    _, selected, *corners = Gimp.Selection.bounds(image)
    return Sight(str(number), size, tuple(corners) if selected else None)


def active_layer(image: Gimp.Image, *, needed: bool) -> Gimp.Layer | None:
    """The one layer that is selected; raises EditorError where it is needed and not one."""
    selected = image.get_selected_layers()
    if len(selected) == 1:
        return selected[0]
    if needed:
        raise EditorError("Bottega works on one layer.", "Pick a single layer and try again.")
    return selected[0] if selected else None


def _name(image: Gimp.Image) -> str:
    """As its file is called; an imported one has no name of its own yet."""
    file = image.get_imported_file() if image.get_file() is None else image.get_file()
    name: str = image.get_name() if file is None else file.get_basename()
    return name[:MOST_NAME]
