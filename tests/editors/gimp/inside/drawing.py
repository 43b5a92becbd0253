"""Checks of an image as an Editor, run inside GIMP; no server has a part in them."""

from bottega_gimp._vendor.bottega_protocol.regions import Rectangle, Size
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
    noise,
    opaque,
    read,
    refusal,
    result,
    saved_and_opened,
    write,
)

from bottega_gimp.call import layer_of
from bottega_gimp.gimp import Gimp

JOB = b"0123456789abcdef"


def check_a_canvas_is_described_by_size_selection_and_depth():
    image = new_image()
    canvas = drawing(image, add_layer(image, "a")).canvas()
    assert canvas.size == Size(WIDTH, HEIGHT)
    assert canvas.selection is None
    assert canvas.layout == BYTES
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 7, 8, 9, 10)
    assert drawing(image, image.get_layers()[0]).canvas().selection == Rectangle(7, 8, 9, 10)


def check_deeper_images_are_sent_in_sixteen_bits():
    for precision in ("U16_NON_LINEAR", "U16_LINEAR", "HALF_LINEAR", "FLOAT_LINEAR", "U8_LINEAR"):
        image = new_image(getattr(Gimp.Precision, precision))
        assert drawing(image, add_layer(image, "a")).canvas().layout == WORDS, precision


def check_the_document_keeps_its_id_when_it_is_saved_and_opened():
    image, other = new_image(), new_image()
    known = drawing(image, add_layer(image, "a")).canvas().document
    again = saved_and_opened(image)
    assert drawing(again, again.get_layers()[0]).canvas().document == known
    assert drawing(other, add_layer(other, "a")).canvas().document != known


def check_a_deep_selection_fainter_than_a_byte_does_not_widen_the_bounds():
    image = new_image(Gimp.Precision.U16_NON_LINEAR)
    coverage = [0] * (WIDTH * HEIGHT)
    coverage[5 * WIDTH + 4] = 60
    for x in range(10, 15):
        coverage[20 * WIDTH + x] = 65535
    words = b"".join(value.to_bytes(2, "little") for value in coverage)
    write(image.get_selection(), words, "Y u16")
    bounds = drawing(image, add_layer(image, "a")).canvas().selection
    assert bounds == Rectangle(10, 20, 5, 1), bounds


def check_the_visible_picture_is_read_with_every_layer_and_the_active_one_alone():
    image = new_image()
    below = add_layer(image, "below", seed=3)
    above = add_layer(image, "above", seed=4)
    above.set_opacity(0)
    part = Rectangle(0, 0, WIDTH, HEIGHT)
    editor = drawing(image, above)
    assert editor.read(part, BYTES, "visible").pixels == read(below)
    assert editor.read(part, BYTES, "active").pixels == read(above)


def check_reading_leaves_no_trace():
    image = new_image()
    layer = add_layer(image, "a", seed=3)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 7, 8, 9, 10)
    image.clean_all()
    before = names(image), image.get_selected_layers()
    drawing(image, layer).read(Rectangle(0, 0, 20, 20), BYTES, "visible")
    assert (names(image), image.get_selected_layers()) == before
    assert not image.is_dirty()


def check_beyond_the_active_layer_everything_is_transparent():
    image = new_image()
    layer = add_layer(image, "a", seed=3)
    layer.set_offsets(30, 0)
    pixels = drawing(image, layer).read(Rectangle(29, 0, 2, 1), BYTES, "active").pixels
    assert pixels == b"\0\0\0\0" + read(layer)[:4]


def check_a_feathered_selection_is_read_as_linear_coverage():
    image = new_image()
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 20, 10, 20, 20)
    Gimp.Selection.feather(image, 9)
    editor = drawing(image, add_layer(image, "a"))
    bounds = editor.canvas().selection
    mask = editor.read(bounds, BYTES, "visible").mask
    whole = read(image.get_selection(), "Y u8")
    rows = range(bounds.y, bounds.bottom)
    cut = b"".join(whole[y * WIDTH + bounds.x : y * WIDTH + bounds.right] for y in rows)
    assert mask == cut
    assert len(set(mask)) > 30
    assert sum(mask) == sum(whole)


def check_sixteen_bits_are_read_and_written_exactly():
    image = new_image(Gimp.Precision.U16_NON_LINEAR)
    layer = add_layer(image, "a")
    pixels = opaque(noise(8 * WIDTH * HEIGHT, 5), depth=2)
    write(layer, pixels, "R'G'B'A u16")
    editor = drawing(image, layer)
    assert editor.read(Rectangle(0, 0, WIDTH, HEIGHT), WORDS, "active").pixels == pixels
    painted = result(layout=WORDS)
    editor.place(JOB, [painted])
    assert read(editor.placed, "R'G'B'A u16") == painted.pixels
    assert read(editor.placed.get_mask(), "Y u8") == painted.mask


def check_a_result_has_its_name_its_place_its_pixels_and_its_mask():
    image = new_image()
    layer = add_layer(image, "a", seed=3)
    image.select_rectangle(Gimp.ChannelOps.REPLACE, 1, 2, 3, 4)
    selected = read(image.get_selection(), "Y u8")
    painted = result()
    editor = drawing(image, layer)
    editor.place(JOB, [painted])
    placed = editor.placed
    assert placed.get_name() == "a boat"
    assert placed.get_offsets()[1:] == (10, 5)
    assert read(placed) == painted.pixels
    assert read(placed.get_mask(), "Y u8") == painted.mask
    assert not placed.get_edit_mask()
    assert image.get_selected_layers() == [placed]
    assert read(image.get_selection(), "Y u8") == selected


