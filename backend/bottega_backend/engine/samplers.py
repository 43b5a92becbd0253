"""Samplers by the name that artists know: which class, ours or diffusers', which settings."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import wraps
from typing import Any

from diffusers import DDIMScheduler, UniPCMultistepScheduler

from bottega_protocol.errors import Refusal

from .own_samplers.consistency import Lcm, Tcd
from .own_samplers.dpm2 import Dpm2
from .own_samplers.dpm2_ancestral import Dpm2Ancestral
from .own_samplers.dpmpp_2m import Dpmpp2M
from .own_samplers.dpmpp_2m_sde import Dpmpp2MSde
from .own_samplers.dpmpp_2s_ancestral import Dpmpp2SAncestral
from .own_samplers.dpmpp_3m_sde import Dpmpp3MSde
from .own_samplers.dpmpp_sde import DpmppSde
from .own_samplers.euler import Euler
from .own_samplers.euler_ancestral import EulerAncestral
from .own_samplers.heun import Heun
from .own_samplers.lms import LinearMultistep

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
    """A class with diffusers' interface, what is set in it beyond the model's own, its spacing."""

    kind: type[Any]
    settings: dict[str, Any] = field(default_factory=dict)
    spacing: str = "linspace"


KARRAS = {"use_karras_sigmas": True}
"""More of the steps near the end (Karras et al., 2022, arXiv:2206.00364)."""

SAMPLERS = {
    "Euler": Sampler(Euler),
    "Euler Karras": Sampler(Euler, KARRAS),
    "Euler a": Sampler(EulerAncestral),
    "Euler a Karras": Sampler(EulerAncestral, KARRAS),
    "DPM++ 2M": Sampler(Dpmpp2M),
    "DPM++ 2M Karras": Sampler(Dpmpp2M, KARRAS),
    "DPM++ 2M SDE": Sampler(Dpmpp2MSde),
    "DPM++ 2M SDE Karras": Sampler(Dpmpp2MSde, KARRAS),
    "DPM++ SDE": Sampler(DpmppSde),
    "DPM++ SDE Karras": Sampler(DpmppSde, KARRAS),
    "DPM++ 2S a": Sampler(Dpmpp2SAncestral),
    "DPM++ 2S a Karras": Sampler(Dpmpp2SAncestral, KARRAS),
    "DPM++ 3M SDE": Sampler(Dpmpp3MSde),
    "DPM++ 3M SDE Karras": Sampler(Dpmpp3MSde, KARRAS),
    "UniPC": Sampler(UniPCMultistepScheduler),
    "UniPC Karras": Sampler(UniPCMultistepScheduler, KARRAS),
    "DDIM": Sampler(
        DDIMScheduler, {"clip_sample": False, "set_alpha_to_one": False}, spacing="leading"
    ),
    "Heun": Sampler(Heun),
    "Heun Karras": Sampler(Heun, KARRAS),
    "DPM2": Sampler(Dpm2),
    "DPM2 Karras": Sampler(Dpm2, KARRAS),
    "DPM2 a": Sampler(Dpm2Ancestral),
    "DPM2 a Karras": Sampler(Dpm2Ancestral, KARRAS),
    "LMS": Sampler(LinearMultistep),
    "LMS Karras": Sampler(LinearMultistep, KARRAS),
    "LCM": Sampler(Lcm),
    "TCD": Sampler(Tcd),
}
"""By the names of offers/table.py. Unknown keys would be stored and ignored: a test checks them."""


def make_sampler(name: str, model: dict[str, Any]) -> Any:
    """A new sampler of this name for one job; `model` is the model's own scheduler_config.

    Models that start from noise alone (v-prediction, "trailing") keep their spacing; all others
    take the sampler's: "linspace" mostly, with which the results equal k-diffusion's.
    """
    if name not in SAMPLERS:
        raise Refusal(
            "unknown-sampler",
            f"There is no sampler {name!s:.60}.",
            f"Choose one of: {', '.join(SAMPLERS)}.",
        )
    sampler = SAMPLERS[name]
    trained = {key: model[key] for key in OF_THE_MODEL if key in model}
    return sampler.kind(**trained, **spacing(sampler, model), **sampler.settings)


def spacing(sampler: Sampler, model: dict[str, Any]) -> dict[str, Any]:
    """Where on the noise schedule the steps lie."""
    from_noise = model.get("prediction_type") == "v_prediction"
    trailing = from_noise or model.get("timestep_spacing") == "trailing"
    # The pipelines complain about any other offset; only "leading" spacing would use it.
    return {"timestep_spacing": "trailing" if trailing else sampler.spacing, "steps_offset": 1}


class CleanRecord:
    """Remembers what a sampler takes the picture to be without its noise, for previews."""

    def __init__(self, sampler: Any) -> None:
        self.latents: Any = None
        step = sampler.step

        @wraps(step)
        def recorded(*positional: Any, **named: Any) -> Any:
            output = step(*positional, **named)
            # All return it beside the next sample but UniPC, which keeps it for its next step.
            self.latents = output[1] if len(output) > 1 else sampler.model_outputs[-1]
            return output

        sampler.step = recorded
