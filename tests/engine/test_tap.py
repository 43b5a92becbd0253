"""The tap: put in, take out, parked in between."""

import pytest
import torch

from bottega_backend.engine.failures import OutOfMemory
from bottega_backend.engine.forward import Output, run_calls
from bottega_backend.engine.modes import current_modes
from bottega_backend.engine.seat import Failed, Finished, Seat, Stopped
from bottega_backend.engine.stage import Task
from bottega_backend.engine.tap import ModesChanged, Ports


class Doubler(torch.nn.Module):
    """Twice its input; refuses rows that say so, and more rows than it has memory for."""

    def __init__(self, most_rows: int = 100):
        super().__init__()
        self.most_rows = most_rows
        self.seen = []

    def forward(self, sample, *, bias=0.0):
        self.seen.append(sample.shape[0])
        if sample.shape[0] > self.most_rows:
            raise torch.OutOfMemoryError("this many rows do not fit")
        if bool((sample < 0).any()):
            raise ValueError("a negative row")
        return sample * 2 + bias


@pytest.fixture
def ports():
    with torch.inference_mode():
        return Ports(current_modes())


def seat(work) -> Seat:
    return Seat(Task(b"j", None, work), 1, 0.0, lambda: 0.0)


def parked(module, values) -> Seat:
    one = seat(lambda _: module(torch.tensor(values)))
    one.start(None)
    return one


def test_a_module_is_the_same_after_it_was_tapped(ports):
    module = Doubler()
    before = dict(module.__dict__)
    with ports.tapped({"denoising": (module,)}):
        assert "forward" in module.__dict__
    assert module.__dict__ == before
    with pytest.raises(ValueError, match="negative"), ports.tapped({"denoising": (module,)}):
        module(torch.tensor([-1.0]))
    assert module.seen.pop() == 1
    assert module.__dict__ == before
    assert torch.equal(module(torch.ones(1)), torch.tensor([2.0]))


def test_a_module_can_not_be_tapped_twice_and_stays_tapped_once(ports):
    module = Doubler()
    with ports.tapped({"denoising": (module,)}):
        tapped = module.forward
        with (
            pytest.raises(RuntimeError, match="tapped already"),
            ports.tapped({"denoising": (module,)}),
        ):
            pass
        assert module.forward is tapped


def test_a_call_from_outside_a_job_runs_at_once(ports):
    module = Doubler()
    with ports.tapped({"denoising": (module,)}):
        assert torch.equal(module(torch.ones(2), bias=1.0), torch.tensor([3.0, 3.0]))


def test_a_call_inside_a_job_waits_and_goes_on_with_its_rows(ports):
    module = Doubler()
    with ports.tapped({"denoising": (module,)}):
        jobs = [parked(module, [1.0, 2.0]), parked(module, [3.0])]
        assert not module.seen
        for job, output in zip(jobs, run_calls([job.call for job in jobs]), strict=True):
            job.resume(output.value)
    assert module.seen == [3]
    assert [job.end.value.tolist() for job in jobs] == [[2.0, 4.0], [6.0]]


def test_a_job_that_switches_a_mode_fails_where_it_would_park_and_the_thread_is_clean(ports):
    module = Doubler()

    def careless(_):
        with torch.autocast("cpu"):
            return module(torch.ones(1))

    with ports.tapped({"denoising": (module,)}):
        job = seat(careless)
        job.start(None)
    assert isinstance(job.end, Failed)
    assert isinstance(job.end.error, ModesChanged)
    assert not torch.is_autocast_enabled("cpu")


@pytest.mark.parametrize(
    "switch",
    [
        torch.enable_grad,
        lambda: torch.autocast("cpu", dtype=torch.bfloat16),
        lambda: torch.device("meta"),
        lambda: torch.inference_mode(mode=False),
    ],
    ids=["grad", "autocast", "device", "no inference mode"],
)
def test_every_mode_that_torch_keeps_per_thread_is_seen(switch):
    with torch.inference_mode():
        before = current_modes()
        with switch():
            assert current_modes() != before
        assert current_modes() == before


def test_what_a_pipeline_catches_does_not_swallow_a_cancel(ports):
    module, seen = Doubler(), []

    def stubborn(_):
        try:
            module(torch.ones(1))
        except Exception:  # noqa: BLE001  # what the test is about
            seen.append("caught")
        finally:
            seen.append("cleaned up")

    with ports.tapped({"denoising": (module,)}):
        job = seat(stubborn)
        job.start(None)
        job.stop()
    assert isinstance(job.end, Stopped)
    assert seen == ["cleaned up"]


def test_a_job_that_parks_again_while_it_is_unwound_is_unwound_again(ports):
    module = Doubler()

    def clinging(_):
        try:
            module(torch.ones(1))
        finally:
            module(torch.ones(1))

    with ports.tapped({"denoising": (module,)}):
        job = seat(clinging)
        job.start(None)
        job.stop()
    assert isinstance(job.end, Stopped)


def test_too_little_memory_for_all_is_enough_for_halves(ports):
    module = Doubler(most_rows=2)
    with ports.tapped({"denoising": (module,)}):
        jobs = [parked(module, [float(n)]) for n in range(5)]
        outputs = run_calls([job.call for job in jobs])
    assert [output.value.item() for output in outputs] == [0.0, 2.0, 4.0, 6.0, 8.0]
    assert max(module.seen[1:]) <= 3


def test_only_the_job_that_does_not_fit_alone_runs_out_of_memory(ports):
    module = Doubler(most_rows=2)
    with ports.tapped({"denoising": (module,)}):
        jobs = [parked(module, [1.0]), parked(module, [1.0, 2.0, 3.0]), parked(module, [2.0])]
        outputs = run_calls([job.call for job in jobs])
    assert isinstance(outputs[1], OutOfMemory)
    assert outputs[1].remedy
    assert [type(output) for output in outputs] == [Output, OutOfMemory, Output]


def test_an_error_of_one_job_in_a_merged_forward_is_its_own(ports):
    module = Doubler()
    with ports.tapped({"denoising": (module,)}):
        jobs = [parked(module, [1.0]), parked(module, [-1.0]), parked(module, [2.0])]
        outputs = run_calls([job.call for job in jobs])
        for job, output in zip(jobs, outputs, strict=True):
            if isinstance(output, Output):
                job.resume(output.value)
            else:
                job.throw(output)
    assert [type(job.end) for job in jobs] == [Finished, Failed, Finished]
    assert str(jobs[1].end.error) == "a negative row"
