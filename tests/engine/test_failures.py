"""What goes wrong at a device: told apart, and no more lost than has to be."""

import errno

import pytest
import torch
from engine.paint import Asked, engine, run, source, task
from fakes.tiny import FAMILY, models_folder

from bottega_backend.engine import residence
from bottega_backend.engine.failures import OutOfMemory, understood
from bottega_backend.engine.residence import Source
from bottega_backend.engine.seat import Failed, Finished
from bottega_backend.engine.stage import Task
from bottega_backend.errors import DeviceLost
from bottega_backend.workers.interface import NO_ROOM

SCARCE = (
    torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"),
    MemoryError(),
    RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
    torch.AcceleratorError("CUDA error: out of memory"),
    RuntimeError("cuDNN error: CUDNN_STATUS_ALLOC_FAILED"),
)
LOST = (
    torch.AcceleratorError("CUDA error: an illegal memory access was encountered"),
    RuntimeError("CUDA error: device-side assert triggered"),
    RuntimeError("HIP error: unspecified launch failure"),
)
OTHERS = (ValueError("CUDA error"), RuntimeError("shapes do not match"), OSError(2, "not there"))
FULL = (OSError(errno.ENOSPC, "full"), OSError(errno.EROFS, "read only"))


@pytest.mark.parametrize("error", [*SCARCE, *LOST, *OTHERS], ids=str)
def test_errors_are_told_apart(error):
    """Too little memory has a remedy, a lost device ends the worker, the rest is the job's own."""
    if error in LOST:
        with pytest.raises(DeviceLost):
            understood(error, "denoising")
        return
    told = understood(error, "denoising")
    assert isinstance(told, OutOfMemory) == (error in SCARCE)
    assert told is error or "denoising" in told.message


@pytest.mark.parametrize("error", FULL, ids=str)
def test_a_full_disk_is_no_fault_of_the_job(error):
    """By its code the server knows that it may try again."""
    assert understood(error, "").code == NO_ROOM


def failing(error):
    """Work that raises this in its own stretch."""

    def work(_):
        raise error

    return work


@pytest.mark.parametrize("error", SCARCE, ids=str)
def test_a_job_without_memory_is_told_so_wherever_it_happens(error):
    """Also between two forwards; the one beside it is painted."""
    worker = engine()
    worker.add(Task(b"small", source(), failing(error)))
    worker.add(task(1, Asked(steps=2)))
    ends = run(worker)
    worker.close()
    assert isinstance(ends[b"small"].error, OutOfMemory)
    assert isinstance(ends[(1).to_bytes(16, "big")], Finished)


@pytest.mark.parametrize("error", LOST, ids=str)
def test_a_lost_device_is_no_jobs_failure(error):
    """It ends the engine: the worker goes, its jobs are painted by the next one."""
    worker = engine()
    worker.add(Task(b"any", source(), failing(error)))
    with pytest.raises(DeviceLost):
        run(worker)


@pytest.mark.parametrize("idle", [True, False])
def test_a_model_that_does_not_fit_is_loaded_without_the_idle_ones(monkeypatch, idle):
    """Where there is none to go, its jobs are told what is missing."""
    worker, resident = engine(), []

    def load(family, folder, device, dtype, real=residence.load):
        if len(worker._residence._models) == len(resident):
            raise torch.OutOfMemoryError("CUDA out of memory")
        return real(family, folder, device, dtype)

    if idle:
        worker.add(task(1, Asked(steps=1)))
        run(worker)
        resident.append("tiny")
    monkeypatch.setattr(residence, "load", load)
    other = Source(FAMILY, models_folder() / "tiny-inpaint")
    worker.add(Task(b"other", other, lambda _: "painted"))
    end = run(worker)[b"other"]
    worker.close()
    if idle:
        assert (type(end), end.value) == (Finished, "painted")
    else:
        assert isinstance(end, Failed)
        assert isinstance(end.error, OutOfMemory)
