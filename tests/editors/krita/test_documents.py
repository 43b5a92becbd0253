"""A document in the real Krita, as an Editor: what is read, and how a result gets in and out."""

from __future__ import annotations

import numpy as np
import pytest
from editors.krita.pictures import DEPTHS, ellipse, noise, over

pytestmark = pytest.mark.editor

WIDTH, HEIGHT = 160, 120
X, Y, BOX_WIDTH, BOX_HEIGHT = 24, 16, 104, 88
BOX = np.s_[Y : Y + BOX_HEIGHT, X : X + BOX_WIDTH]
SELECTED = np.s_[30 : 30 + 60, 40 : 40 + 80]
STACK = ["Background", "middle", "top"]

both_depths = pytest.mark.parametrize("depth", DEPTHS)
"""Also for the fixtures `canvas` and `box`."""


@pytest.fixture(scope="session")
def played(play):
    """Krita, once, through everything that these tests look at."""
    random = np.random.default_rng(2)
    ramp = np.tile(np.linspace(0, 1, WIDTH), (HEIGHT, 1))
    files = {"mask": ellipse(60, 80).tobytes()}
    for depth in DEPTHS:
        files |= {
            f"photo-{depth}": noise(random, depth, np.ones((HEIGHT, WIDTH))),
            f"middle-{depth}": noise(random, depth, ramp),
            f"top-{depth}": noise(random, depth, np.full((40, 50), 0.7)),
            f"layer-{depth}": noise(random, depth, np.ones((BOX_HEIGHT, BOX_WIDTH))),
        }
    return play("documents", files)


@pytest.fixture
def canvas(played, depth):
    """A whole canvas that was written down, (height, width, 4)."""
    return lambda name: played.pixels(f"{name}-{depth}", (HEIGHT, WIDTH, 4), DEPTHS[depth][0])


@pytest.fixture
def box(played, depth):
    """The rectangle that was read, (height, width, 4)."""
    return lambda name: played.pixels(
        f"{name}-{depth}", (BOX_HEIGHT, BOX_WIDTH, 4), DEPTHS[depth][0]
    )


def test_the_plug_in_uses_the_qt_that_its_krita_is_made_with(played):
    krita, qt, plugin = played.notes["versions"]
    wanted = 6 if int(krita.split(".")[0]) >= 6 else 5
    assert [int(qt.split(".")[0]), plugin] == [wanted, wanted]


@both_depths
def test_a_canvas_says_its_size_its_layout_and_the_tight_box_of_the_selection(played, depth):
    rows, columns = np.nonzero(ellipse(60, 80))
    assert (columns.min(), rows.min(), columns.max(), rows.max()) == (0, 0, 79, 59)
    assert played.notes[f"canvas {depth}"] == [WIDTH, HEIGHT, [40, 30, 80, 60]]
    assert played.notes[f"layout {depth}"]


@both_depths
def test_the_visible_picture_is_what_krita_flattens(canvas, box):
    assert np.array_equal(box("visible"), canvas("before")[BOX])


@both_depths
def test_the_active_layer_is_read_alone(canvas, box):
    assert np.array_equal(box("active"), canvas("middle")[BOX])


@both_depths
def test_the_mask_that_is_read_is_the_selection(played, depth):
    wanted = np.zeros((HEIGHT, WIDTH), "u1")
    wanted[SELECTED] = ellipse(60, 80)
    assert np.array_equal(played.pixels(f"mask-{depth}", (BOX_HEIGHT, BOX_WIDTH)), wanted[BOX])


@both_depths
def test_a_result_is_one_layer_with_a_real_mask_in_one_undo_step(played, depth):
    assert played.notes[f"steps {depth}"] == 1
    assert _names(played.notes[f"names {depth}"]) == [*STACK, "a red boat"]
    *_, (_, kind, masks) = _layers(played.notes[f"names {depth}"])
    assert kind == "paintlayer"
    assert [mask[1] for mask in masks] == ["transparencymask"]


@both_depths
def test_layer_and_mask_hold_the_bytes_that_came(played, box, depth):
    assert np.array_equal(box("node"), box("layer"))
    mask = played.pixels(f"node-mask-{depth}", (HEIGHT, WIDTH))
    wanted = np.zeros((HEIGHT, WIDTH), "u1")
    wanted[SELECTED] = ellipse(60, 80)
    assert np.array_equal(mask, wanted)


@both_depths
def test_the_flattened_picture_is_the_composite_and_outside_nothing_changes(canvas, box, depth):
    mask = np.zeros((HEIGHT, WIDTH), "u1")
    mask[SELECTED] = ellipse(60, 80)
    layer = np.zeros_like(canvas("before"))
    layer[BOX] = box("layer")
    wanted = over(canvas("before"), layer, mask).astype("i8")
    off = np.abs(canvas("after").astype("i8") - wanted)
    soft = (mask > 0) & (mask < 255)
    assert soft.sum() > 1000
    assert not off[~soft].any()
    assert off.max() <= {"U8": 0, "U16": 1}[depth]
    assert np.array_equal(canvas("after")[mask == 0], canvas("before")[mask == 0])