def check_the_flattened_picture_is_the_plain_mix_of_encoded_values():
    image = new_image()
    layer = add_layer(image, "a", seed=3)
    before, painted = read(layer), result()
    drawing(image, layer).place(JOB, [painted])
    after, place = flat(image), painted.layer.rectangle
    expected = bytearray(before)
    for row in range(place.height):
        for column in range(place.width):
            here = row * place.width + column
            there = ((place.y + row) * WIDTH + place.x + column) * 4
            weight = painted.mask[here] / 255
            for sample in range(3):
                old, new = before[there + sample], painted.pixels[4 * here + sample]
                expected[there + sample] = int(old * (1 - weight) + new * weight + 0.5)
    assert after == bytes(expected)


def check_a_result_lands_directly_above_the_active_layer_where_nothing_covers_it():
    image = new_image()
    add_layer(image, "lower", seed=3)
    editor = drawing(image, add_layer(image, "upper", seed=4))
    editor.read(Rectangle(0, 0, 9, 9), BYTES, "visible")
    editor.place(JOB, [result()])
    assert names(image) == ["a boat", "upper", "lower"]


def check_what_was_made_from_the_visible_picture_lands_on_top_of_what_covers_the_layer():
    image = new_image()
    lower = add_layer(image, "lower", seed=3)
    add_layer(image, "upper", seed=4)
    editor = drawing(image, lower)
    editor.read(Rectangle(0, 0, 9, 9), BYTES, "visible")
    editor.place(JOB, [result()])
    assert names(image) == ["a boat", "upper", "lower"]


def check_what_was_made_from_the_active_layer_stays_directly_above_it():
    image = new_image()
    lower = add_layer(image, "lower", seed=3)
    add_layer(image, "upper", seed=4)
    editor = drawing(image, lower)
    editor.read(Rectangle(0, 0, 9, 9), BYTES, "active")
    editor.place(JOB, [result()])
    assert names(image) == ["upper", "a boat", "lower"]


def check_a_layer_in_a_group_gets_its_result_in_the_group():
    image = new_image()
    group = add_group(image, "group")
    editor = drawing(image, add_layer(image, "inner", group=group, seed=3))
    editor.place(JOB, [result()])
    assert names(image) == ["group"]
    assert names(image, group) == ["a boat", "inner"]


def check_a_layer_covered_from_outside_its_group_gets_its_result_on_top():
    image = new_image()
    group = add_group(image, "group")
    inner = add_layer(image, "inner", group=group, seed=3)
    add_layer(image, "cover", seed=4)
    drawing(image, inner).place(JOB, [result()])
    assert names(image) == ["a boat", "cover", "group"]


def check_several_layers_come_in_their_order():
    image = new_image()
    editor = drawing(image, add_layer(image, "a"))
    editor.place(JOB, [result(name="first"), result(name="second")])
    assert names(image) == ["second", "first", "a"]


def check_a_job_is_placed_once_also_after_saving():
    image = new_image()
    editor = drawing(image, add_layer(image, "a"))
    editor.place(JOB, [result()])
    editor.place(JOB, [result()])
    assert names(image) == ["a boat", "a"]
    again = saved_and_opened(image)
    drawing(again, again.get_layers()[1]).place(JOB, [result()])
    assert names(again) == ["a boat", "a"]
    drawing(again, again.get_layers()[1]).place(b"another job id 16", [result(name="b")])
    assert names(again)[0] == "b"


def check_a_deleted_layer_sends_its_result_to_the_top():
    image = new_image()
    gone = add_layer(image, "gone")
    add_layer(image, "left")
    editor = drawing(image, gone)
    image.remove_layer(gone)
    editor.place(JOB, [result()])
    assert names(image) == ["a boat", "left"]


def check_a_closed_image_is_refused_in_words():
    image = new_image()
    editor = drawing(image, add_layer(image, "a"))
    image.delete()
    assert "closed" in refusal(editor.place, JOB, [result()]).message


def check_a_result_that_lies_outside_a_cropped_image_is_refused():
    image = new_image()
    editor = drawing(image, add_layer(image, "a"))
    image.crop(8, 4, 0, 0)
    error = refusal(editor.place, JOB, [result()])
    assert "another size" in error.message
    assert names(image) == ["a"]


def check_grey_images_take_the_luminance():
    image = new_image(base=Gimp.ImageBaseType.GRAY)
    editor = drawing(image, add_layer(image, "a"))
    assert editor.canvas().layout == BYTES
    editor.place(JOB, [result()])
    pixels = read(editor.placed)
    assert pixels[0] == pixels[1] == pixels[2]
    assert read(editor.placed.get_mask(), "Y u8") == result().mask


def check_indexed_images_are_refused_with_the_remedy():
    image = new_image()
    layer = add_layer(image, "a", seed=3)
    image.convert_indexed(
        Gimp.ConvertDitherType.NONE, Gimp.ConvertPaletteType.GENERATE, 16, False, False, ""
    )
    error = refusal(drawing(image, layer).canvas)
    assert "indexed" in error.message
    assert "RGB" in error.remedy


def check_bytes_of_another_length_are_refused_instead_of_ignored():
    image = new_image()
    whole = result()
    short = type(whole)(whole.layer, whole.pixels[:-4], whole.mask)
    assert "bytes" in refusal(drawing(image, add_layer(image, "a")).place, JOB, [short]).message


def check_painting_on_a_mask_means_its_layer():
    image = new_image()
    layer = add_layer(image, "a")
    layer.add_mask(layer.create_mask(Gimp.AddMaskType.WHITE))
    assert layer_of([layer.get_mask()]) == layer
    assert "single layer" in refusal(layer_of, [layer, layer]).remedy
