"""The procedure bottega-fill from a batch script: no window, 8 and 16 bit, a real server."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import skimage
from editors.conftest import RunningServer
from editors.gimp.session import Gimp

pytestmark = pytest.mark.editor

SCRIPT = """
import json
from gi.repository import Gio
QUIET = Gimp.RunMode.NONINTERACTIVE
precision, depth = getattr(Gimp.Precision, {precision!r}), {depth!r}
image = Gimp.file_load(QUIET, Gio.File.new_for_path({photograph!r}))
if image.get_precision() != precision:
    image.convert_precision(precision)
layer = image.get_layers()[0]
image.select_ellipse(Gimp.ChannelOps.REPLACE, 200, 100, 96, 80)
Gimp.Selection.feather(image, 12)

def keep(drawable, name, format):
    whole = Gegl.Rectangle.new(0, 0, drawable.get_width(), drawable.get_height())
    pixels = drawable.get_buffer().get(whole, 1.0, format, Gegl.AbyssPolicy.NONE)
    open({folder!r} + "/" + name, "wb").write(pixels)

def call(name, **wished):
    procedure = Gimp.get_pdb().lookup_procedure(name)
    config = procedure.create_config()
    config.set_property("run-mode", QUIET)
    config.set_property("image", image)
    config.set_core_object_array("drawables", [layer])
    for name, value in wished.items():
        config.set_property(name, value)
    return procedure.run(config)

colour = "R'G'B'A " + depth
keep(layer, "before", colour)
keep(image.get_selection(), "selection", "Y u8")
"""

PAINT = """
seed = float(2**32 - 1)
answer = call("bottega-fill", prompt="a green cone", steps=2, seed=seed, source="active")
assert answer.index(0) == Gimp.PDBStatusType.SUCCESS, answer.index(1)
painted = answer.index(1)
assert image.get_layers() == [painted, layer], image.get_layers()
keep(painted, "pixels", colour)
keep(painted.get_mask(), "mask", "Y u8")
keep(image.duplicate().flatten(), "after", colour)
place = [*painted.get_offsets()[1:], painted.get_width(), painted.get_height()]
told = [image.get_width(), image.get_height(), painted.get_name(), place]
open({folder!r} + "/told", "w").write(json.dumps(told))
"""


def prepared(console: Gimp, server: RunningServer | None) -> tuple[Path, Path]:
    """The photograph and a folder for what GIMP writes."""
    folder = console.room.folder / "written"
    folder.mkdir(exist_ok=True)
    photograph = console.room.folder / "coffee.png"
    shutil.copy(Path(skimage.__file__).parent / "data" / "coffee.png", photograph)
    if server is not None:
        console.know_server(server.data)
    return photograph, folder


@pytest.mark.parametrize(
    ("precision", "depth", "kind"),
    [("U8_NON_LINEAR", "u8", np.uint8), ("U16_NON_LINEAR", "u16", np.uint16)],
)
def test_a_script_gets_a_masked_layer_at_the_images_depth(
    console: Gimp, server: RunningServer, precision: str, depth: str, kind: type
):
    photograph, folder = prepared(console, server)
    facts = {"photograph": str(photograph), "folder": str(folder)}
    code = (SCRIPT + PAINT).format(precision=precision, depth=depth, **facts)
    done = console.batch(code)
    assert done.returncode == 0, done.stderr
    width, height, name, (x, y, wide, high) = json.loads((folder / "told").read_text())

    def read(name: str, *shape: int) -> np.ndarray:
        return np.fromfile(folder / name, kind if shape[2:] else np.uint8).reshape(shape)

    before, after = read("before", height, width, 4), read("after", height, width, 4)
    selection, mask = read("selection", height, width), read("mask", high, wide)
    pixels = read("pixels", high, wide, 4)
    part = (slice(y, y + high), slice(x, x + wide))
    assert name == "a green cone"
    assert np.array_equal(mask, selection[part])
    assert np.array_equal(after[selection == 0], before[selection == 0])
    weight = mask[..., None] / 255
    mixed = np.floor(before[part] * (1 - weight) + pixels * weight + 0.5)
    apart = np.abs(mixed - after[part]).max()
    assert apart <= (0 if depth == "u8" else 1), apart
    assert np.abs(after[part] - mixed.astype(float)).max() < np.abs(before[part] - mixed).max()


def test_a_script_is_told_what_went_wrong_and_what_to_do(console: Gimp):
    photograph, folder = prepared(console, None)
    console.forget_server()
    code = (
        SCRIPT
        + """
answer = call("bottega-fill", prompt="a boat")
assert answer.index(0) == Gimp.PDBStatusType.EXECUTION_ERROR, answer.index(0)
open({folder!r} + "/told", "w").write(answer.index(1))
assert image.get_layers() == [layer]
"""
    )
    facts = {"photograph": str(photograph), "folder": str(folder)}
    done = console.batch(code.format(precision="U8_NON_LINEAR", depth="u8", **facts))
    assert done.returncode == 0, done.stderr
    told = (folder / "told").read_text()
    assert "No Bottega server" in told
    assert "bottega serve" in told


OTHERS = """
keep(image.duplicate().flatten(), "flat", colour)
refined = call("bottega-refine", prompt="a red cube", steps=4, strength=0.5, count=2, feather=0)
assert refined.index(0) == Gimp.PDBStatusType.SUCCESS, refined.index(1)
assert len(image.get_layers()) == 3, image.get_layers()
assert refined.index(1).get_mask() is not None
keep(refined.index(1), "refined", colour)
Gimp.Selection.none(image)
answer = call("bottega-generate", prompt="a red ball", steps=2, quality="draft")
assert answer.index(0) == Gimp.PDBStatusType.SUCCESS, answer.index(1)
made = answer.index(1)
assert image.get_layers()[0] == made
assert made.get_mask() is None
assert (made.get_width(), made.get_height()) == (image.get_width(), image.get_height())
whole = call("bottega-refine", prompt="a red ball", steps=2)
assert whole.index(0) == Gimp.PDBStatusType.SUCCESS, whole.index(1)
assert whole.index(1).get_mask() is None
nothing = call("bottega-fill", prompt="a red ball")
assert nothing.index(0) == Gimp.PDBStatusType.EXECUTION_ERROR
open({folder!r} + "/told", "w").write(nothing.index(1))
"""


def test_a_script_refines_and_generates_with_and_without_a_selection(
    console: Gimp, server: RunningServer
):
    photograph, folder = prepared(console, server)
    facts = {"photograph": str(photograph), "folder": str(folder)}
    code = (SCRIPT + OTHERS).format(precision="U8_NON_LINEAR", depth="u8", **facts)
    done = console.batch(code)
    assert done.returncode == 0, done.stderr
    assert "Nothing is selected" in (folder / "told").read_text()


NEW = """
answer = call("bottega-generate", prompt="a boat", steps=2, width=320, height=192)
assert answer.index(0) == Gimp.PDBStatusType.SUCCESS, answer.index(1)
painted = answer.index(1)
made = painted.get_image()
assert made.get_id() != image.get_id()
assert (made.get_width(), made.get_height()) == (320, 192)
assert made.get_layers() == [painted] and painted.get_mask() is None
assert image.get_layers() == [layer]
"""


def test_a_script_gets_a_new_image_of_the_size_it_asks_for(console: Gimp, server: RunningServer):
    photograph, folder = prepared(console, server)
    script = (SCRIPT + NEW).format(
        precision="U8_NON_LINEAR", depth="u8", photograph=str(photograph), folder=str(folder)
    )
    ran = console.batch(script)
    assert ran.returncode == 0, ran.stderr
