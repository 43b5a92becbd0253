"""One pass is what diffusers' own pipeline paints, for every family, alone and among others."""

from collections import Counter
from dataclasses import dataclass, replace
from functools import partial

import diffusers
import pytest
import torch
from diffusers import EulerDiscreteScheduler, StableDiffusionPipeline, UNet2DConditionModel
from fakes.families import MODELS, build, families_folder
from fakes.tiny import noisy

from bottega_backend.capabilities.pipelines import Pass, denoise, first_noise
from bottega_backend.engine.device import choose_device
from bottega_backend.engine.engine import Engine
from bottega_backend.engine.prompts import encode_prompts
from bottega_backend.engine.residence import Source
from bottega_backend.engine.samplers import OF_THE_MODEL, SAMPLERS, make_sampler, spacing
from bottega_backend.engine.seat import Finished
from bottega_backend.engine.stage import Stage, Task, View
from bottega_backend.models.load import load
from bottega_backend.shelf.recognise import recognise
from bottega_protocol.regions import Size

SIZE = Size(64, 64)
STEPS = 8
CLASSES = {
    "text": ("StableDiffusionPipeline", "StableDiffusionXLPipeline"),
    "image": ("StableDiffusionImg2ImgPipeline", "StableDiffusionXLImg2ImgPipeline"),
    "mask": ("StableDiffusionInpaintPipeline", "StableDiffusionXLInpaintPipeline"),
}


@dataclass(frozen=True)
class Asked:
    """What one job wants, told to both sides."""

    begins_with: str
    runs: int = STEPS
    seed: int = 3
    guidance: float = 4.0
    prompt: str = "a red ball on grass"
    negative: str = "a dog"


def latents(seed: int) -> torch.Tensor:
    return torch.randn(1, 4, 8, 8, generator=torch.Generator().manual_seed(seed))


def mask() -> torch.Tensor:
    told = torch.zeros(1, 1, SIZE.height, SIZE.width)
    told[..., 16:48, 8:40] = 1
    return told


def wanted(asked: Asked) -> Pass:
    told = Pass(SIZE, STEPS, asked.runs, asked.guidance, asked.seed)
    if asked.begins_with == "text":
        return told
    told = replace(told, begin=latents(50))
    if asked.begins_with == "image":
        return told
    return replace(told, mask=mask(), masked=latents(51))


def ours(asked: Asked, stage: Stage) -> torch.Tensor:
    loaded = stage.loaded
    sampler = make_sampler("Euler", loaded.sampler)
    negative = asked.negative if asked.guidance > 1 else None
    prompts = encode_prompts(loaded, asked.prompt, negative)
    return denoise(stage, sampler, prompts, wanted(asked), lambda *step: step[-1])


def theirs(asked: Asked, name: str) -> torch.Tensor:
    """By diffusers alone: its pipeline, sampler and text encoding, on the model as it was built."""
    whole = build(name)
    xl = MODELS[name].base.endswith("XL")
    parts = {key: part for key, part in whole.components.items() if key != "image_encoder"}
    config = dict(whole.scheduler.config)
    trained = {key: config[key] for key in OF_THE_MODEL if key in config}
    parts["scheduler"] = EulerDiscreteScheduler(**trained, **spacing(SAMPLERS["Euler"], config))
    extra = {"add_watermarker": False} if xl else {"requires_safety_checker": False}
    pipeline = getattr(diffusers, CLASSES[asked.begins_with][xl])(**parts, **extra)
    pipeline.set_progress_bar_config(disable=True)
    told = wanted(asked)
    options = {"width": SIZE.width, "height": SIZE.height} if asked.begins_with != "image" else {}
    if told.begin is not None:
        exact = asked.runs == STEPS
        options |= {"image": told.begin, "strength": 1.0 if exact else asked.runs / STEPS + 1e-6}
    if told.mask is not None:
        options |= {"mask_image": told.mask, "masked_image_latents": told.masked}
    return pipeline(
        prompt=asked.prompt,
        negative_prompt=asked.negative,
        num_inference_steps=STEPS,
        guidance_scale=asked.guidance,
        generator=torch.Generator().manual_seed(asked.seed),
        output_type="latent",
        **options,
    ).images


def difference(one: torch.Tensor, other: torch.Tensor) -> float:
    return float((one - other).abs().max() / other.abs().max())


class Hall:
    """An engine with one model, and how many forwards carried how many jobs."""

    def __init__(self, name: str) -> None:
        self.source = Source(MODELS[name].family, families_folder() / name)
        self.heard: Counter[int] = Counter()
        self.engine = Engine(choose_device("cpu"), watch=self._watch)
        self._count = 0

    def together(self, asked: list[Asked]) -> list[torch.Tensor]:
        """All at once; what each painted."""
        self.heard.clear()
        jobs = []
        for one in asked:
            self._count += 1
            jobs.append(self._count.to_bytes(16, "big"))
            self.engine.add(Task(jobs[-1], self.source, partial(ours, one)))
        ends, busy = {}, True
        while busy:
            told = self.engine.advance(1.0)
            ends |= {end.job: end for end in told.ends}
            busy = told.busy
        assert all(isinstance(end, Finished) for end in ends.values()), ends
        return [ends[job].value for job in jobs]

    def _watch(self, phase: str, jobs: tuple[bytes, ...]) -> None:
        self.heard[len(jobs)] += phase == "denoising"


