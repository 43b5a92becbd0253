"""What our own samplers share: noise levels as k-diffusion has them, and diffusers' interface."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from diffusers import EulerDiscreteScheduler
from diffusers.schedulers.scheduling_euler_discrete import EulerDiscreteSchedulerOutput
from diffusers.utils.torch_utils import randn_tensor
from numpy.typing import NDArray

RHO = 7.0
"""How densely Karras' levels lie near the end (Karras et al., 2022, arXiv:2206.00364, eq. 5)."""


class SigmaSampler(EulerDiscreteScheduler):  # type: ignore[misc]  # diffusers ships no types here
    """A sample is x = x0 + sigma * noise; `levels` are the sigmas of the steps, ending at 0.

    diffusers' class gives the model's training (betas, prediction type), `scale_model_input`,
    `add_noise` and `init_noise_sigma`. Ours are the levels, which equal k-diffusion's for any
    number of steps (diffusers' linspace begins one single step at the wrong end), and the step:
    subclasses say only how one is made. An object belongs to one job.
    """

    levels: tuple[float, ...]

    def set_timesteps(
        self, num_inference_steps: int, device: str | torch.device | None = None
    ) -> None:
        """Lay out the calls of so many steps. `timesteps` is one per call of the model."""
        logs = np.log(np.asarray((1 - self.alphas_cumprod) / self.alphas_cumprod, np.float64)) / 2
        levels = np.exp(np.interp(self._spaced(num_inference_steps), np.arange(len(logs)), logs))
        if self.config.use_karras_sigmas:
            levels = karras(num_inference_steps, np.exp(logs[0]), np.exp(logs[-1]))
        self.num_inference_steps = num_inference_steps
        self.levels = (*map(float, levels), 0.0)
        calls = np.asarray(self._calls(), np.float64)
        times = np.interp(np.log(calls), logs, np.arange(len(logs)))
        # On the CPU, as diffusers has them: indexing them must not wait for the device.
        self.sigmas = torch.tensor([*calls, 0.0], dtype=torch.float32)
        self.timesteps = torch.tensor(times, dtype=torch.float32, device=device)
        self._step_index: int | None = None
        self._begin_index: int | None = None
        self._restart()

    def step(
        self,
        model_output: torch.Tensor,
        timestep: torch.Tensor,
        sample: torch.Tensor,
        generator: torch.Generator | None = None,
        *,
        return_dict: bool = True,
    ) -> Any:
        """One call further: the next sample, and the picture x0 as the model takes it to be.

        Reckons in single precision, returns the precision of `model_output`.
        """
        if self._step_index is None:
            self._init_step_index(timestep)
        call: int = self.step_index
        begun = sample.to(torch.float32)
        clean = self._clean(model_output.to(torch.float32), begun, float(self.sigmas[call]))
        moved = self._move(call, begun, clean, generator)
        self._step_index = call + 1
        results = (moved.to(model_output.dtype), clean.to(model_output.dtype))
        if not return_dict:
            return results
        return EulerDiscreteSchedulerOutput(*results)

    def _calls(self) -> Sequence[float]:
        """The sigmas at which the model is called; here one for each step."""
        return self.levels[:-1]

    def _restart(self) -> None:
        """Forget what was kept of earlier steps."""

    def _move(
        self, call: int, x: torch.Tensor, clean: torch.Tensor, generator: torch.Generator | None
    ) -> torch.Tensor:
        """The sample after this call; here by Euler's method, dx/dsigma = (x - x0) / sigma."""
        del generator
        begin, end = self.levels[call], self.levels[call + 1]
        return x + (x - clean) / begin * (end - begin)

    def _spaced(self, steps: int) -> NDArray[np.float64]:
        last = self.config.num_train_timesteps - 1
        if self.config.timestep_spacing == "trailing":
            return np.asarray(np.round((last + 1) * (1 - np.arange(steps) / steps)) - 1)
        return np.linspace(last, 0, steps)

    def _clean(self, output: torch.Tensor, x: torch.Tensor, sigma: float) -> torch.Tensor:
        if self.config.prediction_type == "epsilon":
            return x - sigma * output
        if self.config.prediction_type == "v_prediction":
            return x / (sigma**2 + 1) - output * (sigma / math.sqrt(sigma**2 + 1))
        return output


def karras(steps: int, least: float, greatest: float) -> NDArray[np.float64]:
    """Karras' levels from the greatest down to the least."""
    ramp = np.linspace(0, 1, steps)
    low, high = least ** (1 / RHO), greatest ** (1 / RHO)
    return np.asarray((high + ramp * (low - high)) ** RHO, np.float64)


def noise_like(x: torch.Tensor, generator: torch.Generator | None) -> torch.Tensor:
    """Gaussian noise of a job's own generator, in single precision whatever the model's."""
    return torch.as_tensor(
        randn_tensor(x.shape, generator=generator, device=x.device, dtype=torch.float32)
    )
