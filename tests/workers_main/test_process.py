"""The worker as a process of its own, with the model that comes with the package."""

import hashlib
import os
import signal
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from fakes.fills import Desk, box, painted

from bottega_backend.workers.interface import (
    FRAMES,
    MOST_FRAME,
    Advance,
    Advanced,
    Broken,
    Done,
    Ready,
    Running,
    Stop,
)
from bottega_protocol.codec import decode, encode_message
from bottega_protocol.messages import Preview, Progress

LENGTH = struct.Struct("<I")
COMMAND = (sys.executable, "-m", "bottega_backend.workers.main", "--device", "cpu")


class Peer:
    """The server's end of the pipe."""

    def __init__(self, *command: str, more: dict[str, str] | None = None):
        self.running = []
        self.process = subprocess.Popen(
            command or COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "OMP_NUM_THREADS": "1", **(more or {})},
        )

    def receive(self):
        """The next answer; what the worker said on the way is in `running`."""
        while isinstance(frame := self._frame(), Running):
            self.running.append(frame.jobs)
        return frame

    def _frame(self):
        (length,) = LENGTH.unpack(self.process.stdout.read(LENGTH.size))
        return decode(self.process.stdout.read(length), FRAMES, 1, MOST_FRAME)

    def advance(self, *commands, budget_ms=50) -> Advanced:
        body = encode_message(Advance(commands, budget_ms), FRAMES, 1, MOST_FRAME)
        self.process.stdin.write(LENGTH.pack(len(body)) + body)
        self.process.stdin.flush()
        return self.receive()

    def finish(self, *commands) -> list:
        events, told = [], self.advance(*commands)
        while True:
            events.extend(told.events)
            if not told.busy:
                return events
            told = self.advance()

    def close(self):
        self.process.stdin.close()
        code = self.process.wait(30)
        self.process.stdout.close()
        return code


NOISE = """
import os, sys, threading, time

def shout():
    while True:
        time.sleep(0.05)
        print("noise", flush=True)
        os.write(1, b"more noise")

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            threading.Thread(target=shout, daemon=True).start()

sys.meta_path.insert(0, Watch())
"""
"""Prints on standard output from torch's import on, all the time."""


@pytest.fixture(scope="module")
def peer(tmp_path_factory):
    """A worker in which something prints all the time: no test's frames may be harmed by it."""
    folder = tmp_path_factory.mktemp("noise")
    (folder / "sitecustomize.py").write_text(NOISE)
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    one = Peer(more={"PYTHONPATH": path})
    ready = one.receive()
    assert isinstance(ready, Ready)
    assert ready.device.startswith("CPU")
    assert any(version.startswith("torch ") for version in ready.versions)
    yield one
    if one.process.poll() is None:
        one.process.kill()
    one.process.wait()


def scene() -> np.ndarray:
    """Sky over grass, RGBA, 96 pixels wide."""
    pixels = np.full((96, 96, 4), 255, np.uint8)
    pixels[:50, :, :3] = (120, 180, 240)
    pixels[50:, :, :3] = (80, 150, 50)
    return pixels


MASK = box(96, 96, slice(30, 70), slice(30, 70))


def test_a_fill_comes_back_with_the_bytes_that_its_hashes_name(peer, tmp_path):
    start = Desk(tmp_path).start(scene(), MASK, prompt="a red ball", seed=3, steps=8)
    events = peer.finish(start)
    (done,) = [event for event in events if isinstance(event, Done)]
    assert done.job == start.job
    assert {blob.sha256 for blob in done.files} == {image.sha256 for image in done.result.images()}
    for blob in done.files:
        data = Path(blob.path).read_bytes()
        assert hashlib.sha256(data).digest() == blob.sha256
        assert Path(blob.path).parent == Path(start.output)
    # A phase that begins and ends within one slice is passed over: reading a prompt is short.
    told = {event.phase for event in events if isinstance(event, Progress)}
    assert told - {"encoding"} == {"loading", "denoising", "decoding"}
    assert any(isinstance(event, Preview) for event in events)
    reds = painted(done)[MASK > 0].astype(int)
    assert ((reds[:, 0] > 120) & (reds[:, 1] < 80) & (reds[:, 2] < 80)).mean() > 0.15


def test_a_broken_job_is_told_and_the_next_one_is_done(peer, tmp_path):
    desk = Desk(tmp_path)
    events = peer.finish(desk.start(scene(), MASK, model="nobody"))
    assert [type(event) for event in events] == [Broken]
    assert any(isinstance(event, Done) for event in peer.finish(desk.start(scene(), MASK, steps=1)))


def test_nothing_is_done_without_a_budget_and_a_stopped_job_ends(peer, tmp_path):
    start = Desk(tmp_path).start(scene(), MASK, steps=20)
    assert peer.advance(start, budget_ms=0).busy
    events = peer.finish(Stop(start.job))
    assert [type(event).__name__ for event in events] == ["Ended"]


def test_the_process_ends_when_its_input_does(peer):
    """Last of this module: it closes the pipe."""
    assert peer.close() == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the kernel's parent-death signal")
def test_the_worker_dies_with_a_server_that_is_killed(tmp_path):
    """The parent holds no end of the worker's pipes: only the kernel can tell it."""
    parent = Peer(
        sys.executable,
        "-c",
        "import subprocess, sys, os, time\n"
        f"worker = subprocess.Popen({COMMAND!r}, stdin=0, stdout=1, stderr=2)\n"
        f"open({str(tmp_path / 'pid')!r}, 'w').write(str(worker.pid))\n"
        "time.sleep(600)\n",
    )
    assert isinstance(parent.receive(), Ready)
    worker = int((tmp_path / "pid").read_text())
    parent.process.send_signal(signal.SIGKILL)
    parent.process.wait()
    # Its end of the pipe closes when it is gone; the test's own input end is still open.
    assert parent.process.stdout.read() == b""
    assert not Path(f"/proc/{worker}/exe").exists()
    parent.process.stdin.close()
    parent.process.stdout.close()
