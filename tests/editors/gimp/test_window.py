"""The Bottega window in the real GIMP: it stays open, follows the image, lets the artist pick."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from editors.conftest import RunningServer
from editors.gimp.conftest import photograph
from editors.gimp.desk import Document
from editors.gimp.others import busy, states
from editors.gimp.session import Gimp
from editors.room import Room, wait_for

pytestmark = pytest.mark.editor
APP = "bottega"
OPEN = ("gimp", "menu item", "Bottega window")
ROLES = ("button", "toggle button", "check box", "combo box", "spin button", "slider", "text")
"""Widgets that do something: each must have a name for those who can't see it."""

AWAY = "Put away (the server keeps the result)"
IMAGE = "Gimp.Image.get_by_id({})"


@pytest.fixture(scope="module")
def gimp(make_room: Callable[[str, str], Room], server: RunningServer) -> Iterator[Gimp]:
    """A GIMP whose Bottega window is open, at work with a real server."""
    session = Gimp(make_room("BOTTEGA_GIMP", "gimp-window"))
    session.know_server(server.data)
    session.start()
    session.act("click", *OPEN)
    wait_for(lambda: label(session, "Connection").startswith("● Connected"), "the offers", 60)
    yield session
    session.room.close()


@pytest.fixture
def document(gimp: Gimp) -> Iterator[Document]:
    with Document(gimp, photograph(gimp)) as opened:
        wait_for(lambda: button_says(gimp, "Fill"), "the window to see the image")
        yield opened
    # The page in front has a card of its own, also where it shows nothing.
    while len(named(gimp, "button", AWAY)) > 1:
        gimp.widget("click", APP, "button", AWAY)
    gimp.act("turn", APP, "Paint")


def label(gimp: Gimp, about: str) -> str:
    seen = gimp.widget("look", APP, "label", about)
    return seen["text"] if seen else ""


def button_says(gimp: Gimp, text: str) -> bool:
    seen = gimp.widget("look", APP, "button", text)
    return bool(seen and "SHOWING" in seen["states"])


def wish(gimp: Gimp, prompt: str, count: int = 1, steps: int = 2) -> None:
    """Fill in the fields; the details are unfolded for good."""
    details = gimp.widget("look", APP, "toggle button", "Details")
    if details and "CHECKED" not in details["states"]:
        gimp.act("click", APP, "toggle button", "Details")
    gimp.act("text", APP, "Prompt", prompt)
    gimp.act("value", APP, "Variations", count)
    gimp.act("value", APP, "Steps", steps)
    gimp.act("value", APP, "Strength", 100)


def named(gimp: Gimp, role: str, words: str) -> list[str]:
    """The names of that role that hold these words."""
    return [name for name in gimp.widget("names", APP, role) or [] if words in name]


def shoot(gimp: Gimp, path: Path) -> None:
    """A picture of the screen, the window in front: no window manager keeps it there."""
    found = gimp.room.run("xdotool", "search", "--name", "^Bottega$").stdout.split()
    for window in found:
        gimp.room.run("xdotool", "windowraise", window)
    gimp.room.screenshot(path)


def test_a_single_variation_is_placed_when_it_arrives_and_is_kept_in_the_history(
    gimp: Gimp, document: Document, artifacts: Path
):
    before = document.look()
    wish(gimp, "a green cone")
    gimp.act("click", APP, "button", "Fill")
    document.wait_for_layers(3)
    after = document.look()
    assert after.names == ["a green cone", *before.names]
    outside = before.selection == 0
    assert np.array_equal(after.flat[outside], before.flat[outside])
    assert not np.array_equal(after.flat, before.flat)
    gimp.act("click", "gimp", "menu item", "Undo Bottega")
    document.wait_for_layers(2)
    assert np.array_equal(document.look().flat, before.flat)

    gimp.act("turn", APP, "History")
    (line,) = wait_for(lambda: named(gimp, "list item", "a green cone"), "the history")
    assert gimp.widget("look", APP, "spin button", "Feather")["value"] == -1  # by size, still
    seed = re.search(r"seed (\d+)", line)
    assert seed
    shoot(gimp, artifacts / "gimp-window-history.png")
    gimp.act("turn", APP, "Paint")
    gimp.act("text", APP, "Prompt", "something else")
    gimp.act("turn", APP, "History")
    gimp.act("select", APP, "History of the picture", 0)
    gimp.act("click", APP, "button", "Use settings")
    wait_for(
        lambda: gimp.widget("look", APP, "text", "Prompt")["text"] == "a green cone", "the wish"
    )
    assert gimp.widget("look", APP, "spin button", "Seed")["value"] == float(seed.group(1))
    gimp.act("click", APP, "toggle button", "Keep this seed")


