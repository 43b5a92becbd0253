"""Prompts encoded: as the library does where it can, and beyond where it can't."""

import gc
import weakref
from dataclasses import replace

import pytest
import torch
from diffusers import StableDiffusionPipeline
from fakes.tiny import FAMILY, models_folder

from bottega_backend.engine.prompt_chunks import MOST_CHUNKS, cut, weigh
from bottega_backend.engine.prompts import encode_prompts
from bottega_backend.models.load import load
from bottega_backend.models.text_cache import TextCache
from bottega_backend.shelf.catalog import BUILT_INS
from bottega_protocol.errors import Refusal

CPU = torch.device("cpu")
APPRENTICE = next(model for model in BUILT_INS if model.in_channels == 4)
MODELS = {
    "tiny": (FAMILY, models_folder() / "tiny"),
    "apprentice": ("Apprentice", APPRENTICE.folder),
}
LONG = "a red ball on the grass, " * 12


@pytest.fixture(scope="module", params=MODELS)
def whole(request):
    """A model on the CPU in single precision."""
    return load(*MODELS[request.param], CPU, torch.float32)


@pytest.fixture
def loaded(whole):
    """The same model with nothing remembered."""
    return replace(whole, texts=TextCache())


def positive(loaded, prompt, clip_skip=0):
    with torch.inference_mode():
        return encode_prompts(loaded, prompt, None, clip_skip).positive


def pipeline(loaded):
    return StableDiffusionPipeline(
        vae=loaded.vae,
        text_encoder=loaded.text_encoder,
        tokenizer=loaded.tokenizer,
        unet=loaded.unet,
        scheduler=None,
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )


@pytest.fixture
def forwards(loaded):
    """Rows of each forward of the text encoder."""
    rows = []
    hook = loaded.text_encoder.register_forward_pre_hook(
        lambda _module, _args, named: rows.append(len(named["input_ids"])), with_kwargs=True
    )
    yield rows
    hook.remove()


# --- as the library ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "prompt", ["", "a cat", "a red ball, on grass", "Zwölf  Bälle\n", "1 | 2 {3} a_b: 4."]
)
def test_a_plain_prompt_is_what_diffusers_makes_of_it(loaded, prompt):
    with torch.inference_mode():
        theirs = pipeline(loaded).encode_prompt(
            prompt, CPU, 1, do_classifier_free_guidance=True, negative_prompt="a dog"
        )
        ours = encode_prompts(loaded, prompt, "a dog")
    assert (ours.positive - theirs[0]).abs().max() <= 1e-6
    assert (ours.negative - theirs[1]).abs().max() <= 1e-6
    assert (
        ours.positive.shape
        == ours.negative.shape
        == (1, 77, loaded.unet.config.cross_attention_dim)
    )


def test_the_library_does_the_same_with_the_longest_prompt_that_it_knows(loaded):
    """75 tokens: not one is cut off, and there is no second chunk."""
    tokens = loaded.tokenizer("a " * 75, add_special_tokens=False).input_ids
    assert len(tokens) == 75
    with torch.inference_mode():
        theirs = pipeline(loaded).encode_prompt("a " * 75, CPU, 1, False)[0]
    assert (positive(loaded, "a " * 75) - theirs).abs().max() <= 1e-6


def test_clip_skip_stops_at_an_earlier_layer(loaded):
    """1 is the last layer, 2 the one before; beyond the first there is no further back."""
    last = positive(loaded, "a cat")
    assert torch.allclose(positive(loaded, "a cat", 1), last, atol=1e-6)
    earlier = positive(loaded, "a cat", 2)
    assert (earlier - last).abs().max() > 1e-2
    assert torch.equal(positive(loaded, "a cat", 12), earlier), "these encoders have two layers"
    encoder = loaded.text_encoder
    ids = torch.tensor([cut("a cat", loaded.readers()[0])[0].tokens])
    with torch.inference_mode():
        first = encoder.encoder.layers[0](encoder.embeddings(input_ids=ids), _causal(77))
        by_hand = encoder.final_layer_norm(first if torch.is_tensor(first) else first[0])
    assert (by_hand - earlier).abs().max() <= 1e-5


def _causal(length):
    return torch.full((1, 1, length, length), torch.finfo(torch.float32).min).triu(1)


# --- weights ----------------------------------------------------------------------------------


@pytest.mark.parametrize("prompt", ["a (red:1.0) ball", "(a red ball:1)", "([a red ball])"])
def test_a_weight_of_one_changes_nothing(loaded, prompt):
    assert (positive(loaded, prompt) - positive(loaded, "a red ball")).abs().max() <= 1e-6


@pytest.mark.parametrize("prompt", ["a (red:1.4) ball", "a [red] ball", "a (red) ball"])
def test_a_weight_changes_its_token_most(loaded, prompt):
    plain, weighted = positive(loaded, "a red ball")[0], positive(loaded, prompt)[0]
    change = (weighted - plain).norm(dim=1)
    red = [w != 1 for w in cut(prompt, loaded.readers()[0])[0].weights]
    assert any(red)
    assert change[torch.tensor(red)].min() > 1e-2
    assert change.argmax() in torch.tensor(red).nonzero()


