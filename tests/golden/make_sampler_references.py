"""Makes tests/golden/samplers/*.npz: what k-diffusion's own samplers do with the tests' denoiser.

Run in an environment of its own, which the product doesn't need:

    python -m venv references
    references/bin/pip install torch numpy scipy tqdm torchdiffeq torchsde
    references/bin/pip install --no-deps k-diffusion==0.1.1.post1
    references/bin/python tests/golden/make_sampler_references.py

The package itself can't be imported without its training tools, so only its modules `sampling`,
`external` and the one function that they take from `utils` are.
"""

import importlib
import importlib.util
import sys
import types
from pathlib import Path

import numpy as np
import torch

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "fakes"))

from denoiser import STEPS, alphas_cumprod, begin, predict_noise  # noqa: E402  # beside the script

FUNCTIONS = (
    "euler",
    "euler_ancestral",
    "heun",
    "lms",
    "dpm_2",
    "dpm_2_ancestral",
    "dpmpp_2m",
    "dpmpp_2m_sde",
    "dpmpp_2s_ancestral",
    "dpmpp_3m_sde",
    "dpmpp_sde",
)
DRAWING = ("ancestral", "sde")
DDIM_STEPS = 20


def k_diffusion(name: str) -> types.ModuleType:
    """One module of the package, without what the package's own import asks for."""
    if "k_diffusion" not in sys.modules:
        found = importlib.util.find_spec("k_diffusion")
        package = types.ModuleType("k_diffusion")
        package.__path__ = list(found.submodule_search_locations)
        utils = types.ModuleType("k_diffusion.utils")
        utils.append_dims = lambda x, count: x[(...,) + (None,) * (count - x.ndim)]
        package.utils = utils
        sys.modules |= {"k_diffusion": package, "k_diffusion.utils": utils}
    return importlib.import_module(f"k_diffusion.{name}")


class Walk:
    """Noise for k-diffusion from increments of one Brownian path over sigma, drawn in turn."""

    def __init__(self, generator: torch.Generator, shape: torch.Size) -> None:
        self.generator, self.shape = generator, shape
        self.at, self.walked = None, []

    def __call__(self, sigma: torch.Tensor, sigma_next: torch.Tensor) -> torch.Tensor:
        """The path from `sigma` to `sigma_next`, divided by the root of the way's length."""
        if self.at != float(sigma):
            self.at, self.walked = float(sigma), []
        known = sum(length for length, _ in self.walked)
        more = float(sigma - sigma_next) - known
        increment = torch.randn(self.shape, generator=self.generator) * more**0.5
        self.walked.append((more, increment))
        return sum(part for _, part in self.walked) / float(sigma - sigma_next) ** 0.5


def sample(name: str, model: torch.nn.Module, sigmas: torch.Tensor) -> np.ndarray:
    """What the function paints over these levels."""
    noise, generator = begin()
    more = {}
    if name.endswith(DRAWING):
        more["noise_sampler"] = Walk(generator, noise.shape)
    function = getattr(k_diffusion("sampling"), f"sample_{name}")
    return function(model, noise * sigmas[0], sigmas, disable=True, **more).numpy()


def ddim(model: torch.nn.Module) -> np.ndarray:
    """DDIM without noise is Euler over its own levels, seen at another scale (section 4.3)."""
    alphas = alphas_cumprod()
    times = [*range(951, 0, -1000 // DDIM_STEPS), 0]
    sigmas = ((1 - alphas[times]) / alphas[times]) ** 0.5
    noise, _ = begin()
    begun = noise * (sigmas[0] ** 2 + 1) ** 0.5
    ended = k_diffusion("sampling").sample_euler(model, begun, sigmas, disable=True)
    return (ended * alphas[0] ** 0.5).numpy()


def main() -> None:
    """Write every reference."""
    external = k_diffusion("external")
    model = external.DiscreteEpsDDPMDenoiser(predict_noise, alphas_cumprod(), quantize=False)
    plain = model.get_sigmas(STEPS)
    spread = k_diffusion("sampling").get_sigmas_karras(
        STEPS, float(model.sigma_min), float(model.sigma_max)
    )
    for name in FUNCTIONS:
        np.savez(
            HERE / "samplers" / f"{name}.npz",
            sigmas=plain,
            plain=sample(name, model, plain),
            karras_sigmas=spread,
            karras=sample(name, model, spread),
        )
    np.savez(HERE / "samplers" / "ddim.npz", plain=ddim(model))


if __name__ == "__main__":
    main()
