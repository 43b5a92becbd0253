"""`bottega run`: every capability, sizes, and variations as numbered files."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from bottega_backend.cli.png_files import read_png
from bottega_backend.shelf.catalog import Catalog

NATIVE = Catalog().default("generate").native


def run(bottega, server, *words: object) -> dict[str, object]:
    """What a run says in JSON."""
    ran = bottega("run", *words, "--data", server.data, "--steps", 2, "--json")
    assert ran.returncode == 0, ran.stderr
    told: dict[str, object] = json.loads(ran.stdout)
    return told


def test_a_picture_is_generated_without_any(bottega, server, tmp_path: Path) -> None:
    """As large as asked; the layer is opaque and no two seeds give the same."""
    layers = []
    for seed in (1, 2):
        out = tmp_path / f"{seed}.png"
        told = run(
            *(bottega, server, "generate", "--width", 160, "--height", 96),
            *("--prompt", "a red ball", "--seed", seed, "--out", out),
        )
        assert told["capability"] == "generate"
        layers.append(read_png(out).samples)
        assert layers[-1].shape == (96, 160, 4)
        assert (layers[-1][..., 3] == 255).all()
    assert not np.array_equal(*layers)


def test_without_a_size_it_is_the_model_s_own(bottega, server, tmp_path: Path) -> None:
    """And a width alone changes the width alone."""
    out = tmp_path / "layer.png"
    run(bottega, server, "generate", "--out", out)
    assert read_png(out).samples.shape[:2] == (NATIVE.height, NATIVE.width)
    run(bottega, server, "generate", "--width", 64, "--out", out)
    assert read_png(out).samples.shape[:2] == (NATIVE.height, 64)


def test_generating_into_a_mask_leaves_the_rest(bottega, server, files, tmp_path: Path) -> None:
    """With an image and a mask the mask is the layer's."""
    comp = tmp_path / "comp.png"
    run(
        *(bottega, server, "generate", "--image", files.image, "--mask", files.mask),
        *("--out", tmp_path / "layer.png", "--composite", comp),
    )
    picture, mask = read_png(files.image).samples, read_png(files.mask).samples[..., 0]
    after = read_png(comp).samples
    assert np.array_equal(after[mask == 0], picture[mask == 0])
    assert not np.array_equal(after[mask == 255], picture[mask == 255])


def test_refine_needs_no_mask_and_keeps_the_more_the_less_strength_it_has(
    bottega, server, files, tmp_path: Path
) -> None:
    """Strength says how far it may go from the picture."""
    picture, far = read_png(files.image).samples.astype(int), []
    for strength in (0.1, 1.0):
        comp = tmp_path / f"{strength}.png"
        ran = bottega(
            *("run", "refine", "--image", files.image, "--strength", strength, "--seed", 3),
            *("--steps", 10, "--data", server.data, "--composite", comp),
            *("--out", tmp_path / "layer.png"),
        )
        assert ran.returncode == 0, ran.stderr
        far.append(np.abs(read_png(comp).samples.astype(int) - picture).mean())
    assert far[0] < far[1]


def test_several_variations_are_numbered_and_each_is_what_its_seed_paints_alone(
    bottega, server, files, tmp_path: Path
) -> None:
    """The second of seed 7 is the first of seed 8; composites are numbered alike."""
    words = ("fill", "--image", files.image, "--mask", files.mask, "--prompt", "a red ball")
    told = run(
        *(bottega, server, *words, "--seed", 7, "--count", 2),
        *("--out", tmp_path / "layer.png", "--composite", tmp_path / "comp.png"),
    )
    layers = told["layers"]
    assert [layer["seed"] for layer in layers] == [7, 8]
    assert [Path(layer["file"]).name for layer in layers] == ["layer.png", "layer-2.png"]
    run(bottega, server, *words, "--seed", 8, "--out", tmp_path / "alone.png")
    one, two, alone = (
        read_png(tmp_path / name).samples.astype(int)
        for name in ("layer.png", "layer-2.png", "alone.png")
    )
    assert np.abs(two - alone).max() <= 1
    assert np.abs(one - alone).max() > 1
    composites = [read_png(tmp_path / name).samples for name in ("comp.png", "comp-2.png")]
    assert not np.array_equal(*composites)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--image", "IMAGE", "--width", "64"), "An image has its own size"),
        (("--mask", "MASK"), "A mask belongs to an image"),
        (("--width", "0"), "--width"),
        (("--width", "9000", "--height", "9000"), "too large"),
        (("--model", "dall-e"), "There is no model dall-e"),
    ],
)
def test_sizes_that_make_no_sense_are_mistakes(
    bottega, server, files, words: tuple[str, ...], said: str
) -> None:
    """Said with what to do, exit code 2, nothing on standard output."""
    named = {"IMAGE": files.image, "MASK": files.mask}
    ran = bottega(
        "run", "generate", *(named.get(word, word) for word in words), "--data", server.data
    )
    assert ran.returncode == 2, ran.stderr
    assert said in ran.stderr
    assert ran.stdout == ""
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("capability", ["fill", "refine"])
def test_help_says_what_strength_means(bottega, capability: str) -> None:
    """In steps."""
    said = " ".join(bottega("run", capability, "--help").stdout.replace("│", " ").split())
    assert "of N steps the last round(N x strength) run" in said
