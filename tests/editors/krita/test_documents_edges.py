"""Odd selections, odd layers and other work meanwhile, in the real Krita."""

from __future__ import annotations

import numpy as np
import pytest
from editors.krita.pictures import DEPTHS, ellipse, noise, over

pytestmark = pytest.mark.editor

WIDTH, HEIGHT = 160, 120
BOX = np.s_[16:104, 24:128]
BOX_SHAPE = (88, 104)
INSIDE = np.s_[30:70, 40:100]


@pytest.fixture(scope="module")
def played(play):
    """Krita, once, through everything that these tests look at."""
    random = np.random.default_rng(5)
    ramp = np.tile(np.linspace(0, 1, WIDTH), (HEIGHT, 1))
    files = {"mask": ellipse(40, 60).tobytes()}
    for depth in DEPTHS:
        files |= {
            f"photo-{depth}": noise(random, depth, np.ones((HEIGHT, WIDTH))),
            f"middle-{depth}": noise(random, depth, ramp),
            f"darker-{depth}": noise(random, depth, ramp[:, ::-1]),
            f"result-{depth}": noise(random, depth, np.ones(BOX_SHAPE)),
        }
        for name in ("inside", "inside too"):
            files[f"{name}-{depth}"] = noise(random, depth, np.full((40, 60), 0.7))
    return play("edges", files)


@pytest.fixture(scope="module")
def mask():
    """The selection over the whole canvas."""
    mask = np.zeros((HEIGHT, WIDTH), "u1")
    mask[INSIDE] = ellipse(40, 60)
    return mask


def test_one_pixel_is_enough_to_paint_and_so_is_the_faintest_selection(played):
    assert played.notes["one pixel: box"] == [77, 55, 1, 1]
    one = played.pixels("one pixel: mask", BOX_SHAPE)
    assert np.argwhere(one).tolist() == [[55 - 16, 77 - 24]]
    assert played.notes["faintest: box"] == [40, 30, 60, 40]
    assert set(np.unique(played.pixels("faintest: mask", BOX_SHAPE))) == {0, 1}


def test_a_selection_may_have_a_hole_and_may_be_larger_than_the_picture(played):
    assert played.notes["all but a hole"] == [0, 0, WIDTH, HEIGHT]
    box, area = played.notes["huge"]
    assert box == [0, 0, 8300, 8300]
    assert area > 64 * 2**20


@pytest.mark.parametrize("depth", DEPTHS)
def test_under_many_layers_a_group_and_opacities_the_composite_is_exact(played, mask, depth):
    kind = DEPTHS[depth][0]
    before, after, undone = (
        played.pixels(f"{name}-{depth}", (HEIGHT, WIDTH, 4), kind)
        for name in ("before", "after", "undone")
    )
    assert np.array_equal(played.pixels(f"seen-{depth}", (*BOX_SHAPE, 4), kind), before[BOX])
    layer = np.zeros_like(before)
    layer[BOX] = played.pixels(f"result-{depth}", (*BOX_SHAPE, 4), kind)
    off = np.abs(after.astype("i8") - over(before, layer, mask).astype("i8"))
    soft = (mask > 0) & (mask < 255)
    assert not off[~soft].any()
    assert off.max() <= {"U8": 0, "U16": 1}[depth]
    assert (after != before).any(axis=-1).sum() > 1000
    assert np.array_equal(undone, before)
    assert played.notes[f"many {depth}: steps"] == 1


BLUE = [255, 0, 0, 255]
ODD = {
    "paint layer": ["odd", "active", "visible"],
    "hidden": ["odd", "active", "visible"],
    "locked": ["odd", "active", "visible"],
    "in a locked group": ["locked group", ["odd"], "active", "visible"],
    "group": ["odd", ["lower", "upper"], "active", "visible"],
    "vector": ["odd", "active", "visible"],
    "text": ["odd", "active", "visible"],
    "mask": ["masked", "active", "visible"],
    "fill layer": ["odd", "active", "visible"],
    "clone": ["original", "odd", "active", "visible"],
}
"""What is active, and how the stack ends after a result from it alone and one from all."""

STACK = ["Background", "faint", "group", ["inside", "inside too"], "darker"]
every = pytest.mark.parametrize("kind", ODD)


@every
def test_a_result_lies_above_whatever_is_active_and_leaves_it_as_it_was(played, kind):
    assert _names(played.notes[f"{kind}: visible: names"]) == [*STACK, *ODD[kind]]
    assert played.notes[f"{kind}: visible: steps"] == 1
    assert played.notes[f"{kind}: active: odd"] == played.notes[f"{kind}: visible: odd"]


@every
def test_outside_the_selection_nothing_changes_whatever_is_active(played, mask, kind):
    before, after = (
        played.pixels(f"{kind}: {name}", (HEIGHT, WIDTH, 4)) for name in ("before", "after")
    )
    assert np.array_equal(before[mask == 0], after[mask == 0])
    assert np.array_equal(played.pixels(f"{kind}: visible", (*BOX_SHAPE, 4))[0], before[BOX][0])
    assert (after[mask == 255] == [0, 0, 255, 255]).all()


