"""Prompts for every family: what diffusers makes of a plain one, and our notation beyond it."""

from dataclasses import replace

import pytest
import torch
from fakes.families import MODELS, build, families_folder

from bottega_backend.engine.prompts import Prompts, encode_prompts
from bottega_backend.models.load import load
from bottega_backend.models.text_cache import TextCache

CPU = torch.device("cpu")
FOUR_CHANNELS = [name for name, kind in MODELS.items() if kind.in_channels == 4]
LONG = "a red ball on the grass, " * 12
NEAR = 1e-5


@pytest.fixture(scope="module", params=FOUR_CHANNELS)
def named(request):
    """A model's name, and the model."""
    folder = families_folder() / request.param
    return request.param, load(MODELS[request.param].family, folder, CPU, torch.float32)


@pytest.fixture
def loaded(named):
    return replace(named[1], texts=TextCache())


@pytest.fixture(scope="module")
def xl():
    return load(MODELS["sdxl"].family, families_folder() / "sdxl", CPU, torch.float32)


def encode(loaded, prompt, negative=None, clip_skip=0) -> Prompts:
    with torch.inference_mode():
        return encode_prompts(loaded, prompt, negative, clip_skip)


def theirs(name, prompt, negative, clip_skip=None):
    """What diffusers' pipeline makes of it, with the model as it was built."""
    pipeline, xl = build(name), MODELS[name].base.endswith("XL")
    with torch.inference_mode():
        told = pipeline.encode_prompt(
            prompt,
            device=CPU,
            num_images_per_prompt=1,
            do_classifier_free_guidance=negative is not None,
            negative_prompt=negative,
            **({"clip_skip": clip_skip} if xl else {}),
        )
    return Prompts(*told) if xl else Prompts(told[0], told[1])


def near(one, other):
    return bool((one - other).abs().max() <= NEAR * other.abs().max())


@pytest.mark.parametrize(
    "prompt", ["", "a cat", "a red ball, on grass", "Zwölf  Bälle\n", "1 | 2 {3} a_b: 4."]
)
def test_a_plain_prompt_is_what_diffusers_makes_of_it(named, loaded, prompt):
    ours, reference = encode(loaded, prompt, "a dog"), theirs(named[0], prompt, "a dog")
    assert near(ours.positive, reference.positive)
    assert near(ours.negative, reference.negative)
    assert ours.positive.shape[-1] == loaded.unet.config.cross_attention_dim
    if loaded.layout == "sdxl":
        assert near(ours.pooled, reference.pooled)
        assert near(ours.negative_pooled, reference.negative_pooled)
    else:
        assert ours.pooled is ours.negative_pooled is None


def test_a_prompt_of_75_tokens_is_one_chunk_for_both(named, loaded):
    ours, reference = encode(loaded, "a " * 75), theirs(named[0], "a " * 75, None)
    assert ours.positive.shape[1] == 77
    assert near(ours.positive, reference.positive)


def test_without_guidance_there_is_no_negative_prompt(loaded):
    ours = encode(loaded, "a cat")
    assert ours.negative is None
    assert ours.negative_pooled is None


def test_any_length_weights_and_break_are_heard(loaded):
    """Both encoders' chunks lie side by side, as many for the negative prompt."""
    long = encode(loaded, LONG, "a dog")
    assert long.positive.shape == long.negative.shape
    assert long.positive.shape[1] % 77 == 0
    assert long.positive.shape[1] > 77
    parts = [encode(loaded, "a cat").positive, encode(loaded, "a dog").positive]
    assert near(encode(loaded, "a cat BREAK a dog").positive, torch.cat(parts, dim=1))
    plain, weighed = (encode(loaded, it).positive for it in ("a cat", "a (cat:1.4)"))
    assert (plain - weighed).abs().max() > 1e-2


def test_the_same_words_are_read_once_by_each_encoder(loaded):
    calls = []
    hooks = [
        reader.encoder.register_forward_pre_hook(lambda *_: calls.append(1))
        for reader in loaded.readers()
    ]
    first = encode(loaded, "a cat", "a dog")
    again = encode(loaded, "a dog", "a cat")
    for hook in hooks:
        hook.remove()
    assert len(calls) == len(loaded.readers())
    assert torch.equal(first.positive, again.negative)
    if loaded.layout == "sdxl":
        assert torch.equal(first.pooled, again.negative_pooled)


# --- Stable Diffusion XL ----------------------------------------------------------------------


@pytest.mark.parametrize("ours", [0, 1, 2, 3])
def test_clip_skip_counts_layers_from_the_last(xl, ours):
    """Diffusers counts from the layer that the model was made for, the last but one."""
    skipped = {0: None, 1: -1, 2: 0, 3: 1}[ours]
    reference = theirs("sdxl", "a cat", None, skipped)
    assert near(encode(xl, "a cat", None, ours).positive, reference.positive)


def test_a_layer_further_back_is_another_and_the_first_is_the_furthest(xl):
    second, first, beyond = (encode(xl, "a cat", None, skip).positive for skip in (2, 3, 12))
    assert (second - first).abs().max() > 1e-2
    assert torch.equal(first, beyond)


def test_what_sums_a_prompt_up_is_its_first_chunk_s(xl):
    whole, first = encode(xl, "a cat BREAK a dog"), encode(xl, "a cat")
    assert torch.equal(whole.pooled, first.pooled)
    assert (whole.pooled - encode(xl, "a dog").pooled).abs().max() > 1e-2


def test_an_empty_negative_prompt_is_silence_where_the_model_was_trained_so(xl):
    """As diffusers has it without one; a model that says otherwise hears the empty words."""
    ours, reference = encode(xl, "a cat", " \n"), theirs("sdxl", "a cat", None)
    assert ours.negative.shape == ours.positive.shape
    assert not ours.negative.any()
    assert not ours.negative_pooled.any()
    assert near(ours.positive, reference.positive)
    other = encode(replace(xl, zero_negative=False), "a cat", "")
    assert near(other.negative, encode(xl, "").positive)
    assert near(other.negative_pooled, encode(xl, "").pooled)
