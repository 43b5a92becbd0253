"""Checks of an image as an Editor at its edges, run inside GIMP: odd selections, layers, waits."""

import math
from array import array

from bottega_gimp._vendor.bottega_protocol.regions import Rectangle
from scene import (
    BYTES,
    HEIGHT,
    WIDTH,
    WORDS,
    add_group,
    add_layer,
    drawing,
    flat,
    names,
    new_image,
    read,
    refusal,
    result,
    saved_and_opened,
    write,
)

from bottega_gimp.drawable import Drawing
from bottega_gimp.gimp import Gimp
from bottega_gimp.ui_thread import UiThread

JOB = b"0123456789abcdef"


def check_without_a_selection_there_is_no_mask_and_the_whole_canvas_can_be_read():
    image = new_image()
    layer = add_layer(image, "a", seed=3)
    snapshot = drawing(image, layer).read(Rectangle(0, 0, WIDTH, HEIGHT), BYTES, "visible")
    assert snapshot.mask is None
    assert snapshot.canvas.selection is None
    assert snapshot.pixels == read(layer)


def check_a_selection_of_nothing_is_none():
    image = new_image()
    editor = drawing(image, add_layer(image, "a"))
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 7, 8, 9, 10)
    image.select_rectangle(Gimp.ChannelOps.SUBTRACT, 0, 0, WIDTH, HEIGHT)
    assert editor.canvas().selection is None
    Gimp.Selection.all(image)
    assert editor.canvas().selection == Rectangle(0, 0, WIDTH, HEIGHT)


def check_one_pixel_can_be_selected_read_and_painted():
    image = new_image()
    editor = drawing(image, add_layer(image, "a", seed=3))
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 31, 17, 1, 1)
    place = editor.canvas().selection
    assert place == Rectangle(31, 17, 1, 1)
    snapshot = editor.read(place, BYTES, "visible")
    assert (len(snapshot.pixels), snapshot.mask) == (4, b"\xff")
    before = flat(image)
    editor.place(JOB, [result(place=place)])
    after, at = flat(image), 4 * (17 * WIDTH + 31)
    assert after[at : at + 4] == result(place=place).pixels
    assert (after[:at], after[at + 4 :]) == (before[:at], before[at + 4 :])


def check_a_layer_without_a_mask_has_none():
    image = new_image()
    editor = drawing(image, add_layer(image, "a"))
    editor.place(JOB, [result(masked=False)])
    assert editor.placed.get_mask() is None


def check_notes_are_kept_in_the_image_and_in_its_file_and_no_undo_takes_them():
    image = new_image()
    editor = drawing(image, add_layer(image, "a"))
    assert editor.notes() == ""
    text = "ein Ölbild — 絵\n" * 9000
    editor.keep_notes("before")
    editor.keep_notes(text)
    assert editor.notes() == text
    again = saved_and_opened(image)
    assert drawing(again, None).notes() == text


def check_pixels_that_are_no_numbers_are_told_and_sent_as_black_or_white():
    for precision in ("FLOAT_LINEAR", "HALF_NON_LINEAR", "DOUBLE_PERCEPTUAL"):
        image = new_image(getattr(Gimp.Precision, precision))
        layer = add_layer(image, "a", seed=3)
        known = read(layer, "RGBA float")
        broken = array("f", known)
        broken[0], broken[5], broken[6] = math.nan, math.inf, -math.inf
        write(layer, broken.tobytes(), "RGBA float")
        said = []
        editor = Drawing(image, layer, UiThread(), said.append)
        sent = array("H", editor.read(Rectangle(0, 0, WIDTH, HEIGHT), WORDS, "visible").pixels)
        # Which of the two NaN becomes depends on the conversion that GIMP finds fastest.
        assert sent[0] in (0, 65535)
        assert (sent[5], sent[6]) == (65535, 0)
        assert [text.split(" of ")[0] for text in said] == ["2 pixels"], said
        said.clear()
        editor.read(Rectangle(5, 0, 9, 9), WORDS, "active")
        assert said == []


def check_a_picture_of_16_bit_integers_needs_no_probe():
    image = new_image(Gimp.Precision.U16_LINEAR)
    said = []
    editor = Drawing(image, add_layer(image, "a", seed=3), UiThread(), said.append)
    editor.read(Rectangle(0, 0, 9, 9), WORDS, "visible")
    assert said == []


