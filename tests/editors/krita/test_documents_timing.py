"""A rectangle of 2048 by 2048 pixels in the real Krita: how long it is read and placed."""

from __future__ import annotations

import json

import pytest

pytestmark = pytest.mark.editor

SPACES = (
    ("RGBA", "U8", "sRGB-elle-V2-srgbtrc.icc"),
    ("RGBA", "U16", "sRGB-elle-V2-srgbtrc.icc"),
    ("RGBA", "U8", "ClayRGB-elle-V2-g22.icc"),
    ("RGBA", "U16", "sRGB-elle-V2-g10.icc"),
    ("RGBA", "F16", "sRGB-elle-V2-g10.icc"),
    ("RGBA", "F32", "sRGB-elle-V2-g10.icc"),
    ("GRAYA", "U8", "Gray-D50-elle-V2-srgbtrc.icc"),
    ("CMYKA", "U8", "Chemical proof"),
    ("LABA", "U16", "Lab identity built-in"),
)


@pytest.fixture(scope="module")
def times(play, artifacts):
    """Milliseconds on the clock and of the processor, and slots called meanwhile; kept to read."""
    played = play("timing", {"spaces.json": json.dumps(SPACES).encode()})
    times = {
        " ".join(space): played.notes[f"times {number}"] for number, space in enumerate(SPACES)
    }
    (artifacts / "krita-timing.json").write_text(json.dumps(times, indent=1))
    return times


@pytest.mark.parametrize("space", SPACES[:2], ids=" ".join)
def test_nothing_else_runs_while_a_picture_in_srgb_is_read(times, space):
    taken = times[" ".join(space)]
    assert [taken[work][2] for work in ("canvas", "read")] == [0, 0]