@pytest.mark.parametrize("kind", [kind for kind in ODD if kind != "text"])
def test_whatever_is_active_is_read_alone_also_hidden(played, kind):
    assert (played.pixels(f"{kind}: active", (*BOX_SHAPE, 4)) == BLUE).all()


def test_text_is_read_as_it_is_drawn(played):
    text = played.pixels("text: active", (*BOX_SHAPE, 4))
    inked = text[..., 3] == 255
    assert 0.05 < inked.mean() < 0.7
    assert (text[inked] == BLUE).all()


def test_a_selection_is_no_layer_and_its_colour_no_part_of_the_picture(played):
    assert "No layer is active" in played.notes["selection: active"][0]
    message, remedy = played.notes["selection: visible"]
    assert "selection itself is active" in message
    assert "Choose a layer" in remedy
    assert _names(played.notes["selection: visible: names"]) == [*STACK, "below"]


@pytest.mark.parametrize(
    ("change", "names"),
    [
        (
            "moved into the group",
            ["Background", "group", ["inside", "inside too", "faint", "red"], "darker"],
        ),
        (
            "moved to the top",
            ["Background", "group", ["inside", "inside too"], "darker", "faint", "red"],
        ),
        ("merged down", ["Background", "red", *STACK[2:]]),
        ("renamed", ["Background", "another", "red", *STACK[2:]]),
        ("group deleted", ["Background", "faint", "red", "darker"]),
        ("shifted", ["Background", "faint", "red", *STACK[2:]]),
        ("deselected", ["Background", "faint", "red", *STACK[2:]]),
        ("converted to 16 bit", ["Background", "faint", "red", *STACK[2:]]),
        ("converted to CMYK", ["Background", "faint", "red", *STACK[2:]]),
    ],
)
def test_a_result_finds_its_layer_whatever_was_done_meanwhile(played, change, names):
    assert played.notes[f"meanwhile {change}"] is None
    assert _names(played.notes[f"meanwhile {change}: names"]) == names
    assert not played.notes[f"meanwhile {change}: same"]


@pytest.mark.parametrize("change", ["cropped", "scaled", "turned"])
def test_a_picture_of_another_size_is_left_alone_and_the_result_kept(played, change):
    message, remedy = played.notes[f"meanwhile {change}"]
    assert "size has changed from 160 by 120" in message
    assert "kept" in remedy
    assert _names(played.notes[f"meanwhile {change}: names"]) == STACK
    assert played.notes[f"meanwhile {change}: same"]


def test_a_result_lands_in_the_picture_that_it_was_asked_for_not_in_the_one_in_front(played):
    first, second = played.notes["two names"]
    assert first != second
    assert played.notes["in front"]
    assert played.notes["asked: has it"]
    assert played.notes["other: as it was"]


@pytest.mark.parametrize("source", ["active", "visible"])
def test_variations_lie_in_the_order_they_were_picked_in_a_step_each(played, source):
    assert played.notes[f"picked {source}: steps"] == 3
    names = [name for name in _flat(played.notes[f"picked {source}"]) if name != "Selection"]
    first = names.index("variation 0")
    assert names[first : first + 3] == [f"variation {number}" for number in range(3)]
    names = [
        name for name in _flat(played.notes[f"picked {source} after undo"]) if name != "Selection"
    ]
    assert names[first : first + 3] == ["variation 0", "variation 1", "variation 4"]


def test_of_an_animation_the_shown_frame_is_read_and_the_result_is_an_ordinary_layer(played, mask):
    for source in ("active", "visible"):
        assert (played.pixels(f"frame 5 {source}", (*BOX_SHAPE, 4)) == [0, 255, 0, 255]).all()
    assert played.notes["animated"] == [True, False]
    for time, colour in ((0, BLUE), (5, [0, 255, 0, 255])):
        frame = played.pixels(f"frame {time}", (HEIGHT, WIDTH, 4))
        assert (frame[mask == 0] == colour).all()
        assert (frame[mask == 255] == [0, 0, 255, 255]).all()


def test_what_happens_while_colours_are_converted_does_no_harm(played):
    # Read as before or as after, but never half of each.
    for what in ("selections", "pixels"):
        assert played.notes[f"converted: {what}"] in ([True, False], [False, True])
    assert played.notes["converted: picked twice"].count("wide") == 1
    told = played.notes["converted: closed"]
    # Where Krita handled no event meanwhile, the result was placed before.
    assert told is None or "closed" in told[0]


def _names(nodes):
    """The layers' names from the lowest, a group followed by the list of what it holds."""
    names = []
    for name, kind, children in nodes:
        if kind != "selectionmask":
            names += [name, _names(children)] if kind == "grouplayer" else [name]
    return names


def _flat(nodes):
    """All names from the lowest, those in groups after their group's."""
    return [name for node in nodes for name in (node[0], *_flat(node[2]))]
