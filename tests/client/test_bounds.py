"""The tight bounds of a mask, against numpy."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from bottega_client.bounds import Read, tight_bounds
from bottega_protocol.regions import Rectangle


@given(st.data())
def test_the_bounds_hold_every_selected_pixel_and_no_empty_row_or_column(data: st.DataObject):
    width, height = data.draw(st.integers(1, 40)), data.draw(st.integers(1, 40))
    mask = np.zeros((height, width), np.uint8)
    spots = st.tuples(st.integers(0, height - 1), st.integers(0, width - 1))
    for spot in data.draw(st.lists(spots, max_size=5)):
        mask[spot] = 1
    around = Rectangle(-3, 7, width, height)
    rows, columns = np.nonzero(mask)
    expected = None
    if len(rows):
        left, top = int(columns.min()), int(rows.min())
        right, bottom = int(columns.max()) + 1, int(rows.max()) + 1
        expected = Rectangle(left - 3, top + 7, right - left, bottom - top)
    assert tight_bounds(around, reader(mask)) == expected


def test_of_a_large_selection_only_the_border_is_read():
    mask = np.full((2000, 3000), 255, np.uint8)
    count = [0]
    around = Rectangle(-3, 7, 3000, 2000)
    assert tight_bounds(around, reader(mask, count)) == around
    assert count[0] <= 2 * 16 * (3000 + 2000)


def reader(mask: NDArray[np.uint8], count: list[int] | None = None) -> Read:
    """Reads a mask whose corner lies at (-3, 7), and counts the pixels."""

    def read(part: Rectangle) -> bytes:
        if count is not None:
            count[0] += part.size.area
        return mask[part.y - 7 : part.bottom - 7, part.x + 3 : part.right + 3].tobytes()

    return read
