"""Real workers without their half minute of imports: forked from a process that has made them.

A fork runs the product's own `workers.main`, with a fault armed where the file `fault` names one:
its site, its kind, how often it is passed and then done.
"""

from __future__ import annotations

import errno
import os
import signal
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from faults.sections.nursery import attend

LATE = (
    "diffusers.models.autoencoders.autoencoder_kl",
    "diffusers.models.unets.unet_2d_condition",
    "diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_inpaint",
    "transformers.models.clip.modeling_clip",
    "transformers.models.clip.tokenization_clip",
)
"""What the libraries would import only when a model is loaded."""


def main() -> None:
    """Fork a worker for whoever knocks."""
    door, models = map(Path, sys.argv[1:])
    # Everything that takes long, before the first fork; a single thread of torch's survives one.
    os.environ["OMP_NUM_THREADS"] = "1"
    _arm(door.parent / "fault")
    worker = import_module("bottega_backend.workers.main")

    def be(_: list[str]) -> None:
        sys.argv = ["worker", "--device", "cpu", "--models", str(models)]
        worker.main()

    attend(door, be)


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