def test_of_several_variations_the_artist_picks_and_the_rest_is_kept(
    gimp: Gimp, document: Document, artifacts: Path
):
    wish(gimp, "a red ball", count=3)
    gimp.act("click", APP, "button", "Fill")
    wait_for(lambda: label(gimp, "State").startswith("Ready"), "the variations", 120)
    assert document.names() == ["Patch", "Photograph"]
    tiles = sorted(set(named(gimp, "button", "Variation ")))
    seeds = [int(re.search(r"seed (\d+)", tile).group(1)) for tile in tiles]  # type: ignore[union-attr]
    assert [(seed - seeds[0]) % 2**32 for seed in seeds] == [0, 1, 2]
    shoot(gimp, artifacts / "gimp-window-variations.png")
    gimp.act("click", APP, "button", next(name for name in tiles if "Variation 3" in name))
    wait_for(lambda: label(gimp, "Which variation").startswith("3 of 3"), "the large picture")
    gimp.room.screenshot(artifacts / "gimp-window-zoom.png")
    gimp.act("click", APP, "button", "Previous variation")
    gimp.act("click", APP, "button", "Place this variation")
    document.wait_for_layers(3)
    gimp.act("click", APP, "check box", "Pick variation 1")
    gimp.act("click", APP, "check box", "Pick variation 3")
    gimp.act("click", APP, "button", "Place 2 layers")
    document.wait_for_layers(5)
    layers = document.look().layers[:3]
    pixels = {layer.pixels.tobytes() for layer in layers}
    assert len(pixels) == 3
    assert [layer.name for layer in layers] == ["a red ball #2", "a red ball #1", "a red ball"]
    for left in (4, 3, 2):
        gimp.act("click", "gimp", "menu item", "Undo Bottega")
        document.wait_for_layers(left)
    # What an undo took away can be placed again.
    gimp.act("click", APP, "check box", "Pick variation 1")
    gimp.act("click", APP, "button", "Place")
    document.wait_for_layers(3)
    assert document.look().layers[0].pixels.tobytes() in pixels


def test_the_button_follows_the_selection_the_strength_and_the_intent(
    gimp: Gimp, document: Document, artifacts: Path
):
    gimp.act("click", APP, "radio menu item", "Remove content")
    wait_for(lambda: button_says(gimp, "Remove content"), "the intent")
    gimp.act("click", APP, "radio menu item", "Fill")
    gimp.act("value", APP, "Strength", 60)
    wait_for(lambda: button_says(gimp, "Refine"), "refine")
    gimp.python(f"Gimp.Selection.none({IMAGE.format(document.image)})")
    gimp.act("value", APP, "Strength", 100)
    wait_for(lambda: button_says(gimp, "Generate"), "generate")
    wait_for(lambda: label(gimp, "Plan").startswith("600 by 400"), "the plan")
    shoot(gimp, artifacts / "gimp-window-generate.png")
    wish(gimp, "a blue house")
    gimp.act("click", APP, "button", "Generate")
    document.wait_for_layers(3)
    top = document.look().layers[0]
    assert (top.mask, top.pixels.shape) == (None, (400, 600, 4))


