"""Calls made into one and parted again."""

import pytest
import torch
from diffusers.models.unets.unet_2d_condition import UNet2DConditionOutput
from transformers.modeling_outputs import BaseModelOutputWithPooling

from bottega_backend.engine.merge import merge, signature, split


def call(rows: int, seed: int, **more) -> dict:
    generator = torch.Generator().manual_seed(seed)
    sample = torch.randn(rows, 4, 8, 8, generator=generator)
    return {"sample": sample, "timestep": torch.tensor(seed), "return_dict": False, **more}


def test_rows_are_joined_and_each_has_its_own_timestep():
    one, two = call(2, 5), call(1, 7)
    merged = merge([(one, 2), (two, 1)])
    assert torch.equal(merged["sample"], torch.cat([one["sample"], two["sample"]]))
    assert merged["timestep"].tolist() == [5.0, 5.0, 7.0]
    assert merged["return_dict"] is False


def test_nested_arguments_are_joined_too():
    one = call(2, 1, added={"ids": torch.ones(2, 6)}, more=(torch.zeros(2, 3),))
    two = call(1, 2, added={"ids": torch.zeros(1, 6)}, more=(torch.ones(1, 3),))
    assert signature(one, 2) == signature(two, 1)
    merged = merge([(one, 2), (two, 1)])
    assert merged["added"]["ids"].sum(dim=1).tolist() == [6, 6, 0]
    assert merged["more"][0].sum(dim=1).tolist() == [0, 0, 3]


@pytest.mark.parametrize(
    "other",
    [
        {"sample": torch.zeros(2, 4, 8, 16)},
        {"sample": torch.zeros(2, 4, 8, 8, dtype=torch.float16)},
        {"return_dict": True},
        {"scale": 1},
        {"scale": 1.0},
        {"added": {"ids": torch.zeros(2, 1)}},
        {"hook": object()},
        {"odd": torch.zeros(3)},
    ],
    ids=["size", "dtype", "flag", "whole", "real", "nested", "hook", "odd"],
)
def test_what_differs_in_anything_but_its_rows_has_another_signature(other):
    same = call(2, 1, added=None, scale=0.5, hook=None, odd=None)
    assert signature(same, 2) == signature(dict(same, timestep=torch.tensor(9.5)), 2)
    assert signature(same, 2) != signature({**same, **other}, 2)


def test_one_and_true_are_not_mistaken_for_each_other():
    assert signature({"flag": 1}, 1) != signature({"flag": True}, 1)


def test_a_tensor_that_is_not_per_row_is_shared_by_identity_alone():
    shared = torch.ones(5)
    one, two = call(2, 1, odd=shared), call(1, 2, odd=shared)
    assert signature(one, 2) == signature(two, 1)
    assert merge([(one, 2), (two, 1)])["odd"] is shared
    assert signature(one, 2) != signature(call(1, 2, odd=shared.clone()), 1)


@pytest.mark.parametrize(
    "build",
    [
        lambda rows: rows,
        lambda rows: (rows, None),
        lambda rows: [rows],
        lambda rows: UNet2DConditionOutput(sample=rows),
        lambda rows: BaseModelOutputWithPooling(last_hidden_state=rows, pooler_output=rows[:, 0]),
    ],
    ids=["tensor", "tuple", "list", "diffusers", "transformers"],
)
def test_an_output_is_parted_into_what_each_call_would_have_returned(build):
    rows = torch.arange(12.0).reshape(6, 2)
    parts = split(build(rows), [1, 3, 2])
    for part, alone in zip(parts, torch.split(rows, [1, 3, 2]), strict=True):
        expected = build(alone)
        assert type(part) is type(expected)
        assert str(part) == str(expected)


def test_an_output_that_is_not_understood_is_an_error_and_not_a_guess():
    with pytest.raises(TypeError):
        split(object(), [1, 1])
