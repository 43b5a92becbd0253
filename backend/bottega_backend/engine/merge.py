"""Calls of several jobs made into one: which may share a forward, how they join and part again.

A call is its arguments by name and its number of rows (the batch dimension). Tensors with that
many rows are joined, everything else has to be equal. What is not understood is never merged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import Any

import torch

PER_ROW = ("timestep",)
"""Arguments that are one number for a whole call, and become one number per row when merged."""

Arguments = dict[str, Any]
Signature = tuple[Any, ...]


def signature(arguments: Arguments, rows: int) -> Signature:
    """What two calls must have in common to share a forward; hashable."""
    return tuple((name, _sign(name, arguments[name], rows)) for name in sorted(arguments))


def merge(calls: Sequence[tuple[Arguments, int]]) -> Arguments:
    """One call's arguments out of several (arguments, rows) of equal signature."""
    return {
        name: _join(name, [arguments[name] for arguments, _ in calls], [rows for _, rows in calls])
        for name in calls[0][0]
    }


def split(output: Any, rows: Sequence[int]) -> list[Any]:
    """What each call would have returned alone; `output` is the merged call's, in its own type."""
    if isinstance(output, torch.Tensor):
        return list(torch.tensor_split(output, _ends(rows)))
    if isinstance(output, Mapping):
        parts = {key: split(value, rows) for key, value in output.items() if value is not None}
        return [_like(output, parts, index) for index in range(len(rows))]
    if isinstance(output, (tuple, list)):
        columns = [split(value, rows) for value in output]
        return [type(output)(column[index] for column in columns) for index in range(len(rows))]
    if output is None:
        return [None] * len(rows)
    raise TypeError(f"a {type(output).__name__} can't be split into rows")


def _ends(rows: Sequence[int]) -> list[int]:
    """Where each call's rows end, but for the last."""
    return list(accumulate(rows))[:-1]


def _like(output: Mapping[str, Any], parts: dict[str, list[Any]], index: int) -> Any:
    # transformers' and diffusers' outputs are mappings that are built from keywords.
    build: Callable[..., Any] = type(output)
    return build(**{key: column[index] for key, column in parts.items()})


def _sign(name: str, value: Any, rows: int) -> Any:
    if name in PER_ROW:
        return "per row"
    if isinstance(value, torch.Tensor):
        place = tuple(value.shape[1:]) if _has_rows(value, rows) else id(value)
        return "tensor", place, value.dtype, value.device
    if isinstance(value, dict):
        return tuple((key, _sign(key, value[key], rows)) for key in sorted(value))
    if isinstance(value, (tuple, list)):
        return tuple(_sign(name, entry, rows) for entry in value)
    if value is None or isinstance(value, (bool, int, float, str)):
        return type(value), value
    return "alone", id(value)


def _join(name: str, values: list[Any], rows: list[int]) -> Any:
    first = values[0]
    if name in PER_ROW:
        return torch.cat([_per_row(value, n) for value, n in zip(values, rows, strict=True)])
    if isinstance(first, torch.Tensor):
        # A tensor that is not per row has its identity in the signature: it is the same one.
        return torch.cat(values) if _has_rows(first, rows[0]) else first
    if isinstance(first, dict):
        return {key: _join(key, [value[key] for value in values], rows) for key in first}
    if isinstance(first, (tuple, list)):
        return type(first)(_join(name, list(column), rows) for column in zip(*values, strict=True))
    return first


def _has_rows(value: torch.Tensor, rows: int) -> bool:
    return value.dim() > 0 and value.shape[0] == rows


def _per_row(value: Any, rows: int) -> torch.Tensor:
    """(rows,) float32: whole-number and fractional schedules mix, and models embed them as such."""
    return torch.as_tensor(value, dtype=torch.float32).reshape(-1).expand(rows)
