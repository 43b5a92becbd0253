"""A stage's state on disk: resumable at any moment, in files small enough to travel."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from math import cos, pi
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

MOST_FILE = 14 * 2**20
"""Bytes of one checkpoint file."""

EVERY = 120.0
"""Seconds between two checkpoints."""

WARM_UP = 100
"""Steps in which the learning rate rises."""

Say = Callable[[str], None]


@dataclass
class Averages:
    """The exponential moving average of parameters, faster at first (1 + i) / (20 + i)."""

    parameters: list[Tensor]
    values: list[Tensor] = field(init=False)

    def __post_init__(self) -> None:
        self.values = [parameter.detach().clone() for parameter in self.parameters]

    def follow(self, step: int, slowest: float) -> None:
        """Move a little towards the parameters."""
        keep = min(slowest, (1 + step) / (20 + step))
        now = [parameter.detach() for parameter in self.parameters]
        torch._foreach_lerp_(self.values, now, 1 - keep)  # as torch's own optimisers do

    def put_in(self) -> None:
        """Make the parameters what they were on average."""
        with torch.no_grad():
            for parameter, value in zip(self.parameters, self.values, strict=True):
                parameter.copy_(value)


@dataclass
class Run:
    """One stage: its parameters, optimiser and averages, how long it has run, what it lost."""

    path: Path
    parameters: list[Tensor]
    seconds: float
    rate: float
    say: Say
    flat: float = 0.5
    slowest: float = 0.999
    steps: int = 0
    step: int = 0
    elapsed: float = 0.0
    losses: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.optimiser = torch.optim.AdamW(
            self.parameters, self.rate, (0.9, 0.99), weight_decay=1e-2
        )
        self.averages = Averages(self.parameters)
        self._saved = self._began = time.monotonic()
        self._resume()

    @property
    def done(self) -> bool:
        """Whether the budget is spent."""
        return self.share >= 1

    @property
    def share(self) -> float:
        """How much of the budget is spent, 0 to 1: of the steps, where given, or of the time."""
        spent = self.step / self.steps if self.steps else self.elapsed / self.seconds
        return min(1.0, spent)

    def learn(self, loss: Tensor) -> None:
        """One step down a loss; saves now and then."""
        late = max(0.0, (self.share - self.flat) / (1 - self.flat))
        for group in self.optimiser.param_groups:
            group["lr"] = (
                self.rate * min(1, (self.step + 1) / WARM_UP) * 0.5 * (1 + cos(pi * late)) + 1e-6
            )
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch's own
        nn.utils.clip_grad_norm_(self.parameters, 1.0)
        self.optimiser.step()
        self.step += 1
        self.averages.follow(self.step, self.slowest)
        self._count(loss)

    def finish(self) -> None:
        """Save, and leave the averages in the parameters."""
        self.save()
        self.averages.put_in()

    def save(self) -> None:
        """Write everything that the next step depends on, whole or not at all."""
        state = {
            "step": self.step,
            "elapsed": self.elapsed,
            "losses": self.losses[-2000:],
            "parameters": [parameter.detach().cpu() for parameter in self.parameters],
            "averages": [value.cpu() for value in self.averages.values],
            "optimiser": _small(self.optimiser.state_dict()),
        }
        write_pieces(self.path, state)
        self._saved = time.monotonic()

    def _count(self, loss: Tensor) -> None:
        if self.step % 10 == 0:
            self.losses.append(float(loss.detach()))
        now = time.monotonic()
        self.elapsed += now - self._began
        self._began = now
        if self.step % 200 == 0:
            recent = sum(self.losses[-20:]) / len(self.losses[-20:])
            self.say(
                f"step {self.step}, {self.elapsed:.0f} of {self.seconds:.0f} s, loss {recent:.4f}"
            )
        if now - self._saved > EVERY:
            self.save()

    def _resume(self) -> None:
        state = read_pieces(self.path)
        if state is None:
            return
        with torch.no_grad():
            for mine, kept in zip(self.parameters, state["parameters"], strict=True):
                mine.copy_(kept)
            for mine, kept in zip(self.averages.values, state["averages"], strict=True):
                mine.copy_(kept)
        self.optimiser.load_state_dict(state["optimiser"])
        self.step, self.elapsed, self.losses = state["step"], state["elapsed"], state["losses"]
        # The stage has set its seed already: without another one the first noises would come again.
        torch.manual_seed(self.step)
        self.say(f"goes on at step {self.step}, {self.elapsed:.0f} s")


def write_pieces(path: Path, state: Any) -> None:
    """Save a state as `path`.0, .1 ...; the list of them is written last, and replaced at once."""
    buffer = io.BytesIO()
    torch.save(state, buffer)
    content = buffer.getvalue()
    path.parent.mkdir(parents=True, exist_ok=True)
    old = _pieces(path)
    stamp = f"{time.time_ns():x}"
    names = []
    for number, start in enumerate(range(0, len(content), MOST_FILE)):
        piece = path.with_name(f"{path.name}.{stamp}.{number}")
        piece.write_bytes(content[start : start + MOST_FILE])
        names.append(piece.name)
    fresh = path.with_name(f"{path.name}.new")
    fresh.write_text("\n".join(names))
    fresh.replace(path)
    for piece in old:
        piece.unlink(missing_ok=True)


def read_pieces(path: Path) -> Any | None:
    """What `write_pieces` saved, or nothing."""
    pieces = _pieces(path)
    if not pieces:
        return None
    content = b"".join(piece.read_bytes() for piece in pieces)
    return torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)


def _pieces(path: Path) -> list[Path]:
    if not path.is_file():
        return []
    return [path.with_name(name) for name in path.read_text().split()]


def _small(state: dict[str, Any]) -> dict[str, Any]:
    """An optimiser's state with its moments in half the bytes."""
    moments = {
        index: {
            name: value.to(torch.bfloat16) if isinstance(value, Tensor) and value.dim() else value
            for name, value in entry.items()
        }
        for index, entry in state["state"].items()
    }
    return {**state, "state": moments}
