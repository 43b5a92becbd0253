"""The quote: which rectangle is read, at what size it is painted, and what that weighs."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bottega_backend.offers.quote import context_pad, context_rectangle, painted_size, plan
from bottega_backend.shelf.catalog import Catalog
from bottega_protocol.errors import Refusal
from bottega_protocol.images import CHANNELS, DEPTHS, MOST_PIXELS, SPACES, Layout
from bottega_protocol.messages import AskQuote
from bottega_protocol.offers import Plan
from bottega_protocol.regions import FAR, Rectangle, Size, canvas_rectangle

CATALOG = Catalog()
BGRA = Layout("BGRA", "u8")
SD15 = Size(512, 512)
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


@settings(max_examples=300, deadline=None)
@given(st.integers(1, FAR), st.integers(1, 9000), st.sampled_from([64, 128, 256, 512, 768, 1024]))
def test_the_painted_size_is_about_the_native_area(width: int, height: int, side: int) -> None:
    """Multiples of 8, half to double the native side; the aspect is kept up to 4:1."""
    for rectangle in (Size(width, height), Size(height, width)):
        painted = painted_size(rectangle, Size(side, side))
        assert painted.width % 8 == painted.height % 8 == 0
        assert side // 2 <= painted.width <= 2 * side
        assert side // 2 <= painted.height <= 2 * side
        # Both sides are rounded by at most 4 pixels.
        slack = (1 + 4 / (side / 2)) ** 2
        assert side**2 / slack <= painted.width * painted.height <= side**2 * slack
        aspect = rectangle.width / rectangle.height
        if 0.25 <= aspect <= 4:
            assert aspect / slack <= painted.width / painted.height <= aspect * slack


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 512), st.integers(0, 512), st.integers(1024, 9000), st.integers(1024, 9000))
def test_the_canvas_does_not_weigh(x: int, y: int, width: int, height: int) -> None:
    """A 512 by 512 selection costs the same bytes on every canvas from 1024 by 1024 up."""
    selection = Rectangle(x, y, 512, 512)
    small = quote(Size(1024, 1024), selection)
    large = quote(Size(width, height), selection)
    assert small.upload_bytes == large.upload_bytes
    assert small.painted == large.painted


CASES = [
    # canvas, selection, native; rectangle, painted
    ((512, 512), (0, 0, 512, 512), 512, (0, 0, 512, 512), (512, 512)),
    ((512, 513), (0, 0, 512, 513), 512, (0, 0, 512, 513), (512, 512)),
    ((777, 999), (0, 0, 777, 999), 512, (0, 0, 777, 999), (448, 584)),
    ((128, 450), (0, 0, 128, 450), 512, (0, 0, 128, 450), (272, 960)),
    ((1536, 600), (0, 0, 1536, 600), 512, (0, 0, 1536, 600), (816, 320)),
    ((1920, 1080), (0, 0, 1920, 1080), 512, (0, 0, 1920, 1080), (680, 384)),
    ((1024, 1536), (0, 0, 1024, 1536), 128, (0, 0, 1024, 1536), (104, 160)),
    ((2048, 2048), (900, 900, 256, 256), 512, (772, 772, 512, 512), (512, 512)),
    ((2048, 2048), (900, 900, 256, 256), 128, (772, 772, 512, 512), (128, 128)),
    ((4096, 4096), (1000, 1000, 1500, 1000), 512, (370, 370, 2760, 2260), (568, 464)),
    ((4096, 4096), (0, 0, 20, 20), 512, (0, 0, 256, 256), (512, 512)),
    ((4096, 4096), (2000, 2000, 20, 20), 128, (1968, 1968, 84, 84), (128, 128)),
    ((1024, 1024), (512, 0, 512, 1024), 512, (0, 0, 1024, 1024), (512, 512)),
    ((4000, 4000), (1000, 2000, 1000, 50), 512, (650, 1458, 1700, 1134), (624, 416)),
    ((3000, 40), (0, 0, 3000, 40), 128, (0, 0, 3000, 40), (256, 64)),
    ((9000, 9000), (0, 0, 8192, 8192), 512, (0, 0, 8192, 8192), (512, 512)),
]


@pytest.mark.parametrize(("canvas", "selection", "native", "rectangle", "painted"), CASES)
def test_worked_cases(
    canvas: tuple[int, int],
    selection: tuple[int, int, int, int],
    native: int,
    rectangle: tuple[int, int, int, int],
    painted: tuple[int, int],
) -> None:
    """Whole pictures, odd sizes, slivers, corners and giants, each worked out by the rules."""
    bounds = canvas_rectangle(Size(*canvas))
    found = context_rectangle(Rectangle(*selection), bounds, Size(native, native))
    assert found == Rectangle(*rectangle)
    assert painted_size(found.size, Size(native, native)) == Size(*painted)


@settings(max_examples=100, deadline=None)
@given(st.integers(40, 2000), st.integers(40, 2000))
def test_the_selection_is_a_good_share_of_what_is_painted(width: int, height: int) -> None:
    """Where the canvas has room: a quarter of the longer side at least, with context all round."""
    selection = Rectangle(10_000, 10_000, width, height)
    found = context_rectangle(selection, canvas_rectangle(Size(30_000, 30_000)), SMALL)
    longer = max(width, height)
    assert longer * 4 >= max(found.width, found.height)
    assert min(found.width, found.height) * 3 >= max(found.width, found.height) * 2
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
