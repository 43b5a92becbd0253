"""Sizes: one pass or several, never stretched without need, as fine as the quality goes."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bottega_backend.offers.sizes import (
    LONGEST,
    STEP,
    STRETCH,
    choose_bucket,
    choose_sizes,
    grid,
    scale_rectangle,
)
from bottega_protocol.regions import Rectangle, Size
from bottega_protocol.requests import QUALITIES

NATIVES = (64, 128, 512, 768, 1024)

CASES = [
    # Case of the notes it answers; rectangle, native, quality; sizes of the passes.
    # 1: what the model was made for.
    (512, 512, 512, "good", [(512, 512)]),
    # 2: too long to compose at its own size; composed at its own aspect.
    (1536, 600, 512, "good", [(832, 320), (1536, 640)]),
    # 3: composed a little flatter than it is (by a sixtieth), detail at its own size.
    (777, 999, 512, "good", [(448, 576), (832, 1024)]),
    # 4: small: enlarged for painting, to the native area.
    (128, 450, 512, "good", [(256, 896)]),
    # 5: a pixel more is no reason for another size than everyone else's.
    (512, 513, 512, "good", [(512, 512)]),
    # 6: one and a half native areas are composed in one pass, at no resampling.
    (1024, 1536, 1024, "good", [(1024, 1536)]),
    # 7: half the native side is painted at all of it: four times the pixels to choose from.
    (512, 512, 1024, "good", [(1024, 1024)]),
    (640, 640, 1024, "good", [(1024, 1024)]),
    # 8: full high definition.
    (1920, 1080, 1024, "good", [(1344, 768), (1920, 1088)]),
    # 9: capped for good, and never enlarged from the composition before it is capped.
    (3840, 2160, 1024, "good", [(1344, 768), (3392, 1920)]),
    (3840, 2160, 1024, "best", [(1344, 768), (3840, 2176)]),
    # 10: one pass, then enlarged.
    (2000, 2000, 1024, "draft", [(1024, 1024)]),
    # 11: a draft of something large is as quick as a draft of anything.
    (2048, 1536, 512, "draft", [(576, 448)]),
    # 12: composed small, then at its own size.
    (3008, 2000, 1024, "good", [(1280, 832), (3008, 2048)]),
    # 13: detail grows by even factors where it would be too much at once.
    (2048, 1536, 512, "good", [(576, 448), (1152, 832), (2048, 1536)]),
    # 14: the rectangle of a 256 by 256 selection.
    (512, 512, 128, "good", [(128, 128), (256, 256), (512, 512)]),
    # 15: a large selection's rectangle is composed whole, so that its context is seen.
    (2816, 2304, 1024, "good", [(1088, 896), (2816, 2304)]),
    # Beyond: the largest there is; nothing grows by more than three times at once.
    (8192, 8192, 512, "best", [(512, 512), (1344, 1344), (3264, 3264), (8192, 8192)]),
    # A canvas that is all sliver: shorter than it is, and no side grows without bounds.
    (3000, 40, 512, "good", [(1536, 192)]),
]


@pytest.mark.parametrize(("width", "height", "native", "quality", "passes"), CASES)
def test_worked_cases(
    width: int,
    height: int,
    native: int,
    quality: str,
    passes: list[tuple[int, int]],
) -> None:
    """Whole pictures, odd sizes, slivers and giants, each worked out by the rules."""
    sizes = choose_sizes(Size(width, height), Size(native, native), quality)
    assert [(size.width, size.height) for size in sizes.passes] == passes
    assert sizes.painted == Size(*passes[-1])
    assert (sizes.composed is None) == (len(passes) == 1)


SIDE = st.integers(1, 9000)


@settings(max_examples=200, deadline=None)
@given(SIDE, SIDE, st.sampled_from(NATIVES), st.sampled_from(QUALITIES))
def test_any_size_is_painted_in_sound_passes(
    width: int, height: int, side: int, quality: str
) -> None:
    """On the grid, from coarse to fine, never finer than the rectangle unless enlarged for it."""
    rectangle, native = Size(width, height), Size(side, side)
    sizes = choose_sizes(rectangle, native, quality)
    step = grid(native)
    for size in sizes.passes:
        assert size.width % step == size.height % step == 0
    for coarse, fine in pairwise(sizes.passes):
        assert coarse.area < fine.area
        assert fine.area <= coarse.area * STEP**2 * 1.3
    if len(sizes.passes) > 1 or sizes.painted.area > STRETCH * native.area:
        assert sizes.painted.width < max(rectangle.width, side / LONGEST) + step
        assert sizes.painted.height < max(rectangle.height, side / LONGEST) + step
    else:
        assert native.area / STRETCH <= sizes.painted.area <= STRETCH * native.area


@settings(max_examples=200, deadline=None)
@given(st.integers(1, 9000), st.integers(1, 9000), st.sampled_from([128, 512, 1024]))
def test_a_composition_is_hardly_stretched(width: int, height: int, side: int) -> None:
    """By at most an eighth where the aspect is below 4 : 1, which is the grid's doing."""
    if max(width, height) > 4 * min(width, height):
        return
    bucket = choose_bucket(Size(width, height), Size(side, side))
    stretch = bucket.width * height / (bucket.height * width)
    assert 8 / 9 <= stretch <= 9 / 8


def test_a_model_that_knows_whole_pictures_only_composes() -> None:
    """However large the rectangle, and however good it is to be."""
    rectangle, native = Size(4096, 4096), Size(128, 128)
    for quality in QUALITIES:
        sizes = choose_sizes(rectangle, native, quality, details=False)
        assert sizes.passes == (native,)


def test_like_rectangles_share_a_size() -> None:
    """All rectangles of a third more or less aspect and any area make a handful of sizes."""
    native = Size(512, 512)
    sizes = {
        choose_bucket(Size(width, height), native)
        for width in range(300, 400, 7)
        for height in range(300, 400, 7)
    }
    assert len(sizes) <= 7


@given(
    st.tuples(*[st.integers(0, 400)] * 2, *[st.integers(1, 400)] * 2),
    st.tuples(SIDE, SIDE),
)
def test_a_scaled_rectangle_holds_all_that_it_held(
    place: tuple[int, int, int, int], size: tuple[int, int]
) -> None:
    """Rounded outwards, inside the picture."""
    rectangle, target = Rectangle(*place), Size(*size)
    scaled = scale_rectangle(rectangle, Size(800, 800), target)
    assert scaled.x * 800 <= rectangle.x * target.width
    assert scaled.right * 800 >= rectangle.right * target.width
    assert scaled.bottom * 800 >= rectangle.bottom * target.height
    assert scaled.right <= target.width
    assert scaled.bottom <= target.height
