"""Previews: small, and of the picture's colours."""

import torch

from bottega_backend.engine.preview import preview
from bottega_backend.models.latent_colours import colours
from bottega_backend.models.load import load
from bottega_backend.shelf.catalog import BUILT_INS
from bottega_protocol.messages import MOST_PREVIEW_SIDE


def test_a_preview_has_one_pixel_to_a_latent_and_never_more_than_the_wire_takes():
    fitted = torch.zeros(5, 3)
    small = preview(b"j" * 16, torch.zeros(1, 4, 9, 14), fitted)
    assert (small.width, small.height, len(small.pixels)) == (14, 9, 14 * 9 * 3)
    large = preview(b"j" * 16, torch.zeros(1, 4, 512, 100), fitted)
    assert (large.width, large.height) == (25, MOST_PREVIEW_SIDE)


def test_the_colours_are_those_that_the_decoder_would_paint():
    model = BUILT_INS[0]
    loaded = load(model.family, model.folder, torch.device("cpu"), torch.float32)
    sky, ground = torch.tensor([0.4, 0.6, 0.9]), torch.tensor([0.3, 0.55, 0.2])
    picture = torch.cat([sky.expand(64, 128, 3), ground.expand(64, 128, 3)]).permute(2, 0, 1)[None]
    with torch.inference_mode():
        latents = loaded.vae.encode(picture * 2 - 1).latent_dist.mode()
    seen = colours(latents * loaded.vae.config.scaling_factor, loaded.colours)
    wanted = torch.nn.functional.avg_pool2d(picture, 8)[0].permute(1, 2, 0)
    error = float((seen - wanted).abs().mean())
    flat = float((wanted.mean(dim=(0, 1)) - wanted).abs().mean())
    assert error < flat / 2, "half of what one flat colour would be off"
