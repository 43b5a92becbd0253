"""Headers of safetensors files are read without torch, and nothing else passes for one."""

from __future__ import annotations

import contextlib
import json
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bottega_backend.errors import Unreadable
from bottega_backend.shelf.catalog import BUILT_INS
from bottega_backend.shelf.inspect import MOST_HEADER, Tensor, read_file


def write(path: Path, header: object, room: int = 64) -> Path:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + bytes(room))
    return path


def entry(shape: object = (2, 3), offsets: object = (0, 24), dtype: object = "F32") -> object:
    return {"dtype": dtype, "shape": shape, "data_offsets": offsets}


def test_a_file_that_safetensors_wrote_is_read() -> None:
    """The built-in UNet's first layer sees nine channels, in half precision."""
    path = BUILT_INS[0].folder / "unet" / "diffusion_pytorch_model.safetensors"
    assert read_file(path).tensors["conv_in.weight"] == Tensor("F16", (32, 9, 3, 3))


def test_names_types_and_shapes_are_listed_without_the_metadata(tmp_path: Path) -> None:
    """What the file says about itself is no tensor."""
    header = {"__metadata__": {"format": "pt"}, "a.weight": entry(), "b": entry((), (24, 28))}
    assert read_file(write(tmp_path / "x", header)).tensors == {
        "a.weight": Tensor("F32", (2, 3)),
        "b": Tensor("F32", ()),
    }


WRONG: list[object] = [
    b"",
    b"{",
    b"[1]",
    b"\xff\xfe",
    b"[" * 100_000,
    {"a": 1},
    {"a": entry(shape=7)},
    {"a": entry(shape=(2, -3))},
    {"a": entry(shape=(2.0,))},
    {"a": entry(offsets=(0, 65))},
    {"a": entry(offsets=(9, 8))},
    {"a": entry(offsets=(0,))},
    {"a": entry(dtype=5)},
]


@pytest.mark.parametrize("header", WRONG, ids=range(len(WRONG)))
def test_a_faulty_header_is_unreadable(tmp_path: Path, header: object) -> None:
    """Bad JSON, wrong kinds, shapes below zero, bytes outside the file."""
    with pytest.raises(Unreadable):
        read_file(write(tmp_path / "x", header))


@pytest.mark.parametrize("length", [MOST_HEADER + 1, 2**63])
def test_a_giant_header_is_not_read(tmp_path: Path, length: int) -> None:
    """The length is judged before anything of that size is allocated."""
    path = tmp_path / "x"
    path.write_bytes(struct.pack("<Q", length) + b"{}")
    with pytest.raises(Unreadable):
        read_file(path)


def test_a_missing_file_is_unreadable(tmp_path: Path) -> None:
    """The message says why, without a path of the machine."""
    with pytest.raises(Unreadable) as caught:
        read_file(tmp_path / "gone")
    assert str(tmp_path) not in caught.value.message


@settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_unreadable(tmp_path: Path, data: bytes) -> None:
    """No other error escapes."""
    path = tmp_path / "x"
    path.write_bytes(data)
    with contextlib.suppress(Unreadable):
        assert read_file(path).tensors == {}