def test_several_jobs_wait_in_the_queue_and_each_can_be_stopped(
    gimp: Gimp, document: Document, server: RunningServer, artifacts: Path
):
    with busy(server):
        for prompt in ("the first", "the second"):
            wish(gimp, prompt)
            gimp.act("click", APP, "button", "Fill")
            wait_for(lambda prompt=prompt: taken(server, prompt), "the server to take it")  # type: ignore[misc]  # mypy can't infer a lambda with a default
        wait_for(lambda: " ahead" in label(gimp, "State"), "its place in the queue")
        assert named(gimp, "page tab", "Queue 2")
        gimp.act("turn", APP, "Queue")
        shoot(gimp, artifacts / "gimp-window-queue.png")
        gimp.act("click", APP, "button", "Stop")
    wait_for(lambda: ("the second", "cancelled") in states(server), "the second's end")
    document.wait_for_layers(3)
    assert document.names()[0] == "the first"


def kept(gimp: Gimp) -> list[str]:
    """The lines of the page of recent results; those of the history have a seed."""
    return [line for line in named(gimp, "list item", "Fill, ") if "seed" not in line]


def test_recent_results_are_found_by_words_and_brought_into_another_image(
    gimp: Gimp, document: Document, artifacts: Path
):
    wish(gimp, "a very particular teapot")
    gimp.act("click", APP, "button", "Fill")
    document.wait_for_layers(3)
    gimp.act("click", APP, "button", AWAY)
    with Document(gimp, photograph(gimp)) as other:
        choose(gimp, other)
        gimp.act("turn", APP, "Recent")
        gimp.act("text", APP, "Search the recent results", "particular teapot")
        wait_for(lambda: len(kept(gimp)) == 1, "the one found")
        shoot(gimp, artifacts / "gimp-window-recent.png")
        gimp.act("select", APP, "Recent results", 0)
        gimp.act("click", APP, "button", "Bring here")
        gimp.act("turn", APP, "Paint")
        wait_for(lambda: label(gimp, "State").startswith("Ready"), "what was brought")
        gimp.act("click", APP, "check box", "Pick variation 1")
        gimp.act("click", APP, "button", "Place")
        other.wait_for_layers(3)
        first, second = document.look(), other.look()
        assert np.array_equal(first.flat, second.flat)
        gimp.act("text", APP, "Search the recent results", "")


def test_two_images_are_told_apart_and_each_gets_its_own(gimp: Gimp, document: Document):
    with Document(gimp, photograph(gimp)) as other:
        choose(gimp, other)
        wish(gimp, "for the other")
        gimp.act("click", APP, "button", "Fill")
        choose(gimp, document)
        wish(gimp, "for the first")
        gimp.act("click", APP, "button", "Fill")
        document.wait_for_layers(3)
        other.wait_for_layers(3)
        assert (document.names()[0], other.names()[0]) == ("for the first", "for the other")


def test_an_image_closed_while_waiting_is_said_and_the_result_is_kept(
    gimp: Gimp, document: Document, server: RunningServer
):
    with busy(server):
        wish(gimp, "nobody waits")
        gimp.act("click", APP, "button", "Fill")
        wait_for(lambda: taken(server, "nobody waits"), "the server to take it")
        document.close()
        wait_for(lambda: gimp.widget("look", APP, "button", "Generate"), "no image")
    wait_for(lambda: label(gimp, "State") == "Not placed", "the end", 60)
    assert "closed" in label(gimp, "Remedy")
    assert "Recent" in label(gimp, "Remedy")
    assert ("nobody waits", "finished") in states(server)


def test_without_an_image_the_window_says_so(gimp: Gimp):
    wait_for(lambda: button_says(gimp, "Generate"), "no image")
    gimp.act("click", APP, "button", "Generate")
    wait_for(lambda: label(gimp, "Message") == "No image is open.", "the message")
    gimp.act("click", APP, "button", "Close the message")


