"""The bench's own instruments: what they send is what they say."""

from __future__ import annotations

from bottega_backend.bench.canvas import RGBA, MadeCanvas
from bottega_protocol.regions import Rectangle

SELECTION = Rectangle(20, 30, 16, 8)
READ = Rectangle(10, 20, 40, 30)


def test_the_canvas_s_size_changes_nothing_of_what_is_read() -> None:
    small, large = (MadeCanvas(side, SELECTION, 7).read(READ, RGBA, "") for side in (64, 8192))
    assert small.pixels == large.pixels
    assert small.mask == large.mask


def test_another_seed_has_other_pixels_to_send() -> None:
    first, second = (MadeCanvas(64, SELECTION, seed).read(READ, RGBA, "") for seed in (1, 2))
    assert first.pixels != second.pixels


def test_the_mask_is_the_selection() -> None:
    mask = MadeCanvas(64, SELECTION).read(READ, RGBA, "").mask
    rows = [mask[row * 40 : (row + 1) * 40] for row in range(30)]
    assert sum(map(sum, rows)) == 255 * SELECTION.size.area
    assert rows[10] == bytes(10) + b"\xff" * 16 + bytes(14)
