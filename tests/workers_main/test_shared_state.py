"""Two hundred jobs, with cancels and errors among them, leave the shared models as they were."""

import hashlib
import random

import pytest
import torch
from fakes.fills import Desk, box, finish, painted, picture, studio
from fakes.tiny import FAMILY, models_folder

from bottega_backend.engine.residence import Source
from bottega_backend.models.load import load
from bottega_backend.workers.interface import Advance, Broken, Done, Ended, Stop

JOBS = 200
MODELS = ("tiny", "tiny-inpaint")
HOOKS = ("_forward_hooks", "_forward_pre_hooks", "_backward_hooks")


def digest(loaded) -> str:
    """Everything about the shared modules that could change what they compute."""
    seen = hashlib.sha256()
    for part in (loaded.unet, loaded.vae, loaded.text_encoder):
        seen.update(str(part.config).encode())
        for name, module in part.named_modules():
            hooks = [len(getattr(module, each)) for each in HOOKS]
            own = sorted(set(module.__dict__) - {"forward"})
            tapped = "forward" in module.__dict__
            kinds = [type(getattr(module, "processor", None)).__name__, type(module).__name__]
            seen.update(repr((name, module.training, hooks, own, tapped, kinds)).encode())
        for name, tensor in sorted(part.state_dict().items()):
            seen.update(f"{name} {tensor.dtype} {tensor.device} {tuple(tensor.shape)}".encode())
            seen.update(tensor.numpy().tobytes())
    return seen.hexdigest()


def resident(worker, model: str):
    return worker._engine._residence.find(Source(FAMILY, models_folder() / model))


def one_job(desk: Desk, chance: random.Random):
    """A random job; every tenth can't be done, each for another reason."""
    size = chance.choice([(64, 64), (64, 64), (40, 70)])
    mask = box(*size, slice(8, 30), slice(10, chance.randint(20, 38)))
    asked = {
        "model": chance.choice(MODELS),
        "seed": chance.randrange(2**32),
        "steps": chance.randint(1, 3),
        "guidance": chance.choice([1.0, 4.0]),
        "strength": chance.choice([1.0, 0.6]),
        "sampler": chance.choice(["Euler", "Euler a", "DPM++ 2M Karras"]),
        "clip_skip": chance.choice([0, 0, 2]),
        "prompt": chance.choice(["", "a cat", "a very long prompt " * 40]),
    }
    wrong = chance.random() < 0.1
    if wrong and chance.random() < 0.5:
        asked["sampler"] = "no such sampler"
    start = desk.start(picture(*size, seed=chance.randrange(9)), mask, **asked)
    if wrong and asked["sampler"] != "no such sampler":
        desk.blobs[start.request.mask.sha256].unlink(missing_ok=True)
    return start


@pytest.mark.timeout(120)
def test_shared_modules_are_the_same_after_two_hundred_jobs(tmp_path):
    worker, chance, desk = studio(models_folder()), random.Random(1), Desk(tmp_path)
    probes = [
        desk.start(picture(64, 64), box(64, 64, slice(8, 40), slice(8, 40)), steps=2, model=model)
        for model in MODELS
    ]
    first = finish(worker, probes)
    before = [digest(resident(worker, model)) for model in MODELS]

    ends, running = [], []
    begun = 0
    while begun < JOBS or running:
        commands = []
        while begun < JOBS and len(running) < 6:
            start = one_job(desk, chance)
            begun += 1
            running.append(start.job)
            commands.append(start)
        if running and chance.random() < 0.15:
            commands.append(Stop(chance.choice(running)))
        told = worker.advance(Advance(tuple(commands), chance.choice([0, 1, 20])))
        over = [event for event in told.events if isinstance(event, (Done, Broken, Ended))]
        running = [job for job in running if job not in {event.job for event in over}]
        ends.extend(over)

    assert len(ends) == JOBS
    assert {type(end) for end in ends} == {Done, Broken, Ended}, "jobs of all three kinds"
    assert min(sum(isinstance(end, kind) for end in ends) for kind in (Done, Broken, Ended)) > 5
    assert [digest(resident(worker, model)) for model in MODELS] == before
    again = finish(worker, probes)
    for probe in probes:
        assert (painted(first[probe.job]) == painted(again[probe.job])).all()

    loaded = [resident(worker, model) for model in MODELS]
    worker.close()
    for one in loaded:
        for module in (one.unet, one.vae.encoder, one.vae.decoder, one.text_encoder):
            assert "forward" not in module.__dict__, "taken out again"


def test_the_digest_would_notice():
    """One weight, one flag, one hook, one setting: each changes it."""
    loaded = load(FAMILY, models_folder() / "tiny", torch.device("cpu"), torch.float32)
    seen = {digest(loaded)}
    loaded.unet.conv_in.bias.data[0] += 1e-6
    seen.add(digest(loaded))
    loaded.vae.decoder.train()
    seen.add(digest(loaded))
    loaded.text_encoder.register_forward_hook(lambda *_: None)
    seen.add(digest(loaded))
    loaded.unet.register_to_config(sample_size=9)
    seen.add(digest(loaded))
    assert len(seen) == 5
