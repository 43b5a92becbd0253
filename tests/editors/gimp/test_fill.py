"""Clicks in the real GIMP: a selection goes to a real server and comes back as a layer."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from editors.conftest import RunningServer
from editors.gimp.desk import Bytes, Document, Picture
from editors.gimp.others import busy, standing_still, states
from editors.gimp.session import Gimp
from editors.room import wait_for

pytestmark = pytest.mark.editor
FILL = ("gimp", "menu item", "Fill selection…")
PROMPT = "a red ball on the table"


def open_dialog(gimp: Gimp, prompt: str, steps: int, item: str = "Fill selection…") -> None:
    """Click on the menu item and fill in the dialog."""
    gimp.act("click", "gimp", "menu item", item)
    gimp.act("text", "bottega", "Prompt", prompt)
    gimp.act("click", "bottega", "toggle button", "Details")
    gimp.act("value", "bottega", "Steps", steps)


def shown(gimp: Gimp, label: str) -> str:
    """What a label of the plug-in's windows says; nothing where there is none."""
    seen = gimp.widget("look", "bottega", "label", label)
    return seen["text"] if seen else ""


def plugin_is_gone(gimp: Gimp) -> bool:
    """Whether the plug-in's process has taken its windows away."""
    return not any("bottega" in name for name in gimp.widget("applications") or ["bottega"])


def message(gimp: Gimp, words: str) -> str:
    """GIMP's message box that holds these words; it is closed."""

    def boxes() -> list[str]:
        labels = gimp.widget("names", "gimp", "label") or []
        return [text for text in labels if words in text]

    said = wait_for(boxes, "GIMP's message", 60)[0]
    gimp.act("click", "gimp", "button", "OK")
    return said


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
    open_dialog(gimp, PROMPT, 3)
    wait_for(lambda: "Connected" in shown(gimp, "Connection"), "the offers")
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

    gimp.act("click", "gimp", "menu item", "Undo Fill selection")
    document.wait_for_layers(2)
    undone = document.look()
    assert undone.names == before.names
    assert np.array_equal(undone.flat, before.flat)
    gimp.act("click", "gimp", "menu item", "Redo Fill selection")
    document.wait_for_layers(3)
    redone = document.look()
    assert redone.names == after.names
    assert np.array_equal(redone.layers[0].pixels, top.pixels)
    assert np.array_equal(redone.layers[0].mask, top.mask)
    assert np.array_equal(redone.flat, after.flat)


def test_stop_cancels_the_job_and_leaves_the_image_alone(
    gimp: Gimp, document: Document, server: RunningServer, artifacts: Path
):
    before = document.look()
    open_dialog(gimp, "a tower that takes long", 150)
    gimp.act("click", "bottega", "button", "Fill")
    wait_for(lambda: shown(gimp, "Stage") == "Painting", "the first step", 60)
    with standing_still(server):
        gimp.room.screenshot(artifacts / "gimp-painting.png")
        gimp.act("click", "bottega", "button", "Stop")
    wait_for(lambda: plugin_is_gone(gimp), "the plug-in's end")
    assert states(server)[0] == ("a tower that takes long", "cancelled")
    after = document.look()
    assert after.names == before.names
    assert np.array_equal(after.flat, before.flat)

    gimp.act("click", *FILL)
    wait_for(lambda: gimp.widget("look", "bottega", "text", "Prompt"), "the dialog")
    typed = gimp.widget("look", "bottega", "text", "Prompt")
    assert typed["text"] == "a tower that takes long"
    gimp.act("click", "bottega", "button", "Cancel")
    wait_for(lambda: plugin_is_gone(gimp), "the plug-in's end")


def test_repeat_paints_the_last_wish_again_without_asking(gimp: Gimp, document: Document):
    open_dialog(gimp, "a blue cube", 2)
    gimp.act("click", "bottega", "button", "Fill")
    document.wait_for_layers(3)
    gimp.act("click", "gimp", "menu item", 'Repeat "Fill selection"')
    document.wait_for_layers(4)
    # GIMP itself numbers a name that is there already.
    assert document.names()[:2] == ["a blue cube #1", "a blue cube"]


def test_generate_without_an_image_makes_one_of_the_size_that_is_asked_for(
    gimp: Gimp, server: RunningServer, artifacts: Path
):
    gimp.know_server(server.data)
    images = "print([image.get_id() for image in Gimp.get_images()])"
    assert gimp.python(images).strip() == "[]"
    open_dialog(gimp, "a boat of its own", 2, "Generate…")
    gimp.act("value", "bottega", "Width of the new picture", 320)
    gimp.act("value", "bottega", "Height of the new picture", 192)
    gimp.room.screenshot(artifacts / "gimp-dialog-new.png")
    gimp.act("click", "bottega", "button", "Generate")
    wait_for(lambda: gimp.python(images).strip() != "[]", "the image", 60)
    (number,) = json.loads(gimp.python(images))
    with Document.known(gimp, number) as made:
        made.wait_for_layers(1)
        (layer,) = made.look().layers
        assert (layer.name, layer.mask) == ("a boat of its own", None)
        assert layer.pixels.shape == (192, 320, 4)
    wait_for(lambda: plugin_is_gone(gimp), "the plug-in's end")


def test_an_image_closed_while_waiting_leaves_the_result_with_the_server(
    gimp: Gimp, document: Document, server: RunningServer
):
    with busy(server):
        open_dialog(gimp, "a house nobody waits for", 4)
        gimp.act("click", "bottega", "button", "Fill")
        wait_for(lambda: " ahead" in shown(gimp, "Stage"), "the place in the queue")
        document.close()
    assert "closed" in message(gimp, "Execution error")
    assert states(server)[0] == ("a house nobody waits for", "finished")


def test_without_a_server_the_dialog_opens_and_says_what_to_type(
    gimp: Gimp, document: Document, artifacts: Path
):
    gimp.forget_server()
    open_dialog(gimp, "a boat", 4)
    wait_for(lambda: "bottega serve" in shown(gimp, "Connection"), "the dialog's warning")
    gimp.room.screenshot(artifacts / "gimp-no-server.png")
    gimp.act("click", "bottega", "button", "Fill")

    assert "bottega serve" in message(gimp, "Execution error")
    assert document.names() == ["Patch", "Photograph"]


def test_without_a_selection_it_says_so_at_once(gimp: Gimp, document: Document):
    gimp.python(f"Gimp.Selection.none(Gimp.Image.get_by_id({document.image}))")
    gimp.act("click", *FILL)
    assert "Nothing is selected" in message(gimp, "Execution error")


def test_a_job_in_the_queue_shows_how_many_are_ahead(
    gimp: Gimp, document: Document, server: RunningServer, artifacts: Path
):
    with busy(server):
        open_dialog(gimp, "a cube", 2)
        gimp.act("click", "bottega", "button", "Fill")
        wait_for(lambda: " ahead" in shown(gimp, "Stage"), "the place in the queue")
        gimp.room.screenshot(artifacts / "gimp-queue.png")
    document.wait_for_layers(3)