@pytest.fixture(scope="module")
def halls():
    """One for each model, made when it is asked for."""
    made: dict[str, Hall] = {}

    def find(name: str) -> Hall:
        if name not in made:
            made[name] = Hall(name)
        return made[name]

    yield find
    for hall in made.values():
        hall.engine.close()


def kinds(name: str) -> list[Asked]:
    """Everything that a model can: with nine channels it only fills."""
    masked = [Asked("mask"), Asked("mask", runs=5)]
    if MODELS[name].in_channels == 9:
        return masked
    others = [Asked("text"), Asked("text", guidance=1.0), Asked("image"), Asked("image", runs=5)]
    return [*others, *masked]


CASES = [(name, asked) for name in MODELS for asked in kinds(name)]


@pytest.mark.parametrize(
    ("name", "asked"), CASES, ids=[f"{n}-{a.begins_with}-{a.runs}-{a.guidance:g}" for n, a in CASES]
)
def test_a_pass_is_what_diffusers_own_pipeline_paints(halls, name, asked):
    """Alone, and while jobs of another seed, prompt and guidance share its forwards."""
    reference = theirs(asked, name)
    hall = halls(name)
    (alone,) = hall.together([asked])
    assert difference(alone, reference) <= 1e-5
    stranger = replace(asked, seed=99, prompt="two cats", guidance=3.0)
    among, other, wrong = hall.together([asked, stranger, replace(asked, seed=4)])
    # The first may be a step ahead: its words are remembered, the other's are read first.
    assert hall.heard[3] >= asked.runs - 1
    assert difference(among, reference) <= 1e-5
    assert difference(other, theirs(stranger, name)) <= 1e-5
    assert difference(wrong, reference) > 1e-2


def test_passes_of_every_kind_share_their_forwards(halls):
    """From noise, from a picture, under a mask: rows of one UNet."""
    asked = [Asked("text"), Asked("image", seed=5), Asked("mask", seed=6)]
    for name in ("sd1", "sdxl"):
        painted = halls(name).together(asked)
        assert halls(name).heard[3] == STEPS
        for one, told in zip(painted, asked, strict=True):
            assert difference(one, theirs(told, name)) <= 1e-5


def test_a_model_that_is_told_its_guidance_is_called_once_a_step(tmp_path):
    """Latent consistency models: a row to a job, each with a guidance of its own."""
    whole = build("sd1")
    config = {key: it for key, it in whole.unet.config.items() if not key.startswith("_")}
    unet = noisy(UNet2DConditionModel(**config | {"time_cond_proj_dim": 32}), 7)
    parts = whole.components | {"unet": unet}
    whole = StableDiffusionPipeline(**parts, requires_safety_checker=False)
    whole.save_pretrained(tmp_path / "mine")
    assert recognise(tmp_path / "mine").defaults() == ("LCM", 6, 8.0)
    loaded = load(MODELS["sd1"].family, tmp_path / "mine", torch.device("cpu"), torch.float32)
    rows = []
    loaded.unet.register_forward_pre_hook(lambda _module, args: rows.append(len(args[0])))
    painted = [ours(Asked("text", guidance=it), Stage(loaded, View())) for it in (8.0, 4.0)]
    assert rows == [1] * 2 * STEPS
    assert difference(*painted) > 1e-3
    whole.scheduler = make_sampler("Euler", loaded.sampler)
    reference = whole(
        "a red ball on grass",
        width=64,
        height=64,
        num_inference_steps=STEPS,
        guidance_scale=8.0,
        generator=torch.Generator().manual_seed(3),
        output_type="latent",
    )
    assert difference(painted[0], reference.images) <= 1e-5


@pytest.mark.parametrize("name", ["sd1", "sdxl"])
@pytest.mark.parametrize("begins_with", CLASSES)
def test_the_first_noise_is_what_a_pass_begins_with(name, begins_with):
    """At the first call of the model the latents are the picture, noised with it."""
    seen = []

    def look(pipeline, call, _timestep, tensors):
        if call == 0:
            seen.append(pipeline.scheduler.sigmas[0])
        return tensors

    asked = Asked(begins_with, guidance=1.0)
    given = []

    def work(stage):
        stage.loaded.unet.register_forward_pre_hook(lambda _module, args: given.append(args[0]))
        sampler = make_sampler("Euler", stage.loaded.sampler)
        prompts = encode_prompts(stage.loaded, asked.prompt, None)
        return denoise(stage, sampler, prompts, wanted(asked), look)

    engine = Engine(choose_device("cpu"))
    engine.add(Task(b"j" * 16, Source(MODELS[name].family, families_folder() / name), work))
    while engine.advance(1.0).busy:
        pass
    engine.close()
    sigma = seen[0]
    noise = first_noise(latents(50), asked.seed)
    from_picture = begins_with == "image"
    begun = (latents(50) * from_picture + noise * sigma) / (sigma**2 + 1) ** 0.5
    assert difference(given[0][:, :4], begun) <= (1e-5 if from_picture else 1e-2)