def check_a_result_of_a_picture_that_was_cropped_meanwhile_is_refused_also_where_it_would_fit():
    image = new_image()
    editor = drawing(image, add_layer(image, "a", seed=3))
    editor.read(Rectangle(0, 0, 9, 9), BYTES, "visible")
    image.crop(50, 30, 0, 0)
    error = refusal(editor.place, JOB, [result()])
    assert "another size" in error.message
    assert "Recent" in error.remedy
    drawing(image, image.get_layers()[0]).place(JOB, [result()])
    assert names(image) == ["a boat", "a"]


def check_what_was_painted_from_nothing_is_refused_too_where_the_picture_was_cropped_meanwhile():
    image = new_image()
    editor = drawing(image, add_layer(image, "a", seed=3))
    editor.canvas()
    image.crop(50, 30, 0, 0)
    assert "another size" in refusal(editor.place, JOB, [result()]).message
    assert names(image) == ["a"]


def check_an_image_converted_meanwhile_takes_the_result_in_its_new_kind():
    image = new_image()
    editor = drawing(image, add_layer(image, "a", seed=3))
    editor.read(Rectangle(0, 0, 9, 9), BYTES, "visible")
    image.convert_precision(Gimp.Precision.U16_LINEAR)
    editor.place(JOB, [result()])
    assert read(editor.placed) == result().pixels
    image.convert_grayscale()
    editor.place(b"another job id 16", [result()])
    assert editor.placed.is_gray()
    image.convert_rgb()
    image.convert_precision(Gimp.Precision.U8_NON_LINEAR)
    image.convert_indexed(
        Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, ""
    )
    assert "indexed" in refusal(editor.place, b"a third job id 16", [result()]).message


def check_a_layer_moved_meanwhile_does_not_move_the_result():
    image = new_image()
    layer = add_layer(image, "a", seed=3)
    editor = drawing(image, layer)
    editor.read(Rectangle(0, 0, 9, 9), BYTES, "active")
    layer.set_offsets(11, 12)
    image.reorder_item(layer, None, 0)
    editor.place(JOB, [result()])
    assert editor.placed.get_offsets()[1:] == (10, 5)


def check_two_images_keep_their_results_apart():
    first, second = new_image(), new_image()
    one, two = (drawing(image, add_layer(image, "a")) for image in (first, second))
    one.place(JOB, [result(name="one")])
    two.place(JOB, [result(name="two")])
    assert (names(first), names(second)) == (["one", "a"], ["two", "a"])


def check_a_group_is_read_as_what_it_shows_and_the_result_lands_above_it():
    image = new_image()
    group = add_group(image, "group")
    inner = add_layer(image, "inner", group=group, seed=3)
    editor = drawing(image, group)
    assert editor.read(Rectangle(0, 0, WIDTH, HEIGHT), BYTES, "active").pixels == read(inner)
    editor.place(JOB, [result()])
    assert names(image) == ["a boat", "group"]


def check_a_text_layer_stays_text():
    image = new_image()
    add_layer(image, "below", seed=3)
    font = Gimp.context_get_font()
    text = Gimp.TextLayer.new(image, "Bottega", font, 12, Gimp.Unit.pixel())
    image.insert_layer(text, None, 0)
    editor = drawing(image, text)
    editor.read(Rectangle(0, 0, 9, 9), BYTES, "active")
    editor.place(JOB, [result()])
    assert names(image)[1] == text.get_name()
    assert text.get_text() == "Bottega"


def check_locked_and_hidden_layers_are_left_as_they_are():
    image = new_image()
    layer = add_layer(image, "locked", seed=3)
    before = read(layer)
    for lock in ("content", "position", "visibility"):
        getattr(layer, f"set_lock_{lock}")(True)
    layer.set_lock_alpha(True)
    editor = drawing(image, layer)
    editor.read(Rectangle(0, 0, 9, 9), BYTES, "visible")
    editor.place(JOB, [result()])
    hidden = add_layer(image, "hidden", seed=4)
    hidden.set_visible(False)
    other = drawing(image, hidden)
    seen = other.read(Rectangle(0, 0, WIDTH, HEIGHT), BYTES, "visible").pixels
    assert seen == flat(image)
    assert other.read(Rectangle(0, 0, WIDTH, HEIGHT), BYTES, "active").pixels == read(hidden)
    other.place(b"another job id 16", [result(name="b")])
    assert names(image) == ["b", "hidden", "a boat", "locked"]
    assert not hidden.get_visible()
    assert read(layer) == before


