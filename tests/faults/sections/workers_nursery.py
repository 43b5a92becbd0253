"""Real workers without their half minute of imports: forked from a process that has made them.

`nursery(folder)` starts that process. The command that the server starts is `workers_stub.py`,
which hands its standard streams over; the fork runs the product's own `workers.main`, with a fault
armed where `folder/fault` names one: its site, its kind, how often it is passed and then done.
"""

from __future__ import annotations

import array
import errno
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

STUB = Path(__file__).with_name("workers_stub.py")
NOT_STARTED = 127
LATE = (
    "diffusers.models.autoencoders.autoencoder_kl",
    "diffusers.models.unets.unet_2d_condition",
    "diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_inpaint",
    "transformers.models.clip.modeling_clip",
    "transformers.models.clip.tokenization_clip",
)
"""What the libraries would import only when a model is loaded."""


@contextmanager
def nursery(folder: Path, models: Path) -> Iterator[list[str]]:
    """Start it; gives the command that starts a worker."""
    door = folder / "nursery"
    door.unlink(missing_ok=True)
    words = [sys.executable, __file__, str(folder), str(models)]
    with (folder / "nursery.log").open("ab") as log:
        process = subprocess.Popen(words, stdout=log, stderr=log)
    try:
        while not door.exists():
            if process.poll() is not None:
                raise RuntimeError((folder / "nursery.log").read_text())
            time.sleep(0.1)
        yield [sys.executable, "-I", "-S", str(STUB), str(door)]
    finally:
        process.kill()
        process.wait()


def main() -> None:
    """Fork a worker for whoever knocks."""
    folder, models = map(Path, sys.argv[1:])
    # Everything that takes long, before the first fork; a single thread of torch's survives one.
    os.environ["OMP_NUM_THREADS"] = "1"
    _arm(folder / "fault")
    part, door = folder / "nursery.part", folder / "nursery"
    part.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    listening.bind(str(part))
    listening.listen()
    part.rename(door)
    while True:
        knocking, _ = listening.accept()
        _, ancillary, _, _ = knocking.recvmsg(1, socket.CMSG_SPACE(3 * 4))
        streams = array.array("i", ancillary[0][2][: 3 * 4])
        child = os.fork()
        if child == 0:
            listening.close()
            knocking.close()
            _be_worker(streams, models)
        for stream in streams:
            os.close(stream)
        threading.Thread(target=_attend, args=(knocking, child), daemon=True).start()


def _attend(knocking: socket.socket, child: int) -> None:
    """Tell the stub how its worker ended; end the worker when the stub is gone."""

    def watch() -> None:
        if not knocking.recv(1):
            try:
                os.kill(child, signal.SIGKILL)
            except ProcessLookupError:
                return

    threading.Thread(target=watch, daemon=True).start()
    _, status = os.waitpid(child, 0)
    try:
        knocking.sendall(os.waitstatus_to_exitcode(status).to_bytes(4, "big", signed=True))
    except OSError:
        return


def _be_worker(streams: array.array[int], models: Path) -> None:
    from bottega_backend.workers import main as worker  # noqa: PLC0415  # imported already

    try:
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
        sys.stdin, sys.stdout, sys.stderr = open(0), open(1, "w"), open(2, "w")  # noqa: SIM115  # the process's own
        sys.argv = ["worker", "--device", "cpu", "--models", str(models)]
        worker.main()
    finally:
        os._exit(NOT_STARTED)


# --- faults ----------------------------------------------------------------------------------


def _arm(file: Path) -> None:
    """Wrap every site; the fault itself is looked up when the site is reached."""
    import torch  # noqa: PLC0415  # seconds

    from bottega_backend.capabilities import blobs, brush  # noqa: PLC0415
    from bottega_backend.engine import engine, residence  # noqa: PLC0415

    for name in (*LATE, "bottega_backend.workers.main", "bottega_backend.workers.studio"):
        import_module(name)
    kinds: dict[str, Callable[[], Any]] = {
        "kill": lambda: os.kill(os.getpid(), signal.SIGKILL),
        "exit": lambda: os._exit(3),
        "hang": lambda: time.sleep(3600),
        "nonsense": lambda: os.write(1, b"\xff" * 4096),
        "no memory": _raiser(torch.OutOfMemoryError("CUDA out of memory. Injected.")),
        "no host memory": _raiser(MemoryError()),
        "device error": _raiser(torch.AcceleratorError("CUDA error: injected")),
        "error": _raiser(RuntimeError("injected")),
        "disk full": _raiser(OSError(errno.ENOSPC, "injected")),
    }

    def reached(site: str) -> str:
        """Do what is armed here; gives the kind where it is about values."""
        armed = taken(file, site)
        if armed in kinds:
            kinds[armed]()
        return armed

    _wrap(residence, "load", lambda _: "loading", reached)
    _wrap(brush, "encode_prompts", lambda _: "reading the prompt", reached)
    _wrap(brush, "encode", lambda _: "encoding", reached)
    _wrap(brush, "decode", lambda _: "decoding", reached)
    _wrap(engine, "run_calls", _phase, reached)
    _wrap(getattr(blobs, "Writing", blobs.Blobs), "write", lambda _: "writing", reached)
    # A hang is waited for in seconds here, not in minutes.
    engine.PATIENCE, engine.UNMEASURED, engine.AROUND = 4.0, 20.0, 20.0  # type: ignore[misc]


def _phase(arguments: tuple[Any, ...]) -> str:
    return {"denoising": "a step", "decoding": "a forward of the decoder"}.get(
        arguments[0][0].tap.phase, "another forward"
    )


def _wrap(owner: Any, name: str, site: Callable[[Any], str], reached: Callable[[str], str]) -> None:
    real = getattr(owner, name)

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        kind = reached(site(args))
        given = real(*args, **kwargs)
        return _spoilt(given) if kind == "nan" else given

    setattr(owner, name, wrapped)


def _spoilt(outputs: Any) -> Any:
    """The same outputs of a forward, without a number in them."""
    for output in outputs:
        value = getattr(output, "value", output)
        for tensor in value if isinstance(value, tuple) else (getattr(value, "sample", value),):
            tensor.fill_(float("nan"))
    return outputs


def _raiser(error: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise error

    return work


def taken(file: Path, site: str) -> str:
    """The kind of fault that is armed for a site, one time fewer; "" where there is none."""
    try:
        where, kind, skip, times = file.read_text().split("|")
    except FileNotFoundError:
        return ""
    if where != site:
        return ""
    if int(skip):
        file.write_text(f"{where}|{kind}|{int(skip) - 1}|{times}")
        return ""
    if int(times) > 1:
        file.write_text(f"{where}|{kind}|0|{int(times) - 1}")
    else:
        file.unlink()
    return kind


if __name__ == "__main__":
    main()