@both_depths
def test_one_undo_removes_the_result_and_redo_brings_it_back(played, canvas, depth):
    assert _names(played.notes[f"names after undo {depth}"]) == STACK
    assert np.array_equal(canvas("undo"), canvas("before"))
    assert played.notes[f"names after redo {depth}"] == played.notes[f"names {depth}"]
    assert np.array_equal(canvas("redo"), canvas("after"))
    assert not np.array_equal(canvas("after"), canvas("before"))


@both_depths
def test_a_saved_document_keeps_result_and_name_and_takes_a_job_only_once(played, canvas, depth):
    notes = played.notes
    assert notes[f"saved {depth}"]
    assert np.array_equal(canvas("reopened"), canvas("after"))
    assert notes[f"same name {depth}"]
    assert notes[f"a copy has its own name {depth}"]
    assert notes[f"steps when placed again {depth}"] == 1
    assert notes[f"placed once {depth}"]


PLACES = {
    "visible, something above": [*STACK, "red"],
    "visible, hidden layers above": ["Background", "middle", "red", "top"],
    "active, something above": ["Background", "middle", "red", "top"],
    "visible, nothing above": [*STACK, "red"],
    "visible, the mask of a layer": [*STACK, "red"],
    "visible, in a plain group on top": [*STACK, "group", ["inside", "red"]],
    "active, in a faint group on top": [*STACK, "group", ["inside", "red"]],
    "visible, in a faint group on top": [*STACK, "group", ["inside"], "red"],
}


@pytest.mark.parametrize("case", PLACES)
def test_a_result_lies_where_it_shows_what_was_painted(played, case):
    assert _names(played.notes[f"spot: {case}"]) == PLACES[case]


@pytest.mark.parametrize("case", PLACES)
def test_an_empty_mask_changes_nothing_wherever_the_layer_lies(played, case):
    assert played.notes[f"spot unchanged: {case}"]


def test_several_layers_become_one_group_in_one_undo_step(played):
    assert played.notes["several: steps"] == 1
    assert _names(played.notes["several: names"]) == [*STACK, "upper", ["lower", "upper"]]
    red = np.array([0, 0, 255, 255], "u1")
    assert (played.pixels("several", (HEIGHT, WIDTH, 4))[BOX] == red).all()


def test_a_selection_that_krita_feathered_is_read_with_its_soft_edge(played):
    mask = played.pixels("feathered", (HEIGHT, WIDTH))
    rows, columns = np.nonzero(mask)
    x, y, width, height = played.notes["feathered box"]
    assert (columns.min(), rows.min()) == (x, y)
    assert (columns.max() + 1, rows.max() + 1) == (x + width, y + height)
    assert len(np.unique(mask)) > 20


def test_only_what_is_selected_inside_the_canvas_counts(played):
    assert played.notes["over the edge"] == [0, 100, 40, 20]
    assert [played.notes[case] for case in ("outside", "an empty one", "none")] == [None] * 3


def test_without_a_selection_there_is_no_mask(played):
    assert played.notes["none: mask"] is None


def test_the_panel_s_text_is_kept_in_the_file(played):
    text = "Größe ✓ 🖌"
    assert played.notes["kept notes"] == ["", "first", text, text]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("resized", "160 by 120 to 161 by 120"),
        ("closed", "closed"),
    ],
)
def test_a_document_that_no_longer_fits_is_left_alone(played, change, told):
    message, remedy = played.notes[f"{change} meanwhile"]
    assert told in message
    assert "bottega results" in remedy
    if change != "closed":
        assert _names(played.notes[f"{change} meanwhile: names"]) == STACK


@pytest.mark.parametrize(
    ("change", "names"),
    [
        ("converted", [*STACK, "red"]),
        ("converted to CMYK", [*STACK, "red"]),
        ("the active layer deleted", ["Background", "top", "red"]),
        ("flattened", ["root Merged", "red"]),
        ("saved", [*STACK, "red"]),
    ],
)
def test_other_work_while_waiting_does_no_harm(played, change, names):
    assert played.notes[f"{change} meanwhile"] is None
    assert _names(played.notes[f"{change} meanwhile: names"]) == names


def test_pixels_that_are_too_few_are_refused_and_so_is_a_place_outside(played):
    assert "don't fit" in played.notes["too few bytes"][0]
    assert "outside" in played.notes["placed outside"][0]


def test_another_thread_gets_values_and_exceptions_back_from_the_ui_thread(played):
    assert played.notes["on_ui"]
    assert played.notes["on_ui error"] == ["no", "yes"]


def test_what_krita_keeps_out_of_sight_for_us_counts_as_saved(played):
    assert played.notes["out of sight"] == [False]


def _layers(nodes):
    return [node for node in nodes if node[1] != "selectionmask"]


def _names(nodes):
    """The layers' names from the lowest, a group followed by the list of what it holds."""
    names = []
    for name, kind, children in _layers(nodes):
        names += [name, _names(children)] if kind == "grouplayer" else [name]
    return names