def check_a_floating_selection_stays_one():
    image = new_image()
    layer = add_layer(image, "a", seed=3)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 5, 5, 20, 20)
    floating = Gimp.Selection.float(image, [layer], 3, 3)
    editor = drawing(image, floating)
    whole = Rectangle(0, 0, WIDTH, HEIGHT)
    assert editor.read(whole, BYTES, "active").pixels != read(layer)
    editor.place(JOB, [result()])
    assert image.get_floating_sel() == floating
    Gimp.floating_sel_anchor(floating)
    assert names(image) == ["a boat", "a"]


def check_a_selection_beside_the_active_layer_reads_the_picture_or_nothing():
    image = new_image()
    below = add_layer(image, "below", seed=3)
    layer = add_layer(image, "beside", seed=4)
    layer.scale(10, 10, False)
    layer.set_offsets(50, 30)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 2, 3, 8, 8)
    editor = drawing(image, layer)
    place = editor.canvas().selection
    assert editor.read(place, BYTES, "active").pixels == bytes(4 * 8 * 8)
    copy = drawing(image, below)
    assert editor.read(place, BYTES, "visible").pixels == copy.read(place, BYTES, "active").pixels


def check_a_selection_that_reaches_out_of_the_canvas_is_cut_there():
    image = new_image()
    editor = drawing(image, add_layer(image, "a", seed=3))
    image.select_rectangle(Gimp.ChannelOps.REPLACE, -20, 30, 35, 100)
    assert editor.canvas().selection == Rectangle(0, 30, 15, 10)


def check_a_large_selection_is_read_and_placed():
    image = Gimp.Image.new_with_precision(
        3000, 2000, Gimp.ImageBaseType.RGB, Gimp.Precision.U8_NON_LINEAR
    )
    kind = Gimp.ImageType.RGBA_IMAGE
    layer = Gimp.Layer.new(image, "a", 3000, 2000, kind, 100, Gimp.LayerMode.NORMAL)
    image.insert_layer(layer, None, 0)
    Gimp.Selection.all(image)
    place = Rectangle(0, 0, 3000, 2000)
    editor = drawing(image, layer)
    snapshot = editor.read(place, BYTES, "visible")
    assert (len(snapshot.pixels), snapshot.mask) == (24_000_000, b"\xff" * 6_000_000)
    painted = result(place=place)
    editor.place(JOB, [painted])
    assert read(editor.placed) == painted.pixels


def check_four_layers_with_a_group_and_an_opacity_are_seen_and_left_as_they_are():
    image = new_image()
    layers = [add_layer(image, "bottom", seed=3), add_layer(image, "veil", seed=4)]
    layers[1].set_opacity(35)
    group = add_group(image, "group")
    group.set_opacity(60)
    layers += [
        add_layer(image, name, group=group, seed=seed) for name, seed in (("x", 5), ("y", 6))
    ]
    layers[3].set_opacity(50)
    layers.append(add_layer(image, "top", seed=7))
    layers[4].set_mode(Gimp.LayerMode.MULTIPLY)
    before, shown = [read(each) for each in layers], flat(image)
    editor = drawing(image, layers[2])
    whole = Rectangle(0, 0, WIDTH, HEIGHT)
    assert editor.read(whole, BYTES, "visible").pixels == shown
    painted = result()
    editor.place(JOB, [painted])
    assert names(image) == ["a boat", "top", "group", "veil", "bottom"]
    assert names(image, group) == ["y", "x"]
    assert [read(each) for each in layers] == before
    after, place = flat(image), painted.layer.rectangle
    for y in range(HEIGHT):
        for x in range(WIDTH):
            at = 4 * (y * WIDTH + x)
            inside = place.intersect(Rectangle(x, y, 1, 1)) is not None
            if not inside or painted.mask[(y - place.y) * place.width + x - place.x] == 0:
                assert after[at : at + 4] == shown[at : at + 4], (x, y)
