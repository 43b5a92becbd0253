"""What a model turned out to be, and what that means for how it is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bottega_protocol.regions import Size

SD1, SD2, SDXL = "Stable Diffusion 1.5", "Stable Diffusion 2", "Stable Diffusion XL"

LAYOUT = " layout"
"""Said after a family's name for a model that is built like it with other widths."""

FAMILIES = (SD1, SD2, SDXL)

WIDTHS = {SD1: 768, SD2: 1024, SDXL: 2048}
"""The width of the text that each family's UNet listens to."""

NATIVE = {(SD1, False): 512, (SD2, False): 512, (SD2, True): 768, (SDXL, False): 1024}
"""Pixels per side that models were trained at, by family and v-prediction."""

SMALL_TURBO = re.compile(r"sd.?xl.?turbo|sd.?turbo")
"""The first Turbo models, distilled at 512 pixels; those that others made are not."""


@dataclass(frozen=True)
class Layout:
    """What a folder or file is. `kind` says how it was distilled, if it was: see KINDS.

    `prediction` is what its UNet answers: "epsilon" (the noise) or "v_prediction"; `zero_snr`:
    its training reached pure noise. `licence` and `note` are for people. `steps` is what its
    name promises, if anything; `told_guidance`: its UNet is told the guidance as a number, and is
    called once a step.
    """

    family: str
    in_channels: int
    native: Size
    kind: str = ""
    prediction: str = "epsilon"
    zero_snr: bool = False
    licence: str = ""
    note: str = ""
    steps: int = 0
    told_guidance: bool = False

    @property
    def base(self) -> str:
        """The family that it is built like."""
        return self.family.removesuffix(LAYOUT)

    def defaults(self) -> tuple[str, int, float]:
        """Sampler, steps and guidance for a request that leaves them open."""
        sampler, steps, guidance = KINDS[self.kind]
        if not self.kind:
            guidance = GUIDANCE[self.base]
            # Karras' spacing crowds where a model trained to pure noise has nothing to say.
            sampler = "Euler a" if self.zero_snr else sampler
        if self.told_guidance:
            guidance = TOLD_GUIDANCE
        return sampler, self.steps or steps, guidance


TOLD_GUIDANCE = 8.0
"""For latent consistency models that embed it (Luo et al., 2023, arXiv:2310.04378, their demo)."""

GUIDANCE = {SD1: 7.0, SD2: 7.0, SDXL: 6.0}
"""Classifier-free guidance for models that were not distilled."""

KINDS = {
    "": ("DPM++ 2M Karras", 25, 7.0),
    "turbo": ("Euler a", 4, 1.0),
    "lightning": ("Euler", 8, 1.0),
    "hyper": ("TCD", 8, 1.0),
    "lcm": ("LCM", 6, 1.5),
}
"""How models are distilled: sampler, steps and guidance, after the cards of the first of each."""

NAMES = (
    ("lightning", re.compile(r"lightning")),
    ("lcm", re.compile(r"\blcm|lcm\b")),
    ("turbo", re.compile(r"turbo")),
    ("hyper", re.compile(r"\bhyper(?:sd|sdxl|xl)?\b(?!\W*real)")),
)
"""How kinds are called in names."""

STEPS = re.compile(r"\b(\d{1,2}) ?steps?\b")

TRAILING = ("turbo", "lightning", "hyper")
"""Kinds whose few steps are counted from pure noise."""


def family_of(base: str, width: int) -> str:
    """The family's own name only for a model of its own width."""
    return base if width == WIDTHS[base] else base + LAYOUT


def kind_of(name: str) -> str:
    """How a model of this name was distilled; empty where the name doesn't say."""
    words = words_of(name)
    return next((kind for kind, pattern in NAMES if pattern.search(words)), "")


def steps_of(name: str, kind: str) -> int:
    """The steps that a distilled model's name promises; 0 where it doesn't."""
    found = STEPS.search(words_of(name)) if kind else None
    return int(found[1]) if found else 0


def words_of(name: str) -> str:
    """A file's name in lower case, its words apart: aXL_v2Turbo as "a xl v2 turbo"."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return re.sub(r"[^a-z0-9]+", " ", apart.lower()).strip()


def native_of(base: str, *, v_prediction: bool, name: str) -> Size:
    """The size that a model was trained at, as far as family and name tell."""
    small = SMALL_TURBO.search(name.lower())
    side = 512 if small else NATIVE.get((base, v_prediction), NATIVE[base, False])
    return Size(side, side)
