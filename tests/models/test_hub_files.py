"""Of a repository only what makes a model is fetched, in one kind of weights."""

from __future__ import annotations

import pytest

from bottega_backend.errors import Unreadable
from bottega_backend.models.hub_files import RemoteFile, choose_files

CONFIGS = (
    "model_index.json",
    "scheduler/scheduler_config.json",
    "tokenizer/vocab.json",
    "tokenizer/merges.txt",
    "unet/config.json",
    "vae/config.json",
)
UNET = "unet/diffusion_pytorch_model"
VAE = "vae/diffusion_pytorch_model"


def chosen(*names: str, single: str = "") -> set[str]:
    files = tuple(RemoteFile(name, 1) for name in (*CONFIGS, *names))
    return {file.name for file in choose_files(files, single)} - set(CONFIGS)


def test_half_as_large_weights_are_taken_where_every_part_has_them() -> None:
    names = [f"{part}{kind}.safetensors" for part in (UNET, VAE) for kind in ("", ".fp16")]
    assert chosen(*names) == {f"{UNET}.fp16.safetensors", f"{VAE}.fp16.safetensors"}


def test_kinds_are_not_mixed() -> None:
    """Where one part lacks the halves, all are taken whole."""
    names = (f"{UNET}.safetensors", f"{UNET}.fp16.safetensors", f"{VAE}.safetensors")
    assert chosen(*names) == {f"{UNET}.safetensors", f"{VAE}.safetensors"}


def test_weights_in_several_files_come_with_their_list() -> None:
    shards = {
        f"{UNET}.safetensors.index.json",
        f"{UNET}-00001-of-00002.safetensors",
        f"{UNET}-00002-of-00002.safetensors",
    }
    halves = {
        f"{UNET}.safetensors.index.fp16.json",
        f"{UNET}.fp16-00001-of-00001.safetensors",
    }
    assert chosen(*shards, f"{VAE}.safetensors") == {*shards, f"{VAE}.safetensors"}
    assert chosen(*shards, *halves, f"{VAE}.fp16.safetensors") == {
        *halves,
        f"{VAE}.fp16.safetensors",
    }


def test_what_is_not_used_is_left() -> None:
    """Pickles, other programs' files, training's leftovers, pictures, folders in folders."""
    weights = {f"{UNET}.safetensors", f"{VAE}.safetensors"}
    others = (
        *(f"{UNET}.bin", f"{UNET}.non_ema.safetensors", "unet/model.onnx", "unet/a/b.json"),
        *("safety_checker/model.safetensors", "sd.safetensors", "preview.png", "vae/x.msgpack"),
    )
    assert chosen(*weights, *others) == weights


def test_the_licence_comes_along() -> None:
    assert "LICENSE.md" in chosen(f"{UNET}.safetensors", f"{VAE}.safetensors", "LICENSE.md")


def test_without_an_index_the_files_are_named() -> None:
    files = (RemoteFile("one.safetensors", 1), RemoteFile("two.ckpt", 1))
    with pytest.raises(Unreadable, match=r"There are: one\.safetensors$"):
        choose_files(files)


def test_a_repository_of_pickles_alone_is_refused_before_anything_is_fetched() -> None:
    with pytest.raises(Unreadable, match="pickles are never fetched"):
        chosen(f"{UNET}.bin", f"{VAE}.bin")
