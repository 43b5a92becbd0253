"""Windows and deflated chunks on lines of every kind, in made-up time."""

from dataclasses import replace

import pytest
from protocol.slow_line import SlowLine, noise

from bottega_protocol.codec import DEFLATED
from bottega_protocol.messages import Cancel, Grant
from bottega_protocol.pace import FIRST_WINDOW, LEAST_WINDOW, MOST_WINDOW, QUEUE_SECONDS

HUGE = 2**33
"""A blob that no test sees the end of."""

LINES = {
    "a slow uplink": (128e3, 0.01),
    "a home line": (1e6, 0.01),
    "a far home line": (1e6, 0.1),
    "a studio's network": (12.5e6, 0.001),
    "a far studio": (12.5e6, 0.05),
    "a fast network": (125e6, 0.0002),
    "one machine": (1e9, 0.00005),
}


def size_for(rate):
    """What such a line carries in a few seconds."""
    return int(min(12 * 2**20, max(2**20, rate * 3)))


@pytest.fixture(params=LINES, name="line")
def made_line(request):
    return SlowLine(*LINES[request.param])


@pytest.mark.parametrize("way", ["up", "down"])
def test_the_line_is_never_idle(line, way):
    """A large blob takes little longer than its bytes must; both ways alike."""
    size = size_for(line.rate)
    least = size / line.rate
    assert line.carry(size, way) <= 1.25 * least + 10 * 2 * line.way


def test_a_cancel_passes_ones_own_upload(line):
    """It waits for about 50 ms of what is in flight, or for what is in flight at least."""
    line.carry(size_for(line.rate) // 4)
    line.blob(HUGE)
    line.run_for(0.3 * size_for(line.rate) / line.rate)
    waits = []
    for number in range(20):
        waits.append(line.send(Cancel(bytes((number,)) * 16)) - line.way)
        line.run_for(0.01 * size_for(line.rate) / line.rate)
    assert max(waits) <= 2 * max(QUEUE_SECONDS, LEAST_WINDOW / line.rate)


def test_a_fixed_window_would_delay_it():
    """The counter-proof: 4 MiB take four seconds of a home line."""
    line = SlowLine(*LINES["a home line"])
    for end in line.ends.values():
        end._window._bytes = MOST_WINDOW
        end._window.reached = lambda _: None
    line.blob(HUGE)
    line.run_for(3)
    assert line.send(Cancel(bytes(16))) > 3


def test_several_blobs_share_one_window(line):
    """Eight at a time are as gentle to a cancel as one."""
    line.carry(size_for(line.rate) // 4)
    for _ in range(8):
        line.blob(HUGE)
    line.run_for(0.5 * size_for(line.rate) / line.rate)
    wait = line.send(Cancel(bytes(16))) - line.way
    assert wait <= 2 * max(QUEUE_SECONDS, 8 * LEAST_WINDOW / line.rate)


def test_a_way_that_becomes_long_is_learned():
    """A window that fits a short way is no trap: within seconds the line is full again."""
    line = SlowLine(2e6, 0.002)
    line.carry(2**23)
    line.way = 0.15
    line.carry(2**23)
    line.carry(2**23)
    assert line.carry(2**23) <= 1.5 * 2**23 / line.rate


def test_small_blobs_prove_nothing_of_large_windows():
    """Hundreds of them on a slow line: the blob after them is as gentle as the first."""
    line = SlowLine(*LINES["a home line"])
    for _ in range(200):
        line.carry(1000)
    assert line.ends["down"]._window._bytes <= FIRST_WINDOW


def half_a_drawing(offset, length):
    """Every other 128 KiB are noise."""
    return noise(offset, length) if offset // 2**17 % 2 else drawing(offset, length)


def test_noise_after_a_drawing_does_not_jam_the_line():
    """A window is widened for deflated bytes with caution: they may end at any moment."""
    line = SlowLine(*LINES["a home line"])
    line.carry(2**20, "up", drawing)
    line.blob(HUGE, "up", half_a_drawing)
    waits = []
    for number in range(40):
        line.run_for(0.05)
        waits.append(line.send(Cancel(bytes((number,)) * 16)) - line.way)
    assert max(waits) <= 5 * QUEUE_SECONDS


# --- deflated chunks -------------------------------------------------------------------------


def drawing(offset, length):
    """Runs of 64 equal bytes: deflated to less than a tenth."""
    return bytes(place // 64 % 251 for place in range(offset, offset + length))


SIZE = 2**22


@pytest.mark.parametrize("way", ["up", "down"])
def test_a_slow_line_carries_fewer_bytes(way):
    """And takes less time for it; the raw bytes arrive."""
    line = SlowLine(*LINES["a home line"])
    line.got[1] = bytearray()
    took = line.carry(SIZE, way, drawing)
    assert line.wire[way] < SIZE / 4
    assert took < SIZE / line.rate / 3
    assert line.got[1] == drawing(0, SIZE)


def test_a_fast_line_deflates_nothing():
    """It would be the slower for it."""
    line = SlowLine(*LINES["a fast network"])
    line.carry(SIZE, "up", drawing)
    assert line.wire["up"] > SIZE


def test_noise_is_sent_as_it_is():
    """Chunks are tried now and then, and none is sent deflated."""
    line = SlowLine(*LINES["a home line"])
    frames, end = [], line.ends["up"]
    take = end.next_frame
    end.next_frame = lambda: frames.append(take()) or frames[-1]
    line.carry(SIZE)
    assert not [frame for frame in frames if frame and frame[0] == DEFLATED]
    assert line.ends["up"]._rate.slow
    assert line.wire["up"] < SIZE * 1.01


def test_nothing_is_deflated_for_whom_takes_none():
    """A receiver says so with every grant."""
    line = SlowLine(*LINES["a home line"])
    end = line.ends["down"]
    say = end.send
    end.send = lambda said: say(replace(said, zlib=False) if isinstance(said, Grant) else said)
    line.carry(SIZE, "up", drawing)
    assert line.wire["up"] > SIZE