def test_without_an_image_a_new_one_is_made_for_what_is_generated(gimp: Gimp, artifacts: Path):
    images = "print([image.get_id() for image in Gimp.get_images()])"
    assert gimp.python(images).strip() == "[]"
    gimp.act("choose", APP, "Into", "A new picture")
    gimp.act("value", APP, "Width of the new picture", 320)
    gimp.act("value", APP, "Height of the new picture", 192)
    wish(gimp, "a boat of its own")
    wait_for(lambda: label(gimp, "Plan").startswith("320 by 192"), "the plan")
    gimp.act("click", APP, "button", "Generate")
    wait_for(lambda: gimp.python(images).strip() != "[]", "the image", 60)
    wait_for(lambda: label(gimp, "State").startswith("Seed"), "its layer")
    (number,) = json.loads(gimp.python(images))
    with Document.known(gimp, number) as made:
        made.wait_for_layers(1)
        shoot(gimp, artifacts / "gimp-window-new.png")
        (layer,) = made.look().layers
        assert (layer.name, layer.mask) == ("a boat of its own", None)
        assert layer.pixels.shape == (192, 320, 4)
        gimp.act("choose", APP, "Into", "This picture")
    gimp.act("click", APP, "button", AWAY)


def test_diagnostics_hold_the_address_and_no_token(gimp: Gimp, server: RunningServer):
    gimp.act("click", APP, "menu item", "Copy diagnostics")
    wait_for(lambda: label(gimp, "Message").startswith("Copied"), "the word")
    copied = gimp.room.run("python3", "-c", READ_CLIPBOARD).stdout
    token = re.search(r'"token": ?"([^"]+)"', (server.data / "server.json").read_text())
    assert token
    assert server.url in copied
    assert token.group(1) not in copied
    gimp.act("click", APP, "button", "Close the message")


READ_CLIPBOARD = """
import gi
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk
print(Gtk.Clipboard.get(Gdk.SELECTION_CLIPBOARD).wait_for_text())
"""


@pytest.mark.usefixtures("document")
def test_everything_that_does_something_has_a_name(gimp: Gimp):
    widgets = gimp.widget("tree", APP)
    acting = [(role, name) for role, name, _ in widgets if role in ROLES]
    assert len(acting) > 25
    assert [entry for entry in acting if not entry[1]] == []


def test_the_keyboard_alone_is_enough_to_paint(gimp: Gimp, document: Document):
    wish(gimp, "typed")
    (window,) = gimp.room.run("xdotool", "search", "--name", "^Bottega$").stdout.split()
    gimp.room.run("xdotool", "windowfocus", "--sync", window)
    gimp.act("focus", APP, "text", "Prompt")
    gimp.room.run("xdotool", "key", "--delay", "60", "Tab", "Tab")
    wait_for(lambda: gimp.widget("focused", APP) == "Strength slider", "the slider's turn")
    gimp.room.run("xdotool", "key", "--delay", "60", "Tab", "Tab")
    wait_for(lambda: gimp.widget("focused", APP) == "Fill", "the button's turn")
    gimp.room.run("xdotool", "key", "space")
    document.wait_for_layers(3)
    gimp.act("focus", APP, "text", "Prompt")
    gimp.room.run("xdotool", "key", "ctrl+Return")
    document.wait_for_layers(4)


def taken(server: RunningServer, prompt: str) -> bool:
    """Whether the server has a job of this prompt, waiting or running."""
    return any(job == prompt and state in ("queued", "running") for job, state in states(server))


def choose(gimp: Gimp, document: Document) -> None:
    """Have the window work on this image."""

    def chosen() -> bool:
        numbered = named(gimp, "menu item", f"({document.image})")
        return bool(numbered) and bool(gimp.widget("choose", APP, "Image", numbered[0]))

    wait_for(chosen, "the image's line")


def test_a_server_killed_while_it_paints_delivers_once_after_it_is_started_again(
    gimp: Gimp, document: Document, start_server: Callable[[Path | None], RunningServer]
):
    first = start_server(None)
    gimp.know_server(first.data)
    wait_for(lambda: first.url[5:] in label(gimp, "Connection"), "the other server", 60)
    wish(gimp, "a survivor", steps=60)
    gimp.act("click", APP, "button", "Fill")
    wait_for(lambda: label(gimp, "State") == "Painting", "the first step", 60)
    first.process.kill()
    first.process.wait()
    second = start_server(first.data)
    gimp.know_server(second.data)
    document.wait_for_layers(3)
    wait_for(lambda: ("a survivor", "finished") in states(second), "the end")
    assert document.names() == ["a survivor", "Patch", "Photograph"]
