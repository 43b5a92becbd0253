"""Pictures into latents and back, through a model's VAE."""

from __future__ import annotations

import numpy as np
import torch
from diffusers import AutoencoderKL

from bottega_backend.imaging.pixels import Floats
from bottega_backend.models.loaded import Loaded
from bottega_protocol.errors import BottegaError


class NotFinite(BottegaError):
    """The model's numbers overflowed: there is no picture to show."""

    code = "not-finite"


def encode(pictures: list[Floats], loaded: Loaded) -> torch.Tensor:
    """Pictures (h, w, 3) in -1..1 to scaled latents (n, c, h/8, w/8), in one call.

    The mean of the VAE's distribution is taken: no noise that the seed would have to steer.
    """
    batch = torch.from_numpy(np.stack(pictures)).permute(0, 3, 1, 2)
    latents = loaded.vae.encode(batch.to(loaded.device, loaded.vae.dtype)).latent_dist.mode()
    return torch.as_tensor(latents * loaded.vae.config.scaling_factor).to(loaded.dtype)


def decode(latents: torch.Tensor, loaded: Loaded) -> Floats:
    """Scaled latents (1, c, h, w) as a picture (8h, 8w, 3) in 0..1; raises NotFinite.

    Half precision overflows in some VAEs: then it is done again in single precision.
    """
    if not bool(torch.isfinite(latents).all()):
        raise _not_finite("The model painted numbers that are no colours.")
    latents = latents / loaded.vae.config.scaling_factor
    picture = loaded.vae.decode(latents.to(loaded.vae.dtype)).sample
    if not bool(torch.isfinite(picture).all()):
        picture = _in_single_precision(loaded).decode(latents.float()).sample
    if not bool(torch.isfinite(picture).all()):
        raise _not_finite("The picture can't be decoded, in single precision either.")
    rgb = (picture[0].float() / 2 + 0.5).clamp(0, 1).permute(1, 2, 0)
    return np.asarray(rgb.cpu().numpy(), np.float32)


def _in_single_precision(loaded: Loaded) -> AutoencoderKL:
    """A copy for this once: the shared VAE stays as it is. Its forwards are not tapped."""
    copy = AutoencoderKL.from_config(loaded.vae.config)
    copy.load_state_dict(loaded.vae.state_dict())
    return copy.float().eval().to(loaded.device)


def _not_finite(message: str) -> NotFinite:
    return NotFinite(message, "Lower the guidance, or try another sampler or model.")
