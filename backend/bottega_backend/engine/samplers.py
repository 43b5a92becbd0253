"""Samplers by the name that artists know: which diffusers class, with which settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from diffusers import (
    DPMSolverMultistepScheduler,
    EulerAncestralDiscreteScheduler,
    EulerDiscreteScheduler,
)

from bottega_protocol.errors import Refusal

OF_THE_MODEL = (
    "num_train_timesteps",
    "beta_start",
    "beta_end",
    "beta_schedule",
    "trained_betas",
    "prediction_type",
    "rescale_betas_zero_snr",
)
"""What belongs to a model's training, whichever sampler runs: taken from its scheduler_config."""


@dataclass(frozen=True)
class Sampler:
    """A diffusers class and what is set in it beyond the model's own."""

    kind: type[Any]
    settings: dict[str, Any] = field(default_factory=dict)


SAMPLERS = {
    "Euler": Sampler(EulerDiscreteScheduler),
    "Euler a": Sampler(EulerAncestralDiscreteScheduler),
    "DPM++ 2M Karras": Sampler(
        DPMSolverMultistepScheduler,
        {
            "algorithm_type": "dpmsolver++",
            "solver_order": 2,
            "use_karras_sigmas": True,
            "final_sigmas_type": "zero",
        },
    ),
}
"""By the names of offers/table.py. Unknown keys would be stored and ignored: a test checks them."""


def make_sampler(name: str, model: dict[str, Any]) -> Any:
    """A new sampler of this name for one job; `model` is the model's own scheduler_config.

    Models that start from noise alone (v-prediction, "trailing") keep their spacing; all others
    take "linspace", with which the results equal k-diffusion's.
    """
    if name not in SAMPLERS:
        raise Refusal(
            "unknown-sampler",
            f"There is no sampler {name!s:.60}.",
            f"Choose one of: {', '.join(SAMPLERS)}.",
        )
    sampler = SAMPLERS[name]
    trained = {key: model[key] for key in OF_THE_MODEL if key in model}
    return sampler.kind(**trained, **spacing(model), **sampler.settings)


def spacing(model: dict[str, Any]) -> dict[str, Any]:
    """Where on the noise schedule the steps lie."""
    from_noise = model.get("prediction_type") == "v_prediction"
    trailing = from_noise or model.get("timestep_spacing") == "trailing"
    # The pipelines complain about any other offset; only "leading" spacing would use it.
    return {"timestep_spacing": "trailing" if trailing else "linspace", "steps_offset": 1}


class CleanRecord:
    """Remembers what a sampler takes the picture to be without its noise, for previews."""

    def __init__(self, sampler: Any) -> None:
        self.latents: Any = None
        step = sampler.step

        @wraps(step)
        def recorded(*positional: Any, **named: Any) -> Any:
            output = step(*positional, **named)
            # Both Eulers return it beside the next sample; DPM++ keeps it for its next step.
            self.latents = output[1] if len(output) > 1 else sampler.model_outputs[-1]
            return output

        sampler.step = recorded
