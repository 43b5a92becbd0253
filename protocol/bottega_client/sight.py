"""What a panel follows of the picture in front, cheap enough to be looked at all the time."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Sight:
    """A document as far as a plan depends on it; without one `document` is empty."""

    document: str = ""
    size: tuple[int, int] = (0, 0)
    selection: tuple[int, int, int, int] | None = None

    @property
    def selected(self) -> bool:
        """Whether there is anything selected."""
        return self.selection is not None
