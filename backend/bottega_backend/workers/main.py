"""The worker process: frames on its standard input and output, one device behind them.

`python -m bottega_backend.workers.main --device auto --models FOLDER`. A frame is its length as
a little-endian 32-bit number, then a control message of interface.FRAMES. The first frame is
Ready; after that every Advance is answered by one Advanced. End of input ends the process.
"""

from __future__ import annotations

import argparse
import contextlib
import ctypes
import logging
import os
import select
import signal
import struct
import sys
from functools import partial
from pathlib import Path
from typing import BinaryIO

from bottega_backend.errors import DeviceLost
from bottega_backend.workers.interface import EXIT_DEVICE_LOST, FRAMES, MOST_FRAME, Advance, Ready
from bottega_protocol.codec import decode, encode_message
from bottega_protocol.schema import Record

LENGTH = struct.Struct("<I")
LOG = logging.getLogger(__name__)
NICENESS = 5
"""A third of an even share beside a busy editor; at 10 it would be a tenth, and look hung."""

PR_SET_PDEATHSIG = 1
"""From <linux/prctl.h>: the signal that the kernel sends when the parent is gone."""


def main() -> None:
    """Serve until the input ends."""
    options = _options()
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING)
    output = _take_stdout()
    _follow_parent()
    _be_quiet_and_polite()
    code = serve(sys.stdin.buffer, output, options)
    sys.stderr.flush()
    # Results are on disk by now, and torch takes seconds to tear itself down, or for ever.
    os._exit(code)


def serve(input_: BinaryIO, output: BinaryIO, options: argparse.Namespace) -> int:
    """Answer frames from `input_` on `output` until there are no more; gives the exit code."""
    # Late, because it takes seconds: by now stdout is safe from what libraries print, and the
    # hub is switched off in the environment that they read when they are imported.
    from bottega_backend.engine.device import choose_device, use_cores, versions  # noqa: PLC0415
    from bottega_backend.shelf.catalog import Catalog  # noqa: PLC0415
    from bottega_backend.shelf.wildcards import Wildcards  # noqa: PLC0415
    from bottega_backend.workers.studio import Studio  # noqa: PLC0415

    use_cores()
    chosen = choose_device(options.device)
    wildcards = Wildcards(options.wildcards)
    warn = partial(send, output)
    studio = Studio(Catalog(options.models), chosen, wildcards=wildcards, warn=warn)
    send(output, Ready(chosen.name, versions()))
    try:
        while (order := receive(input_)) is not None:
            send(output, studio.advance(order))
    except DeviceLost:
        LOG.exception("the device is lost")
        return EXIT_DEVICE_LOST
    return 0


def send(output: BinaryIO, frame: Record) -> None:
    """Write one frame."""
    body = encode_message(frame, FRAMES, 1, MOST_FRAME)
    output.write(LENGTH.pack(len(body)) + body)
    output.flush()


def receive(input_: BinaryIO) -> Advance | None:
    """Read one frame; nothing at the end of the input, or where it ends within a frame."""
    head = input_.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    (length,) = LENGTH.unpack(head)
    body = input_.read(length)
    if len(body) < length:
        return None
    order = decode(body, {"advance": Advance}, 1, MOST_FRAME)
    if not isinstance(order, Advance):
        raise TypeError("only control messages travel on this pipe")
    return order


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="auto", help="auto, cpu, cuda or cuda:1")
    parser.add_argument("--models", type=Path, default=None, help="a folder with more models")
    parser.add_argument("--wildcards", type=Path, default=None, help="a folder with word lists")
    return parser.parse_args()


def _take_stdout() -> BinaryIO:
    """Keep the real stdout for frames; what anyone prints from here on goes to stderr."""
    sys.stdout.flush()
    frames = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return frames


def _follow_parent() -> None:
    """Die with the server, even when it is killed (Linux; elsewhere the pipe's end has to do)."""
    if not sys.platform.startswith("linux"):
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    # One that died before this line sends no signal any more, but has let go of the pipe.
    if _is_hung_up(sys.stdin.fileno()):
        sys.exit(1)


def _is_hung_up(descriptor: int) -> bool:
    """Whether nobody holds the other end any more."""
    poll = select.poll()
    poll.register(descriptor, 0)
    return any(event & select.POLLHUP for _, event in poll.poll(0))


def _be_quiet_and_polite() -> None:
    """Nothing is ever fetched from the hub, and the artist's editor goes first."""
    os.environ.update(
        HF_HUB_OFFLINE="1",
        HF_HUB_DISABLE_TELEMETRY="1",
        HF_HUB_DISABLE_PROGRESS_BARS="1",
        TRANSFORMERS_VERBOSITY="error",
        DIFFUSERS_VERBOSITY="error",
        TOKENIZERS_PARALLELISM="false",
    )
    if hasattr(os, "nice"):
        with contextlib.suppress(OSError):
            os.nice(NICENESS)


if __name__ == "__main__":
    main()
