"""The tight bounds of a mask, against numpy."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bottega_gimp.bounds import tight_bounds
from bottega_protocol.regions import Rectangle


@given(st.data())
def test_the_bounds_hold_every_selected_pixel_and_no_empty_row_or_column(data: st.DataObject):
    width, height = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9))
    values = st.sampled_from([0, 0, 0, 1, 255])
    mask = bytes(data.draw(st.lists(values, min_size=width * height, max_size=width * height)))
    around = Rectangle(-3, 7, width, height)
    rows, columns = np.nonzero(np.frombuffer(mask, np.uint8).reshape(height, width))
    expected = None
    if len(rows):
        left, top = int(columns.min()), int(rows.min())
        right, bottom = int(columns.max()) + 1, int(rows.max()) + 1
        expected = Rectangle(left - 3, top + 7, right - left, bottom - top)
    assert tight_bounds(mask, around) == expected
