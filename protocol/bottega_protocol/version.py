"""The versions of the wire that this package speaks."""

from __future__ import annotations

from .errors import NoCommonVersion

VERSIONS = (1,)
"""Every version spoken, oldest first."""


def agree(theirs: tuple[int, ...], ours: tuple[int, ...] = VERSIONS) -> int:
    """The newest version that both ends speak; raises NoCommonVersion."""
    common = set(theirs) & set(ours)
    if not common:
        raise NoCommonVersion(
            f"one end speaks protocol {theirs}, the other {ours}",
            "Update the older of plug-in and server.",
        )
    return max(common)
