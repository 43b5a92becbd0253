"""The quote: which rectangle is read, at what size it is painted, and what that weighs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bottega_backend.offers.quote import context_pad, context_rectangle, plan
from bottega_backend.shelf.catalog import Catalog
from bottega_protocol.errors import Refusal
from bottega_protocol.images import CHANNELS, DEPTHS, MOST_PIXELS, SPACES, Layout
from bottega_protocol.messages import AskQuote
from bottega_protocol.offers import Plan
from bottega_protocol.regions import FAR, Rectangle, Size, canvas_rectangle

CATALOG = Catalog()
BGRA = Layout("BGRA", "u8")
SMALL = Size(128, 128)


def quote(canvas: Size, selection: Rectangle, layout: Layout = BGRA, strength: float = 1.0) -> Plan:
    return plan(AskQuote(1, "fill", canvas, selection, layout, "", strength), CATALOG)


SIDE = st.integers(1, 9000)


@settings(max_examples=300, deadline=None)
@given(
    SIDE,
    SIDE,
    st.tuples(st.integers(-500, 9500), st.integers(-500, 9500)),
    st.tuples(SIDE, SIDE),
    st.sampled_from([0.0, 0.4, 1.0]),
)
def test_any_selection_on_any_canvas_gets_a_sound_plan_or_a_refusal(
    width: int, height: int, place: tuple[int, int], size: tuple[int, int], strength: float
) -> None:
    """The rectangle holds the clipped selection, lies in the canvas and keeps the limits."""
    canvas = Size(width, height)
    selection = Rectangle(*place, *size)
    clipped = selection.intersect(canvas_rectangle(canvas))
    if clipped is None or clipped.size.area > MOST_PIXELS:
        with pytest.raises(Refusal) as caught:
            quote(canvas, selection, strength=strength)
        assert caught.value.remedy
        return
    answer = quote(canvas, selection, strength=strength)
    assert answer.rectangle.contains(clipped)
    assert canvas_rectangle(canvas).contains(answer.rectangle)
    assert answer.rectangle.size.area <= MOST_PIXELS
    assert answer.upload_bytes == answer.rectangle.size.area * 5
    assert answer.painted.width % 8 == answer.painted.height % 8 == 0


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 512), st.integers(0, 512), st.integers(1024, 9000), st.integers(1024, 9000))
def test_the_canvas_does_not_weigh(x: int, y: int, width: int, height: int) -> None:
    """A 512 by 512 selection costs the same bytes on every canvas from 1024 by 1024 up."""
    selection = Rectangle(x, y, 512, 512)
    small = quote(Size(1024, 1024), selection)
    large = quote(Size(width, height), selection)
    assert small.upload_bytes == large.upload_bytes
    assert small.painted == large.painted


def test_without_a_selection_it_is_the_whole_canvas() -> None:
    """Refine reads all of it and sends no mask, generate sends nothing at all."""
    refine = plan(AskQuote(1, "refine", Size(900, 700), None, BGRA), CATALOG)
    assert refine.rectangle == Rectangle(0, 0, 900, 700)
    assert refine.upload_bytes == 900 * 700 * 4
    generate = plan(AskQuote(1, "generate", Size(900, 700), None, BGRA), CATALOG)
    assert generate.rectangle == Rectangle(0, 0, 900, 700)
    assert generate.upload_bytes == 0


def test_nothing_can_be_filled_without_a_selection() -> None:
    """It is refused with what to do instead."""
    with pytest.raises(Refusal) as caught:
        plan(AskQuote(1, "fill", Size(900, 700), None, BGRA), CATALOG)
    assert caught.value.code == "nothing-selected"


def test_generate_reads_no_surroundings() -> None:
    """Its rectangle is the selection, wider only where that is too slim to be composed."""
    canvas = Size(4000, 4000)
    square = plan(AskQuote(1, "generate", canvas, Rectangle(9, 9, 640, 640), BGRA), CATALOG)
    assert square.rectangle == Rectangle(9, 9, 640, 640)
    assert square.upload_bytes == 640 * 640
    line = plan(AskQuote(1, "generate", canvas, Rectangle(500, 500, 900, 10), BGRA), CATALOG)
    assert line.rectangle.contains(Rectangle(500, 500, 900, 10))
    assert line.rectangle.height * 3 >= line.rectangle.width


def test_what_grows_is_read_with_what_it_grows_into() -> None:
    """The rectangle holds the selection and what lies `grow` pixels around it."""
    ask = AskQuote(1, "fill", Size(4000, 4000), Rectangle(900, 900, 90, 90), BGRA, grow=200)
    assert plan(ask, CATALOG).rectangle.contains(Rectangle(700, 700, 490, 490))
    corner = AskQuote(1, "fill", Size(4000, 4000), Rectangle(-50, -50, 51, 51), BGRA, grow=20)
    assert plan(corner, CATALOG).rectangle.contains(Rectangle(0, 0, 21, 21))


def test_the_plan_says_how_it_is_painted_and_what_that_means() -> None:
    """Passes, tiles and a hint where the painting is enlarged; better quality paints finer."""
    ask = AskQuote(1, "generate", Size(4096, 4096), None, BGRA)
    catalog = Catalog()
    catalog.models = tuple(replace(model, details=True) for model in catalog.models)
    draft, good, best = (
        plan(replace(ask, quality=quality), catalog) for quality in ("draft", "good", "best")
    )
    assert draft.composed is None
    assert draft.tiles == 1
    assert draft.painted.area < good.painted.area < best.painted.area
    assert good.composed == best.composed == SMALL
    assert 1 < good.tiles < best.tiles
    for answer in (draft, good, best):
        assert "enlarged to 4096 by 4096" in answer.hints[0]
    assert "better quality" in good.hints[0]
    assert "better quality" not in best.hints[0]
    assert plan(replace(ask, canvas=SMALL), catalog).hints == ()


def test_a_model_that_knows_whole_pictures_only_promises_no_detail() -> None:
    """One pass, and no better quality is recommended."""
    answer = plan(AskQuote(1, "generate", Size(4096, 4096), None, BGRA), CATALOG)
    assert (answer.painted, answer.composed, answer.tiles) == (SMALL, None, 1)
    assert "better quality" not in answer.hints[0]


CONTEXTS = [
    # canvas, selection, native; rectangle
    # A quarter of the picture is the selection, at its own size for this model.
    ((2048, 2048), (900, 900, 256, 256), 512, (772, 772, 512, 512)),
    ((2048, 2048), (900, 900, 256, 256), 128, (772, 772, 512, 512)),
    # A third of the diagonal all round, rounded up to the grid: no pixel is resampled.
    ((4096, 4096), (1000, 1000, 1500, 1000), 1024, (342, 348, 2816, 2304)),
    # A tiny thing in the corner: half the native side, shifted in.
    ((4096, 4096), (0, 0, 20, 20), 512, (0, 0, 256, 256)),
    ((4096, 4096), (2000, 2000, 20, 20), 128, (1968, 1968, 84, 84)),
    # Half of a picture that is extended: all of it is context.
    ((1024, 1024), (512, 0, 512, 1024), 512, (0, 0, 1024, 1024)),
    # A sliver gets a scene around it, not a corridor.
    ((4000, 4000), (1000, 2000, 1000, 50), 512, (636, 1449, 1728, 1152)),
    # A canvas that is all sliver stays what it is.
    ((3000, 40), (0, 0, 3000, 40), 128, (0, 0, 3000, 40)),
    # A giant keeps no context that would pass the limit.
    ((9000, 9000), (0, 0, 8192, 8192), 512, (0, 0, 8192, 8192)),
]


@pytest.mark.parametrize(("canvas", "selection", "native", "rectangle"), CONTEXTS)
def test_worked_rectangles(
    canvas: tuple[int, int],
    selection: tuple[int, int, int, int],
    native: int,
    rectangle: tuple[int, int, int, int],
) -> None:
    """Odd sizes, slivers, corners and giants, each worked out by the rules."""
    bounds = canvas_rectangle(Size(*canvas))
    found = context_rectangle(Rectangle(*selection), bounds, Size(native, native))
    assert found == Rectangle(*rectangle)


@settings(max_examples=100, deadline=None)
@given(st.integers(40, 2000), st.integers(40, 2000))
def test_the_selection_is_a_good_share_of_what_is_painted(width: int, height: int) -> None:
    """Where the canvas has room: a quarter of the longer side at least, with context all round."""
    selection = Rectangle(10_000, 10_000, width, height)
    found = context_rectangle(selection, canvas_rectangle(Size(30_000, 30_000)), SMALL)
    longer = max(width, height)
    # Sides are rounded up to the grid of 16 pixels.
    assert longer * 4 >= max(found.width, found.height) - 16
    assert (min(found.width, found.height) + 16) * 3 >= max(found.width, found.height) * 2
    margins = (
        selection.x - found.x,
        selection.y - found.y,
        found.right - selection.right,
        found.bottom - selection.bottom,
    )
    assert min(margins) >= 32


def test_less_strength_reads_less_context() -> None:
    """At strength 0 half as much as at 1, and always some."""
    size = Size(400, 300)
    pads = [context_pad(size, strength / 10) for strength in range(11)]
    assert pads == sorted(pads)
    assert pads[0] == pads[10] // 2
    assert context_pad(Size(1, 1), 0.0) == 32


def test_a_selection_at_the_border_keeps_its_context() -> None:
    """The rectangle is shifted inside, not cut."""
    canvas = canvas_rectangle(Size(2000, 2000))
    middle = context_rectangle(Rectangle(900, 900, 200, 200), canvas, SMALL)
    corner = context_rectangle(Rectangle(1800, 1800, 200, 200), canvas, SMALL)
    assert corner.size == middle.size
    assert (corner.right, corner.bottom) == (2000, 2000)


def test_the_widest_canvas_that_the_wire_knows_is_no_trap() -> None:
    """A sliver across 2**20 pixels is planned, not refused as a bad message."""
    answer = quote(Size(FAR, 10), Rectangle(0, 0, FAR, 10))
    assert answer.rectangle == Rectangle(0, 0, FAR, 10)


def test_context_gives_way_before_the_selection_does() -> None:
    """Near the limit the rectangle shrinks towards the selection and keeps what fits."""
    answer = quote(Size(20_000, 20_000), Rectangle(5000, 5000, 8000, 8000))
    assert 8000**2 < answer.rectangle.size.area <= MOST_PIXELS


@pytest.mark.parametrize(
    ("selection", "code"),
    [
        (Rectangle(-50, -50, 50, 50), "nothing-selected"),
        (Rectangle(0, 0, 9000, 9000), "too-many-pixels"),
    ],
)
def test_what_can_not_be_planned_is_refused_with_a_remedy(selection: Rectangle, code: str) -> None:
    """Outside the canvas, or more than 64 Mi pixels."""
    with pytest.raises(Refusal) as caught:
        quote(Size(9000, 9000), selection)
    assert caught.value.code == code
    assert caught.value.remedy


@pytest.mark.parametrize("channels", CHANNELS)
@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize("space", SPACES)
def test_the_answered_layout_loses_no_depth(channels: str, depth: str, space: str) -> None:
    """8 bit stays as it is, deeper comes as 16-bit sRGB; the order is the editor's own."""
    layout = quote(SMALL, Rectangle(1, 1, 9, 9), Layout(channels, depth, space)).layout
    assert layout.channels == ("BGRA" if channels == "BGRA" else "RGBA")
    assert layout.depth == ("u8" if depth == "u8" else "u16")
    assert layout.space == (space if depth == "u8" else "srgb")


def test_a_plan_names_the_model_that_will_paint() -> None:
    """An empty model is answered with the default's id and its name for people."""
    answer = quote(SMALL, Rectangle(1, 1, 9, 9))
    assert answer.model == "apprentice-inpaint"
    assert answer.model_name == "Apprentice inpaint (first draft)"
