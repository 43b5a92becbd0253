"""The Apprentice's training: every stage learns, goes on where it stopped, and leaves a model."""

import os
import subprocess
import sys

import numpy as np
import pytest
import torch

from bottega_backend.apprentice.train.masks import CELL, draw_hole
from bottega_backend.apprentice.train.parts import make_vae
from bottega_backend.apprentice.train.progress import (
    MOST_FILE,
    Run,
    read_pieces,
    write_pieces,
)
from bottega_backend.apprentice.train.tokens import make_tokenizer
from bottega_backend.apprentice.train.vae import fold, round_trip
from bottega_backend.apprentice.world.captions import vocabulary
from bottega_backend.apprentice.world.scene import draw_scene
from bottega_backend.models.families import stable_diffusion
from bottega_backend.shelf.folders import inspect_folder

STEPS = 50
"""Of each stage: enough to see the loss fall."""

OPTIONS = ("--size", "64", "--scenes", "160", "--mixed", "0", "--batch", "8", "--vae-batch", "4")


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder in which the command ran every stage for a few steps, at the smallest size."""
    folder = tmp_path_factory.mktemp("training")
    command = [sys.executable, "-m", "bottega_backend.apprentice.train", "all", *OPTIONS]
    done = subprocess.run(
        [*command, "--folder", str(folder), "--steps", str(STEPS), "--device", "cpu"],
        check=False,
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize("stage", ["vae", "base", "inpaint"])
def test_the_loss_falls(trained, stage):
    """The last steps lose less than the first; checkpoints are small enough to travel."""
    losses = read_pieces(trained / f"{stage}.state")["losses"]
    assert len(losses) == STEPS // 10
    assert losses[-1] < 0.97 * losses[0]
    assert all(path.stat().st_size <= MOST_FILE for path in trained.glob(f"{stage}.state*"))


@pytest.mark.parametrize(("folder", "channels"), [("base", 4), ("inpaint", 9)])
def test_what_was_trained_is_a_model_like_any_other(trained, folder, channels):
    """The shelf recognises it, the loader reads it, and its words are single tokens."""
    assert inspect_folder(trained / folder).in_channels == channels
    loaded = stable_diffusion.load(trained / folder, torch.device("cpu"), torch.float32)
    assert loaded.in_channels == channels
    for word in vocabulary():
        assert len(loaded.tokenizer(word, add_special_tokens=False).input_ids) == 1
    assert not any(b"/tmp" in path.read_bytes() for path in (trained / folder).rglob("*.json"))


def test_a_stage_goes_on_where_it_was_stopped(tmp_path):
    """Steps, losses, averages and the optimiser's moments are there again."""

    def begin():
        parameter = torch.nn.Parameter(torch.ones(4))
        return parameter, Run(tmp_path / "one.state", [parameter], 100, 0.1, print, steps=40)

    parameter, run = begin()
    for _ in range(20):
        run.learn((parameter**2).sum())
    run.save()
    again, resumed = begin()
    assert resumed.step == 20
    assert torch.equal(again, parameter)
    for parameter_, run_ in ((parameter, run), (again, resumed)):
        run_.learn((parameter_**2).sum())
    assert torch.allclose(again, parameter, atol=1e-3)
    assert not torch.allclose(again, torch.ones(4), atol=0.1)


def test_a_resumed_stage_sees_other_noise_than_it_began_with(tmp_path):
    """A stage sets its seed first; going on must not draw the beginning's noise once more."""

    def first_noise():
        torch.manual_seed(7)
        run = Run(tmp_path / "one.state", [torch.nn.Parameter(torch.ones(4))], 100, 0.1, print)
        run.steps, noise = 40, torch.randn(4)
        run.learn((run.parameters[0] ** 2).sum())
        run.save()
        return noise

    began, resumed, later = first_noise(), first_noise(), first_noise()
    assert not torch.equal(began, resumed)
    assert not torch.equal(resumed, later)


def test_a_checkpoint_is_whole_or_the_one_before(tmp_path):
    """The list of pieces is replaced at once, and the old ones go afterwards."""
    path = tmp_path / "big.state"
    write_pieces(path, {"values": torch.zeros(2 * MOST_FILE // 4)})
    write_pieces(path, {"values": torch.ones(2 * MOST_FILE // 4)})
    assert torch.equal(read_pieces(path)["values"], torch.ones(2 * MOST_FILE // 4))
    assert len(list(tmp_path.iterdir())) == 1 + 3


def test_folding_changes_latents_and_no_picture():
    """Afterwards latents have mean 0 and spread 1, and the round trip is what it was."""
    torch.manual_seed(0)
    vae = make_vae().eval()
    pictures = torch.rand(4, 3, 64, 64) * 2 - 1
    before = round_trip(vae, pictures)
    fold(vae, pictures)
    with torch.no_grad():
        latents = vae.encode(pictures).latent_dist.mean * 0.18215
    assert torch.allclose(latents.mean((0, 2, 3)), torch.zeros(4), atol=1e-3)
    assert torch.allclose(latents.std((0, 2, 3)), torch.ones(4), atol=1e-2)
    assert torch.allclose(round_trip(vae, pictures), before, atol=1e-3)


def test_holes_around_a_thing_hold_it():
    """A hole that asks for one thing alone lies over that thing's middle."""
    chance = np.random.default_rng(0)
    for _ in range(100):
        scene = draw_scene(chance, 1)
        hole, said = draw_hole(scene, 128, 128, chance)
        assert hole.shape == (128 // CELL, 128 // CELL)
        assert hole.any()
        thing = scene.things[0]
        if said.endswith(f"{thing.colour} {thing.kind}"):
            assert hole[:, int(thing.x * 16)].any()


def test_unknown_words_are_spelled():
    """A word that is not of the world becomes several tokens: it means nothing."""
    tokenizer = make_tokenizer()
    assert len(tokenizer("dragon", add_special_tokens=False).input_ids) > 2