def test_weights_multiply_and_the_mean_is_restored():
    """Weighted by hand, and of the mean that it had."""
    chunk = torch.randn(77, 8, generator=torch.Generator().manual_seed(1)) + 0.3
    weights = (1.0, 1.4, 0.5, *(1.0,) * 74)
    weighed = weigh(chunk, weights)
    assert torch.isclose(weighed.mean(), chunk.mean(), rtol=1e-5)
    factor = weighed / (chunk * torch.tensor(weights)[:, None])
    assert torch.allclose(factor, factor[0, 0].expand(77, 8), rtol=1e-4)
    assert abs(float(factor[0, 0]) - 1) > 1e-4


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16])
def test_weights_are_multiplied_in_single_precision(dtype):
    chunk = (torch.randn(77, 8, generator=torch.Generator().manual_seed(1)) + 0.3).to(dtype)
    weights = (1.0, 1.4, 0.5, *(1.0,) * 74)
    assert torch.equal(weigh(chunk, weights), weigh(chunk.float(), weights).to(dtype))


def test_a_mean_of_nothing_is_not_restored():
    """Dividing by it would blow up, or turn the sign of, every number."""
    chunk = torch.randn(77, 8, generator=torch.Generator().manual_seed(1))
    chunk -= chunk.mean()
    weights = (2.0, *(1.0,) * 76)
    assert torch.equal(weigh(chunk, weights), chunk * torch.tensor(weights)[:, None])


@pytest.mark.parametrize(
    "prompt", ["(a cat:0)", "(a cat:-3)", "(" * 500 + "a cat", "(a:10) (b:-10)"]
)
def test_extreme_weights_stay_finite(loaded, prompt):
    assert torch.isfinite(positive(loaded, prompt)).all()


# --- any length -------------------------------------------------------------------------------


def test_the_eightieth_token_matters(loaded):
    words = ["a"] * 100
    other = [*words[:80], "b", *words[81:]]
    one, two = positive(loaded, " ".join(words)), positive(loaded, " ".join(other))
    assert one.shape == two.shape == (1, 154, one.shape[2])
    assert torch.equal(one[:, :77], two[:, :77])
    assert (one[:, 77:] - two[:, 77:]).abs().max() > 1e-2


def test_break_begins_a_new_chunk(loaded):
    broken = positive(loaded, "a cat BREAK a dog")
    alone = [positive(loaded, "a cat"), positive(loaded, "a dog")]
    assert (broken - torch.cat(alone, dim=1)).abs().max() <= 1e-6


def test_a_chunk_ends_after_a_comma_where_one_is_near(loaded):
    def lengths(prompt):
        end = loaded.tokenizer.eos_token_id
        return [chunk.tokens.index(end) - 1 for chunk in cut(prompt, loaded.readers()[0])]

    comma = loaded.tokenizer("a ,", add_special_tokens=False).input_ids[1]
    if comma != loaded.tokenizer.convert_tokens_to_ids(",</w>"):
        pytest.skip("this tokenizer has no comma that ends a word")
    assert lengths("a " * 60 + ", " + "a " * 30) == [61, 30]
    assert lengths("a " * 54 + ", " + "a " * 36) == [75, 16]
    assert lengths("a " * 75 + ", " + "a " * 5) == [75, 6]


def test_both_prompts_have_as_many_chunks(loaded):
    with torch.inference_mode():
        both = encode_prompts(loaded, "a cat", LONG)
        other = encode_prompts(loaded, LONG, "a cat")
    assert both.positive.shape == both.negative.shape
    assert torch.equal(both.positive, other.negative)
    assert torch.allclose(both.positive[:, 77:154], positive(loaded, ""), atol=1e-6)


def test_a_prompt_of_too_many_chunks_is_refused(loaded):
    assert positive(loaded, "BREAK " * (MOST_CHUNKS - 1) + "a").shape[1] == 77 * MOST_CHUNKS
    with pytest.raises(Refusal, match="chunks"):
        positive(loaded, "BREAK " * MOST_CHUNKS + "a")


# --- once -------------------------------------------------------------------------------------


def test_a_chunk_is_encoded_once(loaded, forwards):
    with torch.inference_mode():
        first = encode_prompts(loaded, "a cat", "a dog")
        assert forwards == [2], "both in one forward"
        again = encode_prompts(loaded, "a cat", "a dog")
        assert forwards == [2]
        encode_prompts(loaded, "a dog", "a cat")
        encode_prompts(loaded, "a cat", "a dog BREAK a cat")
        assert forwards == [2, 1], "only the empty chunk that pads was new"
        encode_prompts(loaded, "(a cat:1.3)", "a dog")
        assert forwards == [2, 1], "a weight is no matter of the encoder"
        encode_prompts(loaded, "a cat", None, clip_skip=2)
        assert forwards == [2, 1, 1], "another layer is"
    assert torch.equal(first.positive, again.positive)


def test_no_more_is_remembered_than_was_said(loaded, forwards):
    small = replace(loaded, texts=TextCache(most=2))
    for word in ("a", "b", "c", "b", "a"):
        positive(small, word)
    assert len(small.texts) == 2
    assert forwards == [1, 1, 1, 1], "b was still there, a was not"


def test_a_remembered_chunk_holds_nothing_else_in_memory(loaded):
    positive(loaded, LONG)
    for chunk in loaded.texts._chunks.values():
        assert chunk.states.untyped_storage().nbytes() == chunk.states.nbytes


def test_what_was_remembered_goes_with_its_model():
    loaded = load(*MODELS["tiny"], CPU, torch.float32)
    positive(loaded, "a cat")
    chunk = weakref.ref(next(iter(loaded.texts._chunks.values())).states)
    assert chunk() is not None
    del loaded
    gc.collect()
    assert chunk() is None
