"""Clicks in the real GIMP: a selection goes to a real server and comes back as a layer."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import skimage
from editors.conftest import RunningServer
from editors.gimp.desk import Bytes, Document, Picture
from editors.gimp.session import Gimp
from editors.room import wait_for

pytestmark = pytest.mark.editor
FILL = ("gimp", "menu item", "Fill Selection...")
PROMPT = "a red ball on the table"


@pytest.fixture
def document(gimp: Gimp, server: RunningServer) -> Iterator[Document]:
    """A document on GIMP's desk, and a server that the plug-in finds."""
    gimp.know_server(server.data)
    photograph = gimp.room.folder / "coffee.png"
    shutil.copy(Path(skimage.__file__).parent / "data" / "coffee.png", photograph)
    with Document(gimp, photograph) as opened:
        yield opened


def ask(gimp: Gimp, prompt: str, steps: int) -> None:
    """Fill in the dialog and press Fill, as an artist would."""
    gimp.act("click", *FILL)
    gimp.act("text", "bottega", "Prompt", prompt)
    gimp.act("click", "bottega", "toggle button", "More")
    gimp.act("value", "bottega", "Steps", steps)
    gimp.act("click", "bottega", "button", "Fill")


def mix(before: Bytes, picture: Picture) -> Bytes:
    """The plain mix of encoded values, as numpy makes it: what the flattened picture should be."""
    top, expected = picture.layers[0], before.astype(float)
    high, wide = top.pixels.shape[:2]
    part = (slice(top.y, top.y + high), slice(top.x, top.x + wide))
    assert top.mask is not None
    weight = top.mask[..., None] / 255
    expected[part] = expected[part] * (1 - weight) + top.pixels * weight
    return np.floor(expected + 0.5).astype(np.uint8)


def test_a_click_paints_a_masked_layer_that_one_undo_removes(
    gimp: Gimp, document: Document, artifacts: Path
):
    before = document.look()
    assert before.names == ["Patch", "Photograph"]
    gimp.act("click", *FILL)
    gimp.act("text", "bottega", "Prompt", PROMPT)
    gimp.act("click", "bottega", "toggle button", "More")
    gimp.act("value", "bottega", "Steps", 4)
    wait_for(lambda: "Connected" in server_line(gimp), "the offers")
    gimp.room.screenshot(artifacts / "gimp-dialog.png")
    gimp.act("click", "bottega", "button", "Fill")
    document.wait_for_layers(3)
    after = document.look()
    gimp.room.screenshot(artifacts / "gimp-result.png")

    top = after.layers[0]
    assert top.name == PROMPT
    assert after.names == [PROMPT, *before.names]
    assert np.array_equal(after.selection, before.selection)
    high, wide = top.pixels.shape[:2]
    part = (slice(top.y, top.y + high), slice(top.x, top.x + wide))
    assert np.array_equal(top.mask, before.selection[part])
    assert int(top.mask.sum()) == int(before.selection.sum())
    assert np.array_equal(after.flat, mix(before.flat, after))
    outside = before.selection == 0
    assert np.array_equal(after.flat[outside], before.flat[outside])
    painted = before.selection == 255
    assert np.abs(after.flat[painted].astype(int) - before.flat[painted]).mean() > 1

    gimp.act("click", "gimp", "menu item", "Undo Fill Selection")
    document.wait_for_layers(2)
    undone = document.look()
    assert undone.names == before.names
    assert np.array_equal(undone.flat, before.flat)
    gimp.act("click", "gimp", "menu item", "Redo Fill Selection")
    document.wait_for_layers(3)
    redone = document.look()
    assert redone.names == after.names
    assert np.array_equal(redone.layers[0].pixels, top.pixels)
    assert np.array_equal(redone.layers[0].mask, top.mask)
    assert np.array_equal(redone.flat, after.flat)


def server_line(gimp: Gimp) -> str:
    """What the dialog says of the server."""
    seen = gimp.widget("look", "bottega", "label", "Server")
    return seen["text"] if seen else ""
