"""LCM and TCD: diffusers' samplers for distilled models, where our pipelines need them else."""

from __future__ import annotations

from typing import Any

import torch
from diffusers import LCMScheduler, TCDScheduler

GAMMA = 0.3
"""TCD's share of fresh noise: its paper's choice, and the default of its own step."""


class Lcm(LCMScheduler):  # type: ignore[misc]  # diffusers ships no types here
    """Latent consistency (Luo et al., 2023, arXiv:2310.04378), at any number of steps."""

    def set_timesteps(
        self, num_inference_steps: int, device: str | torch.device | None = None
    ) -> None:
        """Up to the 50 levels of the distillation as trained; beyond, as many as asked."""
        levels = max(num_inference_steps, self.config.original_inference_steps)
        super().set_timesteps(num_inference_steps, device, original_inference_steps=levels)


class Tcd(TCDScheduler):  # type: ignore[misc]  # diffusers ships no types here
    """Trajectory consistency (Zheng et al., 2024, arXiv:2402.19159), gamma 0.3 in any pipeline."""

    def set_timesteps(
        self, num_inference_steps: int, device: str | torch.device | None = None
    ) -> None:
        """Up to the 50 levels of the distillation as trained; beyond, any level."""
        beyond = num_inference_steps > self.config.original_inference_steps
        levels = num_inference_steps if beyond else None
        super().set_timesteps(num_inference_steps, device, original_inference_steps=levels)

    def step(
        self,
        model_output: torch.Tensor,
        timestep: torch.Tensor,
        sample: torch.Tensor,
        generator: torch.Generator | None = None,
        *,
        return_dict: bool = True,
    ) -> Any:
        """The library's step without `eta`: pipelines hand every sampler that knows it their 0.

        The second of the tuple is the picture without noise, not its half-way sample.
        """
        share = self.alphas_cumprod[timestep.cpu()].item()
        signal, noise = share**0.5, (1 - share) ** 0.5
        clean = {
            "epsilon": lambda: (sample - noise * model_output) / signal,
            "v_prediction": lambda: signal * sample - noise * model_output,
        }.get(self.config.prediction_type, lambda: model_output)()
        output = super().step(
            model_output, timestep, sample, GAMMA, generator, return_dict=return_dict
        )
        return output if return_dict else (output[0], clean)
