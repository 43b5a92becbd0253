"""Tiles: all of a region, overlapping, of one size, on the latents' grid."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from bottega_backend.offers.sizes import LATENT, STRETCH, TILE, choose_sizes, grid
from bottega_backend.offers.tiles import lay_tiles, overlap, tiles_of
from bottega_protocol.regions import Rectangle, Size, canvas_rectangle

NATIVES = st.sampled_from([64, 128, 512, 1024])


@settings(max_examples=200, deadline=None)
@given(st.data(), st.integers(1, 8192), st.integers(1, 8192), NATIVES)
def test_tiles_cover_the_region_and_fit_the_model(
    data: st.DataObject, width: int, height: int, side: int
) -> None:
    """Inside the picture, of one size on the grid, overlapping their neighbours by enough."""
    native = Size(side, side)
    picture = data.draw(st.sampled_from(choose_sizes(Size(width, height), native, "best").passes))
    x = data.draw(st.integers(0, picture.width - 1))
    y = data.draw(st.integers(0, picture.height - 1))
    region = Rectangle(
        x,
        y,
        data.draw(st.integers(1, picture.width - x)),
        data.draw(st.integers(1, picture.height - y)),
    )
    tiles = lay_tiles(region, picture, native)
    step = grid(native)
    assert len({tile.size for tile in tiles}) == 1
    assert tiles[0].width % step == tiles[0].height % step == 0
    assert tiles[0].size.area <= TILE * native.area
    xs = sorted({tile.x for tile in tiles})
    ys = sorted({tile.y for tile in tiles})
    assert len(tiles) == len(xs) * len(ys)
    for starts, length, low, high, limit in (
        (xs, tiles[0].width, region.x, region.right, picture.width),
        (ys, tiles[0].height, region.y, region.bottom, picture.height),
    ):
        assert starts[0] <= low
        assert starts[-1] + length >= high
        assert starts[0] >= 0
        assert starts[-1] + length <= limit
        assert all(start % LATENT == 0 for start in starts)
        for one, other in pairwise(starts):
            assert one + length - other >= overlap(native) - LATENT


def test_a_picture_thinner_than_what_tiles_share_has_one_across_it() -> None:
    """As passes between the first and the last of a long strip are."""
    native, strip = Size(64, 64), Size(5473, 55)
    for picture in choose_sizes(strip, native, "good").passes:
        tiles = lay_tiles(canvas_rectangle(picture), picture, native)
        assert {(tile.y, tile.height) for tile in tiles} == {(0, picture.height)}
        assert (tiles[0].x, tiles[-1].right) == (0, picture.width)


def test_what_is_small_enough_to_be_composed_is_one_tile() -> None:
    """However small the selection: the model sees all of the context."""
    native, rectangle = Size(512, 512), Rectangle(50, 60, 700, 560)
    tiles = tiles_of(Size(640, 512), rectangle, Rectangle(300, 300, 9, 9), native)
    assert tiles == (canvas_rectangle(Size(640, 512)),)
    assert Size(640, 512).area <= STRETCH * native.area


def test_only_what_is_selected_is_painted_in_detail() -> None:
    """A small selection in a large picture is one tile around it."""
    native, rectangle = Size(512, 512), Rectangle(1000, 1000, 2048, 2048)
    (tile,) = tiles_of(Size(2048, 2048), rectangle, Rectangle(1900, 1950, 300, 200), native)
    assert tile.contains(Rectangle(900 - 64, 950 - 64, 300 + 128, 200 + 128))
    assert tile.size.area <= native.area
